"""What all edits share: finding notes, writing tracks back, giving out ids."""

from bisect import insort
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from operator import attrgetter

from engine.music.errors import EditError
from engine.music.note import Note
from engine.music.song import Song
from engine.music.track import Track

LOWEST_PITCH, HIGHEST_PITCH = 0, 127
_ORDER = attrgetter("start_ticks", "pitch", "id")  # engine.music.note.note_order, quicker
_ID = attrgetter("id")
_FEW = 64  # so many notes are put in their places one by one; more are sorted with the rest


def with_track(song: Song, track: Track) -> Song:
    """The song with the track of the same id replaced."""
    return replace(song, tracks=tuple(track if old.id == track.id else old for old in song.tracks))


def with_notes(track: Track, notes: Iterable[Note]) -> Track:
    """The track with these notes, in their order."""
    return replace(track, notes=tuple(sorted(notes, key=_ORDER)))


def with_more_notes(track: Track, standing: list[Note], more: Sequence[Note]) -> Track:
    """The track with the `standing` notes, which are in order, and these; takes the list over."""
    if len(more) > _FEW:
        return with_notes(track, [*standing, *more])
    for note in more:
        insort(standing, note, key=_ORDER)
    return replace(track, notes=tuple(standing))


def numbered(song: Song, notes: Iterable[Note]) -> tuple[Song, tuple[Note, ...]]:
    """The notes under fresh ids, and the song that has given them out."""
    fresh = tuple(replace(note, id=song.next_id + index) for index, note in enumerate(notes))
    return replace(song, next_id=song.next_id + len(fresh)), fresh


def find_notes(song: Song, note_ids: Collection[int]) -> tuple[Note, ...]:
    """The notes with these ids. Raises EditError when one is not in the song."""
    wanted = frozenset(note_ids)
    found = tuple([note for track in song.tracks for note in track.notes if note.id in wanted])
    if len(found) != len(wanted):
        raise EditError("A note that was to be changed is no longer in the song.")
    return found


def change_notes(song: Song, note_ids: Collection[int], change: Callable[[Note], Note]) -> Song:
    """The song with `change` applied to each of the notes. Raises EditError for an unknown id."""
    return change_all_notes(song, note_ids, lambda notes: tuple(map(change, notes)))


def change_all_notes(
    song: Song, note_ids: Collection[int], change: Callable[[list[Note]], tuple[Note, ...]]
) -> Song:
    """As `change_notes`, with the notes of a track changed together."""
    wanted = frozenset(note_ids)
    find_notes(song, wanted)
    tracks = tuple(_changed_track(track, wanted, change) for track in song.tracks)
    return song if tracks == song.tracks else replace(song, tracks=tracks)


def _changed_track(
    track: Track, wanted: frozenset[int], change: Callable[[list[Note]], tuple[Note, ...]]
) -> Track:
    if wanted.isdisjoint(map(_ID, track.notes)):
        return track
    changed = change([note for note in track.notes if note.id in wanted])
    rest = [note for note in track.notes if note.id not in wanted]
    return with_more_notes(track, rest, changed)
