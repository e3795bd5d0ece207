"""What does a chord chart hold, whatever set it came from?

Times are integer ticks, 480 to a quarter, from the beginning. `tonic` is the local tonic (pitch class),
None where
the set gives no key. Melodies are there for lead sheets only.
"""

from dataclasses import dataclass, replace
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
            if event.chord.is_no_chord:
                continue
            bare = event._replace(chord=replace(event.chord, bass=None))
            last = merged[-1] if merged else None
            if last is not None and last.chord == bare.chord:
                merged[-1] = last._replace(duration_ticks=bare.end_ticks - last.start_ticks)
            else:
                merged.append(bare)
        return tuple(merged)
