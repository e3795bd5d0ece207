"""Where in the bars may chords begin, and how many of them?

As in the song's own bars where there are enough of them, else where chords are felt to change in the metre;
a density asked for says how many begin in each bar (from one in two bars to two and more a bar).

>>> [counted(0.0, bar) for bar in range(4)], [counted(1.0, bar) for bar in range(4)]
([1, 0, 1, 0], [3, 2, 3, 2])
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from engine.generation.chords.metre import MetreClass, metre_class
from engine.generation.language.grid import Stream
from engine.generation.language.vocabulary import Control
from engine.generation.search.chord_hole import ChordHole, own_places

_ENOUGH_BARS, _SHARE = 4, 0.1
_DENSE, _SPARSE = 0.7, 0.25
_HYMNS = ("hymn", "chorale")
_MOST = 3


@dataclass(frozen=True)
class Rhythm:
    """By bar of the sheet: `places` in grid ticks; `counts` the least and most chords of a bar; `begun` how
    many should begin (0: the chord before is held), where a density was asked for."""

    places: Mapping[int, frozenset[int]]
    counts: Mapping[int, tuple[int, int]]
    begun: Mapping[int, int]

    def holds(self, bar: int) -> bool:
        return self.begun.get(bar) == 0

    def begins(self, bar: int) -> bool:
        return self.begun.get(bar, 0) > 0

    def controls(self, bar: int) -> dict[Control, int]:
        """As it is told to the model."""
        return {Control.CHORDRATE: min(self.begun[bar], _MOST)} if bar in self.begun else {}


def counted(density: float, bar: int) -> int:
    """How many chords begin in a bar, counted from the first, so that the mean is as asked."""
    rate = 0.5 + 2.0 * density
    return int(rate * (bar + 1) + 0.5) - int(rate * bar + 0.5)


def rhythm_of(hole: ChordHole) -> Rhythm:
    density = hole.setting.request.controls.density
    own = own_places(hole)
    usual = _usual(own) if len(own) >= _ENOUGH_BARS and density is None else None
    metre = hole.sheet.bars[hole.hole.start].metre
    places, counts, begun = {}, {}, {}
    most = max((len(bar) for bar in own), default=0)
    for number, bar in enumerate(hole.hole):
        told = hole.sheet.bars[bar]
        if usual is not None and told.metre == metre:
            felt = hole.pulses(bar) if hole.sheet.has(Stream.MELODY) else ()
            places[bar] = frozenset(place for place in (*usual, *felt) if place < told.length)
            counts[bar] = (1, max(1, most))
        else:
            places[bar] = frozenset(_felt(hole, bar, density))
        if density is not None:
            begun[bar] = min(counted(density, number), len(places[bar]), _MOST)
            begun[bar] = max(begun[bar], 1) if not number else begun[bar]
            counts[bar] = (max(1, begun[bar]), max(1, begun[bar]))
    return Rhythm(places, counts, begun)


def _usual(own: list[frozenset[int]]) -> frozenset[int]:
    """The places of more than a few bars, the downbeat always."""
    counted_places = Counter(place for bar in own for place in bar)
    return frozenset({0, *(p for p, count in counted_places.items() if count > _SHARE * len(own))})


def _felt(hole: ChordHole, bar: int, density: float | None) -> list[int]:
    """On the pulses of the metre: half bars, whole bars in triple time, unless more or fewer are wanted."""
    pulses = hole.pulses(bar)
    style = hole.setting.request.controls.style.lower()
    kind = metre_class(hole.metre(bar))
    if (density is not None and density > _DENSE) or any(word in style for word in _HYMNS):
        return pulses
    if density is not None and density <= _SPARSE:
        return pulses[:1]
    if kind is MetreClass.QUADRUPLE and len(pulses) == 4:
        return pulses[::2]
    return pulses[:1] if kind is MetreClass.TRIPLE else pulses
