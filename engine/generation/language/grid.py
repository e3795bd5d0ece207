"""What stands in each bar of each part, relative to the key?

A Sheet is a song (or a stretch of one) as the model sees it: bars x streams, every cell filled, empty or
absent. Times are ticks of the model's grid, 24 to a quarter, from the start of their bar. Everything is
transposed to tonic C with the mode kept: chord roots are pitch classes above the tonic, pitches are MIDI
numbers after that shift (`Sheet.shift` semitones, -5 to 6, give the sounding pitch back).

>>> bar = SheetBar((4, 4), 96, {Stream.MELODY: (NoteEvent(0, 24, 60),)})
>>> Sheet((bar,)).bars[0].cells[Stream.MELODY][0].pitch
60
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import NamedTuple

from engine.music import Mode

GRID = 24
"""Ticks of a quarter on the model's grid."""
SONG_TICKS = 20
"""Song ticks (480 to a quarter) of one grid tick."""


class Stream(IntEnum):
    """The rows of the grid. The first four are single lines; the others may sound several notes at once."""

    CHORDS = 0
    MELODY = 1
    BASS = 2
    COUNTER = 3
    COMPING = 4
    PAD = 5
    DRUMS = 6

    @property
    def is_line(self) -> bool:
        """One note at a time, time filled by notes and rests without a gap."""
        return self in (Stream.MELODY, Stream.BASS, Stream.COUNTER)


class NoteEvent(NamedTuple):
    """A note inside one bar. `tied`: it goes on from the bar before (a note over a barline is cut there).

    For DRUMS `pitch` is the General MIDI drum and `duration` means nothing (1).
    """

    offset: int
    duration: int
    pitch: int
    tied: bool = False


class ChordEvent(NamedTuple):
    """A chord inside one bar: `root` 0-11 above the tonic (-1: no chord), `quality` a Harte text of the
    language's vocabulary, `bass` 0-11 above the tonic or -1 when it is the root.

    A chord held over a barline is written again in the next bar; a chord of the same root, quality and
    bass as the one before is the same chord going on.
    """

    offset: int
    duration: int
    root: int
    quality: str
    bass: int = -1


Cell = tuple[NoteEvent, ...] | tuple[ChordEvent, ...]
"""The content of one stream in one bar, by offset. () is a written rest; an absent stream is no cell."""


@dataclass(frozen=True, slots=True)
class SheetBar:
    """One bar: metre, length in grid ticks (shorter than its metre for a pickup), its cells, its section."""

    metre: tuple[int, int]
    length: int
    cells: Mapping[Stream, Cell] = field(default_factory=dict)
    section: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """Bars in order; `style` is a name of the vocabulary ("" unknown), `bpm` quarters a minute (0 unknown).

    `first_full` is the index of the first bar that is no pickup.
    """

    bars: tuple[SheetBar, ...]
    mode: Mode = Mode.MAJOR
    shift: int = 0
    style: str = ""
    bpm: float = 0.0
    first_full: int = 0

    def has(self, stream: Stream) -> bool:
        """Is the stream written anywhere?"""
        return any(stream in bar.cells for bar in self.bars)


def full_length(metre: tuple[int, int]) -> int:
    """Grid ticks of a whole bar.

    >>> full_length((6, 8))
    72
    """
    return metre[0] * 4 * GRID // metre[1]
