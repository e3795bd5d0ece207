"""One complete question to the engine, and its playable answers.

A SuggestionRequest holds everything the engine needs, the song included; a Take everything the app learns.
The same request gives the same takes.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from engine.music.note import Note
from engine.music.progression import ChordSpan
from engine.music.region import Region
from engine.music.section import SectionKind
from engine.music.song import Song
from engine.music.track import Role


class Kind(StrEnum):
    """What is asked for. CONTINUE and FILL go by role: chords or melody; COMPING is a part in role chords."""

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
    FORM = "form"  # a whole song from the sketch in the region
    RESTYLE = "restyle"  # the region as another style, feel or tempo
    SOUNDSCAPE = "soundscape"  # as many bars of slow ambient music as the region has


PART_KINDS = frozenset({Kind.BASS, Kind.DRUMS, Kind.COMPING, Kind.PAD, Kind.COUNTER})
"""One part for the region, as notes of one track."""
SONG_KINDS = frozenset({Kind.FORM, Kind.RESTYLE, Kind.SOUNDSCAPE})
"""Takes that stand for the whole song."""
_CHORD_KINDS = frozenset({Kind.PROGRESSION, Kind.HARMONISE, Kind.REHARMONISE})
_BY_ROLE = frozenset({Kind.CONTINUE, Kind.FILL})


def writes_chord_lane(kind: Kind, role: Role) -> bool:
    """Whether what is asked for are chords of the song, and not notes of a track in role chords.

    >>> writes_chord_lane(Kind.FILL, Role.CHORDS), writes_chord_lane(Kind.COMPING, Role.CHORDS)
    (True, False)
    """
    return kind in _CHORD_KINDS or (kind in _BY_ROLE and role is Role.CHORDS)


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
    range: lowest and highest MIDI pitch allowed, never overstepped. intensity: 0-1 from the first section
    (of a form, or of the song) to the last, or bar by bar where there are as many as bars; empty: by the
    kinds of the sections. shape: a form by its name or words ("verse-chorus", "AABA"), or the metre and feel
    of a restyling ("6/8", "half-time", "swing"). tempo: beats a minute. instrument: who plays, in words.
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
    intensity: tuple[float, ...] = ()
    shape: str = ""
    tempo: float | None = None
    instrument: str = ""


@dataclass(frozen=True, slots=True)
class SuggestionRequest:
    """`role` tells CONTINUE and FILL what to write; `track_id` which track holds the melody (0: the
    engine finds it), or for a part which track it is written for (0: a new one).

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

    @property
    def writes_chords(self) -> bool:
        """Whether the takes are chords of the song."""
        return writes_chord_lane(self.kind, self.role)


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
class Part:
    """What one player plays in a take, and why so.

    `program` is General MIDI; for drums the number of the kit (0 standard, 25 electronic, 40 brushes).
    `track_id`: whose notes of the region these replace; 0: a new track of this name is made. In a take with
    a whole song it is the track of that song.
    """

    role: Role
    name: str
    program: int = 0
    notes: tuple[Note, ...] = ()
    track_id: int = 0
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PlannedSection:
    """One section of a take's song: what it is, how full, and what is new when it returns.

    `start_bar` counts in the take's song. `from_bar` and `from_bars` are the bars of the request's song it is
    made of (none: `from_bars` 0). Accepted alone it stands in the place of those bars when `in_place`, else
    it is put before or after them where the plan has it. `ending`: how it leads on ("fill", "stop" ...).
    """

    name: str
    kind: SectionKind
    start_bar: int
    bars: int
    intensity: float = 0.5
    players: tuple[Role, ...] = ()
    changes: tuple[str, ...] = ()
    ending: str = ""
    from_bar: int = 0
    from_bars: int = 0
    in_place: bool = False

    @property
    def end_bar(self) -> int:
        """The first bar after the section."""
        return self.start_bar + self.bars


@dataclass(frozen=True, slots=True)
class Take:
    """One playable answer for the region of its request.

    `notes` replace the notes of the request's track in the region, `chords` the chords of the region; a
    kind writes only what it is about. Ids in a take are 1, 2, 3 ... of its own; accepting gives new ones.
    `echoes` tells which bars of the song it takes up ("echoes bar 3"); `kept_note_ids` are notes of the
    song that stand in the take unchanged.

    `parts`: what is played, by whom; a part asked for alone is in `notes` too. `song`: the whole song as the
    take would have it, laid out as `plan` says. In it, notes and chords with a source or another origin than
    taken are the artist's or accepted before, wherever they are used again; those with the id they had are
    the same notes; all others are new.
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
    parts: tuple[Part, ...] = ()
    plan: tuple[PlannedSection, ...] = ()
    song: Song | None = None


@dataclass(frozen=True, slots=True)
class NextChord:
    """A ranked continuation of a progression: Harte label, probability, and its job in a word ("home")."""

    chord: str
    probability: float
    job: str = ""
    roman: str = ""


@dataclass(frozen=True, slots=True)
class TrainingSet:
    """A set of music that a model learnt from. `pieces`: how many of it, 0 where the card does not say;
    `sha256` is over its files."""

    title: str
    licence: str
    attribution: str = ""
    pieces: int = 0
    url: str = ""
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """A model as its card describes it; `attributions` are the lines its data licences ask for.

    `split` counts what each part of the data holds ("train / notes"), parted by `split_by`; `settings` are
    those it was trained with, seed and sizes included.
    `trouble`: a sentence where the model or its card cannot be used; nothing but name and kind is told then.
    """

    name: str
    kind: str
    sha256: str
    bytes: int
    summary: str = ""
    attributions: tuple[str, ...] = ()
    licences: tuple[str, ...] = ()
    scores: dict[str, float] = field(default_factory=dict)
    sets: tuple[TrainingSet, ...] = ()
    split_by: str = ""
    split: dict[str, float] = field(default_factory=dict)
    settings: dict[str, str] = field(default_factory=dict)
    trouble: str = ""
