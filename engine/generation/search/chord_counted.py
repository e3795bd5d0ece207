"""What does the harmoniser think of the next chord, having heard the melody to its end?

The lattice of the instant generator over the places where chords may begin; its opinion is asked from slot to
slot while the model writes, and multiplied with the model's (a product of experts, Hinton 2002).
"""

from collections.abc import Mapping
from copy import copy

import numpy as np

from engine.generation.chords.lattice import Lattice
from engine.generation.chords.vocabulary import SEVENTH_NAMES
from engine.generation.language.grid import ChordEvent
from engine.generation.language.vocabulary import QUALITIES
from engine.generation.search.chord_hole import ChordHole
from engine.generation.search.chord_leanings import Floats, from_classes

SURE, FREE = 0.8, 0.4
"""How much the harmoniser is trusted beside the model, where the take is to be sure and where it is
free; chosen on the valid part."""
_TENSION = 2.0
"""What a chord with tensions is less likely than the plain one of its class."""
_HAS_TENSIONS = np.arange(len(QUALITIES)) >= len(SEVENTH_NAMES)


class Counted:
    """`places`: where chords may begin, by bar of the sheet; `trust` multiplies the log probabilities."""

    def __init__(self, hole: ChordHole, places: Mapping[int, frozenset[int]], trust: float = SURE) -> None:
        self._hole, self.trust = hole, trust
        edges = {hole.ticks(bar, place) for bar in hole.hole for place in places[bar]}
        self.lattice = Lattice(hole.setting, [*sorted(edges), hole.setting.end_ticks], hole.fit)
        self._outlook = self.lattice.outlook()
        self._slots = {edge: slot for slot, edge in enumerate(self.lattice.edges[:-1])}
        self._known: dict[tuple[int, int, str], Floats] = {}

    def trusted(self, trust: float) -> "Counted":
        """The same, trusted so much."""
        other = copy(self)
        other.trust = trust
        return other

    def chords(self, bar: int, tick: int, before: ChordEvent | None) -> Floats:
        """Log probabilities of the language's chords (12 roots above the tonic x qualities)."""
        slot = self._slots.get(self._hole.ticks(bar, tick))
        if slot is None:
            return np.zeros(1)
        key = (slot, -1, "") if before is None or before.root < 0 else (slot, before.root, before.quality)
        if key not in self._known:
            chord = None if key[1] < 0 or before is None else self._hole.chord(before)
            weights = from_classes(self._outlook.chords(slot, chord), self._hole.tonic)
            self._known[key] = weights - _TENSION * _HAS_TENSIONS
        return self._known[key]

    def holding(self, bar: int, tick: int, chord: ChordEvent) -> tuple[float, float]:
        """Log probabilities that the chord goes on there, and that another begins."""
        slot = self._slots.get(self._hole.ticks(bar, tick))
        return (0.0, 0.0) if not slot else self._outlook.holding(slot, self._hole.chord(chord))
