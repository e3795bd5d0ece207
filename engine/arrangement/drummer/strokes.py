"""What is written for the drummer, before it is touched?

Strokes are columns, one row a stroke, sorted by tick and, at one tick, from the feet up. Ticks are those of a
performance that begins at a bar line, 480 to a quarter; a swung stroke stands where the swing puts it.

>>> group_of(DrumVoice.SHAKER), group_of(DrumVoice.SNARE)
(<Group.HAT: 3>, <Group.SNARE: 1>)
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import numpy as np

from engine.music.drumkit import DrumVoice

Ints = np.ndarray[Any, np.dtype[np.int64]]
UNKNOWN = -1
"""The loudness of a stroke nothing is known about."""


class Group(IntEnum):
    """Drums as the model tells them apart."""

    KICK = 0
    SNARE = 1
    RIM = 2
    HAT = 3
    PEDAL = 4
    OPEN = 5
    RIDE = 6
    BELL = 7
    CRASH = 8
    TOM1 = 9
    TOM2 = 10
    TOM3 = 11


_LIKE = {
    DrumVoice.CLAP: Group.SNARE,
    DrumVoice.CHINA: Group.CRASH,
    DrumVoice.SPLASH: Group.CRASH,
    DrumVoice.CRASH2: Group.CRASH,
    DrumVoice.TAMBOURINE: Group.HAT,
    DrumVoice.SHAKER: Group.HAT,
    DrumVoice.CABASA: Group.HAT,
    DrumVoice.GUIRO: Group.HAT,
    DrumVoice.GUIRO_LONG: Group.OPEN,
    DrumVoice.TRIANGLE: Group.BELL,
    DrumVoice.TRIANGLE_MUTE: Group.HAT,
    DrumVoice.COWBELL: Group.BELL,
    DrumVoice.AGOGO: Group.BELL,
    DrumVoice.AGOGO_LOW: Group.BELL,
    DrumVoice.CONGA: Group.TOM2,
    DrumVoice.CONGA_MUTE: Group.RIM,
    DrumVoice.CONGA_LOW: Group.TOM3,
    DrumVoice.BONGO: Group.TOM1,
    DrumVoice.BONGO_LOW: Group.TOM2,
    DrumVoice.TIMBALE: Group.TOM1,
    DrumVoice.TIMBALE_LOW: Group.TOM2,
    DrumVoice.CLAVES: Group.RIM,
    DrumVoice.BLOCK: Group.RIM,
    DrumVoice.BLOCK_LOW: Group.RIM,
}


def group_of(voice: DrumVoice) -> Group:
    """The drum of the model that is played most like this one."""
    return _LIKE[voice] if voice in _LIKE else Group[voice.name]


@dataclass(frozen=True)
class Strokes:
    """`into`: ticks after the bar line. `loudness`: 0 soft, 1 plain, 2 accent, or UNKNOWN."""

    group: Ints
    tick: Ints
    into: Ints
    bar: Ints
    bar_ticks: Ints
    pulse_ticks: Ints
    loudness: Ints
    is_fill: Ints

    def __len__(self) -> int:
        return len(self.tick)


@dataclass(frozen=True, slots=True)
class Manner:
    """Who plays: the style by the name the model knows ("" for none of them), and the tempo."""

    style: str
    bpm: float


def metre_columns(count: int, bar_ticks: int, pulse_ticks: int) -> tuple[Ints, Ints]:
    """Bar and pulse lengths of strokes that are all in one metre."""
    return np.full(count, bar_ticks, np.int64), np.full(count, pulse_ticks, np.int64)
