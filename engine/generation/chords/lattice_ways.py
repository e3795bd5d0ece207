"""What speaks for each chord in each slot, and for each move between slots?"""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from engine.generation.chords.setting import Setting
from engine.generation.chords.vocabulary import TRIAD_OF_SEVENTH

Grid = NDArray[np.float64]
_TINY = 1e-300


@dataclass(frozen=True)
class Ways:
    """Log weights over `states` (absolute root x 16 + seventh class, rising): `own` of every slot, `moves` of
    a change from a state to another, `stays` and `goes` whether the chord before goes on into the slot,
    `first` and `last` of the way in and out."""

    states: NDArray[np.int64]
    own: Grid
    moves: Grid
    stays: Grid
    goes: Grid
    first: Grid
    last: Grid

    def step(self, slot: int) -> Grid:
        """From the slot before into this one, (states, states)."""
        step = self.moves + self.goes[slot]
        np.fill_diagonal(step, self.stays[slot])
        return np.asarray(step)

    def tempered(self, temperature: float) -> "Ways":
        """The same, bolder where the temperature is above 1."""
        names = ("own", "moves", "stays", "goes", "first", "last")
        return replace(self, **{name: getattr(self, name) / temperature for name in names})

    def reached(self, weights: Grid, slot: int) -> Grid:
        """Log of all ways into the slot, from those that lead to each state of the slot before."""
        return self._through(weights, slot, self._chances)

    def led(self, weights: Grid, slot: int) -> Grid:
        """The same from the end: from each state of the slot before to what lies after its beginning."""
        return self._through(weights, slot, self._chances.T)

    def root_moves(self, before: Grid, after: Grid, slot: int) -> float:
        """Probability that another root begins with the slot; log weights of all that is before it, and of it
        with all that follows."""
        early, late = _shares(before), _shares(after)
        stays, goes = float(np.exp(self.stays[slot])), float(np.exp(self.goes[slot]))
        held = stays * float(early @ late)
        same = held + goes * float(early @ self._same_root @ late)
        return 1.0 - same / (held + goes * float(early @ self._chances @ late) + _TINY)

    @cached_property
    def _chances(self) -> Grid:
        chances = np.exp(self.moves)
        np.fill_diagonal(chances, 0.0)
        return np.asarray(chances)

    @cached_property
    def _same_root(self) -> Grid:
        roots = self.states // 16
        return np.asarray(self._chances * (roots[:, None] == roots))

    def _through(self, weights: Grid, slot: int, chances: Grid) -> Grid:
        shares = _shares(weights)
        found = shares @ chances * np.exp(self.goes[slot]) + shares * np.exp(self.stays[slot])
        return np.asarray(np.log(found + _TINY) + weights.max())


def _shares(weights: Grid) -> Grid:
    return np.asarray(np.exp(weights - weights.max()))


def is_home(setting: Setting, states: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which states are the tonic in the key's mode."""
    relative = (states - setting.key.tonic * 16) % 192
    third = 1 if setting.key.mode.is_minor else 0
    return np.asarray((relative // 16 == 0) & (np.array(TRIAD_OF_SEVENTH)[relative % 16] == third))
