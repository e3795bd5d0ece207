"""How likely is each next rhythm or pitch, given counts of everything the experts look at?

A context is a hashed key (expert level + field values); its counts lie in one sorted table. Each family's
level is smoothed by the level below with absolute discounting (Ney, Essen & Kneser 1994), and the levels of
all families are mixed log-linearly, p(x) ~ exp(sum_k w_k log p_k(x)) (logistic mixing as in Mahoney's PAQ,
over a whole alphabet), with weights that depend on how often the level's context was seen. Arrays only;
nothing here is specific to training.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.generation.melody.experts import Alphabet, Family

PITCH_LOW, PITCH_HIGH = -24, 35
PITCH_COUNT = PITCH_HIGH - PITCH_LOW + 1
INTERVAL_REACH = 24
INTERVAL_COUNT = 2 * INTERVAL_REACH + 1
DISCOUNT = 0.6
SEEN_BUCKETS = 15
_KEPT_LATELY = 1000
_FLOOR = 1e-7
_MASK = (1 << 64) - 1
_PRIME = 0x9E3779B97F4A7C15

Floats = NDArray[np.float64]


class Table(NamedTuple):
    """Counts by context: sorted 32-bit `keys`, `sizes` entries each, their `symbols` and `counts`."""

    keys: NDArray[np.uint32]
    starts: NDArray[np.int64]
    symbols: NDArray[np.uint8]
    counts: NDArray[np.uint8]


def hash_columns(level: int, columns: NDArray[np.int64]) -> NDArray[np.uint32]:
    """The 32-bit keys of a level's contexts: columns (rows, fields) -> keys (rows,)."""
    key = np.full(len(columns), (level + 1) * _PRIME & _MASK, dtype=np.uint64)
    for column in columns.T:
        key = (key ^ (column + 1).astype(np.uint64)) * np.uint64(_PRIME)
        key ^= key >> np.uint64(29)
    return (key >> np.uint64(32)).astype(np.uint32)


def seen_bucket(totals: NDArray[np.int64], kinds: NDArray[np.int64]) -> NDArray[np.int64]:
    """How well known contexts are: 0 unseen; else by the logarithm of the count, apart for a single
    outcome.
    """
    logs = np.minimum(6, np.floor(np.log2(np.maximum(totals, 1)))).astype(np.int64)
    return np.where(totals > 0, 1 + 2 * logs + (kinds == 1), 0)


