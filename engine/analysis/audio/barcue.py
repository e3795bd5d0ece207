"""Given these beats, which metre is it, and where do its bars begin?

What the notes do on every beat (how many begin, how long and low they are, how the harmony changes) is laid
together by two, three and four beats from each beginning, and held against itself one to sixteen beats
later. Small networks learnt here (engine.training.hearing.barlearning, bars.safetensors) tell how likely
each metre with each beginning is, or that these are not the beats. They know notes only, as our listening
tells them, so what they say is independent of what the sound says.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from engine.analysis.audio.beatdecoding import FRAME_S, METRES, BeatPath
from engine.analysis.audio.beatevidence import frame_features
from engine.analysis.audio.pulsefeatures import OF_SOUND, note_pulse_features
from engine.analysis.audio.weights import read_weights
from engine.api.audio import HeardNote

PULSES = (2, 3, 4, 2)
HYPOTHESES = tuple((metre, start) for metre, pulses in enumerate(PULSES) for start in range(pulses))
"""Each metre of METRES with each beat its bars may begin on."""
NOT_THE_BEATS = len(HYPOTHESES)
BAR_MEMBERS, BAR_HIDDEN = 2, 24
_LAGS = (1, 2, 3, 4, 5, 6, 7, 8, 12, 16)
_PHASES = 12
_FEWEST_FRAMES = 8
_LOW_PITCH = 52
_MIDDLE_BPM = 105.0
_RHYTHM_BANDS = 46
_CURVES, _LONGEST_BAR = 20, 4
BAR_FEATURES = _CURVES * (_LONGEST_BAR + 1) + 8 * len(_LAGS) + _PHASES + 6
_LEAST_TOLD = -6.0
_UNTOLD = (-1.3, -1.3, -0.3)

_MEMBER: dict[str, tuple[int, ...]] = {
    "mean": (BAR_FEATURES,),
    "width": (BAR_FEATURES,),
    "inner": (len(METRES), BAR_FEATURES, BAR_HIDDEN),
    "bias": (len(METRES), BAR_HIDDEN),
    "outer": (len(METRES), BAR_HIDDEN),
    "straight": (len(METRES), BAR_FEATURES),
    "usual": (len(METRES),),
}
_SHAPES = {f"{member}.{name}": shape for member in range(BAR_MEMBERS) for name, shape in _MEMBER.items()}


@dataclass(frozen=True)
class BarEvidence:
    """What the bars are told from. notes: in order of time; onset: (frames,) how surely something begins."""

    notes: Sequence[HeardNote]
    onset: np.ndarray

    @cached_property
    def curves(self) -> np.ndarray:
        """(frames, n) what the notes do at each moment."""
        frames = len(self.onset)
        silent = frame_features(np.zeros((frames, 2)), np.zeros((frames, 2 * _RHYTHM_BANDS)), self.notes)
        return note_pulse_features(silent, self.notes)[:, OF_SOUND:]

    @cached_property
    def chroma(self) -> np.ndarray:
        return _summed_chroma(self.notes, len(self.onset))

    @cached_property
    def bass(self) -> np.ndarray:
        return _summed_chroma([n for n in self.notes if n.pitch < _LOW_PITCH], len(self.onset))


def bars_told(paths: Sequence[BeatPath], evidence: BarEvidence) -> np.ndarray:
    """(paths, 3) log shares of each chain: its first beats given its metre, its metre given its beats, and
    that these are the beats. Raises ModelError without the weights."""
    known: dict[bytes, np.ndarray | None] = {}
    told = np.tile(_UNTOLD, (len(paths), 1))
    for row, path in enumerate(paths):
        key = path.frames.tobytes()
        if key not in known:
            described = described_bars(path.frames, evidence) if evidence.notes else None
            known[key] = None if described is None else _log_shares(described)
        shares = known[key]
        if shares is not None:
            told[row] = _told(path, shares)
    return told


def _told(path: BeatPath, log_shares: np.ndarray) -> list[float]:
    metre, shares = METRES.index(path.metre), np.exp(log_shares)
    start = int(np.flatnonzero(path.places == 0)[0]) if (path.places == 0).any() else 0
    mine = shares[HYPOTHESES.index((metre, start % PULSES[metre]))]
    same = sum(share for (each, _), share in zip(HYPOTHESES, shares, strict=False) if each == metre)
    beats = shares[:NOT_THE_BEATS].sum()
    parts = (mine + 1e-9) / (same + 1e-9), (same + 1e-9) / (beats + 1e-9), beats + 1e-9
    return [max(_LEAST_TOLD, float(np.log(part))) for part in parts]


def _log_shares(described: np.ndarray) -> np.ndarray:
    """(12,) log shares of the hypotheses, and of no beats last."""
    weights = read_weights("bars", _SHAPES)
    members = ({name: weights[f"{member}.{name}"] for name in _MEMBER} for member in range(BAR_MEMBERS))
    mean = np.mean([_member_says(described, member) for member in members], axis=0)
    return np.asarray(mean - np.log(np.exp(mean).sum()))


def _member_says(described: np.ndarray, weights: Mapping[str, np.ndarray]) -> np.ndarray:
    rows = np.clip((described - weights["mean"]) / weights["width"], -5, 5)
    scores = np.zeros(NOT_THE_BEATS + 1)
    for at, (metre, _) in enumerate(HYPOTHESES):
        hidden = np.maximum(0, rows[at] @ weights["inner"][metre] + weights["bias"][metre])
        straight = rows[at] @ weights["straight"][metre] + weights["usual"][metre]
        scores[at] = hidden @ weights["outer"][metre] + straight
    scores -= scores.max()
    return np.asarray(scores - np.log(np.exp(scores).sum()))


def described_bars(frames: np.ndarray, evidence: BarEvidence) -> np.ndarray | None:
    """(11, BAR_FEATURES) each hypothesis about the chain of beats; None when it is too short to tell."""
    frames = frames[(frames >= 0) & (frames < len(evidence.onset) - 1)]
    if len(frames) < _FEWEST_FRAMES:
        return None
    patterns, chroma = _patterns(frames, evidence.onset), _means(evidence.chroma, frames)
    curves = _curves(frames, evidence, patterns, chroma)
    whole = _whole(frames, curves, patterns, chroma)
    folded = {
        (pulses, start): _folded(curves, pulses, start) for pulses in set(PULSES) for start in range(pulses)
    }
    rows = [np.concatenate([folded[PULSES[metre], start], whole]) for metre, start in HYPOTHESES]
    return np.asarray(rows, np.float32)


def _curves(
    frames: np.ndarray, evidence: BarEvidence, patterns: np.ndarray, chroma: np.ndarray
) -> np.ndarray:
    """(beats, 20) what is measured of each beat, in widths of what is usual in this piece."""
    beats, last = frames[:-1], len(evidence.onset) - 1
    near = [evidence.curves[np.clip(beats + step, 0, last)] for step in range(-2, 3)]
    pairs = chroma.copy()
    pairs[:-1] += chroma[1:]
    changes = [
        _changes(chroma, 1),
        _changes(pairs, 2),
        _changes(_means(evidence.bass, frames), 1),
    ]
    begins = [patterns.sum(axis=1), patterns[:, 5:8].max(axis=1), patterns[:, 0]]
    curves = np.concatenate([np.maximum.reduce(near), np.stack([*changes, *begins], axis=1)], axis=1)
    return np.asarray((curves - curves.mean(axis=0)) / (curves.std(axis=0) + 0.05))


def _folded(curves: np.ndarray, pulses: int, start: int) -> np.ndarray:
    """The mean of every place of the bar, and how unlike the first beats of every other bar are."""
    places = np.zeros((_LONGEST_BAR, curves.shape[1]))
    for place in range(pulses):
        places[place] = curves[(start + place) % pulses :: pulses].mean(axis=0)
    one, other = curves[start :: 2 * pulses], curves[(start + pulses) % (2 * pulses) :: 2 * pulses]
    unlike = np.abs(one.mean(axis=0) - other.mean(axis=0)) if len(one) and len(other) else 0 * curves[0]
    return np.concatenate([places.ravel(), unlike])


def _whole(frames: np.ndarray, curves: np.ndarray, patterns: np.ndarray, chroma: np.ndarray) -> np.ndarray:
    """What is the same from wherever the bars begin: likenesses, the pattern of a beat, tempo, density."""
    compared = [patterns, chroma, *(curves[:, at : at + 1] for at in (0, 3, 4, 12, 10)), curves[:, 5:8]]
    alike = [value for rows in compared for value in _likenesses(rows)]
    octave = float(np.log2(60 / (np.median(np.diff(frames)) * FRAME_S) / _MIDDLE_BPM))
    dense = float(np.log2(max(0.1, patterns.sum(axis=1).mean())))
    pace = [octave, octave**2, dense, dense**2, octave * dense, float(np.log(len(curves)))]
    return np.array([*alike, *patterns.mean(axis=0), *pace])


def _likenesses(rows: np.ndarray) -> list[float]:
    rows = rows - rows.mean(axis=0)
    power = max(1e-9, float((rows * rows).sum()) / len(rows))
    return [
        float((rows[:-lag] * rows[lag:]).sum() / (len(rows) - lag) / power) if len(rows) > lag + 3 else 0.0
        for lag in _LAGS
    ]


def _patterns(frames: np.ndarray, onset: np.ndarray) -> np.ndarray:
    """(beats, 12) how surely something begins in each twelfth of each beat."""
    shares = np.arange(_PHASES) / _PHASES
    at = frames[:-1, None] + np.round(np.diff(frames)[:, None] * shares).astype(int)
    return np.asarray(onset[np.minimum(at, len(onset) - 1)])


def _changes(chroma: np.ndarray, apart: int) -> np.ndarray:
    """(beats,) how unlike the pitch classes of each beat are to those some beats before."""
    out = np.zeros(len(chroma))
    now, before = chroma[apart:], chroma[:-apart]
    size = np.linalg.norm(now, axis=1) * np.linalg.norm(before, axis=1)
    out[apart:] = 1 - (now * before).sum(axis=1) / (size + 1e-6)
    return out


def _summed_chroma(notes: Sequence[HeardNote], frames: int) -> np.ndarray:
    chroma = np.zeros((frames, 12))
    for note in notes:
        first, last = (int(np.clip(at / FRAME_S, 0, frames)) for at in (note.start_s, note.end_s))
        chroma[first : max(last, first + 1), note.pitch % 12] += note.certainty
    return np.concatenate([np.zeros((1, 12)), np.cumsum(np.minimum(chroma, 1.0), axis=0)])


def _means(summed: np.ndarray, frames: np.ndarray) -> np.ndarray:
    """(beats, 12) the mean of each beat."""
    return np.asarray((summed[frames[1:]] - summed[frames[:-1]]) / np.maximum(1, np.diff(frames))[:, None])
