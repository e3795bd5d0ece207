"""How does written music become a Sheet?

Readers fill a Draft: bars, lines and chords in song ticks (480 to a quarter) from the beginning, at sounding
pitch. `sheet_of` cuts it at the barlines, lays it on the model's grid and moves it to tonic C. What is too
short for the grid is left out; in a line a note ends where the next begins, and of notes that begin together
the highest stays.

>>> from engine.music import Key
>>> draft = Draft((DraftBar(0, 1920, (4, 4)),), {Stream.MELODY: (MelodyNote(480, 960, 67),)})
>>> sheet_of(draft, Key(7), "folk").bars[0].cells[Stream.MELODY]
(NoteEvent(offset=24, duration=48, pitch=72, tied=False),)
"""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate, pairwise
from typing import NamedTuple, TypeVar

from engine.generation.language.grid import (
    GRID,
    SONG_TICKS,
    Cell,
    ChordEvent,
    NoteEvent,
    Sheet,
    SheetBar,
    Stream,
)
from engine.generation.language.vocabulary import told_quality
from engine.music import NO_CHORD, TICKS_PER_QUARTER, Chord, Key
from engine.training.chords.piece import ChartChord, MelodyNote

LONGEST_HELD_BARS = 8
"""A printed chord is taken to go on for so many bars; after that nobody wrote chords any more."""


_Spanning = TypeVar("_Spanning", MelodyNote, ChartChord)


class DraftBar(NamedTuple):
    start_ticks: int
    length_ticks: int
    metre: tuple[int, int]
    section: str = ""

    @property
    def end_ticks(self) -> int:
        return self.start_ticks + self.length_ticks


@dataclass(frozen=True)
class Draft:
    """Bars without gaps, notes of each stream by time, chords by time (None: the set has none)."""

    bars: Sequence[DraftBar]
    notes: Mapping[Stream, Sequence[MelodyNote]] = field(default_factory=dict)
    chords: Sequence[ChartChord] | None = None

    def between(self, first: int, end: int) -> "Draft":
        """The bars from `first` up to `end`; what reaches over an edge is cut there."""
        bars = self.bars[first:end]
        low, high = bars[0].start_ticks, bars[-1].end_ticks
        spans = self._spans
        notes = {
            s: tuple(_clipped(spans[s].near(line, low, high), low, high)) for s, line in self.notes.items()
        }
        chords = None
        if self.chords is not None:
            chords = tuple(_clipped(spans[Stream.CHORDS].near(self.chords, low, high), low, high))
        return Draft(tuple(bar._replace(start_ticks=bar.start_ticks - low) for bar in bars), notes, chords)

    @cached_property
    def _spans(self) -> Mapping[Stream, "_Spans"]:
        found = {stream: _Spans.of(line) for stream, line in self.notes.items()}
        return found | {Stream.CHORDS: _Spans.of(self.chords or ())}


class _Spans(NamedTuple):
    """Where events begin, and the latest end up to each of them; nothing when they are not in order."""

    starts: Sequence[int] = ()
    reach: Sequence[int] = ()

    @staticmethod
    def of(events: Sequence[MelodyNote] | Sequence[ChartChord]) -> "_Spans":
        starts = [event[0] for event in events]
        if any(later < earlier for earlier, later in pairwise(starts)):
            return _Spans()
        return _Spans(starts, list(accumulate([event[0] + event[1] for event in events], max)))

    def near(self, events: Sequence[_Spanning], low: int, high: int) -> Sequence[_Spanning]:
        """At least those that sound between the two."""
        if not self.starts:
            return events
        return events[bisect_right(self.reach, low) : bisect_left(self.starts, high)]


def _clipped(events: Sequence[_Spanning], low: int, high: int) -> list[_Spanning]:
    clipped: list[_Spanning] = []
    for event in events:
        start, duration = event[0], event[1]
        end = start + duration
        if start >= high or end <= low or duration <= 0:
            continue
        start, end = max(low, start), min(high, end)
        clipped.append(type(event)(start - low, end - start, *event[2:]))
    return clipped


def full_ticks(metre: tuple[int, int]) -> int:
    """Song ticks of a full bar."""
    return metre[0] * 4 * TICKS_PER_QUARTER // metre[1]


def shift_of(tonic: int) -> int:
    """Semitones from tonic C up to the tonic, the short way: -5 to 6."""
    return tonic if tonic <= 6 else tonic - 12


