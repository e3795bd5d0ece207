"""How many bits does each note or chord cost, for a model and for the best n-gram of the same music?

Symbols are those of the language: a pitch (or rest, or what is held) and a duration in turn, bars marked; bar
marks cost nothing, all else is counted and divided by the notes (chords) that begin.

>>> from engine.generation.language.grid import SheetBar
>>> bar = SheetBar((4, 4), 96, {Stream.MELODY: (NoteEvent(0, 48, 60),)})
>>> symbols_of([bar], Stream.MELODY)
['|', 60, 'd48', 'R', 'd48']
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from engine.generation.language.grid import ChordEvent, NoteEvent, Sheet, SheetBar, Stream
from engine.training.infill.evaluation.holes import Hole, told
from engine.training.melody.ngram import NGram

Bits = Callable[[Sequence[Hole]], Sequence[Mapping[Stream, float]]]
"""What the content of each hole costs, stream by stream, in bits, all around it known."""
Symbol = int | str
ORDERS = (3, 4, 5, 6, 7)
_BAR = "|"


def symbols_of(bars: Iterable[SheetBar], stream: Stream) -> list[Symbol]:
    """The stream of the bars, symbol by symbol."""
    found: list[Symbol] = []
    for bar in bars:
        found.append(_BAR)
        at = 0
        for event in told(bar.cells.get(stream, ())):
            if event.offset > at:
                found += ["R", f"d{event.offset - at}"]
            found += [_value(event), f"d{event.duration}"]
            at = event.offset + event.duration
        if at < bar.length:
            found += ["R", f"d{bar.length - at}"]
    return found


def _value(event: NoteEvent | ChordEvent) -> Symbol:
    if isinstance(event, ChordEvent):
        return f"c{event.root}:{event.quality}/{event.bass}"
    return "H" if event.tied else event.pitch


def count_of(hole: Hole) -> dict[Stream, int]:
    """How many notes (chords) begin in the hole, stream by stream."""
    found = {}
    for stream in hole.streams:
        events = [e for bar in hole.sheet.bars[hole.first : hole.end] for e in bar.cells.get(stream, ())]
        found[stream] = sum(not (isinstance(event, NoteEvent) and event.tied) for event in events)
    return found


def bits_an_event(holes: Sequence[Hole], bits: Bits) -> dict[Stream, float]:
    """Bits a note (chord) over all holes."""
    total: dict[Stream, float] = {}
    events: dict[Stream, int] = {}
    for hole, costs in zip(holes, bits(holes), strict=True):
        for stream, cost in costs.items():
            total[stream] = total.get(stream, 0.0) + cost
        for stream, count in count_of(hole).items():
            events[stream] = events.get(stream, 0) + count
    return {stream: cost / max(1, events[stream]) for stream, cost in total.items()}


@dataclass(frozen=True)
class BestNGram:
    """Interpolated Kneser-Ney n-grams of a stream; the order is the one best on other pieces, where it costs
    `cost` bits in all."""

    stream: Stream
    order: int
    cost: float
    model: NGram
    _codes: dict[Symbol, int]

    @staticmethod
    def of(stream: Stream, learn: Sequence[Sheet], valid: Sequence[Sheet]) -> "BestNGram":
        codes: dict[Symbol, int] = {_BAR: 0}
        learnt = [[codes.setdefault(s, len(codes)) for s in symbols_of(x.bars, stream)] for x in learn]
        held = [[codes.get(s, -2) for s in symbols_of(x.bars, stream)] for x in valid]
        best: BestNGram | None = None
        for order in ORDERS:
            model = NGram(learnt, order)
            cost = _cost(model, order, held)
            if best is None or cost < best.cost:
                best = BestNGram(stream, order, cost, model, codes)
        assert best is not None
        return best

    def bits(self, holes: Sequence[Hole]) -> list[Mapping[Stream, float]]:
        """The cost of each hole, everything before it known."""
        return [{self.stream: self._cost_of(hole)} for hole in holes]

    def _cost_of(self, hole: Hole) -> float:
        before = self._told(hole.sheet.bars[: hole.first])
        whole = before + self._told(hole.sheet.bars[hole.first : hole.end])
        cost = 0.0
        for at in range(len(before), len(whole)):
            if whole[at]:
                cost -= math.log2(self.model.probability(whole[max(0, at - self.order + 1) : at], whole[at]))
        return cost

    def _told(self, bars: Iterable[SheetBar]) -> list[int]:
        return [self._codes.get(symbol, -2) for symbol in symbols_of(bars, self.stream)]


def _cost(model: NGram, order: int, sequences: Sequence[Sequence[int]]) -> float:
    cost = 0.0
    for sequence in sequences:
        for at, code in enumerate(sequence):
            if code:
                before = list(sequence[max(0, at - order + 1) : at])
                cost -= math.log2(model.probability(before, code))
    return cost
