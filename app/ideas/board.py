"""Which ideas were asked for, what came, and what did the artist do with each?

One Entry a request, with its takes in the order they came. Values throughout: every change gives a new
Entry, the Board only holds the newest of each. A take is stale when the bars it was asked for have changed
since; it is then shown and may be heard, but not accepted.

What the artist did with a take is a TakeState of the song file, where entries live on; a question asked
again is asked of the song as it is then.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum

from app.ideas.wholesong import (
    as_asked,
    same_music,
    still_holds,
    with_parts,
    with_sections,
    with_whole,
)
from engine.api.suggestion import PART_KINDS, SONG_KINDS, SuggestionRequest, Take
from engine.formats.songfile import StoredSuggestion, TakeRef, TakeState
from engine.music import MusicError, Origin, Role, Song, edits, region_digest

OPEN = frozenset({TakeState.OFFERED, TakeState.KEPT})


class Shelf(StrEnum):
    """Where the takes of an entry lie: the tabs of the panel."""

    CHORDS = "chords"
    MELODY = "melody"
    ARRANGE = "arrange"


def shelf_of(request: SuggestionRequest) -> Shelf:
    """Where the answers to a question are laid."""
    if request.kind in PART_KINDS | SONG_KINDS:
        return Shelf.ARRANGE
    return Shelf.CHORDS if request.writes_chords else Shelf.MELODY


class Progress(StrEnum):
    """How far the engine is with a request."""

    ASKED = "asked"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Entry:
    """A request and its takes. `digest` names the bars as they were when asked.

    `states` go by take index; `sentence` says why there is nothing. `growing` are takes that are still being
    written: they may be looked at, but not heard or decided about, and they are gone when nothing follows.
    """

    id: str
    request: SuggestionRequest
    digest: str
    takes: tuple[Take, ...] = ()
    progress: Progress = Progress.ASKED
    states: dict[int, TakeState] = field(default_factory=dict)
    withheld: int = 0
    sentence: str = ""
    growing: frozenset[int] = frozenset()

    @property
    def writes_chords(self) -> bool:
        """Whether accepting changes the chord lane (otherwise the notes of a track)."""
        return self.request.writes_chords

    @property
    def shelf(self) -> Shelf:
        return shelf_of(self.request)

    def take(self, index: int) -> Take | None:
        return next((take for take in self.takes if take.index == index), None)

    def state(self, index: int) -> TakeState:
        return self.states.get(index, TakeState.OFFERED)

    def with_take(self, take: Take) -> "Entry":
        """The take added, or put in the place of its partial form."""
        return self._with(take, self.growing - {take.index})

    def with_growing(self, take: Take) -> "Entry":
        """The take as far as it has come; one that is finished stays as it is."""
        is_finished = self.take(take.index) is not None and take.index not in self.growing
        return self if is_finished else self._with(take, self.growing | {take.index})

    def without_growing(self) -> "Entry":
        """Only what is finished: nothing more is coming."""
        finished = tuple(take for take in self.takes if take.index not in self.growing)
        return replace(self, takes=finished, growing=frozenset())

    def _with(self, take: Take, growing: frozenset[int]) -> "Entry":
        rest = [other for other in self.takes if other.index != take.index]
        ordered = tuple(sorted([*rest, take], key=lambda take: take.index))
        return replace(self, takes=ordered, growing=growing)

    def with_state(self, index: int, state: TakeState) -> "Entry":
        return replace(self, states={**self.states, index: state})

    def shown(self) -> tuple[Take, ...]:
        """The takes that were not rejected."""
        return tuple(take for take in self.takes if self.state(take.index) is not TakeState.REJECTED)

    def is_stale(self, song: Song) -> bool:
        """Whether the bars have changed since the question, by anything but takes of this very entry."""
        if self.request.kind in SONG_KINDS:
            return not (same_music(song, self.request.song) or self._is_partly_taken(song))
        if self.request.kind in PART_KINDS:
            song = as_asked(song, self.request, self.id)
        return self.digest != digest_of(song, self.request)

    def _is_partly_taken(self, song: Song) -> bool:
        own = self.id + "/"
        return any(note.source.startswith(own) for note in song.notes()) and still_holds(
            song, self.request.song
        )

    @property
    def has_accepted(self) -> bool:
        """Whether a take of this entry is in the song."""
        return any(state in (TakeState.ACCEPTED, TakeState.EDITED) for state in self.states.values())

    def waiting(self) -> int:
        """How many takes the artist has not decided about; none once one of them is in the song."""
        if self.has_accepted:
            return 0
        finished = (take.index for take in self.takes if take.index not in self.growing)
        return sum(self.state(index) in OPEN for index in finished)

    def ref(self, take: Take) -> TakeRef:
        """Names the take in the song file; its text is the source of the notes taken from it."""
        return TakeRef(self.id, take.index)


class StaleError(MusicError):
    """The bars have changed since the idea was asked for."""

    def __init__(self) -> None:
        super().__init__(
            "These bars have changed since the idea was made. Ask again for ideas that fit them."
        )


def digest_of(song: Song, request: SuggestionRequest) -> str:
    """Names the content of the request's bars in this song; empty when they cannot be found."""
    try:
        return region_digest(song, request.region)
    except MusicError:
        return ""


