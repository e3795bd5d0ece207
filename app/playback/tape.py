"""What does a recording sound and look like? Decoded once for the device's rate, with peaks to draw.

`decoded` takes the bytes of any audio file that libsndfile reads; it may take a second and belongs in a
thread. It reads block by block: eight channels of 192 kHz take no more memory than two of 48 kHz. Samples are
int16 (frames, 2) at `rate` Hz, at most 48 kHz: a faster device plays each frame `step` of its own. Peaks are
the lowest and highest sample of every PEAK_FRAMES frames.

>>> tape = tape_of(np.zeros((48000, 2), np.float32), 48000)
>>> tape.duration_s, tape.peaks.shape
(1.0, (188, 2))
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from app.playback.errors import PlaybackError
from app.playback.synth import Block

PEAK_FRAMES = 256
LONGEST_S = 900.0
FASTEST_HZ = 48_000
BLOCK_SAMPLES = 1 << 18  # of all channels together
FULL = 32767.0


class UnreadableRecording(PlaybackError):
    """The bytes are no recording that can be played."""


@dataclass(frozen=True, eq=False)
class Tape:
    """A recording ready to be played and drawn."""

    rate: int
    samples: np.ndarray[Any, np.dtype[np.int16]]
    peaks: np.ndarray[Any, np.dtype[np.int16]]
    step: int = 1

    @property
    def duration_s(self) -> float:
        return len(self.samples) / self.rate

    def sound(self, first: int, last: int) -> Block:
        """The device's frames first..last, which lie in the tape, as float32 (frames, 2) up to FULL."""
        if self.step == 1:
            return self.samples[first:last].astype(np.float32)
        at = np.arange(first, last) / self.step
        before = at.astype(np.int64)
        after = np.minimum(before + 1, len(self.samples) - 1)
        share = (at - before).astype(np.float32)[:, None]
        return self.samples[before] * (1 - share) + self.samples[after] * share

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
    samples = _as_samples(_in_two(sound[: round(LONGEST_S * rate)]))
    return Tape(rate, samples, _peaks(samples))


def _in_two(sound: Block) -> Block:
    """Two channels of finite numbers."""
    sound = np.nan_to_num(sound, nan=0.0, posinf=0.0, neginf=0.0)
    if sound.shape[1] > 2:
        sound = sound.mean(axis=1, keepdims=True)
    return np.repeat(sound, 2, axis=1) if sound.shape[1] == 1 else sound


def _as_samples(sound: Block) -> np.ndarray[Any, np.dtype[np.int16]]:
    return (np.clip(sound, -1.0, 1.0) * FULL).astype(np.int16)


def _peaks(samples: np.ndarray[Any, np.dtype[np.int16]]) -> np.ndarray[Any, np.dtype[np.int16]]:
    whole, rest = divmod(len(samples), PEAK_FRAMES)
    blocks = samples[: whole * PEAK_FRAMES].reshape(whole, PEAK_FRAMES * 2)
    peaks = (
        np.stack([blocks.min(axis=1), blocks.max(axis=1)], axis=1) if whole else np.zeros((0, 2), np.int16)
    )
    if not rest:
        return peaks
    end = np.append(samples[whole * PEAK_FRAMES :].ravel(), np.int16(0))
    return np.concatenate([peaks, [[end.min(), end.max()]]]).astype(np.int16)


def decoded(data: bytes, rate: int) -> Tape:
    """The recording for a device of another rate. Raises UnreadableRecording with one sentence."""
    try:
        import soundfile
        import soxr  # noqa: F401  # used block by block
    except (ImportError, OSError):
        raise UnreadableRecording("The recording cannot be played: a library for it is missing.") from None
    step = -(-rate // FASTEST_HZ)
    kept = bytearray()
    try:
        with soundfile.SoundFile(io.BytesIO(data)) as file:
            for block in _resampled(file, rate / step):
                kept += _as_samples(block).tobytes()
    except (soundfile.SoundFileError, RuntimeError, ValueError, TypeError):
        raise UnreadableRecording("The recording cannot be played: its sound cannot be read.") from None
    samples = np.frombuffer(kept, np.int16).reshape(-1, 2)
    return Tape(round(rate / step), samples, _peaks(samples), step)


def _resampled(file: Any, rate: float) -> Iterator[Block]:
    """The file in blocks of two channels at the rate; a file of the same rate as it is."""
    import soxr

    stream = soxr.ResampleStream(file.samplerate, rate, 2, dtype="float32")
    is_same, left = file.samplerate == rate, round(LONGEST_S * file.samplerate)
    size = max(1, BLOCK_SAMPLES // file.channels)
    block = file.read(min(size, left), dtype="float32", always_2d=True)
    while len(block):
        left -= len(block)
        following = file.read(min(size, left), dtype="float32", always_2d=True)
        sound = np.ascontiguousarray(_in_two(block), np.float32)
        yield sound if is_same else stream.resample_chunk(sound, last=not len(following))
        block = following
