"""How is a song file read while the window goes on answering?

The file is opened and read in a thread of its own, in which no Qt is touched; a timer of the GUI thread looks
whether it is done and hands the song over.

    reading = Reading(path, on_song, on_refusal, prepare)
"""

import gc
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Thread

from PySide6.QtCore import QObject, QTimer

from app.document.core import OpenSong
from engine.formats.songfile import SongFileError
from engine.music.song import Song

_LOOK_MS = 4


class Reading(QObject):
    """One song file being opened. `prepare` is called with the song, in the thread.

    Calls `on_song` or, with a sentence, `on_refusal`; once, and never after `abandon`.
    """

    def __init__(
        self,
        path: Path,
        on_song: Callable[[OpenSong], object],
        on_refusal: Callable[[str], object],
        prepare: Callable[[Song], object],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._path, self._on_song, self._on_refusal = path, on_song, on_refusal
        self._prepare = prepare
        self._song: OpenSong | None = None
        self._refusal = ""
        self._thread = Thread(target=self._read, name="read song", daemon=True)
        self._timer = QTimer(self, interval=_LOOK_MS)
        self._timer.timeout.connect(self._look)
        self._was_collecting = gc.isenabled()
        gc.disable()  # it would collect in the thread, and destroy there what only this thread may
        self._thread.start()
        self._timer.start()

    def _read(self) -> None:
        try:
            self._song = OpenSong.open(self._path)
            self._prepare(self._song.song)
        except SongFileError as problem:
            self._refusal = str(problem)
            return
        with suppress(SongFileError):  # a damaged step is refused when the artist comes to it
            self._song.read_ahead()

    def _look(self) -> None:
        if self._thread.is_alive():
            return
        self._end()
        if self._song is not None:
            self._on_song(self._song)
        else:
            self._on_refusal(self._refusal)

    def _end(self) -> None:
        self._timer.stop()
        gc.freeze()  # notes form no cycles: looking through 20,000 of them would be a pause for nothing
        if self._was_collecting:
            gc.enable()
        self.deleteLater()

    def abandon(self) -> None:
        """The song is not wanted any more; waits until its file is free again."""
        if not self._timer.isActive():
            return
        self._thread.join()
        self._end()
        if self._song is not None:
            self._song.close()
