"""What exactly is asked of the model, and in which order is it told?

A Question is a Sheet with holes: cells that are hidden, whatever the sheet holds there. All the jobs are one
shape: continuation (the last bars hidden), infill, harmonising (every CHORDS cell hidden), a melody over
chords, both, single cells, a variation (a hole with a Reference), writing from nothing (everything hidden).
`script` lists what is told and what is to be filled; training (`encode`) and decoding walk the same script.

>>> bar = SheetBar((4, 4), 96, {Stream.MELODY: (NoteEvent(0, 96, 60),)})
>>> question = Question(Sheet((bar, bar)), (frozenset(), frozenset({Stream.MELODY})))
>>> [step.stream.name for step in script(question) if isinstance(step, Fill)]
['MELODY']
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from engine.generation.language.cells import cell_tokens, normal_cell, read_cell, sounding_pitch
from engine.generation.language.features import Reader
from engine.generation.language.grid import (
    Cell,
    ChordEvent,
    NoteEvent,
    Sheet,
    SheetBar,
    Stream,
    full_length,
)
from engine.generation.language.vocabulary import (
    BAR,
    BOS,
    ENDREF,
    EOS,
    FILL,
    HELD,
    HOLE,
    LEFT,
    LOCK,
    REF,
    RIGHT,
    SPAN,
    Control,
    Relation,
    bass_token,
    cell_token,
    chord_token,
    control_token,
    drum_token,
    duration_tokens,
    metre_tokens,
    mode_token,
    offset_token,
    pitch_token,
    relation_token,
    section_token,
    style_token,
    tempo_token,
)

Hole = frozenset[Stream]
ANSWER_LOSS = 1
"""Loss mark of an answer symbol: this plus its stream."""
VISIBLE_LOSS = 11
"""Loss mark of a visible cell's symbol where it is told first: this plus its stream."""
_RESTATED = (Stream.CHORDS, Stream.MELODY, Stream.BASS, Stream.COUNTER)


@dataclass(frozen=True, slots=True)
class Reference:
    """The bar that a bar relates to: `bar` of the sheet, or `cells` of their own (told inside REF)."""

    relation: Relation
    bar: int = -1
    cells: Mapping[Stream, Cell] = field(default_factory=dict)


@dataclass(frozen=True)
class Question:
    """Bars with holes; one entry of `holes` a bar, the mappings by index of the bar.

    A stream in a bar's hole is to be written. `bars_left`: how many bars of the piece come after the sheet
    (-1: unknown). `Sheet.first_full` may be negative for a sheet cut from the middle.
    """

    sheet: Sheet
    holes: tuple[Hole, ...]
    controls: Mapping[int, Mapping[Control, int]] = field(default_factory=dict)
    locks: Mapping[int, Mapping[Stream, Cell]] = field(default_factory=dict)
    references: Mapping[int, Reference] = field(default_factory=dict)
    bars_left: int = -1

    def __post_init__(self) -> None:
        if len(self.holes) != len(self.sheet.bars) or not any(self.holes):
            raise ValueError("a question has one hole for each bar, and something hidden")

    @cached_property
    def span(self) -> range:
        """From the first bar with something hidden to the last."""
        hidden = [bar for bar, hole in enumerate(self.holes) if hole]
        return range(hidden[0], hidden[-1] + 1)

    @cached_property
    def fills(self) -> tuple[int, ...]:
        """The bars with something hidden, in order."""
        return tuple(bar for bar in self.span if self.holes[bar])

    @cached_property
    def told_bars(self) -> tuple[int, ...]:
        """The bar behind each BAR token, in the order of the script."""
        bars = len(self.sheet.bars)
        span = self.span if self.tells_span else ()
        return (*range(self.span.stop, bars), *range(self.span.start), *span, *self.fills)

    @cached_property
    def tells_span(self) -> bool:
        """Whether something in the span is visible."""
        return any(self.is_visible(bar, stream) for bar in self.span for stream in self.sheet.bars[bar].cells)

    def is_visible(self, bar: int, stream: Stream) -> bool:
        return bar >= 0 and stream in self.sheet.bars[bar].cells and stream not in self.holes[bar]


@dataclass(frozen=True, slots=True)
class Forced:
    """Tokens that are told as they stand; `loss` is their mark."""

    tokens: tuple[int, ...]
    loss: int = 0


