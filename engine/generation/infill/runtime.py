"""What does the model expect next, after a question and after what each candidate has written so far?

The question is read once (`read`): candidates share what it left in the cache without copying it. When the
next question begins as the last one did (one bar was changed), the beginning is not read again. A
`Branches` is a number of candidates that go on from there, each at its own pace; their logits do not depend
on each other.

>>> from engine.generation.infill.weights import Sizes, random_weights
>>> sizes = Sizes(d=64, layers=1, heads=2, ff=64, vocabulary=40, features=50, context=32)
>>> runtime = Runtime(random_weights(sizes, seed=1), slots=2, own_places=16)
>>> runtime.read([[3], [4, 41], [5]]), runtime.read([[3], [4, 41], [6]]) <= 3
(3, True)
>>> runtime.fork(2).step([(0, [[7]]), (1, [[8], [9, 44]])]).shape
(2, 40)
"""

import os
from collections.abc import Sequence
from itertools import takewhile

import numpy as np
from numpy.typing import NDArray

from engine.api.errors import ImpossibleError
from engine.generation.infill.kernels import Kernel, Rows
from engine.generation.infill.weights import Weights

SLOTS = 24
OWN_PLACES = 512
_MOST_THREADS = 4
_WORTH_A_CARD = 20_000_000

Features = Sequence[int]


class Runtime:
    """One model, ready to work. One question at a time: a new one ends the branches of the last."""

    def __init__(
        self,
        weights: Weights,
        slots: int = SLOTS,
        own_places: int = OWN_PLACES,
        kernel: Kernel | None = None,
    ) -> None:
        self.sizes = weights.sizes
        self.slots, self.own_places = slots, own_places
        self.kernel = kernel or best_kernel(weights, slots, own_places)
        self._read: list[Features] = []

    def read(self, rows: Sequence[Features]) -> int:
        """Read a question; how many of its rows had to be computed. Raises ImpossibleError when too long."""
        if len(rows) > self.sizes.context:
            raise ImpossibleError("This is too long to be heard at once; ask for fewer bars.")
        pairs = zip(self._read, rows, strict=False)
        known = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
        known -= known % self.kernel.grain if known < len(rows) else 0
        if known < len(rows):
            self.kernel.forward(Rows.of_prompt(rows[known:], known))
        self._read = [list(row) for row in rows]
        return len(rows) - known

    def fork(self, count: int) -> "Branches":
        """Candidates that all go on from the question. Raises ValueError when there are too many."""
        if not 0 < count <= self.slots:
            raise ValueError(f"there is room for one to {self.slots} candidates")
        return Branches(self.kernel, count, len(self._read), self.own_places)


class Branches:
    """Candidates at work; candidate k writes in a slot of its own."""

    def __init__(self, kernel: Kernel, count: int, shared: int, own_places: int) -> None:
        self._kernel = kernel
        self._shared, self._own_places = shared, own_places
        self._slots = list(range(count))
        self.lengths = [0] * count

    def step(self, chunks: Sequence[tuple[int, Sequence[Features]]]) -> NDArray[np.float32]:
        """(candidate, its next rows) for some of them; the logits after each one's last row, (chunks,
        vocabulary), valid until the next call. Raises ImpossibleError when a candidate grows too long."""
        placed = []
        for candidate, rows in chunks:
            start = self.lengths[candidate]
            self.lengths[candidate] = start + len(rows)
            if start + len(rows) > self._own_places:
                raise ImpossibleError("This is too much to be written at once; ask for fewer bars.")
            placed.append((self._slots[candidate], start, rows))
        return self._kernel.forward(Rows.of_candidates(placed, self._shared))

    def resample(self, indices: Sequence[int], first: int = 0) -> None:
        """Of the candidates from `first` on number k becomes a copy of number indices[k]; who goes on as
        himself is not copied."""
        stop = first + len(indices)
        old, lengths = self._slots[first:stop], self.lengths[first:stop]
        slots: list[int] = [-1] * len(old)
        kept: set[int] = set()
        order = sorted(range(len(old)), key=lambda k: indices[k] != k)
        for k in order:
            if indices[k] not in kept:
                kept.add(indices[k])
                slots[k] = old[indices[k]]
        free = [slot for slot in old if slot not in slots]
        for k in order:
            if slots[k] < 0:
                slots[k] = free.pop()
                self._kernel.copy(old[indices[k]], slots[k], lengths[indices[k]])
        self._slots[first:stop] = slots
        self.lengths[first:stop] = [lengths[index] for index in indices]


def best_kernel(weights: Weights, slots: int, own_places: int) -> Kernel:
    """Machine code where it can be had; else a graphics card; else numpy.

    A model of this size waits for a card's calls longer than a core needs to compute it; one several times as
    large does not.
    """
    from engine.generation.infill.kernels_compiled import CompiledKernel, compiled_library
    from engine.generation.infill.kernels_numpy import NumpyKernel
    from engine.generation.infill.torch_runtime import TorchKernel, device_for_decoding

    library = compiled_library()
    device = device_for_decoding() if library is None or weights.count > _WORTH_A_CARD else None
    if device is not None:
        return TorchKernel(weights, slots, own_places, device)
    if library is not None:
        return CompiledKernel(weights, slots, own_places, library, default_threads())
    return NumpyKernel(weights, slots, own_places)


def default_threads() -> int:
    """Half the processor's cores: the window and the sound need theirs."""
    return max(1, min(_MOST_THREADS, (os.cpu_count() or 1) // 2))
