"""Which one path, of all that a lattice believes in, is shown first?

People's roots should be met as often as can be (minimum Bayes risk, Kumar & Byrne 2004). But the likeliest
chord of every place alone is tonic or dominant more often than anybody plays them, so every chord should also
be used about as long as the lattice believes it to be: a price on each beat too many or too few, found by
dual ascent (Everett 1963).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from engine.generation.chords.lattice_ways import Grid

RIGHT, COLOUR, LEADS, MOVES = 8.0, 0.6, 0.3, 4.0
"""What a right root is worth beside its colour, the way from chord to chord, and a move to another root where
it is sure; chosen on songs kept aside, as is what follows."""
VARIETY = 2.2
"""What a slot is worth that brings a chord nearer to the time it is believed to sound."""
ROUNDS, PACE, SLOWING = 15, 6.0, 3
HEARD = 0.01
"""A chord that is nowhere more likely is left out."""
_LEAST = 1e-6


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
        favour = np.zeros(len(self._heard))
        path = best = best_path(self._worth, self._ways)
        for number in range(ROUNDS):
            missing = self._wanted - self._used(path)
            favour = np.clip(favour + PACE / (1 + number / SLOWING) * missing, -VARIETY, VARIETY)
            path = best_path(self._worth + favour, self._ways)
            best = max(best, path, key=self._total)
        return [int(self._heard[place]) for place in best]

    def _total(self, path: Sequence[int]) -> float:
        own = self._worth[np.arange(len(path)), path].sum()
        ways = sum(way[pair] for way, pair in zip(self._ways, pairwise(path), strict=True))
        off = np.abs(self._wanted - self._used(path)).sum()
        return float(own + ways - VARIETY * len(path) * off)

    @cached_property
    def _heard(self) -> NDArray[np.int64]:
        """The states that count."""
        return np.flatnonzero(self.shares.max(axis=0) > HEARD)

    @cached_property
    def _worth(self) -> Grid:
        by_root = np.stack([self.shares[:, self.roots == root].sum(axis=1) for root in range(12)], axis=1)
        right, own = by_root[:, self.roots[self._heard]], self.shares[:, self._heard]
        colour = np.log(own / np.maximum(right, _LEAST) + _LEAST)
        return np.asarray(RIGHT * right * self.lasting[:, None] + COLOUR * colour)

    @cached_property
    def _ways(self) -> list[Grid]:
        roots, among = self.roots[self._heard], np.ix_(self._heard, self._heard)
        is_other = roots[:, None] != roots
        told = zip(self.steps, self.moving, strict=True)
        return [LEADS * step[among] + MOVES * moving * is_other for step, moving in told]

    @cached_property
    def _wanted(self) -> Grid:
        """Share of the time each state is believed to sound."""
        return np.asarray(self.lasting @ self.shares[:, self._heard] / len(self.shares))

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
