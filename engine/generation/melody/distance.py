"""How far is one melody from another over the same bars?

Half of it is pitch (the share of time in which another pitch sounds), half rhythm (onsets that are not
shared). 0 is the same melody, 1 has nothing in common; a variation that people recognise lies below about
0.6.
"""

import itertools
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from engine.music import Note


class Sounding(NamedTuple):
    """A note by its start, end and pitch, in any unit of time; one that `goes_on` began before its start."""

    start: int
    end: int
    pitch: int
    goes_on: bool = False


class Differences(NamedTuple):
    """The time in which either sounds, and that in which not both sound the same pitch; the onsets of either,
    and those of both. Those of stretches add up."""

    time: int = 0
    other_time: int = 0
    onsets: int = 0
    shared_onsets: int = 0

    @property
    def distance(self) -> float:
        pitch = self.other_time / self.time if self.time else 0.0
        rhythm = 1 - self.shared_onsets / self.onsets if self.onsets else 0.0
        return 0.5 * (pitch + rhythm)


def soundings(notes: Iterable[Note]) -> list[Sounding]:
    """Notes in order, as the distance sees them."""
    ordered = sorted(notes, key=lambda note: (note.start_ticks, note.pitch))
    return [Sounding(note.start_ticks, note.end_ticks, note.pitch) for note in ordered]


def distance(first: Sequence[Sounding], second: Sequence[Sounding]) -> float:
    """0-1; melodies are monophonic and in order.

    >>> tune = [Sounding(0, 4, 60), Sounding(4, 8, 62)]
    >>> distance(tune, tune), distance(tune, [Sounding(0, 4, 60), Sounding(4, 8, 64)])
    (0.0, 0.25)
    """
    return differences(first, second).distance


def differences(first: Sequence[Sounding], second: Sequence[Sounding]) -> Differences:
    """What the distance is made of; the stretches of a melody may be counted one by one."""
    a, b = ({note.start for note in notes if not note.goes_on} for notes in (first, second))
    return Differences(*_times(first, second), len(a | b), len(a & b))


def _times(first: Sequence[Sounding], second: Sequence[Sounding]) -> tuple[int, int]:
    """How long either sounds, and how long not both sound the same pitch."""
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
    return total, other
