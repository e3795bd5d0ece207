"""Which pitch classes sound from beat to beat, and which in the bass?

The spectrum is read on a logarithmic scale, three bins to a semitone, moved by the recording's tuning. The
median over a slot keeps what lasts and drops strokes; whitening takes the instrument's colour out; then the
least non-negative mixture of notes with decaying overtones is found (after Mauch & Dixon, Approximate Note
Transcription for the Improved Identification of Difficult Chords, ISMIR 2010), so that overtones do not count
as notes. Everything in numpy.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

RATE_HZ, WINDOW_SAMPLES, HOP_SAMPLES = 22050, 8192, 1024
LOWEST_PITCH, HIGHEST_PITCH = 28, 100
PITCHES = HIGHEST_PITCH - LOWEST_PITCH + 1
_BINS_PER_SEMITONE = 3
_TOP_PITCH = 112  # overtones are looked at up to here
_OVERTONES, _DECAY = 12, 0.72
_ROUNDS = 40
_BATCH = 512


@dataclass(frozen=True)
class Chroma:
    """starts_s: (slots + 1,). notes: (slots, 73) strength of MIDI pitches 28-100, about 0-1.

    level_db: (slots,) loudness against the loudest slot.
    """

    starts_s: np.ndarray
    notes: np.ndarray
    level_db: np.ndarray

    @property
    def slots(self) -> int:
        return len(self.starts_s) - 1


@dataclass(frozen=True)
class LogSpectrum:
    """bins: (frames, 255) magnitudes on thirds of a semitone, 46 ms apart. level: (frames,) of all, RMS."""

    bins: np.ndarray
    level: np.ndarray


def hear_chroma(
    samples: np.ndarray,
    starts_s: np.ndarray,
    tuning_semitones: float,
    checkpoint: Callable[[], None] = lambda: None,
) -> Chroma:
    """What sounds in each slot; 22 050 Hz samples, slots from each start to the next."""
    return chroma_of(log_spectrum(samples, tuning_semitones, checkpoint), starts_s)


def chroma_of(spectrum: LogSpectrum, starts_s: np.ndarray) -> Chroma:
    """The same from a spectrum that was kept."""
    slots = _in_slots(spectrum.bins, starts_s)
    loud = _in_slots(spectrum.level[:, None], starts_s)[:, 0]
    level_db = 20 * np.log10(np.maximum(loud, 1e-9) / max(1e-9, float(loud.max(initial=1e-9))))
    return Chroma(starts_s, _notes_of(_whitened(slots)), level_db)


def log_spectrum(
    samples: np.ndarray, tuning_semitones: float, checkpoint: Callable[[], None] = lambda: None
) -> LogSpectrum:
    """The spectrum of 22 050 Hz samples whose A lies `tuning_semitones` above 440 Hz."""
    padded = np.pad(samples.astype(np.float32), (WINDOW_SAMPLES // 2, WINDOW_SAMPLES))
    frames = len(samples) // HOP_SAMPLES + 1
    windows = sliding_window_view(padded, WINDOW_SAMPLES)[::HOP_SAMPLES][:frames]
    shape = np.hanning(WINDOW_SAMPLES).astype(np.float32)
    lines, share = _interpolation(round(tuning_semitones, 3))
    bins = np.empty((frames, len(lines)), np.float32)
    level = np.empty(frames, np.float32)
    for at in range(0, frames, _BATCH):
        checkpoint()
        spectrum = np.abs(np.fft.rfft(windows[at : at + _BATCH] * shape, axis=1)).astype(np.float32)
        bins[at : at + _BATCH] = spectrum[:, lines] * (1 - share) + spectrum[:, lines + 1] * share
        level[at : at + _BATCH] = np.sqrt((spectrum**2).mean(axis=1))
    return LogSpectrum(bins, level)


@lru_cache(maxsize=8)
def _interpolation(tuning: float) -> tuple[np.ndarray, np.ndarray]:
    """Spectrum lines below each bin, and the share of the line above."""
    pitch = _bin_pitches() + tuning
    line = 440.0 * 2 ** ((pitch - 69) / 12) * WINDOW_SAMPLES / RATE_HZ
    below = np.floor(line).astype(int)
    return below, (line - below).astype(np.float32)


def _bin_pitches() -> np.ndarray:
    """A semitone has its middle bin and one on each side."""
    count = (_TOP_PITCH - LOWEST_PITCH + 1) * _BINS_PER_SEMITONE
    return LOWEST_PITCH - 1 / _BINS_PER_SEMITONE + np.arange(count) / _BINS_PER_SEMITONE


def _in_slots(frames: np.ndarray, starts_s: np.ndarray) -> np.ndarray:
    """(slots, n) medians over the frames whose middle lies in each slot; the nearest frame in a short one."""
    edges = np.clip(np.ceil(np.asarray(starts_s) * RATE_HZ / HOP_SAMPLES).astype(int), 0, len(frames) - 1)
    return np.array([np.median(frames[a : max(b, a + 1)], axis=0) for a, b in pairwise(edges)]).reshape(
        max(0, len(edges) - 1), frames.shape[1]
    )


def _whitened(slots: np.ndarray) -> np.ndarray:
    """What stands out of its surroundings of an octave, in units of how much they vary."""
    width = 12 * _BINS_PER_SEMITONE
    compressed = np.sqrt(slots)
    padded = np.pad(compressed, ((0, 0), (width // 2, width - width // 2)), mode="reflect")
    sums = np.cumsum(np.pad(padded, ((0, 0), (1, 0))), axis=1, dtype=np.float64)
    squares = np.cumsum(np.pad(padded**2, ((0, 0), (1, 0))), axis=1, dtype=np.float64)
    count = compressed.shape[1]
    mean = (sums[:, width : width + count] - sums[:, :count]) / width
    variance = (squares[:, width : width + count] - squares[:, :count]) / width - mean**2
    floor = 0.02 * compressed.max(axis=1, keepdims=True, initial=0) + 1e-9
    return np.asarray(np.maximum(compressed - mean, 0) / (np.sqrt(np.maximum(variance, 0)) + floor))


def _notes_of(slots: np.ndarray) -> np.ndarray:
    """(slots, 73) the least-squares non-negative mixture of notes (updates of Lee & Seung, 2001)."""
    words = _dictionary()
    against = slots @ words
    overlap = words.T @ words
    notes = against + 1e-6
    for _ in range(_ROUNDS):
        notes *= against / (notes @ overlap + 1e-3)
    return np.asarray(
        notes / max(1e-9, float(np.percentile(notes.max(axis=1, initial=0), 90) if len(notes) else 1))
    )


@cache
def _dictionary() -> np.ndarray:
    """(bins, 73) a note's overtones, each decaying, spread over the bins beside it."""
    bins = _bin_pitches()
    words = np.zeros((len(bins), PITCHES))
    for index in range(PITCHES):
        for number in range(1, _OVERTONES + 1):
            pitch = LOWEST_PITCH + index + 12 * np.log2(number)
            words[:, index] += _DECAY ** (number - 1) * np.maximum(0, 1 - np.abs(bins - pitch) / 0.67)
    return np.asarray(words / np.linalg.norm(words, axis=0))
