"""Where on the grid was a played note meant to be?

Free-time playing is read per beat: sixteenths, or eighth triplets when those lie clearly nearer. A song whose
notes already lie on the model's grid is left exactly as it is. Only for understanding: kept notes keep their
own times.

>>> Note = __import__("engine.music", fromlist=["Note"]).Note
>>> snap_offsets([2, 118, 245, 483], 480)
[0, 6, 12, 24]
"""

from collections.abc import Sequence

from engine.generation.melody.line import GRID, SONG_TICKS

EXACT_TICKS = 2
_STRAIGHT, _TRIPLET = 6, 8
_TRIPLET_BIAS = 0.6


def is_exact(offsets: Sequence[int]) -> bool:
    """Whether nearly all offsets (song ticks in their bars) lie on 32nds or sixteenth triplets already."""
    off = sum(not _on_fine_grid(offset) for offset in offsets)
    return off <= 0.05 * len(offsets)


def _on_fine_grid(offset: int) -> bool:
    return any(min(offset % step, -offset % step) <= EXACT_TICKS for step in (60, 80))


def snap_offsets(offsets: Sequence[int], bar_ticks: int, exact: bool = False) -> list[int]:
    """Grid places (24 to a quarter) of offsets in one bar, in song ticks; may lie one past the last place."""
    if exact:
        return [round(offset / SONG_TICKS) for offset in offsets]
    beats: dict[int, list[int]] = {}
    for offset in offsets:
        beats.setdefault((offset + SONG_TICKS) // (GRID * SONG_TICKS), []).append(offset)
    steps = {beat: _step_of(found) for beat, found in beats.items()}
    end = -(-bar_ticks // SONG_TICKS)
    return [
        min(end, _nearest(offset, steps[(offset + SONG_TICKS) // (GRID * SONG_TICKS)])) for offset in offsets
    ]


def _step_of(offsets: Sequence[int]) -> int:
    straight = sum(_miss(offset, _STRAIGHT) for offset in offsets)
    triplet = sum(_miss(offset, _TRIPLET) for offset in offsets)
    return _TRIPLET if len(offsets) > 1 and triplet < _TRIPLET_BIAS * straight else _STRAIGHT


def _nearest(offset: int, step: int) -> int:
    return step * round(offset / (step * SONG_TICKS))


def _miss(offset: int, step: int) -> float:
    return float(abs(offset - _nearest(offset, step) * SONG_TICKS) ** 1.5)
