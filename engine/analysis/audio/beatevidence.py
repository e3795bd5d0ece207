"""What can be measured of a moment as a beat, and as a first beat, in a recording's sound and its notes?

BeatNet's activations, how much begins in the sound (in all and in the bass), and the heard notes: how many
begin, how long each is, whether it is long compared with its neighbours, how low it lies; for first beats
also how much the harmony changes. BeatNet knows drums and bands; it knows a lone voice badly, so how sure it
is of the recording as a whole is told too.
"""

from collections.abc import Sequence

import numpy as np

from engine.analysis.audio.beatdecoding import FRAME_S
from engine.analysis.audio.weights import LISTENING
from engine.api.audio import HeardNote

RHYTHM = LISTENING / "rhythm.json"
_FLUX, _BEGINS = 2, 4
_STROKE_AT, _STROKE_SLOPE = 1.4, 3.0
_SMEAR_S = 0.022
_LONGEST_S = 1.6
_CHANGE_S = 0.9
_LOW_PITCH, _LOW_BANDS = 52, 46


def silent_features(notes: Sequence[HeardNote]) -> tuple[np.ndarray, np.ndarray]:
    """`frame_features` of notes without a sound."""
    frames = int(max((note.end_s for note in notes), default=0.0) / FRAME_S) + 1
    return frame_features(np.zeros((frames, 2)), np.zeros((frames, 2 * _LOW_BANDS)), notes)


def onset_curve(beat_features: np.ndarray) -> np.ndarray:
    """(frames,) 0-1 how surely something begins, by notes or by the sound."""
    flux = 1 / (1 + np.exp(-_STROKE_SLOPE * (beat_features[:, _FLUX] - _STROKE_AT)))
    begins = np.minimum(1.0, np.expm1(beat_features[:, _BEGINS]))
    return np.asarray(np.maximum(flux, begins))


def frame_features(
    activations: np.ndarray, rhythm: np.ndarray, notes: Sequence[HeardNote]
) -> tuple[np.ndarray, np.ndarray]:
    """(frames, n) what is measured of each moment as a beat, and (frames, m) as a first beat given a beat."""
    frames = len(activations)
    both = activations.sum(axis=1)
    trust = np.full(frames, np.clip(np.percentile(both, 97), 0, 1)) if frames else np.zeros(0)
    heard = np.log(both + 1e-2) + 3
    rises = rhythm[:, rhythm.shape[1] // 2 :].astype(np.float32)
    flux, low_flux = rise_strength(rises.sum(axis=1)), rise_strength(rises[:, :_LOW_BANDS].sum(axis=1))
    begins, lasts, longer, low = _note_curves(notes, frames)
    share = np.log((activations[:, 1] + 1e-3) / (activations[:, 0] + 1e-3))
    change = harmonic_change(notes, frames)
    beat = [heard, trust, flux, low_flux, begins, lasts, longer, low]
    first = [share, share * trust, low_flux, flux, lasts, longer, low, change]
    return np.stack(beat, axis=1), np.stack(first, axis=1)


def rise_strength(rise: np.ndarray) -> np.ndarray:
    """A flux against its surroundings of four seconds, compressed, the highest of three frames."""
    if not len(rise):
        return rise
    width = min(len(rise), 201)
    around = np.convolve(rise, np.ones(width) / width, mode="same") + 0.05 * rise.max() + 1e-6
    curve = np.log1p(rise / around)
    return _widest(curve, 1)


def _widest(curve: np.ndarray, reach: int) -> np.ndarray:
    """The greatest value within `reach` frames on both sides."""
    wide = curve.copy()
    for step in range(1, reach + 1):
        wide[step:] = np.maximum(wide[step:], curve[:-step])
        wide[:-step] = np.maximum(wide[:-step], curve[step:])
    return wide


def _note_curves(
    notes: Sequence[HeardNote], frames: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """(frames,) each: how many begin, the longest that begins, longer than its neighbours, low notes."""
    begins, lasts, longer, low = (np.zeros(frames) for _ in range(4))
    if not notes or not frames:
        return begins, lasts, longer, low
    start = np.array([note.start_s for note in notes])
    order = np.argsort(start, kind="stable")
    start = start[order]
    end = np.array([note.end_s for note in notes])[order]
    pitch = np.array([note.pitch for note in notes])[order]
    sure = np.array([note.certainty for note in notes])[order]
    strokes = np.concatenate([[0], np.flatnonzero(np.diff(start) > 0.05) + 1])
    gap = np.diff(np.append(start[strokes], max(end.max(), start[-1] + 0.1)))
    gap = np.minimum(gap, _LONGEST_S)
    before, after = np.append(gap[:1], gap[:-1]), np.append(gap[1:], gap[-1:])
    contrast = np.log(gap + 0.05) - 0.5 * (np.log(before + 0.05) + np.log(after + 0.05))
    length = np.minimum(end - start, _LONGEST_S)
    longest = np.maximum.reduceat(length, strokes)
    add_bells(begins, start, sure)
    raise_bells(lasts, start[strokes], np.maximum(longest, 0.5 * gap))
    raise_bells(longer, start[strokes], np.clip(contrast, 0, 2))
    is_low = pitch < _LOW_PITCH
    add_bells(low, start[is_low], np.minimum(length[is_low], 1.0))
    return np.log1p(begins), lasts, longer, np.log1p(low)


_KERNEL = np.exp(-0.5 * (np.arange(-3, 4) * FRAME_S / _SMEAR_S) ** 2)


def add_bells(curve: np.ndarray, times_s: np.ndarray, weights: np.ndarray) -> None:
    """Adds a small bell at each time."""
    middle = np.round(times_s / FRAME_S).astype(int)
    for step, height in zip(range(-3, 4), _KERNEL, strict=True):
        at = middle + step
        inside = (at >= 0) & (at < len(curve))
        np.add.at(curve, at[inside], weights[inside] * height)


def raise_bells(curve: np.ndarray, times_s: np.ndarray, weights: np.ndarray) -> None:
    """Lifts the curve to a small bell at each time."""
    middle = np.round(times_s / FRAME_S).astype(int)
    for step, height in zip(range(-3, 4), _KERNEL, strict=True):
        at = middle + step
        inside = (at >= 0) & (at < len(curve))
        np.maximum.at(curve, at[inside], weights[inside] * height)


def frame_chroma(notes: Sequence[HeardNote], frames: int) -> np.ndarray:
    """(frames, 12) 0-1: how surely each pitch class sounds."""
    chroma = np.zeros((frames, 12))
    for note in notes:
        first, last = (int(min(max(at / FRAME_S, 0), frames)) for at in (note.start_s, note.end_s))
        chroma[first : max(last, first + 1), note.pitch % 12] += note.certainty
    return np.asarray(np.minimum(chroma, 1.0))


def harmonic_change(notes: Sequence[HeardNote], frames: int, reach_s: float = _CHANGE_S) -> np.ndarray:
    """(frames,) 0-1: how different the pitch classes of the next stretch are from those of the last."""
    total = np.concatenate([np.zeros((1, 12)), np.cumsum(frame_chroma(notes, frames), axis=0)])
    reach = min(round(reach_s / FRAME_S), max(1, frames))
    here = np.arange(frames)
    after = total[np.minimum(here + reach, frames)] - total[here]
    before = total[here] - total[np.maximum(here - reach, 0)]
    size = np.linalg.norm(after, axis=1) * np.linalg.norm(before, axis=1)
    return np.asarray(np.where(size > 0, 1 - (after * before).sum(axis=1) / np.maximum(size, 1e-9), 0.0))
