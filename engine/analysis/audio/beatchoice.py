"""Of several chains of beats, which would a musician tap?

The decoder gives the best chain of every metre and zone of tempo. Each is described by what it explains, how
usual its tempo is in its metre, whether first beats stand out, whether the music repeats after a bar better
than after other numbers of beats, and by what `barcue` says of its bars; learnt weights (rhythm.json: set on
the tuning part of engine.training.hearing.material) turn that into a share of belief for each.
"""

from collections.abc import Sequence

import numpy as np

from engine.analysis.audio.barcue import bars_told
from engine.analysis.audio.barfeatures import BarEvidence
from engine.analysis.audio.barnetwork import PULSES
from engine.analysis.audio.beatdecoding import (
    FOUR_FOUR,
    FRAME_S,
    METRES,
    SIX_EIGHT,
    TWO_FOUR,
    BeatEvidence,
    BeatPath,
)
from engine.analysis.audio.beatevidence import RHYTHM, frame_chroma
from engine.analysis.audio.pulsenetwork import tempo_class
from engine.analysis.audio.weights import named_weights
from engine.api.audio import HeardNote

_PHASES = 12
_PULSES = dict(zip(METRES, PULSES, strict=True))
_MIDDLE_BPM = 105.0
_TAPPED_BPM = dict(zip(METRES, ((60, 150), (60, 200), (55, 185), (40, 130)), strict=True))
_STRANGE = 12.0
_RASHNESS = 2.5
"""On titles never learnt from, recordings and notes, belief is as high as its share of right metres."""


_METRES = tuple(metre.name for metre in METRES)
BARS_TELL = ("firsts by bars", "metre by bars", "beats by bars")
CHOICE = (
    *("score", "score per second", "beats", "unsteady"),
    *_METRES,
    *(f"tempo {name}" for name in _METRES),
    *(f"tempo squared {name}" for name in _METRES),
    *(f"notes a beat {name}" for name in _METRES),
    *(f"notes a beat squared {name}" for name in _METRES),
    *("half way", "every other beat"),
    *("first", "middle", "every other two", "every other more"),
    *(
        f"{of} {what}"
        for of in ("rhythm", "accent", "harmony")
        for what in ("bar", "nearer", "two", "three", "four")
    ),
    *(
        "metre told",
        "tempo told",
        "beats a second",
        "missed beats",
        "missed firsts",
        "first odds",
        "change at firsts",
        "bass at firsts",
        "long at firsts",
    ),
    *BARS_TELL,
)
_LEAST_TOLD = -6.0
_NEAR_FRAMES = 3
_AT_FIRSTS = (7, 6, 4)  # columns of what is measured for first beats: change, low, lasts


def path_shares(
    paths: Sequence[BeatPath],
    evidence: BeatEvidence,
    first: np.ndarray,
    notes: Sequence[HeardNote],
    more: np.ndarray | float = 0.0,
) -> np.ndarray:
    """(paths,) the share of belief in each, 1 in all; `more` also speaks for each. Raises ModelError."""
    scores = path_features(paths, evidence, first, notes) @ named_weights(RHYTHM, "choice", CHOICE)
    scores = scores + more - np.array([_strangeness(path) for path in paths])
    odds = np.exp((scores - scores.max()) / _RASHNESS)
    return np.asarray(odds / odds.sum())


def _strangeness(path: BeatPath) -> float:
    """What a tempo costs that hardly anybody taps in this metre, whatever the learnt weights say of it."""
    if len(path.frames) < 2:
        return 0.0
    slowest, fastest = _TAPPED_BPM[path.metre]
    bpm = 60 / (float(np.median(np.diff(path.frames))) * FRAME_S)
    return _STRANGE * max(0.0, float(np.log2(slowest / bpm)), float(np.log2(bpm / fastest)))


