"""Which tones does a chord need, which may be left out, and which may be doubled?

Third and seventh tell what a chord is, so they are needed most; then its colours; a plain fifth may go, and
the root too when a bass plays it. Chords of extended styles may take tensions that the key has anyway.

>>> from engine.music import Chord
>>> [(tone.interval, tone.need) for tone in chord_tones(Chord.parse("G7"), Colour.SEVENTHS, has_bass=True)]
[(0, 1.0), (4, 8.0), (7, 0.6), (10, 7.0)]
"""

from dataclasses import dataclass
from functools import lru_cache

from engine.arrangement.styles import Colour
from engine.music import Chord, Key

ROOT_NEED_ALONE = 9.0
"""What it costs to leave the root to nobody."""
_THIRDS = (3, 4)
_DOMINANT = 7


@dataclass(frozen=True, slots=True)
class Tone:
    """`interval` is 0-11 above the root; `need` the cost of leaving it out, `doubling` of each more of it."""

    interval: int
    need: float
    doubling: float


@lru_cache(maxsize=4_000)
def chord_tones(
    chord: Chord, colour: Colour = Colour.SEVENTHS, has_bass: bool = True, key: Key | None = None
) -> tuple[Tone, ...]:
    """The tones above the root that a voicing may hold, by interval; () for no chord."""
    if chord.is_no_chord:
        return ()
    intervals = chord.intervals or (0,)
    if colour is Colour.POWER and {0, 7} <= set(intervals):
        intervals = (0, 7)
    steps = {interval % 12 for interval in intervals}
    rich = len(steps) > 3
    tones = {step: _tone(step, steps, rich, has_bass) for step in steps}
    for interval in intervals:
        if interval % 12 == 5 and 4 in steps:  # the eleventh of an eleventh chord takes the third's place
            tones[4] = Tone(4, 0.0, 4.0)
    if colour is Colour.EXTENDED and key is not None:
        for step in _tensions(chord, steps, key):
            tones[step] = Tone(step, 1.2, 4.0)
    for step in steps & _leading(chord, key):
        tones[step] = Tone(step, tones[step].need, 8.0)
    if chord.bass is not None and not has_bass:
        step = (chord.bass - chord.root) % 12
        tones.setdefault(step, Tone(step, 0.0, 3.0))
    return tuple(tones[step] for step in sorted(tones))


def _tone(step: int, steps: set[int], rich: bool, has_bass: bool) -> Tone:
    if step == 0:
        return Tone(0, (1.0 if rich else 4.0) if has_bass else ROOT_NEED_ALONE, 0.5 if rich else 0.0)
    if step in _THIRDS and not (step == 3 and 4 in steps):
        return Tone(step, 8.0, 2.0 if step == 4 else 1.4)
    if step == 7:
        return Tone(7, 0.6 if rich else 2.0, 0.8)
    if step in (10, 11) or (step == 9 and 6 in steps and 3 in steps):
        return Tone(step, 7.0, 4.0)
    if step in (2, 5) and not steps & set(_THIRDS):
        return Tone(step, 8.0, 2.5)  # what is suspended stands for the third
    return Tone(step, 4.0, 4.0)


def _leading(chord: Chord, key: Key | None) -> set[int]:
    """Tones that pull up a semitone: the third of a dominant, the root of a diminished chord."""
    if chord.is_dominant and chord.has_major_third:
        return {4}
    if chord.quality in ("dim", "dim7", "hdim7"):
        return {0}
    on_the_fifth = key is not None and key.relative(chord.root) == _DOMINANT and chord.has_major_third
    return {4} if on_the_fifth else set()


def _tensions(chord: Chord, steps: set[int], key: Key) -> set[int]:
    """Ninths (and the thirteenth of a dominant) where the key has them and the chord has a seventh."""
    if not steps & {9, 10, 11} or len(steps) > 4 or 6 in steps or 8 in steps:
        return set()
    scale = {key.relative(pitch_class) for pitch_class in range(12)} & set(key.mode.scale)
    wanted = {2, 9} if chord.is_dominant and 4 in steps else {2}
    here = {step for step in wanted if (key.relative(chord.root) + step) % 12 in scale}
    return here - steps
