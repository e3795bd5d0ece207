"""What pitch does one voice have, moment by moment?

SwiftF0 (Nieradzik 2025; card in assets/models/listening/pitch.json) reads 16 kHz sound in hops of 256 samples
and gives a pitch and how sure it is that there is one. It sees 11 hops back and 10 ahead, so pieces that
overlap by that much give what the whole would give.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from engine.analysis.audio.sessions import run_model

RATE_HZ, HOP = 16000, 256
FRAME_S = HOP / RATE_HZ
_RANGE = {"fmin": np.array(46.875, np.float32), "fmax": np.array(2093.75, np.float32)}
_LEFT, _AHEAD = 11, 10
_PIECE_FRAMES = 500  # 8 s
_SILENCE = 1e-3
_LOUD_PEAK = 0.5  # the model knows no level: quiet recordings are made this loud
_SURE = 0.6
_FLOOR_DB = -120.0


@dataclass(frozen=True, slots=True)
class PitchTrack:
    """A frame each 16 ms: (n,) `pitch` as MIDI number with its fraction, `voicing` 0-1, `level_db`."""

    pitch: np.ndarray
    voicing: np.ndarray
    level_db: np.ndarray

    def between(self, start_s: float, end_s: float) -> "PitchTrack":
        """The frames of a stretch of time."""
        part = slice(round(start_s / FRAME_S), round(end_s / FRAME_S))
        return PitchTrack(self.pitch[part], self.voicing[part], self.level_db[part])

    def __len__(self) -> int:
        return len(self.pitch)


def joined(pieces: list[PitchTrack]) -> PitchTrack:
    """The pieces one after the other."""
    return PitchTrack(
        np.concatenate([piece.pitch for piece in pieces]),
        np.concatenate([piece.voicing for piece in pieces]),
        np.concatenate([piece.level_db for piece in pieces]),
    )


def middle_hz(track: PitchTrack) -> float:
    """The middle pitch of the moments in which a voice is sure; 0 without any."""
    sure = track.pitch[track.voicing > _SURE]
    return float(440 * 2 ** ((np.median(sure) - 69) / 12)) if len(sure) else 0.0


def track_pitch(samples: np.ndarray, peak: float) -> Iterator[PitchTrack]:
    """The pitch of 16 kHz samples, eight seconds at a time. `peak`: of the whole recording."""
    gain = np.float32(_LOUD_PEAK / peak if 0 < peak < _LOUD_PEAK else 1.0)
    frames = max(1, len(samples) // HOP)
    for start in range(0, frames, _PIECE_FRAMES):
        end = min(start + _PIECE_FRAMES, frames)
        left = max(0, start - _LEFT)
        stop = (end + _AHEAD) * HOP if end < frames else len(samples)
        track = _run(samples[left * HOP : stop] * gain)
        yield PitchTrack(
            *(v[start - left : end - left] for v in (track.pitch, track.voicing, track.level_db))
        )


def _run(samples: np.ndarray) -> PitchTrack:
    if len(samples) < HOP:
        samples = np.pad(samples, (0, HOP - len(samples)))
    inputs = {"audio": samples[None].astype(np.float32), **_RANGE}
    hz, voicing = run_model("pitch", inputs, ("pitch", "confidence"))
    voicing = np.array(voicing[0], np.float64)
    hops = samples[: len(voicing) * HOP].reshape(len(voicing), HOP)
    voicing[np.abs(hops).max(axis=1) < _SILENCE] = 0.0
    power = np.square(hops, dtype=np.float64).mean(axis=1)
    around = (power + np.concatenate([[0.0], power[:-1]])) / 2
    level = 10 * np.log10(np.maximum(around, 10 ** (_FLOOR_DB / 10)))
    return PitchTrack(69 + 12 * np.log2(np.maximum(hz[0], 1.0) / 440), voicing, level)
