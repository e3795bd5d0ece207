"""Which chain of chords explains all beats best, and how sure is each of its chords?

The best chain by Viterbi's recursion; belief in each chord at each slot by forward and backward sums over
all chains (Rabiner, A Tutorial on Hidden Markov Models, 1989).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

_LOOK_UP = 64


@dataclass(frozen=True, slots=True)
class Chain:
    """emission: (slots, chords) log scores. prior: (chords,) paid when a chord begins.

    moves: (chords, chords) log ease of going from one to another. prices: (slots,) what a change costs.
    """

    emission: np.ndarray
    prior: np.ndarray
    moves: np.ndarray
    prices: np.ndarray

    def best_path(self, checkpoint: Callable[[], None]) -> np.ndarray:
        """(slots,) the best chain of chords."""
        slots, words = self.emission.shape
        came = np.zeros((slots, words), np.int16)
        score = self.emission[0] + self.prior
        stay = np.arange(words)
        arrivals = np.ascontiguousarray(self.moves.T)
        np.fill_diagonal(arrivals, -np.inf)
        for slot in range(1, slots):
            if slot % _LOOK_UP == 0:
                checkpoint()
            options = score + arrivals
            best = options.argmax(axis=1)
            changed = options[stay, best] + self.prior - self.prices[slot]
            came[slot] = np.where(changed > score, best, stay)
            score = np.maximum(changed, score) + self.emission[slot]
        path = np.zeros(slots, int)
        path[-1] = int(score.argmax())
        for slot in range(slots - 1, 0, -1):
            path[slot - 1] = came[slot, path[slot]]
        return path

    def beliefs(self) -> np.ndarray:
        """(slots, chords) the share of belief in each chord at each slot, all chains summed."""
        likely = np.exp(self.emission - self.emission.max(axis=1, keepdims=True))
        free = np.exp(self.moves + self.prior[None, :])
        np.fill_diagonal(free, 0.0)
        slots = len(likely)
        forward, backward = np.empty_like(likely), np.ones_like(likely)
        forward[0] = _whole(likely[0] * np.exp(self.prior))
        for slot in range(1, slots):
            before = forward[slot - 1]
            arrives = before + np.exp(-self.prices[slot]) * (before @ free)
            forward[slot] = _whole(arrives * likely[slot])
        for slot in range(slots - 2, -1, -1):
            after = backward[slot + 1] * likely[slot + 1]
            backward[slot] = _whole(after + np.exp(-self.prices[slot + 1]) * (free @ after))
        belief = forward * backward
        return np.asarray(belief / belief.sum(axis=1, keepdims=True))


def _whole(shares: np.ndarray) -> np.ndarray:
    return np.asarray(shares / shares.sum())
