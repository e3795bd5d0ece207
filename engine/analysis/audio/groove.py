"""Where do the bars of a groove without pitch begin?

Beats in pairs are counted in four, as people write grooves: in our own patterns eight of nine. A bar begins
on the beat that has the kick and no snare, with the snare on the second and fourth beats, or on the third
where the time is halved; where that does not tell, with the first stroke.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from engine.analysis.audio.beatdecoding import FOUR_FOUR, TWO_FOUR
from engine.analysis.audio.beatgrid import BeatGrid, pickup_of
from engine.api.audio import HeardNote
from engine.music.drumkit import DrumVoice

_IN_PAIRS = (TWO_FOUR, FOUR_FOUR)
_BEATS, _SAME_TEMPO = 4, 0.05
_NEAR = 0.15  # of a beat
_KICK, _SNARE_BEFORE = np.array([1.0, 0.0, 0.3, 0.0]), np.array([-1.0, 0.7, 0.0, 0.7])
_BEGINS = 0.8


def in_four(grid: BeatGrid, strokes: Sequence[HeardNote]) -> BeatGrid:
    """The grid of a groove; one that is not in two or four beats stays as it is."""
    if grid.metre not in _IN_PAIRS or not strokes:
        return grid
    worth = [_worth(grid, strokes, phase) for phase in range(_BEATS)]
    places = (np.arange(len(grid.times_s)) - int(np.argmax(worth))) % _BEATS
    others = tuple(other for other in grid.alternatives if other.metre not in _IN_PAIRS)
    same = [o for o in grid.alternatives if o.metre in _IN_PAIRS and abs(o.bpm / grid.bpm - 1) < _SAME_TEMPO]
    return replace(
        grid,
        metre=FOUR_FOUR,
        places=places,
        pickup_beats=pickup_of(grid.times_s, places, strokes),
        confidence=min(1.0, grid.confidence + sum(other.confidence for other in same)),
        metre_confidence=1.0 - sum(other.confidence for other in others),
        alternatives=others,
    )


def _worth(grid: BeatGrid, strokes: Sequence[HeardNote], phase: int) -> float:
    """What it speaks for bars that begin on beat `phase`, and each four beats after."""
    places = (np.arange(len(grid.times_s)) - phase) % _BEATS
    kicks, snares = (_on_beats(grid, strokes, voice) for voice in (DrumVoice.KICK, DrumVoice.SNARE))
    first_s = min(stroke.start_s for stroke in strokes)
    begins = places[int(np.abs(grid.times_s - first_s).argmin())] == 0
    return float((kicks * _KICK[places] + snares * _SNARE_BEFORE[places]).mean() * _BEATS + _BEGINS * begins)


def _on_beats(grid: BeatGrid, strokes: Sequence[HeardNote], voice: DrumVoice) -> np.ndarray:
    """(beats,) 1 where a drum is struck with the beat."""
    starts = np.array([stroke.start_s for stroke in strokes if stroke.pitch == voice.key])
    if not len(starts):
        return np.zeros(len(grid.times_s))
    reach = _NEAR * float(np.median(np.diff(grid.times_s)))
    return np.asarray(np.abs(grid.times_s[:, None] - starts).min(axis=1) <= reach, float)
