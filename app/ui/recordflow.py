"""From a take to music: a new song when none is open, else a track of the open one, with the recording kept.

The take is written as a FLAC file that the engine listens to. In an open song its notes go where they were
played: a recorded second is a second of the song, whatever tempo was heard in it. What was recorded while
the song was playing is heard on the song's bars.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.document.beside import Beside
from app.document.heardrecording import heard_recording
from app.settings.paths import recordings_folder
from app.ui.banner import remark_words
from app.ui.opening import AUDIO_SUFFIXES
from app.ui.recordbox import RecordBox
from app.ui.recording import RecordedTake, RecordSession
from engine.api.audio import AudioFacts, ListeningMode, PlayedTo
from engine.api.messages import Cancelled, Failed, ImportSketch, Progress, Reply, SketchImported
from engine.formats.songfile import SketchSource
from engine.music import MusicError, Note, Recording, Role, Song, Track, edits

if TYPE_CHECKING:
    from app.ui.mainwindow import MainWindow
    from app.ui.songpage import SongPage


class RecordFlow(QObject):
    """Opens the box, and carries out what is wanted of a take."""

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self._window = window
        self.box: RecordBox | None = None
        self._reading: Beside | None = None
        self._running = 0
        self._waiting: list[RecordedTake] = []  # recorded, and not used yet

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
        self.box.open()

    def _where(self) -> tuple[Song | None, int]:
        page = self._window.page
        if page is None or not page.document.song.end_ticks:
            return None, 0
        song = page.document.song
        return song, song.time_map.bar_start(song.time_map.bar_of(int(page.state.playhead_ticks)))

    def _closed(self) -> None:
        self.box = None
        if self._waiting:
            takes = "1 take waits" if len(self._waiting) == 1 else f"{len(self._waiting)} takes wait"
            self._window.say(f"{takes} in the recorder until Understudy is closed.")
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
        if self.box is not None:
            self.box.done()
        if page is None or page is not self._window.page or not page.document.song.end_ticks:
            self._window.opening.open_file(path, "recording", mode, None if take.tick else take.played_to)
        else:
            beat = played_along(page.document.song, take.tick) if take.tick else take.played_to
            self._listen(path, "recording", take.tick, mode, page, beat)

    def takes_in(self, path: Path, tick: int) -> bool:
        """Put a recording that was dropped on the tracks there; False when it is no recording, or no song."""
        page = self._window.page
        if page is None or not page.document.song.end_ticks or path.suffix.lower() not in AUDIO_SUFFIXES:
            return False
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
        banner = self._window.banner
        banner.show_work("Listening to the recording", -1.0, self._cancel)

        def answered(reply: Reply) -> None:
            match reply:
                case Progress(fraction, doing):
                    banner.show_work(f"{doing} · recording", fraction, self._cancel)
                case SketchImported():
                    self._reading = Beside(
                        path.read_bytes,
                        partial(self._take_in, path, source, tick, page, reply),
                        self,
                        (OSError,),
                    )
                case Failed(sentence=sentence):
                    banner.say(sentence)
                case Cancelled():
                    banner.clear()

        self._running = self._window.link.send(ImportSketch(str(path), mode, played_to), answered)

    def _cancel(self) -> None:
        self._window.link.cancel(self._running)

    def _take_in(
        self, path: Path, source: str, tick: int, page: "SongPage", reply: SketchImported, data: object
    ) -> None:
        """One step: the notes in a track of their own, the recording under them."""
        self._window.banner.clear()
        if page is not self._window.page or reply.audio is None:
            return
        document = page.document
        if not isinstance(data, bytes):
            self._window.banner.say(f"“{path.name}” could not be read.")
            return
        try:
            song = with_take(document.song, reply.song, reply.audio, path.name, tick)
        except MusicError as problem:
            self._window.banner.say(str(problem))
            return
        document.add_sketch(SketchSource(path.name, data, source=source))
        if document.commit("Record a take", song):
            document.keep_hearing(heard_recording(reply.audio, ids_in(document.song, reply.song)))
            page.state.select_track(song.tracks[-1].id)
            self._window.say("The recording and what was heard in it are in your song. Undo takes them out.")
            if reply.warnings:
                self._window.banner.say(remark_words(reply.warnings), is_calm=True)


def played_along(song: Song, tick: int) -> PlayedTo:
    """The beat of a recording that began at the tick while the song was playing."""
    return PlayedTo(song.time_map, song.time_map.seconds_at(tick))


def with_take(song: Song, heard: Song, audio: AudioFacts, name: str, tick: int) -> Song:
    """The song with what was heard in a recording that began at the tick, and the recording under it."""
    place = _placer(song, heard, audio, tick)
    for track in heard.tracks:
        if track.notes:
            song, track_id = _with_track(song, track), song.next_id
            song = edits.insert_notes(song, track_id, tuple(place(note) for note in track.notes))
    return edits.add_recording(song, Recording(audio.sha256, name, audio.duration_s, tick))


def ids_in(song: Song, heard: Song) -> dict[int, int]:
    """By the id of a heard note that of the note it became in the song, when its tracks came last."""
    played = [track for track in heard.tracks if track.notes]
    placed = song.tracks[len(song.tracks) - len(played) :]
    pairs = [
        (note.id, note_id)
        for track, there in zip(played, placed, strict=True)
        for note, note_id in zip(track.notes, sorted(each.id for each in there.notes), strict=True)
    ]
    return dict(pairs)


def _with_track(song: Song, track: Track) -> Song:
    free = song.track_in_role(track.role) is None or track.role is Role.DRUMS
    role = track.role if free else Role.COUNTER if track.role is Role.MELODY else Role.OTHER
    return edits.add_track(song, f"{track.name or 'Recording'}", role, track.program)


def _placer(song: Song, heard: Song, audio: AudioFacts, tick: int) -> Callable[[Note], Note]:
    """Where in the song a heard note was played, by its second of the recording."""
    begins_s = song.time_map.seconds_at(tick)

    def at(heard_tick: int) -> int:
        second = heard.time_map.seconds_at(heard_tick) - audio.offset_s
        return max(0, round(song.time_map.tick_at(max(0.0, begins_s + second))))

    def placed(note: Note) -> Note:
        start = at(note.start_ticks)
        return replace(note, start_ticks=start, duration_ticks=max(30, at(note.end_ticks) - start))

    return placed
