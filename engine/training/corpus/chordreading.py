"""Which chords does a full texture play, at the harmonic rhythm of a song?

Two readings, one after the other, both Viterbi decodings over slots. `read_keys` hears the key of every bar
(profiles after Temperley, 1999; a change of key is dear, so that a passing modulation stays a chord outside
the key). `read_chords` hears a chord on every beat: what sounds is compared with each chord's tones by
duration and metrical place, the bass speaks for root and inversion, the key for its own chords, and a change
costs more on weak beats. The weights were set on one half of the numeral analyses that belong to scores in
the corpus and measured on the other (`engine.training.corpus.numeralcheck`).

Times are ticks of the model's grid, 24 to a quarter, counted from the beginning.

>>> notes = np.array([[0, 48, 48], [0, 48, 64], [0, 48, 67], [48, 96, 43], [48, 96, 65], [48, 96, 71]])
>>> [(reading.root, reading.quality) for reading in read_chords(notes, [Bar(0, 96, (4, 4))], [(0, False)])]
[(0, 'maj'), (7, '7')]
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from engine.generation.language.grid import GRID
from engine.training.corpus.chordpath import chord_path

LocalKey = tuple[int, bool]
"""Tonic pitch class and whether the mode is minor."""


class Bar(NamedTuple):
    """Start and length in grid ticks, and the metre."""

    start: int
    length: int
    metre: tuple[int, int]

    @property
    def beat(self) -> int:
        """Ticks of the felt beat: three eighths in 6/8, 9/8, 12/8."""
        beats, kind = self.metre
        unit = max(1, 4 * GRID // kind)
        return 3 * unit if kind >= 8 and beats > 3 and beats % 3 == 0 else unit


class ChordReading(NamedTuple):
    """A chord of the texture; `bass` is a pitch class, -1 when it is the root."""

    start: int
    duration: int
    root: int
    quality: str
    bass: int = -1


@dataclass(frozen=True, slots=True)
class Weights:
    """What the evidence counts; found on one half of the checked analyses."""

    size: float = 8.4
    bass: float = 0.43
    weak_bass: float = 0.75
    accent: float = 0.09
    key_noise: float = 0.04
    foreign_noise: float = 0.05
    third: float = 0.9
    fifth: float = 1.08
    seventh: float = 0.95
    root_bass: float = 0.66
    third_bass: float = 0.4
    fifth_bass: float = 0.27
    seventh_bass: float = 0.12
    diatonic: float = 0.61
    downbeat: float = 1.7
    strong: float = 2.55
    weak: float = 2.8
    falling_fifth: float = 1.15
    prior: float = 1.5


WEIGHTS = Weights()
# Quality, its tones and its log prior in a song.
_QUALITIES: dict[str, tuple[tuple[int, ...], float]] = {
    "maj": ((0, 4, 7), 0.0),
    "min": ((0, 3, 7), -0.2),
    "7": ((0, 4, 7, 10), -0.4),
    "min7": ((0, 3, 7, 10), -0.9),
    "maj7": ((0, 4, 7, 11), -1.2),
    "hdim7": ((0, 3, 6, 10), -1.1),
    "dim7": ((0, 3, 6, 9), -1.2),
    "dim": ((0, 3, 6), -1.8),
    "aug": ((0, 4, 8), -2.0),
    "sus4": ((0, 5, 7), -4.0),
}
QUALITIES = tuple(_QUALITIES)
_BASS_NOISE = 0.02


@dataclass(frozen=True)
class _Words:
    """(120, 12) log shares of tones and of the bass, (120,) priors."""

    tones: np.ndarray
    bass: np.ndarray
    prior: np.ndarray


@cache
def _words(key: LocalKey, weights: Weights) -> _Words:
    tonic, is_minor = key
    scale = {(tonic + step) % 12 for step in ((0, 2, 3, 5, 7, 8, 10, 11) if is_minor else _MAJOR_SCALE)}
    noise = np.array([weights.key_noise if tone in scale else weights.foreign_noise for tone in range(12)])
    tones, bass, prior = [], [], []
    for root in range(12):
        for intervals, log_prior in _QUALITIES.values():
            tones.append(_tone_shares(root, intervals, noise, weights))
            bass.append(_bass_shares(root, intervals, weights))
            own = {(root + interval) % 12 for interval in intervals} <= scale
            prior.append(weights.prior * log_prior + (weights.diatonic if own else 0.0))
    return _Words(np.log(np.array(tones)), np.log(np.array(bass)), np.array(prior))


def _tone_shares(root: int, intervals: tuple[int, ...], noise: np.ndarray, weights: Weights) -> np.ndarray:
    share = noise.copy()
    for place, interval in enumerate(intervals):
        share[(root + interval) % 12] = (1.0, weights.third, weights.fifth, weights.seventh)[place]
    return np.asarray(share / share.sum())


def _bass_shares(root: int, intervals: tuple[int, ...], weights: Weights) -> np.ndarray:
    parts = (weights.root_bass, weights.third_bass, weights.fifth_bass, weights.seventh_bass)
    share = np.full(12, _BASS_NOISE)
    for place, interval in enumerate(intervals):
        share[(root + interval) % 12] = parts[place]
    return np.asarray(share / share.sum())


@dataclass(frozen=True)
class Slots:
    """Beats: (n + 1,) starts, (n,) metrical rank (2 downbeat, 1 strong, 0 weak), (n,) index of their bar."""

    starts: np.ndarray
    rank: np.ndarray
    bar: np.ndarray


def slots_of(bars: Sequence[Bar]) -> Slots:
    """The beats of the bars; a short bar's beats are counted from its end when it is the first."""
    starts: list[int] = []
    ranks: list[int] = []
    owners: list[int] = []
    for index, bar in enumerate(bars):
        beats = _beats(bar.length, bar.metre, is_first=index == 0)
        starts += [bar.start + offset for offset, _ in beats]
        ranks += [rank for _, rank in beats]
        owners += [index] * len(beats)
    starts.append(bars[-1].start + bars[-1].length)
    return Slots(np.array(starts), np.array(ranks), np.array(owners))


