"""Which way does a melody go as a whole?"""

from collections.abc import Sequence
from statistics import fmean

from engine.api.suggestion import Contour
from engine.generation.melody.distance import Sounding

_DIRECTION = 2.0
"""Semitones that make a direction; half of it makes an arch."""


def way_of(notes: Sequence[Sounding]) -> Contour | None:
    """Its shape by the mean heights of its thirds; None where a third is empty.

    >>> way_of([Sounding(24 * n, 24 * n + 24, 60 + n) for n in range(9)])
    <Contour.RISING: 'rising'>
    """
    if not notes:
        return None
    start, length = notes[0].start, notes[-1].end - notes[0].start
    thirds = [[n.pitch for n in notes if (n.start - start) * 3 // length == part] for part in range(3)]
    if not all(thirds):
        return None
    first, middle, last = (fmean(third) for third in thirds)
    if middle - max(first, last) >= _DIRECTION / 2:
        return Contour.ARCH
    if abs(last - first) < _DIRECTION:
        return Contour.LEVEL
    return Contour.RISING if last > first else Contour.FALLING
