"""How common is a chord on a degree, and a change from one degree to another, in major and in minor?

The tables lie in assets/hearing/keys.txt, which says what they were counted on; each piece counted once, by
time.

>>> bool(tables().degrees[0, 0, MAJOR_CHORD] > tables().degrees[0, 6, MAJOR_CHORD])
True
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from engine.music import Chord

MAJOR_CHORD, MINOR_CHORD, DOMINANT, DIMINISHED, OPEN, AUGMENTED = range(6)
STATES = 24  # of the table of changes: twelve roots, each with a major and a minor third
_FILE = Path(__file__).parents[2] / "assets" / "hearing" / "keys.txt"


@dataclass(frozen=True)
class Tables:
    """degrees: [major 0, minor 1][semitones above the tonic][class of chord]; changes: [mode][from][to], the
    states twice the semitones above the tonic, one more for a minor third. Log ratios."""

    degrees: np.ndarray
    changes: np.ndarray


@cache
def tables() -> Tables:
    """The tables of this version."""
    rows = [
        [float(word) for word in line.split()]
        for line in _FILE.read_text("utf-8").splitlines()
        if line[:1] in "-0123456789"
    ]
    narrow, wide = (np.array([row for row in rows if len(row) == width]) for width in (6, STATES))
    return Tables(narrow.reshape(2, 12, 6), wide.reshape(2, STATES, STATES))


def chord_class(chord: Chord) -> int:
    """The column of a chord: major, minor, dominant seventh, diminished, open (no third), augmented."""
    steps = {interval % 12 for interval in chord.intervals}
    if 4 in steps:
        if 8 in steps and 7 not in steps:
            return AUGMENTED
        return DOMINANT if 10 in steps else MAJOR_CHORD
    if 3 in steps:
        return DIMINISHED if 6 in steps and 7 not in steps else MINOR_CHORD
    return OPEN
