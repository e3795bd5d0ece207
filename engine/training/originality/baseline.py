"""How long are the runs that people share with each other's works, and how long those of chance?

People: excerpts of held-out pieces (no near duplicate of them in the index) against the rest. Chance: lines
drawn from the context model that the bits are counted with. The limits of `engine.ranking.originality.takes`
stand on the first, the margins of `engine.ranking.originality.index` on the second.

>>> percentiles([0, 0, 7, 9], "run")
{'run p50': 3.5, 'run p75': 7.5, 'run p90': 8.4, 'run p95': 8.7}
"""

import time
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import accumulate

import numpy as np

from engine.generation.language.grid import Stream
from engine.ranking.originality.index import (
    MelodyIndex,
    ProgressionIndex,
    melody_index,
    progression_index,
)
from engine.ranking.originality.store import Indexes
from engine.ranking.originality.surprise import melody_table, progression_table
from engine.ranking.originality.symbols import INTERVALS, LENGTHS, SECOND, melody_text, progression_text
from engine.ranking.originality.takes import MOST_CHORDS, MOST_NOTES
from engine.training.corpus.piece import CorpusPiece
from engine.training.originality.entries import chords_in, entries_of, line_in

BARS, FEWEST_NOTES, CHORDS = 8, 8, 16
_EXCERPTS, _CHANCE_NOTES = 2, 48
_SHOWN = (50, 75, 90, 95)


def measure(
    train: Sequence[CorpusPiece],
    clusters: Sequence[str],
    test: Sequence[CorpusPiece],
    seed: int,
    chance_lines: int = 300,
) -> dict[str, float]:
    """Percentiles of longest runs in notes and chords, and the shares at the limits."""
    found = entries_of(train, clusters)
    melodies = melody_index(found.melodies, melody_table(text for _, _, text in found.melodies))
    progressions = progression_index(
        found.progressions, progression_table(text for _, _, text in found.progressions)
    )
    lines = list(melody_excerpts(test, seed))
    changes = list(progression_excerpts(test, seed))
    scores = _people("melody", melodies, lines, MOST_NOTES)
    scores |= _people("progression", progressions, changes, MOST_CHORDS)
    scores |= _chance(melodies, seed, chance_lines)
    return scores | {"test pieces": len(test), "train pieces": len(train)}


def melody_excerpts(pieces: Sequence[CorpusPiece], seed: int) -> Iterator[bytes]:
    """Texts of eight bars each, two a piece."""
    random = np.random.default_rng(seed)
    for piece in pieces:
        starts, pitches = line_in(piece.sheet, Stream.MELODY)
        edges = [0, *accumulate(bar.length for bar in piece.sheet.bars)]
        for _ in range(_EXCERPTS):
            bar = int(random.integers(0, max(1, len(edges) - BARS)))
            first = bisect_left(starts, edges[bar])
            last = bisect_left(starts, edges[min(bar + BARS, len(edges) - 1)])
            if last - first >= FEWEST_NOTES:
                yield melody_text(starts[first:last], pitches[first:last])


def progression_excerpts(pieces: Sequence[CorpusPiece], seed: int) -> Iterator[bytes]:
    """Texts of sixteen changes each, two a piece."""
    random = np.random.default_rng(seed)
    for piece in pieces:
        text = progression_text(list(chords_in(piece.sheet)))
        room = len(text) // 2 - CHORDS
        for _ in range(_EXCERPTS if room >= 0 else 0):
            first = int(random.integers(0, room + 1))
            yield text[2 * first : 2 * (first + CHORDS)]


def percentiles(values: Sequence[float], name: str) -> dict[str, float]:
    """The median and what a quarter, a tenth and a twentieth reach."""
    if not values:
        return {}
    return {f"{name} p{at}": round(float(np.percentile(values, at)), 2) for at in _SHOWN}


def _people(
    name: str, index: MelodyIndex | ProgressionIndex, texts: Sequence[bytes], limit: int
) -> dict[str, float]:
    found = [index.likeness(text) for text in texts]
    named = [0 if likeness.named is None else likeness.named.length for likeness in found]
    lengths = [likeness.length for likeness in found]
    reach = sum(length >= limit for length in lengths) / max(1, len(lengths))
    return {
        **percentiles(lengths, f"people, {name} run"),
        **percentiles(named, f"people, {name} run of a named work"),
        f"people, {name} at the limit of {limit}": round(reach, 4),
        f"people, {name} with a named work": round(sum(map(bool, named)) / max(1, len(named)), 4),
        f"{name} excerpts": len(texts),
    }


def query_ms(indexes: Indexes, pieces: Sequence[CorpusPiece], seed: int) -> dict[str, float]:
    """Milliseconds of this process's own work for a query of eight bars or sixteen chords."""
    scores: dict[str, float] = {}
    asked: list[tuple[str, MelodyIndex | ProgressionIndex | None, list[bytes]]] = [
        ("melody", indexes.melodies, list(melody_excerpts(pieces, seed))),
        ("progression", indexes.progressions, list(progression_excerpts(pieces, seed))),
    ]
    for name, index, texts in asked:
        work_ms = []
        for text in texts if index is not None else ():
            assert index is not None
            begun = time.process_time()
            index.likeness(text)
            work_ms.append(1000 * (time.process_time() - begun))
        scores |= percentiles(work_ms, f"{name} query ms")
    return scores


def _chance(index: MelodyIndex, seed: int, count: int) -> dict[str, float]:
    """How often a work is named for what is chance alone."""
    random = np.random.default_rng(seed)
    intervals = np.frombuffer(index.table.intervals, np.uint8).reshape((INTERVALS,) * 3)
    lengths = np.frombuffer(index.table.lengths, np.uint8).reshape((LENGTHS,) * 2)
    counted = 0
    for _ in range(count):
        counted += index.likeness(_drawn(intervals, lengths, random)).named is not None
    return {"chance, melodies with a named work": round(counted / max(1, count), 4)}


def _drawn(intervals: np.ndarray, lengths: np.ndarray, random: np.random.Generator) -> bytes:
    """A line as the context model has it, which no work was in."""
    text = bytearray()
    before = last = ratio = 0
    for _ in range(_CHANCE_NOTES - 1):
        before, last = last, _one(intervals[before, last], random)
        ratio = _one(lengths[ratio], random)
        text += bytes((last, SECOND + ratio))
    return bytes(text)


def _one(sixteenths: np.ndarray, random: np.random.Generator) -> int:
    odds = np.exp2(-sixteenths[1:].astype(float) / 16)
    return 1 + int(random.choice(len(odds), p=odds / odds.sum()))
