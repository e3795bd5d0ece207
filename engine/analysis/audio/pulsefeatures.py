"""What does a network that follows the pulse see of each moment of a recording or of notes?

What engine.analysis.audio.beatevidence measures, the rises of the sound in bands from low to high, the notes
that begin by register, how much the harmony changes over shorter and longer times, where the bass moves to
another note, how far the highest line leaps, and how loud what begins is beside what is usual. Everything
that comes from the sound is silent where there are only notes, and one value says which it is.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from engine.analysis.audio.beatevidence import (
    add_bells,
    harmonic_change,
    raise_bells,
    rise_strength,
)
from engine.api.audio import HeardNote

OF_SOUND = 12
FEATURES = OF_SOUND + 14
LOUDNESS = slice(FEATURES - 2, FEATURES)
_BANDS = (0, 24, 46, 68, 90, 112, 136)
_REGISTERS = ((0, 52), (52, 67), (67, 128))
_CHANGES_S = (0.45, 1.8)
_TOGETHER_S = 0.05

Measured = tuple[np.ndarray, np.ndarray]
"""What `beatevidence.frame_features` measured."""


def pulse_features(measured: Measured, rhythm: np.ndarray, notes: Sequence[HeardNote]) -> np.ndarray:
    """(frames, FEATURES): of the sound first. rhythm: (frames, 272) as of `beatlistening.rhythm_features`."""
    beat, first = measured
    rises = rhythm[:, rhythm.shape[1] // 2 :].astype(np.float32)
    bands = [rise_strength(rises[:, low:high].sum(axis=1)) for low, high in pairwise(_BANDS)]
    sound = [*beat[:, :4].T, first[:, 0], *bands, np.ones(len(beat))]
    return np.concatenate([np.stack(sound, axis=1), _of_notes(measured, notes)], axis=1)


def note_pulse_features(measured: Measured, notes: Sequence[HeardNote]) -> np.ndarray:
    """The same of notes without a sound."""
    return np.concatenate([np.zeros((len(measured[0]), OF_SOUND)), _of_notes(measured, notes)], axis=1)


def _of_notes(measured: Measured, notes: Sequence[HeardNote]) -> np.ndarray:
    beat, first = measured
    frames = len(beat)
    registers = [_begins_between(notes, frames, low, high) for low, high in _REGISTERS]
    changes = [harmonic_change(notes, frames, reach_s) for reach_s in _CHANGES_S]
    curves = [*beat[:, 4:8].T, first[:, 7], *registers, *changes]
    return np.stack([*curves, *_lines(notes, frames), *_accents(notes, frames)], axis=1)


def _begins_between(notes: Sequence[HeardNote], frames: int, low: int, high: int) -> np.ndarray:
    curve = np.zeros(frames)
    chosen = [note for note in notes if low <= note.pitch < high]
    add_bells(curve, np.array([n.start_s for n in chosen]), np.array([n.certainty for n in chosen]))
    return np.log1p(curve)


def _lines(notes: Sequence[HeardNote], frames: int) -> tuple[np.ndarray, np.ndarray]:
    """(frames,) each: 1 where the bass moves to another pitch class, octaves the highest line leaps."""
    moves, leaps = np.zeros(frames), np.zeros(frames)
    strokes = _strokes(notes)
    bass = [(time, pitches.min() % 12) for time, pitches in strokes if pitches.min() < _REGISTERS[0][1]]
    moved = [now[0] for before, now in pairwise(bass) if now[1] != before[1]]
    raise_bells(moves, np.array(moved), np.ones(len(moved)))
    top = np.array([pitches.max() for _, pitches in strokes], dtype=float)
    far = np.abs(np.diff(top, prepend=top[:1])) / 12
    raise_bells(leaps, np.array([time for time, _ in strokes]), np.minimum(far, 2.0))
    return moves, leaps


def _accents(notes: Sequence[HeardNote], frames: int) -> tuple[np.ndarray, np.ndarray]:
    """(frames,) each: how much louder what begins is than usual, and how much softer, in half octaves."""
    louder, softer = np.zeros(frames), np.zeros(frames)
    times = np.array([note.start_s for note in notes])
    loud = np.array([note.velocity for note in notes], dtype=float)
    off = (loud - loud.mean()) / max(8.0, float(loud.std())) if len(loud) else loud
    raise_bells(louder, times, np.clip(off, 0, 3))
    raise_bells(softer, times, np.clip(-off, 0, 3))
    return louder, softer


def _strokes(notes: Sequence[HeardNote]) -> list[tuple[float, np.ndarray]]:
    """The moments at which notes begin together, with their pitches."""
    if not notes:
        return []
    start = np.array([note.start_s for note in notes])
    order = np.argsort(start, kind="stable")
    pitch = np.array([note.pitch for note in notes])[order]
    cuts = np.flatnonzero(np.diff(start[order]) > _TOGETHER_S) + 1
    firsts = start[order][np.concatenate([[0], cuts])]
    return list(zip(firsts.tolist(), np.split(pitch, cuts), strict=True))
