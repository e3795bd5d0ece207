"""Where does something begin in a sound: a pluck, a key, a syllable, a drum?

Spectral flux of logarithmic bands, each compared with the strongest of its neighbours a moment earlier so
that vibrato is no beginning (Böck and Widmer, Maximum Filter Vibrato Suppression for Onset Detection, DAFx
2013).
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

RATE_HZ, HOP, WINDOW = 22050, 256, 1024
FRAME_S = HOP / RATE_HZ
_LOWEST_HZ, _HIGHEST_HZ, _BANDS_PER_OCTAVE = 40.0, 10_500.0, 12
_BACK = 2  # frames
_PIECE = 2048  # frames at a time
_GAIN = 100.0
_AROUND = 9  # frames on each side whose mean a beginning must stand out from


@dataclass(frozen=True, slots=True)
class Strokes:
    """A frame each 11.6 ms, centred. `flux`: (n,) how much begins, bands' mean rise in decades.

    `bands`: (n, 3) energy below 150 Hz, from there to 3 kHz, above; `centroid_hz`, `level_db`: (n,).
    """

    flux: np.ndarray
    bands: np.ndarray
    centroid_hz: np.ndarray
    level_db: np.ndarray

    def between(self, start_s: float, end_s: float) -> "Strokes":
        """The frames of a stretch of time."""
        part = slice(round(start_s / FRAME_S), round(end_s / FRAME_S))
        return Strokes(self.flux[part], self.bands[part], self.centroid_hz[part], self.level_db[part])

    def __len__(self) -> int:
        return len(self.flux)


@lru_cache(maxsize=1)
def _filters() -> np.ndarray:
    """(513, bands): triangles on a logarithmic scale, one bin wide at least, each of sum one."""
    bins = np.arange(WINDOW // 2 + 1) * RATE_HZ / WINDOW
    octaves = np.log2(_HIGHEST_HZ / _LOWEST_HZ)
    centres = _LOWEST_HZ * 2 ** (np.arange(int(octaves * _BANDS_PER_OCTAVE) + 2) / _BANDS_PER_OCTAVE)
    marks = np.unique(np.round(centres * WINDOW / RATE_HZ).astype(int))
    filters = np.zeros((len(bins), len(marks) - 2), np.float32)
    for index, (low, middle, high) in enumerate(zip(marks, marks[1:], marks[2:], strict=False)):
        up = np.arange(low, middle + 1)
        down = np.arange(middle, high + 1)
        filters[up, index] = (up - low) / (middle - low)
        filters[down, index] = (high - down) / (high - middle)
    return np.asarray(filters / filters.sum(axis=0))


def hear_strokes(samples: np.ndarray, checkpoint: Callable[[], None] = lambda: None) -> Strokes:
    """The beginnings in 22 050 Hz samples whose peak is 1."""
    frames = len(samples) // HOP + 1
    padded = np.pad(samples, (WINDOW // 2, WINDOW))
    window = np.hanning(WINDOW).astype(np.float32)
    offsets = np.arange(WINDOW)
    pieces = []
    before = None
    for first in range(0, frames, _PIECE):
        checkpoint()
        at = np.arange(first, min(first + _PIECE, frames)) * HOP
        spectrum = np.abs(np.fft.rfft(padded[at[:, None] + offsets] * window, axis=1)).astype(np.float32)
        bands = np.log10(1 + _GAIN * (spectrum @ _filters()))
        pieces.append((_flux(bands, before), *_described(spectrum)))
        before = bands[-_BACK:]
    flux, energies, centroid, level = (np.concatenate(parts) for parts in zip(*pieces, strict=True))
    return Strokes(_above_surroundings(flux), energies, centroid, level)


def _flux(bands: np.ndarray, before: np.ndarray | None) -> np.ndarray:
    """(n,) rise over the strongest neighbour two frames earlier."""
    known = np.concatenate([bands[:1].repeat(_BACK, 0) if before is None else before, bands])
    earlier = known[: len(bands)]
    widest = earlier.copy()
    widest[:, 1:] = np.maximum(widest[:, 1:], earlier[:, :-1])
    widest[:, :-1] = np.maximum(widest[:, :-1], earlier[:, 1:])
    return np.asarray(np.maximum(bands - widest, 0).mean(axis=1))


def _described(spectrum: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    power = np.square(spectrum)
    hz = np.fft.rfftfreq(WINDOW, 1 / RATE_HZ).astype(np.float32)
    low, high = np.searchsorted(hz, (150.0, 3000.0))
    bands = np.stack([power[:, 1:low].sum(1), power[:, low:high].sum(1), power[:, high:].sum(1)], axis=1)
    level = 10 * np.log10(np.maximum(power.mean(axis=1) / WINDOW, 1e-12))
    return bands, power @ hz / np.maximum(power.sum(axis=1), 1e-9), level


def _above_surroundings(flux: np.ndarray) -> np.ndarray:
    """The flux above the mean of its surroundings."""
    kernel = np.ones(2 * _AROUND + 1) / (2 * _AROUND + 1)
    return np.asarray(np.maximum(flux - np.convolve(flux, kernel, mode="same")[: len(flux)], 0.0))


def peaks(curve: np.ndarray, least: float, apart: int = 3) -> np.ndarray:
    """Indices of local maxima of at least `least`, the highest within `apart` frames on both sides."""
    if not len(curve):
        return np.zeros(0, int)
    padded = np.pad(curve, apart, constant_values=-np.inf)
    around = np.lib.stride_tricks.sliding_window_view(padded, 2 * apart + 1)
    is_top = (curve >= around.max(axis=1)) & (curve >= least)
    is_top[1:] &= ~(is_top[:-1] & (curve[1:] == curve[:-1]))
    return np.flatnonzero(is_top)
