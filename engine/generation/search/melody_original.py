"""What did the artist write in the bars that are varied, and what has become of it?

Distances are those of `engine.generation.melody.distance`, measured on the sheet. A varied sheet becomes a
Tune again (`tune_of`), in which every note that was not touched is the artist's own.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from engine.generation.language.grid import Cell, NoteEvent, Sheet, Stream
from engine.generation.melody.distance import Differences, Sounding, differences
from engine.generation.melody.line import Event
from engine.generation.melody.tune import Passage, Tune, VNote
from engine.generation.search.melody_hole import MelodyHole
from engine.music import Note

_SHORTEST = 3
"""Grid ticks; what is cut shorter is left out."""


@dataclass(frozen=True)
class Original:
    """The passage as it stands on the sheet (in the hole of `hole` it is blank)."""

    hole: MelodyHole
    passage: Passage

    @property
    def sheet(self) -> Sheet:
        return self.hole.around.sheet

    def cell(self, bar: int) -> tuple[NoteEvent, ...]:
        found = self.sheet.bars[bar].cells.get(Stream.MELODY, ())
        return tuple(note for note in found if isinstance(note, NoteEvent))

    def gone(self, varied: Sheet, bars: Sequence[int]) -> float:
        """How far these bars have gone: asked often, so every bar that could stand there is compared once."""
        counts, held = [], None
        for bar in bars:
            cell = varied.bars[bar].cells.get(Stream.MELODY, ())
            key = (bar == bars[0], bar, held, cell)
            found = self._compared.get(key)
            if found is None:
                found = self._compared[key] = self._bar_gone(*key)
            counts.append(found[0])
            held = found[1]
        return Differences(*map(sum, zip(*counts, strict=True))).distance

    def _bar_gone(
        self, is_first: bool, bar: int, held: int | None, cell: Cell
    ) -> tuple[Differences, int | None]:
        """How far a bar has gone after the pitch `held` over its barline; the pitch it holds itself."""
        own, lengths = self.sheet.bars, [told.length for told in self.sheet.bars]
        before = None if is_first else _held(own[bar - 1].cells.get(Stream.MELODY, ()), lengths[bar - 1])
        compared = differences(_line(self.cell(bar), before), _line(cell, held))
        return compared, _held(cell, lengths[bar])

    @cached_property
    def _compared(self) -> dict[tuple[bool, int, int | None, Cell], tuple[Differences, int | None]]:
        return {}

    @cached_property
    def _parents(self) -> dict[tuple[int, int], tuple[int, Event]]:
        """By where a note begins: which note of the passage it is, and how it stands on the sheet."""
        numbers = {placed.note.id: number for number, placed in enumerate(self.passage.placed)}
        events = {(e.bar, e.offset): e for e in self.hole.events(self.sheet, self.hole.hole)}
        found = {}
        for bar in self.hole.hole:
            for event, source in self.hole.around.reading.sources.get((bar, Stream.MELODY), ()):
                place = (self.hole.of_sketch(bar), self.hole.base(bar) + event.offset)
                if isinstance(source, Note) and source.id in numbers and place in events:
                    found[place] = (numbers[source.id], events[place])
        return found

    def tune_of(self, varied: Sheet) -> Tune:
        """The varied bars as a tune; what must stay stands in it as it stood."""
        passage = self.passage
        fixed = [note for note in passage.original if note.fixed]
        free = []
        for event in self.hole.events(varied, self.hole.hole):
            note = self._note(event)
            if not note.fixed and (cut := _beside(note, fixed)) is not None:
                free.append(cut)
        return _in_order([*fixed, *free])

    def _note(self, event: Event) -> VNote:
        passage = self.passage
        at = passage.starts[event.bar - passage.sketch.first_bar]
        at += event.offset - passage.sketch.bars[event.bar].lead
        duration, pitch = min(event.duration, passage.end - at), event.pitch or 0
        parent, before = self._parents.get((event.bar, event.offset), (-1, event))
        if parent < 0:
            return VNote(at, duration, pitch)
        own = passage.original[parent]
        if (event.duration, event.pitch) == (before.duration, before.pitch):
            return own
        return VNote(own.at, duration, pitch, parent)


def _held(cell: Cell, length: int) -> int | None:
    """The pitch that sounds up to the barline."""
    last = cell[-1] if cell else None
    is_held = isinstance(last, NoteEvent) and last.offset + last.duration == length
    return last.pitch if isinstance(last, NoteEvent) and is_held else None


def _line(cell: Cell, held: int | None) -> list[Sounding]:
    """The notes of a bar; a tied one that goes on with the pitch `held` over the barline begins before it."""
    notes = [note for note in cell if isinstance(note, NoteEvent)]
    return [
        Sounding(note.offset, note.offset + note.duration, note.pitch, note.tied and note.pitch == held)
        for note in notes
    ]


def _beside(note: VNote, fixed: Iterable[VNote]) -> VNote | None:
    """What of the note lies beside those that stay."""
    for other in fixed:
        if other.at <= note.at < other.end:
            return None
        if note.at < other.at < note.end:
            note = note._replace(duration=other.at - note.at)
    return note if note.duration >= _SHORTEST else None


def _in_order(notes: Sequence[VNote]) -> Tune:
    """By time; where two overlap the earlier one ends."""
    ordered: list[VNote] = []
    for note in sorted(notes, key=lambda n: (n.at, not n.fixed)):
        if ordered and ordered[-1].at == note.at:
            continue
        if ordered and ordered[-1].end > note.at and not ordered[-1].fixed:
            ordered[-1] = ordered[-1]._replace(duration=note.at - ordered[-1].at)
        ordered.append(note)
    return tuple(note for note in ordered if note.fixed or note.duration >= _SHORTEST)
