"""One row for each recording of the song: how high, where, and what moving or taking one away means.

A recording is moved with the notes that were heard in it: they are one thing to the eye and ear. Moved alone
it parts from them, to be put right where it was heard late.
"""

from dataclasses import dataclass

from app.ui.canvas.gestures import Pointer, shift_ticks
from app.ui.canvas.snapping import Grid
from engine.music import Recording, Song, edits

ONE_PX, EACH_PX, LEAST_PX, MOST_PX = 54, 40, 22, 84


def row_px(count: int) -> int:
    """The height of a row: one recording has more room, many share it.

    >>> [row_px(count) for count in (1, 2, 3, 5, 20)]
    [54, 40, 28, 22, 22]
    """
    if count <= 1:
        return ONE_PX
    return max(LEAST_PX, min(EACH_PX, MOST_PX // count))


def moved_with_notes(song: Song, sha256: str, ticks: int) -> Song:
    """The recording and the notes heard in it so many ticks later, as far as both can go."""
    recording = recording_of(song, sha256)
    if recording is None:
        return song
    notes = [note for note in song.notes() if note.source == sha256]
    ticks = max(ticks, -recording.tick, -min((note.start_ticks for note in notes), default=recording.tick))
    song = edits.move_notes(song, [note.id for note in notes], ticks)
    return edits.place_recording(song, sha256, recording.tick + ticks, recording.at_s)


def removed_with_notes(song: Song, sha256: str) -> Song:
    """Without the recording and all that was heard in it; tracks that held nothing else go too."""
    ids = [note.id for note in song.notes() if note.source == sha256]
    held = [track.id for track in song.tracks if any(note.source == sha256 for note in track.notes)]
    song = edits.remove_recording(edits.delete_notes(song, ids), sha256)
    for track_id in held:
        if not song.track(track_id).notes:
            song = edits.remove_track(song, track_id)
    return song


def recording_of(song: Song, sha256: str) -> Recording | None:
    return next((each for each in song.recordings if each.sha256 == sha256), None)


@dataclass(frozen=True, slots=True)
class DragRecording:
    """A recording carried along with its notes, by whole steps of the grid."""

    song: Song
    sha256: str
    start: Pointer
    grid: Grid
    name: str = "Move the recording"

    @property
    def note_ids(self) -> frozenset[int] | None:
        return None

    def dragged(self, to: Pointer) -> Song:
        recording = recording_of(self.song, self.sha256)
        at = recording.tick if recording is not None else 0
        ticks = shift_ticks(self.song, self.grid, at, to.tick - self.start.tick, to)
        return moved_with_notes(self.song, self.sha256, ticks)