def path_features(
    paths: Sequence[BeatPath], evidence: BeatEvidence, first: np.ndarray, notes: Sequence[HeardNote]
) -> np.ndarray:
    """(paths, n) what is measured of each; `first`: (frames, m) as measured for first beats."""
    best = max(path.score for path in paths)
    chroma = frame_chroma(notes, len(evidence.beat))
    strokes = _strokes(notes, evidence.onset)
    described = np.array([_described(path, best, evidence, first, chroma, strokes) for path in paths])
    return np.hstack([described, bars_told(paths, BarEvidence(notes, evidence.onset))])


def _described(
    path: BeatPath,
    best: float,
    evidence: BeatEvidence,
    first: np.ndarray,
    chroma: np.ndarray,
    strokes: np.ndarray,
) -> list[float]:
    pulses = _PULSES[path.metre]
    frames, places = path.frames, path.places
    gaps = np.diff(frames)
    seconds = max(1.0, float(frames[-1] - frames[0]) * FRAME_S)
    octave = float(np.log2(60 / (np.median(gaps) * FRAME_S) / _MIDDLE_BPM)) if len(gaps) else 0.0
    unsteady = float(np.abs(np.diff(np.log(gaps))).mean()) if len(gaps) > 1 else 0.0
    mine = [float(path.metre == metre) for metre in METRES]
    worth = evidence.downbeat[frames]
    inside = np.count_nonzero((strokes >= frames[0]) & (strokes < frames[-1])) / max(1, len(frames) - 1)
    dense = float(np.log2(max(0.25, inside))) - 1.0
    rhythm = _repeats(_beat_patterns(frames, evidence.onset), pulses)
    accent = _repeats(first[frames] - first[frames].mean(axis=0), pulses)
    harmony = _repeats(_beat_means(frames, chroma), pulses)
    return [
        max(-6.0, (path.score - best) / 10),
        max(-3.0, (path.score - best) / seconds),
        float(np.mean(evidence.beat[frames])),
        unsteady,
        *mine,
        *(octave * m for m in mine),
        *(octave**2 * m for m in mine),
        *(dense * m for m in mine),
        *(dense**2 * m for m in mine),
        *_levels(frames, evidence.beat),
        *_contrasts(path.metre, worth, places),
        *rhythm,
        *accent,
        *harmony,
        *_told(path, evidence),
        float(np.sum(evidence.beat[frames])) / seconds / 4,
        *_missed(path, evidence),
        float(np.mean(worth[places == 0])) if (places == 0).any() else 0.0,
        *(_stands_out(first[frames, column], places) for column in _AT_FIRSTS),
    ]


def _stands_out(measured: np.ndarray, places: np.ndarray) -> float:
    """How much more is measured on first beats than on others, in widths of what is usual."""
    on, off = measured[places == 0], measured[places != 0]
    usual = float(measured.std()) + 1e-6
    return float(on.mean() - off.mean()) / usual if len(on) and len(off) else 0.0


def _told(path: BeatPath, evidence: BeatEvidence) -> tuple[float, float]:
    """Log shares that the whole gives this metre, and this tempo or its neighbours."""
    if not len(evidence.metres) or len(path.frames) < 2:
        return 0.0, 0.0
    bpm = 60 / (float(np.median(np.diff(path.frames))) * FRAME_S)
    at = tempo_class(bpm)
    near = float(evidence.tempi[max(0, at - 1) : at + 2].max())
    return max(_LEAST_TOLD, float(evidence.metres[METRES.index(path.metre)])), max(_LEAST_TOLD, near)


def _missed(path: BeatPath, evidence: BeatEvidence) -> tuple[float, float]:
    """The share of all belief in beats that lies beside the path's, and of that in first beats."""
    belief = 1 / (1 + np.exp(-evidence.beat))
    firsts = belief / (1 + np.exp(-evidence.downbeat))
    starts = path.frames[path.places == 0]
    return _share_beside(belief, path.frames), _share_beside(firsts, starts)


def _share_beside(belief: np.ndarray, frames: np.ndarray) -> float:
    beside = np.ones(len(belief), bool)
    for step in range(-_NEAR_FRAMES, _NEAR_FRAMES + 1):
        beside[np.clip(frames + step, 0, len(belief) - 1)] = False
    return float(belief[beside].sum() / max(1e-9, belief.sum()))


