"""A stroke in the song: where it is written, on what, how loud, and what it belongs to."""

from dataclasses import dataclass

from engine.formats.partpatterns import Loudness
from engine.music.drumkit import DrumVoice


@dataclass(frozen=True, slots=True)
class Stroke:
    """`tick` is where it is written, before swing; `is_even`: swing does not move it. `ending`: part of a
    fill, build or stop. `is_answer`: put there for an accent of the song.
    """

    tick: int
    voice: DrumVoice
    loudness: Loudness
    is_even: bool = False
    ending: bool = False
    is_answer: bool = False


def stroke_order(stroke: Stroke) -> tuple[int, int]:
    """By time, then from the feet up."""
    return (stroke.tick, stroke.voice.key)
