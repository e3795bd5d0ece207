"""How does a song file begin, and what is in one that is opened?

`read_song`, `peek` and `remove_song` need no open SongFile; the rest is what SongFile is made with.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from operator import attrgetter
from pathlib import Path
from typing import Any

import engine.formats.songfile.connection as connections
from engine.formats.songfile.errors import DamagedSongError, in_words
from engine.formats.songfile.lock import SongLock
from engine.formats.songfile.parts import EMPTY, SongParts, cut
from engine.formats.songfile.records import SketchSource
from engine.formats.songfile.schema import write_schema
from engine.formats.songfile.store import Place, SongStore
from engine.music.errors import MusicError
from engine.music.note import Note
from engine.music.progression import ChordSpan
from engine.music.song import Song
from engine.provenance.difference import Difference, difference
from engine.provenance.ledger import Act, Actor, Entry
from engine.provenance.record import describe, span_of


def read_song(path: Path) -> Song:
    """The song in the file as it is now, also while a window works on it. Raises SongFileError."""
    store = SongStore(connections.open_for_reading(Path(path)), Path(path))
    try:
        return read_now(store)[0].song
    finally:
        store.connection.close()


def peek(path: Path) -> tuple[str, datetime | None]:
    """Title and time of the last change, without reading the music. Raises SongFileError."""
    store = SongStore(connections.open_for_peeking(Path(path)), Path(path))
    try:
        store.go_to_end_of_ledger()
        with in_words(store.path):
            title = store.reader.read_title(store.place().content)
        return title, store.last_written_at()
    except MusicError as error:
        raise DamagedSongError(store.path) from error
    finally:
        store.connection.close()


def remove_song(path: Path) -> None:
    """Deletes a song file for good. Raises SongFileError when a window has it open."""
    lock = SongLock(path)
    lock.acquire()
    try:
        with in_words(path):
            for suffix in ("", "-wal", "-shm"):
                path.with_name(path.name + suffix).unlink(missing_ok=True)
    finally:
        lock.release()


def begin_song(store: SongStore, song: Song, sketch: SketchSource | None) -> SongParts:
    """The first rows of a new file, in one transaction with its tables."""
    found = difference(Song(), song)
    song = replace(song, next_id=next_free_id(Song(), song, found))
    parts, new = cut(song)
    payload = describe(found) | ({"sketch": sketch_record(sketch)} if sketch else {})
    payload.pop("difference", None)
    actor, act = (Actor.IMPORT, Act.IMPORT) if sketch else (Actor.ARTIST, Act.BEGIN)
    with store.change(Entry(actor, act, payload, span_of(found, song), after=parts.hash)):
        write_schema(store.connection)
        store.begin_song(Place(parts.hash, 0, song.next_id))
        store.add_parts(new)
        if sketch is not None:
            store.add_sketch(sketch)
    return parts


def read_now(store: SongStore, near: SongParts = EMPTY) -> tuple[SongParts, Place]:
    """The song where the file stands, with a next id that nothing in it has. Raises SongFileError."""
    place = store.place()
    parts = read_content(store, place.content, place.next_id, near)
    song = parts.song
    ids = [_largest_id(track.notes) for track in song.tracks] + [_largest_id(song.chords)] + _part_ids(song)
    return replace(parts, song=replace(song, next_id=max(song.next_id, max(ids) + 1))), place


def _largest_id(items: Iterable[Note | ChordSpan]) -> int:
    return max(map(attrgetter("id"), items), default=0)


def read_content(store: SongStore, content: str, next_id: int, near: SongParts) -> SongParts:
    """The song of a content hash, sharing what it has in common with `near`. Raises SongFileError."""
    with in_words(store.path):
        try:
            return store.reader.read_song(content, next_id, near)
        except (MusicError, ValueError, OverflowError) as error:
            raise DamagedSongError(store.path) from error


def next_free_id(before: Song, after: Song, found: Difference) -> int:
    """The next id that nothing in either song has had."""
    used = [c.after.id for c in found.notes if c.after is not None]
    used += [c.after.id for c in found.chords if c.after is not None]
    return max(before.next_id, after.next_id, max(used + _part_ids(after), default=0) + 1)


def _part_ids(song: Song) -> list[int]:
    return [track.id for track in song.tracks] + [section.id for section in song.sections]


def sketch_record(sketch: SketchSource) -> dict[str, Any]:
    """What the ledger says of a sketch."""
    return {
        "sha256": sketch.sha256,
        "name": sketch.name,
        "owner": sketch.owner,
        "source": sketch.source,
        "bytes": len(sketch.data),
    }
