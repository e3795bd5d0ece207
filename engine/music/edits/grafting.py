"""How does one section of a song that the engine laid out come into the artist's song?

Bars of the one song are put between two bars of the other, or in the place of some: notes, chords, sections,
tempo and metre go along, what follows moves, nothing outside the bars changes. A section put in front of an
upbeat ends with it: the upbeat sounds in its last bar.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import TypeVar

from engine.music.edits.adopting import Naming
from engine.music.errors import EditError
from engine.music.note import Note, Origin, note_order
from engine.music.progression import ChordSpan, clip_spans
from engine.music.section import Section
from engine.music.song import Song
from engine.music.timemap import KeyChange, MetreChange, Tempo, TimeMap
from engine.music.track import Track

Change = TypeVar("Change", Tempo, MetreChange, KeyChange)


@dataclass(frozen=True, slots=True)
class Graft:
    """Bars `from_bar` to before `from_bar + bars` of `whole`, which was made of `asked`.

    They go into the song before bar `at_bar`, in the place of `instead_of` bars.
    """

    whole: Song
    asked: Song
    from_bar: int
    bars: int
    at_bar: int
    instead_of: int = 0

    @property
    def source_ticks(self) -> tuple[int, int]:
        time_map = self.whole.time_map
        return time_map.bar_start(self.from_bar), time_map.bar_start(self.from_bar + self.bars)


@dataclass(frozen=True, slots=True)
class _Seam:
    """Where it goes in the song, in ticks: [start, end) gives way to `length` ticks of new music."""

    start: int
    end: int
    length: int
    upbeat: int  # ticks of the song's own upbeat that sound inside the new music

    def moved(self, tick: int) -> int:
        """Where a tick from the seam's end on comes to be."""
        return tick - self.end + self.start + self.length - self.upbeat

    @property
    def new_end(self) -> int:
        return self.start + self.length


def graft_section(
    song: Song, graft: Graft, section: Section, *, source: str = "", origin: Origin = Origin.TAKEN
) -> Song:
    """The song with the section in it; `section` names it (its bars are the graft's). Raises EditError."""
    seam = _seam(song, graft)
    naming = Naming(song, graft.asked, source, origin)
    first, last = graft.source_ticks
    for track in song.tracks:
        naming.reserve(note for note in track.notes if not seam.start <= note.start_ticks < seam.end)
    chords = _chords(song, graft, seam, naming)
    tracks = _tracks(song, graft, seam, naming, source)
    sections = _sections(song, graft, section, naming)
    markers = [m for m in song.markers if m.tick < seam.start]
    markers += [replace(m, tick=seam.moved(m.tick)) for m in song.markers if m.tick >= seam.end]
    return replace(
        song,
        time_map=_time_map(song.time_map, graft.whole.time_map, first, last, seam),
        tracks=tracks,
        chords=chords,
        sections=sections,
        markers=tuple(markers),
        recordings=tuple(
            replace(each, tick=seam.moved(each.tick)) if each.tick >= seam.end else each
            for each in song.recordings
        ),
        next_id=naming.next_id,
    )


def _seam(song: Song, graft: Graft) -> _Seam:
    if graft.bars < 1 or graft.at_bar < 0 or graft.instead_of < 0:
        raise EditError("A section must hold at least one bar of the song.")
    start = song.time_map.bar_start(graft.at_bar)
    end = song.time_map.bar_start(graft.at_bar + graft.instead_of)
    first, last = graft.source_ticks
    is_before_upbeat = start == end == 0 and song.time_map.pickup_ticks > 0
    return _Seam(start, end, last - first, song.time_map.pickup_ticks if is_before_upbeat else 0)


def _chords(song: Song, graft: Graft, seam: _Seam, naming: Naming) -> tuple[ChordSpan, ...]:
    first, last = graft.source_ticks
    before = clip_spans(song.chords, 0, seam.start)
    after = clip_spans(song.chords, seam.end, max(song.end_ticks, seam.end) + 1)
    known = {span.id for span in before}
    naming.reserve((*before, *after))
    moved = [
        replace(
            span,
            id=naming.fresh() if span.id in known else span.id,
            start_ticks=seam.moved(span.start_ticks),
        )
        for span in after
    ]
    by = seam.start - first
    new = [
        naming.named(replace(span, start_ticks=span.start_ticks + by))
        for span in clip_spans(graft.whole.chords, first, last)
    ]
    cut = clip_spans(new, seam.start, seam.new_end - seam.upbeat)
    return (*before, *cut, *moved)


