"""Seen over half a minute, what is a beat, what a first beat, which metre is it and how fast?

A stack of convolutions that reach further and further (temporal convolutional network: Davies & Böck,
EUSIPCO 2019; metre and tempo from the same layers as in Böck & Davies, ISMIR 2020), learnt here
(engine.training.hearing.pulselearning) on what `pulsefeatures` measures. Two frames are one step inside.
Two networks that learnt from other beginnings are asked, and the mean is taken.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from engine.analysis.audio.beatdecoding import METRES
from engine.analysis.audio.pulsefeatures import FEATURES, OF_SOUND
from engine.analysis.audio.weights import read_weights

SLOWEST_BPM, TEMPI, TEMPI_PER_OCTAVE = 40.0, 60, 24
CHANNELS, LAYERS, TAPS, WHOLE = 24, 9, 5, 48
MEMBERS = 2

_SHAPES: dict[str, tuple[int, ...]] = {
    "mean": (FEATURES,),
    "scale": (FEATURES,),
    "inp.weight": (CHANNELS, 2 * FEATURES, 3),
    "inp.bias": (CHANNELS,),
    "out.weight": (4, CHANNELS, 1),
    "out.bias": (4,),
    "whole.weight": (WHOLE, CHANNELS, 1),
    "whole.bias": (WHOLE,),
    "head.weight": (len(METRES) + TEMPI, 2 * WHOLE),
    "head.bias": (len(METRES) + TEMPI,),
}
for _layer in range(LAYERS):
    _SHAPES[f"dil.{_layer}.weight"] = (CHANNELS, CHANNELS, TAPS)
    _SHAPES[f"mix.{_layer}.weight"] = (CHANNELS, CHANNELS, 1)
    _SHAPES[f"dil.{_layer}.bias"] = _SHAPES[f"mix.{_layer}.bias"] = (CHANNELS,)
_ALL_SHAPES = {f"{member}.{name}": shape for member in range(MEMBERS) for name, shape in _SHAPES.items()}


@dataclass(frozen=True)
class Pulse:
    """beat, first: (frames,) log odds of a beat, of a first beat. metres: (4,) and tempi: (TEMPI,) log shares
    of the whole."""

    beat: np.ndarray
    first: np.ndarray
    metres: np.ndarray
    tempi: np.ndarray


def follow_pulse(features: np.ndarray) -> Pulse:
    """What the networks say of `pulse_features` or `note_pulse_features`. Raises ModelError."""
    weights = read_weights("pulse", _ALL_SHAPES)
    members = ({name: weights[f"{member}.{name}"] for name in _SHAPES} for member in range(MEMBERS))
    return mean_pulse([_followed(features, member) for member in members])


def mean_pulse(said: Sequence[Pulse]) -> Pulse:
    """The mean of several."""
    names = ("beat", "first", "metres", "tempi")
    return Pulse(*(np.mean([getattr(each, name) for each in said], axis=0) for name in names))


def _followed(features: np.ndarray, weights: Mapping[str, np.ndarray]) -> Pulse:
    hidden = _rectified(convolved(_pairs(features, weights), weights, "inp", 1))
    for layer in range(LAYERS):
        reached = _rectified(convolved(hidden, weights, f"dil.{layer}", 2**layer))
        hidden = hidden + convolved(reached, weights, f"mix.{layer}", 1)
    odds = convolved(hidden, weights, "out", 1)
    whole = _rectified(convolved(hidden, weights, "whole", 1))
    count = max(1, len(whole))
    summary = np.concatenate([whole.sum(axis=0) / count, np.sqrt((whole**2).sum(axis=0) / count + 1e-6)])
    told = weights["head.weight"] @ summary + weights["head.bias"]
    frames = len(features)
    return Pulse(
        odds[:, :2].reshape(-1)[:frames],
        odds[:, 2:].reshape(-1)[:frames],
        _log_shares(told[: len(METRES)]),
        _log_shares(told[len(METRES) :]),
    )


def tempo_class(bpm: float) -> int:
    """Which of the tempi this is."""
    at = round(float(np.log2(bpm / SLOWEST_BPM)) * TEMPI_PER_OCTAVE)
    return min(TEMPI - 1, max(0, at))


def _pairs(features: np.ndarray, weights: Mapping[str, np.ndarray]) -> np.ndarray:
    """(steps, 2 * FEATURES) in the scale of the network; without a sound its part is zero."""
    scaled = (features - weights["mean"]) / weights["scale"]
    if not features[:, OF_SOUND - 1].any():
        scaled[:, :OF_SOUND] = 0
    even = np.concatenate([scaled, scaled[-1:]]) if len(scaled) % 2 else scaled
    return np.asarray(even.reshape(len(even) // 2, 2 * FEATURES), np.float32)


def convolved(rows: np.ndarray, weights: Mapping[str, np.ndarray], name: str, apart: int) -> np.ndarray:
    """(steps, channels): taps `apart` steps from each other, silence beyond both ends."""
    kernel, steps = weights[f"{name}.weight"], len(rows)
    out = np.tile(weights[f"{name}.bias"], (steps, 1))
    for tap in range(kernel.shape[2]):
        shift = (tap - kernel.shape[2] // 2) * apart
        low, high = max(0, -shift), min(steps, steps - shift)
        if low < high:
            out[low:high] += rows[low + shift : high + shift] @ kernel[:, :, tap].T
    return out


def _rectified(rows: np.ndarray) -> np.ndarray:
    return np.asarray(np.maximum(rows, 0))


def _log_shares(scores: np.ndarray) -> np.ndarray:
    shifted = scores - scores.max()
    return np.asarray(shifted - np.log(np.exp(shifted).sum()))
