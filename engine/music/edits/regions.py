"""How is a passage replaced as a whole? This is what accepting a take does.

Only what begins in the stretch is replaced; locked notes and chords stay; a note of the same part that
sounds into the stretch is cut at its start.
"""

from collections.abc import Collection, Iterable
from dataclasses import replace

from engine.music.edits.chords import clear_chords, with_chords
from engine.music.edits.common import numbered, with_more_notes, with_track
from engine.music.note import Note, Origin
from engine.music.progression import ChordSpan, clip_spans
from engine.music.song import Song


def replace_notes(
    song: Song,
    track_id: int,
    start_ticks: int,
    end_ticks: int,
    notes: Iterable[Note],
    *,
    origin: Origin = Origin.TAKEN,
    source: str = "",
    kept_ids: Collection[int] = (),
) -> Song:
    """These notes instead of the track's own in the half-open stretch.

    Notes in `kept_ids` and locked notes stay as they are, ids and provenance included; a new note that equals
    one of them (same start, length and pitch) is not added again. New notes get fresh ids, `origin` and
    `source`, and end with the stretch at the latest. Notes that begin outside the stretch are left out.
    """
    track = song.track(track_id)
    kept = [
        note
        for note in track.notes
        if not start_ticks <= note.start_ticks < end_ticks or note.locked or note.id in kept_ids
    ]
    standing = {
        (note.start_ticks, note.duration_ticks, note.pitch)
        for note in track.notes_in(start_ticks, end_ticks)
        if note.locked or note.id in kept_ids
    }
    new = [
        replace(
            note,
            duration_ticks=min(note.duration_ticks, end_ticks - note.start_ticks),
            origin=origin,
            source=source,
            locked=False,
        )
        for note in notes
        if start_ticks <= note.start_ticks < end_ticks
        and (note.start_ticks, note.duration_ticks, note.pitch) not in standing
    ]
    song, fresh = numbered(song, new)
    trimmed = [
        _ends_by(note, start_ticks) if note.start_ticks < start_ticks < note.end_ticks else note
        for note in kept
    ]
    return with_track(song, with_more_notes(track, trimmed, fresh))


def replace_chords(
    song: Song,
    start_ticks: int,
    end_ticks: int,
    spans: Iterable[ChordSpan],
    *,
    origin: Origin = Origin.TAKEN,
    source: str = "",
) -> Song:
    """These chords instead of the song's in the half-open stretch; locked ones stay and win."""
    locked = [span for span in song.chords if span.locked and start_ticks <= span.start_ticks < end_ticks]
    song = clear_chords(song, start_ticks, end_ticks)
    new: list[ChordSpan] = []
    for span in clip_spans(spans, start_ticks, end_ticks):
        new.extend(_outside(replace(span, origin=origin, source=source, locked=False), locked))
    numbered_spans = [replace(span, id=song.next_id + index) for index, span in enumerate(new)]
    song = replace(song, next_id=song.next_id + len(new))
    return with_chords(song, (*song.chords, *locked, *numbered_spans))


def _ends_by(note: Note, end_ticks: int) -> Note:
    return replace(note, duration_ticks=min(note.duration_ticks, end_ticks - note.start_ticks))


def _outside(span: ChordSpan, walls: Iterable[ChordSpan]) -> list[ChordSpan]:
    """What is left of the span where none of the walls stands."""
    pieces = [(span.start_ticks, span.end_ticks)]
    for wall in walls:
        cut: list[tuple[int, int]] = []
        for start, end in pieces:
            cut += [(start, min(end, wall.start_ticks)), (max(start, wall.end_ticks), end)]
        pieces = [(start, end) for start, end in cut if end > start]
    return [replace(span, start_ticks=start, duration_ticks=end - start) for start, end in pieces]
