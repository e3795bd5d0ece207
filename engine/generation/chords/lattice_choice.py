"""Which one path, of all that a lattice believes in, is shown first?

People's roots should be met as often as can be (minimum Bayes risk, Kumar & Byrne 2004). But the likeliest
chord of every place alone is tonic or dominant, and plain, more often than anybody plays them, so every chord
should also be used about as long as the lattice believes it to be: a price on each slot too many or too few,
found by dual ascent (Everett 1963). It is low for roots, which it costs some agreement, and high for colours.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from engine.generation.chords.lattice_ways import Grid

RIGHT, COLOUR, LEADS, MOVES = 8.0, 0.6, 0.2, 3.5
"""What a right root is worth beside its colour, the way from chord to chord, and a move to another root where
it is sure; chosen on songs kept aside, as is what follows."""
VARIED, COLOURED = 1.0, 2.0
"""What a slot is worth that brings a chord nearer to the time it is believed to sound, while roots are chosen
and while their colours are. More variety of roots costs agreement: .007 at 1 against .3."""
ROUNDS, PACE, SLOWING = 20, 3.0, 2
HEARD = 0.01
"""A chord that is nowhere more likely is left out."""
_LEAST, _NEVER = 1e-6, -1e6


@dataclass(frozen=True)
class Belief:
    """`roots` of the states; `shares`: probability of every state in every slot; `moving`: that another root
    begins, for every slot but the first; `steps`: log weights from each slot to the next; `lasting`: how long
    slots are, 1 on average."""

    roots: NDArray[np.int64]
    shares: Grid
    moving: Sequence[float]
    steps: Sequence[Grid]
    lasting: Grid

    def chosen(self) -> list[int]:
        """The path, as places among the states."""
        path = self._varied(self._worth, self._own, VARIED)
        shares = (self._own + _LEAST) * (self._own_roots == self._own_roots[path][:, None])
        shares = shares / shares.sum(axis=1, keepdims=True)
        worth = np.where(shares > 0, COLOUR * np.log(shares + _LEAST), _NEVER)
        return [int(self._heard[place]) for place in self._varied(worth, shares, COLOURED)]

    def _varied(self, worth: Grid, shares: Grid, price: float) -> list[int]:
        """The best path where a slot of too much or too little of a chord costs the price."""
        wanted = self.lasting @ shares / len(shares)
        favour = np.zeros(len(wanted))
        path = best = best_path(worth, self._ways)
        for number in range(ROUNDS):
            missing = wanted - self._used(path)
            favour = np.clip(favour + PACE / (1 + number / SLOWING) * missing, -price, price)
            path = best_path(worth + favour, self._ways)
            best = max(best, path, key=lambda one: self._total(one, worth, wanted, price))
        return best

    def _total(self, path: Sequence[int], worth: Grid, wanted: Grid, price: float) -> float:
        own = worth[np.arange(len(path)), path].sum()
        ways = sum(way[pair] for way, pair in zip(self._ways, pairwise(path), strict=True))
        return float(own + ways - price * len(path) * np.abs(wanted - self._used(path)).sum())

    @cached_property
    def _heard(self) -> NDArray[np.int64]:
        """The states that count."""
        return np.flatnonzero(self.shares.max(axis=0) > HEARD)

    @cached_property
    def _own(self) -> Grid:
        return self.shares[:, self._heard]

    @cached_property
    def _own_roots(self) -> NDArray[np.int64]:
        return self.roots[self._heard]

    @cached_property
    def _worth(self) -> Grid:
        by_root = np.stack([self.shares[:, self.roots == root].sum(axis=1) for root in range(12)], axis=1)
        right = by_root[:, self._own_roots]
        colour = np.log(self._own / np.maximum(right, _LEAST) + _LEAST)
        return np.asarray(RIGHT * right * self.lasting[:, None] + COLOUR * colour)

    @cached_property
    def _ways(self) -> list[Grid]:
        among = np.ix_(self._heard, self._heard)
        is_other = self._own_roots[:, None] != self._own_roots
        told = zip(self.steps, self.moving, strict=True)
        return [LEADS * step[among] + MOVES * moving * is_other for step, moving in told]

    def _used(self, path: Sequence[int]) -> Grid:
        return np.bincount(path, weights=self.lasting, minlength=len(self._heard)) / len(path)


def best_path(worth: Grid, steps: Sequence[Grid]) -> list[int]:
    """The path of most worth (Viterbi 1967)."""
    best, back = worth[0], []
    for own, step in zip(worth[1:], steps, strict=True):
        scores = best[:, None] + step
        back.append(scores.argmax(axis=0))
        best = scores.max(axis=0) + own
    path = [int(best.argmax())]
    for pointers in reversed(back):
        path.append(int(pointers[path[-1]]))
    return path[::-1]
