"""Which inversions make the bass sing?

Dynamic programming over root, third, fifth and seventh of each chord: steps and held notes are cheap, leaps
and needless
inversions are not; first and last chord stand on their roots.
"""

from collections.abc import Sequence
from dataclasses import replace

from engine.music import Chord

_PLACES = (0.0, 0.9, 2.2, 2.0)  # cost of standing on root, third, fifth, seventh


def singing_bass(chords: Sequence[Chord], before: Chord | None, fixed: Sequence[bool]) -> list[Chord]:
    """The chords with basses that move by step where they can; `fixed` ones stay as they are."""
    choices = [
        [(chord.bass_pitch_class, 0.0)] if fixed[i] or chord.is_no_chord else _basses(chord, i, len(chords))
        for i, chord in enumerate(chords)
    ]
    best: list[dict[int, tuple[float, int | None]]] = []
    for index, options in enumerate(choices):
        row: dict[int, tuple[float, int | None]] = {}
        for pitch_class, cost in options:
            if index == 0:
                start = 0.0 if before is None else _motion(before.bass_pitch_class, pitch_class)
                row[pitch_class] = (cost + start, None)
            else:
                row[pitch_class] = min(
                    (total + cost + _motion(last, pitch_class), last) for last, (total, _) in best[-1].items()
                )
        best.append(row)
    path = _traced(best)
    return [
        chord if fixed[i] or chord.is_no_chord else replace(chord, bass=None if pc == chord.root else pc)
        for i, (chord, pc) in enumerate(zip(chords, path, strict=True))
    ]


def _basses(chord: Chord, index: int, count: int) -> list[tuple[int, float]]:
    if index in (0, count - 1):
        return [(chord.root, 0.0)]
    below = [tone for tone in chord.intervals if tone < 12][:4]
    return [((chord.root + tone) % 12, _PLACES[place]) for place, tone in enumerate(below)]


def _motion(last: int, now: int) -> float:
    steps = min((now - last) % 12, (last - now) % 12)
    return (0.6, 0.0, 0.0, 1.6, 1.9, 1.4, 2.6)[steps]


def _traced(best: Sequence[dict[int, tuple[float, int | None]]]) -> list[int]:
    now = min(best[-1], key=lambda pc: (best[-1][pc][0], pc))
    path = [now]
    for row in reversed(best):
        before = row[path[-1]][1]
        if before is not None:
            path.append(before)
    return path[::-1]
