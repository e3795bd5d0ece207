"""Chords: what may follow, progressions, harmonies for a melody.

>>> from engine.music import Chord
>>> [n.roman for n in next_chords([Chord.parse(c) for c in "C Am F G C Am F".split()], top=1)]
['V']
"""

from engine.generation.chords.predict import next_chords

__all__ = ["next_chords"]
