"""What does a recording sound and look like? Decoded once for the device's rate, with peaks to draw.

`decoded` takes the bytes of any audio file that libsndfile reads; it may take a second and belongs in a
thread. Samples are int16 (frames, 2) at `rate` Hz. Peaks are the lowest and highest sample of every
PEAK_FRAMES frames.

>>> tape = tape_of(np.zeros((48000, 2), np.float32), 48000)
>>> tape.duration_s, tape.peaks.shape
(1.0, (188, 2))
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

import numpy as np

from app.playback.errors import PlaybackError
from app.playback.synth import Block

PEAK_FRAMES = 256
LONGEST_S = 900.0
FULL = 32767.0


class UnreadableRecording(PlaybackError):
    """The bytes are no recording that can be played."""


@dataclass(frozen=True, eq=False)
class Tape:
    """A recording ready to be played and drawn."""

    rate: int
    samples: np.ndarray[Any, np.dtype[np.int16]]
    peaks: np.ndarray[Any, np.dtype[np.int16]]

    @property
    def duration_s(self) -> float:
        return len(self.samples) / self.rate

    def extremes(self, seconds: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """Lowest and highest sample (-1..1) between each second and the next: (len - 1, 2); 0 outside."""
        edges = np.clip(seconds * self.rate / PEAK_FRAMES, 0, len(self.peaks))
        first = np.minimum(edges[:-1].astype(np.int64), max(0, len(self.peaks) - 1))
        last = np.maximum(first + 1, np.ceil(edges[1:]).astype(np.int64))
        inside = (seconds[1:] > 0) & (seconds[:-1] < self.duration_s) & (len(self.peaks) > 0)
        found = np.zeros((len(first), 2))
        for row in np.flatnonzero(inside).tolist():
            part = self.peaks[first[row] : last[row]]
            found[row] = part[:, 0].min(), part[:, 1].max()
        return found / FULL


def tape_of(sound: Block, rate: int) -> Tape:
    """A tape of float32 (frames, channels) at its rate; more than two channels are mixed to one."""
    sound = np.nan_to_num(sound[: round(LONGEST_S * rate)], nan=0.0, posinf=0.0, neginf=0.0)
    if sound.shape[1] > 2:
        sound = sound.mean(axis=1, keepdims=True)
    if sound.shape[1] == 1:
        sound = np.repeat(sound, 2, axis=1)
    samples = (np.clip(sound, -1.0, 1.0) * FULL).astype(np.int16)
    return Tape(rate, samples, _peaks(samples))


def _peaks(samples: np.ndarray[Any, np.dtype[np.int16]]) -> np.ndarray[Any, np.dtype[np.int16]]:
    count = -(-len(samples) // PEAK_FRAMES)
    padded = np.zeros((count * PEAK_FRAMES, 2), np.int16)
    padded[: len(samples)] = samples
    blocks = padded.reshape(count, PEAK_FRAMES * 2)
    return np.stack([blocks.min(axis=1), blocks.max(axis=1)], axis=1) if count else np.zeros((0, 2), np.int16)


def decoded(data: bytes, rate: int) -> Tape:
    """The recording at another rate. Raises UnreadableRecording with one sentence."""
    try:
        import soundfile
        import soxr
    except (ImportError, OSError):
        raise UnreadableRecording("The recording cannot be played: a library for it is missing.") from None
    try:
        with soundfile.SoundFile(io.BytesIO(data)) as file:
            own_rate = file.samplerate
            sound = file.read(round(LONGEST_S * own_rate), dtype="float32", always_2d=True)
    except (soundfile.SoundFileError, RuntimeError, ValueError, TypeError):
        raise UnreadableRecording("The recording cannot be played: its sound cannot be read.") from None
    if own_rate != rate and len(sound):
        sound = soxr.resample(sound, own_rate, rate).astype(np.float32, copy=False)
    return tape_of(sound, rate)
