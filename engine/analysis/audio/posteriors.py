"""Which of 88 keys may sound, and which may have been struck, moment by moment?

Basic Pitch (Bittner et al., ICASSP 2022; card in assets/models/listening/notes.json) reads two seconds of
22 050 Hz sound and gives for each 256 samples and key how likely it sounds and how likely it begins. Windows
overlap by thirty frames of which the outer halves are dropped, so no frame is heard near an edge.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from engine.analysis.audio.sessions import run_model

RATE_HZ, HOP = 22050, 256
FRAME_S = HOP / RATE_HZ
LOWEST_PITCH, KEYS = 21, 88
_WINDOW, _WINDOW_FRAMES = 43844, 172
_MARGIN = 15
_STEP = _WINDOW_FRAMES - 2 * _MARGIN
_IN = "serving_default_input_2:0"
_OUT = tuple(f"StatefulPartitionedCall:{index}" for index in (1, 2, 0))
_LOUD_PEAK = 0.7
_LEAST_OFF = 0.06  # semitones


@dataclass(frozen=True, slots=True)
class Posteriors:
    """`frame`, `onset`: (n, 88) 0-1, key 0 is A0. `contour`: (n, 264), three to a semitone."""

    frame: np.ndarray
    onset: np.ndarray
    contour: np.ndarray

    def between(self, start_s: float, end_s: float) -> "Posteriors":
        """The frames of a stretch of time."""
        part = slice(round(start_s / FRAME_S), round(end_s / FRAME_S))
        return Posteriors(self.frame[part], self.onset[part], self.contour[part])

    def __len__(self) -> int:
        return len(self.frame)


def joined(pieces: list[Posteriors]) -> Posteriors:
    """The pieces one after the other."""
    return Posteriors(
        np.concatenate([piece.frame for piece in pieces]),
        np.concatenate([piece.onset for piece in pieces]),
        np.concatenate([piece.contour for piece in pieces]),
    )


def key_posteriors(samples: np.ndarray, peak: float, tuning: float = 0.0) -> Iterator[Posteriors]:
    """The posteriors of 22 050 Hz samples, some 1.65 s at a time. `peak`: of the whole recording.

    `tuning`: semitones above 440 Hz. The model knows keys at 440 Hz only and takes what is a third of a
    semitone off for the key beside it; so it hears the sound played faster or slower until it is in tune.
    """
    pace = 2 ** (tuning / 12) if abs(tuning) >= _LEAST_OFF else 1.0
    frames = len(samples) // HOP + 1
    yielded, heard, pending = 0, 0, []
    for piece in _windows(
        _paced(samples, pace), np.float32(_LOUD_PEAK / peak if 0 < peak < _LOUD_PEAK else 1.0)
    ):
        pending.append(piece)
        heard += len(piece)
        ready = min(frames, int(heard / pace))
        if ready > yielded:
            yield _between_paces(joined(pending), heard, yielded, ready, pace)
            yielded, pending = ready, pending[-2:]
    if yielded < frames:
        yield _between_paces(joined(pending), heard, yielded, frames, pace)


def _paced(samples: np.ndarray, pace: float) -> np.ndarray:
    """The samples in `pace` times as many samples."""
    if pace == 1.0:
        return samples
    import soxr

    return np.asarray(soxr.resample(samples, RATE_HZ, RATE_HZ * pace))


def _between_paces(known: Posteriors, heard: int, first: int, last: int, pace: float) -> Posteriors:
    """Frames `first` to `last` of the recording from the last ones heard at another pace, up to `heard`."""
    at = np.clip(
        np.round(np.arange(first, last) * pace).astype(int) - (heard - len(known)), 0, len(known) - 1
    )
    return Posteriors(known.frame[at], known.onset[at], known.contour[at])


def _windows(samples: np.ndarray, gain: np.float32) -> Iterator[Posteriors]:
    frames = len(samples) // HOP + 1
    padded = np.concatenate([np.zeros(_MARGIN * HOP, np.float32), samples, np.zeros(_WINDOW, np.float32)])
    for first in range(0, frames, _STEP):
        window = padded[first * HOP : first * HOP + _WINDOW] * gain
        outputs = run_model("notes", {_IN: window[None, :, None]}, _OUT)
        stop = _MARGIN + min(_STEP, frames - first)
        yield Posteriors(*(output[0, _MARGIN:stop] for output in outputs))
