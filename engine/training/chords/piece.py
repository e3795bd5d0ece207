"""What does a chord chart hold, whatever set it came from?

Times are integer ticks, 480 to a quarter, from the beginning. `tonic` is the local tonic (pitch class),
None where
the set gives no key. Melodies are there for lead sheets only.
"""

from dataclasses import dataclass
from typing import NamedTuple

from engine.music import Chord


class ChartChord(NamedTuple):
    """One chord of a chart; neighbours may be the same chord."""

    start_ticks: int
    duration_ticks: int
    chord: Chord
    tonic: int | None
    section: str = ""

    @property
    def end_ticks(self) -> int:
        return self.start_ticks + self.duration_ticks


class MelodyNote(NamedTuple):
    start_ticks: int
    duration_ticks: int
    pitch: int

    @property
    def end_ticks(self) -> int:
        return self.start_ticks + self.duration_ticks


class Bar(NamedTuple):
    start_ticks: int
    length_ticks: int


@dataclass(frozen=True, slots=True)
class Piece:
    """One song of one set. `style` is the tag of its set; `title` serves de-duplication only."""

    id: str
    source: str
    style: str
    title: str
    maker: str
    metre: tuple[int, int]
    bars: tuple[Bar, ...]
    chords: tuple[ChartChord, ...]
    melody: tuple[MelodyNote, ...] = ()

    def merged(self) -> tuple[ChartChord, ...]:
        """Neighbouring equal chords (the bass aside) joined, no-chord left out: the next-chord protocol."""
        merged: list[ChartChord] = []
        for event in self.chords:
            chord = event.chord
            if chord.is_no_chord:
                continue
            last = merged[-1] if merged else None
            if last is not None and (last.chord.root, last.chord.quality) == (chord.root, chord.quality):
                merged[-1] = last._replace(duration_ticks=event.end_ticks - last.start_ticks)
            elif chord.bass is None:
                merged.append(event)
            else:
                merged.append(event._replace(chord=Chord(chord.root, chord.quality)))
        return tuple(merged)