def song_with_take(
    song: Song,
    entry: Entry,
    take: Take,
    bars: Iterable[int] = (),
    origin: Origin = Origin.TAKEN,
    parts: Collection[int] = (),
    sections: Collection[int] = (),
) -> Song:
    """The song with the take in its place, whole or only in the 0-based `bars`. Raises MusicError.

    `parts` and `sections` are places in the take's parts and plan; none named means all of them. Of a take
    that is a whole song, `sections` are put into the song one by one, else it replaces the song.
    """
    source = str(entry.ref(take))
    if take.song is not None:
        asked = entry.request.song
        if sections:
            return with_sections(song, asked, take, sections, parts, source, origin)
        return with_whole(song, asked, take, parts, source, origin)
    if take.parts:
        return with_parts(song, take, _stretches(song, entry, bars), parts, source, origin)
    for start, end in _stretches(song, entry, bars):
        if entry.writes_chords:
            song = edits.replace_chords(song, start, end, take.chords, origin=origin, source=source)
        else:
            song, track_id = _target_track(song, entry)
            song = edits.replace_notes(
                song,
                track_id,
                start,
                end,
                take.notes,
                origin=origin,
                source=source,
                kept_ids=take.kept_note_ids,
            )
    return song


def accepted_song(
    song: Song,
    entry: Entry,
    take: Take,
    bars: Iterable[int] = (),
    parts: Collection[int] = (),
    sections: Collection[int] = (),
) -> Song:
    """As `song_with_take`, but refused when the bars have changed. Raises StaleError, MusicError."""
    if entry.is_stale(song):
        raise StaleError
    return song_with_take(song, entry, take, bars, parts=parts, sections=sections)


def _stretches(song: Song, entry: Entry, bars: Iterable[int]) -> list[tuple[int, int]]:
    """Tick spans of the chosen bars, neighbours joined; the whole region when none is chosen."""
    region = entry.request.region
    chosen = sorted({bar for bar in bars if region.start_bar <= bar < region.end_bar})
    runs: list[list[int]] = [] if chosen else [[region.start_bar, region.end_bar]]
    for bar in chosen:
        if runs and runs[-1][1] == bar:
            runs[-1][1] = bar + 1
        else:
            runs.append([bar, bar + 1])
    return [(song.time_map.bar_start(start), song.time_map.bar_start(end)) for start, end in runs]


def _target_track(song: Song, entry: Entry) -> tuple[Song, int]:
    """The track the take is for; a song without one gets it."""
    request = entry.request
    wanted = next((track for track in song.tracks if track.id == request.track_id), None)
    wanted = wanted or song.track_in_role(request.role)
    if wanted is not None:
        return song, wanted.id
    place = 0 if request.role is Role.MELODY else None
    return edits.add_track(song, request.role.value.capitalize(), request.role, at=place), song.next_id


class Board:
    """All entries of the open song, oldest first."""

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        self._entries = {entry.id: entry for entry in entries}

    def __iter__(self):  # type: ignore[no-untyped-def]
        return iter(tuple(self._entries.values()))

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, entry_id: str) -> Entry | None:
        return self._entries.get(entry_id)

    def put(self, entry: Entry) -> None:
        self._entries[entry.id] = entry

    def latest(self, shelf: Shelf) -> Entry | None:
        """The newest entry of a tab."""
        return next((entry for entry in reversed(self._entries.values()) if entry.shelf is shelf), None)

    def on_table(self, shelf: Shelf) -> Entry | None:
        """The entry whose takes lie on the tab: a question without an answer leaves the former ones there."""
        mine = [entry for entry in self._entries.values() if entry.shelf is shelf]
        return next((entry for entry in reversed(mine) if entry.takes), mine[-1] if mine else None)

    def kept_entries(self) -> tuple[Entry, ...]:
        """Entries with a take in the tray, newest first."""
        return tuple(
            entry for entry in reversed(self._entries.values()) if TakeState.KEPT in entry.states.values()
        )

    def waiting(self) -> int:
        """Ideas on the tabs without a decision ("3 ideas waiting")."""
        return sum(entry.waiting() for entry in map(self.on_table, Shelf) if entry is not None)


def stored_entry(stored: StoredSuggestion) -> Entry:
    """The entry that a song file holds; a question that was never answered counts as cancelled."""
    return Entry(
        stored.id,
        stored.request,
        stored.digest,
        tuple(item.take for item in stored.takes),
        Progress.DONE if stored.takes or stored.withheld else Progress.CANCELLED,
        {item.take.index: item.state for item in stored.takes},
        stored.withheld,
    )
