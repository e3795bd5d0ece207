"""What is there on each beat, and which earlier beats is it like, so that bars can be told from it?

Of every beat: what the notes do there, what begins in each of its twelfths, how long it lasts until the next
thing begins, and where the highest and the lowest line lie. Beside that, how like it is to each of the 32
beats before it: in rhythm, harmony, the shape of the highest line, its very pitches, and the bass. Bars,
phrases and sections are what comes back, so they show in these likenesses.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from engine.analysis.audio.beatdecoding import FRAME_S
from engine.analysis.audio.beatevidence import frame_chroma, frame_features
from engine.analysis.audio.pulsefeatures import OF_SOUND, note_pulse_features
from engine.api.audio import HeardNote

LAGS, LIKENESSES = 32, 5
OF_A_BEAT = 40
BAR_FEATURES = OF_A_BEAT + LIKENESSES * LAGS
OF_THE_WHOLE = 6
_PHASES = 12
_FEWEST_FRAMES = 8
_LOW_PITCH = 52
_MIDDLE_BPM = 105.0
_RHYTHM_BANDS = 46
_NEAR_FRAMES = 3.5
_LATER = 0.04  # of a beat: where in each twelfth a pitch is asked for
_SHORTEST, _LONGEST = (0.1, 0.05), 8.0  # of a rest and of a note, in beats
_WIDTH_SEMITONES, _USUALLY_ALIKE = 2.0, 0.3
_FEWEST_COMPARED = 4


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

    @cached_property
    def top(self) -> np.ndarray:
        """(frames,) the highest pitch that sounds, or did last."""
        return _line(sorted(self.notes, key=lambda note: note.pitch), len(self.onset))

    @cached_property
    def low(self) -> np.ndarray:
        """(frames,) the lowest."""
        return _line(sorted(self.notes, key=lambda note: -note.pitch), len(self.onset))

    @cached_property
    def spans(self) -> tuple[np.ndarray, np.ndarray]:
        """Where notes start and end, in frames, in order of time."""
        starts = np.array([note.start_s for note in self.notes]) / FRAME_S
        ends = np.array([note.end_s for note in self.notes]) / FRAME_S
        order = np.argsort(starts)
        return starts[order], ends[order]


@dataclass(frozen=True, slots=True)
class DescribedBeats:
    """rows: (beats, BAR_FEATURES). whole: (OF_THE_WHOLE,) tempo, density and length."""

    rows: np.ndarray
    whole: np.ndarray

    @property
    def likeness(self) -> np.ndarray:
        """(LIKENESSES * LAGS,) how like beats are to those some beats before, over all."""
        compared = np.maximum(_FEWEST_COMPARED, len(self.rows) - np.arange(1, LAGS + 1))
        summed = self.rows[:, OF_A_BEAT:].astype(np.float32).sum(axis=0)
        return np.asarray(summed / np.tile(compared, LIKENESSES))


def described_beats(frames: np.ndarray, evidence: BarEvidence) -> DescribedBeats | None:
    """The chain of beats; None when it is too short to tell."""
    frames = frames[(frames >= 0) & (frames < len(evidence.onset) - 1)]
    if len(frames) < _FEWEST_FRAMES:
        return None
    patterns, chroma = _patterns(frames, evidence.onset), _means(evidence.chroma, frames)
    bass = _means(evidence.bass, frames)
    curves = _curves(frames, evidence, patterns, chroma, bass)
    tops = _tops(frames, evidence.top)
    alike = [_alike(patterns), _alike(chroma), *_alike_lines(tops), _alike(bass)]
    lines = _lines(frames, evidence, tops)
    rows = np.concatenate([curves, patterns, lines, *alike], axis=1)
    return DescribedBeats(rows.astype(np.float32), _whole(frames, patterns))


def _curves(
    frames: np.ndarray, evidence: BarEvidence, patterns: np.ndarray, chroma: np.ndarray, bass: np.ndarray
) -> np.ndarray:
    """(beats, 20) what is measured of each beat, in widths of what is usual in this piece."""
    beats, last = frames[:-1], len(evidence.onset) - 1
    near = [evidence.curves[np.clip(beats + step, 0, last)] for step in range(-2, 3)]
    pairs = chroma.copy()
    pairs[:-1] += chroma[1:]
    changes = [_changes(chroma, 1), _changes(pairs, 2), _changes(bass, 1)]
    begins = [patterns.sum(axis=1), patterns[:, 5:8].max(axis=1), patterns[:, 0]]
    curves = np.concatenate([np.maximum.reduce(near), np.stack([*changes, *begins], axis=1)], axis=1)
    return np.asarray((curves - curves.mean(axis=0)) / (curves.std(axis=0) + 0.05))


def _lines(frames: np.ndarray, evidence: BarEvidence, tops: np.ndarray) -> np.ndarray:
    """(beats, 8) how soon after each beat something begins, the longest that begins on it, whether anything
    does, the first again where it does, how high both lines lie, how far the lowest leaps, and whether it
    stays on its pitch class."""
    starts, ends = evidence.spans
    beats, period = frames[:-1], float(np.median(np.diff(frames)))
    after, before = (np.searchsorted(starts, beats + side) for side in (_NEAR_FRAMES, -_NEAR_FRAMES))
    wait = (np.append(starts, frames[-1])[after] - beats) / period
    lengths = [
        float((ends[a:b] - starts[a:b]).max()) if b > a else 0.0 for a, b in zip(before, after, strict=True)
    ]
    rests = np.log(np.clip(wait, _SHORTEST[0], _LONGEST))
    lasts = np.log(np.clip(np.array(lengths) / period, _SHORTEST[1], _LONGEST))
    begins = (after > before) * 1.0
    low = evidence.low[beats + 1]
    leaps = np.diff(low, prepend=low[:1])
    heights = [(tops[:, 0] - np.median(tops)) / 12, (low - np.median(low)) / 12]
    columns = [rests, lasts, begins, begins * rests, *heights, np.abs(leaps) / 12, (leaps % 12 == 0) * 1.0]
    return np.stack(columns, axis=1)


def _whole(frames: np.ndarray, patterns: np.ndarray) -> np.ndarray:
    octave = float(np.log2(60 / (np.median(np.diff(frames)) * FRAME_S) / _MIDDLE_BPM))
    dense = float(np.log2(max(0.1, patterns.sum(axis=1).mean())))
    pace = [octave, octave**2, dense, dense**2, octave * dense, float(np.log(len(patterns)))]
    return np.array(pace, np.float32)


def _alike(rows: np.ndarray) -> np.ndarray:
    """(beats, LAGS) cosine of each beat's row with that of each beat before, around what is usual."""
    rows = rows - rows.mean(axis=0)
    least = 1e-3 * max(1e-6, float(np.abs(rows).max())) + 1e-6
    rows = rows / (np.linalg.norm(rows, axis=1, keepdims=True) + least)
    out = np.zeros((len(rows), LAGS))
    for lag in range(1, min(LAGS, len(rows) - 1) + 1):
        out[lag:, lag - 1] = (rows[lag:] * rows[:-lag]).sum(axis=1)
    return out


