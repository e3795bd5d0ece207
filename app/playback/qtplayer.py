"""The player as the window sees it: a QObject whose signals come on the GUI thread.

The state of the Player is looked at 30 times a second while it plays, 10 times a second otherwise; nothing
here blocks and no Qt call is made off the GUI thread.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from app.playback.output import Device, Output
from app.playback.player import Player
from app.playback.tape import Tape
from engine.music.song import Song

PLAYING_MS, STOPPED_MS = 33, 100


class QtPlayer(QObject):
    """See app/playback/__init__.py for the whole of it."""

    position_changed = Signal(int)
    playing_changed = Signal(bool)
    sound_lost = Signal(str)

    def __init__(
        self, parent: QObject | None = None, open_output: Callable[[], Output] = Device.open
    ) -> None:
        super().__init__(parent)
        self._player = Player(open_output=open_output)
        self._shown = (0, False, "")
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._look)
        self._timer.start(STOPPED_MS)

    @property
    def is_playing(self) -> bool:
        return self._player.is_playing

    @property
    def is_auditioning(self) -> bool:
        return self._player.is_auditioning

    @property
    def position_ticks(self) -> int:
        return self._player.position_ticks

    @property
    def sound_problem(self) -> str:
        """Why there is no sound, in one sentence; empty when there is."""
        return self._player.sound_problem

    @property
    def underflows(self) -> int:
        return self._player.underflows

    def set_song(self, song: Song) -> None:
        self._player.set_song(song)

    def play(self) -> None:
        self._player.play()
        self._look()

    def stop(self) -> None:
        self._player.stop()
        self._look()

    def toggle(self) -> None:
        self._player.toggle()
        self._look()

    def seek(self, ticks: int) -> None:
        self._player.seek(ticks)
        self._look()

    def to_start(self) -> None:
        self.seek(0)

    def set_loop(self, start_ticks: int | None, end_ticks: int = 0) -> None:
        self._player.set_loop(start_ticks, end_ticks)

    def set_metronome(self, is_on: bool) -> None:
        self._player.set_metronome(is_on)

    def set_count_in(self, is_on: bool) -> None:
        self._player.set_count_in(is_on)

    def audition(self, song: Song | None) -> None:
        self._player.audition(song)

    def set_track_mix(self, track_id: int, muted: bool, soloed: bool, level: float) -> None:
        self._player.set_track_mix(track_id, muted, soloed, level)

    def preview_note(
        self, pitch: int, program: int = 0, is_drums: bool = False, velocity: int = 90, seconds: float = 0.4
    ) -> None:
        self._player.preview((pitch,), program, is_drums, velocity, seconds)

    def preview_chord(
        self, pitches: Sequence[int], program: int = 0, velocity: int = 80, seconds: float = 1.2
    ) -> None:
        self._player.preview(pitches, program, False, velocity, seconds)

    def set_live_sound(self, program: int, is_drums: bool) -> None:
        self._player.set_live_sound(program, is_drums)

    def live_note(self, pitch: int, velocity: int) -> None:
        self._player.live_note(pitch, velocity)

    def load_tape(self, sha256: str, tape: Tape | None) -> None:
        self._player.load_tape(sha256, tape)

    def rate_when_ready(self) -> int:
        """Waits for the device; not for the GUI thread."""
        self._player.wait_until_ready()
        return self._player.rate

    def load_bank(self, path: Path | None) -> None:
        self._player.load_bank(path)

    def close(self) -> None:
        self._timer.stop()
        self._player.close()

    def _look(self) -> None:
        """Signals for what has changed since the last look."""
        now = (self._player.position_ticks, self._player.is_playing, self._player.sound_problem)
        before, self._shown = self._shown, now
        if now[0] != before[0]:
            self.position_changed.emit(now[0])
        if now[1] != before[1]:
            self._timer.start(PLAYING_MS if now[1] else STOPPED_MS)
            self.playing_changed.emit(now[1])
        if now[2] and now[2] != before[2]:
            self.sound_lost.emit(now[2])
