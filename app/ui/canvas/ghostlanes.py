"""Which lanes does the timeline show while an idea is looked at?

The song's own tracks; over them, or below them as lanes of their own, what the players would play.
An idea of a whole song is seen in the place of the artist's: its tracks, with what is new in them apart.
"""

from dataclasses import dataclass, replace

from app.ui.canvas.noteindex import NoteIndex
from app.ui.canvas.rollnotes import GhostNotes, ghost_notes, shows_notes
from app.ui.editorstate import Ghost
from engine.api.suggestion import Part
from engine.music import Note, Origin, Song, Track


@dataclass(frozen=True, slots=True, eq=False)
class Lane:
    """One lane: the track's standing notes, and the idea's over it. `is_new`: the song has no such track."""

    track: Track
    ghost: GhostNotes | None = None
    is_new: bool = False


class Lanes:
    """The lanes for a song, an idea and a selected track; worked out again only when one of them changes."""

    def __init__(self) -> None:
        self._key: tuple[object, ...] = (None, None, None)
        self._lanes: tuple[Lane, ...] = ()

    def of(self, song: Song, ghost: Ghost | None, selected_id: int) -> tuple[Lane, ...]:
        key = (song, ghost, selected_id)
        if not (key[0] is self._key[0] and key[1] is self._key[1] and key[2] == self._key[2]):
            self._lanes = _reused(lanes_of(song, ghost, selected_id), self._lanes)
            self._key = key
        return self._lanes


def _reused(lanes: tuple[Lane, ...], before: tuple[Lane, ...]) -> tuple[Lane, ...]:
    """Lanes of tracks without an idea over them are the same object as long as their track is."""
    held = {id(lane.track): lane for lane in before if lane.ghost is None}
    return tuple(held.get(id(lane.track), lane) if lane.ghost is None else lane for lane in lanes)


def lanes_of(song: Song, ghost: Ghost | None, selected_id: int) -> tuple[Lane, ...]:
    """The lanes from top to bottom."""
    if ghost is None:
        return tuple(map(Lane, song.tracks))
    if ghost.song is not None:
        return _lanes_of_whole(song, ghost, ghost.song)
    own = tuple(_lane_over(song, ghost, track, selected_id) for track in song.tracks)
    return own + tuple(
        _new_lane(song, ghost, place, part)
        for place, part in enumerate(ghost.take.parts)
        if not any(track.id == part.track_id for track in song.tracks)
    )


def _lane_over(song: Song, ghost: Ghost, track: Track, selected_id: int) -> Lane:
    is_over = shows_notes(ghost, track.id, selected_id)
    return Lane(track, ghost_notes(song, ghost, track) if is_over else None)


def _new_lane(song: Song, ghost: Ghost, place: int, part: Part) -> Lane:
    track = Track(-1 - place, part.name, part.role, part.program)
    return Lane(track, GhostNotes(NoteIndex(part.notes), frozenset(), _bar_spans(song, ghost), True), True)


def _bar_spans(song: Song, ghost: Ghost) -> tuple[tuple[int, int], ...]:
    bars = range(ghost.region.start_bar, ghost.region.end_bar)
    return tuple(
        (song.time_map.bar_start(bar), song.time_map.bar_end(bar)) for bar in bars if ghost.covers_bar(bar)
    )


def _lanes_of_whole(song: Song, ghost: Ghost, whole: Song) -> tuple[Lane, ...]:
    known = {track.id for track in song.tracks}
    spans = section_spans(ghost, whole)
    return tuple(
        Lane(
            replace(track, notes=tuple(note for note in track.notes if not _is_new(note))),
            GhostNotes(NoteIndex(tuple(filter(_is_new, track.notes))), frozenset(), spans, True),
            track.id not in known,
        )
        for track in whole.tracks
    )


def section_spans(ghost: Ghost, whole: Song) -> tuple[tuple[int, int], ...]:
    """Ticks of the sections that would come in, in the idea's own time."""
    bar_start = whole.time_map.bar_start
    chosen = [ghost.take.plan[place] for place in sorted(ghost.chosen_sections)]
    spans = [(bar_start(planned.start_bar), bar_start(planned.end_bar)) for planned in chosen]
    return tuple(spans or [(0, bar_start(whole.bars))])


def _is_new(note: Note) -> bool:
    """Whether the engine wrote it for this idea; what was accepted before names its take."""
    return note.origin is Origin.TAKEN and not note.source
