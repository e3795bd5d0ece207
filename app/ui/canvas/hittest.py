"""What lies under the pointer, and which part of it? Notes, chord spans, sections; no Qt.

Edges are grabbed within `EDGE_PX`, but never more than a third of the thing, so that its body stays in reach.

>>> part_at(100.0, 20.0, 100.0)
<Part.START: 'start'>
"""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from enum import StrEnum
from operator import attrgetter

from app.ui.canvas.geometry import RowAxis, TimeAxis
from app.ui.canvas.noteindex import NoteIndex
from engine.music import ChordSpan, Note, Section, TimeMap

EDGE_PX = 6.0
_START, _END = attrgetter("start_ticks"), attrgetter("end_ticks")


class Part(StrEnum):
    START = "start"
    BODY = "body"
    END = "end"


@dataclass(frozen=True, slots=True)
class NoteHit:
    note: Note
    part: Part


@dataclass(frozen=True, slots=True)
class ChordHit:
    span: ChordSpan
    part: Part


@dataclass(frozen=True, slots=True)
class SectionHit:
    section: Section
    part: Part


def part_at(left: float, width: float, x: float) -> Part:
    """Which part of a thing from `left`, `width` wide, lies at x."""
    reach = min(EDGE_PX, width / 3)
    if x - left < reach:
        return Part.START
    return Part.END if left + width - x < reach else Part.BODY


def note_at(index: NoteIndex, axis: TimeAxis, rows: RowAxis, x: float, y: float) -> NoteHit | None:
    """The note at the point, the one on top when several; very short ones have a reach of 2 pixels."""
    if y + rows.top_px >= rows.height:
        return None
    row = index.at(axis.tick(x), rows.pitch(y), 2 / axis.px_per_tick)
    if row is None:
        return None
    note = index.notes[row]
    return NoteHit(note, part_at(axis.x(note.start_ticks), note.duration_ticks * axis.px_per_tick, x))


def chords_in(chords: tuple[ChordSpan, ...], start_ticks: float, end_ticks: float) -> tuple[ChordSpan, ...]:
    """The chord spans, which follow each other, that touch the stretch."""
    first = bisect_left(chords, start_ticks, key=_END)
    return chords[first : bisect_right(chords, end_ticks, first, key=_START)]


def chord_at_x(chords: tuple[ChordSpan, ...], axis: TimeAxis, x: float) -> ChordHit | None:
    """The chord span at x."""
    tick = axis.tick(x)
    for span in chords:
        if span.start_ticks <= tick < span.end_ticks:
            part = part_at(axis.x(span.start_ticks), span.duration_ticks * axis.px_per_tick, x)
            return ChordHit(span, part)
    return None


def section_at_x(
    sections: tuple[Section, ...], time_map: TimeMap, axis: TimeAxis, x: float
) -> SectionHit | None:
    """The section at x."""
    tick = axis.tick(x)
    for section in sections:
        start, end = time_map.bar_start(section.start_bar), time_map.bar_start(section.end_bar)
        if start <= tick < end:
            return SectionHit(section, part_at(axis.x(start), (end - start) * axis.px_per_tick, x))
    return None


def stem_at(
    index: NoteIndex, axis: TimeAxis, x: float, preferred: frozenset[int], reach_px: float = 6.0
) -> Note | None:
    """The note whose velocity stem is nearest to x; among stems at one place a selected note first."""
    span = reach_px / axis.px_per_tick
    rows = index.between(axis.tick(x) - span, axis.tick(x) + span + 1)
    notes: list[Note] = [index.notes[row] for row in rows]
    near = [note for note in notes if abs(axis.x(note.start_ticks) - x) <= reach_px]
    if not near:
        return None
    return min(near, key=lambda note: (note.id not in preferred, abs(axis.x(note.start_ticks) - x)))
