"""How strongly does each moment of a recording call for a beat, and for a bar's first beat?

A log-frequency spectrogram (24 bands an octave, 20 ms frames of 64 ms) and its rises go through BeatNet's
convolution and two recurrent layers (Heydari, Cwitkowitz & Duan, ISMIR 2021; weights CC BY 4.0, card in
assets/models/listening/beats.json). The spectrogram is that of Böck et al., madmom (2016), computed here.
The input halves of the recurrent layers are one matrix product; only the recurrence is a loop.
"""

from collections.abc import Callable, Mapping
from functools import cache

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from engine.analysis.audio.weights import read_weights

RATE_HZ = 22050
HOP_SAMPLES, WINDOW_SAMPLES = 441, 1411
FRAME_S = HOP_SAMPLES / RATE_HZ
_BANDS_PER_OCTAVE, _LOWEST_HZ, _HIGHEST_HZ, _TUNING_HZ = 24, 30.0, 17000.0, 440.0
_BANDS, _KERNEL, _CELLS = 136, 10, 150
_BATCH = 2048
_LOOK_UP = 500  # frames between looks at the checkpoint: ten seconds of music

_SHAPES = {
    "conv1.weight": (2, 1, _KERNEL),
    "conv1.bias": (2,),
    "linear0.weight": (_CELLS, 262),
    "linear0.bias": (_CELLS,),
    "linear.weight": (3, _CELLS),
    "linear.bias": (3,),
} | {
    f"lstm.{kind}_{side}_l{layer}": (4 * _CELLS, _CELLS) if kind == "weight" else (4 * _CELLS,)
    for kind in ("weight", "bias")
    for side in ("ih", "hh")
    for layer in (0, 1)
}


