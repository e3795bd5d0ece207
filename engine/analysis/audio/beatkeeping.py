"""What of the bars stays when the artist corrects one thing about them?

Whoever says the metre has not disputed the beats, whoever taps the tempo not the metre, and whoever says
where one is neither: what was not disputed is worth something in the choice among chains. And a beat that is
said to be elsewhere was misheard in the same way everywhere: what spoke for the old beats then speaks for
moments as far beside them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from engine.analysis.audio.beatdecoding import (
    FASTEST_BPM,
    FRAME_S,
    SLOWEST_BPM,
    BeatConstraints,
    BeatEvidence,
    BeatPath,
)
from engine.music import Metre

_METRE, _BEATS, _FIRSTS, _BEGINNING = 10.0, 8.0, 6.0, 4.0
_SAME_S = 0.07
_BESIDE = 0.2  # of a beat: as far from the next laid one, a said beat disputes them all


@dataclass(frozen=True, slots=True)
class LaidBeats:
    """The bars as they are now. times_s: ascending. places: 0 on first beats of bars."""

    times_s: np.ndarray
    places: np.ndarray
    metre: Metre

    @property
    def firsts_s(self) -> np.ndarray:
        return np.asarray(self.times_s[self.places == 0])


def kept_worth(paths: Sequence[BeatPath], said: BeatConstraints, laid: LaidBeats) -> np.ndarray:
    """(paths,) what each is worth for keeping what was not disputed."""
    return np.array([_worth(path, said, laid) for path in paths])


def _worth(path: BeatPath, said: BeatConstraints, laid: LaidBeats) -> float:
    beats, firsts = path.frames * FRAME_S, path.frames[path.places == 0] * FRAME_S
    worth = _METRE * (path.metre == laid.metre) if said.metre is None else 0.0
    if not said.beats_s and not says_tempo(said):
        worth += _BEATS * min(_shared(beats, laid.times_s), _shared(laid.times_s, beats))
    if not said.downbeats_s:
        worth += _BEGINNING * (not says_tempo(said) and _begins_alike(path, laid))
        worth += _FIRSTS * max(_shared(firsts, laid.firsts_s), _shared(laid.firsts_s, firsts))
    return worth


def _begins_alike(path: BeatPath, laid: LaidBeats) -> bool:
    """Whether a bar begins where the first one does as it is laid, also where the chain begins later."""
    firsts, beats = laid.firsts_s, path.frames * FRAME_S
    if not len(firsts) or len(beats) < 2:
        return False
    lead_s = float(np.median(np.diff(beats)))
    missing = max(0, round((float(beats[0]) - float(firsts[0])) / lead_s))
    beats = np.concatenate([beats[0] - lead_s * np.arange(missing, 0, -1), beats])
    nearest = int(np.abs(beats - firsts[0]).argmin())
    place = (int(path.places[0]) + nearest - missing) % (int(path.places.max()) + 1)
    return place == 0 and abs(float(beats[nearest] - firsts[0])) < _SAME_S


def says_tempo(said: BeatConstraints) -> bool:
    return (said.slowest_bpm, said.fastest_bpm) != (SLOWEST_BPM, FASTEST_BPM)


def _shared(some_s: np.ndarray, others_s: np.ndarray) -> float:
    """The share of some that have another beside them."""
    if not len(some_s) or not len(others_s):
        return 0.0
    return float((np.abs(some_s - _nearest(others_s, some_s)) < _SAME_S).mean())


def _nearest(sorted_s: np.ndarray, moments_s: np.ndarray) -> np.ndarray:
    after = np.clip(np.searchsorted(sorted_s, moments_s), 1, max(1, len(sorted_s) - 1))
    before = sorted_s[after - 1]
    later = sorted_s[np.minimum(after, len(sorted_s) - 1)]
    return np.asarray(np.where(moments_s - before < later - moments_s, before, later))


def moved(laid: LaidBeats, said: BeatConstraints) -> LaidBeats:
    """The laid beats as far beside themselves as what is said lies beside them; the same when it does not."""
    beside = _beside(laid, said)
    if not beside:
        return laid
    return replace(laid, times_s=laid.times_s + beside * np.gradient(laid.times_s))


def heard_beside(evidence: BeatEvidence, laid: LaidBeats, said: BeatConstraints) -> BeatEvidence:
    """The evidence for beats and first beats, moved likewise."""
    beside = _beside(laid, said)
    if not beside:
        return evidence
    frames = np.arange(len(evidence.beat))
    lengths = np.interp(frames * FRAME_S, laid.times_s, np.gradient(laid.times_s)) / FRAME_S
    from_frames = frames - beside * lengths
    beat, downbeat = (np.interp(from_frames, frames, curve) for curve in (evidence.beat, evidence.downbeat))
    return replace(evidence, beat=beat, downbeat=downbeat)


def _beside(laid: LaidBeats, said: BeatConstraints) -> float:
    """How far what is said lies from the nearest laid beat, in beats; 0 where it is near, or none is laid."""
    moments = np.array([*said.beats_s, *said.downbeats_s])
    if not len(moments) or len(laid.times_s) < 3 or says_tempo(said):
        return 0.0
    nearest = _nearest(laid.times_s, moments)
    lengths = np.interp(moments, laid.times_s, np.gradient(laid.times_s))
    beside = float(np.median((moments - nearest) / lengths))
    return beside if _BESIDE < abs(beside) <= 1 else 0.0
