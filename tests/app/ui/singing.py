"""A singer for a microphone."""

import time

import numpy as np

RATE = 22050
TUNE = (60, 62, 64, 67)


def sung(pitches=TUNE, note_s=0.5) -> np.ndarray:
    """A voice-like tone for each pitch: six partials, a soft beginning and a gap at the end."""
    notes = []
    t = np.arange(round(note_s * RATE)) / RATE
    shape = np.minimum(1, np.minimum(t / 0.02, (note_s - 0.06 - t).clip(0) / 0.02))
    for pitch in pitches:
        hz = 440 * 2 ** ((pitch - 69) / 12)
        notes.append(sum(np.sin(2 * np.pi * hz * k * t) / k for k in range(1, 7)) * shape * 0.25)
    return np.concatenate(notes).astype(np.float32)[:, None]


class Singer:
    """An input that sings the tune once, over and over, as fast as it is read."""

    rate, latency_s = RATE, 0.0

    def __init__(self) -> None:
        self._sound, self._at = sung(), 0

    def read(self):
        time.sleep(0.01)
        block = self._sound[self._at : self._at + 2205]
        self._at = (self._at + 2205) % len(self._sound)
        return block

    def close(self) -> None:
        pass
