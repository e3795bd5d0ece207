"""How often did this chord follow those chords, in all songs the model has heard?

A context tree over byte symbols, kept as sorted arrays: for each context length m the packed contexts, and
for each
context its followers with a count per style. Probabilities are interpolated with absolute discounting
(Ney, Essen & Kneser 1994) over counts weighted by how much the song sounds like each style.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.generation.modelfile import require, require_below, require_rising

DISCOUNT = 0.6
_SMALL = 1e-9

Vector = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Level:
    """Contexts of one length: `keys[i]` has the followers `symbols[ends[i-1]:ends[i]]` and their `counts`
    by style."""

    keys: NDArray[np.uint64]
    ends: NDArray[np.uint32]
    symbols: NDArray[np.uint8]
    counts: NDArray[np.uint16]


@dataclass(frozen=True, slots=True)
class ContextTree:
    """`levels[m]` holds the contexts of m symbols; `size` symbols in all."""

    size: int
    levels: tuple[Level, ...]

    @property
    def depth(self) -> int:
        """The longest context, in symbols."""
        return len(self.levels) - 1

    def distributions(self, context: tuple[int, ...], style_weights: Vector) -> list[Vector]:
        """Follower probabilities for context lengths 0, 1 ... up to the depth, each backed off to the one
        before.

        `context`: the last symbols, newest last. Where a longer context was never heard the shorter one
        stands in.
        """
        level = self.levels[0]
        counts = level.counts @ style_weights
        found = np.full(self.size, 0.5 / self.size)
        found[level.symbols] += counts
        found /= found.sum()
        by_length = [found]
        key = 0
        for length in range(1, self.depth + 1):
            if length > len(context):
                break
            key |= context[-length] << (8 * (length - 1))
            index = self._find(length, key)
            if index < 0:
                break
            found = self._refined(self.levels[length], index, found, style_weights)
            by_length.append(found)
        by_length += [found] * (self.depth + 1 - len(by_length))
        return by_length

    def _find(self, length: int, key: int) -> int:
        keys = self.levels[length].keys
        index = int(keys.searchsorted(np.uint64(key)))
        return index if index < len(keys) and int(keys[index]) == key else -1

    def _refined(self, level: Level, index: int, shorter: Vector, style_weights: Vector) -> Vector:
        begin = int(level.ends[index - 1]) if index else 0
        end = int(level.ends[index])
        counts = level.counts[begin:end] @ style_weights
        total = float(counts.sum())
        if total < _SMALL:
            return shorter
        kept = np.maximum(counts - DISCOUNT, 0.0) / (total + DISCOUNT)
        refined = shorter * (1.0 - float(kept.sum()))
        refined[level.symbols[begin:end]] += kept
        return refined

    def arrays(self, prefix: str) -> dict[str, np.ndarray]:
        """The tree as named arrays for the model file."""
        named: dict[str, np.ndarray] = {}
        for length, level in enumerate(self.levels):
            named[f"{prefix}.{length}.keys"] = level.keys
            named[f"{prefix}.{length}.ends"] = level.ends
            named[f"{prefix}.{length}.symbols"] = level.symbols
            named[f"{prefix}.{length}.counts"] = level.counts
        return named

    @staticmethod
    def from_arrays(prefix: str, size: int, named: Mapping[str, np.ndarray]) -> "ContextTree":
        """The inverse of `arrays`. Raises ValueError or KeyError when they have the wrong form."""
        depth = sum(1 for name in named if name.startswith(f"{prefix}.") and name.endswith(".keys"))
        if not depth:
            raise ValueError(f"{prefix} has no levels")
        for length in range(depth):
            _require_form(named, f"{prefix}.{length}", size)
        levels = tuple(
            Level(*(named[f"{prefix}.{length}.{part}"] for part in ("keys", "ends", "symbols", "counts")))
            for length in range(depth)
        )
        return ContextTree(size, levels)


def pack(context: tuple[int, ...]) -> int:
    """The key of a context: newest symbol in the lowest byte."""
    key = 0
    for symbol in context:
        key = key << 8 | symbol
    return key


def _require_form(named: Mapping[str, np.ndarray], level: str, size: int) -> None:
    """Raises ValueError unless the arrays of a level fit together and name only symbols there are."""
    require(named, f"{level}.symbols", "u", None)
    entries = len(named[f"{level}.symbols"])
    require(named, f"{level}.keys", "u", None)
    require(named, f"{level}.ends", "u", len(named[f"{level}.keys"]))
    require(named, f"{level}.counts", "u", entries, None)
    require_below(named, f"{level}.symbols", size)
    require_rising(named[f"{level}.keys"], "the contexts")
    ends = named[f"{level}.ends"]
    require_rising(ends, "the ends")
    if (int(ends[-1]) if len(ends) else 0) != entries:
        raise ValueError(f"{level} has followers of no context")
