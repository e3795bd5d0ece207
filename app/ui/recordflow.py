"""From a take to music: a new song when none is open, else a track of the open one, with the recording kept.

The take is written as a FLAC file that the engine listens to. What was recorded while the song was playing is
heard on the song's bars. A take is kept until it has become music; when that fails it waits on.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from app.document.beside import Beside
from app.document.heardrecording import heard_recording
from app.settings.paths import recordings_folder
from app.ui.earasking import EarAsking
from app.ui.opening import AUDIO_SUFFIXES, MOST_KEPT_BYTES, TOO_LARGE, is_too_large, sentence_of
from app.ui.recordbox import RecordBox
from app.ui.recording import RecordedTake, RecordSession
from app.ui.rehearing import Choices
from app.ui.takestore import TakeStore
from app.ui.takingin import ids_in, played_along, with_take
from engine.api.audio import ListeningMode, PlayedTo
from engine.api.messages import ImportSketch, SketchImported
from engine.formats.songfile import SketchSource
from engine.music import MusicError, Recording, Song, edits

if TYPE_CHECKING:
    from app.ui.mainwindow import MainWindow
    from app.ui.songpage import SongPage

SHOWN_BARS = 4


class RecordFlow(QObject):
    """Opens the box, and carries out what is wanted of a take. `others`: how else to hear a recording."""

    def __init__(self, window: "MainWindow", others: Callable[[str], Choices]) -> None:
        super().__init__(window)
        self._window, self._others = window, others
        self._ear = EarAsking(window, self)
        self.box: RecordBox | None = None
        self._reading: Beside | None = None
        self._is_told = False
        self._waiting: list[RecordedTake] = []  # recorded, and not used yet
        self._in_use: tuple[RecordedTake, Path] | None = None  # becoming music just now, and its file
        self._store = TakeStore(self)
        self._store.failed.connect(window.banner.say)
        QTimer.singleShot(0, self, self._offer)

    def _offer(self) -> None:
        """What was recorded before Understudy was closed, or stopped, and not used."""
        count = self._store.count()
        if not count:
            return
        sentence = f"{_takes_wait(count)} in the recorder."
        if self._window.banner.isVisibleTo(self._window):
            self._window.say(sentence)
        else:
            self._window.banner.say(sentence, [("Show", self.toggle)], is_calm=True)

    def close(self) -> None:
        """The window is being closed: what is being recorded is a take, and all takes are on disk."""
        if self.box is not None:
            self.box.done()
        self._give_back()
        self._store.close()

    def toggle(self) -> None:
        """Open the box; while it is open the key records and stops."""
        if self.box is not None:
            self.box.toggle()
            return
        window = self._window
        session = RecordSession(window.player, parent=self)
        session.takes = self._waiting
        key = window.actions_map.key("record.open")
        bpm = window.page.document.song.time_map.tempo_at(0).bpm if window.page else 100.0
        self.box = RecordBox(window, session, self._where, key, bpm)
        self.box.take_used.connect(self._use)
        self.box.closed.connect(self._closed)
        self._store.follow(session)
        self.box.open()
        self._store.read(self._read)

    def _read(self, takes: list[RecordedTake]) -> None:
        """Takes of an earlier day come before those of today."""
        self._waiting[:0] = takes
        if self.box is not None:
            self.box.session.changed.emit()

    def _where(self) -> tuple[Song | None, int]:
        page = self._window.page
        if page is None or not page.document.song.end_ticks:
            return None, 0
        song = page.document.song
        return song, song.time_map.bar_start(song.time_map.bar_of(int(page.state.playhead_ticks)))

    def _closed(self) -> None:
        self.box = None
        if self._waiting:
            self._window.say(f"{_takes_wait(len(self._waiting))} in the recorder.")
        settings = self._window.settings
        self._window.player.set_count_in(settings.count_in)
        self._window.player.set_metronome(settings.metronome)

    # using a take -----------------------------------------------------------------

    def _use(self, take: RecordedTake, mode: ListeningMode) -> None:
        if self.box is None:
            return
        page = self._window.page
        self._window.say("Writing the recording")
        self.box.session.encode(take, lambda data: self._encoded(take, mode, page, data))

    def _encoded(self, take: RecordedTake, mode: ListeningMode, page: "SongPage | None", data: bytes) -> None:
        path = recordings_folder() / f"Recording {datetime.now():%Y-%m-%d %H.%M.%S}.flac"
        try:
            path.write_bytes(data)
        except OSError as problem:
            self._window.banner.say(f"The recording could not be written: {problem.strerror}.")
            return
        if take in self._waiting:
            self._waiting.remove(take)
        self._in_use = take, path
        if self.box is not None:
            self.box.done()
        if page is None or page is not self._window.page or not page.document.song.end_ticks:
            self._open(path, mode, None if take.tick else take.played_to)
        else:
            beat = played_along(page.document.song, take.tick) if take.tick else take.played_to
            self._listen(path, "recording", take.tick, mode, page, beat)

    def _open(self, path: Path, mode: ListeningMode, played_to: PlayedTo | None) -> None:
        """A song of its own."""
        opening = self._window.opening
        if not self._is_told:
            self._is_told = True
            opening.opened.connect(lambda *_: self._was_used())
            opening.refused.connect(lambda _sentence: self._give_back())
            # stopped comes before opened as well
            opening.stopped.connect(lambda: QTimer.singleShot(0, self, self._give_back))
        opening.open_file(path, "recording", mode, played_to)

    def _was_used(self) -> None:
        """The take is in a song now, its bytes with it."""
        take = self._let_go()
        if take is not None:
            self._store.forget(take)

    def _give_back(self) -> None:
        """The take did not become music: it waits on."""
        take = self._let_go()
        if take is not None:
            self._waiting.append(take)
            self._window.say("The take still waits in the recorder.")

    def _let_go(self) -> RecordedTake | None:
        in_use, self._in_use = self._in_use, None
        if in_use is None:
            return None
        with suppress(OSError):
            in_use[1].unlink(missing_ok=True)
        return in_use[0]

    def takes_in(self, path: Path, tick: int) -> bool:
        """Put a recording that was dropped on the tracks there; False when it is no recording, or no song."""
        page = self._window.page
        if page is None or not page.document.song.end_ticks or path.suffix.lower() not in AUDIO_SUFFIXES:
            return False
        if is_too_large(path):
            self._window.banner.say(f"{TOO_LARGE.format(MOST_KEPT_BYTES >> 20)} By itself it can be opened.")
            return True
        self._listen(path, "file", tick, ListeningMode.AUTO, page)
        return True

    def _listen(
        self,
        path: Path,
        source: str,
        tick: int,
        mode: ListeningMode,
        page: "SongPage",
        played_to: PlayedTo | None = None,
    ) -> None:
        def heard(reply: SketchImported) -> None:
            taken = partial(self._take_in, path, source, tick, page, played_to, reply)
            self._reading = Beside(path.read_bytes, taken, self, (OSError,))

        self._ear.ask(ImportSketch(str(path), mode, played_to), heard, self._give_back)

    def _take_in(
        self,
        path: Path,
        source: str,
        tick: int,
        page: "SongPage",
        played_to: PlayedTo | None,
        reply: SketchImported,
        data: object,
    ) -> None:
        """One step: the notes in a track of their own, the recording under them."""
        sentence = "The song was closed meanwhile."
        if page is self._window.page and reply.audio is not None:
            sentence = self._put(path, source, tick, page, played_to is not None, reply, data)
        if sentence:
            self._window.banner.say(sentence)
            self._give_back()
        else:
            self._was_used()

    def _put(
        self,
        path: Path,
        source: str,
        tick: int,
        page: "SongPage",
        has_bars: bool,
        reply: SketchImported,
        data: object,
    ) -> str:
        """Into the song; what was wrong if it could not be."""
        document, audio = page.document, reply.audio
        if not isinstance(data, bytes) or audio is None:
            return f"“{path.name}” could not be read."
        try:
            song = with_take(document.song, reply.song, audio, path.name, tick)
        except MusicError as problem:
            return str(problem)
        former = next((each for each in document.song.recordings if each.sha256 == audio.sha256), None)
        document.add_sketch(SketchSource(path.name, data, source=source))
        if not document.commit("Record a take", song):
            return "The recording could not be put into the song."
        ids = ids_in(document.song, reply.song)
        document.keep_hearing(heard_recording(audio, ids, has_bars=has_bars))
        page.state.select_track(song.tracks[-1].id)
        self._show(page, tick)
        if former is not None:
            self._say_it_was_there(page, former, tick)
            return ""
        self._window.say("The recording and what was heard in it are in your song. Undo takes them out.")
        self._window.banner.say(sentence_of(audio, reply.warnings), self._others(audio.sha256), is_calm=True)
        return ""

    def _show(self, page: "SongPage", tick: int) -> None:
        """Where it begins, unless the artist is listening already."""
        if not self._window.player.is_playing:
            time_map = page.document.song.time_map
            bar = time_map.bar_of(tick)
            page.state.set_playhead(time_map.bar_start(bar))
            page.state.show_bars(bar, bar + SHOWN_BARS)

    def _say_it_was_there(self, page: "SongPage", recording: Recording, tick: int) -> None:
        """A file that came in a second time: its sound stays where it is, unless it is wanted here."""

        def move() -> None:
            song = edits.place_recording(page.document.song, recording.sha256, tick, 0.0)
            page.document.commit("Move the recording", song)

        sentence = (
            f"“{recording.name}” was in the song already: here are its notes, the sound is where it was."
        )
        self._window.banner.say(sentence, [("Move the sound here", move)], is_calm=True)


def _takes_wait(count: int) -> str:
    return "1 take waits" if count == 1 else f"{count} takes wait"
