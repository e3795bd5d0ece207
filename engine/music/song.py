"""The document: time map, sections, chords and tracks of one song, as a value.

An edit is a pure function `Song -> Song` (engine.music.edits). Ids of notes, chords, sections and tracks
come from one counter, `next_id`, and are never used twice.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from engine.music.errors import MusicError
from engine.music.key import Key
from engine.music.note import Note
from engine.music.progression import ChordSpan
from engine.music.recording import Recording
from engine.music.section import Section
from engine.music.timemap import TimeMap
from engine.music.track import Role, Track


class Aspect(StrEnum):
    """What the artist may correct; a corrected aspect outranks the analysis for good."""

    KEY = "key"
    CHORDS = "chords"
    METRE = "metre"
    TEMPO = "tempo"
    SECTIONS = "sections"
    ROLES = "roles"


@dataclass(frozen=True, slots=True)
class Marker:
    tick: int
    text: str


@dataclass(frozen=True, slots=True)
class Song:
    """Everything the artist has; tracks keep their order on screen. `recordings` play under the notes."""

    title: str = ""
    time_map: TimeMap = TimeMap()
    sections: tuple[Section, ...] = ()
    chords: tuple[ChordSpan, ...] = ()
    tracks: tuple[Track, ...] = ()
    markers: tuple[Marker, ...] = ()
    corrected: tuple[Aspect, ...] = ()
    next_id: int = 1
    recordings: tuple[Recording, ...] = ()

    @property
    def end_ticks(self) -> int:
        """Where the last note, chord or section ends."""
        ends = [track.end_ticks for track in self.tracks]
        ends += [span.end_ticks for span in self.chords[-1:]]
        ends += [self.time_map.bar_start(section.end_bar) for section in self.sections[-1:]]
        return max(ends, default=0)

    @property
    def bars(self) -> int:
        """How many bars the song fills, at least one."""
        return max(1, self.time_map.bars_in(self.end_ticks))

    @property
    def key(self) -> Key:
        """The key the song begins in; C major when nothing is known."""
        return self.time_map.keys[0].key if self.time_map.keys else Key()

    def key_at(self, tick: int) -> Key:
        return self.time_map.key_at(tick) or self.key

    def track(self, track_id: int) -> Track:
        """The track with the id. Raises MusicError when there is none."""
        for track in self.tracks:
            if track.id == track_id:
                return track
        raise MusicError("That track is not in this song.")

    def track_in_role(self, role: Role) -> Track | None:
        """The first track that plays the role."""
        return next((track for track in self.tracks if track.role is role), None)

    def notes(self) -> Iterator[Note]:
        for track in self.tracks:
            yield from track.notes

    def section_at_bar(self, bar: int) -> Section | None:
        return next(
            (section for section in self.sections if section.start_bar <= bar < section.end_bar), None
        )
