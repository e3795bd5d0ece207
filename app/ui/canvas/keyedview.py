"""Who gets a key press? A view of canvases claims its keys before the window's shortcuts see them."""

from collections.abc import Callable
from typing import cast

from PySide6.QtCore import QEvent
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from app.ui.canvas.actions import KeyTable


class KeyedView(QWidget):
    """A view with a table of keys, and keys whose meaning depends on what is going on."""

    key_table: KeyTable

    def meaning_of(self, event: QKeyEvent) -> Callable[[], object] | None:
        """What the key does just now, before the table is asked; None when nothing special."""
        return None

    def event(self, event: QEvent) -> bool:
        """Claim the view's keys."""
        if event.type() is QEvent.Type.ShortcutOverride:
            key = cast(QKeyEvent, event)
            if self.key_table.claims(key) or self.meaning_of(key) is not None:
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        meaning = self.meaning_of(event)
        if meaning is not None:
            meaning()
        elif not self.key_table.press(event):
            super().keyPressEvent(event)
