"""Context trees from sequences of symbols."""

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np

from engine.generation.chords.ngram import ContextTree, Level, pack

_MOST = np.iinfo(np.uint16).max


class TreeCounter:
    """Counts followers of every context up to `depth` symbols, by style."""

    def __init__(self, size: int, depth: int, styles: int) -> None:
        self._size, self._depth, self._styles = size, depth, styles
        self._counts: list[Counter[tuple[int, int, int]]] = [Counter() for _ in range(depth + 1)]

    def add(self, context: Sequence[int], follower: int, style: int) -> None:
        """One chord heard after `context` (newest last)."""
        for length in range(min(self._depth, len(context)) + 1):
            key = pack(tuple(context[len(context) - length :]))
            self._counts[length][key, follower, style] += 1

    def tree(self, least: int = 2) -> ContextTree:
        """The counted tree; contexts of two and more symbols heard fewer than `least` times are left out."""
        return ContextTree(
            self._size,
            tuple(
                self._level(counts, least if length >= 2 else 1) for length, counts in enumerate(self._counts)
            ),
        )

    def _level(self, counts: Counter[tuple[int, int, int]], least: int) -> Level:
        rows: dict[int, dict[int, list[int]]] = {}
        for (key, follower, style), count in counts.items():
            rows.setdefault(key, {}).setdefault(follower, [0] * self._styles)[style] += count
        kept = sorted(key for key, followers in rows.items() if _total(followers.values()) >= least)
        symbols: list[int] = []
        table: list[list[int]] = []
        ends: list[int] = []
        for key in kept:
            for follower in sorted(rows[key]):
                symbols.append(follower)
                table.append(rows[key][follower])
            ends.append(len(symbols))
        return Level(
            np.array(kept, dtype=np.uint64),
            np.array(ends, dtype=np.uint32),
            np.array(symbols, dtype=np.uint8),
            np.minimum(np.array(table, dtype=np.int64).reshape(-1, self._styles), _MOST).astype(np.uint16),
        )


def _total(rows: Iterable[list[int]]) -> int:
    return sum(sum(row) for row in rows)
