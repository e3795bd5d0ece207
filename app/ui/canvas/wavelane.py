"""What was recorded, as it looks: the waveform under the roll, in the roll's time, with mute and level.

A recording keeps its own seconds; where the song's tempo differs from the one it was heard in, the wave and
the notes part, as they do for the ear.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from app.playback.tape import Tape
from app.ui import theme
from app.ui.canvas.session import commit_edit
from app.ui.canvas.timecanvas import TimeCanvas
from app.ui.canvas.trackheader import LEVEL_STEP, LetterButton
from app.ui.editorstate import EditorState
from engine.music import Recording, Song, TimeMap, edits

if TYPE_CHECKING:
    from app.document.document import SongDocument

HEIGHT = 54
FindTape = Callable[[str], Tape | None]


class WaveLane(TimeCanvas):
    """The waveform of the song's recording; several are drawn over each other."""

    in_timeline = False

    def __init__(self, document: "SongDocument", state: EditorState, parent: QWidget | None = None) -> None:
        super().__init__(document, state, "Recording", parent)
        self._find: FindTape = lambda _sha256: None
        self._held: tuple[tuple[object, ...], QPolygonF] | None = None
        self.setFixedHeight(HEIGHT)

    def show_tapes(self, find: FindTape) -> None:
        """Where tapes come from; also called when one has become ready."""
        self._find = find
        self._held = None
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.BACKGROUND)
        painter.fillRect(0, 0, self.width(), 1, theme.LINE)
        self.paint_region(painter)
        for recording in self.document.song.recordings:
            tape = self._find(recording.sha256)
            if tape is None:
                self._paint_waiting(painter)
                continue
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            colour = theme.with_alpha(theme.TEXT_DIM, 0.3 if recording.muted else 0.85)
            painter.setPen(QPen(colour, 1.0))
            painter.setBrush(colour)
            painter.drawPolygon(self._outline(recording, tape))
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        self.paint_playhead(painter)

    def _paint_waiting(self, painter: QPainter) -> None:
        painter.setFont(theme.ui_font(11))
        painter.setPen(theme.TEXT_FAINT)
        painter.drawText(QPointF(8, self.height() / 2 + 4), "Reading the recording")

    def _outline(self, recording: Recording, tape: Tape) -> QPolygonF:
        """Highest points from left to right, lowest back again; kept for the next paint."""
        time_map = self.document.song.time_map
        key = (recording.tick, recording.at_s, time_map.tempos, self.axis, self.width(), tape)
        if self._held is None or self._held[0] != key:
            self._held = (key, self._made(recording, tape, time_map))
        return self._held[1]

    def _made(self, recording: Recording, tape: Tape, time_map: TimeMap) -> QPolygonF:
        xs = np.arange(self.width() + 1, dtype=float)
        ticks = self.axis.left_ticks + xs / self.axis.px_per_tick
        seconds = seconds_of(time_map, ticks) - time_map.seconds_at(recording.tick) + recording.at_s
        found = tape.extremes(seconds)
        middle, reach = self.height() / 2 + 0.5, self.height() / 2 - 5
        lows, highs = (middle - found[:, 0] * reach + 0.5), (middle - found[:, 1] * reach - 0.5)
        upper = [QPointF(x, y) for x, y in zip(xs.tolist(), highs.tolist(), strict=False)]
        lower = [QPointF(x, y) for x, y in zip(xs.tolist(), lows.tolist(), strict=False)]
        return QPolygonF([*upper, *reversed(lower)])


def seconds_of(time_map: TimeMap, ticks: np.ndarray) -> np.ndarray:
    """`TimeMap.seconds_at` for many ticks in order."""
    knots = np.array([tempo.tick for tempo in time_map.tempos] + [max(float(ticks[-1]), 1.0) + 1e6])
    at = np.array([time_map.seconds_at(knot) for knot in knots])
    seconds: np.ndarray = np.interp(ticks, knots, at)
    return seconds


class WaveHead(QWidget):
    """Left of the wave: mute and level of the recording."""

    def __init__(self, document: "SongDocument", state: EditorState) -> None:
        super().__init__()
        self._document, self._state = document, state
        self._before: Song | None = None  # while the level is being dragged
        self.setFixedHeight(HEIGHT)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.mute = LetterButton("M", "Mute the recording", theme.TEXT_DIM, self)
        self.mute.move(6, 6)
        self.mute.clicked.connect(lambda _checked=False: self.toggle_mute())
        document.song_changed.connect(self.refresh)
        self.refresh()

    @property
    def recording(self) -> Recording | None:
        """The one that mute and level are about: the last."""
        found = self._document.song.recordings
        return found[-1] if found else None

    def refresh(self) -> None:
        recording = self.recording
        if recording is not None:
            self.mute.setChecked(recording.muted)
            self.setAccessibleName(f"Level of the recording “{recording.name}”, {recording.level:.0%}")
            self.setToolTip(f"“{recording.name}”. Level {recording.level:.0%}: drag, or ← →")
        self.update()

    def toggle_mute(self) -> None:
        recording = self.recording
        if recording is not None:
            muted = not recording.muted
            name = "Mute the recording" if muted else "Unmute the recording"
            self._commit(name, lambda song: edits.set_recording_mix(song, recording.sha256, muted=muted))

    def set_level(self, level: float) -> None:
        recording = self.recording
        if recording is not None:
            sha256 = recording.sha256
            self._commit("Change level", lambda song: edits.set_recording_mix(song, sha256, level=level))

    def _commit(self, name: str, edit: Callable[[Song], Song]) -> None:
        commit_edit(self._document, self._state, name, edit)

    def _bar(self) -> QRectF:
        return QRectF(7, 34, max(10, self.width() - 14), 4)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.BACKGROUND)
        painter.fillRect(0, 0, self.width(), 1, theme.LINE)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.ui_font(11))
        painter.setPen(theme.TEXT_FAINT)
        painter.drawText(QPointF(25, 18), "Rec.")
        recording = self.recording
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.CONTROL)
        painter.drawRoundedRect(self._bar(), 2, 2)
        if recording is not None:
            filled = self._bar()
            filled.setWidth(filled.width() * recording.level)
            painter.setBrush(theme.TEXT if self.hasFocus() else theme.TEXT_DIM)
            painter.drawRoundedRect(filled, 2, 2)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton and self.recording is not None:
            self._before = self._document.song
            self._document.begin_gesture("Change level")
            self._drag_to(event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._drag_to(event.position().x())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        before, self._before = self._before, None
        if before is not None:
            self._document.end_gesture()

    def _drag_to(self, x: float) -> None:
        recording, before = self.recording, self._before
        if recording is not None and before is not None:
            bar = self._bar()
            level = min(1.0, max(0.0, (x - bar.left()) / bar.width()))
            self._document.preview(edits.set_recording_mix(before, recording.sha256, level=level))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Left: -LEVEL_STEP, Qt.Key.Key_Right: LEVEL_STEP}.get(Qt.Key(event.key()))
        if step is None or self.recording is None:
            super().keyPressEvent(event)
        else:
            self.set_level(min(1.0, max(0.0, self.recording.level + step)))
