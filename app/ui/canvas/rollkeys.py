"""The keys at the left of the roll: piano keys, or drums by name. A click lets the pitch be heard."""

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from app.ui import theme
from app.ui.canvas.drumkit import drum_name
from app.ui.canvas.geometry import BLACK_PITCH_CLASSES
from app.ui.canvas.rollnotes import RollNotes
from app.ui.editorstate import EditorState

PIANO_WIDTH = 57
DRUM_WIDTH = 92
WHITE_KEY = QColor("#dadce2")
BLACK_KEY = QColor("#0c0d10")
ON_WHITE_KEY = QColor("#4a4e58")


class RollKeys(QWidget):
    """Rows of keys, aligned with the grid's."""

    pitch_previewed = Signal(int)

    def __init__(self, state: EditorState, notes: RollNotes, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._notes = notes
        self._sounding = -1
        self.setAccessibleName("Piano keys")
        self.setAccessibleDescription("Click a key to hear it.")
        state.rows_changed.connect(self._repaint)
        state.track_selected.connect(self._repaint)

    def _repaint(self, *_: object) -> None:
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.BACKGROUND)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint = self._paint_drum if self._notes.is_drums else self._paint_key
        for pitch, y in self._state.rows.visible(self.height()):
            paint(painter, pitch, y)

    def _paint_key(self, painter: QPainter, pitch: int, y: float) -> None:
        row_px = self._state.rows.row_px
        painter.setPen(Qt.PenStyle.NoPen)
        if pitch % 12 in BLACK_PITCH_CLASSES:
            painter.setBrush(theme.CONTROL if pitch == self._sounding else BLACK_KEY)
            painter.drawRect(QRectF(0, y, self.width() * 0.64, row_px))
            return
        painter.setBrush(theme.ACCENT if pitch == self._sounding else WHITE_KEY)
        painter.drawRoundedRect(QRectF(-4, y + 0.5, self.width() + 1, row_px - 1), 2.5, 2.5)
        if pitch % 12 == 0 and row_px >= 8:
            painter.setPen(ON_WHITE_KEY)
            painter.setFont(theme.ui_font(min(11, int(row_px) - 2)))
            label = QRectF(0, y, self.width() - 9, row_px)
            painter.drawText(label, _RIGHT, f"C{pitch // 12 - 1}")

    def _paint_drum(self, painter: QPainter, pitch: int, y: float) -> None:
        row_px = self._state.rows.row_px
        if pitch == self._sounding:
            painter.fillRect(QRectF(0, y, self.width(), row_px), theme.CONTROL)
        if row_px < 8:
            return
        painter.setFont(theme.ui_font(min(12, int(row_px) - 2)))
        used = pitch in set(self._notes.index.pitches.tolist())
        painter.setPen(theme.TEXT_DIM if used else theme.TEXT_FAINT)
        text = painter.fontMetrics().elidedText(drum_name(pitch), _ELIDE, self.width() - 14)
        painter.drawText(QRectF(8, y, self.width() - 10, row_px), _LEFT, text)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._sound(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._sound(event.position())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._sounding = -1
        self.update()

    def _sound(self, at: QPointF) -> None:
        pitch = self._state.rows.pitch(at.y())
        if pitch != self._sounding:
            self._sounding = pitch
            self.pitch_previewed.emit(pitch)
            self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scrolls the rows; Ctrl makes them taller or lower."""
        rows = self._state.rows
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            factor = 1.2 ** (event.angleDelta().y() / 120)
            self._state.set_rows(rows.zoomed(factor, event.position().y(), self.height()))
        else:
            self._state.set_rows(rows.scrolled(-event.angleDelta().y() / 2, self.height()))
        event.accept()


_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_ELIDE = Qt.TextElideMode.ElideRight
