"""What is heard, and where are we? Binds the player to the document, the editor and the selected idea.

A is the artist's own song, B the song with the selected idea in it. Listening never changes the song.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from app.ideas.sounding import ChordLaneVoice
from app.playback.guide import close_voicing
from app.playback.qtplayer import QtPlayer
from app.ui.editorstate import EditorState
from engine.music import Chord, Song

if TYPE_CHECKING:
    from app.document.document import SongDocument

SOON_MS = 30


class Listening(QObject):
    """`hears_idea_changed(bool)`: B (true) or A."""

    hears_idea_changed = Signal(bool)

    def __init__(
        self,
        player: QtPlayer,
        document: "SongDocument",
        state: EditorState,
        idea_song: Callable[[], Song | None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._player, self._document, self._state = player, document, state
        self._idea_song = idea_song
        self._own_voice, self._idea_voice = ChordLaneVoice(), ChordLaneVoice()
        self._is_following = False
        self.hears_idea = True
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(SOON_MS)
        self._soon.timeout.connect(self.refresh)
        document.song_changed.connect(self._song_changed)
        state.playhead_moved.connect(self._playhead_moved)
        state.loop_changed.connect(self._loop_changed)
        player.position_changed.connect(self._position_changed)
        self._soon.start()  # the page is shown first

    # song and idea --------------------------------------------------------------

    def _song_changed(self, *_: object) -> None:
        """Edits come in bursts while dragging; the player gets the newest soon."""
        if not self._soon.isActive():
            self._soon.start()

    def refresh(self) -> None:
        """Give the player the song as it is, and the idea in it when that is what is heard."""
        self._player.set_song(self._own_voice.heard(self._document.song))
        self._loop_changed(self._state.loop)
        self.refresh_idea()

    def refresh_idea(self) -> None:
        """Another idea, or another choice of its bars: it takes over at the next beat."""
        idea = self._idea_song() if self.hears_idea else None
        self._player.audition(self._idea_voice.heard(idea) if idea is not None else None)

    def compare(self, hears_idea: bool) -> None:
        """A: yours. B: the idea."""
        if hears_idea != self.hears_idea:
            self.hears_idea = hears_idea
            self.hears_idea_changed.emit(hears_idea)
        self.refresh_idea()

    def hear(self, start_ticks: int) -> None:
        """Play the idea in the song, from the bar before it begins."""
        bar = self._document.song.time_map.bar_of(start_ticks)
        self.hear_from(self._document.song.time_map.bar_start(max(0, bar - 1)))

    def hear_from(self, tick: int) -> None:
        """Play the idea from this very tick of it."""
        self.compare(True)
        self._player.seek(tick)
        self._player.play()

    def hear_chord(self, label: str) -> None:
        """One chord, as the lane would sound."""
        self._player.preview_chord(close_voicing(Chord.parse(label)))

    def hear_pitch(self, pitch: int) -> None:
        """A key of the roll, in the sound of the selected track."""
        song = self._document.song
        track = next((each for each in song.tracks if each.id == self._state.selected_track_id), None)
        program, is_drums = (track.program, track.role.value == "drums") if track else (0, False)
        self._player.preview_note(pitch, program, is_drums)

    # place ----------------------------------------------------------------------

    def _position_changed(self, tick: int) -> None:
        self._is_following = True
        self._state.set_playhead(tick)
        self._is_following = False

    def _playhead_moved(self, tick: float) -> None:
        if not self._is_following:
            self._player.seek(int(tick))

    def to_start(self) -> None:
        self._player.to_start()
        self._state.set_playhead(0)

    def toggle_loop(self) -> None:
        """Loop the selected bars, else the section under the playhead, else the song; or stop looping."""
        state, song = self._state, self._document.song
        if state.loop is not None:
            state.set_loop(None)
            return
        section = song.section_at_bar(song.time_map.bar_of(int(state.playhead_ticks)))
        whole = (section.start_bar, section.end_bar) if section else (0, song.bars)
        state.set_loop(state.region or whole)

    def _loop_changed(self, bars: object) -> None:
        if isinstance(bars, tuple):
            time_map = self._document.song.time_map
            self._player.set_loop(time_map.bar_start(bars[0]), time_map.bar_start(bars[1]))
        else:
            self._player.set_loop(None)

    def close(self) -> None:
        """The song is being closed."""
        self._soon.stop()
        self._player.stop()
        self._player.position_changed.disconnect(self._position_changed)
        self._player.audition(None)
        self._player.set_loop(None)