def _alike_lines(tops: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(beats, LAGS) each: whether the highest line has the same shape, and the same pitches."""
    shapes, pitches = np.zeros((2, len(tops), LAGS))
    for lag in range(1, min(LAGS, len(tops) - 1) + 1):
        apart = tops[lag:] - tops[:-lag]
        shapes[lag:, lag - 1] = np.exp(-apart.std(axis=1) / _WIDTH_SEMITONES) - _USUALLY_ALIKE
        pitches[lag:, lag - 1] = (np.abs(apart) < 0.5).mean(axis=1) - _USUALLY_ALIKE
    return shapes, pitches


def _tops(frames: np.ndarray, top: np.ndarray) -> np.ndarray:
    """(beats, 12) the highest pitch in each twelfth of each beat."""
    shares = np.arange(_PHASES) / _PHASES + _LATER
    at = frames[:-1, None] + np.round(np.diff(frames)[:, None] * shares).astype(int)
    return np.asarray(top[np.minimum(at, len(top) - 1)])


def _line(notes: Sequence[HeardNote], frames: int) -> np.ndarray:
    """(frames,) of what sounds together the last of these; where nothing sounds, what did before."""
    line = np.zeros(frames)
    for note in notes:
        first, last = int(note.start_s / FRAME_S), int(note.end_s / FRAME_S)
        line[first : max(last, first + 1)] = note.pitch
    held = line[np.maximum.accumulate(np.where(line > 0, np.arange(frames), 0))]
    sounding = np.flatnonzero(held)
    if len(sounding):
        held[: sounding[0]] = held[sounding[0]]
    return np.asarray(held)


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
    return np.concatenate([np.zeros((1, 12)), np.cumsum(frame_chroma(notes, frames), axis=0)])


def _means(summed: np.ndarray, frames: np.ndarray) -> np.ndarray:
    """(beats, 12) the mean of each beat."""
    return np.asarray((summed[frames[1:]] - summed[frames[:-1]]) / np.maximum(1, np.diff(frames))[:, None])
