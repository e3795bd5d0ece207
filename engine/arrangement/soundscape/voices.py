"""How do the chords of a soundscape move into one another? Each voice goes to the nearest note, or stays."""

from collections.abc import Iterator, Sequence
from itertools import combinations, pairwise

from engine.music import Chord

_LOW, _HIGH = 53, 77
_SPREAD = 4
_CENTRE = 65


def led(chord: Chord, before: tuple[int, ...]) -> tuple[int, ...]:
    """Four pitches for the chord, ascending, as near as they can be to those before.

    Root and fifth may be missing, the third and what colours the chord may not; nothing is nearer than a
    whole tone to its neighbour but one semitone in the middle.
    """
    options = list(_options(chord))
    if not options:
        return before
    return min(options, key=lambda pitches: (_movement(pitches, before), pitches))


def _movement(pitches: Sequence[int], before: Sequence[int]) -> float:
    if not before:
        return abs(sum(pitches) / len(pitches) - _CENTRE)
    steps = sum(abs(a - b) for a, b in zip(pitches, before, strict=True))
    drift = abs(sum(pitches) / len(pitches) - _CENTRE)
    return steps + 0.35 * drift


def _options(chord: Chord) -> Iterator[tuple[int, ...]]:
    tones = {(chord.root + interval) % 12 for interval in chord.intervals}
    needed = {tone for tone in tones if (tone - chord.root) % 12 not in (0, 7)}
    needed = set(sorted(needed, key=lambda tone: _importance((tone - chord.root) % 12))[:_SPREAD])
    pitches = [pitch for pitch in range(_LOW, _HIGH + 1) if pitch % 12 in tones]
    for found in combinations(pitches, _SPREAD):
        classes = {pitch % 12 for pitch in found}
        gaps = [b - a for a, b in pairwise(found)]
        if needed <= classes and len(classes) >= min(3, len(tones)) and min(gaps) >= 2 and max(gaps) <= 9:
            yield found


def _importance(step: int) -> int:
    return {3: 0, 4: 0, 10: 1, 11: 1, 5: 0, 2: 2, 9: 3}.get(step, 4)