@dataclass(frozen=True, slots=True)
class Fill:
    """One hidden cell to write: the tokens after its CELL mark (which is forced before)."""

    bar: int
    stream: Stream
    length: int
    locks: Cell = ()


Step = Forced | Fill


@dataclass(frozen=True, slots=True)
class Encoded:
    """A question with its answer: row ids of every position are `feature_ids[offsets[i]:offsets[i + 1]]`.

    Position i predicts token i + 1: `loss[i]` marks token i itself (0, ANSWER_LOSS or VISIBLE_LOSS + stream).
    """

    tokens: npt.NDArray[np.int16]
    feature_ids: npt.NDArray[np.int32]
    feature_offsets: npt.NDArray[np.int32]
    loss: npt.NDArray[np.uint8]


def script(question: Question) -> list[Step]:
    """Everything of the question in order."""
    return list(_Telling(question).steps())


class _Telling:
    """Writes the script; keeps the metre told last."""

    def __init__(self, question: Question) -> None:
        self.question = question
        self.bars = question.sheet.bars
        self.metre: tuple[tuple[int, int], int] = ((0, 0), 0)

    def steps(self) -> Iterator[Step]:
        question = self.question
        yield Forced(self._header())
        if question.span.stop < len(self.bars):
            yield from self._told(RIGHT, range(question.span.stop, len(self.bars)))
        if question.span.start:
            yield from self._told(LEFT, range(question.span.start))
        if question.tells_span:
            yield from self._told(SPAN, question.span)
        pending = [FILL]
        for bar in question.fills:
            pending += self._fill_header(bar)
            for stream in sorted(question.holes[bar]):
                yield Forced((*pending, cell_token(stream)))
                locks = question.locks.get(bar, {}).get(stream, ())
                yield Fill(bar, stream, self.bars[bar].length, locks)
                pending = []
        yield Forced((EOS,))

    def _header(self) -> tuple[int, ...]:
        sheet = self.question.sheet
        metre = self.bars[self.question.span.start].metre
        full = full_length(metre)
        self.metre = (metre, full)
        tempo = (tempo_token(sheet.bpm),) if sheet.bpm > 0 else ()
        told = metre_tokens(metre, full)
        return (BOS, style_token(sheet.style), *tempo, mode_token(sheet.mode), *told[:2])

    def _bar(self, bar: int) -> list[int]:
        tokens = [BAR]
        metre = (self.bars[bar].metre, self.bars[bar].length)
        if metre != self.metre:
            tokens += metre_tokens(*metre)
            self.metre = metre
        if self.bars[bar].section:
            tokens.append(section_token(self.bars[bar].section))
        return tokens

    def _told(self, mark: int, bars: range) -> Iterator[Step]:
        pending = [mark]
        question = self.question
        for bar in bars:
            pending += self._bar(bar)
            for stream in sorted(self.bars[bar].cells.keys() | question.holes[bar]):
                pending.append(cell_token(stream))
                if stream in question.holes[bar]:
                    pending.append(HOLE)
                    continue
                yield Forced(tuple(pending))
                yield Forced(tuple(self._cell(bar, stream, bars.start)), VISIBLE_LOSS + stream)
                pending = []
        if pending:
            yield Forced(tuple(pending))

    def _cell(self, bar: int, stream: Stream, first: int) -> list[int]:
        """A visible cell. A note over the barline names its pitch unless the bar before was told before."""
        before = None
        if self.question.is_visible(bar - 1, stream) and not bar == first == self.question.span.stop:
            before = sounding_pitch(self.bars[bar - 1].cells[stream], self.bars[bar - 1].length)
        return cell_tokens(stream, self.bars[bar].cells[stream], self.bars[bar].length, before)

    def _fill_header(self, bar: int) -> list[int]:
        question = self.question
        tokens = self._bar(bar)
        controls = question.controls.get(bar, {})
        tokens += [control_token(control, controls[control]) for control in Control if control in controls]
        tokens += self._reference(bar)
        for stream, locked in sorted(question.locks.get(bar, {}).items()):
            if locked and stream in question.holes[bar]:
                tokens += [LOCK, cell_token(stream), *lock_tokens(stream, locked)]
        for stream in _RESTATED:
            if question.is_visible(bar, stream):
                tokens += [cell_token(stream), *self._cell(bar, stream, -1)]
        return tokens

    def _reference(self, bar: int) -> list[int]:
        reference = self.question.references.get(bar)
        if reference is None:
            return []
        tokens = [relation_token(reference.relation)]
        if reference.cells:
            tokens.append(REF)
            for stream, cell in sorted(reference.cells.items()):
                tokens += [cell_token(stream), *cell_tokens(stream, cell, self.bars[bar].length)]
            tokens.append(ENDREF)
        return tokens


