"""Which notes does the roll show, and as what: own, kept, those an idea would replace, the idea's?

Nothing here is changed by painting; the views of one roll share one `RollNotes`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from app.document.heardrecording import SURE
from app.ui.canvas.noteindex import NoteIndex, Rows, index_of
from app.ui.editorstate import EditorState, Ghost
from engine.music import Note, Role, Song, Track

if TYPE_CHECKING:
    from app.document.document import SongDocument

_EMPTY = NoteIndex(())
_LOOKS, _PALEST = ((SURE, 1.0), (0.6, 0.8), (0.5, 0.64)), 0.48


@dataclass(frozen=True, slots=True)
class GhostNotes:
    """An idea over the selected track: its new notes, which song notes it keeps, which bars would come in.

    `adds_track`: the notes are for a track that is not there yet, and replace nothing.
    """

    index: NoteIndex
    kept_ids: frozenset[int]
    spans: tuple[tuple[int, int], ...]
    adds_track: bool = False

    def covers(self, starts: np.ndarray) -> np.ndarray:
        """For each start tick whether it lies in the bars that would come in."""
        inside = np.zeros(len(starts), np.bool_)
        for low, high in self.spans:
            inside |= (starts >= low) & (starts < high)
        return inside

    def replaces(self, index: NoteIndex, rows: Rows) -> np.ndarray:
        """Of these notes of the track, which would give way."""
        if self.adds_track:
            return np.zeros(len(rows), np.bool_)
        return self.covers(index.starts[rows]) & ~np.isin(index.ids[rows], list(self.kept_ids))


class RollNotes:
    """The selected track as the roll shows it."""

    def __init__(self, document: "SongDocument", state: EditorState) -> None:
        self._document = document
        self._state = state
        self._ghost_key: tuple[Ghost, Track] | None = None
        self._ghost: GhostNotes | None = None
        self._sure: tuple[NoteIndex, object, np.ndarray] | None = None

    @property
    def track(self) -> Track | None:
        """The selected track, None in a song without tracks."""
        wanted = self._state.selected_track_id
        return next((track for track in self._document.song.tracks if track.id == wanted), None)

    @property
    def is_drums(self) -> bool:
        track = self.track
        return track is not None and track.role is Role.DRUMS

    @property
    def index(self) -> NoteIndex:
        track = self.track
        return _EMPTY if track is None else index_of(track)

    @property
    def ghost(self) -> GhostNotes | None:
        """The idea shown over the selected track, None when there is none for it."""
        ghost, track = self._state.ghost, self.track
        if ghost is None or track is None or not shows_notes(ghost, track.id, track.id):
            return None
        key = self._ghost_key
        if key is None or key[0] is not ghost or key[1] is not track:
            self._ghost_key = (ghost, track)
            self._ghost = ghost_notes(self._document.song, ghost, track)
        return self._ghost

    def replaced(self, rows: Rows) -> np.ndarray:
        """Of these rows of the index, which the idea would replace (shown dimmed)."""
        ghost, index = self.ghost, self.index
        if ghost is None:
            return np.zeros(len(rows), np.bool_)
        giving_way: np.ndarray = ghost.replaces(index, rows) & ~index.locked[rows]
        return giving_way

    def sureness(self, rows: Rows) -> np.ndarray:
        """How strongly each of these rows is painted, 0-1: a note that was only heard pales the less sure
        it is.
        """
        index, heard = self.index, self._document.recordings_heard
        if not any(each.notes for each in heard):
            return np.ones(len(rows))
        held = self._sure
        if held is None or held[0] is not index or held[1] is not heard:
            held = self._sure = (index, heard, _sureness(index, self._document.certainty))
        found: np.ndarray = held[2][rows]
        return found

    def marked(self, rows: Rows) -> np.ndarray:
        """Of these rows, which carry the dot: locked, or kept by the idea."""
        ghost, index = self.ghost, self.index
        if ghost is None:
            return index.locked[rows]
        marked: np.ndarray = index.locked[rows] | np.isin(index.ids[rows], list(ghost.kept_ids))
        return marked


def _sureness(index: NoteIndex, certainty: Callable[[int, int], float]) -> np.ndarray:
    pairs = zip(index.ids.tolist(), index.pitches.tolist(), strict=True)
    return np.array([paleness(certainty(note_id, pitch)) for note_id, pitch in pairs])


def paleness(certainty: float) -> float:
    """In few steps, so that a roll has few looks to paint.

    >>> paleness(1.0), paleness(0.7), paleness(0.6), paleness(0.2)
    (1.0, 1.0, 0.8, 0.48)
    """
    return next((look for least, look in _LOOKS if certainty >= least), _PALEST)


def shows_notes(ghost: Ghost, track_id: int, selected_id: int) -> bool:
    """Whether the idea's notes are shown over this track; those of a track to come, over the selected one."""
    if ghost.take.song is not None:
        return False
    if ghost.take.parts:
        return any(part.track_id == track_id for part in ghost.take.parts)
    if not ghost.take.notes:
        return False
    if ghost.track_id:
        return ghost.track_id == track_id
    return track_id == selected_id if adds_track(ghost) else track_id in ghost.region.track_ids


def adds_track(ghost: Ghost) -> bool:
    """Whether the idea's notes are for a track that is not there yet."""
    take = ghost.take
    return bool(take.notes) and not take.parts and not ghost.track_id and not ghost.region.track_ids


def notes_for(ghost: Ghost, track_id: int) -> tuple[Note, ...]:
    """What the idea would have the track play."""
    if ghost.take.parts:
        return tuple(note for part in ghost.take.parts if part.track_id == track_id for note in part.notes)
    return ghost.take.notes


def ghost_notes(song: Song, ghost: Ghost, track: Track) -> GhostNotes:
    """The idea's notes without those that stand in the song already."""
    kept = frozenset(ghost.take.kept_note_ids)
    standing = {
        (note.start_ticks, note.duration_ticks, note.pitch)
        for note in track.notes
        if note.id in kept or note.locked
    }
    new = tuple(
        note
        for note in sorted(notes_for(ghost, track.id), key=lambda note: note.start_ticks)
        if (note.start_ticks, note.duration_ticks, note.pitch) not in standing
    )
    time_map = song.time_map
    bars = [bar for bar in range(ghost.region.start_bar, ghost.region.end_bar) if ghost.covers_bar(bar)]
    spans = tuple((time_map.bar_start(bar), time_map.bar_end(bar)) for bar in bars)
    return GhostNotes(NoteIndex(new), kept, spans, adds_track(ghost))
