"""How often does the harmoniser put people's roots under people's melodies?"""

from collections.abc import Iterator, Sequence

import numpy as np

from engine.generation.harmoniser.network import Harmoniser, Heard
from engine.generation.harmoniser.pulses import KINDS
from engine.training.harmoniser.examples import Example

_PULSES = 48
"""Twelve bars of four pulses, nothing told."""


def scores_of(network: Harmoniser, examples: Sequence[Example]) -> dict[str, float]:
    """`root`: share of the time in which the likeliest root is people's; `chord`: root and seventh class;
    `changes`: changes a pulse, beside people's."""
    agreed = exact = ticks = changes = people = pulses = 0.0
    for remarks, own, lasting in _windows(examples):
        shares = shares_of(network.hear(remarks), network.moves(), network.first())
        best = shares.reshape(len(shares), 12, KINDS).sum(axis=2).argmax(axis=1)
        chosen = np.where(np.arange(12 * KINDS) // KINDS == best[:, None], shares, -1.0).argmax(axis=1)
        agreed += float((lasting * (best == own // KINDS)).sum())
        exact += float((lasting * (chosen == own)).sum())
        ticks += float(lasting.sum())
        changes += float((np.diff(chosen) != 0).sum())
        people += float((np.diff(own) != 0).sum())
        pulses += len(own)
    if not ticks:
        return {}
    found = {"root": agreed / ticks, "chord": exact / ticks}
    found |= {"changes": changes / pulses, "people_changes": people / pulses, "pulses": pulses}
    return {name: round(value, 4) for name, value in found.items()}


def _windows(examples: Sequence[Example]) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    for example in examples:
        for first in range(0, len(example.chords) - _PULSES // 2, _PULSES):
            place = slice(first, first + _PULSES)
            if (example.chords[place] >= 0).all():
                yield example.remarks[place], example.chords[place], example.ticks[place]


def shares_of(heard: Heard, moves: np.ndarray, first: np.ndarray) -> np.ndarray:
    """Probability of every chord at every pulse (forward and backward), (pulses, 192)."""
    ways, stays = np.exp(moves), 1.0 / (1.0 + np.exp(-heard.holds))
    own = np.exp(heard.chords - heard.chords.max(axis=1, keepdims=True))
    forward, backward = np.zeros_like(own), np.ones_like(own)
    forward[0] = _one(own[0] * np.exp(first - first.max()))
    for pulse in range(1, len(own)):
        before = forward[pulse - 1]
        forward[pulse] = _one(own[pulse] * (before @ ways * (1 - stays[pulse]) + before * stays[pulse]))
    for pulse in range(len(own) - 2, -1, -1):
        after = backward[pulse + 1] * own[pulse + 1]
        backward[pulse] = _one(ways @ after * (1 - stays[pulse + 1]) + after * stays[pulse + 1])
    shares = forward * backward
    return np.asarray(shares / shares.sum(axis=1, keepdims=True))


def _one(weights: np.ndarray) -> np.ndarray:
    return np.asarray(weights / weights.sum())
