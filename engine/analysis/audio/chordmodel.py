"""Which chord do the tones of one beat speak for, and which chord follows which?

A small network of our own (harmony.safetensors, its card beside it), the same for every root: what stands
where in five overlapping octaves of the spectrum, what the transcribed notes add, begin and have lowest, some
of it of the beats around, all turned so that the root comes first, becomes a score for each quality
(chordnetwork.py). Learnt on rendered recordings of the tuning part of engine.training.hearing.material.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from engine.analysis.audio.chroma import LOWEST_PITCH, PITCHES, Chroma
from engine.analysis.audio.weights import read_weights
from engine.analysis.chordblocks import around, moved, scaled
from engine.analysis.chordnetwork import scores, shapes
from engine.api.audio import HeardNote

QUALITIES = ("maj", "min", "7", "maj7", "min7", "hdim7", "dim7", "dim", "aug", "sus4", "min6", "maj6")
_BAND_MIDDLES = (34, 46, 58, 70, 82)
_BAND_REACH = 12
_BANDS = 12 * len(_BAND_MIDDLES)
SPECTRUM = _BANDS + 12 * 6
_FEATURES, _UNITS = SPECTRUM + 12 * 11, 24
_KINDS = len(QUALITIES)
_NEAR, _FAR = 2, 8  # beats to either side
_EARLY_S = 0.07  # a note may begin so much before or after its beat
SHAPES = shapes(_FEATURES, _UNITS, _KINDS, 3)


def harmony_weights() -> Mapping[str, np.ndarray]:
    """The learnt arrays, checked against their card. Raises ModelError."""
    return read_weights("harmony", SHAPES)


def chord_scores(chroma: Chroma, notes: Sequence[HeardNote]) -> np.ndarray:
    """(slots, chords + 1) score of each chord in each slot, roots outermost, no chord last."""
    turned, whole = chord_inputs(chroma, notes)
    return scores(harmony_weights(), turned, whole)


def chord_inputs(chroma: Chroma, notes: Sequence[HeardNote]) -> tuple[np.ndarray, np.ndarray]:
    """(slots, 12, features) what sounds in and around each slot, turned to each root; (slots, 3) how much
    sounds at all."""
    bands = _bands(chroma)
    fullness = bands.sum(axis=1) / 30
    features = np.concatenate([bands, *_around_in_spectrum(chroma, bands), *_of_notes(chroma, notes)], axis=1)
    return _turned(features), np.stack([np.ones(chroma.slots), chroma.level_db / 10, fullness], axis=1)


def _around_in_spectrum(chroma: Chroma, bands: np.ndarray) -> list[np.ndarray]:
    """The middle and the lowest octave of the beats before and after, and all that sounds near and far."""
    beside = [moved(bands[:, part], by) for part in (slice(24, 36), slice(0, 12)) for by in (1, -1)]
    sounding = folded(np.minimum(chroma.notes, 1.5))
    return [*beside, 3 * around(sounding, _FAR), 3 * around(sounding, _NEAR)]


def _of_notes(chroma: Chroma, notes: Sequence[HeardNote]) -> list[np.ndarray]:
    """Which notes sound, lie lowest, begin and are struck with the beat, some of it of the beats beside."""
    every, lowest = note_chroma(chroma.starts_s, notes)
    begun, struck = _beginnings(chroma.starts_s, notes)
    all_notes, low = scaled(every), scaled(lowest)
    beside = [moved(block, by) for block in (struck, low) for by in (1, -1)]
    before_and_after = [moved(all_notes, by) for by in (1, -1)]
    far = 3 * around(every, _FAR)
    return [all_notes, low, *before_and_after, far, scaled(begun), struck, *beside]


def _beginnings(starts_s: np.ndarray, notes: Sequence[HeardNote]) -> tuple[np.ndarray, np.ndarray]:
    """(slots, 12) how long the notes begun in each slot last, and what sounds at its beginning."""
    slots = len(starts_s) - 1
    begun, struck = np.zeros((slots, 12)), np.zeros((slots, 12))
    for note in notes:
        slot = int(
            np.clip(np.searchsorted(starts_s, note.start_s + _EARLY_S, side="right") - 1, 0, slots - 1)
        )
        length = max(1e-6, starts_s[slot + 1] - starts_s[slot])
        begun[slot, note.pitch % 12] += note.certainty * min(note.end_s - note.start_s, length) / length
        first, end = np.searchsorted(starts_s[:-1], [note.start_s - _EARLY_S, note.end_s - _EARLY_S])
        struck[first:end, note.pitch % 12] += note.certainty
    return begun, np.minimum(struck, 1)


def _bands(chroma: Chroma) -> np.ndarray:
    """(slots, 60) the pitch classes of five overlapping octaves, each against its own strongest."""
    pitches = np.arange(LOWEST_PITCH, LOWEST_PITCH + PITCHES)
    strength = np.minimum(chroma.notes, 1.5)
    shares = [np.clip(1 - np.abs(pitches - middle) / _BAND_REACH, 0, 1) for middle in _BAND_MIDDLES]
    return np.concatenate([scaled(folded(strength * share)) for share in shares], axis=1)


def folded(strength: np.ndarray) -> np.ndarray:
    """(slots, 12) the pitches of the chroma as pitch classes."""
    classes = np.arange(LOWEST_PITCH, LOWEST_PITCH + PITCHES) % 12
    return np.asarray(strength @ (classes[:, None] == np.arange(12)))


def note_chroma(starts_s: np.ndarray, notes: Sequence[HeardNote]) -> tuple[np.ndarray, np.ndarray]:
    """(slots, 12) how long each pitch class sounds, and the same of what is lowest in its slot."""
    slots = len(starts_s) - 1
    every, lowest = np.zeros((slots, 12)), np.zeros((slots, 12))
    deepest = np.full(slots, 128)
    spans = []
    for note in notes:
        first = max(0, int(np.searchsorted(starts_s, note.start_s, side="right")) - 1)
        last = min(slots, int(np.searchsorted(starts_s, note.end_s, side="left")))
        for slot in range(first, last):
            shared = min(note.end_s, starts_s[slot + 1]) - max(note.start_s, starts_s[slot])
            share = shared / max(1e-6, starts_s[slot + 1] - starts_s[slot])
            if share > 0.05:
                every[slot, note.pitch % 12] += share * note.certainty
                spans.append((slot, note.pitch, share * note.certainty))
                deepest[slot] = min(deepest[slot], note.pitch)
    for slot, pitch, share in spans:
        if pitch <= min(deepest[slot] + 2, 62):
            lowest[slot, pitch % 12] += share
    return every, lowest


def _turned(features: np.ndarray) -> np.ndarray:
    """(slots, 12, features) each block of twelve turned so that each root in turn comes first."""
    blocks = features.reshape(len(features), -1, 12)
    turned = np.stack([np.roll(blocks, -root, axis=2) for root in range(12)], axis=1)
    return turned.reshape(len(features), 12, -1)
