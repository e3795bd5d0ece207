"""Which bars of which test pieces are asked for? Holes drawn by hash: the same for every writer, for ever.

A Hole is a window of a piece with some cells hidden; the window still knows what people wrote there. Writers
are functions of a hole, a seed and a count that return the window filled (`Writer`); they may refuse with an
EngineError.

>>> from engine.generation.language.grid import SheetBar
>>> bar = SheetBar((4, 4), 96, {Stream.MELODY: (NoteEvent(0, 96, 60),)})
>>> hole = Hole("set/1", "folk", Sheet((bar, bar, bar)), 1, 2, (Stream.MELODY,))
>>> [Stream.MELODY in bar.cells for bar in hole.opened().bars], len(hole.left_only().sheet.bars)
([True, False, True], 2)
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, Protocol

from engine.generation.language.grid import Cell, ChordEvent, NoteEvent, Sheet, SheetBar, Stream
from engine.generation.language.question import Forced, Question, answer_tokens, script
from engine.generation.language.vocabulary import told_quality

LEAD_SHEET = (Stream.CHORDS, Stream.MELODY)
MOST_TOKENS = 700
"""No question is longer, so that every model can hear all of it."""
_LEAST_NOTES_A_BAR = 1.5
_SEEDS = 100_000


@dataclass(frozen=True, slots=True)
class Hole:
    """Bars `first` to before `end` of the `streams` of a window are hidden. `stratum` names the kind of
    music it is drawn from."""

    piece: str
    stratum: str
    sheet: Sheet
    first: int
    end: int
    streams: tuple[Stream, ...]

    def opened(self) -> Sheet:
        """The window without what is hidden."""
        return self.filled([{} for _ in range(self.first, self.end)])

    def filled(self, cells: Sequence[Mapping[Stream, Cell]]) -> Sheet:
        """The window with these cells in the hole, one mapping a bar."""
        bars = list(self.sheet.bars)
        for number, answer in zip(range(self.first, self.end), cells, strict=True):
            kept = {s: cell for s, cell in bars[number].cells.items() if s not in self.streams}
            bars[number] = replace(bars[number], cells=kept | {s: told(c) for s, c in answer.items()})
        return replace(self.sheet, bars=tuple(bars))

    def luck(self, seed: int) -> int:
        """A seed of its own, so that holes can be counted as independent."""
        return number_of("luck", seed, self.piece, self.first, len(self.sheet.bars)) % _SEEDS

    def left_only(self) -> "Hole":
        """The same hole with nothing after it."""
        return replace(self, sheet=replace(self.sheet, bars=self.sheet.bars[: self.end]))

    def without(self, stream: Stream) -> "Hole":
        """The same hole in a window that never had the stream."""
        bars = tuple(
            replace(bar, cells={s: cell for s, cell in bar.cells.items() if s is not stream})
            for bar in self.sheet.bars
        )
        return replace(self, sheet=replace(self.sheet, bars=bars))


Writer = Callable[[Hole, int, int], Sequence[Sheet]]
"""(hole, seed, how many) -> windows filled, no more than asked for."""


class Shape(NamedTuple):
    """Bars before the hole, in the hole, after it."""

    before: int
    hidden: int
    after: int

    @property
    def bars(self) -> int:
        return self.before + self.hidden + self.after


Accepts = Callable[[Sheet, int, int], bool]


class Named(Protocol):
    """A piece of the corpus, or a chart as it is played."""

    @property
    def id(self) -> str: ...
    @property
    def sheet(self) -> Sheet: ...


def draw_holes(
    pieces: Iterable[Named],
    shape: Shape,
    streams: tuple[Stream, ...],
    count: int,
    stratum: str,
    accepts: Accepts = lambda sheet, first, end: True,
) -> list[Hole]:
    """At most `count` holes, pieces in turn by hash, at places by hash; windows of equal full bars only.

    `accepts(window, first, end)` says whether a window will do.
    """
    salt = _salt(shape, streams, stratum)
    ordered = sorted(pieces, key=lambda piece: number_of(salt, piece.id))
    queues = [_holes_of(piece, shape, streams, stratum, accepts, salt) for piece in ordered]
    found: list[Hole] = []
    while queues and len(found) < count:
        waiting = []
        for queue in queues:
            hole = next(queue, None)
            if hole is not None and len(found) < count:
                found.append(hole)
                waiting.append(queue)
        queues = waiting
    return found


def pool_holes(
    pieces: Iterable[Named],
    shape: Shape,
    streams: tuple[Stream, ...],
    count: int,
    stratum: str,
    accepts: Accepts,
) -> list[Hole]:
    """At most `count` holes out of all there are in all pieces; windows may overlap."""
    salt = _salt(shape, streams, stratum)
    found = []
    for piece in pieces:
        for start in _starts(piece.sheet, shape):
            hole = _hole_at(piece, start, shape, streams, stratum, accepts)
            if hole is not None:
                found.append((number_of(salt, piece.id, start), hole))
    return [hole for _, hole in sorted(found, key=lambda pair: pair[0])][:count]


def _salt(shape: Shape, streams: tuple[Stream, ...], stratum: str) -> str:
    return f"{stratum}/{shape.before}-{shape.hidden}-{shape.after}/{'+'.join(s.name for s in streams)}"


def number_of(*words: object) -> int:
    """A number drawn by the words alone."""
    return int(hashlib.sha256("/".join(map(str, words)).encode()).hexdigest()[:12], 16)


def in_first_half(hole: Hole, salt: str = "half") -> bool:
    """Pieces fall into two halves by hash: one to learn from, one to judge."""
    return number_of(salt, hole.piece) % 2 == 0


def _holes_of(
    piece: Named,
    shape: Shape,
    streams: tuple[Stream, ...],
    stratum: str,
    accepts: Accepts,
    salt: str,
) -> Iterator[Hole]:
    """The piece's windows in an order by hash, none overlapping another."""
    taken: list[int] = []
    starts = _starts(piece.sheet, shape)
    for start in sorted(starts, key=lambda start: number_of(salt, piece.id, start)):
        if any(abs(start - other) < shape.bars for other in taken):
            continue
        hole = _hole_at(piece, start, shape, streams, stratum, accepts)
        if hole is not None:
            taken.append(start)
            yield hole


