"""Chance that is the same for the same request: a counter-based generator for every candidate.

Philox (Salmon et al. 2011) keyed by the request's seed and the candidate's number: no candidate's draws
depend on another's, so cancelling, order and number of candidates change nothing.
"""

from collections.abc import Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

T = TypeVar("T")


class Dice:
    """Draws for one candidate."""

    def __init__(self, seed: int, candidate: int) -> None:
        self._rng = np.random.Generator(np.random.Philox(key=[seed & (1 << 64) - 1, candidate]))

    def chance(self) -> float:
        """Uniform in 0..1."""
        return float(self._rng.random())

    def pick(self, options: Sequence[T]) -> T:
        """One of the options, all alike."""
        return options[min(len(options) - 1, int(self.chance() * len(options)))]

    def weighted(self, options: Sequence[T], weights: Sequence[float]) -> T:
        """One of the options, by weight."""
        point = self.chance() * sum(weights)
        for option, weight in zip(options, weights, strict=True):
            point -= weight
            if point < 0:
                return option
        return options[-1]

    def shuffled(self, options: Sequence[T]) -> list[T]:
        """The options in a drawn order."""
        return [options[int(place)] for place in self._rng.permutation(len(options))]

    def index(self, logits: NDArray[np.float64]) -> int:
        """An index drawn with probability ~ exp(logit)."""
        weights = np.exp(logits - logits.max())
        point = self.chance() * float(weights.sum())
        return min(len(weights) - 1, int(np.searchsorted(np.cumsum(weights), point, side="right")))
