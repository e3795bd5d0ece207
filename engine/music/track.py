"""Who plays? A track has a role, a sound and its notes, sorted by start."""

from bisect import bisect_left
from dataclasses import dataclass
from enum import StrEnum
from operator import add, attrgetter

from engine.music.note import Note
from engine.music.remembered import Remembered

_START, _LENGTH = attrgetter("start_ticks"), attrgetter("duration_ticks")


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
        return _latest_end(self.notes)

    def notes_in(self, start_ticks: int, end_ticks: int) -> tuple[Note, ...]:
        """Notes that start in the half-open span."""
        first = bisect_left(self.notes, start_ticks, key=_START)
        return self.notes[first : bisect_left(self.notes, end_ticks, first, key=_START)]


def _end_of(notes: tuple[Note, ...]) -> int:
    return max(map(add, map(_START, notes), map(_LENGTH, notes)), default=0)


_latest_end = Remembered(_end_of)
