"""What was heard in a sketch, how sure it is, and what the next-best reading would be.

Confidence is 0-1. An artist's correction outranks the analysis (Song.corrected).
"""

from dataclasses import dataclass

from engine.music.key import Key
from engine.music.progression import ChordSpan
from engine.music.section import Section
from engine.music.timemap import Metre
from engine.music.track import Role


@dataclass(frozen=True, slots=True)
class KeyReading:
    """A key from a tick on, and how sure it is; alternatives are next-best first."""

    tick: int
    key: Key
    confidence: float
    alternatives: tuple[Key, ...] = ()


@dataclass(frozen=True, slots=True)
class ChordReading:
    """A heard chord and up to three next-best labels (Harte)."""

    span: ChordSpan
    alternatives: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RoleReading:
    track_id: int
    role: Role
    confidence: float


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase of the melody, half-open in ticks; `repeats`: index of the phrase it repeats, -1 if new."""

    start_ticks: int
    end_ticks: int
    repeats: int = -1


@dataclass(frozen=True, slots=True)
class Analysis:
    """The whole hearing of a song."""

    keys: tuple[KeyReading, ...] = ()
    chords: tuple[ChordReading, ...] = ()
    sections: tuple[Section, ...] = ()
    phrases: tuple[Phrase, ...] = ()
    roles: tuple[RoleReading, ...] = ()
    metre: Metre = Metre()
    bpm: float = 120.0
    pickup_ticks: int = 0
    is_free_time: bool = False
    swing: float = 0.5
    notices: tuple[str, ...] = ()
