"""How are played notes brought nearer to the grid, without losing their feel?

Strength 1 puts every start on the grid, 0 leaves it; swing is the share of a pair of grid steps that the
first one takes (0.5 straight, 0.67 triplet swing). Notes struck together move together. A line of the grid
draws one stroke only, the nearest: the others of a quick run or an ornament stay where they are, so that
notes played one after the other never fall together and never change their order.

>>> grid_position(100, 0, 120, 0.5), grid_position(130, 0, 120, 2 / 3)
(120, 160)
"""

from collections.abc import Collection, Sequence
from dataclasses import replace

from engine.music.edits.common import find_notes, with_notes
from engine.music.errors import EditError
from engine.music.note import Note, moved_notes
from engine.music.song import Song
from engine.music.timemap import TimeMap
from engine.music.track import Track

_TOGETHER_TICKS, _SPREAD_TICKS = 30, 60  # about 30 ms from note to note of a chord, 60 ms in all


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
    moving = [note for note in track.notes if note.id in wanted]
    if not moving:
        return track
    strokes = _strokes(moving)
    lines = _lines_of(strokes, time_map, grid_ticks, swing)
    taken = {(note.pitch, note.start_ticks) for note in track.notes if note.id not in wanted}
    drawn: dict[int, int] = {}
    earliest = 0
    for stroke, line in zip(strokes, lines, strict=True):
        for note in stroke:
            start = note.start_ticks if line is None else _drawn(note, line, strength)
            start = max(earliest, start)
            drawn[note.id] = note.start_ticks if (note.pitch, start) in taken else start
            taken.add((note.pitch, drawn[note.id]))
        earliest = max(drawn[note.id] for note in stroke) + 1
    starts = [drawn.get(note.id, note.start_ticks) for note in track.notes]
    return with_notes(track, moved_notes(track.notes, starts, [note.pitch for note in track.notes]))


def _strokes(notes: Sequence[Note]) -> list[list[Note]]:
    """Notes that were struck together, in order of time."""
    strokes: list[list[Note]] = []
    for note in notes:
        is_joined = (
            bool(strokes)
            and note.start_ticks - strokes[-1][-1].start_ticks <= _TOGETHER_TICKS
            and note.start_ticks - strokes[-1][0].start_ticks <= _SPREAD_TICKS
            and all(note.pitch != other.pitch for other in strokes[-1])
        )
        if is_joined:
            strokes[-1].append(note)
        else:
            strokes.append([note])
    return strokes


def _lines_of(
    strokes: Sequence[Sequence[Note]], time_map: TimeMap, grid_ticks: int, swing: float
) -> list[int | None]:
    """The line that draws each stroke; None where a nearer stroke has it."""
    middles = [(stroke[0].start_ticks + stroke[-1].start_ticks) // 2 for stroke in strokes]
    lines: list[int | None] = []
    bar_start = bar_end = 0
    for index, middle in enumerate(middles):
        if not bar_start <= middle < bar_end:
            bar = time_map.bar_of(middle)
            bar_start, bar_end = time_map.bar_start(bar), time_map.bar_end(bar)
        line = grid_position(middle, bar_start, grid_ticks, swing)
        rival = lines[-1] if lines else None
        if rival == line or (rival is None and index and _is_held(lines, line)):
            held = next(i for i in range(index - 1, -1, -1) if lines[i] == line)
            if abs(middles[held] - line) <= abs(middle - line):
                lines.append(None)
                continue
            lines[held] = None
        lines.append(line)
    return lines


def _is_held(lines: Sequence[int | None], line: int) -> bool:
    """Whether the last line that drew a stroke is this one."""
    return next((held for held in reversed(lines) if held is not None), None) == line


def _drawn(note: Note, line: int, strength: float) -> int:
    return note.start_ticks + round((line - note.start_ticks) * strength)
