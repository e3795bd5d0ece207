"""In which room is it played? A small, quiet one, so that short samples do not end dry.

A feedback delay network (Jot and Chaigne 1991): eight delay lines whose outputs are mixed by a Householder
matrix and fed back, each attenuated so that sound falls 60 dB in DECAY_S; a two-point average in the loop
lets high notes die sooner. Lows are kept out of the room. Whole blocks are computed at once, because no delay is
shorter than a block; results do not depend on block sizes (rounding aside).

    room = Room(48000); room.mix(block)      # adds the room's answer to the block, in place
"""

from __future__ import annotations

import numpy as np

from app.playback.synth import Block

DECAY_S = 0.9
SEND = 0.055  # the answer is 17 dB under what is played
DELAYS_S = (0.0271, 0.0313, 0.0359, 0.0411, 0.0467, 0.0527, 0.0593, 0.0671)
SHADE = 0.35  # of the neighbouring sample in the loop: how soon highs die
LOW_CUT_S = 0.004  # the mean over so long is taken away: about 110 Hz and below
LEFT = np.array([1, -1, 1, 1, -1, 1, -1, -1], dtype=np.float32)
RIGHT = np.array([-1, -1, 1, -1, 1, 1, 1, -1], dtype=np.float32)


class Room:
    """Remembers what was played into it."""

    def __init__(self, rate: int) -> None:
        self._delays = np.array([round(s * rate) for s in DELAYS_S])
        self._size = int(self._delays.max()) + int(self._delays.min()) + 2
        self._lines = np.zeros((len(DELAYS_S), self._size), dtype=np.float32)
        self._rows = np.arange(len(DELAYS_S))[:, None]
        self._falls = (10.0 ** (-3 * self._delays / (DECAY_S * rate))).astype(np.float32)[:, None]
        self._past = np.zeros(max(1, round(LOW_CUT_S * rate)), dtype=np.float32)
        self._at = 0

    def mix(self, block: Block) -> None:
        """Adds the answer of the room to the block."""
        longest = int(self._delays.min())
        for start in range(0, len(block), longest):
            self._mix(block[start : start + longest])

    def _mix(self, block: Block) -> None:
        count = len(block)
        sent = self._without_lows(SEND * (block[:, 0] + block[:, 1]))
        read = self._at - self._delays[:, None] + np.arange(count)
        heard = self._lines[self._rows, read % self._size]
        shaded = (1 - SHADE) * heard + SHADE * self._lines[self._rows, (read - 1) % self._size]
        shaded *= self._falls
        mixed = shaded - shaded.sum(axis=0) * (2 / len(self._delays))
        self._lines[:, (self._at + np.arange(count)) % self._size] = mixed + sent
        self._at = (self._at + count) % self._size
        block[:, 0] += LEFT @ shaded
        block[:, 1] += RIGHT @ shaded

    def _without_lows(self, sent: np.ndarray) -> np.ndarray:
        width = len(self._past)
        joined = np.concatenate([self._past, sent])
        sums = np.cumsum(joined, dtype=np.float64)
        self._past = joined[-width:]
        without: np.ndarray = (sent - (sums[width:] - sums[:-width]) / width).astype(np.float32)
        return without