def sheet_of(draft: Draft, key: Key, style: str, bpm: float = 0.0) -> Sheet:
    """The Sheet of a draft that is in the key."""
    shift = shift_of(key.tonic)
    edges = [_grid(bar.start_ticks) for bar in draft.bars] + [_grid(draft.bars[-1].end_ticks)]
    rows: dict[Stream, list[Cell | None]] = {
        stream: _note_row(line, edges, shift, stream) for stream, line in draft.notes.items()
    }
    if draft.chords is not None:
        rows[Stream.CHORDS] = _chord_row(draft.chords, edges, key.tonic)
    bars = []
    written = [(stream, rows[stream]) for stream in Stream if stream in rows]
    for index, bar in enumerate(draft.bars):
        cells = {stream: cell for stream, row in written if (cell := row[index]) is not None}
        bars.append(SheetBar(bar.metre, edges[index + 1] - edges[index], cells, bar.section))
    first = draft.bars[0]
    has_pickup = len(bars) > 1 and bars[0].length * SONG_TICKS < full_ticks(first.metre)
    return Sheet(tuple(bars), key.mode, shift, style, bpm, int(has_pickup))


def _grid(ticks: int) -> int:
    return (ticks + SONG_TICKS // 2) // SONG_TICKS


def _note_row(
    line: Sequence[MelodyNote], edges: Sequence[int], shift: int, stream: Stream
) -> list[Cell | None]:
    cells: list[list[NoteEvent]] = [[] for _ in edges[1:]]
    half = SONG_TICKS // 2
    spans = [
        ((start + half) // SONG_TICKS, (start + duration + half) // SONG_TICKS, pitch)
        for start, duration, pitch in line
    ]
    if stream is Stream.DRUMS:
        hits = sorted({(start, pitch) for start, _, pitch in spans})
        pieces = [(start, start + 1, pitch) for start, pitch in hits]
        shift = 0
    else:
        pieces = _single_line(spans) if stream.is_line else _without_doubles(spans)
    bar = 0
    for start, end, pitch in pieces:
        while bar < len(cells) and edges[bar + 1] <= start:
            bar += 1
        index, tied = bar, False
        while index < len(cells) and start < end:
            stop = min(end, edges[index + 1])
            cells[index].append(NoteEvent(start - edges[index], stop - start, pitch - shift, tied))
            start, tied, index = stop, True, index + 1
    return [tuple(sorted(cell)) for cell in cells]


def _single_line(spans: Sequence[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    line: list[tuple[int, int, int]] = []
    for start, end, pitch in sorted(spans, key=lambda span: (span[0], -span[2])):
        if end <= start or (line and line[-1][0] == start):
            continue
        if line and line[-1][1] > start:
            line[-1] = (line[-1][0], start, line[-1][2])
        line.append((start, end, pitch))
    return line


def _without_doubles(spans: Sequence[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    """Notes of several voices; a pitch struck again while it sounds ends there."""
    kept: list[tuple[int, int, int]] = []
    last: dict[int, int] = {}
    for start, end, pitch in sorted(spans):
        if end <= start:
            continue
        before = last.get(pitch)
        if before is not None and kept[before][1] > start:
            if kept[before][0] == start:
                kept[before] = (start, max(end, kept[before][1]), pitch)
                continue
            kept[before] = (kept[before][0], start, pitch)
        last[pitch] = len(kept)
        kept.append((start, end, pitch))
    return kept


def _chord_row(chords: Sequence[ChartChord], edges: Sequence[int], tonic: int) -> list[Cell | None]:
    """Every bar from the first chord on is filled; where nothing is known for long, the cell is absent."""
    cells: list[list[ChordEvent]] = [[] for _ in edges[1:]]
    starts = [_grid(chord.start_ticks) for chord in chords]
    for place, chord in enumerate(chords):
        start, end = starts[place], starts[place + 1] if place + 1 < len(chords) else edges[-1]
        index = bisect_right(edges, start) - 1
        last = min(index + LONGEST_HELD_BARS, len(cells))
        if end > start and index < len(cells) and not cells[index] and start > edges[index]:
            cells[index].append(ChordEvent(0, start - edges[index], -1, NO_CHORD.quality))
        while index < last and start < end:
            stop = min(end, edges[index + 1])
            cells[index].append(_chord_event(chord.chord, start - edges[index], stop - start, tonic))
            start, index = stop, index + 1
    return [tuple(_merged(cell)) if cell else None for cell in cells]


def _chord_event(chord: Chord, offset: int, duration: int, tonic: int) -> ChordEvent:
    if chord.is_no_chord:
        return ChordEvent(offset, duration, -1, NO_CHORD.quality)
    bass = -1 if chord.bass is None else (chord.bass - tonic) % 12
    return ChordEvent(offset, duration, (chord.root - tonic) % 12, told_quality(chord.quality), bass)


def _merged(cell: Sequence[ChordEvent]) -> list[ChordEvent]:
    """Equal neighbours inside the bar are one chord."""
    merged: list[ChordEvent] = []
    for event in cell:
        if merged and merged[-1][2:] == event[2:]:
            merged[-1] = merged[-1]._replace(duration=merged[-1].duration + event.duration)
        else:
            merged.append(event)
    return merged


def grid_ticks(metre: tuple[int, int]) -> int:
    """Grid ticks of a full bar."""
    return metre[0] * 4 * GRID // metre[1]
