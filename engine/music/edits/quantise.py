"""How are played notes brought nearer to the grid, without losing their feel?

Strength 1 puts every start on the grid, 0 leaves it; swing is the share of a pair of grid steps that the
first one takes (0.5 straight, 0.67 triplet swing). Two notes of one pitch never fall together.

>>> grid_position(100, 0, 120, 0.5), grid_position(130, 0, 120, 2 / 3)
(120, 160)
"""

from collections.abc import Collection
from dataclasses import replace

from engine.music.edits.common import find_notes, with_notes
from engine.music.errors import EditError
from engine.music.note import Note, moved_notes
from engine.music.song import Song
from engine.music.timemap import TimeMap
from engine.music.track import Track


def quantise_notes(
    song: Song,
    note_ids: Collection[int],
    grid_ticks: int,
    strength: float = 1.0,
    swing: float = 0.5,
) -> Song:
    """Starts moved towards the grid of their bar by `strength`; lengths stay. Raises EditError."""
    if grid_ticks < 1 or not 0 <= strength <= 1 or not 0.5 <= swing <= 0.75:
        raise EditError("The grid must be positive, strength 0-1 and swing 0.5-0.75.")
    wanted = frozenset(note.id for note in find_notes(song, note_ids))
    tracks = tuple(
        _quantised(track, wanted, song.time_map, grid_ticks, strength, swing) for track in song.tracks
    )
    return song if tracks == song.tracks else replace(song, tracks=tracks)


def grid_position(tick: int, bar_start: int, grid_ticks: int, swing: float) -> int:
    """The grid line nearest to the tick, counted from the bar's start."""
    pair = 2 * grid_ticks
    base = bar_start + (tick - bar_start) // pair * pair
    middle, after = base + round(pair * swing), base + pair
    if tick - base <= abs(middle - tick):
        return base
    return middle if abs(middle - tick) <= after - tick else after


def _quantised(
    track: Track, wanted: frozenset[int], time_map: TimeMap, grid_ticks: int, strength: float, swing: float
) -> Track:
    if not any(note.id in wanted for note in track.notes):
        return track
    bar_start = bar_end = 0
    taken = {(note.pitch, note.start_ticks) for note in track.notes if note.id not in wanted}
    starts: list[int] = []
    for note in track.notes:
        start = note.start_ticks
        if note.id in wanted:
            if not bar_start <= start < bar_end:
                bar = time_map.bar_of(start)
                bar_start, bar_end = time_map.bar_start(bar), time_map.bar_end(bar)
            start = _drawn(note, bar_start, grid_ticks, strength, swing, taken)
            taken.add((note.pitch, start))
        starts.append(start)
    return with_notes(track, moved_notes(track.notes, starts, [note.pitch for note in track.notes]))


def _drawn(
    note: Note, bar_start: int, grid_ticks: int, strength: float, swing: float, taken: set[tuple[int, int]]
) -> int:
    """Where the note begins then; where it is, when a note of its pitch is there already."""
    line = grid_position(note.start_ticks, bar_start, grid_ticks, swing)
    start = max(0, note.start_ticks + round((line - note.start_ticks) * strength))
    return note.start_ticks if (note.pitch, start) in taken else start
