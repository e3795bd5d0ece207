"""Which hands go on, and as whom?

At a barline the weak may go on as copies of the strong (a particle filter, resampled systematically): those
who stay keep their place, the copies take the places of those who fell.

>>> survivors([0.0, 0.0, 9.0], 1.0, 0.5)
[2, 2, 2]
>>> survivors([0.1, 0.0, 0.1], 1.0, 0.5) is None
True
"""

from collections.abc import Sequence
from math import exp

_ENOUGH = 0.7
"""Nobody falls while the hands are worth so many of them."""


def survivors(scores: Sequence[float], sharpness: float, chance: float) -> list[int] | None:
    """For each hand which hand it goes on as; None: all as themselves. `chance` from 0 to 1."""
    best = max(scores)
    if best == float("-inf"):
        return None
    weights = [exp(sharpness * (score - best)) for score in scores]
    total, count = sum(weights), len(weights)
    if total * total / sum(weight * weight for weight in weights) >= _ENOUGH * count:
        return None
    return _settled(_counts([weight * count / total for weight in weights], chance))


def _counts(shares: Sequence[float], chance: float) -> list[int]:
    """How many each becomes: systematic resampling."""
    counts, sum_before = [], 0.0
    for share in shares:
        counts.append(int(sum_before + share + chance) - int(sum_before + chance))
        sum_before += share
    counts[counts.index(max(counts))] += len(shares) - sum(counts)
    return counts


def _settled(counts: list[int]) -> list[int]:
    copies = [place for place, count in enumerate(counts) for _ in range(count - 1)]
    return [place if count else copies.pop() for place, count in enumerate(counts)]
