"""The plan of a song at a glance: a coloured block for each section with its bars; a block can be chosen.

Chosen blocks are what “Section” would take over. Click or Enter chooses, Left and Right go along.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import cast

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QFont, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from app.ui import theme
from engine.music.section import SectionKind

HEIGHT = 24
_GAP = 2.0
_KEYS = (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)


@dataclass(frozen=True, slots=True)
class FormBlock:
    """One section of a plan: what it is called, how long it is, and what is new in it in words."""

    name: str
    bars: int
    kind: SectionKind
    remark: str = ""


class FormStrip(QWidget):
    """`picked(place)`: the artist points at a section."""

    picked = Signal(int)

    def __init__(self, blocks: Sequence[FormBlock]) -> None:
        super().__init__()
        self._blocks = tuple(blocks)
        self._chosen: frozenset[int] = frozenset()
        self._at = 0
        self.setFixedHeight(HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName("Form: " + ", ".join(map(_words, self._blocks)))
        self._describe()

    def sizeHint(self) -> QSize:
        return QSize(200, HEIGHT)

    def choose(self, places: frozenset[int]) -> None:
        """Sections that “Section” takes over; the rest is dimmed. None chosen: all are bright."""
        self._chosen = places
        self._describe()
        self.update()

    def rects(self) -> list[QRectF]:
        """Where each block is painted."""
        total = max(1, sum(block.bars for block in self._blocks))
        ends = [self.width() * bars / total for bars in accumulate(each.bars for each in self._blocks)]
        starts = [0.0, *ends]
        return [
            QRectF(left, 0, max(2.0, right - left - _GAP), self.height())
            for left, right in zip(starts, ends, strict=False)
        ]

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.ui_font(11, QFont.Weight.Medium))
        for place, (rect, block) in enumerate(zip(self.rects(), self._blocks, strict=True)):
            is_dim = bool(self._chosen) and place not in self._chosen
            painter.setOpacity(0.4 if is_dim else 1.0)
            painter.setPen(QPen(theme.ACCENT, 1.4) if place in self._chosen else Qt.PenStyle.NoPen)
            painter.setBrush(theme.SECTION_COLOURS[block.kind])
            painter.drawRoundedRect(rect.adjusted(0.7, 0.7, -0.7, -0.7), 4, 4)
            if self.hasFocus() and place == self._at:
                painter.setPen(QPen(theme.TEXT, 1.2))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRoundedRect(rect.adjusted(1.5, 1.5, -1.5, -1.5), 3, 3)
            painter.setPen(theme.TEXT_DIM)
            if painter.fontMetrics().horizontalAdvance(str(block.bars)) <= rect.width():
                painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, str(block.bars))

    def place_at(self, x: float) -> int | None:
        """The section under a point of the strip."""
        return next(
            (at for at, rect in enumerate(self.rects()) if rect.left() <= x <= rect.right() + _GAP), None
        )

    def mousePressEvent(self, event: QMouseEvent) -> None:
        place = self.place_at(event.position().x())
        if place is None or event.button() is not Qt.MouseButton.LeftButton:
            event.ignore()
            return
        self._at = place
        self.picked.emit(place)

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.ShortcutOverride and cast(QKeyEvent, event).key() in _KEYS:
            event.accept()
            return True
        if event.type() is QEvent.Type.ToolTip:
            place = self.place_at(cast(QHelpEvent, event).pos().x())
            if place is not None:
                QToolTip.showText(cast(QHelpEvent, event).globalPos(), _words(self._blocks[place]), self)
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() not in _KEYS or not self._blocks:
            super().keyPressEvent(event)
        elif event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            step = 1 if event.key() == Qt.Key.Key_Right else -1
            self._at = max(0, min(len(self._blocks) - 1, self._at + step))
            self._describe()
            self.update()
        else:
            self.picked.emit(self._at)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.update()
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.update()
        super().focusOutEvent(event)

    def _describe(self) -> None:
        if self._blocks:
            chosen = "chosen" if self._at in self._chosen else "not chosen"
            self.setAccessibleDescription(f"{_words(self._blocks[self._at])}, {chosen}")


def _words(block: FormBlock) -> str:
    bars = "1 bar" if block.bars == 1 else f"{block.bars} bars"
    return f"{block.name}, {bars}" + (f": {block.remark}" if block.remark else "")
