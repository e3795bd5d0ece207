"""Where does this recording's A lie?

Singers and old pianos are flat. Rounding to semitones before that is known makes two notes of one. The
tuning is the place within the semitone around which pitches gather (their circular mean).

>>> round(gathered(np.array([60.2, 62.21, 64.19]), np.ones(3))[0], 2)
0.2
"""

import numpy as np

from engine.analysis.audio.pitchtrack import PitchTrack

_LEAST_GATHERED = 0.12
_STEADY = 0.06  # semitones from frame to frame; glides say nothing about tuning
_VIBRATO = 13  # frames, some 200 ms: a vibrato's swing evens out
_VOICED = 0.6
_PEAK_WINDOW, _PEAK_HOP = 8192, 8192
_RATE_HZ = 22050
_LOWEST_HZ, _HIGHEST_HZ = 110.0, 1800.0
_MOST_WINDOWS = 160


def gathered(pitch: np.ndarray, weight: np.ndarray) -> tuple[float, float]:
    """The place in semitones, -0.5 to 0.5, around which pitches gather, and how much they do, 0-1."""
    total = float(weight.sum())
    if total <= 0:
        return 0.0, 0.0
    mean = complex((weight * np.exp(2j * np.pi * pitch)).sum() / total)
    return float(np.angle(mean) / (2 * np.pi)), abs(mean)


def voice_tuning(track: PitchTrack) -> float:
    """Semitones by which a voice lies above the tempered scale at 440 Hz; 0 when its pitches do not
    gather.
    """
    voiced = np.where(track.voicing > _VOICED, track.voicing, 0.0)
    if len(track) < _VIBRATO or not voiced.any():
        return 0.0
    kernel = np.ones(_VIBRATO)
    weight = np.convolve(voiced, kernel, mode="same")
    middle = np.convolve(voiced * track.pitch, kernel, mode="same") / np.maximum(weight, 1e-9)
    flat = np.abs(np.gradient(middle)) < _STEADY
    place, share = gathered(middle, np.where(flat & (voiced > 0), voiced, 0.0))
    return place if share >= _LEAST_GATHERED else 0.0


def chord_tuning(samples: np.ndarray) -> float:
    """The same for several notes at once, from the spectrum's peaks; 22 050 Hz samples."""
    if len(samples) < _PEAK_WINDOW:
        samples = np.pad(samples, (0, _PEAK_WINDOW - len(samples)))
    starts = np.arange(0, len(samples) - _PEAK_WINDOW + 1, _PEAK_HOP)
    starts = starts[:: max(1, len(starts) // _MOST_WINDOWS)]
    window = np.hanning(_PEAK_WINDOW)
    pitches, weights = [], []
    for start in starts:
        pitch, weight = _spectral_peaks(np.abs(np.fft.rfft(samples[start : start + _PEAK_WINDOW] * window)))
        pitches.append(pitch)
        weights.append(weight)
    place, share = gathered(np.concatenate(pitches), np.concatenate(weights))
    return place if share >= _LEAST_GATHERED else 0.0


def _spectral_peaks(spectrum: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pitches of the loudest peaks, between bins by a parabola, and their compressed strengths."""
    low, high = (int(hz * _PEAK_WINDOW / _RATE_HZ) for hz in (_LOWEST_HZ, _HIGHEST_HZ))
    inner = spectrum[low:high]
    is_peak = (inner > spectrum[low - 1 : high - 1]) & (inner >= spectrum[low + 1 : high + 1])
    at = np.flatnonzero(is_peak & (inner > 0.05 * spectrum.max(initial=1e-9))) + low
    left, middle, right = (np.log(np.maximum(spectrum[at + step], 1e-9)) for step in (-1, 0, 1))
    bend = left - 2 * middle + right
    shift = np.where(np.abs(bend) > 1e-9, 0.5 * (left - right) / np.where(bend == 0, 1, bend), 0.0)
    hz = (at + np.clip(shift, -0.5, 0.5)) * _RATE_HZ / _PEAK_WINDOW
    return 69 + 12 * np.log2(hz / 440), np.sqrt(spectrum[at])
