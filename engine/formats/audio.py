"""What sound is in this recording?

WAV, FLAC, OGG (Vorbis, Opus), MP3 and AIFF of any rate, depth and channel count become one channel of float32
at 22 050 samples a second. Read block by block: what a header claims is never believed, and an hour of eight
channels takes no more memory than the ten minutes that are listened to.

>>> is_recording(Path("take.wav"), b"RIFF\\x24\\x00\\x00\\x00WAVEfmt ")
True
"""

import hashlib
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from engine.api.errors import BadFileError
from engine.formats.wavheader import MendedWav, mended

ANALYSIS_RATE_HZ = 22050
LONGEST_HEARD_S = 600.0
SUFFIXES = (".wav", ".flac", ".ogg", ".oga", ".opus", ".mp3", ".aiff", ".aif", ".aifc")
_ELSEWHERE = (".m4a", ".aac", ".mp4", ".wma", ".webm", ".3gp", ".amr", ".caf")
MAGIC_BYTES = 12
_FORMATS = {
    "WAV": "wav", "WAVEX": "wav", "RF64": "wav", "FLAC": "flac", "OGG": "ogg", "MP3": "mp3", "AIFF": "aiff",
}  # fmt: skip
_NOT_READABLE = "“{}” is not a recording this version can read (WAV, FLAC, OGG, MP3 or AIFF)."
_CUT_OFF = "The recorder was cut off: the file says it is empty. What is there was read."
_MOST_BYTES = 4 * 2**30
_BLOCK_FRAMES, _BLOCK_SAMPLES = 1 << 16, 1 << 18
_SHORTEST_S = 0.05
_SLOWEST_HZ, _FASTEST_HZ, _MOST_CHANNELS = 2000, 768_000, 64
_SILENT, _FULL, _CLIPPED_RUN, _OFFSET = 1e-4, 0.999, 3, 0.01
_CANCELLED_SHARE = (
    0.05  # channels whose mean holds less than this of the loudest one's energy are out of phase
)


@dataclass(frozen=True, slots=True)
class Sound:
    """One channel of a recording, and what is known of the file.

    `samples`: (n,) float32 at `rate_hz`, without offset, as loud as in the file. `duration_s` of the whole
    file; the samples may be its beginning only.
    """

    samples: np.ndarray = field(repr=False, compare=False)
    rate_hz: int
    duration_s: float
    file_rate_hz: int
    channels: int
    format: str
    sha256: str
    warnings: tuple[str, ...] = ()

    @property
    def heard_s(self) -> float:
        return len(self.samples) / self.rate_hz


def is_recording(path: Path, beginning: bytes) -> bool:
    """Whether a file is to be read as sound, by its first bytes or else by its name."""
    if beginning[:4] == b"MThd":
        return False
    if beginning[:4] in (b"RIFF", b"RF64", b"FORM"):
        return beginning[8:12] in (b"WAVE", b"AIFF", b"AIFC")
    if beginning[:4] in (b"fLaC", b"OggS") or beginning[:3] == b"ID3":
        return True
    return path.suffix.lower() in (*SUFFIXES, *_ELSEWHERE)


def read_audio(
    path: Path, longest_s: float = LONGEST_HEARD_S, checkpoint: Callable[[], None] = lambda: None
) -> Sound:
    """The sound of a file, at most its first `longest_s`. Raises BadFileError with one sentence."""
    if path.suffix.lower() in _ELSEWHERE:
        raise BadFileError(
            f"“{path.name}” is of a kind this version cannot read; save it as WAV, FLAC, OGG or MP3 first."
        )
    with path.open("rb") as file:
        if file.seek(0, io.SEEK_END) > _MOST_BYTES:
            raise BadFileError(f"“{path.name}” is larger than 4 GB, too big for a sketch.")
        file.seek(0)
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        whole = mended(file)
        sound = replace(_decoded(whole, path.name, longest_s, checkpoint), sha256=sha256)
        return sound if whole is file else replace(sound, warnings=(_CUT_OFF, *sound.warnings))


def _decoded(
    file: io.BufferedReader | MendedWav, name: str, longest_s: float, checkpoint: Callable[[], None]
) -> Sound:
    import soundfile

    try:
        with soundfile.SoundFile(file) as opened:
            _refuse_odd(opened, name)
            reading = _read(opened, longest_s, None, checkpoint)
            if reading.is_cancelled_out:
                opened.seek(0)
                reading = _read(opened, longest_s, reading.loudest_channel, checkpoint)
            return _as_sound(opened, reading, name, longest_s)
    except (soundfile.SoundFileError, TypeError, ValueError, RuntimeError, OverflowError):
        raise BadFileError(_NOT_READABLE.format(name)) from None


def _refuse_odd(opened: Any, name: str) -> None:
    if opened.format not in _FORMATS:
        raise BadFileError(
            f"“{name}” is not a recording this version can read (WAV, FLAC, OGG, MP3 or AIFF)."
        )
    if not _SLOWEST_HZ <= opened.samplerate <= _FASTEST_HZ:
        raise BadFileError(
            f"“{name}” says it has {opened.samplerate} samples a second, which no recording has."
        )
    if opened.channels > _MOST_CHANNELS:
        raise BadFileError(f"“{name}” has {opened.channels} channels, more than this program can read.")


