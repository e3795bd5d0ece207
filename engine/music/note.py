"""Which pitch sounds when, and where did it come from?

Times are integer ticks, 480 to a quarter. Pitch is a MIDI number (60 = middle C).

>>> Note(id=1, start_ticks=0, duration_ticks=480, pitch=64).end_ticks
480
"""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import repeat
from operator import attrgetter
from typing import Any

TICKS_PER_QUARTER = 480


class Origin(StrEnum):
    """Where a note or chord came from; kept for ever (DESIGN section 1)."""

    PLAYED = "played"
    DRAWN = "drawn"
    IMPORTED = "imported"
    TAKEN = "taken"
    EDITED = "edited"
    RULE = "rule"
    HEARD = "heard"  # chords only: inferred by the analysis from the artist's own notes


@dataclass(frozen=True, slots=True)
class Note:
    """One note of a track.

    `id` is stable within its song for ever. `source` names the sketch or the take
    (`suggestion-id/take-index`) the note came from, empty for notes drawn by hand.
    """

    id: int
    start_ticks: int
    duration_ticks: int
    pitch: int
    velocity: int = 80
    origin: Origin = Origin.DRAWN
    source: str = ""
    locked: bool = False

    @property
    def end_ticks(self) -> int:
        return self.start_ticks + self.duration_ticks

    @property
    def pitch_class(self) -> int:
        return self.pitch % 12

    def sounds_in(self, start_ticks: int, end_ticks: int) -> bool:
        """Whether any part of the note lies in the half-open span."""
        return self.start_ticks < end_ticks and self.end_ticks > start_ticks


def moved_notes(notes: Sequence[Note], starts: Iterable[int], pitches: Iterable[int]) -> tuple[Note, ...]:
    """The notes at other places."""
    ids, _, lengths, _, *rest = (map(field, notes) for field in _FIELDS)
    return notes_of_columns((ids, starts, lengths, pitches, *rest))


def note_order(note: Note) -> tuple[int, int, int]:
    """The order notes are kept in: by start, then pitch, then id."""
    return (note.start_ticks, note.pitch, note.id)


def notes_of_columns(columns: Sequence[Iterable[Any]]) -> tuple[Note, ...]:
    """Many notes at once from one column for each field, in order; half the time of calling Note.

    >>> notes_of_columns([[1], [0], [480], [64], [80], [Origin.PLAYED], [""], [False]])[0].pitch
    64
    """
    ids = tuple(columns[0])
    notes = tuple(map(Note.__new__, repeat(Note, len(ids))))
    for set_field, column in zip(_SETTERS, (ids, *columns[1:]), strict=True):
        deque(map(set_field, notes, column), maxlen=0)
    return notes


_FIELDS = tuple(map(attrgetter, Note.__slots__))
_SETTERS = tuple(getattr(Note, name).__set__ for name in Note.__slots__)
