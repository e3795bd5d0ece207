"""In which bars is the music in another key?

Each bar speaks for keys by its pitch classes, by how at home its chords are, and by dominants that resolve
in it; the line of keys that fits best is found by dynamic programming. Leaving the key of the whole is dear,
so that a passing dominant stays inside it, and a stretch must last to be called a key.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from engine.analysis.keycues import (
    KEYS,
    MAJOR_PROFILE,
    MINOR_PROFILE,
    Sounding,
    degree_rows,
    keys_of,
    profile_scores,
)
from engine.analysis.pitchgrid import PitchGrid

PROFILE, DEGREE, CADENCE, HOME = 2.2, 0.55, 0.9, 1.0
CHANGE, FAR = 8.0, 0.5
SHORTEST_BARS = 4


@dataclass(frozen=True)
class Region:
    """A stretch of one key (its number among the 24) from a tick on."""

    tick: int
    key: int
    confidence: float


def bar_keys(grid: PitchGrid, chords: Sequence[Sounding], home: int) -> tuple[np.ndarray, np.ndarray]:
    """(bars,) the key of each bar, and (bars, 24) what speaks for each; `home` is the key of the whole."""
    evidence = bar_evidence(grid, chords)
    evidence[:, home] += HOME
    return _cheapest(evidence, home), evidence


def bar_evidence(grid: PitchGrid, chords: Sequence[Sounding]) -> np.ndarray:
    """(bars, 24) log-like scores of what sounds in each bar."""
    starts = np.flatnonzero(grid.onbar == 2)
    if not len(starts):
        return np.zeros((0, KEYS))
    bar_of = np.maximum(0, np.cumsum(grid.onbar == 2) - 1)
    chroma = np.zeros((len(starts), 12))
    np.add.at(chroma, bar_of, np.minimum(grid.chroma, 1.0))
    total = chroma.sum(axis=1, keepdims=True)
    share = chroma / np.maximum(total, 1e-9)
    log_profiles = np.concatenate([profile_scores(p, np.eye(12)) for p in (MAJOR_PROFILE, MINOR_PROFILE)])
    evidence = PROFILE * (share @ (log_profiles - log_profiles.mean()).T) * np.minimum(1.0, total)
    _add_chords(evidence, bar_of, chords)
    return np.asarray(evidence)


def _add_chords(evidence: np.ndarray, bar_of: np.ndarray, chords: Sequence[Sounding]) -> None:
    sounding = [chord for chord in chords if not chord.chord.is_no_chord]
    if not sounding:
        return
    rows = degree_rows([chord.chord for chord in sounding])
    slots = np.bincount(bar_of, minlength=len(evidence))
    for index, chord in enumerate(sounding):
        inside, counts = np.unique(bar_of[chord.first : chord.end], return_counts=True)
        evidence[inside] += DEGREE * rows[:, index] * (counts / slots[inside])[:, None]
    for before, after in pairwise(sounding):
        if (before.chord.root - after.chord.root) % 12 == 7 and not before.chord.has_minor_third:
            evidence[bar_of[after.first], keys_of(after.chord)] += CADENCE


def _cheapest(evidence: np.ndarray, home: int) -> np.ndarray:
    """The best line of keys from the home key on; distant keys cost a little more."""
    bars = len(evidence)
    path = np.zeros(bars, dtype=np.int64)
    if not bars:
        return path
    price = CHANGE + FAR * _distance()
    np.fill_diagonal(price, 0.0)
    score = evidence[0] - price[home]
    came_from = np.zeros((bars, KEYS), dtype=np.int64)
    for bar in range(1, bars):
        reached = score[:, None] - price
        came_from[bar] = reached.argmax(axis=0)
        score = reached.max(axis=0) + evidence[bar]
    path[-1] = int(score.argmax())
    for bar in range(bars - 1, 0, -1):
        path[bar - 1] = came_from[bar, path[bar]]
    return path


def _distance() -> np.ndarray:
    """(24, 24) fifths between the signatures of two keys, 0-6."""
    fifths = np.array([(7 * key) % 12 if key < 12 else (7 * (key - 12 + 3)) % 12 for key in range(KEYS)])
    apart = np.abs(fifths[:, None] - fifths[None, :])
    return np.asarray(np.minimum(apart, 12 - apart), dtype=float)


def regions(found: tuple[np.ndarray, np.ndarray], grid: PitchGrid) -> list[Region]:
    """The stretches of one key; those too short belong to what came before."""
    path, evidence = found
    if not len(path):
        return []
    starts = grid.starts[np.flatnonzero(grid.onbar == 2)]
    edges = [0, *(np.flatnonzero(np.diff(path)) + 1).tolist(), len(path)]
    kept: list[tuple[int, int]] = []  # first bar, key
    for first, end in pairwise(edges):
        key = int(path[first])
        if kept and (kept[-1][1] == key or end - first < SHORTEST_BARS):
            continue
        kept.append((first, key))
    bounds = [first for first, _ in kept[1:]] + [len(path)]
    return [
        Region(int(starts[first]) if first else 0, key, _confidence(evidence[first:end], key))
        for (first, key), end in zip(kept, bounds, strict=True)
    ]


def _confidence(evidence: np.ndarray, key: int) -> float:
    """How clearly the stretch is in its key rather than in the next best."""
    total = evidence.sum(axis=0)
    weights = np.exp(np.clip((total - total[key]) / max(1.0, len(evidence) ** 0.5), -30, 30))
    return round(float(1 / weights.sum()), 3)
