"""The open song without a window: the file, the gesture in progress, and where it is saved.

A gesture (a drag, a slider held down) shows songs without keeping them and ends as one undo step. Outside of
one, what is shown is what is on disk.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from app.document.drafts import is_draft, new_draft_path
from engine.formats.songfile import (
    SUFFIX,
    Act,
    Shares,
    SketchSource,
    SongFile,
    TakeRef,
    TakeState,
    remove_song,
    shares,
)
from engine.music.song import Song


class GestureError(RuntimeError):
    """A preview was shown outside of a gesture; a mistake in the program, not of the artist."""


class OpenSong:
    """One song file, open for work."""

    def __init__(self, file: SongFile) -> None:
        self.file = file
        self.is_draft = is_draft(file.path)
        self._gesture: tuple[str, Act] | None = None
        self._preview: Song | None = None

    @classmethod
    def create(cls, path: Path | None, song: Song, sketch: SketchSource | None) -> "OpenSong":
        """A new song; `path` None: a draft. Raises SongFileError."""
        return cls(SongFile.create(new_draft_path() if path is None else with_suffix(path), song, sketch))

    @classmethod
    def open(cls, path: Path) -> "OpenSong":
        """Raises SongFileError."""
        return cls(SongFile.open(path))

    def read_ahead(self) -> None:
        """Has what undo and redo would show at hand. Raises SongFileError."""
        self.file.read_ahead()

    # what is shown ------------------------------------------------------------

    @property
    def song(self) -> Song:
        """The song as it is seen: the preview of a gesture, else what is on disk."""
        return self.file.song if self._preview is None else self._preview

    @property
    def title(self) -> str:
        if self.song.title:
            return self.song.title
        return "Untitled" if self.is_draft else self.file.path.stem

    @property
    def shares(self) -> Shares:
        return shares(self.song)

    # edits ----------------------------------------------------------------------

    def commit(
        self,
        name: str,
        song: Song,
        act: Act,
        detail: Mapping[str, Any] | None,
        take: TakeRef | None,
        take_state: TakeState,
    ) -> bool:
        """One undo step; a gesture in progress is over, its preview not kept. Raises SongFileError."""
        self.cancel_gesture()
        return self.file.commit(name, song, act, detail, take, take_state)

    def amend(self, song: Song, act: Act) -> bool:
        """The last step leads to this song instead. Raises SongFileError."""
        self.cancel_gesture()
        return self.file.amend(song, act)

    def begin_gesture(self, name: str, act: Act) -> None:
        self._gesture, self._preview = (name, act), None

    def preview(self, song: Song) -> None:
        if self._gesture is None:
            raise GestureError("A preview needs a gesture.")
        self._preview = song

    def end_gesture(self) -> bool:
        """Keeps what was shown last as one step; False if that changes nothing. Raises SongFileError."""
        gesture, shown = self._gesture, self._preview
        self.cancel_gesture()
        if gesture is None or shown is None:
            return False
        return self.file.commit(gesture[0], shown, gesture[1])

    def cancel_gesture(self) -> bool:
        """Back to what is on disk; whether something else was shown."""
        was_shown = self._preview is not None
        self._gesture, self._preview = None, None
        return was_shown

    @property
    def is_in_gesture(self) -> bool:
        return self._gesture is not None

    # where it is ------------------------------------------------------------------

    def save_as(self, path: Path) -> bool:
        """A whole copy at `path`, the open song from then on; a draft is then gone. Raises SongFileError.

        False if it is there already.
        """
        path = with_suffix(path)
        if _same(path, self.file.path):
            self.file.settle()
            return False
        self.file.copy_to(path)
        before, was_draft = self.file, self.is_draft
        self.file, self.is_draft = SongFile.open(path, known=before), is_draft(path)
        before.close()
        if was_draft:
            remove_song(before.path)
        return True

    def close(self) -> None:
        """Ends the work on the song; a draft in which there never was anything leaves nothing behind."""
        leaves_nothing = self.is_draft and not self.file.history() and _is_empty(self.file)
        self.file.close()
        if leaves_nothing:
            remove_song(self.file.path)


def with_suffix(path: Path) -> Path:
    """The path with the ending of song files."""
    path = Path(path)
    return path if path.suffix == SUFFIX else path.with_name(path.name + SUFFIX)


def _same(a: Path, b: Path) -> bool:
    return a.resolve() == b.resolve()


def _is_empty(file: SongFile) -> bool:
    song = file.song
    return not (song.chords or any(song.notes()) or file.sketches() or file.suggestions())