class _Reading:
    """What came out of the blocks of one pass."""

    def __init__(self, channels: int) -> None:
        self.blocks: list[np.ndarray] = []
        self.energy = np.zeros(channels)
        self.mixed_energy = self.peak = self.total = 0.0
        self.frames = self.odd = self.clipped = 0
        self.is_whole = True
        self.only: int | None = None

    @property
    def loudest_channel(self) -> int:
        return int(self.energy.argmax())

    @property
    def is_cancelled_out(self) -> bool:
        """Whether the channels' mean is empty though a channel is not: one of them is upside down."""
        loudest = float(self.energy.max())
        return self.only is None and loudest > 0 and self.mixed_energy < _CANCELLED_SHARE * loudest

    def take(self, block: np.ndarray) -> np.ndarray:
        """One channel of a block (frames, channels); keeps count of what is wrong with it."""
        finite = np.isfinite(block)
        if not finite.all():
            self.odd += int((~finite).any(axis=1).sum())
            block = np.where(finite, block, 0.0)
        block = np.clip(block, -64.0, 64.0)
        self.frames += len(block)
        self.energy += np.square(block, dtype=np.float64).sum(axis=0)
        self.clipped += _clipped_runs(block)
        mono = block.mean(axis=1) if self.only is None else block[:, self.only]
        self.mixed_energy += float(np.square(mono, dtype=np.float64).sum())
        self.total += float(mono.sum(dtype=np.float64))
        self.peak = max(self.peak, float(np.abs(mono).max(initial=0.0)))
        return np.ascontiguousarray(mono, dtype=np.float32)


def _read(opened: Any, longest_s: float, only: int | None, checkpoint: Callable[[], None]) -> _Reading:
    import soxr

    reading = _Reading(opened.channels)
    reading.only = only
    resampler = soxr.ResampleStream(opened.samplerate, ANALYSIS_RATE_HZ, 1, dtype="float32")
    for block, is_last in _blocks(opened, int(longest_s * opened.samplerate), reading):
        checkpoint()
        mono = reading.take(block)
        if opened.samplerate != ANALYSIS_RATE_HZ:
            mono = resampler.resample_chunk(mono, last=is_last)
        reading.blocks.append(mono)
    return reading


def _blocks(opened: Any, most_frames: int, reading: _Reading) -> Iterator[tuple[np.ndarray, bool]]:
    """Blocks as long as there are any; true with the last one. An empty file gives none."""
    size = max(1024, min(_BLOCK_FRAMES, _BLOCK_SAMPLES // opened.channels))
    frames = 0
    block = opened.read(min(size, most_frames), dtype="float32", always_2d=True)
    while len(block):
        frames += len(block)
        following = opened.read(size, dtype="float32", always_2d=True)
        if frames + len(following) > most_frames:
            reading.is_whole = False
            following = following[: most_frames - frames]
        yield block, not len(following)
        block = following


def _clipped_runs(block: np.ndarray) -> int:
    """How often the sound stays at full scale for some samples."""
    full = (np.abs(block) >= _FULL).any(axis=1)
    if not full.any():
        return 0
    edges = np.flatnonzero(np.diff(np.concatenate([[False], full, [False]]).astype(np.int8)))
    return int((edges[1::2] - edges[::2] >= _CLIPPED_RUN).sum())


def _as_sound(opened: Any, reading: _Reading, name: str, longest_s: float) -> Sound:
    heard_s = reading.frames / opened.samplerate
    if reading.odd * 2 > reading.frames:
        raise BadFileError(f"“{name}” is damaged: most of its samples are no numbers.")
    if heard_s < _SHORTEST_S:
        raise BadFileError(
            f"“{name}” holds no sound: it is {'empty' if not reading.frames else 'too short'}."
        )
    offset = reading.total / reading.frames
    if reading.peak - abs(offset) < _SILENT:
        raise BadFileError(f"“{name}” is silent.")
    samples = np.concatenate(reading.blocks)
    samples -= np.float32(offset)
    claimed_s = opened.frames / opened.samplerate
    duration_s = heard_s if reading.is_whole else max(heard_s, claimed_s)
    return Sound(
        samples,
        ANALYSIS_RATE_HZ,
        duration_s,
        opened.samplerate,
        opened.channels,
        _FORMATS[opened.format],
        "",
        tuple(_warnings(reading, offset, heard_s, claimed_s, longest_s)),
    )


def _warnings(
    reading: _Reading, offset: float, heard_s: float, claimed_s: float, longest_s: float
) -> Iterator[str]:
    if not reading.is_whole:
        yield f"This is long; its first {_in_words(longest_s)} were listened to."
    elif claimed_s > heard_s + 0.5:
        yield f"The recording ends after {_in_words(heard_s)}, earlier than the file says."
    if reading.odd:
        yield "Some samples are no numbers; they were taken as silence."
    if abs(offset) > _OFFSET:
        yield "The recording is off centre; that was taken out."
    if reading.clipped > 2:
        yield f"The recording is clipped in {reading.clipped} places; loud notes may be heard wrongly."
    if reading.only is not None:
        yield f"The channels cancel each other out; only channel {reading.only + 1} was listened to."


def _in_words(seconds: float) -> str:
    if seconds >= 90:
        minutes = round(seconds / 60)
        return f"{minutes} minutes"
    return f"{seconds:.0f} seconds" if seconds >= 2 else f"{seconds:.1f} seconds"
