"""Which chords count as the same sort of chord?

The model sees every chord at three depths: the full quality (`min9`), its seventh class (`min7`) and its
triad class
(`min`). Statistics are gathered over the classes; the full quality is chosen in the song's own vocabulary.

A class symbol packs root and class in a byte: `root * 16 + seventh class` or `root * 8 + triad class`.
"""

from enum import IntEnum
from functools import lru_cache

from engine.music.qualities import quality_intervals

START = 255  # the symbol before a song's first chord


class Seventh(IntEnum):
    MAJOR = 0
    MAJOR_SIXTH = 1
    MAJOR_SEVENTH = 2
    DOMINANT = 3
    SUSPENDED = 4
    DOMINANT_SUSPENDED = 5
    MINOR = 6
    MINOR_SIXTH = 7
    MINOR_SEVENTH = 8
    MINOR_MAJOR = 9
    DIMINISHED = 10
    DIMINISHED_SEVENTH = 11
    HALF_DIMINISHED = 12
    AUGMENTED = 13
    AUGMENTED_DOMINANT = 14
    FIFTH = 15


class Triad(IntEnum):
    MAJOR = 0
    MINOR = 1
    DIMINISHED = 2
    AUGMENTED = 3
    SUSPENDED = 4
    FIFTH = 5


SEVENTH_NAMES = (
    "maj",
    "maj6",
    "maj7",
    "7",
    "sus4",
    "sus4(b7)",
    "min",
    "min6",
    "min7",
    "minmaj7",
    "dim",
    "dim7",
    "hdim7",
    "aug",
    "aug(b7)",
    "5",
)
TRIAD_NAMES = ("maj", "min", "dim", "aug", "sus4", "5")
TRIAD_OF_SEVENTH = (0, 0, 0, 0, 4, 4, 1, 1, 1, 1, 2, 2, 2, 3, 3, 5)


@lru_cache(maxsize=4_000)
def seventh_class(quality: str) -> Seventh:
    """The seventh class of a Harte quality, whatever its tensions."""
    tones = set(quality_intervals(quality))
    below = {tone for tone in tones if tone < 12}
    if 4 in below:
        return _over_major_third(below)
    if 3 in below:
        return _over_minor_third(below)
    if below & {2, 5}:
        return Seventh.DOMINANT_SUSPENDED if below & {10, 11} else Seventh.SUSPENDED
    return Seventh.FIFTH


def _over_major_third(below: set[int]) -> Seventh:
    is_augmented = 8 in below and 7 not in below
    if 10 in below:
        return Seventh.AUGMENTED_DOMINANT if is_augmented else Seventh.DOMINANT
    if is_augmented:
        return Seventh.AUGMENTED
    if 11 in below:
        return Seventh.MAJOR_SEVENTH
    return Seventh.MAJOR_SIXTH if 9 in below else Seventh.MAJOR


def _over_minor_third(below: set[int]) -> Seventh:
    if 6 in below and 7 not in below:
        if 10 in below:
            return Seventh.HALF_DIMINISHED
        return Seventh.DIMINISHED_SEVENTH if 9 in below else Seventh.DIMINISHED
    if 10 in below:
        return Seventh.MINOR_SEVENTH
    if 11 in below:
        return Seventh.MINOR_MAJOR
    return Seventh.MINOR_SIXTH if 9 in below else Seventh.MINOR


def triad_class(quality: str) -> Triad:
    """The triad class of a Harte quality."""
    return Triad(TRIAD_OF_SEVENTH[seventh_class(quality)])


def reduced_to_sevenths(quality: str) -> str:
    """The plainest quality of the same seventh class: `13(#11)` -> `7`."""
    return SEVENTH_NAMES[seventh_class(quality)]


def reduced_to_triads(quality: str) -> str:
    """The plainest quality of the same triad class: `min9` -> `min`."""
    return TRIAD_NAMES[triad_class(quality)]
