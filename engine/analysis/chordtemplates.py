"""Which chord's tones fit what sounds, by what a chord is expected to be made of?

Every slot of the pitch grid is compared with every chord as a multinomial: a chord expects its root,
third, fifth and seventh in given shares and allows a little of everything else (more of the key's own
notes). The bass speaks for its root or an inversion. Viterbi decoding with a price for changing, low on
downbeats and high on weak beats (the harmonic-rhythm prior), gives the line of chords that keys are read
from. After Sheh & Ellis (2003) and Pardo & Birmingham (2002), with weights set on lead sheets and loops
rendered as parts and on songs with numerals, the tuning half of each.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np

from engine.analysis.chordfixing import QUIET, fix
from engine.analysis.keycues import Sounding
from engine.analysis.pitchgrid import PitchGrid
from engine.music import Chord, ChordSpan, Key
from engine.music.qualities import quality_intervals

# Quality and its log prior: triads and dominants are common, the rest must be heard.
QUALITIES: dict[str, float] = {
    "maj": 0.0,
    "min": -0.24,
    "7": -0.6,
    "min7": -0.84,
    "maj7": -1.08,
    "hdim7": -1.56,
    "dim7": -1.68,
    "dim": -3.12,
    "sus4": -2.26,
    "sus4(b7)": -3.1,
    "sus2": -2.98,
    "aug": -2.28,
    "maj6": -2.86,
    "min6": -2.86,
    "maj(9)": -2.86,
    "9": -2.86,
    "min9": -3.1,
    "maj9": -3.1,
    "minmaj7": -3.58,
    "7(b9)": -3.34,
    "5": -2.86,
}
_TONE_SHARE = {0: 1.0, 3: 0.9, 4: 0.9, 7: 0.75}  # by interval; fifths altered and other tones below
_OTHER_TONE, _KEY_NOISE, _FOREIGN_NOISE = 0.6, 0.045, 0.05
_BASS_SHARE = {0: 0.66, 3: 0.14, 4: 0.14, 7: 0.11, 10: 0.04, 11: 0.03}
_BASS_NOISE = 0.02
_SLOT_SIZE, _BASS_SIZE, _WEAK_BASS_SIZE = 8.5, 1.0, 0.3
_CHANGE_COST = {2: 0.9, 1: 2.5, 0: 3.0}
_FALLING_FIFTH = 1.0
_DIATONIC = 0.4


@dataclass(frozen=True)
class Vocabulary:
    """All chords compared: 12 roots x qualities; tones (chords, 12), bass (chords, 12) log probabilities."""

    chords: tuple[Chord, ...]
    tones: np.ndarray
    bass: np.ndarray
    prior: np.ndarray


@cache
def vocabulary(key: Key | None) -> Vocabulary:
    """The chords and what each expects, in a key; None where the key is not known yet."""
    chords = tuple(Chord(root, quality) for quality in QUALITIES for root in range(12))
    scale = _tones_at_home(key)
    noise = np.array([_KEY_NOISE if tone in scale else _FOREIGN_NOISE for tone in range(12)])
    tones = np.array([_expected_tones(chord, noise) for chord in chords])
    bass = np.array([_expected_bass(chord) for chord in chords])
    diatonic = np.array([_DIATONIC if chord.pitch_classes <= scale else 0.0 for chord in chords])
    prior = np.array([QUALITIES[chord.quality] for chord in chords]) + diatonic
    return Vocabulary(chords, np.log(tones), np.log(bass), prior)


def _tones_at_home(key: Key | None) -> set[int]:
    """The key's scale, in minor with the leading note; nothing where no key is known."""
    if key is None:
        return set()
    return set(key.scale_pitch_classes) | ({(key.tonic + 11) % 12} if key.mode.is_minor else set())


def _expected_tones(chord: Chord, noise: np.ndarray) -> np.ndarray:
    share = noise.copy()
    for interval in quality_intervals(chord.quality):
        share[(chord.root + interval) % 12] = _TONE_SHARE.get(interval, _OTHER_TONE)
    return np.asarray(share / share.sum())


