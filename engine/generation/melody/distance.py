"""How far is one melody from another over the same bars?

Half of it is pitch (the share of time in which another pitch sounds), half rhythm (onsets that are not
shared). 0 is the same melody, 1 has nothing in common; a variation that people recognise lies below about
0.6.
"""

import itertools
from collections.abc import Sequence
from typing import NamedTuple


class Sounding(NamedTuple):
    """A note by its start, end and pitch, in any unit of time."""

    start: int
    end: int
    pitch: int


def distance(first: Sequence[Sounding], second: Sequence[Sounding]) -> float:
    """0-1; melodies are monophonic and in order.

    >>> tune = [Sounding(0, 4, 60), Sounding(4, 8, 62)]
    >>> distance(tune, tune), distance(tune, [Sounding(0, 4, 60), Sounding(4, 8, 64)])
    (0.0, 0.25)
    """
    if not first and not second:
        return 0.0
    return 0.5 * (_other_pitch(first, second) + _other_onsets(first, second))


def _other_onsets(first: Sequence[Sounding], second: Sequence[Sounding]) -> float:
    a, b = {note.start for note in first}, {note.start for note in second}
    return 1 - len(a & b) / len(a | b) if a | b else 0.0


def _other_pitch(first: Sequence[Sounding], second: Sequence[Sounding]) -> float:
    """Share of the time in which either sounds where not both sound the same pitch."""
    edges = sorted({edge for note in (*first, *second) for edge in (note.start, note.end)})
    total = other = 0
    i = j = 0
    for low, high in itertools.pairwise(edges):
        while i < len(first) and first[i].end <= low:
            i += 1
        while j < len(second) and second[j].end <= low:
            j += 1
        a = first[i].pitch if i < len(first) and first[i].start <= low else None
        b = second[j].pitch if j < len(second) and second[j].start <= low else None
        if a is not None or b is not None:
            total += high - low
            other += (high - low) * (a != b)
    return other / total if total else 0.0
