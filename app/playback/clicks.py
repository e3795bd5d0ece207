"""What does the metronome sound like? Two short decaying tones, exact to the frame; no bank needed."""

from __future__ import annotations

import numpy as np

from app.playback.synth import Block

ACCENT_HZ, BEAT_HZ = 1760.0, 1175.0
ACCENT_GAIN, BEAT_GAIN = 0.45, 0.3
CLICK_S, DECAY_S = 0.045, 0.009


def click(rate: int, is_downbeat: bool) -> Block:
    """One click as float32 (frames, 2)."""
    seconds = np.arange(int(CLICK_S * rate)) / rate
    hz, gain = (ACCENT_HZ, ACCENT_GAIN) if is_downbeat else (BEAT_HZ, BEAT_GAIN)
    tone = gain * np.sin(2 * np.pi * hz * seconds) * np.exp(-seconds / DECAY_S)
    return np.repeat(tone.astype(np.float32)[:, None], 2, axis=1)


class Clicks:
    """Clicks that are due or still sounding; each is mixed over as many blocks as it needs."""

    def __init__(self, rate: int) -> None:
        self._sounds = {accent: click(rate, accent) for accent in (False, True)}
        self._due: list[tuple[int, Block]] = []

    def strike(self, offset: int, is_downbeat: bool) -> None:
        """A click that starts `offset` frames into the block that is being made."""
        self._due.append((offset, self._sounds[is_downbeat]))

    def silence(self) -> None:
        self._due.clear()

    def mix(self, block: Block) -> None:
        """Adds what falls into the block and keeps the rest for the next."""
        later = []
        for offset, sound in self._due:
            count = max(0, min(len(sound), len(block) - offset))
            block[offset : offset + count] += sound[:count]
            if count < len(sound):
                later.append((max(0, offset - len(block)), sound[count:]))
        self._due = later