def as_mastered(samples: np.ndarray) -> np.ndarray:
    """The samples as loud as the recordings BeatNet knows: all but stray peaks within 0.8."""
    loud = (
        float(np.percentile(np.abs(samples[:: max(1, len(samples) // 2_000_000)]), 99.9))
        if len(samples)
        else 0
    )
    return np.asarray(samples * (0.8 / loud) if loud > 1e-6 else samples, np.float32)


def beat_activations(features: np.ndarray, checkpoint: Callable[[], None]) -> np.ndarray:
    """(frames, 2) probabilities of a beat that is no downbeat, and of a downbeat, every 20 ms.

    features: (frames, 272) from `rhythm_features`. Raises ModelError without the weights.
    """
    weights = read_weights("beats", _SHAPES)
    hidden = np.concatenate(
        [_convolved(features[at : at + _BATCH], weights) for at in range(0, len(features), _BATCH)]
        or [np.zeros((0, _CELLS), np.float32)]
    )
    for layer in (0, 1):
        hidden = _recurrent(hidden, weights, layer, checkpoint)
    logits = hidden @ weights["linear.weight"].T + weights["linear.bias"]
    odds = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(odds[:, :2] / odds.sum(axis=1, keepdims=True))


def rhythm_features(samples: np.ndarray) -> np.ndarray:
    """(frames, 272): log magnitudes in bands, and by how much each rose in 20 ms.

    samples: (n,) mono at 22,050 Hz, as loud as `as_mastered` makes them.
    """
    frames = -(-len(samples) // HOP_SAMPLES)
    if frames == 0:
        return np.zeros((0, 2 * _BANDS), np.float32)
    before = WINDOW_SAMPLES // 2
    after = max(0, (frames - 1) * HOP_SAMPLES + WINDOW_SAMPLES - before - len(samples))
    padded = np.pad(samples.astype(np.float32), (before, after))
    windows = sliding_window_view(padded, WINDOW_SAMPLES)[::HOP_SAMPLES][:frames]
    shape = np.hanning(WINDOW_SAMPLES).astype(np.float32)
    bank = _filterbank()
    bands = np.empty((frames, _BANDS), np.float32)
    for at in range(0, frames, _BATCH):
        spectrum = np.abs(np.fft.rfft(windows[at : at + _BATCH] * shape, axis=1))[:, : WINDOW_SAMPLES // 2]
        bands[at : at + _BATCH] = np.log10(spectrum.astype(np.float32) @ bank + 1)
    rises = np.zeros_like(bands)
    np.maximum(bands[1:] - bands[:-1], 0, out=rises[1:])
    return np.concatenate([bands, rises], axis=1)


@cache
def _filterbank() -> np.ndarray:
    """(705, 136) triangles of area 1, centred on the spectrum lines nearest to quarter tones."""
    lines_hz = np.arange(WINDOW_SAMPLES // 2) * RATE_HZ / (2 * (WINDOW_SAMPLES // 2))
    steps = np.arange(
        np.ceil(np.log2(_LOWEST_HZ / _TUNING_HZ) * _BANDS_PER_OCTAVE),
        np.floor(np.log2(_HIGHEST_HZ / _TUNING_HZ) * _BANDS_PER_OCTAVE) + 1,
    )
    centres_hz = _TUNING_HZ * 2 ** (steps / _BANDS_PER_OCTAVE)
    right = np.clip(np.searchsorted(lines_hz, centres_hz), 1, len(lines_hz) - 1)
    is_left = centres_hz - lines_hz[right - 1] < lines_hz[right] - centres_hz
    corners = np.unique(right - is_left)
    bank = np.zeros((len(lines_hz), len(corners) - 2), np.float32)
    for band, (start, centre, stop) in enumerate(zip(corners, corners[1:], corners[2:], strict=False)):
        if stop - start < 2:
            centre, stop = start, start + 1
        rise = np.linspace(0, 1, centre - start, endpoint=False)
        triangle = np.concatenate([rise, np.linspace(1, 0, stop - centre, endpoint=False)])
        bank[start:stop, band] = triangle / triangle.sum()
    return bank


def _convolved(features: np.ndarray, weights: Mapping[str, np.ndarray]) -> np.ndarray:
    """(frames, 150): both kernels along frequency as one banded product, rectified, pooled by two."""
    outputs = features.shape[1] - _KERNEL + 1
    banded = np.zeros((features.shape[1], 2, outputs), np.float32)
    for tap in range(_KERNEL):
        banded[np.arange(outputs) + tap, :, np.arange(outputs)] = weights["conv1.weight"][:, 0, tap]
    rows = features @ banded.reshape(features.shape[1], -1)
    rows = np.maximum(rows.reshape(len(features), 2, outputs) + weights["conv1.bias"][:, None], 0)
    even = outputs // 2 * 2
    pooled = np.maximum(rows[:, :, 0:even:2], rows[:, :, 1:even:2]).reshape(len(features), -1)
    return np.asarray(pooled @ weights["linear0.weight"].T + weights["linear0.bias"])


def _recurrent(
    inputs: np.ndarray, weights: Mapping[str, np.ndarray], layer: int, checkpoint: Callable[[], None]
) -> np.ndarray:
    """(frames, 150) states of one LSTM layer, from rest."""
    bias = weights[f"lstm.bias_ih_l{layer}"] + weights[f"lstm.bias_hh_l{layer}"]
    driven = inputs @ weights[f"lstm.weight_ih_l{layer}"].T + bias
    inner = np.ascontiguousarray(weights[f"lstm.weight_hh_l{layer}"])
    # sigmoid(x) = (1 + tanh(x / 2)) / 2: one tanh serves all four gates
    halves = np.full(4 * _CELLS, 0.5, np.float32)
    halves[2 * _CELLS : 3 * _CELLS] = 1.0
    driven, inner = driven * halves, inner * halves[:, None]
    state, cell = np.zeros(_CELLS, np.float32), np.zeros(_CELLS, np.float32)
    states = np.empty((len(inputs), _CELLS), np.float32)
    for frame in range(len(inputs)):
        if frame % _LOOK_UP == 0:
            checkpoint()
        gates = np.tanh(driven[frame] + inner @ state)
        take, keep, give = (0.5 + 0.5 * gates[at * _CELLS : (at + 1) * _CELLS] for at in (0, 1, 3))
        cell = keep * cell + take * gates[2 * _CELLS : 3 * _CELLS]
        state = give * np.tanh(cell)
        states[frame] = state
    return states
