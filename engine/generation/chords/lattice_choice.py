"""Which one path, of all that a lattice believes in, is shown first?

People's roots should be met as often as can be (minimum Bayes risk, Kumar & Byrne 2004). But the likeliest
chord of every place alone is tonic or dominant, and plain, more often than anybody plays them. So a path
should be as varied as the lattice believes people to be over this very melody: seldom heard chords are
favoured, where they are likeliest, until the entropy of what is used is a share of the entropy of all that is
believed (dual ascent, Everett 1963). Colours are then chosen so that each lasts about as long as it is
believed to.
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
VARIED, UNVARIED = 0.85, 2.0
"""How varied one path is beside all that are believed in together, and what a slot costs for each nat it is
less. People's are about .8; more variety of roots costs agreement, .005 at .85 against .78."""
COLOURED = 2.0
"""What a slot is worth that brings a colour nearer to the time it is believed to sound."""
ROUNDS, PACE, SLOWING = 20, 3.0, 2
_FAVOURED, _MOST_FAVOURED, _LEARNS, _LEARNS_LONG, _SELDOM = 0.3, 1.5, 0.5, 4, 0.02
HEARD = 0.01
"""A chord that is nowhere more likely is left out."""
_LEAST, _NEVER = 1e-6, -1e6


@dataclass(frozen=True)
class Belief:
    """`roots` of the states, and `triads`: which are the same but for their colour; `shares`: probability of
    every state in every slot; `moving`: that another root begins, for every slot but the first; `steps`: log
    weights from each slot to the next; `lasting`: how long slots are, 1 on average."""

    roots: NDArray[np.int64]
    triads: NDArray[np.int64]
    shares: Grid
    moving: Sequence[float]
    steps: Sequence[Grid]
    lasting: Grid

    def chosen(self) -> list[int]:
        """The path, as places among the states."""
        path = self._spread()
        shares = (self._own + _LEAST) * (self._own_roots == self._own_roots[path][:, None])
        shares = shares / shares.sum(axis=1, keepdims=True)
        worth = np.where(shares > 0, COLOUR * np.log(shares + _LEAST), _NEVER)
        return [int(self._heard[place]) for place in self._as_believed(worth, shares)]

    def _spread(self) -> list[int]:
        """The path of most worth that is varied enough, or nearly."""
        wanted = VARIED * _entropy(self._lasting(self._own) @ self._of_triad)
        path = best_path(self._worth, self._ways)
        used = self._used(path) @ self._of_triad
        if _entropy(used) >= wanted:
            return path
        best, favour = path, _FAVOURED

        def cost(lacking: float) -> float:
            return UNVARIED * len(path) * max(0.0, lacking)

        least = cost(wanted - _entropy(used)) - self._total(path, self._worth)
        for number in range(ROUNDS):
            seldom = self._of_triad @ -np.log(used + _SELDOM)
            path = best_path(self._worth + favour * seldom * self.lasting[:, None], self._ways)
            now = self._used(path) @ self._of_triad
            lacking, pace = wanted - _entropy(now), _LEARNS / (1 + number / _LEARNS_LONG)
            if cost(lacking) - self._total(path, self._worth) < least:
                least, best = cost(lacking) - self._total(path, self._worth), path
            used = (1 - pace) * used + pace * now
            favour = float(np.clip(favour + pace * lacking, 0.0, _MOST_FAVOURED))
        return best

    def _as_believed(self, worth: Grid, shares: Grid) -> list[int]:
        """The best path where a slot of too much or too little of a chord costs COLOURED."""
        wanted = self._lasting(shares)
        favour = np.zeros(len(wanted))
        path = best = best_path(worth, self._ways)

        def total(path: Sequence[int]) -> float:
            off = np.abs(wanted - self._used(path)).sum()
            return self._total(path, worth) - COLOURED * len(path) * float(off)

        for number in range(ROUNDS):
            missing = wanted - self._used(path)
            favour = np.clip(favour + PACE / (1 + number / SLOWING) * missing, -COLOURED, COLOURED)
            path = best_path(worth + favour, self._ways)
            best = max(best, path, key=total)
        return best

    def _total(self, path: Sequence[int], worth: Grid) -> float:
        own = worth[np.arange(len(path)), path].sum()
        ways = sum(way[pair] for way, pair in zip(self._ways, pairwise(path), strict=True))
        return float(own + ways)

    def _lasting(self, shares: Grid) -> Grid:
        """The share of the time that each chord is believed to sound."""
        return np.asarray(self.lasting @ shares / len(shares))

    @cached_property
    def _heard(self) -> NDArray[np.int64]:
        """The states that count."""
        return np.flatnonzero(self.shares.max(axis=0) > HEARD)

    @cached_property
    def _of_triad(self) -> Grid:
        """1 where a state that counts is of a triad, (states, triads)."""
        own = self.triads[self._heard]
        return np.asarray(own[:, None] == np.unique(own), float)

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


def _entropy(shares: Grid) -> float:
    """In nats."""
    some = shares[shares > 0]
    return float(-(some * np.log(some)).sum())


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
