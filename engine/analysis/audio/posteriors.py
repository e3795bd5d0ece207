"""Which of 88 keys may sound, and which may have been struck, moment by moment?

Basic Pitch (Bittner et al., ICASSP 2022; card in assets/models/listening/notes.json) reads two seconds of 22 050 Hz
sound and gives for each 256 samples and key how likely it sounds and how likely it begins. Windows overlap by
thirty frames of which the outer halves are dropped, so no frame is heard near an edge.
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


@dataclass(frozen=True, slots=True)
class Posteriors:
    """`frame`, `onset`: (n, 88) 0-1, key 0 is A0. `contour`: (n, 264), three to a semitone."""

    frame: np.ndarray
    onset: np.ndarray
    contour: np.ndarray

    def __len__(self) -> int:
        return len(self.frame)


def joined(pieces: list[Posteriors]) -> Posteriors:
    """The pieces one after the other."""
    return Posteriors(
        np.concatenate([piece.frame for piece in pieces]),
        np.concatenate([piece.onset for piece in pieces]),
        np.concatenate([piece.contour for piece in pieces]),
    )


def key_posteriors(samples: np.ndarray, peak: float) -> Iterator[Posteriors]:
    """The posteriors of 22 050 Hz samples, 1.65 s at a time. `peak`: of the whole recording."""
    frames = len(samples) // HOP + 1
    padded = np.concatenate(
        [np.zeros(_MARGIN * HOP, np.float32), samples, np.zeros(_WINDOW, np.float32)]
    ) * np.float32(_LOUD_PEAK / peak if 0 < peak < _LOUD_PEAK else 1.0)
    for first in range(0, frames, _STEP):
        window = padded[first * HOP : first * HOP + _WINDOW]
        outputs = run_model("notes", {_IN: window[None, :, None]}, _OUT)
        stop = _MARGIN + min(_STEP, frames - first)
        yield Posteriors(*(output[0, _MARGIN:stop] for output in outputs))
