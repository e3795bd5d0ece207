"""How does the artist change notes? Every function takes a song and gives a new one.

Moves are limited, for the whole group alike, so that no note leaves pitches 0-127 or starts before tick 0.
Nothing here minds locks: they bind the engine, not the artist.

>>> from engine.music import Note, Song, Track
>>> song = Song(tracks=(Track(1, "Lead", notes=(Note(2, 0, 480, 60),)),), next_id=3)
>>> transpose_notes(song, [2], 12).tracks[0].notes[0].pitch
72
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from engine.music.edits.common import (
    HIGHEST_PITCH,
    LOWEST_PITCH,
    change_all_notes,
    change_notes,
    find_notes,
    numbered,
    with_more_notes,
    with_notes,
    with_track,
)
from engine.music.errors import EditError
from engine.music.note import Note, Origin, moved_notes
from engine.music.song import Song


def insert_notes(song: Song, track_id: int, notes: Iterable[Note]) -> Song:
    """The notes, under fresh ids (from `song.next_id` on, in order), in the track."""
    notes = tuple(notes)
    for note in notes:
        _require_playable(note)
    track = song.track(track_id)
    song, fresh = numbered(song, notes)
    return with_track(song, with_more_notes(track, list(track.notes), fresh))


def insert_note(
    song: Song,
    track_id: int,
    start_ticks: int,
    duration_ticks: int,
    pitch: int,
    velocity: int = 80,
    origin: Origin = Origin.DRAWN,
) -> Song:
    """One new note; its id is the old `song.next_id`."""
    return insert_notes(song, track_id, [Note(0, start_ticks, duration_ticks, pitch, velocity, origin)])


def delete_notes(song: Song, note_ids: Collection[int]) -> Song:
    wanted = frozenset(note_ids)
    find_notes(song, wanted)
    tracks = tuple(
        replace(track, notes=tuple(note for note in track.notes if note.id not in wanted))
        if any(note.id in wanted for note in track.notes)
        else track
        for track in song.tracks
    )
    return replace(song, tracks=tracks)


def move_notes(song: Song, note_ids: Collection[int], ticks: int = 0, semitones: int = 0) -> Song:
    """The notes moved together in time and pitch, as far as all of them can go."""
    notes = find_notes(song, note_ids)
    if not notes:
        return song
    ticks = max(ticks, -min(note.start_ticks for note in notes))
    lowest, highest = min(note.pitch for note in notes), max(note.pitch for note in notes)
    semitones = max(LOWEST_PITCH - lowest, min(HIGHEST_PITCH - highest, semitones))
    return change_all_notes(
        song,
        note_ids,
        lambda moving: moved_notes(
            moving,
            [note.start_ticks + ticks for note in moving],
            [note.pitch + semitones for note in moving],
        ),
    )


def transpose_notes(song: Song, note_ids: Collection[int], semitones: int) -> Song:
    return move_notes(song, note_ids, semitones=semitones)


def resize_notes(
    song: Song, note_ids: Collection[int], ticks: int, *, from_start: bool = False, shortest_ticks: int = 1
) -> Song:
    """Each note longer or shorter by `ticks` at its end, or (from_start) its start moved by `ticks`."""

    def resized(note: Note) -> Note:
        if not from_start:
            return replace(note, duration_ticks=max(shortest_ticks, note.duration_ticks + ticks))
        start = max(0, min(note.start_ticks + ticks, note.end_ticks - shortest_ticks))
        return replace(note, start_ticks=start, duration_ticks=note.end_ticks - start)

    return change_notes(song, note_ids, resized)


def duplicate_notes(song: Song, note_ids: Collection[int], ticks: int = 0, semitones: int = 0) -> Song:
    """Copies of the notes in their tracks, moved; the copies have the ids from the old `next_id` on."""
    wanted = frozenset(note_ids)
    find_notes(song, wanted)
    first_new = song.next_id
    for track in song.tracks:
        copies = [replace(note, locked=False) for note in track.notes if note.id in wanted]
        song = insert_notes(song, track.id, copies) if copies else song
    return move_notes(song, range(first_new, song.next_id), ticks, semitones)


def paste_notes(song: Song, track_id: int, notes: Iterable[Note], at_tick: int) -> Song:
    """Notes from a clipboard, the earliest at `at_tick`; provenance comes along."""
    notes = tuple(notes)
    if not notes:
        return song
    shift = at_tick - min(note.start_ticks for note in notes)
    moved = (replace(note, start_ticks=note.start_ticks + shift, locked=False) for note in notes)
    return insert_notes(song, track_id, moved)


def set_velocities(song: Song, velocities: Mapping[int, int]) -> Song:
    """New velocities by note id, kept within 1-127."""
    return change_notes(
        song,
        velocities.keys(),
        lambda note: replace(note, velocity=max(1, min(127, velocities[note.id]))),
    )


def lock_notes(song: Song, note_ids: Collection[int], locked: bool = True) -> Song:
    """Whether the engine must leave the notes alone."""
    return change_notes(song, note_ids, lambda note: replace(note, locked=locked))


def split_notes(song: Song, note_ids: Collection[int], at_tick: int) -> Song:
    """Each of the notes that sounds across `at_tick` becomes two; the first half keeps its id."""
    for note in find_notes(song, note_ids):
        if not note.start_ticks < at_tick < note.end_ticks:
            continue
        track = next(track for track in song.tracks if note in track.notes)
        first = replace(note, duration_ticks=at_tick - note.start_ticks)
        second = replace(note, start_ticks=at_tick, duration_ticks=note.end_ticks - at_tick)
        song, (second,) = numbered(song, [second])
        kept = [first if other.id == note.id else other for other in track.notes]
        song = with_track(song, with_notes(track, [*kept, second]))
    return song


def join_notes(song: Song, note_ids: Collection[int]) -> Song:
    """The notes of one pitch in one track become one, from the first start to the last end."""
    notes = find_notes(song, note_ids)
    if len(notes) < 2:
        return song
    owners = [track for track in song.tracks if any(note in track.notes for note in notes)]
    if len(owners) != 1:
        raise EditError("Only notes of one part can be joined.")
    for pitch in sorted({note.pitch for note in notes}):
        same = [note for note in notes if note.pitch == pitch]
        if len(same) > 1:
            first = min(same, key=lambda note: (note.start_ticks, note.id))
            end = max(note.end_ticks for note in same)
            song = delete_notes(song, [note.id for note in same if note.id != first.id])
            song = change_notes(song, [first.id], lambda note, end=end: _until(note, end))  # type: ignore[misc]
    return song


def _until(note: Note, end_ticks: int) -> Note:
    return replace(note, duration_ticks=end_ticks - note.start_ticks)


def _require_playable(note: Note) -> None:
    if not LOWEST_PITCH <= note.pitch <= HIGHEST_PITCH:
        raise EditError("A note must lie between pitch 0 and 127.")
    if note.start_ticks < 0 or note.duration_ticks < 1:
        raise EditError("A note must start within the song and last at least one tick.")
    if not 1 <= note.velocity <= 127:
        raise EditError("A note's velocity must lie between 1 and 127.")
