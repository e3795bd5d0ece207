"""Which token is written, of those that may be?

Chance is counted, not rolled: the number for step s of take t under a seed is the same whatever else is
asked, in whatever order (Philox, Salmon et al. 2011, keyed by seed and take, its counter the step). A token
is drawn by the inverse of the cumulative distribution, tokens in their order.

>>> chance = Chance(seed=7, take=2)
>>> chance.at(300) == Chance(seed=7, take=2).at(300) != chance.at(301)
True
>>> choose(np.array([0.0, 9.0, 0.0, 8.0], np.float32), np.array([0, 3]), Taste(), None, 0.999)
3
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_BLOCK = 256
_WORD = (1 << 64) - 1
_LEAST_TEMPERATURE = 1e-3

Ids = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Taste:
    """How far from the likeliest: temperature (1: as learnt), and the share of likelihood the tokens drawn
    from must hold (the rest, the unlikeliest, is left out). Raises ValueError when out of range."""

    temperature: float = 1.0
    top_p: float = 1.0

    def __post_init__(self) -> None:
        if not (_LEAST_TEMPERATURE <= self.temperature <= 10 and 0 < self.top_p <= 1):
            raise ValueError("the temperature or the share is out of range")


AS_LEARNT = Taste()


class Chance:
    """Uniform numbers in 0..1 of one take, by step."""

    def __init__(self, seed: int, take: int) -> None:
        self._key = np.array([seed & _WORD, take & _WORD], np.uint64)
        self._number = -1
        self._block: list[float] = []

    def at(self, step: int) -> float:
        """The number of this step."""
        number, place = divmod(step, _BLOCK)
        if number != self._number:
            philox = np.random.Philox(key=self._key, counter=[0, number, 0, 0])
            self._number, self._block = number, np.random.Generator(philox).random(_BLOCK).tolist()
        return self._block[place]


def choose(
    logits: NDArray[np.float32],
    allowed: Ids,
    taste: Taste,
    bias: NDArray[np.float64] | None,
    chance: float,
) -> int:
    """One of the allowed tokens, with probability ~ exp(logit / temperature + bias).

    `bias` has one number for each allowed token (-inf: not this one, unless nothing else is left).
    """
    return choose_each(logits[None], [allowed], taste, [bias], [chance])[0]


def choose_each(
    logits: NDArray[np.float32],
    allowed: Sequence[Ids],
    taste: Taste,
    biases: Sequence[NDArray[np.float64] | None],
    chances: Sequence[float],
) -> list[int]:
    """As `choose` for every row of the logits; no row depends on the others."""
    count, width = len(allowed), max(map(len, allowed))
    scores, leanings = np.full((count, width), -np.inf), np.zeros((count, width))
    for row, (own, bias) in enumerate(zip(allowed, biases, strict=True)):
        scores[row, : len(own)] = logits[row].take(own)
        if bias is not None:
            leanings[row, : len(own)] = bias
    scores /= taste.temperature
    leanings += scores
    is_left = np.maximum.reduce(leanings, axis=1) > -np.inf
    scores = leanings if is_left.all() else np.where(is_left[:, None], leanings, scores)
    scores -= np.maximum.reduce(scores, axis=1, keepdims=True)
    weights = np.exp(scores)
    if taste.top_p < 1:
        weights = _likeliest(weights, taste.top_p)
    sums = weights.cumsum(axis=1)
    wanted = np.array(chances)[:, None] * sums[:, -1:]
    places = np.minimum((sums <= wanted).sum(axis=1), _last_above_zero(weights))
    return [int(own[place]) for own, place in zip(allowed, places.tolist(), strict=True)]


def surprise(logits: NDArray[np.float32]) -> NDArray[np.float64]:
    """The logarithm of the sum that makes each row of logits a distribution: minus a token's logit, that
    token's surprise in nats."""
    rows = logits.astype(np.float64)
    top = rows.max(axis=-1)
    return np.asarray(np.log(np.exp(rows - top[:, None]).sum(axis=-1)) + top)


def _likeliest(weights: NDArray[np.float64], share: float) -> NDArray[np.float64]:
    """The weights of each row without those past the share; of equals the first stay."""
    order = (-weights).argsort(axis=1, kind="stable")
    rows = np.arange(len(weights))[:, None]
    ranked = weights[rows, order]
    sums = ranked.cumsum(axis=1)
    kept = (sums < share * sums[:, -1:]).sum(axis=1, keepdims=True)
    left = np.empty_like(weights)
    left[rows, order] = np.where(np.arange(weights.shape[1]) <= kept, ranked, 0.0)
    return left


def _last_above_zero(weights: NDArray[np.float64]) -> NDArray[np.intp]:
    """The last place of each row that is not zero."""
    return np.asarray(weights.shape[1] - 1 - (weights[:, ::-1] > 0).argmax(axis=1))
