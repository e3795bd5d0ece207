"""What tells a note from an overtone, and a beginning from a wobble?

Small networks are fitted to the candidates of the tuning part of `performances`, whose notes are known.
Adam on all of them at once (Kingma and Ba, 2015), in float64 and from a fixed seed, so the same material
gives the same weights.
"""

from collections.abc import Sequence

import numpy as np

from engine.analysis.audio.keysnotes import STRUCK, Candidates
from engine.analysis.audio.learnt import Net
from engine.analysis.audio.posteriors import FRAME_S, LOWEST_PITCH
from engine.training.hearing.performances import Performance

UNITS = 14
_ROUNDS, _RATE, _DECAY = 400, 0.02, 1e-3
_LEEWAY_S = 0.01


def fitted(features: np.ndarray, truth: np.ndarray, seed: int = 1, units: int = UNITS) -> Net:
    """The network that tells (n, features) with truth 1 from those with 0."""
    rng = np.random.default_rng(seed)
    mean, scale = features.mean(axis=0), features.std(axis=0) + 1e-6
    x = np.column_stack([(features - mean) / scale, np.ones(len(features))])
    size = x.shape[1]
    weights = [rng.normal(0, 1 / np.sqrt(size), (size, units)), rng.normal(0, 0.3, units + 1)]
    moments = [[np.zeros_like(part), np.zeros_like(part)] for part in weights]
    for step in range(1, _ROUNDS + 1):
        gradients = _gradients(x, truth, *weights)
        for part, gradient, moment in zip(weights, gradients, moments, strict=True):
            gradient = gradient + _DECAY * part
            moment[0] = 0.9 * moment[0] + 0.1 * gradient
            moment[1] = 0.999 * moment[1] + 0.001 * gradient**2
            part -= _RATE * (moment[0] / (1 - 0.9**step)) / (np.sqrt(moment[1] / (1 - 0.999**step)) + 1e-8)
    return Net(mean, scale, weights[0], weights[1])


def _gradients(
    x: np.ndarray, truth: np.ndarray, inner: np.ndarray, outer: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    bent = np.tanh(x @ inner)
    error = (1 / (1 + np.exp(-(bent @ outer[:-1] + outer[-1]))) - truth) / len(truth)
    back = error[:, None] * outer[:-1] * (1 - bent**2)
    return x.T @ back, np.append(bent.T @ error, error.sum())


def note_truth(notes: np.ndarray, tolerance_s: float, found: Candidates) -> np.ndarray:
    """(n,) 1 for the candidates that are a note that was played, clearest strokes first, each note once.

    `notes`: (played, 3) or more columns: start, end, pitch.
    """
    truth, is_free = np.zeros(len(found)), np.ones(len(notes), bool)
    for index in np.argsort(-found.features[:, STRUCK]):
        apart = np.abs(notes[:, 0] - found.start[index] * FRAME_S)
        may_be = is_free & (notes[:, 2] == found.key[index] + LOWEST_PITCH)
        apart = np.where(may_be, apart, np.inf)
        if apart.min(initial=np.inf) <= tolerance_s + _LEEWAY_S:
            is_free[apart.argmin()] = False
            truth[index] = 1
    return truth


def stroke_truth(played: Performance, at: np.ndarray) -> np.ndarray:
    """(n,) 1 for the moment nearest to each beginning."""
    truth = np.zeros(len(at))
    for start in sorted({note[0] for note in played.notes}) if len(at) else ():
        apart = np.abs(at * FRAME_S - start)
        if apart.min() <= played.tolerance_s:
            truth[int(apart.argmin())] = 1
    return truth


def as_table(net: Net, features: Sequence[str]) -> dict[str, list[object]]:
    """The network as it lies in ear.json."""
    return {
        "features": list(features),
        "mean": net.mean.round(5).tolist(),
        "scale": net.scale.round(5).tolist(),
        "inner": net.inner.round(4).tolist(),
        "outer": net.outer.round(4).tolist(),
    }
