"""Where are the beats and bars of this recording, how fast is it, and what else could it be?

    kept = hear_rhythm(samples, notes)        # the costly part, once
    grid = solve_beats(kept)                  # the decision; again, at once, with what the artist says
    grid = solve_beats(kept, BeatConstraints(downbeats_s=(2.31,)))

A line through the beats decides whether the tempo is constant; where the line fits, the beats lie on it.
Beats that follow a player are smoothed over their neighbours.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from engine.analysis.audio.beatchoice import path_shares
from engine.analysis.audio.beatdecoding import (
    FRAME_S,
    NO_CONSTRAINTS,
    SIX_EIGHT,
    BeatConstraints,
    BeatEvidence,
    BeatPath,
    decode_beats,
    with_other_beginnings,
)
from engine.analysis.audio.beatkeeping import LaidBeats, heard_beside, kept_worth, moved
from engine.analysis.audio.beatlistening import RATE_HZ, as_mastered, beat_activations, rhythm_features
from engine.analysis.audio.pulseevidence import evidence_of_notes, evidence_of_sound
from engine.api.audio import HeardNote
from engine.music import Metre
from engine.music.analysis import BarsReading, OtherBars

_FEWEST_BEATS = 6
_STEADY_S, _STEADY_SHARE = 0.018, 0.028
_LATE_S = 0.0
_OTHERS = 3
_SOUNDS, _NEAR = 0.5, 0.12  # how surely something begins; how far from a beat, in beats
_SWUNG, _FEWEST_OFFBEATS = (0.56, 0.75), 6


@dataclass(frozen=True)
class KeptRhythm:
    """What was heard of the rhythm, kept so that beats are solved again at once."""

    evidence: BeatEvidence
    first: np.ndarray
    notes: tuple[HeardNote, ...]


@dataclass(frozen=True)
class BeatGrid:
    """times_s: (beats,) ascending, a dotted quarter each in 6/8. places: (beats,) 0 on first beats of bars.

    bpm: felt beats a minute, the middle one when the tempo follows the player (`is_steady` False). swing:
    share of a pair of eighths the first takes. pickup_beats: beats from the first note's to the first bar.
    """

    times_s: np.ndarray
    places: np.ndarray
    metre: Metre
    bpm: float
    is_steady: bool
    swing: float
    pickup_beats: int
    confidence: float
    alternatives: tuple[OtherBars, ...] = ()
    tempo_confidence: float = 0.0
    metre_confidence: float = 0.0

    @property
    def reading(self) -> BarsReading:
        """How sure tempo and metre are, each by itself."""
        return BarsReading(
            round(self.tempo_confidence, 3), round(self.metre_confidence, 3), self.alternatives
        )

    @property
    def downbeats_s(self) -> np.ndarray:
        return np.asarray(self.times_s[self.places == 0])

    @property
    def first_downbeat(self) -> int:
        """Index of the first beat that begins a bar."""
        found = np.flatnonzero(self.places == 0)
        return int(found[0]) if len(found) else 0


def hear_beats(
    samples: np.ndarray,
    rate_hz: int,
    notes: Sequence[HeardNote],
    checkpoint: Callable[[], None] = lambda: None,
) -> BeatGrid | None:
    """The beats of a recording and its notes; None when there are too few to tell. Raises ModelError."""
    return solve_beats(hear_rhythm(samples, rate_hz, notes, checkpoint), checkpoint=checkpoint)


def hear_rhythm(
    samples: np.ndarray,
    rate_hz: int,
    notes: Sequence[HeardNote],
    checkpoint: Callable[[], None] = lambda: None,
) -> KeptRhythm:
    """Everything the beats are decided by. samples: (n,) mono. Raises ModelError without the weights."""
    if rate_hz != RATE_HZ:
        import soxr

        samples = soxr.resample(samples, rate_hz, RATE_HZ)
    features = rhythm_features(as_mastered(samples))
    evidence, first = evidence_of_sound(beat_activations(features, checkpoint), features, notes)
    return KeptRhythm(evidence, first, tuple(notes))


def rhythm_of_notes(notes: Sequence[HeardNote]) -> KeptRhythm:
    """The same for notes without a recording, as of a MIDI file."""
    evidence, first = evidence_of_notes(notes)
    return KeptRhythm(evidence, first, tuple(notes))


def solve_beats(
    kept: KeptRhythm,
    constraints: BeatConstraints = NO_CONSTRAINTS,
    checkpoint: Callable[[], None] = lambda: None,
    laid: LaidBeats | None = None,
) -> BeatGrid | None:
    """The most believable grid that has what the artist said and keeps what was not disputed of the bars as
    they are `laid`; None when there are too few beats."""
    if laid is not None:
        kept = replace(kept, evidence=heard_beside(kept.evidence, laid, constraints))
    paths = chains_of(kept.evidence, constraints, checkpoint)
    if not paths:
        return None
    worth = kept_worth(paths, constraints, moved(laid, constraints)) if laid is not None else 0.0
    shares = path_shares(paths, kept.evidence, kept.first, kept.notes, worth)
    best = int(shares.argmax())
    return _grid(paths, shares, best, kept)


def chains_of(
    evidence: BeatEvidence,
    constraints: BeatConstraints = NO_CONSTRAINTS,
    checkpoint: Callable[[], None] = lambda: None,
) -> list[BeatPath]:
    """The chains of beats to choose from, their bars begun anywhere where no first beat is said."""
    paths = decode_beats(evidence, constraints, checkpoint=checkpoint)
    paths = [path for path in paths if len(path.frames) >= _FEWEST_BEATS]
    return paths if constraints.downbeats_s else with_other_beginnings(paths, evidence)


def _grid(paths: list[BeatPath], shares: np.ndarray, best: int, kept: KeptRhythm) -> BeatGrid:
    path = paths[best]
    times, is_steady = _placed(path, kept.evidence)
    bpm = 60 / float(np.median(np.diff(times)))
    heard = _while_played(times, kept)
    times, places = times[heard], path.places[heard]
    alike = [_is_alike(path, other) for other in paths]
    confidence = float(shares[np.array(alike)].sum())
    swing = 0.5 if path.metre == SIX_EIGHT else _swing(times, kept.notes)
    return BeatGrid(
        times,
        places,
        path.metre,
        bpm,
        is_steady,
        swing,
        pickup_of(times, places, kept.notes),
        min(1.0, confidence),
        _alternatives(paths, shares, alike),
        min(1.0, float(shares[np.array([_same_tempo(path, other) for other in paths])].sum())),
        min(1.0, float(shares[np.array([path.metre == other.metre for other in paths])].sum())),
    )


def _while_played(times: np.ndarray, kept: KeptRhythm) -> slice:
    """From the beat in which the first thing begins to that of the last: nobody taps on in silence."""
    strokes = np.flatnonzero(kept.evidence.onset > _SOUNDS) * FRAME_S
    begins = np.concatenate([[note.start_s for note in kept.notes], strokes])
    if not len(begins):
        return slice(0, len(times))
    near = _NEAR * float(np.median(np.diff(times)))
    first = max(0, int(np.searchsorted(times, begins.min() + near, side="right")) - 1)
    last = int(np.searchsorted(times, begins.max() + near, side="right"))
    return slice(first, last) if last - first >= _FEWEST_BEATS else slice(0, len(times))


def _bpm(path: BeatPath) -> float:
    return 60 / (float(np.median(np.diff(path.frames))) * FRAME_S)


def _is_alike(one: BeatPath, other: BeatPath) -> bool:
    """Whether two chains tell the same metre and tempo."""
    return one.metre == other.metre and _same_tempo(one, other)


def _same_tempo(one: BeatPath, other: BeatPath) -> bool:
    return abs(_bpm(one) / _bpm(other) - 1) < 0.05


def _alternatives(paths: list[BeatPath], shares: np.ndarray, taken: list[bool]) -> tuple[OtherBars, ...]:
    found: list[OtherBars] = []
    taken = list(taken)
    for index in np.argsort(-shares, kind="stable").tolist():
        if taken[index]:
            continue
        alike = [not taken[at] and _is_alike(paths[index], paths[at]) for at in range(len(paths))]
        share = float(shares[np.array(alike)].sum())
        found.append(OtherBars(paths[index].metre, round(_bpm(paths[index]), 1), round(share, 3)))
        taken = [a or b for a, b in zip(taken, alike, strict=True)]
    return tuple(sorted(found, key=lambda other: -other.confidence)[:_OTHERS])


def _placed(path: BeatPath, evidence: BeatEvidence) -> tuple[np.ndarray, bool]:
    """(beats,) seconds between frames, on a line when one fits; and whether it does."""
    times = _between_frames(path.frames, evidence.beat) * FRAME_S - _LATE_S
    index = np.arange(len(times))
    slope, start = np.polyfit(index, times, 1)
    off = np.abs(times - (start + slope * index))
    for _ in range(3):
        near = off <= max(0.03, 2.5 * float(np.median(off)))
        slope, start = np.polyfit(index[near], times[near], 1)
        off = np.abs(times - (start + slope * index))
    allowed = max(_STEADY_S, _STEADY_SHARE * float(slope))
    if float(np.median(off)) <= allowed and float(np.percentile(off, 90)) <= 2.2 * allowed:
        return np.asarray(start + slope * index), True
    return _smoothed(times), False


def _between_frames(frames: np.ndarray, curve: np.ndarray) -> np.ndarray:
    """The top of a parabola through the evidence around each frame."""
    inner = np.clip(frames, 1, len(curve) - 2)
    before, here, after = curve[inner - 1], curve[inner], curve[inner + 1]
    bend = before - 2 * here + after
    shift = np.where(bend < -1e-6, 0.5 * (before - after) / np.where(bend < -1e-6, bend, 1.0), 0.0)
    return np.asarray(frames + np.clip(shift, -0.5, 0.5))


def _smoothed(times: np.ndarray) -> np.ndarray:
    """Each beat on a line through its two neighbours on both sides, half way."""
    if len(times) < 5:
        return times
    out = times.copy()
    fit = times[:-4] + times[1:-3] + times[2:-2] + times[3:-1] + times[4:]
    out[2:-2] = 0.5 * times[2:-2] + 0.5 * fit / 5
    return np.maximum.accumulate(out)


def _swing(times: np.ndarray, notes: Sequence[HeardNote]) -> float:
    """0.5-0.75: where off-beat eighths lie; 0.5 when there are too few, or straight."""
    starts = np.array([note.start_s for note in notes])
    starts = starts[(starts >= times[0]) & (starts < times[-1])] if len(starts) else starts
    at = np.searchsorted(times, starts, side="right") - 1
    phase = (starts - times[at]) / np.diff(times)[np.minimum(at, len(times) - 2)] if len(starts) else starts
    offbeat = phase[(phase > 0.42) & (phase < 0.78)]
    if len(offbeat) < _FEWEST_OFFBEATS or len(offbeat) < 0.12 * len(starts):
        return 0.5
    middle = float(np.median(offbeat))
    return round(min(_SWUNG[1], middle), 2) if middle > _SWUNG[0] else 0.5


def pickup_of(times: np.ndarray, places: np.ndarray, notes: Sequence[HeardNote]) -> int:
    """Beats between the first note and the first bar that begins with or after it."""
    if not notes:
        return 0
    first = min(note.start_s for note in notes)
    period = float(np.median(np.diff(times)))
    heard = int(np.searchsorted(times, first + 0.2 * period, side="right")) - 1
    begins = np.flatnonzero((places == 0) & (np.arange(len(places)) >= heard))
    return int(begins[0]) - heard if len(begins) else 0
