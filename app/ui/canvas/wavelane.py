"""What was recorded, as it looks: a row for each recording under the roll, in the roll's time.

A recording keeps its own seconds; where the song's tempo differs from the one it was heard in, the wave and
the notes part, as they do for the ear. A row is dragged to move its recording with the notes heard in it.
"""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
)
from PySide6.QtWidgets import QWidget

from app.playback.tape import Tape
from app.ui import theme
from app.ui.canvas.timecanvas import TimeCanvas
from app.ui.canvas.waverows import DragRecording, row_px
from app.ui.editorstate import EditorState
from engine.music import Recording, TimeMap

if TYPE_CHECKING:
    from app.document.document import SongDocument

FindTape = Callable[[str], Tape | None]


class WaveLane(TimeCanvas):
    """The waveforms of the song's recordings. `menu_wanted(sha256, point on the screen)`."""

    in_timeline = False
    menu_wanted = Signal(str, object)

    def __init__(self, document: "SongDocument", state: EditorState, parent: QWidget | None = None) -> None:
        super().__init__(document, state, "Recording", parent)
        self._find: FindTape = lambda _sha256: None
        self._held: dict[str, tuple[tuple[object, ...], QPolygonF]] = {}
        document.song_changed.connect(self._fit)
        self._fit()

    def show_tapes(self, find: FindTape) -> None:
        """Where tapes come from; also called when one has become ready."""
        self._find = find
        self._held.clear()
        self.update()

    def _fit(self) -> None:
        count = len(self.document.song.recordings)
        self.setFixedHeight(row_px(count) * max(1, count))

    def row(self, index: int) -> QRect:
        """Where a recording is drawn."""
        height = row_px(len(self.document.song.recordings))
        return QRect(0, index * height, self.width(), height)

    def recording_at(self, at: QPointF) -> Recording | None:
        """The recording under a point, where it sounds."""
        recordings, time_map = self.document.song.recordings, self.document.song.time_map
        index = int(at.y()) // row_px(len(recordings))
        if not 0 <= index < len(recordings):
            return None
        second = recordings[index].second_at(time_map.seconds_at(self.axis.tick(at.x())), time_map)
        return recordings[index] if 0 <= second <= recordings[index].duration_s else None

    # painting -------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.BACKGROUND)
        self.paint_region(painter)
        recordings = self.document.song.recordings
        for index, recording in enumerate(recordings):
            row = self.row(index)
            painter.fillRect(0, row.top(), self.width(), 1, theme.LINE)
            self._paint_recording(painter, row, recording)
            if len(recordings) > 1:
                self._paint_name(painter, row, Path(recording.name).stem)
        self.paint_playhead(painter)

    def _paint_recording(self, painter: QPainter, row: QRect, recording: Recording) -> None:
        tape = self._find(recording.sha256)
        if tape is None:
            painter.setFont(theme.ui_font(11))
            painter.setPen(theme.TEXT_FAINT)
            painter.drawText(QPointF(8, row.center().y() + 5), "Reading the recording")
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour = theme.with_alpha(theme.TEXT_DIM, 0.3 if recording.muted else 0.85)
        painter.setPen(QPen(colour, 1.0))
        painter.setBrush(colour)
        painter.save()
        painter.setClipRect(self._sounding(recording, row))
        painter.translate(0, row.top())
        painter.drawPolygon(self._outline(recording, tape))
        painter.restore()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _sounding(self, recording: Recording, row: QRect) -> QRectF:
        """From where it begins to where it ends: no line in the silence before and after."""
        time_map = self.document.song.time_map
        begins_s = time_map.seconds_at(recording.tick) - recording.at_s
        left, right = (
            self.axis.x(time_map.tick_at(second)) for second in (begins_s, begins_s + recording.duration_s)
        )
        return QRectF(left, row.top(), right - left, row.height())

    def _paint_name(self, painter: QPainter, row: QRect, name: str) -> None:
        """Which recording it is, where there are several: on a ground of its own, over the wave."""
        painter.setFont(theme.ui_font(11))
        metrics = painter.fontMetrics()
        text = metrics.elidedText(name, Qt.TextElideMode.ElideRight, 220)
        ground = QRect(4, row.top() + 3, metrics.horizontalAdvance(text) + 8, metrics.height())
        painter.fillRect(ground, theme.with_alpha(theme.BACKGROUND, 0.75))
        painter.setPen(theme.TEXT_DIM)
        painter.drawText(ground, Qt.AlignmentFlag.AlignCenter, text)

    def _outline(self, recording: Recording, tape: Tape) -> QPolygonF:
        """Highest points from left to right, lowest back again; kept for the next paint."""
        time_map = self.document.song.time_map
        size = (self.width(), self.row(0).height())
        key = (recording.tick, recording.at_s, time_map.tempos, self.axis, size, tape)
        held = self._held.get(recording.sha256)
        if held is None or held[0] != key:
            held = self._held[recording.sha256] = (key, self._made(recording, tape, time_map))
        return held[1]

    def _made(self, recording: Recording, tape: Tape, time_map: TimeMap) -> QPolygonF:
        xs = np.arange(self.width() + 1, dtype=float)
        ticks = self.axis.left_ticks + xs / self.axis.px_per_tick
        seconds = seconds_of(time_map, ticks) - time_map.seconds_at(recording.tick) + recording.at_s
        found = tape.extremes(seconds)
        height = self.row(0).height()
        middle, reach = height / 2 + 0.5, height / 2 - min(5, height / 8)
        lows, highs = (middle - found[:, 0] * reach + 0.5), (middle - found[:, 1] * reach - 0.5)
        upper = [QPointF(x, y) for x, y in zip(xs.tolist(), highs.tolist(), strict=False)]
        lower = [QPointF(x, y) for x, y in zip(xs.tolist(), lows.tolist(), strict=False)]
        return QPolygonF([*upper, *reversed(lower)])

    # hands ----------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        recording = self.recording_at(event.position())
        if event.button() is Qt.MouseButton.LeftButton and recording is not None and not self.is_previewing:
            start = self.pointer(event.position(), event.modifiers())
            self.arm(DragRecording(self.document.song, recording.sha256, start, self.state.grid), event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if not self.drag_moved(event):
            is_over = self.recording_at(event.position()) is not None
            self.setCursor(Qt.CursorShape.OpenHandCursor if is_over else Qt.CursorShape.ArrowCursor)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self.drag_released()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        recording = self.recording_at(QPointF(event.pos()))
        if recording is not None:
            self.menu_wanted.emit(recording.sha256, event.globalPos())


def seconds_of(time_map: TimeMap, ticks: np.ndarray) -> np.ndarray:
    """`TimeMap.seconds_at` for many ticks in order."""
    knots = np.array([tempo.tick for tempo in time_map.tempos] + [max(float(ticks[-1]), 1.0) + 1e6])
    at = np.array([time_map.seconds_at(knot) for knot in knots])
    seconds: np.ndarray = np.interp(ticks, knots, at)
    return seconds
