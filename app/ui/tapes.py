"""The recordings of the open song, decoded beside the window, for the player to play and the lane to draw.

A recording's bytes are read from the song file by its hash; what is ready is announced.
"""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from app.document.beside import Beside
from app.playback.errors import PlaybackError
from app.playback.qtplayer import QtPlayer
from app.playback.tape import Tape, decoded
from engine.formats.songfile import SongFile, SongFileError

if TYPE_CHECKING:
    from app.document.document import SongDocument


class Tapes(QObject):
    """`ready`: a tape can be drawn and heard. `said`: why one cannot."""

    ready = Signal()
    said = Signal(str)

    def __init__(self, player: QtPlayer, document: "SongDocument", parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._player, self._document = player, document
        self._tapes: dict[str, Tape] = {}
        self._running: dict[str, Beside] = {}
        self._failed: set[str] = set()
        document.song_changed.connect(self.refresh)
        self.refresh()

    def tape(self, sha256: str) -> Tape | None:
        """The tape of a recording, None while it is being read (or if it cannot be)."""
        return self._tapes.get(sha256)

    def refresh(self) -> None:
        """Have every recording of the song at hand."""
        for recording in self._document.song.recordings:
            sha256 = recording.sha256
            if sha256 not in self._tapes and sha256 not in self._running and sha256 not in self._failed:
                work = partial(_read, self._document.path, sha256, self._player)
                expected = (PlaybackError, SongFileError)
                self._running[sha256] = Beside(work, partial(self._came, sha256), self, expected)

    def _came(self, sha256: str, found: Any) -> None:
        self._running.pop(sha256, None)
        if not isinstance(found, Tape):
            self._failed.add(sha256)
            self.said.emit(str(found) if found else "The recording is not in the song file any more.")
            return
        self._tapes[sha256] = found
        self._player.load_tape(sha256, found)
        self.ready.emit()

    def close(self) -> None:
        """The song is being closed."""
        for running in tuple(self._running.values()):
            running.abandon()
        for sha256 in self._tapes:
            self._player.load_tape(sha256, None)
        self._tapes.clear()


def _read(path: Path, sha256: str, player: QtPlayer) -> Tape | None:
    """In a thread: the bytes as the song file holds them, decoded at the device's rate."""
    file = SongFile.open_reading(path)
    try:
        data = next((sketch.data for sketch in file.sketches() if sketch.sha256 == sha256), None)
    finally:
        file.close()
    return decoded(data, player.rate_when_ready()) if data is not None else None
