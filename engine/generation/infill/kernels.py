"""What does a runtime need from a processor? One step of arithmetic for many rows, and a place for what
they heard.

A row is one token of one sequence: the sum of its features' table rows goes through the network and leaves
its keys and values in a cache. The cache has one shared plane (what all candidates have before them) and a
plane of its own for each candidate (slot). A row of a slot hears the shared plane up to `shared` and its
own up to its place. The results of a row are the same bit for bit whatever other rows go with it.

>>> rows = Rows.of_candidates([(3, 0, [[1, 2], [5]])], shared=7)
>>> rows.places, rows.starts, rows.wanted
([0, 1], [0, 2, 3], [-1, 0])
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from engine.generation.infill.weights import ROTARY_BASE

MOST_WANTED = 64
"""Rows of logits that one call may want."""
SHARED = -1
"""The slot of a row that all candidates will hear."""


@dataclass(slots=True)
class Rows:
    """Rows in order: flat feature ids and where each row's begin; slot, place in its plane, how much of the
    shared plane it hears, and which row of the logits it wants (-1: none). Rows of one slot stand
    together."""

    ids: list[int] = field(default_factory=list)
    starts: list[int] = field(default_factory=lambda: [0])
    slots: list[int] = field(default_factory=list)
    places: list[int] = field(default_factory=list)
    shared: list[int] = field(default_factory=list)
    wanted: list[int] = field(default_factory=list)

    @classmethod
    def of_prompt(cls, rows: Sequence[Sequence[int]], first: int) -> "Rows":
        """Rows of the shared plane from this place on."""
        made = cls()
        for place, ids in enumerate(rows, first):
            made._add(ids, SHARED, place, place + 1)
        return made

    @classmethod
    def of_candidates(cls, chunks: Iterable[tuple[int, int, Sequence[Sequence[int]]]], shared: int) -> "Rows":
        """(slot, first place, rows) of each candidate; the last row of each wants its logits."""
        made = cls()
        for number, (slot, first, rows) in enumerate(chunks):
            for place, ids in enumerate(rows, first):
                made._add(ids, slot, place, shared)
            made.wanted[-1] = number
        return made

    def _add(self, ids: Sequence[int], slot: int, place: int, shared: int) -> None:
        self.ids += ids
        self.starts.append(len(self.ids))
        self.slots.append(slot)
        self.places.append(place)
        self.shared.append(shared)
        self.wanted.append(-1)

    def __len__(self) -> int:
        return len(self.slots)


class Kernel(Protocol):
    """The arithmetic of one model on one device, and its cache."""

    name: str
    grain: int
    """Rows of the shared plane are only repeated exactly from a multiple of this."""

    def forward(self, rows: Rows) -> NDArray[np.float32]:
        """The logits that were wanted, (wanted, vocabulary); valid until the next call."""
        ...

    def copy(self, source: int, target: int, places: int) -> None:
        """Give one slot what the first places of another hold."""
        ...


def rotations(width: int, places: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Cosines and sines of the rotary positions, (places, width / 2)."""
    speeds = np.float32(ROTARY_BASE) ** (-np.arange(0, width, 2, dtype=np.float32) / np.float32(width))
    angles = np.outer(np.arange(places, dtype=np.float32), speeds)
    return np.cos(angles), np.sin(angles)


def waves(rows: Rows) -> list[list[int]]:
    """The first rows of all slots, then the second ones, and so on.

    >>> waves(Rows.of_candidates([(4, 0, [[1], [2]]), (2, 7, [[3]])], shared=0))
    [[0, 2], [1]]
    """
    found: list[list[int]] = []
    count = 0
    for row, slot in enumerate(rows.slots):
        count = count + 1 if row and rows.slots[row - 1] == slot else 0
        if count == len(found):
            found.append([])
        found[count].append(row)
    return found
