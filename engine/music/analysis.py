"""What was heard in a sketch, how sure it is, and what the next-best reading would be.

Confidence is 0-1. An artist's correction outranks the analysis (Song.corrected). Fields that came later have
defaults, so that what an older version stored can still be read.
"""

from dataclasses import dataclass
from enum import StrEnum

from engine.music.key import Key
from engine.music.progression import ChordSpan
from engine.music.roman import Function
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
    """A heard chord and up to three next-best labels (Harte); its numeral and job in the key there."""

    span: ChordSpan
    alternatives: tuple[str, ...] = ()
    numeral: str = ""
    function: Function = Function.OTHER


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
class OtherBars:
    """What else the bars could be; `bpm` in felt beats."""

    metre: Metre
    bpm: float
    confidence: float


@dataclass(frozen=True, slots=True)
class BarsReading:
    """How sure tempo and metre are where they were heard, and the next-best readings of both together."""

    tempo_confidence: float
    metre_confidence: float
    alternatives: tuple[OtherBars, ...] = ()


class CadenceKind(StrEnum):
    """How a phrase or section comes to rest."""

    FULL = "full close"  # dominant to tonic
    HALF = "half close"  # rests on the dominant
    PLAGAL = "plagal close"  # subdominant to tonic
    DECEPTIVE = "deceptive close"  # dominant to something else that stands for the tonic
    MODAL = "modal close"  # a lowered seventh degree to the tonic


@dataclass(frozen=True, slots=True)
class Cadence:
    """A close that is reached at `tick`, where its last chord begins."""

    tick: int
    kind: CadenceKind
    confidence: float = 1.0


class MotifForm(StrEnum):
    """What became of a motif when it returned."""

    SAME = "at pitch"
    MOVED = "moved"
    TURNED = "turned over"
    STRETCHED = "stretched"


@dataclass(frozen=True, slots=True)
class MotifReturn:
    """Where a motif comes back. `semitones`: how far its first note lies from the first note of the motif."""

    start_ticks: int
    end_ticks: int
    form: MotifForm
    semitones: int = 0


@dataclass(frozen=True, slots=True)
class Motif:
    """A figure of three to six notes that returns; half-open in ticks where it is first heard."""

    start_ticks: int
    end_ticks: int
    notes: int
    returns: tuple[MotifReturn, ...] = ()


@dataclass(frozen=True, slots=True)
class MelodyFacts:
    """Counts over the melody. Shares are 0-1: `leaps` of moves wider than a major third, `steps` of seconds,
    `repeats` of repeated notes, `syncopation` of notes that begin off the beat and sound over the next one,
    `in_scale` of notes that belong to the key. `peak_ticks`: where the highest note is first reached."""

    lowest: int
    highest: int
    notes: int
    notes_a_bar: float
    leaps: float
    steps: float
    repeats: float
    syncopation: float
    in_scale: float
    peak_ticks: int


@dataclass(frozen=True, slots=True)
class HarmonyFacts:
    """Counts over the chords: different ones, changes a bar, shares (0-1) with a seventh or more, inverted,
    and from outside the key; `loop_bars`: length of the progression that goes round, 0 if none does."""

    chords: int
    changes_a_bar: float
    sevenths: float
    inversions: float
    foreign: float
    loop_bars: int = 0


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of the fact sheet: `Key` - `G major, then D major from bar 17`."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Description:
    """The sketch in words: one paragraph and a sheet of facts, all computed from what was heard."""

    paragraph: str
    sheet: tuple[Fact, ...] = ()


@dataclass(frozen=True, slots=True)
class Analysis:
    """The whole hearing of a song; `bars` is there where they were not written in the file nor said."""

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
    cadences: tuple[Cadence, ...] = ()
    motifs: tuple[Motif, ...] = ()
    melody: MelodyFacts | None = None
    harmony: HarmonyFacts | None = None
    description: Description | None = None
    bars: BarsReading | None = None
