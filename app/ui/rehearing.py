"""A recording of the open song is to be heard otherwise: as one voice, several notes or a beat; clean or as
played. One step of the song, undone like any other.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from PySide6.QtCore import QObject

from app.document.beside import Beside
from app.document.heardrecording import HeardRecording, Version, heard_recording, hearings_of
from app.settings.paths import recordings_folder
from app.ui.corrections import aspects_to_hear
from app.ui.earasking import EarAsking
from app.ui.heardanew import HeardAnew, bars_that_stay, heard_anew, heard_from_scratch, is_all_heard
from app.ui.heardwords import HEARD_AS, counted
from engine.api.audio import ListeningMode, PlayedTo
from engine.api.messages import ImportSketch, SketchImported
from engine.formats.songfile import SongFile, SongFileError
from engine.music import Aspect, MusicError

if TYPE_CHECKING:
    from app.ui.mainwindow import MainWindow
    from app.ui.songpage import SongPage

STILL_THERE = "The song was changed meanwhile. Hear it again once more."
Choices = list[tuple[str, Callable[[], object]]]


class Rehearing(QObject):
    """`again` does it; `choices` are what else there is, for the banner."""

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self._window = window
        self._ear = EarAsking(window, self)
        self._reading: Beside | None = None

    def hearing(self, sha256: str) -> HeardRecording | None:
        """How the recording was heard that is in the song now."""
        page = self._window.page
        if page is None:
            return None
        found = hearings_of(page.document.song, page.document.recordings_heard)
        return next((each for each in found if each.sha256 == sha256), None)

    def choices(self, sha256: str) -> Choices:
        """`Hear it as one voice`, `As played`: in other words than it was heard in."""
        heard = self.hearing(sha256)
        if heard is None:
            return []
        modes = [mode for mode in HEARD_AS if mode != heard.mode]
        found: Choices = [
            (f"Hear it as {HEARD_AS[mode]}", partial(self.again, sha256, ListeningMode(mode), Version.CLEAN))
            for mode in modes
        ]
        is_clean = heard.version is Version.CLEAN
        other, text = (Version.AS_PLAYED, "As played") if is_clean else (Version.CLEAN, "Clean")
        return [*found, (text, partial(self.again, sha256, ListeningMode(heard.mode), other))]

    def again(self, sha256: str, mode: ListeningMode, version: Version) -> None:
        """Have it heard once more, from the bytes in the song file."""
        page = self._window.page
        if page is None:
            return
        recording = next((each for each in page.document.song.recordings if each.sha256 == sha256), None)
        if recording is None:
            self._window.say("That recording is no longer in the song.")
            return
        song = page.document.song
        beat = None if is_all_heard(song, self.hearing(sha256)) else bars_that_stay(song, recording)
        self._reading = Beside(
            partial(_written_out, page.document.path, sha256),
            partial(self._ask, page, sha256, mode, version, beat),
            self,
            (OSError, SongFileError),
        )

    def _ask(
        self,
        page: "SongPage",
        sha256: str,
        mode: ListeningMode,
        version: Version,
        beat: PlayedTo | None,
        path: object,
    ) -> None:
        if not isinstance(path, Path):
            self._window.banner.say("The recording could not be read from the song.")
            return

        def heard(reply: SketchImported) -> None:
            path.unlink(missing_ok=True)
            if page is self._window.page:
                self._take_in(page, sha256, version, beat, reply)

        question = ImportSketch(str(path), mode, beat)
        self._ear.ask(question, heard, lambda: path.unlink(missing_ok=True))

    def _take_in(
        self, page: "SongPage", sha256: str, version: Version, beat: PlayedTo | None, reply: SketchImported
    ) -> None:
        document, audio = page.document, reply.audio
        known, is_whole = self.hearing(sha256), beat is None
        is_as_it_was = is_all_heard(document.song, known) if is_whole else _lies_on(page, sha256, beat)
        if audio is None or not is_as_it_was:
            self._window.banner.say(STILL_THERE)
            return
        try:
            if is_whole:
                anew = heard_from_scratch(document.song, reply.song, audio, version)
            else:
                anew = heard_anew(document.song, known, reply.song, audio, version)
        except MusicError as problem:
            self._window.banner.say(str(problem))
            return
        how = HEARD_AS.get(audio.mode, "music")
        document.commit(f"Hear it as {how}", anew.song)
        has_bars = known is not None and known.has_bars
        document.keep_hearing(heard_recording(audio, anew.ids, version, has_bars, anew.carried))
        if not is_whole and (aspects := aspects_to_hear(document.song, Aspect.METRE)):
            page.corrections.hear(aspects)  # part of the same step
        self._window.banner.say(told(how, version, anew), self.choices(sha256), is_calm=True)


def told(how: str, version: Version, anew: HeardAnew) -> str:
    """What has come of it, and what of the artist's stays.

    >>> from engine.music import Song
    >>> told("one voice", Version.CLEAN, HeardAnew(Song(), {1: 7, 2: 8}, 1, 0, {}))
    'Heard as one voice: 2 notes. 1 note of yours stays. Undo takes it back.'
    """
    as_played = "" if version is Version.CLEAN else " as played"
    words = [f"Heard as {how}: {counted(len(anew.ids))}{as_played}."]
    if anew.kept:
        words.append(f"{counted(anew.kept)} of yours {'stays' if anew.kept == 1 else 'stay'}.")
    if anew.left_out:
        words.append(
            f"{counted(anew.left_out)} that you took out {'stays' if anew.left_out == 1 else 'stay'} out."
        )
    return " ".join([*words, "Undo takes it back."])


def _lies_on(page: "SongPage", sha256: str, beat: PlayedTo | None) -> bool:
    """Whether the recording and the bars still are where they were when it was asked."""
    song = page.document.song
    recording = next((each for each in song.recordings if each.sha256 == sha256), None)
    return recording is not None and bars_that_stay(song, recording) == beat


def _written_out(song_path: Path, sha256: str) -> Path | None:
    """In a thread: the recording as a file of its own for the engine."""
    file = SongFile.open_reading(song_path)
    try:
        sketch = next((each for each in file.sketches() if each.sha256 == sha256), None)
    finally:
        file.close()
    if sketch is None:
        return None
    path = recordings_folder() / f"again-{uuid4().hex[:8]}{Path(sketch.name).suffix}"
    path.write_bytes(sketch.data)
    return path
