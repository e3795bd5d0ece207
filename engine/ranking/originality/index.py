"""Which work does this melody or progression share its longest run with?

A run counts against nobody when it is common (it stands in more than MOST_CLUSTERS unrelated works, near
duplicates counted once) or when it carries so few bits that chance explains it. What remains points to a
work. Runs are looked for with their rhythm, and for melodies also without it: a run without rhythm must
carry as many bits in its pitches alone as chance could explain.

>>> tune = [60, 62, 64, 60, 67, 69, 66, 71, 59, 60]
>>> text = melody_text(range(0, 4800, 480), tune)
>>> index = melody_index([(Work("Air", "trad."), "air", text)], MelodyTable(bytes([48] * 125000), bytes(729)))
>>> found = index.likeness(text).named
>>> found.length, found.works[0].title
(10, 'Air')
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import log2
from typing import NamedTuple

import numpy as np

from engine.ranking.originality.suffixes import Suffixes, ordered, run_bytes
from engine.ranking.originality.surprise import (
    AGAIN_BITS,
    MelodyTable,
    ProgressionTable,
    melody_bits,
    progression_bits,
    running,
)
from engine.ranking.originality.symbols import PART, STRIDE, melody_text

MOST_CLUSTERS = 3
_MOST_PLACES = 500
# Bits above log2 of the corpus' notes that chance does not reach in 95 of 100 lines of 48 notes (16 chords)
# drawn from the same context model; measured by `understudy evaluate originality`.
RHYTHM_MARGIN, PITCH_MARGIN, CHORD_MARGIN = 11.5, 7.5, 3.0

__all__ = ["MelodyIndex", "ProgressionIndex", "Shared", "Work", "melody_index", "melody_text", "text_of"]


class Work(NamedTuple):
    """A work as its makers are named."""

    title: str
    maker: str = ""
    licence: str = ""


class Shared(NamedTuple):
    """A run of notes or chords that some works have as well: `length` of them are not the artist's own.

    `first` and `end` are places in the line that was asked about.
    """

    length: int
    bits: float
    first: int
    end: int
    works: tuple[Work, ...]
    has_rhythm: bool = True


class Likeness(NamedTuple):
    """What a line shares. `named`: the longest run that points to a work. `longest`: the longest run that is
    not common, even if chance explains it and no work is named for it.
    """

    named: Shared | None = None
    longest: int = 0

    @property
    def length(self) -> int:
        """The longest run of either sort."""
        return max(self.longest, self.named.length if self.named else 0)


class Placed(NamedTuple):
    """The works of an index: first symbol of each, its cluster, what it is."""

    firsts: Sequence[int]
    clusters: Sequence[int]
    works: Sequence[Work]


class _Run(NamedTuple):
    length: int
    bits: float
    first: int
    symbols: int


@dataclass(frozen=True, slots=True)
class View:
    """One way to look for runs. `extra`: notes of a run beyond its symbols (a move joins two notes)."""

    suffixes: Suffixes
    placed: Placed
    least_bits: float
    extra: int

    def runs(self, text: bytes) -> Iterator[tuple[int, int]]:
        """First symbol and number of symbols of every run that is part of no longer one."""
        stride, before = self.suffixes.stride, 0
        for first in range(len(text) // stride):
            symbols = self.suffixes.longest(text[first * stride :])
            if symbols >= before and symbols:
                yield first, symbols
            before = symbols

    def works_with(self, pattern: bytes) -> tuple[Work, ...]:
        """The works with this run, one of each cluster; none when it is common."""
        low, high = self.suffixes.span(pattern)
        if not 0 < high - low <= _MOST_PLACES:
            return ()
        found: dict[int, int] = {}
        for place in range(low, high):
            work = bisect_right(self.placed.firsts, self.suffixes.order[place]) - 1
            cluster = self.placed.clusters[work]
            found[cluster] = min(work, found.get(cluster, work))
            if len(found) > MOST_CLUSTERS:
                return ()
        return tuple(self.placed.works[work] for work in sorted(found.values()))

    def likeness(self, text: bytes, bits: "Bits", counts: Sequence[bool]) -> Likeness:
        """What the line shares; `counts` tells which of its notes make a run longer."""
        runs = self._runs(text, bits, counts)
        longest = next((run.length for run in runs if self._shared(text, run) is not None), 0)
        return Likeness(self._named(text, runs), longest)

    def named(self, text: bytes, bits: "Bits", counts: Sequence[bool]) -> Shared | None:
        """The longest run of the line that points to a work."""
        return self._named(text, self._runs(text, bits, counts))

    def _runs(self, text: bytes, bits: "Bits", counts: Sequence[bool]) -> list[_Run]:
        """Longest first; of equally long ones those that carry most."""
        counted = running(counts)
        found = []
        for first, symbols in self.runs(text):
            length = round(counted[first + symbols + self.extra] - counted[first])
            if length:
                found.append(_Run(length, bits.of(first, symbols), first, symbols))
        return sorted(found, key=lambda one: (-one.length, -one.bits, one.first))

    def _named(self, text: bytes, runs: Sequence[_Run]) -> Shared | None:
        telling = (run for run in runs if run.bits >= self.least_bits)
        return next(filter(None, (self._shared(text, run) for run in telling)), None)

    def _shared(self, text: bytes, run: _Run) -> Shared | None:
        stride = self.suffixes.stride
        start = run.first * stride
        works = self.works_with(text[start : start + run_bytes(run.symbols, stride)])
        end = run.first + run.symbols + self.extra
        return Shared(run.length, run.bits, run.first, end, works, stride == STRIDE) if works else None


class Bits(NamedTuple):
    """Running sums: what each symbol carries, and what a symbol carries only within a run."""

    each: Sequence[float]
    inner: Sequence[float]

    def of(self, first: int, symbols: int) -> float:
        """Bits of a run."""
        end = first + symbols
        return self.each[end] - self.each[first] + self.inner[end] - self.inner[first + 1]


@dataclass(frozen=True, slots=True)
class MelodyIndex:
    """All melodies, with and without their rhythm."""

    rhythmic: View
    pitches: View
    table: MelodyTable

    def likeness(self, text: bytes, own: Sequence[bool] | None = None) -> Likeness:
        """What a line (`symbols.melody_text`) shares with the works."""
        mine = [False] * (len(text) // STRIDE + 1) if own is None else own
        moves, lengths = melody_bits(self.table, text)
        of_moves = running(_free_of(moves, mine[1:]))
        with_rhythm = Bits(of_moves, running(_free_of(lengths, mine[1:])))
        counts = [not is_mine for is_mine in mine]
        found = self.rhythmic.likeness(text, with_rhythm, counts)
        in_pitch = self.pitches.named(text[::STRIDE], Bits(of_moves, [0.0] * len(of_moves)), counts)
        return Likeness(_longer(found.named, in_pitch), found.longest)


@dataclass(frozen=True, slots=True)
class ProgressionIndex:
    """All progressions: motion of the roots and triad classes, repeats merged."""

    view: View
    table: ProgressionTable

    def likeness(self, text: bytes, own: Sequence[bool] | None = None) -> Likeness:
        """What a progression (`symbols.progression_text`) shares with the works.

        A loop counts once: chords that only repeat what the progression has had make no run longer.
        """
        mine = [False] * (len(text) // STRIDE) if own is None else own
        costs = progression_bits(self.table, text)
        counts = [
            not is_mine and not (at and cost <= AGAIN_BITS)
            for at, (cost, is_mine) in enumerate(zip(costs, mine, strict=True))
        ]
        inner = running(_free_of(costs, mine))
        return self.view.likeness(text, Bits([0.0] * len(inner), inner), counts)


def _free_of(costs: Sequence[float], mine: Sequence[bool]) -> list[float]:
    return [0.0 if is_mine else cost for cost, is_mine in zip(costs, mine, strict=True)]


def _longer(first: Shared | None, second: Shared | None) -> Shared | None:
    """The longer of two; the first when they are equally long."""
    if first is None or second is None:
        return first or second
    return second if second.length > first.length else first


Entry = tuple[Work, str, bytes]
"""A work, the name of its cluster of near duplicates, its text."""


def text_of(entries: Iterable[Entry]) -> tuple[bytes, Placed]:
    """One text of all works, each followed by a mark that no run crosses."""
    text, firsts, clusters, works = bytearray(), [], [], []
    numbers: dict[str, int] = {}
    for work, cluster, own in entries:
        firsts.append(len(text) // STRIDE)
        clusters.append(numbers.setdefault(cluster, len(numbers)))
        works.append(work)
        text += own + PART
    return bytes(text), Placed(firsts, clusters, works)


def melody_index(entries: Iterable[Entry], table: MelodyTable) -> MelodyIndex:
    """An index of melodies in memory."""
    text, placed = text_of(entries)
    owners = _owners(text, placed)
    orders = ordered(text, STRIDE, owners), ordered(text[::STRIDE], 1, owners)
    return melody_index_of(text, placed, table, *orders)


def progression_index(entries: Iterable[Entry], table: ProgressionTable) -> ProgressionIndex:
    """An index of progressions in memory."""
    text, placed = text_of(entries)
    return progression_index_of(text, placed, table, ordered(text, STRIDE, _owners(text, placed)))


def _owners(text: bytes, placed: Placed) -> np.ndarray:
    """The cluster of each symbol."""
    ends = [*placed.firsts[1:], len(text) // STRIDE]
    return np.repeat(placed.clusters, np.diff([0, *ends])) if ends[0] else np.zeros(0, np.int64)


def melody_index_of(
    text: bytes, placed: Placed, table: MelodyTable, order: np.ndarray, pitch_order: np.ndarray
) -> MelodyIndex:
    size = log2(max(2, len(text) // STRIDE))
    return MelodyIndex(
        View(Suffixes.of(text, order, STRIDE), placed, size + RHYTHM_MARGIN, 1),
        View(Suffixes.of(text[::STRIDE], pitch_order, 1), placed, size + PITCH_MARGIN, 1),
        table,
    )


def progression_index_of(
    text: bytes, placed: Placed, table: ProgressionTable, order: np.ndarray
) -> ProgressionIndex:
    size = log2(max(2, len(text) // STRIDE))
    return ProgressionIndex(View(Suffixes.of(text, order, STRIDE), placed, size + CHORD_MARGIN, 0), table)
