"""Play something: count in, record what is played on the keys in time with the song, and put it in as one
step.
"""

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Signal

from app.ui.capture import PianoKeys, Recording
from engine.music import Aspect, MusicError, Note, Role, Section, Song, edits

if TYPE_CHECKING:
    from app.ui.mainwindow import MainWindow
    from app.ui.songpage import SongPage

ROOM_BARS = 128
HEARD_AFTER = (Aspect.KEY, Aspect.CHORDS)


class Capturing(QObject):
    """One take of playing, into the melody track from the bar of the playhead on."""

    ended = Signal()

    def __init__(self, window: "MainWindow", page: "SongPage") -> None:
        super().__init__(page)
        self._window, self._page, self._player = window, page, window.player
        self._keys = PianoKeys(self._player.live_note, lambda: self._player.position_ticks, self)
        self._recording: Recording | None = None
        self._keys.note_played.connect(self._played)

    @property
    def is_running(self) -> bool:
        return self._recording is not None

    def start(self) -> None:
        """Count in and listen."""
        song, state = self._page.document.song, self._page.state
        start = song.time_map.bar_start(song.time_map.bar_of(int(state.playhead_ticks)))
        track = song.track_in_role(Role.MELODY)
        self._recording = Recording(start)
        self._player.set_live_sound(track.program if track else 0, False)
        inputs = self._keys.arm()
        self._player.stop()
        self._player.set_loop(None)
        self._player.seek(start)
        self._player.audition(_with_room(song))
        self._player.set_count_in(True)
        self._player.set_metronome(True)
        self._player.play()
        self._player.playing_changed.connect(self._playing_changed)
        self._window.bar.capture.setChecked(True)
        heard = " and ".join(("the keys A to P", *inputs))
        stop = self._window.actions_map.key("play.toggle")
        sentence = f"After one bar of clicks: play {heard}. Z and X change the octave, {stop} ends it."
        self._window.banner.say(sentence, [("Stop", self.stop)], is_calm=True)

    def stop(self) -> None:
        """End, and put what was played into the song."""
        QCoreApplication.sendPostedEvents(self, QEvent.Type.MetaCall)  # keys struck while the window was busy
        recording, self._recording = self._recording, None
        if recording is None:
            return
        self._player.playing_changed.disconnect(self._playing_changed)
        notes = recording.finished(self._player.position_ticks)
        self._keys.disarm()
        settings = self._window.settings
        self._player.stop()
        self._player.set_count_in(settings.count_in)
        self._player.set_metronome(settings.metronome)
        self._player.audition(None)
        self._window.bar.capture.setChecked(False)
        self._window.banner.clear()
        self._put_in(notes, recording.start_ticks)
        self.ended.emit()

    def _playing_changed(self, is_playing: bool) -> None:
        if not is_playing:
            self.stop()

    def _played(self, pitch: int, velocity: int, tick: int) -> None:
        if self._recording is None:
            return
        if velocity:
            self._recording.struck(pitch, velocity, tick)
        else:
            self._recording.let_go(pitch, tick)

    def _put_in(self, notes: tuple[Note, ...], start_ticks: int) -> None:
        document = self._page.document
        if not notes:
            self._window.say("Nothing was played.")
            return
        song = document.song
        track = song.track_in_role(Role.MELODY)
        if track is None:
            song, track_id = edits.add_track(song, "Melody", Role.MELODY, at=0), song.next_id
        else:
            track_id = track.id
        try:
            song = edits.insert_notes(song, track_id, notes)
        except MusicError as problem:
            self._window.say(str(problem))
            return
        count = "1 note" if len(notes) == 1 else f"{len(notes)} notes"
        if document.commit(f"Play in {count}", song):
            self._page.state.select_track(track_id)
            self._window.player.seek(start_ticks)
            self._window.say(f"{count} played in. Undo takes them out again.")
            self._hear(document.song)

    def _hear(self, song: Song) -> None:
        """Let the engine find the key of a first take, unless the artist goes on meanwhile."""
        if not song.time_map.keys and not song.chords:
            self._page.corrections.hear(HEARD_AFTER, "Hear key and chords")


def _with_room(song: Song) -> Song:
    """The song with empty bars after its end, so that there is time to play on."""
    room = Section(song.next_id, "", song.bars, ROOM_BARS)
    return replace(song, sections=(*song.sections, room))
