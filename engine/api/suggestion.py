"""One complete question to the engine, and its playable answers.

A SuggestionRequest holds everything the engine needs, the song included; a Take everything the app learns.
The same request gives the same takes.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from engine.music.note import Note
from engine.music.progression import ChordSpan
from engine.music.region import Region
from engine.music.song import Song
from engine.music.track import Role


class Kind(StrEnum):
    """What is asked for. CONTINUE and FILL go by role: chords or melody."""

    PROGRESSION = "progression"  # chords for these bars, from nothing or after what stands before
    HARMONISE = "harmonise"  # chords for the melody of these bars
    REHARMONISE = "reharmonise"  # other chords for bars that have chords
    CONTINUE = "continue"  # chords or melody after what stands before the region
    VARY = "vary"  # the melody of these bars, changed
    ANSWER = "answer"  # a melody that answers the phrase before the region
    FILL = "fill"  # chords or melody between what stands on both sides
    BASS = "bass"
    DRUMS = "drums"
    COMPING = "comping"
    PAD = "pad"
    COUNTER = "counter"
    FORM = "form"
    RESTYLE = "restyle"


class Keep(StrEnum):
    """What a new take leaves as it is."""

    STRONG_BEATS = "strong-beats"
    RHYTHM = "rhythm"
    CONTOUR = "contour"
    MELODY_FIT = "melody-fit"
    CADENCE = "cadence"
    BASS_LINE = "bass-line"


class Contour(StrEnum):
    """The way a melody moves over the region."""

    RISING = "rising"
    FALLING = "falling"
    ARCH = "arch"
    LEVEL = "level"


@dataclass(frozen=True, slots=True)
class Controls:
    """The sliders of a request; None means the engine decides from the song.

    surprise, distance, density: 0-1. register: 0-1, from the lowest to the highest part of the compass.
    range: lowest and highest MIDI pitch allowed, never overstepped.
    """

    surprise: float | None = None
    distance: float | None = None
    density: float | None = None
    style: str = ""
    keep: tuple[Keep, ...] = ()
    register: float | None = None
    contour: Contour | None = None
    range: tuple[int, int] | None = None
    keep_note_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class SuggestionRequest:
    """`role` tells CONTINUE and FILL what to write; `track_id` which track holds the melody (0: the
    engine finds it).

    Locked notes and chords of the song are never touched.
    """

    kind: Kind
    song: Song
    region: Region
    role: Role = Role.MELODY
    track_id: int = 0
    controls: Controls = Controls()
    seed: int = 1
    takes: int = 4


@dataclass(frozen=True, slots=True)
class Scores:
    """How a take is judged, each 0-1 except surprise (mean bits a chord or note). None: does not apply.

    fit: agreement of melody and chords. distance: how far from what stood there. novelty: share of it
    that the song has not done before.
    """

    fit: float | None = None
    distance: float | None = None
    surprise: float | None = None
    novelty: float | None = None


@dataclass(frozen=True, slots=True)
class Originality:
    """The longest run shared with a training work, in notes or chords, and whose work it is."""

    longest_run: int
    work: str = ""
    maker: str = ""
    licence: str = ""


@dataclass(frozen=True, slots=True)
class ModelRef:
    """Which model wrote it: name and SHA-256 of its file."""

    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Take:
    """One playable answer for the region of its request.

    `notes` replace the notes of the request's track in the region, `chords` the chords of the region; a
    kind writes only what it is about. Ids in a take are 1, 2, 3 ... of its own; accepting gives new ones.
    `echoes` tells which bars of the song it takes up ("echoes bar 3"); `kept_note_ids` are notes of the
    song that stand in the take unchanged.
    """

    index: int
    title: str
    reasons: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()
    chords: tuple[ChordSpan, ...] = ()
    scores: Scores = Scores()
    originality: Originality | None = None
    model: ModelRef = ModelRef("", "")
    seed: int = 1
    echoes: str = ""
    kept_note_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class NextChord:
    """A ranked continuation of a progression: Harte label, probability, and its job in a word ("home")."""

    chord: str
    probability: float
    job: str = ""
    roman: str = ""


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """A model as its card describes it; `attributions` are the lines its data licences ask for."""

    name: str
    kind: str
    sha256: str
    bytes: int
    summary: str = ""
    attributions: tuple[str, ...] = ()
    licences: tuple[str, ...] = ()
    scores: dict[str, float] = field(default_factory=dict)