@lru_cache(maxsize=1000)
def _beats(length: int, metre: tuple[int, int], is_first: bool) -> list[tuple[int, int]]:
    """Offset and rank of each beat of a bar."""
    full, beat = 4 * GRID * metre[0] // metre[1], Bar(0, length, metre).beat
    missing = full - length if is_first and length < full else 0
    strong = beat * (2 if (full // beat) % 2 == 0 else 1_000)
    return [
        (offset - missing, 2 if offset == 0 else int(offset % strong == 0))
        for offset in range(0, length + missing, beat)
        if offset >= missing
    ]


def read_chords(
    notes: np.ndarray, bars: Sequence[Bar], keys: Sequence[LocalKey], weights: Weights = WEIGHTS
) -> list[ChordReading]:
    """The chords from the first bar to the last, without a gap; neighbours differ.

    `notes` is (n, 3): start, end, pitch of everything that sounds; `keys` the key of each bar.
    """
    slots = slots_of(bars)
    chroma, bass, steady = _evidence(notes, slots, weights)
    emission = np.zeros((len(slots.rank), 12 * len(_QUALITIES)))
    prior = np.zeros_like(emission)
    by_bar = np.array([tonic + 12 * is_minor for tonic, is_minor in keys])
    for key in set(keys):
        mine = (by_bar == key[0] + 12 * key[1])[slots.bar]
        word = _words(key, weights)
        emission[mine] = chroma[mine] @ word.tones.T
        emission[mine] += weights.bass * bass[mine] @ word.bass.T
        emission[mine] += weights.weak_bass * steady[mine] @ word.bass.T
        prior[mine] = word.prior
    costs = np.array((weights.weak, weights.strong, weights.downbeat))[slots.rank]
    path = chord_path(emission, prior, costs, weights.falling_fifth)
    return _readings(path, bass, slots)


def _evidence(notes: np.ndarray, slots: Slots, weights: Weights) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(n, 12) each: pitch classes by time and accent, the lowest note of the slot, of its strong beat."""
    count = len(slots.rank)
    chroma, bass, steady = np.zeros((count, 12)), np.zeros((count, 12)), np.zeros((count, 12))
    if not len(notes):
        return chroma, bass, steady
    slot, start, end, pitch = _cut(notes, slots)
    length = np.diff(slots.starts)[slot]
    weight = (end - start) / length + weights.accent * (start == slots.starts[slot])
    np.add.at(chroma, (slot, pitch % 12), weight)
    total = chroma.sum(axis=1, keepdims=True)
    chroma *= weights.size * np.minimum(1.0, total) / np.maximum(total, 1e-9)
    early = start < slots.starts[slot] + length / 2
    _mark_lowest(bass, slot[early], pitch[early], np.arange(count))
    _mark_lowest(steady, slot, pitch, np.maximum(0, np.cumsum(slots.rank > 0) - 1))
    return chroma, bass, steady


def _cut(notes: np.ndarray, slots: Slots) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Notes cut at the slots: slot, start, end, pitch."""
    starts = slots.starts
    begin, stop, pitch = notes[:, 0], np.minimum(notes[:, 1], starts[-1]), notes[:, 2]
    first = np.maximum(0, np.searchsorted(starts, begin, side="right") - 1)
    counts = np.maximum(0, np.searchsorted(starts, stop, side="left") - first)
    index = np.repeat(np.arange(len(begin)), counts)
    offset = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    slot = np.repeat(first, counts) + offset
    low = np.maximum(begin[index], starts[slot])
    high = np.minimum(stop[index], starts[slot + 1])
    keep = high > low
    return slot[keep], low[keep], high[keep], pitch[index][keep]


def _mark_lowest(marks: np.ndarray, slot: np.ndarray, pitch: np.ndarray, groups: np.ndarray) -> None:
    lowest = np.full(len(groups) + 1, 999)
    np.minimum.at(lowest, groups[slot], pitch)
    here = lowest[groups]
    heard = np.flatnonzero(here < 999)
    marks[heard, here[heard] % 12] = 1.0


def _readings(path: np.ndarray, bass: np.ndarray, slots: Slots) -> list[ChordReading]:
    edges = [0, *(np.flatnonzero(np.diff(path)) + 1).tolist(), len(path)]
    lowest = np.where(bass.any(axis=1), bass.argmax(axis=1), -1).tolist()
    starts, chords = slots.starts.tolist(), path.tolist()
    readings: list[ChordReading] = []
    for first, last in pairwise(edges):
        root, quality = divmod(chords[first], len(QUALITIES))
        start, end = starts[first], starts[last]
        below = _held_bass(lowest[first:last], root, QUALITIES[quality])
        readings.append(ChordReading(start, end - start, root, QUALITIES[quality], below))
    return readings


def _held_bass(bass: Sequence[int], root: int, quality: str) -> int:
    """The chord tone other than the root that begins the chord in the bass and holds most of it; `bass` is a
    pitch class at each slot, -1 where nothing is heard."""
    first = bass[0]
    if first in (root, -1) or (first - root) % 12 not in _QUALITIES[quality][0]:
        return -1
    return first if bass.count(first) >= 0.6 * len(bass) else -1


_MAJOR_SCALE = (0, 2, 4, 5, 7, 9, 11)
