"""What the app sends to the engine and what the engine answers, as values with a JSON form.

One JSON object a line each way: `{"id": 7, "type": "suggest", "body": {...}}`. Every request gets
`queued`, then any number of `progress`, `partial` and `take`, then exactly one of `done`, `failed`,
`cancelled`. `hello` comes once, unasked, when the engine is ready.
"""

from dataclasses import dataclass

from engine.api.audio import AudioFacts, HeardNote, ListeningMode, PlayedTo
from engine.api.errors import Reason
from engine.api.suggestion import ModelInfo, NextChord, SuggestionRequest, Take
from engine.music.analysis import Analysis
from engine.music.key import Key
from engine.music.song import Aspect, Song
from engine.music.timemap import Metre

PROTOCOL_VERSION = 1


# requests --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ImportSketch:
    """Read a file and hear what is in it. The reply's body is a SketchImported.

    `mode` is how a recording is listened to, `played_to` the beat that was heard while it was made; other
    files do not care.
    """

    path: str
    mode: ListeningMode = ListeningMode.AUTO
    played_to: PlayedTo | None = None


@dataclass(frozen=True, slots=True)
class Analyse:
    """Hear the song again; what the artist corrected stays. Only the named aspects, all if none is named."""

    song: Song
    aspects: tuple[Aspect, ...] = ()


@dataclass(frozen=True, slots=True)
class SolveBeats:
    """Lay the bars anew by what the artist says of the beat; every note keeps its moment.

    Answered by Analysed. `bpm`: felt beats a minute, tapped, doubled or halved. `first_beats`, `beats`: ticks
    of the song where a bar, a beat begins. `metre`: 2/4, 3/4, 4/4 or 6/8. What is not said is found.
    """

    song: Song
    bpm: float | None = None
    first_beats: tuple[int, ...] = ()
    beats: tuple[int, ...] = ()
    metre: Metre | None = None


@dataclass(frozen=True, slots=True)
class Suggest:
    request: SuggestionRequest


@dataclass(frozen=True, slots=True)
class PredictNextChord:
    """Rank what may follow the chords (Harte or lead-sheet labels); `key` None: found from them."""

    chords: tuple[str, ...]
    key: Key | None = None
    top: int = 8
    song: Song | None = None


@dataclass(frozen=True, slots=True)
class ListModels:
    pass


@dataclass(frozen=True, slots=True)
class AddFolder:
    """Compare ideas with the songs of a folder too.

    `is_reference`: songs to stay away from (an idea too close to one is withheld); else the artist's own,
    which an idea may sound like, and it is told. A folder that was added already is read again.
    """

    path: str
    is_reference: bool = False


@dataclass(frozen=True, slots=True)
class ForgetFolder:
    """No longer compare with the songs of this folder."""

    path: str


@dataclass(frozen=True, slots=True)
class ListFolders:
    pass


@dataclass(frozen=True, slots=True)
class FindSimilar:
    """Which sketches of the sketchbook are like this one? Answered by Similar, also while it is looked.

    The sketch is `song`, or what is in the file `path`, which is not compared with itself. `places`: files
    and folders (with the folders inside) to look in; folders of the artist's own songs are looked through
    too.
    """

    song: Song | None = None
    path: str = ""
    places: tuple[str, ...] = ()
    top: int = 12


@dataclass(frozen=True, slots=True)
class Cancel:
    """Stop the request with this id; answered within 100 ms by its `cancelled`."""

    request_id: int


@dataclass(frozen=True, slots=True)
class Ping:
    """Are you there? Answered at once by a Pong, in mid-job as well."""


Request = (
    ImportSketch
    | Analyse
    | SolveBeats
    | Suggest
    | PredictNextChord
    | ListModels
    | AddFolder
    | ForgetFolder
    | ListFolders
    | FindSimilar
    | Cancel
    | Ping
)


# replies -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Hello:
    version: str
    protocol: int
    device: str


@dataclass(frozen=True, slots=True)
class Queued:
    pass


@dataclass(frozen=True, slots=True)
class Progress:
    """fraction 0-1, or below 0 when unknown; `doing` is a short phrase for people."""

    fraction: float
    doing: str


@dataclass(frozen=True, slots=True)
class Partial:
    """A take as far as it has come (whole bars); replaced by the `take` with the same index."""

    take: Take


@dataclass(frozen=True, slots=True)
class TakeReady:
    take: Take


@dataclass(frozen=True, slots=True)
class HeardSoFar:
    """Notes of a recording that were heard since the last one of these, up to `until_s` of the recording."""

    notes: tuple[HeardNote, ...]
    until_s: float


@dataclass(frozen=True, slots=True)
class SketchImported:
    """The song with what was heard already in it, the hearing itself, and warnings in words.

    `audio`: what is known of the recording, if the file is one.
    """

    song: Song
    analysis: Analysis
    warnings: tuple[str, ...]
    sha256: str
    format: str
    audio: AudioFacts | None = None


@dataclass(frozen=True, slots=True)
class Analysed:
    song: Song
    analysis: Analysis


@dataclass(frozen=True, slots=True)
class NextChords:
    next: tuple[NextChord, ...]


@dataclass(frozen=True, slots=True)
class Models:
    models: tuple[ModelInfo, ...]


@dataclass(frozen=True, slots=True)
class AddedFolder:
    """A folder that ideas are compared with, and how many works in it."""

    path: str
    is_reference: bool
    works: int


@dataclass(frozen=True, slots=True)
class Folders:
    """Every folder that was added, as it is now. `troubles`: a sentence for each file that was left out."""

    folders: tuple[AddedFolder, ...]
    troubles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SimilarSketch:
    """A sketch and how like the other it is: as a whole and part by part (0-1), and why, in words."""

    path: str
    title: str
    key: Key
    bpm: float
    bars: int
    total: float
    parts: dict[str, float]
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Similar:
    """The most alike first. `compared`: how many were heard so far; `left_out`: could not be."""

    found: tuple[SimilarSketch, ...]
    compared: int = 0
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class Pong:
    """The engine lives.

    silent_s: how long the running job has shown no sign of life, 0 when idle.
    strays: how many cancelled jobs still run.
    """

    silent_s: float = 0.0
    strays: int = 0


@dataclass(frozen=True, slots=True)
class Done:
    """The request is finished. `withheld` counts takes not shown for their likeness to a known work.

    `notice`: one sentence when something was missing and the takes are what could be done without it.
    """

    elapsed_s: float
    withheld: int = 0
    notice: str = ""


@dataclass(frozen=True, slots=True)
class Failed:
    """One sentence for people."""

    reason: Reason
    sentence: str


@dataclass(frozen=True, slots=True)
class Cancelled:
    pass


Reply = (
    Hello
    | Queued
    | Progress
    | Partial
    | TakeReady
    | HeardSoFar
    | SketchImported
    | Analysed
    | NextChords
    | Models
    | Folders
    | Similar
    | Pong
    | Done
    | Failed
    | Cancelled
)
