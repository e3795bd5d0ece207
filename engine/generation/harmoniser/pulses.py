"""What is there to hear of a melody, pulse by pulse, before chords are put under it?

Pulses are the places of a bar at which chords are felt to change (`pulse_offsets`). Of each is told how long
every degree sounds in it, which sounds as it begins, which is struck there, which comes last, where in bar
and phrase it is, and the chord where one is known. Times are in any unit; degrees are semitones above the
tonic.

>>> pulses = bar_pulses(0, 1920, Metre(4, 4), number=0)
>>> melody = Melody(pulses, (Tone(0, 960, 0),))
>>> melody.remarks().shape == (4, FEATURES), melody.remarks()[:3, 0].tolist()
(True, [1.0, 1.0, 0.0])
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.generation.chords.metre import pulse_offsets
from engine.generation.language.vocabulary import STYLES
from engine.music import Metre

KINDS = 16
"""Seventh classes."""
CHORDS = 12 * KINDS
_PLACES, _COUNTS = 4, (2, 3, 4)
_SOUNDS, _BEGINS, _STRUCK, _LAST = 0, 12, 24, 36
_PLACE = 48
_COUNT = _PLACE + _PLACES
_PARITY = _COUNT + len(_COUNTS)
_MINOR = _PARITY + 2
_STYLE = _MINOR + 1
_TOLD = _STYLE + len(STYLES)
FEATURES = _TOLD + 1 + 12 + KINDS

Floats = NDArray[np.float32]


class Pulse(NamedTuple):
    """`place` of `pulses` in bar `bar`, counted from the first bar of the section."""

    start: int
    end: int
    bar: int
    place: int
    pulses: int


class Tone(NamedTuple):
    """One note of the melody."""

    start: int
    end: int
    degree: int


class ToldChord(NamedTuple):
    """A chord that is known: root above the tonic, seventh class."""

    start: int
    end: int
    root: int
    kind: int


def bar_pulses(
    start: int, length: int, metre: Metre, number: int, into: int = 0, ticks: int = 1
) -> tuple[Pulse, ...]:
    """The pulses of one bar (or the part of it that begins `into` it); a unit of time is `ticks` song
    ticks."""
    offsets = [offset // ticks - into for offset in pulse_offsets(metre)]
    inside = [(place, offset) for place, offset in enumerate(offsets) if 0 < offset < length]
    opening = (max(place for place, offset in enumerate(offsets) if offset <= 0), 0)
    places = [opening, *inside]
    ends = [offset for _, offset in inside] + [length]
    return tuple(
        Pulse(start + offset, start + end, number, place, len(offsets))
        for (place, offset), end in zip(places, ends, strict=True)
        if end > offset
    )


@dataclass(frozen=True, slots=True)
class Melody:
    """A stretch of melody as the network hears it; pulses and tones in order."""

    pulses: tuple[Pulse, ...]
    tones: tuple[Tone, ...]
    is_minor: bool = False
    style: str = ""
    told: tuple[ToldChord, ...] = ()

    def remarks(self) -> Floats:
        """Shape (pulses, FEATURES)."""
        found = np.zeros((len(self.pulses), FEATURES), np.float32)
        if not self.pulses:
            return found
        starts = [pulse.start for pulse in self.pulses]
        for tone in sorted(self.tones):
            self._hear(found, starts, tone)
        for row, pulse in zip(found, self.pulses, strict=True):
            self._place(row, pulse)
        for chord in self.told:
            for number in _under(starts, self.pulses[-1].end, chord.start, chord.end):
                tell(found[number], chord.root, chord.kind)
        return found

    def _hear(self, found: Floats, starts: Sequence[int], tone: Tone) -> None:
        for number in _touched(starts, self.pulses[-1].end, tone.start, tone.end):
            pulse, row = self.pulses[number], found[number]
            lasting = min(tone.end, pulse.end) - max(tone.start, pulse.start)
            row[_SOUNDS + tone.degree] += lasting / (pulse.end - pulse.start)
            row[_BEGINS + tone.degree] = max(row[_BEGINS + tone.degree], tone.start <= pulse.start)
            row[_STRUCK + tone.degree] = max(row[_STRUCK + tone.degree], tone.start == pulse.start)
            row[_LAST : _LAST + 12] = 0.0
            row[_LAST + tone.degree] = 1.0

    def _place(self, row: Floats, pulse: Pulse) -> None:
        row[_PLACE + min(pulse.place, _PLACES - 1)] = 1.0
        if pulse.pulses in _COUNTS:
            row[_COUNT + _COUNTS.index(pulse.pulses)] = 1.0
        row[_PARITY], row[_PARITY + 1] = pulse.bar % 2, pulse.bar // 2 % 2
        row[_MINOR] = self.is_minor
        if self.style in STYLES:
            row[_STYLE + STYLES.index(self.style)] = 1.0


def tell(row: Floats, root: int, kind: int) -> None:
    """Notes the chord that is known at a pulse in its remarks."""
    row[_TOLD] = 1.0
    row[_TOLD + 1 + root % 12] = 1.0
    row[_TOLD + 13 + kind] = 1.0


def unheard(found: Floats, rows: NDArray[np.bool_]) -> None:
    """Takes the tones from some pulses: how training makes the network use what is around."""
    found[rows, :_PLACE] = 0.0


def unplaced(found: Floats) -> None:
    """Takes from all pulses which bar of a phrase they are in."""
    found[:, _PARITY : _PARITY + 2] = 0.0


def _touched(starts: Sequence[int], end: int, low: int, high: int) -> range:
    """The pulses that sound together with a stretch."""
    if high <= starts[0] or low >= end:
        return range(0)
    return range(max(0, bisect_right(starts, low) - 1), bisect_left(starts, min(high, end)))


def _under(starts: Sequence[int], end: int, low: int, high: int) -> range:
    """The pulses that begin in a stretch."""
    return range(bisect_left(starts, low), bisect_left(starts, min(high, end)))
