"""How many bits does a run carry: how unlikely is it that two works have it by chance?

Each step costs what a context model (one or two steps back, Witten-Bell smoothing, counted over all works)
needs to tell it; a figure that the same line has already had costs next to nothing. Scale runs, trills and
loops so carry little however long they are. Costs are stored as sixteenths of a bit.

>>> from engine.ranking.originality.symbols import melody_text
>>> table = MelodyTable(bytes([64] * INTERVALS**3), bytes(LENGTHS**2))
>>> moves, _ = melody_bits(table, melody_text(range(0, 5760, 480), [60, 64, 67, 72] * 3))
>>> moves[:3], max(moves[6:])
([4.0, 4.0, 4.0], 0.25)
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from engine.ranking.originality.symbols import CLASSES, INTERVALS, LENGTHS, MOTIONS, SECOND

_PARTS = 16
_AGAIN = 4
AGAIN_BITS = _AGAIN / _PARTS
_FIGURE = 3


@dataclass(frozen=True, slots=True)
class MelodyTable:
    """Cost of an interval after two intervals and of a length ratio after one, in sixteenths of a bit."""

    intervals: bytes
    lengths: bytes


@dataclass(frozen=True, slots=True)
class ProgressionTable:
    """Cost of the next chord after a chord and how it was reached, in sixteenths of a bit."""

    chords: bytes


def melody_table(texts: Iterable[bytes]) -> MelodyTable:
    """Counted over the texts of `symbols.melody_text`."""
    moves = np.zeros((INTERVALS,) * 3)
    ratios = np.zeros((LENGTHS,) * 2)
    for text in texts:
        symbols = np.frombuffer(text, np.uint8).astype(np.int64)
        interval = np.concatenate([[0, 0], symbols[::2]])
        np.add.at(moves, (interval[:-2], interval[1:-1], interval[2:]), 1)
        ratio = np.concatenate([[0], symbols[1:-1:2] - SECOND])
        np.add.at(ratios, (ratio[:-1], ratio[1:]), 1)
    return MelodyTable(_costs(moves), _costs(ratios))


def progression_table(texts: Iterable[bytes]) -> ProgressionTable:
    """Counted over the texts of `symbols.progression_text`."""
    counts = np.zeros((MOTIONS * CLASSES, CLASSES, MOTIONS * CLASSES))
    for text in texts:
        for reached, here, step in _chord_steps(text):
            counts[reached, here, step] += 1
    return ProgressionTable(_costs(counts))


def melody_bits(table: MelodyTable, text: bytes) -> tuple[list[float], list[float]]:
    """For each move the bits of its interval, and the bits of the length ratio known with its arrival."""
    intervals, lengths = table.intervals, table.lengths
    moves, ratios = text[::2], text[1::2]
    of_moves, of_lengths = [], []
    before = last = ratio = 0
    seen: set[bytes] = set()
    for at, move in enumerate(moves):
        cost = intervals[(before * INTERVALS + last) * INTERVALS + move]
        length = 0
        if at:
            now = ratios[at - 1] - SECOND
            length = lengths[ratio * LENGTHS + now]
            ratio = now
        figure = moves[max(0, at - _FIGURE + 1) : at + 1]
        if len(figure) == _FIGURE and figure in seen:
            cost, length = min(cost, _AGAIN), min(length, _AGAIN)
        seen.add(figure)
        of_moves.append(cost / _PARTS)
        of_lengths.append(length / _PARTS)
        before, last = last, move
    return of_moves, of_lengths


def last_bits(table: MelodyTable, text: bytes) -> tuple[float, float]:
    """What `melody_bits` gives for the last move of a text, for lines that grow."""
    moves, at = text[::2], len(text) // 2 - 1
    before, last = (moves[at - 2] if at > 1 else 0), (moves[at - 1] if at else 0)
    cost = table.intervals[(before * INTERVALS + last) * INTERVALS + moves[at]]
    length = 0
    if at:
        ratio = text[2 * at - 3] - SECOND if at > 1 else 0
        length = table.lengths[ratio * LENGTHS + text[2 * at - 1] - SECOND]
    figure = moves[max(0, at - _FIGURE + 1) :]
    if len(figure) == _FIGURE and moves.find(figure) < len(moves) - _FIGURE:
        cost, length = min(cost, _AGAIN), min(length, _AGAIN)
    return cost / _PARTS, length / _PARTS


def progression_bits(table: ProgressionTable, text: bytes) -> list[float]:
    """For each chord the bits it carries after the ones before it; the first carries none."""
    bits = [0.0] * min(1, len(text) // 2)
    seen: set[bytes] = set()
    for at, (reached, here, step) in enumerate(_chord_steps(text)):
        cost = table.chords[(reached * CLASSES + here) * MOTIONS * CLASSES + step]
        figure = text[max(0, 2 * at - 2 * _FIGURE + 2) : 2 * at + 3]
        if at + 1 >= _FIGURE and figure in seen:
            cost = min(cost, _AGAIN)
        seen.add(figure)
        bits.append(cost / _PARTS)
    return bits


def _chord_steps(text: bytes) -> Iterable[tuple[int, int, int]]:
    """For each change: how the chord was reached, its class, motion and class of the next."""
    reached = 0
    for at in range(0, len(text) - 2, 2):
        here, motion, following = text[at], text[at + 1] - SECOND, text[at + 2]
        yield reached, here, motion * CLASSES + following
        reached = motion * CLASSES + here


def _costs(counts: np.ndarray) -> bytes:
    """Sixteenths of bits of the last axis given the others, smoothed by fewer of them, as bytes."""
    smoothed = _smoothed(counts)
    return bytes(np.clip(np.rint(-np.log2(smoothed) * _PARTS), 0, 255).astype(np.uint8))


def _smoothed(counts: np.ndarray) -> np.ndarray:
    """Witten & Bell (1991): as many pretended counts of the shorter context as there are different ones."""
    if counts.ndim == 1:
        return np.asarray((counts + 0.1) / (counts + 0.1).sum())
    shorter = _smoothed(counts.sum(axis=0))
    different = np.maximum((counts > 0).sum(axis=-1, keepdims=True), 1)
    smoothed: np.ndarray = (counts + different * shorter) / (counts.sum(axis=-1, keepdims=True) + different)
    return smoothed


def running(values: Sequence[float]) -> list[float]:
    """Sums of the first 0, 1, 2 ... values.

    >>> running([1.0, 2.0])
    [0.0, 1.0, 3.0]
    """
    sums = [0.0]
    for value in values:
        sums.append(sums[-1] + value)
    return sums
