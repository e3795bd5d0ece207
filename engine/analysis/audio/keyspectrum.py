"""How strong is the sound at every key and above, moment by moment?

Two spectra are read on keys: one over 0.37 s, which tells low keys apart, and one over 93 ms, which tells
when something begins. Both follow the recording's tuning. Loudness is compressed; 1 is a full-scale tone.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from engine.analysis.audio.posteriors import HOP, LOWEST_PITCH, RATE_HZ

BINS = 104  # keys and what lies above them, up to 10.5 kHz
LONG_WINDOW, SHORT_WINDOW = 8192, 2048
FRAMES_A_STEP = 2
_GAIN = 2000.0
_NARROWEST_LINES = 1.5
_BATCH_STEPS = 256


@dataclass(frozen=True, slots=True)
class KeySpectrum:
    """`long`: (steps, 104), a step each two frames. `short`: (2 * steps, 104), a frame each 11.6 ms."""

    long: np.ndarray
    short: np.ndarray


def key_spectrum(samples: np.ndarray, tuning: float, first_step: int, steps: int) -> KeySpectrum:
    """The spectra from a step on of 22 050 Hz samples whose peak is 1; silence lies around them."""
    pieces = [
        (
            _levels(samples, tuning, LONG_WINDOW, FRAMES_A_STEP * HOP, at, count),
            _levels(samples, tuning, SHORT_WINDOW, HOP, FRAMES_A_STEP * at, FRAMES_A_STEP * count),
        )
        for at in range(first_step, first_step + steps, _BATCH_STEPS)
        for count in (min(_BATCH_STEPS, first_step + steps - at),)
    ]
    long, short = (np.concatenate(parts) for parts in zip(*pieces, strict=True))
    return KeySpectrum(long, short)


def _levels(samples: np.ndarray, tuning: float, window: int, hop: int, first: int, count: int) -> np.ndarray:
    """(count, 104) compressed levels around frames `first` and on."""
    begin = first * hop - window // 2
    end = begin + (count - 1) * hop + window
    part = samples[max(0, begin) : max(0, end)].astype(np.float32)
    before = max(0, -begin)
    part = np.pad(part, (before, max(0, end - begin - before - len(part))))
    shape = _shape(window)
    spectrum = np.abs(np.fft.rfft(sliding_window_view(part, window)[::hop] * shape, axis=1))
    power = np.square(spectrum.astype(np.float32) / shape.sum() * 2)
    level = np.sqrt(power @ _filters(window, round(tuning, 2)))
    return np.asarray(np.log10(1 + _GAIN * level) / np.log10(1 + _GAIN), np.float32)


@lru_cache(maxsize=2)
def _shape(window: int) -> np.ndarray:
    return np.hanning(window).astype(np.float32)


@lru_cache(maxsize=8)
def _filters(window: int, tuning: float) -> np.ndarray:
    """(lines, 104) triangles a semitone to each side, or as wide as a tone is smeared."""
    centres = 440.0 * 2 ** ((LOWEST_PITCH + np.arange(BINS) + tuning - 69) / 12) * window / RATE_HZ
    width = np.maximum(centres * (2 ** (1 / 12) - 1), _NARROWEST_LINES)
    lines = np.arange(window // 2 + 1)[:, None]
    return np.maximum(0, 1 - np.abs(lines - centres) / width).astype(np.float32)