def lock_tokens(stream: Stream, locked: Cell) -> list[int]:
    """What must stay, one by one with its place."""
    tokens = []
    for event in locked:
        tokens.append(offset_token(event.offset))
        if isinstance(event, ChordEvent):
            tokens.append(chord_token(event.root, event.quality))
            tokens += [bass_token(event.bass)] if event.bass >= 0 else []
        elif stream is Stream.DRUMS:
            tokens.append(drum_token(event.pitch))
            continue
        else:
            tokens += [HELD] * event.tied + [pitch_token(event.pitch)]
        tokens += duration_tokens(event.duration)
    return tokens


def answer_tokens(question: Question, answer: Sheet, fill: Fill) -> list[int]:
    """The tokens of a hidden cell. A tie to nothing known begins anew."""
    bars = answer.bars
    cell = normal_cell(fill.stream, bars[fill.bar].cells.get(fill.stream, ()), fill.length)
    if not fill.stream.is_line:
        return cell_tokens(fill.stream, cell, fill.length)
    before = sounding_before(question, bars, fill)
    first = cell[0] if cell else None
    if isinstance(first, NoteEvent) and first.tied and first.pitch != before:
        cell = (first._replace(tied=False), *cell[1:])
    return cell_tokens(fill.stream, cell, fill.length, before)


def sounding_before(question: Question, written: Sequence[SheetBar], fill: Fill) -> int | None:
    """The pitch a line brings into the hidden cell, from the visible bar before it or the one written."""
    if fill.bar == 0:
        return None
    hidden = fill.stream in question.holes[fill.bar - 1]
    before = written[fill.bar - 1] if hidden else question.sheet.bars[fill.bar - 1]
    return sounding_pitch(before.cells.get(fill.stream), before.length)


def encode(question: Question, answer: Sheet) -> Encoded:
    """The whole example for training: the script with the answer's cells in its holes."""
    tokens: list[int] = []
    loss = bytearray()
    for step in script(question):
        if isinstance(step, Forced):
            tokens += step.tokens
            loss += bytes((step.loss,)) * len(step.tokens)
        else:
            told = answer_tokens(question, answer, step)
            tokens += told
            loss += bytes((ANSWER_LOSS + step.stream,)) * len(told)
    ids, offsets = Reader(question).read(tokens)
    return Encoded(
        np.array(tokens, np.int16),
        np.array(ids, np.int32),
        np.array(offsets, np.int32),
        np.frombuffer(bytes(loss), np.uint8),
    )


def with_cell(sheet: Sheet, bar: int, stream: Stream, cell: Cell) -> Sheet:
    """The sheet with one cell written."""
    bars = list(sheet.bars)
    bars[bar] = replace(bars[bar], cells={**bars[bar].cells, stream: cell})
    return replace(sheet, bars=tuple(bars))


def read_fill(question: Question, written: Sheet, fill: Fill, tokens: Sequence[int]) -> Sheet:
    """The sheet with the cell that the tokens after its mark tell; `written` holds the cells before it."""
    before = sounding_before(question, written.bars, fill)
    return with_cell(written, fill.bar, fill.stream, read_cell(fill.stream, tokens, fill.length, before))


def read_answer(question: Question, tokens: Sequence[int], loss: Sequence[int]) -> Sheet:
    """The sheet with every hole filled from a whole encoded example."""
    written = question.sheet
    place = 0
    for step in script(question):
        if isinstance(step, Forced):
            place += len(step.tokens)
            continue
        end = place
        while end < len(tokens) and loss[end] == ANSWER_LOSS + step.stream:
            end += 1
        written = read_fill(question, written, step, tokens[place:end])
        place = end
    return written
