"""Who plays? A track has a role, a sound and its notes, sorted by start."""

from dataclasses import dataclass
from enum import StrEnum

from engine.music.note import Note


class Role(StrEnum):
    MELODY = "melody"
    CHORDS = "chords"
    BASS = "bass"
    DRUMS = "drums"
    PAD = "pad"
    COUNTER = "counter"
    OTHER = "other"


class ControlKind(StrEnum):
    """Performance data besides notes; kept as played."""

    CONTROL = "control"  # number = controller, value 0-127
    BEND = "bend"  # value -8192..8191
    PRESSURE = "pressure"  # channel pressure, value 0-127
    KEY_PRESSURE = "key-pressure"  # number = pitch, value 0-127
    PROGRAM = "program"  # a change after the first; value 0-127


@dataclass(frozen=True, slots=True)
class ControlEvent:
    tick: int
    kind: ControlKind
    number: int
    value: int


@dataclass(frozen=True, slots=True)
class Track:
    """One part. `program` is General MIDI (0-127); drums ignore it for pitch. `level` is 0-1."""

    id: int
    name: str
    role: Role = Role.OTHER
    program: int = 0
    notes: tuple[Note, ...] = ()
    controls: tuple[ControlEvent, ...] = ()
    muted: bool = False
    soloed: bool = False
    level: float = 0.8

    @property
    def end_ticks(self) -> int:
        return max((note.end_ticks for note in self.notes), default=0)

    def notes_in(self, start_ticks: int, end_ticks: int) -> tuple[Note, ...]:
        """Notes that start in the half-open span."""
        return tuple(note for note in self.notes if start_ticks <= note.start_ticks < end_ticks)
