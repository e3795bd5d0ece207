"""Which chord sounds from beat to beat in a recording, and which others may it be?

A learnt network tells what the tones of each beat speak for (chordmodel.py); a chain over the beats decides
(chordchain.py): changes are dear, less so on first beats, some roots and qualities follow each other more
easily, and chords of a known key come a little more easily. What the artist said stands and steers its
neighbours.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from engine.analysis.audio.chordchain import Chain
from engine.analysis.audio.chordmodel import (
    QUALITIES,
    chord_scores,
    folded,
    harmony_weights,
    note_chroma,
)
from engine.analysis.audio.chroma import LOWEST_PITCH, PITCHES, Chroma
from engine.analysis.chordbass import Piece, over, pieces_by_bass
from engine.analysis.chordblocks import scaled
from engine.analysis.chordfixing import ECHO
from engine.analysis.chordnetwork import beginnings, change_prices, moves
from engine.api.audio import HeardNote
from engine.music import NO_CHORD, Chord, Key

_CHORDS = tuple(Chord(root, quality) for root in range(12) for quality in QUALITIES)
_NONE = len(_CHORDS)
_ALTERNATIVES = 3
_CERTAIN = 60.0
_BASS_NOTE, _BASS_LEAD = 0.4, 1.5  # of a bass that changes within a chord
NO_ECHOES: Mapping[int, Chord] = {}
_PRICE = 0.8  # of what was learnt on excerpts with true beats


@dataclass(frozen=True, slots=True)
class ChordWeights:
    """outside: log price of each tone foreign to the key. bass_share: how much of the bass a tone must have
    to be written under the slash.
    """

    outside: float = 0.2
    bass_share: float = 0.3


CHORD_WEIGHTS = ChordWeights()


@dataclass(frozen=True, slots=True)
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
    echoes: Mapping[int, Chord] = NO_ECHOES,
    weights: ChordWeights = CHORD_WEIGHTS,
    checkpoint: Callable[[], None] = lambda: None,
) -> list[HeardChord]:
    """The chords over all slots; `ranks`: (slots,) 2 on first beats, 1 on other strong ones, 0 on weak ones.

    `fixed`: what the artist said; it is kept and steers its neighbours. `echoes`: by slot, chords said where
    the same sounds; they are likely there. Raises ModelError.
    """
    if not chroma.slots:
        return []
    emission = chord_scores(chroma, notes)
    _fix(emission, chroma.starts_s, fixed)
    for slot, chord in echoes.items():
        emission[slot, nearest_word(chord)] += ECHO
    learnt = harmony_weights()
    prior = beginnings(learnt) + _key_prior(key, weights)
    chain = Chain(emission, prior, moves(learnt), _PRICE * change_prices(learnt, np.asarray(ranks)))
    path, beliefs = chain.best_path(checkpoint), chain.beliefs()
    features = chord_features(chroma, notes)
    bars = np.flatnonzero(np.asarray(ranks) == 2)
    pieces = [
        piece
        for first, last in _runs(path)
        for piece in _pieces(word_of(int(path[first])), features, first, last, bars)
    ]
    found = [(piece[0], _heard(chroma, features, path, beliefs, *piece, weights)) for piece in pieces]
    return [_as_said(heard, echoes.get(first), int(path[first])) for first, heard in found]


def _as_said(heard: HeardChord, echo: Chord | None, word: int) -> HeardChord:
    """Where the same sounds as in a chord that was said, and is heard as such, it is that chord."""
    is_it = echo is not None and nearest_word(echo) == word
    return replace(heard, chord=echo) if is_it and echo is not None else heard


def chord_features(chroma: Chroma, notes: Sequence[HeardNote]) -> np.ndarray:
    """(slots, 48) pitch classes: spectrum high, spectrum low, notes high, lowest notes; each at most 1."""
    pitches = np.arange(LOWEST_PITCH, LOWEST_PITCH + PITCHES)
    low = np.clip((57 - pitches) / 12, 0, 1)
    high = np.clip((pitches - 45) / 9, 0, 1) * np.clip((98 - pitches) / 12, 0, 1)
    strength = np.minimum(chroma.notes, 1.5)
    spectrum = [folded(strength * part) for part in (high, low)]
    heard = note_chroma(chroma.starts_s, notes)
    return np.concatenate([scaled(block) for block in (*spectrum, *heard)], axis=1)


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
    bass: int | None,
    weights: ChordWeights,
) -> HeardChord:
    index = int(path[first])
    belief = beliefs[first:last].mean(axis=0)
    others = [int(other) for other in np.argsort(-belief, kind="stable") if other != index]
    chord = word_of(index)
    if bass is not None:
        chord = over(chord, bass)
    elif index != _NONE:
        chord = _over_bass(chord, features[first:last], weights)
    labels = tuple(word_of(other).harte() for other in others[:_ALTERNATIVES])
    start_s, end_s = float(chroma.starts_s[first]), float(chroma.starts_s[last])
    return HeardChord(start_s, end_s, chord, float(belief[index]), labels)


def _pieces(chord: Chord, features: np.ndarray, first: int, last: int, bars: np.ndarray) -> list[Piece]:
    def told(start: int, end: int) -> int | None:
        return _told_bass(chord, features[start:end])

    return pieces_by_bass(chord, first, last, bars, told)


def _told_bass(chord: Chord, features: np.ndarray) -> int | None:
    """The chord tone that lies lowest as a bar begins, in the spectrum and among the notes, and that no other
    low note follows; None where it is not clear."""
    low, notes = features[:, 12:24], features[:, 36:48]
    tone = int(notes[0].argmax())
    lead = low[0, tone] / max(1e-9, float(np.delete(low[0], tone).max()))
    is_clear = notes[0, tone] >= _BASS_NOTE and lead >= _BASS_LEAD and tone in chord.pitch_classes
    is_held = ((notes.max(axis=1) < _BASS_NOTE) | (notes.argmax(axis=1) == tone)).all()
    return tone if is_clear and is_held else None


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
