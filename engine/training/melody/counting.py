"""How often did what follow what? Builds the count table of a stream, and scores rows against it in bulk."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from engine.generation.melody.experts import Alphabet, Family
from engine.generation.melody.tables import (
    DISCOUNT,
    INTERVAL_REACH,
    PITCH_LOW,
    Stream,
    Table,
    hash_columns,
    interval_places,
    seen_bucket,
)
from engine.training.melody.rows import Ints, Rows

MAX_COUNT = 255
_CHUNK = 4000


def outcome_in(alphabet: Alphabet, rows: Rows) -> Ints:
    """The symbol of each row's outcome in the alphabet."""
    if alphabet is not Alphabet.INTERVAL:
        return rows.outcome
    return np.asarray(np.clip(rows.outcome + PITCH_LOW - rows.last + INTERVAL_REACH, 0, 2 * INTERVAL_REACH))


def count_table(
    families: tuple[Family, ...],
    fields: tuple[str, ...],
    rows: Rows,
    style_weights: tuple[int, ...],
    least: int,
) -> Table:
    """Counts of every level's contexts; contexts seen fewer than `least` times are forgotten."""
    index = {name: place for place, name in enumerate(fields)}
    weights = np.array(style_weights)[rows.style]
    parts = []
    level = 0
    for family in families:
        symbols = outcome_in(family.alphabet, rows).astype(np.uint64)
        for names in family.levels:
            keys = hash_columns(level, rows.contexts[:, [index[name] for name in names]])
            parts.append(_count(keys, symbols, weights, least))
            level += 1
    return _joined(parts)


_Counted = tuple[NDArray[np.uint32], NDArray[np.uint8], NDArray[np.int64]]


def _count(keys: NDArray[np.uint32], symbols: NDArray[np.uint64], weights: Ints, least: int) -> _Counted:
    pairs, inverse = np.unique(keys.astype(np.uint64) << np.uint64(8) | symbols, return_inverse=True)
    counts = np.bincount(inverse, weights=weights).astype(np.int64)
    owner = (pairs >> np.uint64(8)).astype(np.uint32)
    contexts, place = np.unique(owner, return_inverse=True)
    keep = np.bincount(place, weights=counts)[place] >= least
    del contexts
    return owner[keep], (pairs[keep] & np.uint64(255)).astype(np.uint8), counts[keep]


def _joined(parts: list[_Counted]) -> Table:
    owner = np.concatenate([part[0] for part in parts])
    symbols = np.concatenate([part[1] for part in parts])
    counts = np.concatenate([part[2] for part in parts])
    order = np.argsort(owner, kind="stable")
    owner, symbols, counts = owner[order], symbols[order], counts[order]
    keys, starts = np.unique(owner, return_index=True)
    totals = np.add.reduceat(counts, starts)
    largest = np.maximum.reduceat(counts, starts)
    del totals
    scale = np.maximum(1.0, largest / MAX_COUNT)[np.searchsorted(keys, owner)]
    scaled = np.clip(np.rint(counts / scale), 1, MAX_COUNT).astype(np.uint8)
    return Table(keys, np.append(starts, len(owner)).astype(np.int64), symbols, scaled)


def level_scores(stream: Stream, rows: Rows) -> Iterator[tuple[NDArray[np.float32], Ints]]:
    """For each level in turn: log-probabilities (rows, alphabet of the outcome) and the seen-bucket
    (rows,).
    """
    index = {name: place for place, name in enumerate(stream.fields)}
    places = np.stack([interval_places(last) for last in rows.last.tolist()])
    level = 0
    for family in stream.families:
        size = stream.sizes[family.alphabet]
        lower = np.full((len(rows.outcome), size), 1.0 / size)
        for names in family.levels:
            keys = hash_columns(level, rows.contexts[:, [index[name] for name in names]])
            lower, buckets = _smoothed(stream.table, keys, lower)
            scores = np.log(np.maximum(lower, 1e-7)).astype(np.float32)
            if family.alphabet is Alphabet.INTERVAL:
                scores = np.take_along_axis(scores, places, axis=1)
            yield scores, buckets
            level += 1


def _smoothed(
    table: Table, keys: NDArray[np.uint32], lower: NDArray[np.float64]
) -> tuple[NDArray[np.float64], Ints]:
    spots = np.minimum(np.searchsorted(table.keys, keys), len(table.keys) - 1)
    known = table.keys[spots] == keys
    starts = np.where(known, table.starts[spots], 0)
    kinds = np.where(known, table.starts[spots + 1] - table.starts[spots], 0)
    row_of = np.repeat(np.arange(len(keys)), kinds)
    within = np.arange(len(row_of)) - np.repeat(np.cumsum(kinds) - kinds, kinds)
    entries = np.repeat(starts, kinds) + within
    counts = table.counts[entries].astype(np.float64)
    totals = np.bincount(row_of, weights=counts, minlength=len(keys))
    safe = np.maximum(totals, 1)
    rows = lower * np.where(known, DISCOUNT * kinds / safe, 1.0)[:, None]
    rows[row_of, table.symbols[entries]] += (counts - DISCOUNT) / safe[row_of]
    return rows, seen_bucket(totals.astype(np.int64), kinds)
