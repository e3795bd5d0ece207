"""How loud is each note? Stems under the roll, dragged up and down, alone or together."""

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from app.ui import theme
from app.ui.canvas.gestures import DragVelocity, Pointer
from app.ui.canvas.hittest import stem_at
from app.ui.canvas.noteindex import NoteIndex, Rows
from app.ui.canvas.rollnotes import RollNotes
from app.ui.canvas.timecanvas import TimeCanvas
from app.ui.editorstate import EditorState

if TYPE_CHECKING:
    from app.document.document import SongDocument

HEIGHT = 64
FEW = 160
_TOP, _BOTTOM = 8.0, 6.0


class VelocityLane(TimeCanvas):
    """One stem for each note of the roll; a drag on a selected note's stem carries all selected ones."""

    in_timeline = False

    def __init__(
        self, document: "SongDocument", state: EditorState, notes: RollNotes, parent: QWidget | None = None
    ) -> None:
        super().__init__(document, state, "Velocity", parent)
        self._notes = notes
        self.setFixedHeight(HEIGHT)
        self.setAccessibleDescription("Drag a stem to change how loud its note is.")
        for changed in (state.notes_selected, state.track_selected):
            changed.connect(self._repaint)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.BACKGROUND)
        painter.fillRect(0, 0, self.width(), 1, theme.LINE)
        track = self._notes.track
        colour = theme.ROLE_COLOURS[track.role] if track else theme.TEXT_DIM
        axis, index = self.axis, self._notes.index
        visible = index.between(axis.tick(event.rect().left() - 6), axis.tick(event.rect().right() + 6))
        visible = visible[~self._notes.replaced(visible)]
        selected = self.state.selected_note_ids
        chosen = np.isin(index.ids[visible], np.fromiter(selected, np.int64, len(selected)))
        self._paint_stems(painter, index, visible[~chosen], colour)
        ghost = self._notes.ghost
        if ghost is not None:
            shown = ghost.index.between(axis.left_ticks, axis.right_ticks(self.width()))
            self._paint_stems(painter, ghost.index, shown, theme.ACCENT)
        self._paint_stems(painter, index, visible[chosen], theme.blend(theme.TEXT, colour, 0.6))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        self.paint_playhead(painter)

    def _paint_stems(self, painter: QPainter, index: NoteIndex, rows: Rows, colour: QColor) -> None:
        starts = (index.starts[rows] - self.axis.left_ticks) * self.axis.px_per_tick + 3
        reach = self.height() - _TOP - _BOTTOM
        xs, heights = _tallest_per_pixel(starts, index.velocities[rows] / 127 * reach)
        base = self.height() - _BOTTOM
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawRects([QRectF(x - 1.5, base - h, 3, h) for x, h in zip(xs, heights, strict=True)])
        if len(rows) <= FEW:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
            painter.setPen(QPen(colour, 6.4, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
            painter.drawPoints([QPointF(x, base - h) for x, h in zip(xs, heights, strict=True)])

    # mouse ------------------------------------------------------------------

    def pointer(self, at: QPointF, modifiers: Qt.KeyboardModifier) -> Pointer:
        reach = self.height() - _TOP - _BOTTOM
        value = (self.height() - _BOTTOM - at.y()) / reach
        return Pointer(self.axis.tick(at.x()), value=min(1.0, max(1 / 127, value)))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is not Qt.MouseButton.LeftButton:
            return
        chosen = self.state.selected_note_ids
        note = stem_at(self._notes.index, self.axis, event.position().x() - 3, chosen)
        if note is None:
            return
        if note.id not in chosen:
            chord = [n.id for n in self._notes.index.notes if n.start_ticks == note.start_ticks]
            self.state.select_notes(chord)
        self.begin(
            DragVelocity(self.document.song, self.state.selected_note_ids, note),
            self.pointer(event.position(), event.modifiers()),
        )

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if not self.drag_moved(event):
            near = stem_at(self._notes.index, self.axis, event.position().x() - 3, frozenset())
            self.setCursor(Qt.CursorShape.SizeVerCursor if near else Qt.CursorShape.ArrowCursor)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self.drag_released()


def _tallest_per_pixel(xs: np.ndarray, heights: np.ndarray) -> tuple[list[float], list[float]]:
    """Of many stems on one pixel only the tallest is worth painting."""
    if len(xs) <= FEW:
        return xs.tolist(), heights.tolist()
    pixels = xs.astype(np.int64)
    first = int(pixels[0])
    tallest = np.zeros(int(pixels[-1]) - first + 1)
    np.maximum.at(tallest, pixels - first, heights)
    used = np.flatnonzero(tallest)
    return (used + float(first)).tolist(), tallest[used].tolist()
