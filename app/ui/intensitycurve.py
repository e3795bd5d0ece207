"""How full is each section of the song? A curve over the form whose points are dragged or moved by key.

Levels are 0-1, one a section. Left and Right go from point to point, Up and Down move one, Delete gives a
point back to the shape. Nothing of it is music yet: the levels go into the question.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import cast

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from app.ui import theme
from app.ui.widgets import painter_on_ground

HEIGHT = 86
STEP, FINE_STEP = 0.1, 0.02
POINT_PX, GRAB_PX = 5.0, 14.0
_NAMES_PX, _TOP_PX = 20, 9
_MOVES = (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Home, Qt.Key.Key_End)
_RESETS = (Qt.Key.Key_Delete, Qt.Key.Key_Backspace)


@dataclass(frozen=True, slots=True)
class CurveSection:
    """A section under the curve; `level` is what the shape itself would have there."""

    name: str
    bars: int
    level: float


class IntensityCurve(QWidget):
    """`changed`: the artist has moved a point. `is_drawn` says whether any differs from the shape."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._sections: tuple[CurveSection, ...] = ()
        self._levels: list[float] = []
        self._at = 0
        self._dragged: int | None = None
        self.setFixedHeight(HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setMouseTracking(True)
        self.setToolTip("Drag a point; with the keys: ← → choose a section, ↑ ↓ move it, Del gives it back")
        self._name()

    def show_sections(self, sections: Sequence[CurveSection]) -> None:
        """Another form; the artist's levels stay when its sections are the same."""
        if tuple(sections) == self._sections:
            return
        self._sections = tuple(sections)
        self._levels = [section.level for section in sections]
        self._at = min(self._at, max(0, len(sections) - 1))
        self._dragged = None
        self._name()
        self.update()

    @property
    def levels(self) -> tuple[float, ...]:
        """One a section, 0-1."""
        return tuple(self._levels)

    @property
    def is_drawn(self) -> bool:
        return any(
            level != section.level for level, section in zip(self._levels, self._sections, strict=True)
        )

    def set_level(self, place: int, level: float) -> None:
        """Move a point, as dragging and keys do."""
        level = round(min(1.0, max(0.0, level)), 2)
        self._at = place
        if level != self._levels[place]:
            self._levels[place] = level
            self.changed.emit()
        self._name()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(200, HEIGHT)

    # where things are -----------------------------------------------------------

    def spans(self) -> list[tuple[float, float]]:
        """Left and right edge of each section, in logical pixels."""
        total = max(1, sum(section.bars for section in self._sections))
        ends = [self.width() * bars / total for bars in accumulate(each.bars for each in self._sections)]
        return list(zip([0.0, *ends], ends, strict=False))

    def points(self) -> list[QPointF]:
        """The points of the curve, one in the middle of each section."""
        return [
            QPointF((left + right) / 2, self._y(level))
            for (left, right), level in zip(self.spans(), self._levels, strict=True)
        ]

    def _room(self) -> float:
        return self.height() - _TOP_PX - _NAMES_PX - POINT_PX

    def _y(self, level: float) -> float:
        return _TOP_PX + self._room() * (1 - level)

    def _level_at(self, y: float) -> float:
        return 1 - (y - _TOP_PX) / self._room()

    def _section_at(self, x: float) -> int | None:
        found = [place for place, (left, right) in enumerate(self.spans()) if left <= x < right]
        return found[0] if found else None

    # painting ---------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = painter_on_ground(self, 5)
        self._paint_sections(painter)
        self._paint_curve(painter)
        if self.hasFocus():
            painter.setPen(QPen(theme.TEXT_FAINT, 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 5, 5)

    def _paint_sections(self, painter: QPainter) -> None:
        painter.setFont(theme.ui_font(11))
        for place, ((left, right), section) in enumerate(zip(self.spans(), self._sections, strict=True)):
            if place % 2:
                painter.fillRect(
                    QRectF(left, 0, right - left, self.height()), theme.with_alpha(theme.CARD, 0.75)
                )
            painter.setPen(theme.TEXT_DIM if place == self._at and self.hasFocus() else theme.TEXT_FAINT)
            painter.drawText(
                QPointF(left + 4, self.height() - 7), _shortened(painter, section.name, right - left)
            )

    def _paint_curve(self, painter: QPainter) -> None:
        points = self.points()
        if not points:
            return
        edges = [QPointF(0, points[0].y()), *points, QPointF(self.width(), points[-1].y())]
        painter.setPen(QPen(theme.ACCENT, 1.8))
        painter.drawPolyline(edges)
        for place, point in enumerate(points):
            is_at = place == self._at and (self.hasFocus() or self._dragged is not None)
            painter.setPen(QPen(theme.ACCENT, 2.0))
            painter.setBrush(theme.ACCENT if is_at else theme.TEXT)
            painter.drawEllipse(point, POINT_PX, POINT_PX)

    # mouse --------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        place = self._section_at(event.position().x())
        if event.button() is Qt.MouseButton.LeftButton and place is not None:
            self._dragged = place
            self.set_level(place, self._level_at(event.position().y()))
            self._tell(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._dragged is not None:
            self.set_level(self._dragged, self._level_at(event.position().y()))
            self._tell(event)
            return
        near = any(
            abs(point.x() - event.position().x()) + abs(point.y() - event.position().y()) < GRAB_PX
            for point in self.points()
        )
        self.setCursor(Qt.CursorShape.SizeVerCursor if near else Qt.CursorShape.ArrowCursor)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._dragged = None
        self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        place = self._section_at(event.position().x())
        if place is not None:
            self._dragged = None
            self.set_level(place, self._sections[place].level)

    def _tell(self, event: QMouseEvent) -> None:
        QToolTip.showText(event.globalPosition().toPoint(), self._words(self._at), self)

    # keys -----------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        """The keys of the curve are its own while it has the focus."""
        is_override = event.type() is QEvent.Type.ShortcutOverride
        if is_override and cast(QKeyEvent, event).key() in (*_MOVES, *_RESETS):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, last = event.key(), len(self._sections) - 1
        if last < 0 or key not in (*_MOVES, *_RESETS):
            super().keyPressEvent(event)
            return
        step = FINE_STEP if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else STEP
        level = self._levels[self._at]
        if key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.set_level(self._at, level + (step if key == Qt.Key.Key_Up else -step))
        elif key in _RESETS:
            self.set_level(self._at, self._sections[self._at].level)
        else:
            places = {Qt.Key.Key_Left: self._at - 1, Qt.Key.Key_Right: self._at + 1, Qt.Key.Key_Home: 0}
            self._at = max(0, min(last, places.get(Qt.Key(key), last)))
            self._name()
            self.update()

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.update()
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.update()
        super().focusOutEvent(event)

    # words --------------------------------------------------------------------------------

    def _words(self, place: int) -> str:
        return f"{self._sections[place].name}: {self._levels[place]:.0%}"

    def _name(self) -> None:
        """What a screen reader says: the point that keys would move, then the whole curve."""
        here = f", {self._words(self._at)}" if self._sections else ""
        self.setAccessibleName(f"Intensity by section{here}")
        self.setAccessibleDescription("; ".join(self._words(place) for place in range(len(self._sections))))


def _shortened(painter: QPainter, name: str, room: float) -> str:
    """As much of the name as has room: its number goes first, then its last letters."""
    metrics = painter.fontMetrics()
    if metrics.horizontalAdvance(name) <= room - 6:
        return name
    plain = name.rstrip(" 0123456789")
    fitting = (plain[:length] for length in range(len(plain), 1, -1))
    return next((text for text in fitting if metrics.horizontalAdvance(text) <= room - 5), "")
