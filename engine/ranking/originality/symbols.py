"""How is a melody or a progression written so that the same run in another key or tempo is the same bytes?

A melody of n notes is n - 1 pairs of bytes, one a move to the next note: the interval in semitones, then how
the next note's length to its successor compares with this one's (quarter octaves of the ratio). A
progression of n chords is n pairs: the triad class of the chord, then the motion of the root to the next.
The first byte of a pair is below 100, the second above, so runs never match out of step. 0 parts two works.

>>> up = melody_text([0, 480, 960, 1440], [60, 62, 64, 65])
>>> up == melody_text([0, 240, 480, 720], [67, 69, 71, 72])
True
"""

from collections.abc import Sequence
from functools import lru_cache
from math import log2

from engine.music import Chord

STRIDE = 2
PART = b"\0\0"
INTERVALS, LENGTHS = 50, 27
CLASSES, MOTIONS = 7, 14
SECOND = 100
_WIDEST = 24
_MOST_QUARTER_OCTAVES = 12
OPEN = SECOND + 2 * _MOST_QUARTER_OCTAVES + 2
_OPEN_MOTION = 13
_GRID_TICKS = 20


def melody_text(starts: Sequence[int], pitches: Sequence[int]) -> bytes:
    """The bytes of a single line; `starts` rise, in ticks of any size (song ticks are rounded to the grid).

    What a note lasts is taken up to the next one, so that articulation and short rests make no difference.
    The last pair's length is open: it equals no other.
    """
    text = bytearray()
    count = len(pitches)
    for here in range(count - 1):
        text.append(interval_code(pitches[here + 1] - pitches[here]))
        if here + 2 < count:
            text.append(ratio_code(starts[here + 1] - starts[here], starts[here + 2] - starts[here + 1]))
        else:
            text.append(OPEN)
    return bytes(text)


def progression_text(chords: Sequence[Chord]) -> bytes:
    """The bytes of a progression; repeats are merged first and bars without a chord left out."""
    text = bytearray()
    before: tuple[int, int] | None = None
    for chord in chords:
        if chord.is_no_chord:
            continue
        here = (chord.root, triad_class(chord.quality))
        if here == before:
            continue
        if before is not None:
            text.append(SECOND + 1 + (here[0] - before[0]) % 12)
        text.append(here[1])
        before = here
    if text:
        text.append(SECOND + _OPEN_MOTION)
    return bytes(text)


def merged(chords: Sequence[Chord]) -> list[int]:
    """For each chord that `progression_text` writes, its place in `chords`.

    >>> merged([Chord(0), Chord(0, "maj7"), Chord(5)])
    [0, 2]
    """
    places: list[int] = []
    before: tuple[int, int] | None = None
    for place, chord in enumerate(chords):
        here = (chord.root, triad_class(chord.quality))
        if not chord.is_no_chord and here != before:
            places.append(place)
            before = here
    return places


@lru_cache(maxsize=1000)
def triad_class(quality: str) -> int:
    """1 major, 2 minor, 3 diminished, 4 augmented, 5 suspended, 6 anything else.

    >>> triad_class("min9"), triad_class("hdim7"), triad_class("sus4(b7)")
    (2, 3, 5)
    """
    steps = {step % 12 for step in Chord(0, quality).intervals}
    fifths = 7 in steps or not steps & {6, 8}
    if 4 in steps:
        return 1 if fifths or 6 in steps else 4
    if 3 in steps:
        return 2 if fifths or 6 not in steps else 3
    return 5 if steps & {2, 5} else 6


def interval_code(semitones: int) -> int:
    """The byte of a move; beyond two octaves all leaps are one."""
    return min(max(semitones, -_WIDEST), _WIDEST) + _WIDEST + 1


@lru_cache(maxsize=20_000)
def ratio_code(before_ticks: int, after_ticks: int) -> int:
    """The byte of how a length compares with the one before."""
    before, after = max(1, before_ticks), max(1, after_ticks)
    steps = round(4 * log2(after / before))
    limited = min(max(steps, -_MOST_QUARTER_OCTAVES), _MOST_QUARTER_OCTAVES)
    return SECOND + limited + _MOST_QUARTER_OCTAVES + 1