def _expected_bass(chord: Chord) -> np.ndarray:
    share = np.full(12, _BASS_NOISE)
    for interval in quality_intervals(chord.quality):
        share[(chord.root + interval) % 12] = _BASS_SHARE.get(interval, _BASS_NOISE)
    return np.asarray(share / share.sum())


def sounding_chords(grid: PitchGrid, fixed: Sequence[ChordSpan] = ()) -> list[Sounding]:
    """The chords as they are heard before any key is known; fixed ones are certain."""
    words = vocabulary(None)
    emission = emissions(grid, words)
    fix(emission, grid, lambda chord: _nearest(words, chord), fixed)
    path = _viterbi(emission, words.prior, grid.onbar)
    found = runs(path, grid.chroma.sum(axis=1) > QUIET)
    return [Sounding(first, end, words.chords[int(path[first])]) for first, end in found]


def _nearest(words: Vocabulary, chord: Chord) -> int:
    """The vocabulary's chord on the same root with the most tones in common and the fewest apart."""

    def likeness(index: int) -> int:
        tones = words.chords[index].pitch_classes
        return 2 * len(tones & chord.pitch_classes) - len(tones ^ chord.pitch_classes)

    return max((index for index, word in enumerate(words.chords) if word.root == chord.root), key=likeness)


def emissions(grid: PitchGrid, words: Vocabulary) -> np.ndarray:
    """(slots, chords) log likelihood of what sounds, given each chord."""
    total = grid.chroma.sum(axis=1, keepdims=True)
    share = grid.chroma / np.maximum(total, 1e-9)
    size = _SLOT_SIZE * np.minimum(1.0, total)
    bass = grid.bass / np.maximum(grid.bass.sum(axis=1, keepdims=True), 1e-9)
    bass_size = (grid.trust * np.where(grid.onbar > 0, _BASS_SIZE, _WEAK_BASS_SIZE))[:, None]
    likelihood: np.ndarray = size * (share @ words.tones.T) + bass_size * (bass @ words.bass.T)
    return likelihood


def _viterbi(emission: np.ndarray, prior: np.ndarray, onbar: np.ndarray) -> np.ndarray:
    """(slots,) best chord index; the prior of a chord is paid once, when it begins. `prior`: (chords,) or
    (slots, chords)."""
    slots, chords = emission.shape
    path = np.zeros(slots, dtype=np.int64)
    if not slots:
        return path
    came_from = np.zeros((slots, chords), dtype=np.int32)
    prior = np.broadcast_to(prior, emission.shape)
    score = emission[0] + prior[0]
    by_root = np.arange(chords) % 12  # the vocabulary runs through the roots, quality by quality
    stays = np.arange(chords)
    for slot in range(1, slots):
        best = int(score.argmax())
        falling, came_falling = _best_a_fifth_above(score, by_root)
        falls = falling + _FALLING_FIFTH > score[best]
        source = np.where(falls, came_falling, best)
        reached = np.where(falls, falling + _FALLING_FIFTH, score[best])
        changed = reached - _CHANGE_COST[int(onbar[slot])] + prior[slot]
        came_from[slot] = np.where(changed > score, source, stays)
        score = np.maximum(changed, score) + emission[slot]
    path[-1] = int(score.argmax())
    for slot in range(slots - 1, 0, -1):
        path[slot - 1] = came_from[slot, path[slot]]
    return path


def _best_a_fifth_above(score: np.ndarray, by_root: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(chords,) the best score and its chord among those whose root lies a fifth above each chord's."""
    table = score.reshape(-1, 12)
    best = table.argmax(axis=0)
    above = (by_root + 7) % 12
    return table[best[above], above], best[above] * 12 + above


def runs(path: np.ndarray, sounding: np.ndarray) -> list[tuple[int, int]]:
    """Half-open slot ranges of one chord; silence inside a run is bridged, silence at its ends cut off."""
    found: list[tuple[int, int]] = []
    edges = [0, *(np.flatnonzero(np.diff(path)) + 1).tolist(), len(path)]
    for first, last in pairwise(edges):
        heard = np.flatnonzero(sounding[first:last])
        if len(heard):
            found.append((first + int(heard[0]), last if last < len(path) else first + int(heard[-1]) + 1))
    return found
