"""What speaks for each chord in each slot, and for each move between slots?"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.generation.chords.setting import Setting
from engine.generation.chords.vocabulary import TRIAD_OF_SEVENTH

Grid = NDArray[np.float64]


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


def is_home(setting: Setting, states: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which states are the tonic in the key's mode."""
    relative = (states - setting.key.tonic * 16) % 192
    third = 1 if setting.key.mode.is_minor else 0
    return np.asarray((relative // 16 == 0) & (np.array(TRIAD_OF_SEVENTH)[relative % 16] == third))
