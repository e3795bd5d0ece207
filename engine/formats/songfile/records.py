"""What a song file holds besides the song: sketches, undo steps, suggestions and what became of them."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from engine.api.suggestion import SuggestionRequest, Take
from engine.music.region import region_digest
from engine.music.song import Song


class TakeState(StrEnum):
    OFFERED = "offered"
    KEPT = "kept"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    EDITED = "edited"  # changed by the artist before it was accepted


@dataclass(frozen=True, slots=True)
class SketchSource:
    """What the artist brought, byte for byte. `source`: "file", "recording", "played" ...

    A name whose bytes are no text (old disks hold such) keeps a `?` for each of them.
    """

    name: str
    data: bytes
    owner: str = ""
    source: str = "file"

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", self.name.encode("utf-8", "replace").decode())

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()


@dataclass(frozen=True, slots=True)
class TakeRef:
    """A take of a suggestion; a note taken from it has `str(ref)` as its source."""

    suggestion_id: str
    index: int

    def __str__(self) -> str:
        return f"{self.suggestion_id}/{self.index}"


@dataclass(frozen=True, slots=True)
class StoredTake:
    take: Take
    state: TakeState


@dataclass(frozen=True, slots=True)
class StoredSuggestion:
    """A question, its answers so far, what the artist made of each. `digest`: what stood in the region."""

    id: str
    asked_at: datetime
    request: SuggestionRequest
    takes: tuple[StoredTake, ...] = ()
    withheld: int = 0
    digest: str = ""

    def is_stale(self, song: Song) -> bool:
        """Whether the bars in question are no longer what they were when it was asked."""
        return region_digest(song, self.request.region) != self.digest


@dataclass(frozen=True, slots=True)
class Step:
    """One undo step. `before`, `after`: content hashes; the states are those of the accepted take, if any."""

    name: str
    before: str
    after: str
    take: TakeRef | None = None
    state_before: str = ""
    state_after: str = ""
