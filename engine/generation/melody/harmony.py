"""How does the model see a chord?

As its root above the tonic and one of eight colours; that is all a melody needs to know to land well.

>>> chord_tone(Chord.parse("Dm7"), 60)
ChordTone(root=2, colour=1, tones=frozenset({0, 9, 2, 5}))
"""

from functools import lru_cache
from typing import NamedTuple

from engine.music import Chord

COLOURS = ("major", "minor", "dominant", "diminished", "augmented", "suspended", "power", "other")


class ChordTone(NamedTuple):
    """Root and tones as semitones above the tonic (0-11); `colour` indexes COLOURS."""

    root: int
    colour: int
    tones: frozenset[int]

    @property
    def code(self) -> int:
        """1-96; 0 is kept for no chord."""
        return 1 + self.root * len(COLOURS) + self.colour


@lru_cache(maxsize=4000)
def chord_tone(chord: Chord, tonic: int) -> ChordTone | None:
    """The chord relative to the tonic (any octave); None for no chord."""
    if chord.is_no_chord:
        return None
    tones = frozenset((tone - tonic) % 12 for tone in chord.pitch_classes)
    return ChordTone((chord.root - tonic) % 12, _colour(chord), tones)


def _colour(chord: Chord) -> int:
    steps = {interval % 12 for interval in chord.intervals}
    if 4 in steps:
        return 4 if 8 in steps and 7 not in steps else 2 if 10 in steps else 0
    if 3 in steps:
        return 3 if 6 in steps and 7 not in steps else 1
    if steps & {2, 5}:
        return 5
    return 6 if steps <= {0, 7} else 7
