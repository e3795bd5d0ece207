"""In which room is it played? A small, quiet one, so that short samples do not end dry.

A feedback delay network (Jot and Chaigne 1991): eight delay lines whose outputs are mixed by a Householder
matrix and fed back, each attenuated so that sound falls 60 dB in DECAY_S; a two-point average in the loop
lets high notes die sooner. Lows are kept out of the room. Whole blocks are computed at once, because no delay
is shorter than a block; results do not depend on block sizes (rounding aside).

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
        self._delays = [round(s * rate) for s in DELAYS_S]
        self._kept = max(self._delays) + 1
        self._lines = np.zeros((len(DELAYS_S), 16 * self._kept), dtype=np.float32)
        falls = 10.0 ** (-3 * np.array(self._delays) / (DECAY_S * rate))
        self._falls = falls.astype(np.float32)[:, None]
        self._past = np.zeros(max(1, round(LOW_CUT_S * rate)), dtype=np.float32)
        self._at = self._kept

    def mix(self, block: Block) -> None:
        """Adds the answer of the room to the block."""
        longest = min(self._delays)
        for start in range(0, len(block), longest):
            self._mix(block[start : start + longest])

    def _mix(self, block: Block) -> None:
        count = len(block)
        if self._at + count > self._lines.shape[1]:
            self._rewind()
        at = self._at
        heard = np.stack(
            [line[at - d - 1 : at - d + count] for line, d in zip(self._lines, self._delays, strict=True)]
        )
        heard *= self._falls
        shaded = (1 - SHADE) * heard[:, 1:] + SHADE * heard[:, :-1]
        sent = self._without_lows(SEND * (block[:, 0] + block[:, 1]))
        self._lines[:, at : at + count] = shaded + (sent - shaded.sum(axis=0) * (2 / len(self._delays)))
        self._at += count
        block[:, 0] += LEFT @ shaded
        block[:, 1] += RIGHT @ shaded

    def _rewind(self) -> None:
        """What is still needed of the delay lines goes back to their beginning."""
        self._lines[:, : self._kept] = self._lines[:, self._at - self._kept : self._at].copy()
        self._at = self._kept

    def _without_lows(self, sent: np.ndarray) -> np.ndarray:
        width = len(self._past)
        joined = np.concatenate([self._past, sent])
        sums = np.cumsum(joined, dtype=np.float64)
        self._past = joined[-width:]
        without: np.ndarray = (sent - (sums[width:] - sums[:-width]) / width).astype(np.float32)
        return without
