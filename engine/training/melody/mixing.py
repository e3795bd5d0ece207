"""How much should each expert be believed? Mixing weights, learnt on the validation part by Adam (Kingma & Ba
2015).
"""

import numpy as np
from numpy.typing import NDArray

from engine.generation.melody.tables import SEEN_BUCKETS, Stream
from engine.training.melody.counting import level_scores
from engine.training.melody.rows import STYLES, Ints, Rows

_BATCH = 512
SHARING = 5e-2
"""How strongly the styles' weights are held together: the songs of the validation part are few."""
Floats = NDArray[np.float64]


class Scored:
    """All level scores of some rows: log_p (levels, rows, alphabet) float32, buckets (levels, rows)."""

    def __init__(self, stream: Stream, rows: Rows) -> None:
        levels = list(level_scores(stream, rows))
        self.log_p = np.stack([scores for scores, _ in levels])
        self.buckets = np.stack([buckets for _, buckets in levels])
        self.outcome, self.style = rows.outcome, rows.style

    def mixed(self, weights: Floats, chosen: Ints) -> NDArray[np.float32]:
        """Probabilities (rows, alphabet) of the chosen rows."""
        held = self._held(weights, chosen)
        logits = np.einsum("kn,kna->na", held, self.log_p[:, chosen])
        logits -= logits.max(axis=1, keepdims=True)
        p: NDArray[np.float32] = np.exp(logits)
        return np.asarray(p / p.sum(axis=1, keepdims=True))

    def _held(self, weights: Floats, chosen: Ints) -> NDArray[np.float32]:
        levels = np.arange(len(self.log_p))[:, None]
        return weights[self.style[chosen][None, :], levels, self.buckets[:, chosen]].astype(np.float32)

    def bits(self, weights: Floats) -> Floats:
        """-log2 of the probability of each row's outcome."""
        found = np.empty(len(self.outcome))
        for start in range(0, len(found), 2000):
            chosen = np.arange(start, min(start + 2000, len(found)))
            p = self.mixed(weights, chosen)
            found[chosen] = -np.log2(np.maximum(p[np.arange(len(chosen)), self.outcome[chosen]], 1e-12))
        return found


def learn_weights(scored: Scored, seed: int, epochs: int = 12, rate: float = 0.01) -> Floats:
    """Weights (styles, levels, SEEN_BUCKETS). Rows of the rarer style are seen as often as those of the
    other.
    """
    levels = len(scored.log_p)
    weights = np.full((len(STYLES), levels, SEEN_BUCKETS), 1.5 / levels)
    first, second = np.zeros_like(weights), np.zeros_like(weights)
    rng = np.random.Generator(np.random.Philox(key=seed))
    step = 0
    for epoch in range(epochs):
        order = _balanced_order(scored.style, rng)
        for start in range(0, len(order), _BATCH):
            step += 1
            gradient = _gradient(scored, weights, order[start : start + _BATCH])
            first = 0.9 * first + 0.1 * gradient
            second = 0.98 * second + 0.02 * gradient**2
            pace = rate * (1.0 if epoch < epochs // 2 else 0.25)
            corrected = (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.98**step)) + 1e-8)
            weights -= pace * corrected
    return weights


def _balanced_order(style: Ints, rng: np.random.Generator) -> Ints:
    groups = [np.flatnonzero(style == number) for number in range(len(STYLES))]
    most = max(len(group) for group in groups)
    repeats = [np.tile(group, min(4, most // len(group))) for group in groups if len(group)]
    return rng.permutation(np.concatenate(repeats))


def _gradient(scored: Scored, weights: Floats, chosen: Ints) -> Floats:
    p = scored.mixed(weights, chosen)
    p[np.arange(len(chosen)), scored.outcome[chosen]] -= 1
    by_level = np.einsum("na,kna->kn", p, scored.log_p[:, chosen]) / len(chosen)
    gradient = np.zeros_like(weights)
    levels = np.arange(len(scored.log_p))[:, None]
    np.add.at(
        gradient,
        (scored.style[chosen][None, :], levels, scored.buckets[:, chosen]),
        by_level.astype(np.float64),
    )
    shared = weights.mean(axis=0, keepdims=True)
    return np.asarray(gradient + SHARING * (weights - shared) + 1e-4 * weights)
