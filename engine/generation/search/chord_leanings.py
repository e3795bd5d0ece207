"""What speaks for a chord besides the model: the melody, the way on, the leaning of a take?

Every function gives natural-log weights over the language's chords, an array of 12 roots above the tonic by
the qualities of the vocabulary; they are added to the model's logits. All are mild beside the model's own
opinion, except what is asked for.

>>> after_the_dominant = leaning_of(Leaning.FIFTHS, False, 7)
>>> bool(after_the_dominant[0].min() > 0.5), bool(after_the_dominant[1:].any())
(True, False)
"""

from enum import Enum

import numpy as np
from numpy.typing import NDArray

from engine.generation.chords.vocabulary import Seventh, seventh_class
from engine.generation.language.rules import CellGrammar
from engine.generation.language.vocabulary import FIRST_BASS, FIRST_CHORD, QUALITIES, VOCABULARY_SIZE
from engine.music.qualities import quality_intervals

Floats = NDArray[np.float64]
SEVENTHS = np.array([int(seventh_class(quality)) for quality in QUALITIES])
"""The seventh class of every quality of the vocabulary."""
_PLAIN = np.isin(SEVENTHS, (Seventh.MAJOR, Seventh.MINOR, Seventh.FIFTH, Seventh.SUSPENDED))
_DOMINANTS = (Seventh.DOMINANT, Seventh.AUGMENTED_DOMINANT, Seventh.DOMINANT_SUSPENDED)
_SOFT_SEVENTHS = (Seventh.MINOR_SEVENTH, Seventh.MAJOR_SEVENTH, Seventh.HALF_DIMINISHED)
_BORROWED_IN_MAJOR = (
    (5, Seventh.MINOR),
    (5, Seventh.MINOR_SIXTH),
    (10, Seventh.MAJOR),
    (8, Seventh.MAJOR),
    (8, Seventh.MAJOR_SEVENTH),
    (3, Seventh.MAJOR),
)
_BORROWED_IN_MINOR = (
    (5, Seventh.MAJOR),
    (5, Seventh.DOMINANT),
    (2, Seventh.MINOR),
    (1, Seventh.MAJOR),
    (1, Seventh.MAJOR_SEVENTH),
)


class Leaning(Enum):
    """What a take leans towards."""

    PLAIN = "plain"
    FRESH = "fresh"
    COLOUR = "colour"
    RICH = "rich"
    BORROWED = "borrowed"
    FIFTHS = "fifths"
    SPARE = "spare"
    BASS = "bass"


_BORROW, _FIFTHS = 1.0, 0.7


def over_tokens(weights: Floats, elsewhere: float = 0.0) -> Floats:
    """The weights (12 x qualities) at the places of their tokens."""
    found = np.full(VOCABULARY_SIZE, elsewhere)
    found[FIRST_CHORD:FIRST_BASS] = weights.ravel()
    return found


def from_classes(scores: Floats, tonic: int) -> Floats:
    """Weights over absolute roots x seventh classes, as weights over the language's chords."""
    return np.roll(scores, -tonic, axis=0)[:, SEVENTHS]


def leaning_of(leaning: Leaning, is_minor: bool, last_root: int) -> Floats:
    """What a leaning adds; `last_root` above the tonic, -1: none."""
    found = np.zeros((12, len(QUALITIES)))
    if leaning is Leaning.RICH:
        found[:, np.isin(SEVENTHS, _DOMINANTS)] += 0.5
        found[:, np.isin(SEVENTHS, _SOFT_SEVENTHS)] += 0.9
    elif leaning is Leaning.FIFTHS and last_root >= 0:
        found[(last_root + 5) % 12] += _FIFTHS
    elif leaning is Leaning.SPARE:
        found[[0, 5, 7]] += 0.5
        found[:, _PLAIN] += 0.4
    elif leaning is Leaning.BASS and last_root >= 0:
        found[[(last_root + step) % 12 for step in (1, 2, 10, 11)]] += 0.5
    return found


def borrowed(is_minor: bool, so_far: int, bars: int) -> Floats:
    """Towards the parallel key, until there is a chord of it in every four bars; then away from it."""
    wish = _BORROW if so_far < max(1, bars // 4) else -_BORROW / 2
    found = np.zeros((12, len(QUALITIES)))
    for root, kind in _BORROWED_IN_MINOR if is_minor else _BORROWED_IN_MAJOR:
        found[root, kind == SEVENTHS] += wish
    return found


def is_borrowed(root: int, quality: str, is_minor: bool) -> bool:
    """Is it a chord of the parallel key?"""
    table = _BORROWED_IN_MINOR if is_minor else _BORROWED_IN_MAJOR
    return (root, seventh_class(quality)) in table


def tones_of(root: int, quality: str) -> frozenset[int]:
    """Pitch classes of a chord above the tonic."""
    return frozenset((root + interval) % 12 for interval in quality_intervals(quality))


class Settled:
    """A cell whose every token is known beforehand."""

    def __init__(self, tokens: list[int], at: int = 0) -> None:
        self._tokens, self._at = tokens, at

    @property
    def is_done(self) -> bool:
        return self._at >= len(self._tokens)

    def allowed_bits(self) -> int:
        return 1 << self._tokens[self._at]

    def push(self, token: int) -> None:
        self._at += 1

    def copy(self) -> "Settled":
        return Settled(self._tokens, self._at)


def settled(tokens: list[int]) -> CellGrammar:
    """The grammar that writes these tokens."""
    return Settled(tokens)
