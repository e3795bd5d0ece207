"""How does a whole song that the engine laid out become the artist's song?

The song that was asked about lives on in it: what has the id it had then is the same note, and a copy of a
note tells where that note came from. Only what has no source and calls itself taken is the engine's, and gets
the take as its source. Every copy and everything new has an id that was never used before.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import TypeVar

from engine.music.note import Note, Origin
from engine.music.progression import ChordSpan
from engine.music.song import Song
from engine.music.track import Track

T = TypeVar("T", Note, ChordSpan)


class Naming:
    """Gives out ids and sources for what comes into `song` from a song made of `asked`."""

    def __init__(self, song: Song, asked: Song, source: str, origin: Origin = Origin.TAKEN) -> None:
        self.next_id = song.next_id
        self._source, self._origin = source, origin
        self._first_new_id = asked.next_id
        self._free = {note.id for note in song.notes()} | {span.id for span in song.chords}
        self._tracks = {track.id for track in song.tracks}

    def reserve(self, items: Iterable[Note | ChordSpan]) -> None:
        """These stand in the song already: their ids cannot be used again."""
        self._free.difference_update(item.id for item in items)

    def named(self, item: T) -> T:
        """The item under its own id when it is free, else a fresh one; new ones with the take as source."""
        is_same = item.id < self._first_new_id and item.id in self._free
        item_id = item.id if is_same else self.fresh()
        self._free.discard(item_id)
        if is_new(item):
            return replace(item, id=item_id, origin=self._origin, source=self._source, locked=False)
        return item if is_same else replace(item, id=item_id)

    def fresh(self) -> int:
        self.next_id += 1
        return self.next_id - 1

    def has_track(self, track: Track) -> bool:
        """Whether the track is one of the song's own."""
        return track.id < self._first_new_id and track.id in self._tracks


def is_new(item: Note | ChordSpan) -> bool:
    """Whether the engine wrote it for this take; what was accepted before names its take."""
    return item.origin is Origin.TAKEN and not item.source


def adopt_song(
    song: Song, whole: Song, asked: Song, *, source: str = "", origin: Origin = Origin.TAKEN
) -> Song:
    """The song `whole`, which was made of `asked`, in the place of this one; its title stays."""
    naming = Naming(song, asked, source, origin)
    mix = {track.id: track for track in song.tracks}
    tracks = []
    for track in whole.tracks:
        notes = tuple(sorted(map(naming.named, track.notes), key=lambda n: (n.start_ticks, n.pitch, n.id)))
        if naming.has_track(track):
            own = mix[track.id]
            kept = replace(track, name=own.name, level=own.level, muted=own.muted, soloed=own.soloed)
            tracks.append(replace(kept, notes=notes))
        else:
            tracks.append(replace(track, id=naming.fresh(), notes=notes))
    chords = tuple(map(naming.named, whole.chords))
    sections = tuple(replace(section, id=naming.fresh()) for section in whole.sections)
    aspects = (*song.corrected, *(aspect for aspect in whole.corrected if aspect not in song.corrected))
    return replace(
        whole,
        title=song.title,
        tracks=tuple(tracks),
        chords=chords,
        sections=sections,
        corrected=aspects,
        next_id=naming.next_id,
    )


def without_new(song: Song, track_ids: Iterable[int], asked: Song) -> Song:
    """A song made of `asked` without what the engine wrote for these tracks; tracks it made for that go."""
    unwanted = frozenset(track_ids)
    known = {track.id for track in asked.tracks}
    return replace(
        song,
        tracks=tuple(
            replace(track, notes=tuple(note for note in track.notes if not is_new(note)))
            if track.id in unwanted
            else track
            for track in song.tracks
            if track.id not in unwanted or track.id in known
        ),
    )
