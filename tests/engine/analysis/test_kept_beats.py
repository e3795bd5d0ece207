"""One thing about the bars is corrected: what was not disputed stays, and the same error goes everywhere."""

import numpy as np
import pytest

from engine.analysis.audio.beatdecoding import METRES, BeatConstraints, BeatEvidence
from engine.analysis.audio.beatgrid import KeptRhythm, solve_beats
from engine.analysis.audio.beatkeeping import LaidBeats
from engine.analysis.beatsolving import BeatsSaid, solved_again
from engine.music import Metre, Note, Origin, Song, Track

PERIOD_S = 0.48
KEPT = KeptRhythm(
    BeatEvidence(
        np.tile([2.0] + [-2.0] * 23, 24),
        np.tile([0.3] + [-0.3] * 95, 6),
        np.tile([1.0] + [0.0] * 11 + [0.8] + [0.0] * 11, 24),
    ),
    np.zeros((576, 8)),
    (),
)


def laid(metre: Metre, beside: float = 0.0) -> LaidBeats:
    pulses = metre.numerator // 3 if metre.is_compound else metre.numerator
    return LaidBeats((np.arange(24) + beside) * PERIOD_S, np.arange(24) % pulses, metre)


@pytest.mark.parametrize("metre", METRES)
@pytest.mark.parametrize("beat", [5, 6])
def test_beat_one_moves_the_bars_and_keeps_metre_and_beats(metre: Metre, beat: int) -> None:
    said = BeatConstraints(downbeats_s=(beat * PERIOD_S,))
    grid = solve_beats(KEPT, said, laid=laid(metre))
    assert grid is not None and grid.metre == metre
    assert np.abs(grid.downbeats_s - beat * PERIOD_S).min() < 0.05
    assert np.median(np.diff(grid.times_s)) == pytest.approx(PERIOD_S, abs=0.02)


@pytest.mark.parametrize("beside", [0.5, -0.4])
def test_a_beat_that_is_said_beside_the_others_moves_them_all(beside: float) -> None:
    said = BeatConstraints(beats_s=((12 + beside) * PERIOD_S,))
    grid = solve_beats(KEPT, said, laid=laid(Metre(4, 4)))
    assert grid is not None
    off = (grid.times_s / PERIOD_S - beside + 0.5) % 1 - 0.5
    assert np.abs(off).max() < 0.1


def test_a_tapped_tempo_keeps_the_metre_and_begins_bars_where_they_began() -> None:
    said = BeatConstraints(slowest_bpm=56, fastest_bpm=70)
    grid = solve_beats(KEPT, said, laid=laid(Metre(4, 4)))
    assert grid is not None and grid.metre == Metre(4, 4)
    assert np.abs((grid.downbeats_s / PERIOD_S + 2) % 4 - 2).max() < 0.2


def test_a_second_correction_keeps_the_first() -> None:
    lengths = (960, 480, 480, 960, 480, 480, 480, 960) * 4
    starts = np.concatenate([[0], np.cumsum(lengths)[:-1]]).tolist()
    notes = tuple(
        Note(index + 2, 400 + start, length - 40, 60 + index % 5, 80, Origin.PLAYED)
        for index, (start, length) in enumerate(zip(starts, lengths, strict=True))
    )
    song = Song("Tune", tracks=(Track(1, "Voice", notes=notes),), next_id=500)
    once = solved_again(song, BeatsSaid(bpm=120, metre=Metre(3, 4)))
    third = once.tracks[0].notes[2].start_ticks
    twice = solved_again(once, BeatsSaid(first_beats=(third,)))
    assert twice.time_map.metres[0].metre == Metre(3, 4)
    assert twice.time_map.tempos[0].bpm == pytest.approx(once.time_map.tempos[0].bpm, rel=0.04)
    offset = twice.time_map.metrical_offset(twice.tracks[0].notes[2].start_ticks)
    assert min(offset, 1440 - offset) < 60
