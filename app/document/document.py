"""The open song as the window knows it: a value to show, edits by name, undo, ideas, and signals.

    document = SongDocument.create(None, song, SketchSource("riff.mid", data))
    document.commit("Transpose 4 notes", edits.transpose(document.song, ids, 2))
    document.undo()

Every edit is on disk when `commit` returns. What cannot be written is said by `failed` in one sentence; song
and file are then as before, and the call returns False.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from threading import Thread
from typing import Any, TypeVar

from PySide6.QtCore import QObject, QTimer, Signal

from app.document.core import OpenSong
from app.document.heardrecording import HeardRecording, detail_of, from_detail
from engine.api.suggestion import SuggestionRequest, Take
from engine.formats.songfile import (
    Act,
    LedgerRow,
    Shares,
    SketchSource,
    SongFileError,
    StoredSuggestion,
    TakeRef,
    TakeState,
)
from engine.music.song import Song

_SETTLE_AFTER_MS = 1_000
R = TypeVar("R")


class SongDocument(QObject):
    """One open song. `create` and `open` raise SongFileError; nothing else here does."""

    song_changed = Signal()
    history_changed = Signal()
    suggestions_changed = Signal()
    path_changed = Signal()
    failed = Signal(str)
    heard_changed = Signal()
    ledger_doubted = Signal(int)

    def __init__(self, opened: OpenSong, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._open = opened
        self._heard: tuple[HeardRecording, ...] | None = None
        self._settling: Thread | None = None
        self._settle_timer = QTimer(self, singleShot=True, interval=_SETTLE_AFTER_MS)
        self._settle_timer.timeout.connect(self._settle)
        self._is_closed = False

    @classmethod
    def create(
        cls, path: Path | None, song: Song, sketch: SketchSource | None = None, parent: QObject | None = None
    ) -> "SongDocument":
        """A new song; `path` None: a draft. Raises SongFileError."""
        return cls(OpenSong.create(path, song, sketch), parent)

    @classmethod
    def open(cls, path: Path, parent: QObject | None = None) -> "SongDocument":
        """A song on disk. Raises SongFileError: not a song, newer, damaged, open elsewhere, not writable."""
        return cls(OpenSong.open(path), parent)

    # the song -------------------------------------------------------------------

    @property
    def song(self) -> Song:
        """The song as it is seen: during a gesture its preview, else what is on disk."""
        return self._open.song

    @property
    def title(self) -> str:
        return self._open.title

    @property
    def path(self) -> Path:
        return self._open.file.path

    @property
    def is_draft(self) -> bool:
        return self._open.is_draft

    @property
    def saved_at(self) -> datetime | None:
        """When something was last written (UTC)."""
        return self._open.file.saved_at

    @property
    def shares(self) -> Shares:
        """Who made what, for the status bar: `document.shares.sentence`."""
        return self._open.shares

    def commit(
        self,
        name: str,
        song: Song,
        act: Act = Act.EDIT,
        detail: Mapping[str, Any] | None = None,
        take: TakeRef | None = None,
        take_state: TakeState = TakeState.ACCEPTED,
    ) -> bool:
        """One named undo step, on disk at once; nothing happens if the song is the same.

        `take` is the take the edit accepts; its state becomes `take_state`, undo brings the former one back.
        """
        was_shown = self._open.song is not self._open.file.song
        committed = self._write(lambda: self._open.commit(name, song, act, detail, take, take_state))
        if committed:
            self._announce_edit(is_about_take=take is not None)
        elif was_shown:
            self.song_changed.emit()
        return bool(committed)

    def amend(self, song: Song, act: Act = Act.EDIT) -> bool:
        """What follows from the last step by itself becomes part of it; nothing happens without a step."""
        amended = self._write(lambda: self._open.amend(song, act))
        if amended:
            self._announce_edit()
        return bool(amended)

    # gestures ------------------------------------------------------------------------

    def begin_gesture(self, name: str, act: Act = Act.EDIT) -> None:
        """What `preview` shows from now on becomes one step of this name. One in progress is ended first."""
        if self._open.is_in_gesture:
            self.end_gesture()
        self._open.begin_gesture(name, act)

    def preview(self, song: Song) -> None:
        """Shows a song without keeping it. Raises GestureError outside of a gesture."""
        self._open.preview(song)
        self.song_changed.emit()

    def end_gesture(self) -> bool:
        """Keeps what was shown last; False if that changes nothing (or could not be written)."""
        was_shown = self._open.song is not self._open.file.song
        committed = self._write(self._open.end_gesture)
        if committed:
            self._announce_edit()
        elif was_shown:
            self.song_changed.emit()
        return bool(committed)

    def cancel_gesture(self) -> None:
        """As if the gesture had not been."""
        if self._open.cancel_gesture():
            self.song_changed.emit()

    @property
    def is_in_gesture(self) -> bool:
        return self._open.is_in_gesture

    # undo ---------------------------------------------------------------------------------

    @property
    def can_undo(self) -> bool:
        return self._open.file.can_undo

    @property
    def can_redo(self) -> bool:
        return self._open.file.can_redo

    @property
    def undo_name(self) -> str:
        return self._open.file.undo_name

    @property
    def redo_name(self) -> str:
        return self._open.file.redo_name

    def undo(self) -> bool:
        """Takes the last step back; in the middle of a gesture only that."""
        return self._walk(self._open.file.undo)

    def redo(self) -> bool:
        return self._walk(self._open.file.redo)

    def _walk(self, go: Callable[[], bool]) -> bool:
        if self._open.is_in_gesture:
            self.cancel_gesture()
            return True
        moved = self._write(go)
        if moved:
            self._announce_edit(is_about_take=True)
        return bool(moved)

    def history(self) -> list[tuple[str, bool]]:
        """The names of all steps, oldest first, and whether the step is the one the song stands at."""
        return self._open.file.history()

    # ideas ------------------------------------------------------------------------------------

    @property
    def suggestions(self) -> tuple[StoredSuggestion, ...]:
        """Every question asked, oldest first, with its takes and what became of them."""
        return self._attempt(self._open.file.suggestions) or ()

    def add_suggestion(self, request: SuggestionRequest) -> str:
        """Writes a question down and gives it its id; empty if that failed."""
        return self._about_ideas(lambda: self._open.file.add_suggestion(request)) or ""

    def add_take(self, suggestion_id: str, take: Take) -> None:
        """Writes an answer down as offered."""
        self._about_ideas(lambda: self._open.file.add_take(suggestion_id, take))

    def set_withheld(self, suggestion_id: str, withheld: int) -> None:
        """How many takes were not shown for their likeness to a known work."""
        self._about_ideas(lambda: self._open.file.set_withheld(suggestion_id, withheld))

    def set_take_state(self, ref: TakeRef, state: TakeState) -> None:
        """Kept, rejected, offered again; accepting is a commit with `take`."""
        self._about_ideas(lambda: self._open.file.set_take_state(ref, state))

    # sketches and the ledger -----------------------------------------------------------------------

    @property
    def sketches(self) -> tuple[SketchSource, ...]:
        """What the artist brought, byte for byte."""
        return self._attempt(self._open.file.sketches) or ()

    def add_sketch(self, sketch: SketchSource) -> None:
        """Keeps one more sketch with the song."""
        self._write(lambda: self._open.file.add_sketch(sketch))

    @property
    def recordings_heard(self) -> tuple[HeardRecording, ...]:
        """How the recordings of the song were heard, and how sure each note is."""
        if self._heard is None:
            details = self._attempt(lambda: self._open.file.details(Act.HEAR)) or ()
            self._heard = tuple(heard for each in details if (heard := from_detail(each)) is not None)
        return self._heard

    def keep_hearing(self, heard: HeardRecording) -> None:
        """Writes down how a recording was heard."""
        self.record(Act.HEAR, detail_of(heard))
        self._heard = None
        self.heard_changed.emit()

    def certainty(self, note_id: int, pitch: int) -> float:
        """How sure a heard note is, 0-1; 1 for every other."""
        return min((heard.certainty(note_id, pitch) for heard in self.recordings_heard), default=1.0)

    def record(self, act: Act, detail: Mapping[str, Any]) -> None:
        """Writes into the ledger what changes nothing: an audition, an export with its file's hash."""
        self._write(lambda: self._open.file.record(act, detail))

    def ledger(self) -> tuple[LedgerRow, ...]:
        return self._attempt(self._open.file.ledger) or ()

    def ledger_fault(self) -> int | None:
        """The number of the first ledger row that is not as it was written; None when all are."""
        return self._attempt(self._open.file.ledger_fault)

    def check_ledger(self) -> None:
        """Looks through the ledger between other work; `ledger_doubted` tells the first row that is wrong."""
        self._check_some(self._open.file.ledger_check())

    def _check_some(self, check: Iterator[int | None]) -> None:
        found = None if self._is_closed else self._attempt(lambda: next(check))
        if found == 0:
            QTimer.singleShot(0, self, lambda: self._check_some(check))
        elif found is not None:
            self.ledger_doubted.emit(found)

    # where it is -----------------------------------------------------------------------------------------

    def save_as(self, path: Path) -> bool:
        """A whole copy at `path`, which is the open song from then on."""
        self._finish_settling()
        if self._open.is_in_gesture:
            self.end_gesture()
        moved = self._attempt(lambda: self._open.save_as(Path(path)))
        if moved:
            self.path_changed.emit()
        return moved is not None

    def close(self) -> None:
        """Ends the work; everything is in the one file. Harmless when closed already."""
        if self._is_closed:
            return
        if self._open.is_in_gesture:
            self.end_gesture()
        self._is_closed = True
        self._settle_timer.stop()
        self._finish_settling()
        self._attempt(self._open.close)

    # how it works ------------------------------------------------------------------------------------------

    def _attempt(self, act: Callable[[], R]) -> R | None:
        try:
            return act()
        except SongFileError as error:
            self.failed.emit(str(error))
            return None

    def _write(self, act: Callable[[], R]) -> R | None:
        result = self._attempt(act)
        if not self._settle_timer.isActive():
            self._settle_timer.start()
        return result

    def _about_ideas(self, act: Callable[[], R]) -> R | None:
        result = self._write(act)
        self.suggestions_changed.emit()
        return result

    def _announce_edit(self, is_about_take: bool = False) -> None:
        self.song_changed.emit()
        self.history_changed.emit()
        if is_about_take:
            self.suggestions_changed.emit()

    def _settle(self) -> None:
        """Flushes to the disk itself beside the window's own work: a flush may take longer than a frame."""
        self._finish_settling()
        self._settling = Thread(target=_settle_quietly, args=(self._open.file.settle,), daemon=True)
        self._settling.start()

    def _finish_settling(self) -> None:
        if self._settling is not None:
            self._settling.join()
            self._settling = None


def _settle_quietly(settle: Callable[[], None]) -> None:
    with suppress(SongFileError):  # nothing is lost: the log holds every edit, and the next flush tries again
        settle()
