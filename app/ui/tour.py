"""Five steps through the window, for a first look. Lies over it, points at the real thing, never in the
way of work.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.widgets import button, keep_keys, label, row


@dataclass(frozen=True, slots=True)
class Step:
    """What is pointed at, and what is said about it."""

    target: QWidget
    title: str
    text: str


class Tour(QWidget):
    """Enter, Right or a click goes on; Left goes back; Escape ends it."""

    finished = Signal()

    def __init__(self, window: QWidget, steps: Sequence[Step]) -> None:
        super().__init__(window)
        self.setAccessibleName("Tour")
        self.setGeometry(window.rect())
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._steps = steps
        self.place = 0
        self._bubble = QFrame(self)
        self._bubble.setObjectName("chooser")
        self._bubble.setFixedWidth(320)
        self._count = label("", "tiny")
        self._title = label("", "title")
        self._text = label("", "dim", wraps=True)
        self._next = button("Next", self.forward, primary=True, small=True)
        end = button("End the tour", self.end, small=True)
        layout = QVBoxLayout(self._bubble)
        layout.setContentsMargins(14, 12, 14, 12)
        layout.setSpacing(8)
        for widget in (self._count, self._title, self._text):
            layout.addWidget(widget)
        layout.addLayout(row(end, None, self._next))
        self._show()
        self.show()
        self.raise_()
        self.setFocus()

    def event(self, event: QEvent) -> bool:
        return keep_keys(event) or super().event(event)

    def forward(self) -> None:
        if self.place + 1 >= len(self._steps):
            self.end()
        else:
            self.place += 1
            self._show()

    def back(self) -> None:
        self.place = max(0, self.place - 1)
        self._show()

    def end(self) -> None:
        self.hide()
        self.finished.emit()
        self.deleteLater()

    @property
    def text(self) -> str:
        return f"{self._title.text()}. {self._text.text()}"

    def _show(self) -> None:
        step = self._steps[self.place]
        self._count.setText(f"{self.place + 1} of {len(self._steps)}")
        self._title.setText(step.title)
        self._text.setText(step.text)
        self._next.setText("Done" if self.place + 1 == len(self._steps) else "Next")
        self.setAccessibleDescription(self.text)
        self._bubble.adjustSize()
        self._bubble.move(self._beside(self._target()))
        self.update()

    def _target(self) -> QRect:
        widget = self._steps[self.place].target
        return QRect(widget.mapTo(self.window(), QPoint(0, 0)), widget.size()).intersected(self.rect())

    def _beside(self, target: QRect) -> QPoint:
        """Where the most room is: left, right, below or above."""
        bubble = self._bubble.size()
        if target.left() > bubble.width() + 24:
            x, y = target.left() - bubble.width() - 14, target.top() + 10
        elif self.width() - target.right() > bubble.width() + 24:
            x, y = target.right() + 14, target.top() + 10
        elif self.height() - target.bottom() > bubble.height() + 24:
            x, y = target.left() + 10, target.bottom() + 14
        else:
            x, y = target.left() + 20, target.top() - bubble.height() - 14
        if y < 8:
            x, y = target.center().x() - bubble.width() // 2, target.center().y() - bubble.height() // 2
        return QPoint(
            max(8, min(x, self.width() - bubble.width() - 8)),
            max(8, min(y, self.height() - bubble.height() - 8)),
        )

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        dark = QPainterPath()
        dark.addRect(QRectF(self.rect()))
        hole = QPainterPath()
        hole.addRoundedRect(QRectF(self._target()).adjusted(2, 2, -2, -2), 8, 8)
        painter.fillPath(dark.subtracted(hole), theme.with_alpha(theme.BACKGROUND, 0.72))
        painter.setPen(QPen(theme.ACCENT, 2))
        painter.drawPath(hole)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.forward()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        forward = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Right, Qt.Key.Key_Space)
        if event.key() == Qt.Key.Key_Escape:
            self.end()
        elif event.key() in forward:
            self.forward()
        elif event.key() == Qt.Key.Key_Left:
            self.back()
        event.accept()