def _starts(sheet: Sheet, shape: Shape) -> range:
    return range(sheet.first_full, len(sheet.bars) - shape.bars + 1)


def _hole_at(
    piece: Named, start: int, shape: Shape, streams: tuple[Stream, ...], stratum: str, accepts: Accepts
) -> Hole | None:
    """The window that begins at this bar, if it will do."""
    bars = piece.sheet.bars[start : start + shape.bars]
    if not is_even(bars):
        return None
    shift = piece.sheet.first_full - start
    window = replace(piece.sheet, bars=tuple(map(_told_bar, bars)), first_full=shift)
    first, end = shape.before, shape.before + shape.hidden
    if not all(is_told(window, stream) for stream in streams) or not accepts(window, first, end):
        return None
    hole = Hole(piece.id, stratum, window, first, end, streams)
    return hole if length_of(hole) <= MOST_TOKENS else None


def question_of(hole: Hole) -> Question:
    """The hole as the model is asked."""
    hidden, bars = frozenset(hole.streams), range(len(hole.sheet.bars))
    holes = tuple(hidden if hole.first <= bar < hole.end else frozenset[Stream]() for bar in bars)
    return Question(hole.sheet, holes)


def length_of(hole: Hole) -> int:
    """How many tokens the question and its answer are."""
    question = question_of(hole)
    return sum(
        len(step.tokens if isinstance(step, Forced) else answer_tokens(question, hole.sheet, step))
        for step in script(question)
    )


def told(cell: Cell) -> Cell:
    """The cell in the language's words: chord qualities outside them as the nearest, for people's chords and
    generated ones alike, so that nobody is told by his spelling."""
    return tuple(
        event._replace(quality=told_quality(event.quality))
        if isinstance(event, ChordEvent) and event.root >= 0
        else event
        for event in cell
    )  # type: ignore[return-value]


def _told_bar(bar: SheetBar) -> SheetBar:
    """The chords and the tune of a bar, which is all that everybody can hear."""
    return replace(
        bar, cells={stream: told(bar.cells[stream]) for stream in LEAD_SHEET if stream in bar.cells}
    )


def is_even(bars: Sequence[SheetBar]) -> bool:
    """One metre, every bar full."""
    metre = bars[0].metre
    full = metre[0] * 96 // metre[1]
    return all(bar.metre == metre and bar.length == full for bar in bars)


def is_told(sheet: Sheet, stream: Stream) -> bool:
    """Is the stream written in every bar, with enough in it to be music?"""
    if any(stream not in bar.cells for bar in sheet.bars):
        return False
    events = [event for bar in sheet.bars for event in bar.cells[stream]]
    if stream is Stream.CHORDS:
        heard = {(e.root, e.quality) for e in events if isinstance(e, ChordEvent) and e.root >= 0}
        return len(heard) > 1 and all(bar.cells[stream] for bar in sheet.bars)
    onsets = sum(isinstance(event, NoteEvent) and not event.tied for event in events)
    return onsets >= _LEAST_NOTES_A_BAR * len(sheet.bars)


def is_valid(hole: Hole, answer: Sheet) -> bool:
    """Are all hidden cells written and full, and is everything else as it was?"""
    if len(answer.bars) != len(hole.sheet.bars):
        return False
    for number, (bar, asked) in enumerate(zip(answer.bars, hole.sheet.bars, strict=True)):
        hidden = hole.streams if hole.first <= number < hole.end else ()
        others = {s: cell for s, cell in asked.cells.items() if s not in hidden}
        if {s: cell for s, cell in bar.cells.items() if s not in hidden} != others:
            return False
        if not all(s in bar.cells and _is_full(bar.cells[s], s, asked.length) for s in hidden):
            return False
    return True


def _is_full(cell: Cell, stream: Stream, length: int) -> bool:
    """In order, inside the bar, one at a time; chords without a gap."""
    at = 0
    for event in cell:
        if event.offset < at or event.duration <= 0 or event.offset + event.duration > length:
            return False
        if stream is Stream.CHORDS and event.offset != at:
            return False
        at = event.offset + event.duration
    return stream is not Stream.CHORDS or at == length