def _tracks(song: Song, graft: Graft, seam: _Seam, naming: Naming, source: str) -> tuple[Track, ...]:
    tracks = {track.id: _opened(track, seam) for track in song.tracks}
    for track in graft.whole.tracks:
        new = _new_notes(track, graft, seam, naming)
        if not new and not naming.has_track(track):
            continue
        home = _home(song, track, naming, source)
        if home is None:
            home = replace(track, id=naming.fresh(), notes=(), controls=())
            tracks[home.id] = home
        standing = tracks[home.id]
        tracks[home.id] = replace(standing, notes=tuple(sorted((*standing.notes, *new), key=note_order)))
    return tuple(tracks.values())


def _home(song: Song, track: Track, naming: Naming, source: str) -> Track | None:
    """The song's track that plays this part: the same one, or one made for an earlier section of the take."""
    if naming.has_track(track):
        return song.track(track.id)
    return next(
        (
            own
            for own in song.tracks
            if own.role is track.role and own.name == track.name and _comes_from(own, source)
        ),
        None,
    )


def _comes_from(track: Track, source: str) -> bool:
    return bool(source) and any(note.source == source for note in track.notes)


def _opened(track: Track, seam: _Seam) -> Track:
    """The track with a gap at the seam; what sounds into it is cut off."""
    notes = [
        note
        if note.end_ticks <= seam.start
        else replace(note, duration_ticks=min(note.duration_ticks, seam.start - note.start_ticks))
        for note in track.notes
        if note.start_ticks < seam.start
    ]
    notes += [
        replace(note, start_ticks=seam.moved(note.start_ticks))
        for note in track.notes
        if note.start_ticks >= seam.end
    ]
    controls = [event for event in track.controls if event.tick < seam.start]
    controls += [replace(e, tick=seam.moved(e.tick)) for e in track.controls if e.tick >= seam.end]
    return replace(track, notes=tuple(notes), controls=tuple(controls))


def _new_notes(track: Track, graft: Graft, seam: _Seam, naming: Naming) -> list[Note]:
    first, last = graft.source_ticks
    return [
        naming.named(
            replace(
                note,
                start_ticks=note.start_ticks - first + seam.start,
                duration_ticks=min(note.duration_ticks, last - note.start_ticks),
            )
        )
        for note in track.notes_in(first, last)
    ]


def _sections(song: Song, graft: Graft, section: Section, naming: Naming) -> tuple[Section, ...]:
    at, end = graft.at_bar, graft.at_bar + graft.instead_of
    placed: list[Section] = [replace(section, id=naming.fresh(), start_bar=at, bars=graft.bars)]
    for old in song.sections:
        before, after = min(old.end_bar, at) - old.start_bar, old.end_bar - max(old.start_bar, end)
        if before > 0:
            placed.append(replace(old, bars=before))
        if after > 0:
            start = max(old.start_bar, end) - end + at + graft.bars
            section_id = naming.fresh() if before > 0 else old.id
            placed.append(replace(old, id=section_id, start_bar=start, bars=after))
    return tuple(sorted(placed, key=lambda each: each.start_bar))


def _time_map(own: TimeMap, whole: TimeMap, first: int, last: int, seam: _Seam) -> TimeMap:
    def at(changes: tuple[Change, ...], tick: int) -> Change | None:
        return next((change for change in reversed(changes) if change.tick <= tick), None)

    def joined(
        mine: tuple[Change, ...], theirs: tuple[Change, ...], value: Callable[[Change], object]
    ) -> tuple[Change, ...]:
        """Mine before the seam, theirs in it, mine again after it."""
        after = seam.new_end - seam.upbeat
        new: list[Change] = [change for change in mine if change.tick < seam.start]
        new += [replace(c, tick=seam.start) for c in [at(theirs, first)] if c is not None]
        new += [replace(c, tick=c.tick - first + seam.start) for c in theirs if first < c.tick < last]
        if seam.upbeat:
            new = [change for change in new if change.tick < after]
        new += [replace(c, tick=after) for c in [at(mine, seam.end)] if c is not None]
        new += [replace(c, tick=seam.moved(c.tick)) for c in mine if c.tick > seam.end]
        return _without_repeats(new, value)

    metres = joined(own.metres, whole.metres, lambda change: change.metre)
    if seam.upbeat:  # the upbeat is part of the new music's last bar now
        metres = tuple(
            replace(c, tick=seam.new_end) if c.tick == seam.new_end - seam.upbeat else c for c in metres
        )
    return TimeMap(
        joined(own.tempos, whole.tempos, lambda change: change.us_per_quarter),
        metres,
        joined(own.keys, whole.keys, lambda change: change.key),
        0 if seam.upbeat else own.pickup_ticks,
    )


def _without_repeats(changes: Iterable[Change], value: Callable[[Change], object]) -> tuple[Change, ...]:
    kept: list[Change] = []
    for change in changes:
        if kept and kept[-1].tick == change.tick:
            kept.pop()
        if not kept or value(kept[-1]) != value(change):
            kept.append(change)
    return tuple(kept)
