"""What did the player mean, where the recording has clutter and shaky hands?

Notes too short to be meant are joined to their neighbour or dropped; starts go to the grid that fits
(sixteenths, triplets, swung eighths), ends to the next note or to the grid; one voice never sounds twice at
once. No two notes become one on account of the grid.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from engine.analysis.feel import swing_ratio
from engine.api.audio import ListeningMode
from engine.music import TICKS_PER_QUARTER, Note, Song
from engine.music.edits.quantise import quantise_notes
from engine.music.note import note_order

_SHORTEST_TICKS = TICKS_PER_QUARTER // 8
_SMALL_GAP_TICKS = TICKS_PER_QUARTER // 4
_GRIDS = (TICKS_PER_QUARTER // 4, TICKS_PER_QUARTER // 3)
_TRIPLETS_BETTER = 0.75
_SWUNG = 0.57


def cleaned(song: Song, mode: ListeningMode, has_bars: bool) -> Song:
    """The song as it was meant; without bars only the clutter goes."""
    if mode is not ListeningMode.DRUMS:
        song = _mapped(song, _without_clutter if mode is ListeningMode.VOICE else _without_stutter)
    if has_bars and any(song.notes()):
        grid, swing = _grid(song)
        ids = [note.id for note in song.notes()]
        song = quantise_notes(song, ids, grid, 1.0, swing)
        if mode is ListeningMode.KEYS:
            song = _mapped(song, _without_stutter)
        song = _mapped(song, lambda notes: _ended(notes, grid))
    return _mapped(song, _alone) if mode is ListeningMode.VOICE else song


def _mapped(song: Song, change: Callable[[Sequence[Note]], list[Note]]) -> Song:
    tracks = tuple(
        replace(track, notes=tuple(sorted(change(track.notes), key=note_order))) for track in song.tracks
    )
    return replace(song, tracks=tracks)


def _without_clutter(notes: Sequence[Note]) -> list[Note]:
    """Very short notes go to the neighbour of their pitch or a step away that they touch; lone ones stay."""
    kept: list[Note] = []
    for note in notes:
        last = kept[-1] if kept else None
        touches = last is not None and note.start_ticks - last.end_ticks < _SHORTEST_TICKS // 2
        if (
            last is not None
            and touches
            and note.duration_ticks < _SHORTEST_TICKS
            and abs(note.pitch - last.pitch) <= 2
        ):
            kept[-1] = replace(last, duration_ticks=note.end_ticks - last.start_ticks)
        else:
            kept.append(note)
    return kept


def _without_stutter(notes: Sequence[Note]) -> list[Note]:
    """A key that seems struck twice within a thirty-second is one note."""
    last: dict[int, int] = {}
    kept: list[Note] = []
    for note in notes:
        before = last.get(note.pitch)
        if before is not None and note.start_ticks - kept[before].start_ticks < _SHORTEST_TICKS:
            end = max(note.end_ticks, kept[before].end_ticks)
            kept[before] = replace(kept[before], duration_ticks=end - kept[before].start_ticks)
            continue
        last[note.pitch] = len(kept)
        kept.append(note)
    return kept


def _grid(song: Song) -> tuple[int, float]:
    """Ticks of the grid that fits the onsets, and the swing."""
    metre = song.time_map.metres[0].metre
    swing = swing_ratio(song)
    if swing >= _SWUNG and not metre.is_compound:
        return TICKS_PER_QUARTER // 2, min(0.75, swing)
    onsets = np.array([note.start_ticks for note in song.notes()]) - song.time_map.pickup_ticks
    sixteenths, triplets = (_distance(onsets, grid) for grid in _GRIDS)
    if not metre.is_compound and triplets < _TRIPLETS_BETTER * sixteenths:
        return _GRIDS[1], 0.5
    return _GRIDS[0], 0.5


def _distance(onsets: np.ndarray, grid: int) -> float:
    """Mean distance from the grid, as a share of what chance gives."""
    inside = onsets % grid
    return float(np.minimum(inside, grid - inside).mean() / (grid / 4))


def _ended(notes: Sequence[Note], grid: int) -> list[Note]:
    """Ends on the grid, at least one step long where there is room."""
    ended = []
    for note in notes:
        end = note.start_ticks + max(grid, round(note.duration_ticks / grid) * grid)
        ended.append(replace(note, duration_ticks=end - note.start_ticks))
    return _not_twice(ended)


def _not_twice(notes: Sequence[Note]) -> list[Note]:
    """No pitch sounds into its own next note."""
    following: dict[int, Note] = {}
    freed = []
    for note in sorted(notes, key=note_order, reverse=True):
        later = following.get(note.pitch)
        if later is not None and note.end_ticks > later.start_ticks > note.start_ticks:
            note = replace(note, duration_ticks=later.start_ticks - note.start_ticks)
        following[note.pitch] = note
        freed.append(note)
    return freed


def _alone(notes: Sequence[Note]) -> list[Note]:
    """One voice: each note ends where the next begins; small gaps are closed."""
    if not notes:
        return []
    lined = [_until(note, later.start_ticks) for note, later in pairwise(notes)]
    return [*lined, notes[-1]]


def _until(note: Note, start: int) -> Note:
    room = start - note.start_ticks
    if room <= 0:
        return note
    gap = start - note.end_ticks
    return replace(note, duration_ticks=room) if gap < 0 or 0 < gap < _SMALL_GAP_TICKS // 2 else note
