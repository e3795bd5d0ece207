"""Which key is each bar in, heard over the whole piece?

Every bar's pitch classes, by duration, are compared with the profiles of the 24 keys (Temperley, What's Key
for Key?, 1999, as log likelihood); the written signature speaks for its two keys, the bass of downbeats for
its tonic. Viterbi decoding with a dear change keeps passing modulations inside the key around them, so that
the stretches of one key are as long as a person would call them.

>>> scale = np.array([[24 * i, 24 * i + 24, p] for i, p in enumerate((67, 69, 71, 72, 74, 76, 78, 79))])
>>> read_keys(scale, [Bar(0, 96, (4, 4)), Bar(96, 96, (4, 4))], [1, 1])
[(7, False), (7, False)]
"""

from collections.abc import Sequence
from functools import cache
from itertools import groupby

import numpy as np

from engine.training.corpus.chordreading import Bar, LocalKey

_MAJOR = np.array([0.748, 0.060, 0.488, 0.082, 0.670, 0.460, 0.096, 0.715, 0.104, 0.366, 0.057, 0.400])
_MINOR = np.array([0.712, 0.084, 0.474, 0.618, 0.049, 0.460, 0.105, 0.747, 0.404, 0.067, 0.133, 0.330])
_PROFILE, _SIGNATURE, _TONIC_BASS = 6.6, 0.5, 0.7
_LAST_BASS = 1.75
_CHANGE = 8.0
_SHORTEST = 6


def read_keys(notes: np.ndarray, bars: Sequence[Bar], fifths: Sequence[int | None]) -> list[LocalKey]:
    """The key of every bar; `notes` is (n, 3) start, end, pitch; `fifths` the signature at every bar
    (None: not told)."""
    chroma, bass = _bar_evidence(notes, bars)
    emission = _PROFILE * chroma @ _profiles().T + _TONIC_BASS * np.tile(bass, (1, 2))
    emission += _signature_hints(fifths)
    heard = np.flatnonzero(bass.any(axis=1))
    if len(heard):
        emission[heard[-1]] += _LAST_BASS * np.tile(bass[heard[-1]], 2)
    path = _smoothed(emission)
    return [(index % 12, index >= 12) for index in path]


@cache
def _profiles() -> np.ndarray:
    """(24, 12) log shares of the major keys, then the minor ones."""
    rows = [np.roll(profile, tonic) / profile.sum() for profile in (_MAJOR, _MINOR) for tonic in range(12)]
    return np.asarray(np.log(np.array(rows)))


def _bar_evidence(notes: np.ndarray, bars: Sequence[Bar]) -> tuple[np.ndarray, np.ndarray]:
    """(bars, 12) shares of what sounds, weighted down in thin bars; (bars, 12) the lowest note's mark."""
    chroma, bass = np.zeros((len(bars), 12)), np.zeros((len(bars), 12))
    if not len(notes):
        return chroma, bass
    starts = np.array([bar.start for bar in bars])
    owner = np.clip(np.searchsorted(starts, notes[:, 0], side="right") - 1, 0, len(bars) - 1)
    np.add.at(chroma, (owner, notes[:, 2] % 12), np.minimum(notes[:, 1] - notes[:, 0], 96))
    lowest = np.full(len(bars), 999)
    np.minimum.at(lowest, owner, notes[:, 2])
    heard = np.flatnonzero(lowest < 999)
    bass[heard, lowest[heard] % 12] = 1.0
    total = chroma.sum(axis=1, keepdims=True)
    return chroma / np.maximum(total, 48.0), bass


def _signature_hints(fifths: Sequence[int | None]) -> np.ndarray:
    hints = np.zeros((len(fifths), 24))
    for row, sharps in enumerate(fifths):
        if sharps is None:
            continue
        tonic = 7 * sharps % 12
        hints[row, tonic] += _SIGNATURE
        hints[row, 12 + (tonic + 9) % 12] += _SIGNATURE
    return hints


def _smoothed(emission: np.ndarray) -> list[int]:
    """The best line of keys; stretches too short to be one are given to what stands before them."""
    score = emission[0].copy()
    came_from = np.zeros(emission.shape, dtype=np.int64)
    for bar in range(1, len(emission)):
        best = int(score.argmax())
        moved = score[best] - _CHANGE
        came_from[bar] = np.where(score >= moved, np.arange(24), best)
        score = np.maximum(score, moved) + emission[bar]
    path = [int(score.argmax())]
    for bar in range(len(emission) - 1, 0, -1):
        path.append(int(came_from[bar, path[-1]]))
    return _without_short_stretches(path[::-1])


def _without_short_stretches(path: list[int]) -> list[int]:
    stretches = [(key, len(list(run))) for key, run in groupby(path)]
    kept: list[int] = []
    for key, length in stretches:
        kept += [kept[-1] if kept and length < _SHORTEST else key] * length
    return kept
