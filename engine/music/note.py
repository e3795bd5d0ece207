"""Which pitch sounds when, and where did it come from?

Times are integer ticks, 480 to a quarter. Pitch is a MIDI number (60 = middle C).

>>> Note(id=1, start_ticks=0, duration_ticks=480, pitch=64).end_ticks
480
"""

from dataclasses import dataclass
from enum import StrEnum

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


def note_order(note: Note) -> tuple[int, int, int]:
    """The order notes are kept in: by start, then pitch, then id."""
    return (note.start_ticks, note.pitch, note.id)
