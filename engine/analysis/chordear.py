"""Which chord, seventh and all, do the notes of each beat speak for, and how far is each believed?

A small network of our own (notechords.safetensors, its card beside it) hears each beat among its neighbours;
a chain over all beats weighs changes (chordnetwork.py). It was learnt on the tuning halves of songs with
numerals by analysts and of lead sheets, charts and loops played out as parts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from engine.analysis.audio.chordchain import Chain
from engine.analysis.audio.weights import read_weights
from engine.analysis.chordfixing import QUIET, fix
from engine.analysis.chordinputs import FEATURES, PLAIN, chord_inputs
from engine.analysis.chordnetwork import beginnings, change_prices, moves, scores, shapes
from engine.analysis.chordtemplates import runs
from engine.analysis.keycues import Sounding
from engine.analysis.pitchgrid import PitchGrid
from engine.music import NO_CHORD, Chord, ChordSpan, Key, Song

FAMILIES = ("maj", "min", "7", "maj7", "min7", "hdim7", "dim7", "dim", "aug", "sus4", "min6", "maj6")
_WIDER = {
    "maj(9)": "maj",
    "5": "maj",
    "9": "7",
    "7(b9)": "7",
    "min9": "min7",
    "maj9": "maj7",
    "minmaj7": "min",
    "sus4(b7)": "sus4",
    "sus2": "sus4",
}
KINDS = len(FAMILIES)
NONE = 12 * KINDS
SHAPES = shapes(FEATURES, 24, KINDS, PLAIN)
_PRICE = 0.5  # of what was learnt on charts, which change slowly
_OUTSIDE, _MOST_OUTSIDE = 0.2, 2
_NAME = "notechords"


@cache
def word_of(index: int) -> Chord:
    """The chord with this number."""
    return NO_CHORD if index == NONE else Chord(index // KINDS, FAMILIES[index % KINDS])


def family_of(chord: Chord) -> int:
    """The number of the word that stands for a chord: same root, same kind or most tones shared."""
    if chord.is_no_chord:
        return NONE
    quality = _WIDER.get(chord.quality, chord.quality)
    if quality not in FAMILIES:
        quality = max(FAMILIES, key=lambda each: _likeness(Chord(chord.root, each), chord))
    return chord.root * KINDS + FAMILIES.index(quality)


def _likeness(word: Chord, chord: Chord) -> int:
    tones = Chord(chord.root, chord.quality).pitch_classes
    return 2 * len(word.pitch_classes & tones) - len(word.pitch_classes ^ tones)


def heard(turned: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """(slots, words) the score of each word in each slot, from `chord_inputs`. Raises ModelError."""
    return scores(read_weights(_NAME, SHAPES), turned, whole)


@dataclass(frozen=True, slots=True)
class Hearing:
    """path: (slots,) the word that holds in each. belief: (slots, words) the share of belief in each."""

    path: np.ndarray
    belief: np.ndarray


def decided(emission: np.ndarray, ranks: np.ndarray) -> Hearing:
    """The best chain of words, and belief in each with all chains summed. Raises ModelError."""
    chain = _chain(emission, ranks)
    return Hearing(_completed(chain.best_path(lambda: None), ranks), chain.beliefs())


def _chain(emission: np.ndarray, ranks: np.ndarray) -> Chain:
    learnt = read_weights(_NAME, SHAPES)
    return Chain(
        emission,
        beginnings(learnt),
        moves(learnt),
        _PRICE * change_prices(learnt, ranks),
    )


def heard_chords(song: Song, grid: PitchGrid, fixed: Sequence[ChordSpan] = ()) -> list[Sounding]:
    """The chords as they are heard before any key is known; fixed ones are certain. Raises ModelError."""
    emission = heard(*chord_inputs(song, grid))
    fix(emission, grid, family_of, fixed)
    path = _completed(_chain(emission, grid.onbar).best_path(lambda: None), grid.onbar)
    found = runs(path, grid.chroma.sum(axis=1) > QUIET)
    return [Sounding(first, end, word_of(int(path[first]))) for first, end in found if path[first] != NONE]


def _completed(path: np.ndarray, ranks: np.ndarray) -> np.ndarray:
    """One beat of a chord that the next beat of its bar only adds tones to began the fuller one."""
    path = path.copy()
    for slot in range(len(path) - 1):
        one, other = word_of(int(path[slot])), word_of(int(path[slot + 1]))
        is_single = slot == 0 or path[slot - 1] != path[slot]
        if is_single and ranks[slot + 1] < 2 and one.root == other.root and one != other:
            path[slot] = path[slot + 1] if one.pitch_classes < other.pitch_classes else path[slot]
    return path


@cache
def at_home(key: Key) -> np.ndarray:
    """(words,) log prior: a chord pays for each tone foreign to the key."""
    scale = set(key.scale_pitch_classes) | ({(key.tonic + 11) % 12} if key.mode.is_minor else set())
    foreign = [min(_MOST_OUTSIDE, len(word_of(index).pitch_classes - scale)) for index in range(NONE)]
    return np.append(-_OUTSIDE * np.array(foreign), 0.0)