@dataclass
class Stream:
    """One of the two streams (rhythm, pitch): its families, counts and mixing weights.

    weights: (styles, levels, SEEN_BUCKETS). Levels are numbered family by family, little context first.
    """

    families: tuple[Family, ...]
    fields: tuple[str, ...]
    sizes: dict[Alphabet, int]
    table: Table
    weights: Floats

    def __post_init__(self) -> None:
        self._lay_out_levels()
        self._lately: dict[tuple[int, ...], tuple[NDArray[np.float32], NDArray[np.int64]]] = {}
        starts = self.table.starts
        counts = self.table.counts.astype(np.int64)
        sums = np.concatenate([[0], np.cumsum(counts)])
        totals, kinds = sums[starts[1:]] - sums[starts[:-1]], np.diff(starts)
        self._totals = np.append(totals, 1)
        self._kinds = np.append(kinds, 0)
        self._left_over = np.append(DISCOUNT * kinds / np.maximum(totals, 1), 1.0).astype(np.float32)
        self._buckets = np.append(seen_bucket(totals, kinds), 0)

    def _lay_out_levels(self) -> None:
        """Index arrays over all levels: which fields they look at, which level is below, which alphabet."""
        index = {name: place for place, name in enumerate(self.fields)}
        levels = [
            (depth, family, names) for family in self.families for depth, names in enumerate(family.levels)
        ]
        longest = max(len(names) for _, _, names in levels)
        columns = [[index[name] for name in names] + [0] * (longest - len(names)) for _, _, names in levels]
        self._columns = np.array(columns, dtype=np.int64)
        self._used = np.array([[k < len(names) for k in range(longest)] for _, _, names in levels])
        self._seeds = np.array([(k + 1) * _PRIME & _MASK for k in range(len(levels))], dtype=np.uint64)
        depths = np.array([depth for depth, _, _ in levels])
        self._by_depth = [np.flatnonzero(depths == depth) for depth in range(int(depths.max()) + 1)]
        self._alphabets = [family.alphabet for _, family, _ in levels]
        is_interval = np.array([alphabet is Alphabet.INTERVAL for alphabet in self._alphabets])
        self.kinds = np.stack([is_interval, ~is_interval])
        self._uniform = np.array([1 / self.sizes[alphabet] for alphabet in self._alphabets], dtype=np.float32)
        self._width = max(self.sizes.values())
        self._levels = np.arange(len(levels))

    def _keys(self, contexts: Sequence[tuple[int, ...]]) -> NDArray[np.uint32]:
        """The key of every level in each of these circumstances; `hash_columns` for all levels."""
        values = (np.array(contexts, dtype=np.int64) + 1).astype(np.uint64)[:, self._columns]
        key = np.broadcast_to(self._seeds, values.shape[:2])
        for place in range(values.shape[2]):
            mixed = (key ^ values[:, :, place]) * np.uint64(_PRIME)
            mixed ^= mixed >> np.uint64(29)
            key = np.where(self._used[:, place], mixed, key)
        return (key >> np.uint64(32)).astype(np.uint32)

    def log_levels(self, contexts: tuple[int, ...]) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """Log-probabilities of every level (levels, widest alphabet) and their seen-buckets (levels,).

        Kept for the circumstances asked lately: a take is scored after it was drawn; candidates begin alike.
        """
        if contexts not in self._lately:
            self.look_up([contexts])
        return self._lately[contexts]

    def look_up(self, contexts: Sequence[tuple[int, ...]]) -> None:
        """All these circumstances at once, to be asked one by one then."""
        new = [one for one in dict.fromkeys(contexts) if one not in self._lately]
        if not new:
            return
        if len(self._lately) + len(new) > _KEPT_LATELY:
            self._lately.clear()
        logs, buckets = self._log_levels(new)
        self._lately |= zip(new, zip(logs, buckets, strict=True), strict=True)

    def _log_levels(
        self, contexts: Sequence[tuple[int, ...]]
    ) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """As `log_levels`, one after the other."""
        keys = self._keys(contexts)
        places = np.minimum(np.searchsorted(self.table.keys, keys), len(self.table.keys) - 1)
        places = np.where(self.table.keys[places] == keys, places, len(self.table.keys))
        kinds = self._kinds[places].ravel()
        rows = np.zeros((*keys.shape, self._width), dtype=np.float32)
        owner = np.repeat(np.arange(len(kinds)), kinds)
        begins = self.table.starts[np.minimum(places, len(self.table.keys) - 1)].ravel()
        entries = np.arange(len(owner)) + np.repeat(begins - (np.cumsum(kinds) - kinds), kinds)
        seen = (self.table.counts[entries] - DISCOUNT) / self._totals[places].ravel()[owner]
        rows.reshape(-1, self._width)[owner, self.table.symbols[entries]] = seen
        left_over = self._left_over[places]
        first = self._by_depth[0]
        rows[:, first] += (left_over[:, first] * self._uniform[first])[..., None]
        for depth in self._by_depth[1:]:
            rows[:, depth] += left_over[:, depth, None] * rows[:, depth - 1]
        np.maximum(rows, _FLOOR, out=rows)
        return np.log(rows, out=rows), self._buckets[places]

    def held(self, buckets: NDArray[np.int64], style: int) -> Floats:
        """The mixing weight of each level."""
        return np.asarray(self.weights[style, self._levels, buckets])


_PITCHES = np.arange(PITCH_LOW, PITCH_HIGH + 1)


def mix_rhythm(stream: Stream, contexts: tuple[int, ...], style: int) -> Floats:
    """Log-probabilities of every rhythm symbol of the vocabulary."""
    logs, buckets = stream.log_levels(contexts)
    return _normalised(stream.held(buckets, style) @ logs)


def mix_pitch(stream: Stream, contexts: tuple[int, ...], last: int, style: int) -> Floats:
    """Log-probabilities of the pitches PITCH_LOW ... PITCH_HIGH above the tonic; `last`: the last pitch."""
    logs, buckets = stream.log_levels(contexts)
    return _mixed_pitch(stream, logs, stream.held(buckets, style), last)


def mix_pitch_styles(stream: Stream, contexts: tuple[int, ...], last: int) -> list[Floats]:
    """`mix_pitch` for every style at once."""
    logs, buckets = stream.log_levels(contexts)
    styles = range(len(stream.weights))
    return [_mixed_pitch(stream, logs, stream.held(buckets, style), last) for style in styles]


def _mixed_pitch(stream: Stream, logs: NDArray[np.float32], held: Floats, last: int) -> Floats:
    both = np.where(stream.kinds, held, 0.0).astype(np.float32) @ logs
    return _normalised(both[1].astype(np.float64) + both[0][interval_places(last)])


@lru_cache(maxsize=256)
def interval_places(last: int) -> NDArray[np.int64]:
    """For every pitch, the place of its interval from `last` in the interval alphabet."""
    return np.clip(_PITCHES - last + INTERVAL_REACH, 0, INTERVAL_COUNT - 1)


def _normalised(scores: Floats) -> Floats:
    scores = scores - scores.max()
    return np.asarray(scores - np.log(np.exp(scores).sum()))
