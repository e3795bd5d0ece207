"""What can be done to notes without a mouse? Each command is one named undo step on the selected notes.

Commands on nothing say so instead of doing something else; quantising nothing quantises the selected bars,
or the whole part.
"""

import json
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData
from PySide6.QtGui import QGuiApplication

from app.ui.canvas.gestures import drawn_length, plural
from app.ui.canvas.session import commit_edit
from app.ui.canvas.snapping import Grid, snapped_down, step_ticks
from app.ui.canvas.speech import notes_in_words
from app.ui.editorstate import EditorState
from engine.music import MusicError, Note, Song, Track, edits
from engine.music.codec import from_json, to_json

if TYPE_CHECKING:
    from app.document.document import SongDocument

MIME_NOTES = "application/x-understudy-notes"
SHORTEST_TICKS = 15


class NoteCommands:
    """The note commands of one editor."""

    def __init__(self, document: "SongDocument", state: EditorState) -> None:
        self._document = document
        self._state = state

    # what is meant ----------------------------------------------------------

    @property
    def track(self) -> Track | None:
        wanted = self._state.selected_track_id
        return next((track for track in self._document.song.tracks if track.id == wanted), None)

    @property
    def selected(self) -> tuple[Note, ...]:
        """The selected notes in order of time."""
        track = self.track
        chosen = self._state.selected_note_ids
        return tuple(note for note in track.notes if note.id in chosen) if track and chosen else ()

    @property
    def step(self) -> int:
        """Ticks of one grid step at the playhead; a sixteenth with the grid off."""
        return drawn_length(self._document.song, self._state.grid, int(self._state.playhead_ticks))

    def announce(self) -> None:
        """Say what is selected."""
        track = self.track
        if track is not None:
            self._state.say(notes_in_words(self._document.song, self.selected, track.role))

    # selection --------------------------------------------------------------

    def select_all(self) -> None:
        track = self.track
        self._select(track.notes if track else ())

    def select_region(self) -> None:
        """The notes that begin in the selected bars."""
        self._select(self._region_notes())

    def clear_selection(self) -> None:
        self._state.select_notes(())

    def select_next(self, step: int = 1, *, extend: bool = False) -> None:
        """The note after (or before) the selection in time; from the playhead when nothing is selected."""
        track = self.track
        if track is None or not track.notes:
            return
        chosen = [i for i, note in enumerate(track.notes) if note.id in self._state.selected_note_ids]
        if chosen:
            place = (chosen[-1] if step > 0 else chosen[0]) + step
        else:
            at = self._state.playhead_ticks
            later = (i for i, note in enumerate(track.notes) if note.start_ticks >= at)
            place = next(later, len(track.notes) - 1)
        note = track.notes[max(0, min(len(track.notes) - 1, place))]
        held = self._state.selected_note_ids if extend else frozenset()
        self._state.select_notes(held | {note.id})
        self.announce()

    def _select(self, notes: Sequence[Note]) -> None:
        self._state.select_notes(note.id for note in notes)
        self.announce()

    # edits ------------------------------------------------------------------

    def insert(self) -> None:
        """A note at the playhead, one grid step long, on the pitch of the selected note or the middle."""
        track = self.track
        if track is None:
            self._state.say("There is no part to write in yet.")
            return
        song, state = self._document.song, self._state
        start = snapped_down(song.time_map, state.grid, state.playhead_ticks)
        near = self.selected or track.notes_in(0, start + 1)[-1:] or track.notes[:1]
        pitch = near[-1].pitch if near else 60
        length = self.step
        if commit_edit(
            self._document, state, "Draw note", lambda s: edits.insert_note(s, track.id, start, length, pitch)
        ):
            state.select_notes({song.next_id})
            state.set_playhead(start + length)
            self.announce()

    def delete(self) -> None:
        self._edit("Delete note", edits.delete_notes)

    def transpose(self, semitones: int) -> None:
        self._edit("Transpose note", lambda song, ids: edits.transpose_notes(song, ids, semitones))
        self.announce()

    def nudge(self, steps: int) -> None:
        """Earlier or later by grid steps."""
        ticks = steps * self.step
        self._edit("Move note", lambda song, ids: edits.move_notes(song, ids, ticks))
        self.announce()

    def nudge_bars(self, bars: int) -> None:
        """Earlier or later by bars of the first selected note's metre."""
        if self.selected:
            first = self.selected[0].start_ticks
            ticks = bars * self._document.song.time_map.metre_at(first).bar_ticks
            self._edit("Move note", lambda song, ids: edits.move_notes(song, ids, ticks))
            self.announce()

    def lengthen(self, steps: int) -> None:
        """Longer or shorter by grid steps."""
        ticks = steps * self.step
        self._edit(
            "Resize note",
            lambda song, ids: edits.resize_notes(song, ids, ticks, shortest_ticks=SHORTEST_TICKS),
        )
        self.announce()

    def louder(self, change: int) -> None:
        velocities = {note.id: note.velocity + change for note in self.selected}
        self._edit("Change velocity", lambda song, ids: edits.set_velocities(song, velocities))

    def quantise(self) -> None:
        """Onto the grid by the state's strength and swing: selected notes, else selected bars, else all."""
        state, track = self._state, self.track
        notes = self.selected or self._region_notes() or (track.notes if track else ())
        if not notes:
            state.say("There are no notes to quantise.")
            return
        grid = Grid.SIXTEENTH if state.grid is Grid.OFF else state.grid
        ids = [note.id for note in notes]
        ticks = step_ticks(grid, self._document.song.time_map, notes[0].start_ticks)
        strength, swing = state.quantise_strength, state.swing
        name = plural("Quantise note", len(ids))
        moved = commit_edit(
            self._document, state, name, lambda s: edits.quantise_notes(s, ids, ticks, strength, swing)
        )
        state.say(f"{name} to {grid.value}" if moved else "Already on the grid")

    def split(self) -> None:
        """Cut the selected notes at the playhead, or in the middle when it is not over them."""
        at = round(self._state.playhead_ticks)
        notes = self.selected
        if notes and not any(note.start_ticks < at < note.end_ticks for note in notes):
            self._edit("Split note", _split_in_halves(notes))
        else:
            self._edit("Split note", lambda song, ids: edits.split_notes(song, ids, at))

    def join(self) -> None:
        """Selected notes of one pitch become one."""
        self._edit("Join note", edits.join_notes)
        self._state.forget_missing(self._document.song)

    def toggle_lock(self) -> None:
        """Lock the selected notes against ideas; unlock when all are locked."""
        lock = not all(note.locked for note in self.selected)
        name = "Lock note" if lock else "Unlock note"
        self._edit(name, lambda song, ids: edits.lock_notes(song, ids, lock))
        self.announce()

    def duplicate(self) -> None:
        """Copies right behind the selection, from the next grid line on; the copies are selected."""
        notes = self.selected
        if not notes:
            self._say_nothing_selected()
            return
        song = self._document.song
        length = max(note.end_ticks for note in notes) - notes[0].start_ticks
        ticks = -(-length // self.step) * self.step
        if self._edit("Duplicate note", lambda s, ids: edits.duplicate_notes(s, ids, ticks)):
            self._state.select_notes(range(song.next_id, self._document.song.next_id))
            self.announce()

    # clipboard --------------------------------------------------------------

    def copy(self) -> None:
        notes = self.selected
        if not notes:
            self._say_nothing_selected()
            return
        data = QMimeData()
        data.setData(MIME_NOTES, json.dumps([to_json(note) for note in notes]).encode())
        QGuiApplication.clipboard().setMimeData(data)
        self._state.say(f"Copied {len(notes)} note{'s' if len(notes) > 1 else ''}")

    def cut(self) -> None:
        if self.selected:
            self.copy()
            self._edit("Cut note", edits.delete_notes)
        else:
            self._say_nothing_selected()

    def paste(self) -> None:
        """The notes of the clipboard from the playhead on; they are selected."""
        track, notes = self.track, notes_on_clipboard()
        if track is None or not notes:
            self._state.say("There are no notes to paste.")
            return
        at, first = round(self._state.playhead_ticks), self._document.song.next_id
        name = plural("Paste note", len(notes))
        if commit_edit(
            self._document, self._state, name, lambda s: edits.paste_notes(s, track.id, notes, at)
        ):
            self._state.select_notes(range(first, self._document.song.next_id))
            self.announce()

    # ------------------------------------------------------------------------

    def _region_notes(self) -> tuple[Note, ...]:
        track, region = self.track, self._state.region
        if track is None or region is None:
            return ()
        start, end = (self._document.song.time_map.bar_start(bar) for bar in region)
        return track.notes_in(start, end)

    def _edit(self, name: str, edit: Callable[[Song, frozenset[int]], Song]) -> bool:
        ids = frozenset(note.id for note in self.selected)
        if not ids:
            self._say_nothing_selected()
            return False
        return commit_edit(self._document, self._state, plural(name, len(ids)), lambda song: edit(song, ids))

    def _say_nothing_selected(self) -> None:
        self._state.say("Select notes first.")


def notes_on_clipboard() -> tuple[Note, ...]:
    """The notes a copy has left on the clipboard; none when something else is there."""
    data = QGuiApplication.clipboard().mimeData()
    if data is None or not data.hasFormat(MIME_NOTES):
        return ()
    try:
        return tuple(from_json(Note, item) for item in json.loads(bytes(data.data(MIME_NOTES).data())))
    except (ValueError, TypeError, KeyError, MusicError):
        return ()


def _split_in_halves(notes: Sequence[Note]) -> Callable[[Song, frozenset[int]], Song]:
    def split(song: Song, ids: frozenset[int]) -> Song:
        for note in notes:
            song = edits.split_notes(song, [note.id], note.start_ticks + note.duration_ticks // 2)
        return song

    return split
