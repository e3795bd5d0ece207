"""A groove without pitch is counted in four, from the beat that people call one."""

import numpy as np
import pytest

from engine.analysis.audio.beatdecoding import FOUR_FOUR, SIX_EIGHT, TWO_FOUR
from engine.analysis.audio.beatgrid import BeatGrid
from engine.analysis.audio.groove import in_four
from engine.api.audio import HeardNote
from engine.music import Metre
from engine.music.analysis import OtherBars

KEYS = {"k": 36, "s": 38, "h": 42}
BEAT_S, FIRST_S, BARS = 0.5, 0.3, 6


def strokes(pattern: str) -> list[HeardNote]:
    """A pattern of eighths, `k`ick, `s`nare and `h`at, over and over."""
    steps = pattern.split()
    return [
        HeardNote(FIRST_S + BEAT_S / 2 * at, FIRST_S + BEAT_S / 2 * at + 0.1, KEYS[voice], 90)
        for at in range(8 * BARS)
        for voice in steps[at % len(steps)]
        if voice != "."
    ]


def heard(metre: Metre, off: int) -> BeatGrid:
    """Beats as they were heard, bars beginning `off` beats too late."""
    beats = np.arange(4 * BARS)
    pulses = 4 if metre == FOUR_FOUR else 2
    others = (
        OtherBars(TWO_FOUR if metre == FOUR_FOUR else FOUR_FOUR, 120.0, 0.25),
        OtherBars(SIX_EIGHT, 80, 0.1),
    )
    return BeatGrid(
        FIRST_S + BEAT_S * beats, (beats - off) % pulses, metre, 120.0, True, 0.5, off, 0.6, others, 0.9, 0.6
    )


@pytest.mark.parametrize("metre", [TWO_FOUR, FOUR_FOUR])
@pytest.mark.parametrize("off", [0, 1])
@pytest.mark.parametrize(
    ("pattern", "one"),
    [
        ("kh h sh h kh h sh h", 0),
        ("kh h sh kh kh h sh h", 0),
        ("kh h h h sh h h h", 0),  # half-time
        ("kh h ksh h kh h ksh h", 0),
        ("sh h kh h sh h kh h", 1),  # it begins with an upbeat on four
        ("h h h h h h h h", 0),
    ],
)
def test_bars_of_four_begin_where_people_say_one(pattern: str, one: int, metre: Metre, off: int) -> None:
    grid = in_four(heard(metre, off), strokes(pattern))
    assert grid.metre == FOUR_FOUR
    assert grid.places[one] == 0 and grid.pickup_beats == one
    assert grid.confidence == pytest.approx(0.85) and grid.metre_confidence == pytest.approx(0.9)
    assert [other.metre for other in grid.alternatives] == [SIX_EIGHT]


def test_six_eight_and_silence_stay_as_they_are() -> None:
    six = heard(SIX_EIGHT, 0)
    assert in_four(six, strokes("k h h s h h")) is six
    assert in_four(two := heard(TWO_FOUR, 0), []) is two
