"""Which chord sounds from beat to beat in a recording, and which others may it be?

The pitch classes of each slot, high and low, as the spectrum has them (chroma.py) and as the transcribed
notes have them, are turned to every root and weighed for every quality by learnt weights (harmony.json: set
on the tuning part of engine.training.hearing.material, the same for all roots). A chain over the slots then
decides: changes are dear, less so on first beats (harmonic rhythm), roots fall by fifths more often than they
leap, and chords of the key come more easily. Forward and backward sums give each chord's share of belief and
the runners-up.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import numpy as np

from engine.analysis.audio.chroma import LOWEST_PITCH, PITCHES, Chroma
from engine.analysis.audio.weights import LISTENING
from engine.api.audio import HeardNote
from engine.api.errors import ModelError
from engine.music import NO_CHORD, Chord, Key

QUALITIES = ("maj", "min", "7", "maj7", "min7", "hdim7", "dim7", "dim", "aug", "sus4", "min6", "maj6")
FEATURES = 48
HARMONY = LISTENING / "harmony.json"
_CHORDS = tuple(Chord(root, quality) for root in range(12) for quality in QUALITIES)
_NONE = len(_CHORDS)
_ALTERNATIVES = 3
_CERTAIN = 60.0
_LOOK_UP = 64


@dataclass(frozen=True)
class ChordWeights:
    """Log prices: of a change on a first beat, another strong beat, a weak one; of a chord outside the key.

    sharpness: how far one slot is believed. fifths: how much likelier a root falls a fifth. bass_share: how
    much of the bass a tone must have to be written under the slash.
    """

    change: tuple[float, float, float] = (0.5, 2.0, 3.5)
    outside: float = 1.2
    sharpness: float = 1.0
    fifths: float = 1.0
    bass_share: float = 0.5


CHORD_WEIGHTS = ChordWeights()


@dataclass(frozen=True)
class HeardChord:
    """A chord from one moment to the next, how sure it is (0-1), and the next-best (Harte labels)."""

    start_s: float
    end_s: float
    chord: Chord
    confidence: float
    alternatives: tuple[str, ...] = ()


def read_audio_chords(
    chroma: Chroma,
    notes: Sequence[HeardNote],
    ranks: np.ndarray,
    key: Key | None = None,
    fixed: Sequence[HeardChord] = (),
    weights: ChordWeights = CHORD_WEIGHTS,
    checkpoint: Callable[[], None] = lambda: None,
) -> list[HeardChord]:
    """The chords over all slots; `ranks`: (slots,) 2 on first beats, 1 on other strong ones, 0 on weak ones.

    `fixed`: what the artist said; it is kept and steers its neighbours. Raises ModelError.
    """
    if not chroma.slots:
        return []
    features = chord_features(chroma, notes)
    emission = weights.sharpness * chord_log_shares(features, chroma.level_db)
    _fix(emission, chroma.starts_s, fixed)
    chain = _Chain(emission, _key_prior(key, weights), _moves(weights), np.asarray(ranks), weights)
    path, beliefs = chain.best_path(checkpoint), chain.beliefs()
    return [_heard(chroma, features, path, beliefs, first, last, weights) for first, last in _runs(path)]


def chord_features(chroma: Chroma, notes: Sequence[HeardNote]) -> np.ndarray:
    """(slots, 48) pitch classes: spectrum high, spectrum low, notes high, lowest notes; each at most 1."""
    pitches = np.arange(LOWEST_PITCH, LOWEST_PITCH + PITCHES)
    low = np.clip((57 - pitches) / 12, 0, 1)
    high = np.clip((pitches - 45) / 9, 0, 1) * np.clip((98 - pitches) / 12, 0, 1)
    strength = np.minimum(chroma.notes, 1.5)
    spectrum = [_folded(strength * part, pitches) for part in (high, low)]
    heard = _note_chroma(chroma.starts_s, notes)
    return np.concatenate([_scaled(block) for block in (*spectrum, *heard)], axis=1)


def _folded(strength: np.ndarray, pitches: np.ndarray) -> np.ndarray:
    out = np.zeros((len(strength), 12))
    for pitch_class in range(12):
        out[:, pitch_class] = strength[:, pitches % 12 == pitch_class].sum(axis=1)
    return out


def _scaled(block: np.ndarray) -> np.ndarray:
    return np.asarray(np.sqrt(block / np.maximum(block.max(axis=1, keepdims=True), 1e-6)) * (block > 1e-6))


def _note_chroma(starts_s: np.ndarray, notes: Sequence[HeardNote]) -> tuple[np.ndarray, np.ndarray]:
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


def chord_log_shares(features: np.ndarray, level_db: np.ndarray) -> np.ndarray:
    """(slots, chords + 1) log share of belief in each chord, roots outermost, no chord last."""
    table = _learnt(HARMONY)
    turned = rotations(features)
    logits = (turned @ table.weights + table.constants).reshape(len(features), -1)
    none = table.none[0] + table.none[1] * level_db + table.none[2] * features[:, :12].sum(axis=1)
    logits = np.concatenate([logits, none[:, None]], axis=1)
    peak = logits.max(axis=1, keepdims=True)
    return np.asarray(logits - peak - np.log(np.exp(logits - peak).sum(axis=1, keepdims=True)))


def rotations(features: np.ndarray) -> np.ndarray:
    """(slots, 12, 48) each block of twelve turned so that the root comes first."""
    blocks = features.reshape(len(features), -1, 12)
    turned = np.stack([np.roll(blocks, -root, axis=2) for root in range(12)], axis=1)
    return turned.reshape(len(features), 12, -1)


@dataclass(frozen=True)
class _Learnt:
    """weights (48, qualities), constants (qualities,), none (3,)."""

    weights: np.ndarray
    constants: np.ndarray
    none: np.ndarray


@lru_cache(maxsize=2)
def _learnt(path: Path) -> _Learnt:
    try:
        table = json.loads(path.read_text("utf-8"))["weights"]
        columns = [np.array(table[quality], float) for quality in QUALITIES]
        found = np.stack([column[:FEATURES] for column in columns], axis=1)
        constants, none = np.array([column[FEATURES] for column in columns]), np.array(table["N"], float)
    except (OSError, ValueError, TypeError, KeyError, IndexError, RecursionError) as error:
        raise ModelError("The listening weights are missing or damaged; reinstall Understudy.") from error
    if found.shape != (FEATURES, len(QUALITIES)) or none.shape != (3,) or not np.isfinite(found).all():
        raise ModelError("The listening weights are missing or damaged; reinstall Understudy.")
    return _Learnt(found, constants, none)


def _fix(emission: np.ndarray, starts_s: np.ndarray, fixed: Sequence[HeardChord]) -> None:
    """Slots whose middle lies in what the artist said are certain of it."""
    middles = (starts_s[:-1] + starts_s[1:]) / 2
    for said in fixed:
        inside = (middles >= said.start_s) & (middles < said.end_s)
        emission[inside] -= _CERTAIN
        emission[inside, nearest_word(said.chord)] += _CERTAIN


def word_of(index: int) -> Chord:
    """The chord with this index among those compared."""
    return NO_CHORD if index == _NONE else _CHORDS[index]


def nearest_word(chord: Chord) -> int:
    """Index of the chord compared here that has the same root and most tones in common."""
    if chord.is_no_chord:
        return _NONE

    def likeness(index: int) -> int:
        word = _CHORDS[index].pitch_classes
        tones = Chord(chord.root, chord.quality).pitch_classes
        return 4 * len(word & tones) - 2 * len(word ^ tones) - (index - chord.root * len(QUALITIES) > 4)

    mine = range(chord.root * len(QUALITIES), (chord.root + 1) * len(QUALITIES))
    return max(mine, key=likeness)


def _key_prior(key: Key | None, weights: ChordWeights) -> np.ndarray:
    """(chords + 1,) log prior: what leaves the key pays for each foreign tone."""
    prior = np.zeros(_NONE + 1)
    if key is not None:
        scale = set(key.scale_pitch_classes) | ({(key.tonic + 11) % 12} if key.mode.is_minor else set())
        foreign = [min(2, len(chord.pitch_classes - scale)) for chord in _CHORDS]
        prior[:_NONE] = -weights.outside * np.array(foreign)
    return prior


def _moves(weights: ChordWeights) -> np.ndarray:
    """(chords + 1, chords + 1) log price of going from chord to chord, 0 for staying."""
    by_interval = np.zeros(12)
    by_interval[[5, 7]] = weights.fifths, 0.6 * weights.fifths
    by_interval[[2, 10, 9, 3]] = 0.3 * weights.fifths
    by_interval[[6, 1]] = -weights.fifths
    roots = np.repeat(np.arange(12), len(QUALITIES))
    moves = np.zeros((_NONE + 1, _NONE + 1))
    moves[:_NONE, :_NONE] = by_interval[(roots[None, :] - roots[:, None]) % 12]
    return moves


@dataclass(frozen=True)
class _Chain:
    """emission: (slots, chords + 1) logs. prior: paid once, when a chord begins."""

    emission: np.ndarray
    prior: np.ndarray
    moves: np.ndarray
    ranks: np.ndarray
    weights: ChordWeights

    def _price(self, slot: int) -> float:
        return self.weights.change[2 - min(2, int(self.ranks[slot]))]

    def best_path(self, checkpoint: Callable[[], None]) -> np.ndarray:
        """(slots,) the best chain of chords."""
        slots, words = self.emission.shape
        came = np.zeros((slots, words), np.int16)
        score = self.emission[0] + self.prior
        stay = np.arange(words)
        for slot in range(1, slots):
            if slot % _LOOK_UP == 0:
                checkpoint()
            options = score[:, None] + self.moves
            options[stay, stay] = -np.inf
            best = options.argmax(axis=0)
            changed = options[best, stay] + self.prior - self._price(slot)
            came[slot] = np.where(changed > score, best, stay)
            score = np.maximum(changed, score) + self.emission[slot]
        path = np.zeros(slots, int)
        path[-1] = int(score.argmax())
        for slot in range(slots - 1, 0, -1):
            path[slot - 1] = came[slot, path[slot]]
        return path

    def beliefs(self) -> np.ndarray:
        """(slots, chords + 1) the share of belief in each chord at each slot, all chains summed."""
        likely = np.exp(self.emission - self.emission.max(axis=1, keepdims=True))
        free = np.exp(self.moves + self.prior[None, :])
        np.fill_diagonal(free, 0.0)
        slots = len(likely)
        forward, backward = np.empty_like(likely), np.ones_like(likely)
        forward[0] = _whole(likely[0] * np.exp(self.prior))
        for slot in range(1, slots):
            before = forward[slot - 1]
            arrives = before + np.exp(-self._price(slot)) * (before @ free)
            forward[slot] = _whole(arrives * likely[slot])
        for slot in range(slots - 2, -1, -1):
            after = backward[slot + 1] * likely[slot + 1]
            backward[slot] = _whole(after + np.exp(-self._price(slot + 1)) * (free @ after))
        belief = forward * backward
        return np.asarray(belief / belief.sum(axis=1, keepdims=True))


def _whole(shares: np.ndarray) -> np.ndarray:
    return np.asarray(shares / shares.sum())


def _runs(path: np.ndarray) -> list[tuple[int, int]]:
    edges = [0, *(np.flatnonzero(np.diff(path)) + 1).tolist(), len(path)]
    return list(pairwise(edges))


def _heard(
    chroma: Chroma,
    features: np.ndarray,
    path: np.ndarray,
    beliefs: np.ndarray,
    first: int,
    last: int,
    weights: ChordWeights,
) -> HeardChord:
    index = int(path[first])
    belief = beliefs[first:last].mean(axis=0)
    others = [int(other) for other in np.argsort(-belief, kind="stable") if other != index]
    chord = _over_bass(word_of(index), features[first:last], weights) if index != _NONE else NO_CHORD
    labels = tuple(word_of(other).harte() for other in others[:_ALTERNATIVES])
    start_s, end_s = float(chroma.starts_s[first]), float(chroma.starts_s[last])
    return HeardChord(start_s, end_s, chord, float(belief[index]), labels)


def _over_bass(chord: Chord, features: np.ndarray, weights: ChordWeights) -> Chord:
    """The chord over the tone that is lowest for most of its time, if that is another tone of it."""
    bass = features[:, 12:24].sum(axis=0) + features[:, 36:48].sum(axis=0)
    if bass.sum() <= 0:
        return chord
    lowest = int(bass.argmax())
    is_clear = bass[lowest] / bass.sum() >= weights.bass_share and bass[lowest] > 1.5 * bass[chord.root]
    if lowest == chord.root or lowest not in chord.pitch_classes or not is_clear:
        return chord
    return Chord(chord.root, chord.quality, lowest)
