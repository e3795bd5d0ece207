"""A line of text typed right where it stands; what cannot be taken is said in one sentence below it."""

from collections.abc import Callable
from typing import cast

from PySide6.QtCore import QEvent, QPoint, QRect, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLabel, QLineEdit, QWidget

from app.ui import theme

MIN_WIDTH = 72


class InlineEdit(QLineEdit):
    """Enter takes the text, Tab takes it and goes on, Escape or leaving puts it away.

    `take(text)` returns an empty string when the text was taken, else a sentence that says why not.
    """

    def __init__(
        self,
        over: QWidget,
        rect: QRect,
        text: str,
        name: str,
        take: Callable[[str], str],
        go_on: Callable[[], object] | None = None,
    ) -> None:
        super().__init__(text, over)
        self._over = over
        self._take = take
        self._go_on = go_on
        self._is_done = False
        self._complaint: QLabel | None = None
        self.setAccessibleName(name)
        self.setStyleSheet(
            f"QLineEdit {{ background: {theme.BACKGROUND.name()}; color: {theme.TEXT.name()};"
            f"border: 1px solid {theme.TEXT_DIM.name()}; border-radius: 4px; padding: 0 5px;"
            "font-weight: 600; }"
        )
        self.setGeometry(_room(rect, over))
        self.textEdited.connect(self._hide_complaint)
        self.show()
        self.selectAll()
        self.setFocus(Qt.FocusReason.PopupFocusReason)

    def event(self, event: QEvent) -> bool:
        """Keys typed here mean text and nothing else, neither for the canvas nor for the window."""
        if event.type() is QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        if event.type() is not QEvent.Type.KeyPress:
            return super().event(event)
        if not self._pressed(cast(QKeyEvent, event)):
            super().event(event)
        event.accept()
        return True

    def _pressed(self, event: QKeyEvent) -> bool:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.accept()
        elif event.key() == Qt.Key.Key_Tab and self._go_on is not None:
            if self.accept():
                self._go_on()
        elif event.key() == Qt.Key.Key_Escape:
            self.close_editor()
        else:
            return False
        return True

    def accept(self) -> bool:
        """Offer the text; closes when it is taken. False when it was not."""
        why_not = self._take(self.text())
        if why_not:
            self._complain(why_not)
            return False
        self.close_editor()
        return True

    @property
    def complaint(self) -> str:
        """The sentence shown below the line, empty when there is none."""
        return self._complaint.text() if self._complaint is not None else ""

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() is not Qt.FocusReason.ActiveWindowFocusReason:
            self.close_editor()

    def close_editor(self) -> None:
        """Put the line away; the focus goes back to the canvas."""
        if self._is_done:
            return
        self._is_done = True
        self._hide_complaint()
        if self.hasFocus():
            self._over.setFocus()
        self.hide()
        self.deleteLater()

    def _complain(self, sentence: str) -> None:
        self._hide_complaint()
        label = QLabel(sentence, self)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWindowFlags(Qt.WindowType.ToolTip)
        label.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        label.setStyleSheet(
            f"background: {theme.CONTROL.name()}; color: {theme.TEXT.name()}; padding: 5px 9px;"
            f"border: 1px solid {theme.BAD.name()}; border-radius: 5px;"
        )
        label.adjustSize()
        label.move(self.mapToGlobal(QPoint(0, self.height() + 4)))
        label.show()
        self._complaint = label
        self.setAccessibleDescription(sentence)

    def _hide_complaint(self, *_: object) -> None:
        if self._complaint is not None:
            self._complaint.deleteLater()
            self._complaint = None


def _room(rect: QRect, over: QWidget) -> QRect:
    """The place of the line: at least wide enough to type in, inside the canvas."""
    width = max(MIN_WIDTH, rect.width())
    left = max(0, min(rect.left(), over.width() - width))
    return QRect(left, rect.top(), width, max(20, rect.height()))
