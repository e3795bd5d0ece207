"""What all edits share: finding notes, writing tracks back, giving out ids."""

from bisect import insort
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace

from engine.music.errors import EditError
from engine.music.note import Note, note_order
from engine.music.song import Song
from engine.music.track import Track

LOWEST_PITCH, HIGHEST_PITCH = 0, 127
_FEW = 64  # so many notes are put in their places one by one; more are sorted with the rest


def with_track(song: Song, track: Track) -> Song:
    """The song with the track of the same id replaced."""
    return replace(song, tracks=tuple(track if old.id == track.id else old for old in song.tracks))


def with_notes(track: Track, notes: Iterable[Note]) -> Track:
    """The track with these notes, in their order."""
    return replace(track, notes=tuple(sorted(notes, key=note_order)))


def numbered(song: Song, notes: Iterable[Note]) -> tuple[Song, tuple[Note, ...]]:
    """The notes under fresh ids, and the song that has given them out."""
    fresh = tuple(replace(note, id=song.next_id + index) for index, note in enumerate(notes))
    return replace(song, next_id=song.next_id + len(fresh)), fresh


def find_notes(song: Song, note_ids: Collection[int]) -> tuple[Note, ...]:
    """The notes with these ids. Raises EditError when one is not in the song."""
    wanted = frozenset(note_ids)
    found = tuple(note for track in song.tracks for note in track.notes if note.id in wanted)
    if len(found) != len(wanted):
        raise EditError("A note that was to be changed is no longer in the song.")
    return found


def change_notes(song: Song, note_ids: Collection[int], change: Callable[[Note], Note]) -> Song:
    """The song with `change` applied to each of the notes. Raises EditError for an unknown id."""
    wanted = frozenset(note_ids)
    find_notes(song, wanted)
    tracks = tuple(_changed_track(track, wanted, change) for track in song.tracks)
    return song if tracks == song.tracks else replace(song, tracks=tracks)


def _changed_track(track: Track, wanted: frozenset[int], change: Callable[[Note], Note]) -> Track:
    changed = [change(note) for note in track.notes if note.id in wanted]
    if not changed:
        return track
    rest = [note for note in track.notes if note.id not in wanted]
    if len(changed) > _FEW:
        return with_notes(track, rest + changed)
    for note in changed:
        insort(rest, note, key=note_order)
    return replace(track, notes=tuple(rest))
