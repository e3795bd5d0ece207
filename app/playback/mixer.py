"""How loud is each track? Mute, solo, level and the volume controllers, as one gain per track.

A level of 0.8 leaves a part as it is; the fader law is the square, so 0.4 is 12 dB less and 1.0 is 4 dB more.
Controllers follow General MIDI: (value / reference) squared; the reference of volume (7) is 100, that of
expression (11) is 127.

>>> round(fader_gain(0.8), 3), round(fader_gain(0.4), 3)
(1.0, 0.25)
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from app.playback.score import EXPRESSION, VOLUME
from engine.music.track import Track

UNITY_LEVEL = 0.8
REFERENCES = {VOLUME: 100, EXPRESSION: 127}
LOUDEST = 2.0


@dataclass(frozen=True)
class Mix:
    """What the artist set for one track."""

    muted: bool
    soloed: bool
    level: float

    @staticmethod
    def of(track: Track) -> Mix:
        return Mix(track.muted, track.soloed, track.level)


def fader_gain(level: float) -> float:
    """Linear gain of a fader position (0-1)."""
    return (level / UNITY_LEVEL) ** 2


def controller_gain(values: dict[int, int]) -> float:
    """Linear gain of the volume controllers that have been sent (number -> value)."""
    gain = 1.0
    for number, value in values.items():
        gain *= (value / REFERENCES[number]) ** 2
    return min(gain, LOUDEST)


def track_gains(mixes: dict[int, Mix]) -> dict[int, float]:
    """Linear gain of each track; a solo anywhere silences what is not soloed."""
    anyone_soloed = any(mix.soloed for mix in mixes.values())
    return {
        track_id: 0.0 if mix.muted or (anyone_soloed and not mix.soloed) else fader_gain(mix.level)
        for track_id, mix in mixes.items()
    }


def mixes_of(tracks: Iterable[Track]) -> dict[int, Mix]:
    return {track.id: Mix.of(track) for track in tracks}