def _strokes(notes: Sequence[HeardNote], onset: np.ndarray) -> np.ndarray:
    """Frames at which something begins: of the notes, else of the sound."""
    if notes:
        starts = np.sort(np.array([note.start_s for note in notes]))
        apart = np.concatenate([[True], np.diff(starts) > 0.05])
        return np.asarray(starts[apart] / FRAME_S)
    is_peak = (onset[1:-1] > 0.5) & (onset[1:-1] > onset[:-2]) & (onset[1:-1] >= onset[2:])
    return np.flatnonzero(is_peak) + 1


def _levels(frames: np.ndarray, beat: np.ndarray) -> list[float]:
    """Beats against what lies half way between them, and every other beat against the rest: is it the level
    of the beat, or should it be twice or half as fast?"""
    wide = np.maximum(beat, np.maximum(np.roll(beat, 1), np.roll(beat, -1)))
    here = wide[frames]
    middle = wide[(frames[1:] + frames[:-1]) // 2]
    half_way = float(here.mean() - middle.mean()) if len(middle) else 0.0
    return [half_way, abs(float(here[::2].mean() - here[1::2].mean())) if len(here) > 1 else 0.0]


def _contrasts(metre: object, worth: np.ndarray, places: np.ndarray) -> list[float]:
    """How first beats stand out: against all others; in 4/4, against the third; every other bar's."""
    on, off = worth[places == 0], worth[places != 0]
    out = float(on.mean() - off.mean()) if len(on) and len(off) else 0.0
    middle = 0.0
    if metre == FOUR_FOUR and (places == 2).any() and len(on):
        middle = float(on.mean() - worth[places == 2].mean())
    every_other = abs(float(on[::2].mean() - on[1::2].mean())) if len(on) > 3 else 0.0
    two = float(metre in (TWO_FOUR, SIX_EIGHT))
    return [out, middle, every_other * two, every_other * (1 - two)]


def _beat_patterns(frames: np.ndarray, onset: np.ndarray) -> np.ndarray:
    """(beats - 1, 12) what begins in each twelfth of each beat."""
    shares = np.arange(_PHASES) / _PHASES
    at = frames[:-1, None] + np.round(np.diff(frames)[:, None] * shares).astype(int)
    patterns = onset[np.minimum(at, len(onset) - 1)]
    return np.asarray(patterns - patterns.mean())


def _beat_means(frames: np.ndarray, chroma: np.ndarray) -> np.ndarray:
    """(beats - 1, 12) pitch classes of each beat."""
    total = np.concatenate([np.zeros((1, 12)), np.cumsum(chroma, axis=0)])
    means = (total[frames[1:]] - total[frames[:-1]]) / np.diff(frames)[:, None]
    return np.asarray(means - means.mean(axis=0)) if len(means) else means


def _repeats(rows: np.ndarray, pulses: int) -> list[float]:
    """How like is a beat to the one a bar later; against those nearer; two bars later; 3 against 2 and 4."""
    if len(rows) < 4 * pulses or len(rows) < 10:
        return [0.0] * 5
    power = max(1e-9, float((rows * rows).sum()) / len(rows))
    alike = {lag: float((rows[:-lag] * rows[lag:]).sum() / (len(rows) - lag) / power) for lag in range(1, 9)}
    nearer = float(np.mean([alike[lag] for lag in range(1, pulses)]))
    threes = alike[3] + alike[6] - alike[4] - 0.5 * (alike[2] + alike[8])
    is_three = 1.0 if pulses == 3 else -1.0
    four_more = alike[4] + alike[8] - alike[2] - alike[6]
    is_four = {4: 1.0, 2: -1.0}.get(pulses, 0.0)
    return [alike[pulses], alike[pulses] - nearer, alike[2 * pulses], threes * is_three, four_more * is_four]
