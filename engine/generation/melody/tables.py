"""How likely is each next rhythm or pitch, given counts of everything the experts look at?

A context is a hashed key (expert level + field values); its counts lie in one sorted table. Each family's level is
smoothed by the level below with absolute discounting (Ney, Essen & Kneser 1994), and the levels of all families are
mixed log-linearly, p(x) ~ exp(sum_k w_k log p_k(x)) (logistic mixing as in Mahoney's PAQ, over a whole alphabet), with
weights that depend on how often the level's context was seen. Arrays only; nothing here is specific to training.
"""

from dataclasses import dataclass
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
_FLOOR = 1e-7
_MASK = (1 << 64) - 1
_PRIME = 0x9E3779B97F4A7C15
_CACHE_LIMIT = 200_000

Floats = NDArray[np.float64]


class Table(NamedTuple):
    """Counts by context: sorted 32-bit `keys`, `sizes` entries each, their `symbols` and `counts`."""

    keys: NDArray[np.uint32]
    starts: NDArray[np.int64]
    symbols: NDArray[np.uint8]
    counts: NDArray[np.uint8]


def hash_context(level: int, values: tuple[int, ...]) -> int:
    """The 32-bit key of a level's context."""
    key = (level + 1) * _PRIME & _MASK
    for value in values:
        key = ((key ^ (value + 1)) * _PRIME) & _MASK
        key ^= key >> 29
    return key >> 32


def hash_columns(level: int, columns: NDArray[np.int64]) -> NDArray[np.uint32]:
    """`hash_context` for many rows at once: columns (rows, fields) -> keys (rows,)."""
    key = np.full(len(columns), (level + 1) * _PRIME & _MASK, dtype=np.uint64)
    for column in columns.T:
        key = (key ^ (column + 1).astype(np.uint64)) * np.uint64(_PRIME)
        key ^= key >> np.uint64(29)
    return (key >> np.uint64(32)).astype(np.uint32)


class Chain(NamedTuple):
    """One family's answer: log-probabilities (levels, alphabet) and the seen-bucket of each level."""

    log_p: Floats
    buckets: tuple[int, ...]


def seen_bucket(total: int, kinds: int) -> int:
    """How well known a context is: 0 unseen; else by the logarithm of its count, twice for a single outcome."""
    if total == 0:
        return 0
    return 1 + 2 * min(6, max(0, total.bit_length() - 1)) + (kinds == 1)


@dataclass
class Stream:
    """One of the two streams (rhythm, pitch): its families, counts and mixing weights.

    weights: (styles, levels, SEEN_BUCKETS).
    """

    families: tuple[Family, ...]
    fields: tuple[str, ...]
    sizes: dict[Alphabet, int]
    table: Table
    weights: Floats

    def __post_init__(self) -> None:
        index = {name: place for place, name in enumerate(self.fields)}
        self._columns: list[list[tuple[int, tuple[int, ...]]]] = []
        self._first_level: list[int] = []
        level = 0
        for family in self.families:
            self._first_level.append(level)
            self._columns.append(
                [(level + k, tuple(index[name] for name in names)) for k, names in enumerate(family.levels)]
            )
            level += len(family.levels)
        self._needed = [
            tuple(sorted({i for _, columns in chain for i in columns})) for chain in self._columns
        ]
        self._cache: dict[tuple[int, ...], Chain] = {}

    def chains(self, contexts: tuple[int, ...]) -> list[Chain]:
        """What every family says in these circumstances."""
        return [self._chain(number, contexts) for number in range(len(self.families))]

    def _chain(self, number: int, contexts: tuple[int, ...]) -> Chain:
        cache_key = (number, *[contexts[i] for i in self._needed[number]])
        found = self._cache.get(cache_key)
        if found is None:
            if len(self._cache) > _CACHE_LIMIT:
                self._cache.clear()
            found = self._cache[cache_key] = self._compute(number, contexts)
        return found

    def _compute(self, number: int, contexts: tuple[int, ...]) -> Chain:
        levels = self._columns[number]
        size = self.sizes[self.families[number].alphabet]
        keys = [hash_context(level, tuple(contexts[i] for i in columns)) for level, columns in levels]
        places = np.searchsorted(self.table.keys, np.array(keys, dtype=np.uint32))
        rows = np.empty((len(levels), size))
        lower = np.full(size, 1.0 / size)
        buckets = []
        for k, (key, place) in enumerate(zip(keys, places.tolist(), strict=True)):
            known = place < len(self.table.keys) and int(self.table.keys[place]) == key
            total = kinds = 0
            if known:
                start, end = int(self.table.starts[place]), int(self.table.starts[place + 1])
                counts = self.table.counts[start:end].astype(np.float64)
                total, kinds = int(counts.sum()), end - start
                row = (DISCOUNT * kinds / total) * lower
                row[self.table.symbols[start:end]] += (counts - DISCOUNT) / total
                lower = row
            rows[k] = lower
            buckets.append(seen_bucket(total, kinds))
        return Chain(np.log(np.maximum(rows, _FLOOR)), tuple(buckets))

    def weights_for(self, number: int, chain: Chain, style: int) -> Floats:
        """The mixing weight of each level of the chain."""
        first = self._first_level[number]
        return self.weights[style, first + np.arange(len(chain.buckets)), list(chain.buckets)]


_PITCHES = np.arange(PITCH_LOW, PITCH_HIGH + 1)


def mix_rhythm(stream: Stream, contexts: tuple[int, ...], style: int) -> Floats:
    """Log-probabilities of every rhythm symbol of the vocabulary."""
    total = np.zeros(stream.sizes[Alphabet.RHYTHM])
    for number, chain in enumerate(stream.chains(contexts)):
        total += stream.weights_for(number, chain, style) @ chain.log_p
    return _normalised(total)


def mix_pitch(stream: Stream, contexts: tuple[int, ...], last: int, style: int) -> Floats:
    """Log-probabilities of the pitches PITCH_LOW ... PITCH_HIGH above the tonic; `last`: the last pitch."""
    steps, total = np.zeros(INTERVAL_COUNT), np.zeros(PITCH_COUNT)
    for number, chain in enumerate(stream.chains(contexts)):
        mixed = stream.weights_for(number, chain, style) @ chain.log_p
        if stream.families[number].alphabet is Alphabet.INTERVAL:
            steps += mixed
        else:
            total += mixed
    total += steps[interval_places(last)]
    return _normalised(total)


def interval_places(last: int) -> NDArray[np.int64]:
    """For every pitch, the place of its interval from `last` in the interval alphabet."""
    return np.clip(_PITCHES - last + INTERVAL_REACH, 0, INTERVAL_COUNT - 1)


def _normalised(scores: Floats) -> Floats:
    scores = scores - scores.max()
    return scores - np.log(np.exp(scores).sum())
