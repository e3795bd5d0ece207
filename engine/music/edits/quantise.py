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
from engine.music.note import Note
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
    lines = (base, base + round(pair * swing), base + pair)
    return min(lines, key=lambda line: (abs(line - tick), line))


def _quantised(
    track: Track, wanted: frozenset[int], time_map: TimeMap, grid_ticks: int, strength: float, swing: float
) -> Track:
    if not any(note.id in wanted for note in track.notes):
        return track
    taken = {(note.pitch, note.start_ticks) for note in track.notes if note.id not in wanted}
    moved: list[Note] = []
    for note in track.notes:
        if note.id in wanted:
            note = _moved(note, time_map, grid_ticks, strength, swing, taken)
            taken.add((note.pitch, note.start_ticks))
        moved.append(note)
    return with_notes(track, moved)


def _moved(
    note: Note, time_map: TimeMap, grid_ticks: int, strength: float, swing: float, taken: set[tuple[int, int]]
) -> Note:
    bar_start = time_map.bar_start(time_map.bar_of(note.start_ticks))
    line = grid_position(note.start_ticks, bar_start, grid_ticks, swing)
    start = max(0, note.start_ticks + round((line - note.start_ticks) * strength))
    if (note.pitch, start) in taken:
        return note
    return replace(note, start_ticks=start)
