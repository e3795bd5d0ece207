"""Which note-off ends which note-on?

A note ends at the next event of its pitch on its channel in its track, or at an all-notes-off. A note
struck again while it sounds ends there, so one pitch never overlaps itself. An off at the very tick of
such a new stroke belongs to the note before (some writers put ons before offs), as does the first of two.
Everything is done on columns: sort by channel and pitch, look at the neighbour.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.formats.midi.problems import Problem, Problems
from engine.formats.midi.stream import Stream
from engine.music.note import TICKS_PER_QUARTER

ALL_NOTES_OFF = (120, 123, 124, 125, 126, 127)

Column = NDArray[np.int64]


class NoteTable(NamedTuple):
    """Notes as columns, ticks at 480 to a quarter."""

    channel: Column
    start: Column
    end: Column
    pitch: Column
    velocity: Column

    def where(self, rows: NDArray[np.bool_]) -> "NoteTable":
        return NoteTable(*(column[rows] for column in self))


class _Keyed(NamedTuple):
    """Note events sorted by channel and pitch, then by time."""

    key: Column
    row: Column
    tick: Column
    velocity: Column  # 0 for an off


def pair_notes(stream: Stream, ticks: Column, problems: Problems) -> NoteTable:
    """The notes of one track; `ticks` are the stream's event times at 480 to a quarter."""
    events = _without_late_offs(_note_events(stream, ticks, problems), stream)
    is_on = events.velocity > 0
    next_row = np.append(events.row[1:], 0)
    has_next = np.append(events.key[1:] == events.key[:-1], False)[: len(events.key)]
    is_ended = has_next & ~np.append(is_on[1:], True)[: len(events.key)]
    end = np.where(has_next, ticks[next_row], ticks[-1])
    silenced, is_silenced = _all_notes_off(stream, ticks, events)
    end = np.where(is_silenced, np.minimum(end, silenced), end)
    is_struck_again = is_on & has_next & ~is_ended & ~is_silenced & (ticks[next_row] > events.tick)
    problems.add(Problem.STRUCK_AGAIN, int(is_struck_again.sum()))
    problems.add(Problem.OPEN_NOTE, int((is_on & ~has_next & ~is_silenced).sum()))
    is_hanging = ~has_next & ~is_silenced & (end <= events.tick)
    end = np.where(is_hanging, events.tick + TICKS_PER_QUARTER, end)
    return _settled(events, end, is_on, problems)


def _note_events(stream: Stream, ticks: Column, problems: Problems) -> _Keyed:
    kind = stream.status & 0xF0
    rows = np.flatnonzero((kind == 0x80) | (kind == 0x90))
    is_valid = stream.data1[rows] < 128
    rows = rows[is_valid]
    is_on = kind[rows] == 0x90
    problems.add(Problem.PITCH_RANGE, int((~is_valid).sum()))
    problems.add(Problem.VALUE_RANGE, int((is_on & (stream.data2[rows] > 127)).sum()))
    key = (stream.status[rows] & 0x0F).astype(np.int16) << 7 | stream.data1[rows]
    order = np.argsort(key, kind="stable")
    rows = rows[order]
    velocity = np.where(is_on[order], np.minimum(stream.data2[rows], 127), 0)
    return _Keyed(key[order].astype(np.int64), rows, ticks[rows], velocity.astype(np.int64))


def _without_late_offs(events: _Keyed, stream: Stream) -> _Keyed:
    """Drop offs that belong to a note that a new stroke of its pitch has ended already.

    That is an off at the very tick of the stroke, or the first of two offs after the two strokes.
    """
    if len(events.key) < 3:
        return events
    is_on = events.velocity > 0
    tick = stream.ticks[events.row]
    same = (events.key[2:] == events.key[1:-1]) & (events.key[1:-1] == events.key[:-2])
    after_two = same & is_on[:-2] & is_on[1:-1] & ~is_on[2:]
    at_stroke = (tick[2:] == tick[1:-1]) & (tick[1:-1] > tick[:-2])
    another = np.append((events.key[3:] == events.key[2:-1]) & ~is_on[3:], False)
    keep = np.concatenate([[True, True], ~(after_two & (at_stroke | another))])
    return _Keyed(*(column[keep] for column in events))


def _all_notes_off(stream: Stream, ticks: Column, events: _Keyed) -> tuple[Column, NDArray[np.bool_]]:
    """For each note event, the tick of the next all-notes-off of its channel, and whether it comes first."""
    silenced = np.zeros(len(events.key), dtype=np.int64)
    is_silenced = np.zeros(len(events.key), dtype=bool)
    is_control = (stream.status & 0xF0) == 0xB0
    if not is_control.any():
        return silenced, is_silenced
    offs = np.flatnonzero(is_control & np.isin(stream.data1, ALL_NOTES_OFF))
    last = np.append(events.key[1:] != events.key[:-1], True)[: len(events.key)]
    next_row = np.where(last, stream.events, np.append(events.row[1:], 0))
    for channel in np.unique(stream.status[offs] & 0x0F).tolist():
        rows = offs[(stream.status[offs] & 0x0F) == channel]
        found = np.searchsorted(rows, events.row)
        off_row = np.append(rows, stream.events)[found]
        hit = (events.key >> 7 == channel) & (off_row < next_row)
        is_silenced |= hit
        silenced[hit] = ticks[off_row[hit]]
    return silenced, is_silenced


def _settled(events: _Keyed, end: Column, is_on: NDArray[np.bool_], problems: Problems) -> NoteTable:
    """Notes of at least one tick; of several that start a pitch at one tick the last is kept."""
    key, start, velocity, end = events.key[is_on], events.tick[is_on], events.velocity[is_on], end[is_on]
    is_doubled = np.append((key[1:] == key[:-1]) & (start[1:] == start[:-1]), False)[: len(key)]
    is_empty = ~is_doubled & (end <= start)
    problems.add(Problem.DOUBLE_NOTE, int(is_doubled.sum()))
    problems.add(Problem.ZERO_LENGTH, int(is_empty.sum()))
    notes = NoteTable(key >> 7, start, np.maximum(end, start + 1), key & 127, velocity)
    return notes.where(~is_doubled)


def merged(notes: NoteTable) -> NoteTable:
    """Notes of several channels as one instrument: no pitch overlaps itself, longest of equals kept."""
    order = np.lexsort((notes.end, notes.start, notes.pitch))
    notes = NoteTable(*(column[order] for column in notes))
    same = notes.pitch[1:] == notes.pitch[:-1]
    keep = np.append(~(same & (notes.start[1:] == notes.start[:-1])), True)[: len(notes.pitch)]
    notes = notes.where(keep)
    if len(notes.pitch) < 2:
        return notes
    following = np.where(notes.pitch[1:] == notes.pitch[:-1], notes.start[1:], notes.end[:-1])
    end = np.append(np.minimum(notes.end[:-1], following), notes.end[-1])
    return notes._replace(end=end)
