"""How does the artist change the chords? Spans stay sorted and never overlap: a new one cuts the old."""

from collections.abc import Collection, Iterable
from dataclasses import replace

from engine.music.chord import Chord
from engine.music.errors import EditError
from engine.music.note import Origin
from engine.music.progression import ChordSpan
from engine.music.song import Song


def set_chord(
    song: Song,
    start_ticks: int,
    duration_ticks: int,
    chord: Chord,
    origin: Origin = Origin.DRAWN,
    source: str = "",
) -> Song:
    """The chord for this stretch; what stood there gives way. Its id is the old `next_id`."""
    if start_ticks < 0 or duration_ticks < 1:
        raise EditError("A chord must start within the song and last at least one tick.")
    new = ChordSpan(song.next_id, start_ticks, duration_ticks, chord, origin, source)
    song = clear_chords(replace(song, next_id=song.next_id + 1), start_ticks, start_ticks + duration_ticks)
    return with_chords(song, (*song.chords, new))


def change_chord(song: Song, span_id: int, chord: Chord) -> Song:
    """Another chord in the same place: drawn by hand, or edited if it was an idea's."""
    span = find_chord(song, span_id)
    origin = Origin.EDITED if span.origin in (Origin.TAKEN, Origin.EDITED) else Origin.DRAWN
    return _with_span(song, replace(span, chord=chord, origin=origin, confidence=1.0))


def move_chord(song: Song, span_id: int, start_ticks: int, duration_ticks: int) -> Song:
    """The chord in another place or length; neighbours give way."""
    span = find_chord(song, span_id)
    if start_ticks < 0 or duration_ticks < 1:
        raise EditError("A chord must start within the song and last at least one tick.")
    rest = replace(song, chords=tuple(other for other in song.chords if other.id != span_id))
    rest = clear_chords(rest, start_ticks, start_ticks + duration_ticks)
    origin = {Origin.HEARD: Origin.DRAWN, Origin.TAKEN: Origin.EDITED}.get(span.origin, span.origin)
    moved = replace(
        span, start_ticks=start_ticks, duration_ticks=duration_ticks, origin=origin, confidence=1.0
    )
    return with_chords(rest, (*rest.chords, moved))


def delete_chords(song: Song, span_ids: Collection[int]) -> Song:
    return replace(song, chords=tuple(span for span in song.chords if span.id not in span_ids))


def lock_chords(song: Song, span_ids: Collection[int], locked: bool = True) -> Song:
    """Whether the engine must leave the chords alone."""
    chords = tuple(replace(span, locked=locked) if span.id in span_ids else span for span in song.chords)
    return replace(song, chords=chords)


def clear_chords(song: Song, start_ticks: int, end_ticks: int) -> Song:
    """Nothing in the stretch; spans that reach into it are cut, one that covers it is cut in two."""
    kept: list[ChordSpan] = []
    next_id = song.next_id
    for span in song.chords:
        before = min(span.end_ticks, start_ticks) - span.start_ticks
        after = span.end_ticks - max(span.start_ticks, end_ticks)
        if before > 0:
            kept.append(replace(span, duration_ticks=before))
        if after > 0:
            span_id = next_id if before > 0 else span.id
            next_id += before > 0
            kept.append(replace(span, id=span_id, start_ticks=span.end_ticks - after, duration_ticks=after))
    return with_chords(replace(song, next_id=next_id), kept)


def with_chords(song: Song, spans: Iterable[ChordSpan]) -> Song:
    return replace(song, chords=tuple(sorted(spans, key=lambda span: span.start_ticks)))


def find_chord(song: Song, span_id: int) -> ChordSpan:
    """The span with the id. Raises EditError when it is gone."""
    for span in song.chords:
        if span.id == span_id:
            return span
    raise EditError("That chord is no longer in the song.")


def _with_span(song: Song, span: ChordSpan) -> Song:
    return replace(song, chords=tuple(span if other.id == span.id else other for other in song.chords))
