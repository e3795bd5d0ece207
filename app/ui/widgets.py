"""The small parts the window is made of: labels, segmented choices, key hints, fact buttons.

Buttons take the focus from Tab only, so that Space stays "play" for a hand on the mouse and still presses
whatever Tab has reached.
"""

from collections.abc import Callable, Iterable
from typing import TypeVar

from PySide6 import QtGui
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics, QIcon, QKeyEvent, QPainter, QPaintEvent, QPolygonF
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QBoxLayout,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.ui import theme


def label(text: str = "", tone: str = "", wraps: bool = False) -> QLabel:
    """Plain text in one of the tones of the style sheet; nothing in it is read as markup."""
    made = QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    if tone:
        made.setProperty("tone", tone)
    made.setWordWrap(wraps)
    return made


def plain_tip(text: str) -> str:
    """A tooltip that shows the text as it is: Qt takes for markup what looks like it."""
    return QtGui.Qt.convertFromPlainText(text) if QtGui.Qt.mightBeRichText(text) else text


class ElidedLabel(QLabel):
    """One line that ends in … when there is no room; the whole text is its tooltip."""

    def __init__(self, text: str = "", tone: str = "") -> None:
        super().__init__(text)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("tone", tone)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._own_tip = ""

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        text = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
        if self.toolTip() == self._own_tip:
            self._own_tip = plain_tip(self.text()) if text != self.text() else ""
            self.setToolTip(self._own_tip)
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)


def button(text: str, on_click: Callable[[], object] | None = None, **traits: bool) -> QPushButton:
    """A push button; `primary`, `flat` or `link` choose its look."""
    made = QPushButton(text)
    made.setAutoDefault(True)  # Enter presses it as well
    made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    made.setAccessibleName(text)
    made.setCursor(Qt.CursorShape.PointingHandCursor)
    for name, value in traits.items():
        made.setProperty(name, value)
    if on_click is not None:
        made.clicked.connect(lambda _checked=False: on_click())
    return made


def tool_button(icon: QIcon, name: str, hint: str, checkable: bool = False) -> QToolButton:
    """A square button with a sign; `name` is what a screen reader says, `hint` the tooltip."""
    made = QToolButton()
    made.setIcon(icon)
    made.setIconSize(QSize(16, 16))
    made.setFixedSize(36, 32)
    made.setCheckable(checkable)
    made.setAccessibleName(name)
    made.setToolTip(hint)
    made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return made


Item = QWidget | int | None
Margins = tuple[int, int, int, int]
_Layout = TypeVar("_Layout", bound=QBoxLayout)


def row(*items: Item, spacing: int = 8, margins: Margins = (0, 0, 0, 0)) -> QHBoxLayout:
    """Widgets side by side; a number is a fixed gap, None takes what is left."""
    return _filled(QHBoxLayout(), items, spacing, margins)


def column(*items: Item, spacing: int = 4, margins: Margins = (0, 0, 0, 0)) -> QVBoxLayout:
    """Widgets one below the other, gaps as in `row`."""
    return _filled(QVBoxLayout(), items, spacing, margins)


def _filled(layout: _Layout, items: Iterable[Item], spacing: int, margins: Margins) -> _Layout:
    layout.setSpacing(spacing)
    layout.setContentsMargins(*margins)
    for item in items:
        if item is None:
            layout.addStretch(1)
        elif isinstance(item, int):
            layout.addSpacing(item)
        else:
            layout.addWidget(item)
    return layout


class Segmented(QFrame):
    """A choice of one among few (`exclusive`), or toggles side by side. Values are what the caller gives."""

    chosen = Signal(object)
    toggled_values = Signal(object)

    def __init__(self, options: Iterable[tuple[object, str]], name: str, exclusive: bool = True) -> None:
        super().__init__()
        self.setObjectName("segmented")
        self.setAccessibleName(name)
        self._is_exclusive = exclusive
        self._buttons: dict[object, QPushButton] = {}
        layout = QHBoxLayout(self)
        layout.setContentsMargins(2, 2, 2, 2)
        layout.setSpacing(2)
        for value, text in options:
            made = button(text, segment=True)
            made.setCheckable(True)
            made.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
            made.setMinimumWidth(10)
            made.setAccessibleName(f"{name}: {text}")
            made.clicked.connect(lambda _checked=False, value=value: self._clicked(value))
            layout.addWidget(made, made.fontMetrics().horizontalAdvance(text) + 10)
            self._buttons[value] = made
        if exclusive:
            self.choose(next(iter(self._buttons)))

    def _clicked(self, value: object) -> None:
        if self._is_exclusive:
            self.choose(value)
            self.chosen.emit(value)
        else:
            self.toggled_values.emit(self.values())

    def choose(self, value: object) -> None:
        """Show this value as the chosen one; silent."""
        for other, made in self._buttons.items():
            made.setChecked(other == value)

    def value(self) -> object:
        return next(value for value, made in self._buttons.items() if made.isChecked())

    def values(self) -> tuple[object, ...]:
        """What is switched on."""
        return tuple(value for value, made in self._buttons.items() if made.isChecked())

    def set_values(self, values: Iterable[object]) -> None:
        wanted = tuple(values)
        for value, made in self._buttons.items():
            made.setChecked(value in wanted)

    def segment(self, value: object) -> QPushButton:
        """The button of a value, for shortcuts and tests."""
        return self._buttons[value]


class DropDown(QComboBox):
    """A choice among many, with a small arrow at its right."""

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.TEXT_DIM if self.isEnabled() else theme.LINE)
        x, y = self.width() - 14.0, self.height() / 2 - 1.5
        painter.drawPolygon(QPolygonF([QPointF(x - 3.5, y), QPointF(x + 3.5, y), QPointF(x, y + 4.5)]))


class FactButton(QAbstractButton):
    """A fact with its name below ("92.0 / bpm"); pressed to correct it."""

    def __init__(self, name: str, action: str) -> None:
        super().__init__()
        self._value, self._note = "", ""
        self._name, self._action = name, action
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setToolTip(action)

    def show_fact(self, value: str, note: str) -> None:
        """`value` above, `note` small below."""
        if (value, note) != (self._value, self._note):
            self._value, self._note = value, note
            self.setAccessibleName(f"{self._name} {value}, {note}. {self._action}")
            self.updateGeometry()
            self.update()

    @property
    def value(self) -> str:
        return self._value

    @property
    def note(self) -> str:
        return self._note

    def sizeHint(self) -> QSize:
        width = max(
            QFontMetrics(_value_font()).horizontalAdvance(self._value),
            QFontMetrics(_note_font()).horizontalAdvance(self._note),
        )
        return QSize(width + 12, 38)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.underMouse() or self.hasFocus():
            painter.setPen(theme.TEXT_FAINT if self.hasFocus() else Qt.PenStyle.NoPen)
            painter.setBrush(theme.CARD)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        area = QRectF(6, 3, self.width() - 6, 18)
        painter.setFont(_value_font())
        painter.setPen(theme.TEXT)
        painter.drawText(area, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, self._value)
        painter.setFont(_note_font())
        painter.setPen(theme.TEXT_FAINT)
        area.translate(0, 16)
        painter.drawText(area, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, self._note)

    def enterEvent(self, event: object) -> None:
        self.update()

    def leaveEvent(self, event: object) -> None:
        self.update()


def _value_font() -> QFont:
    return theme.ui_font(14, QFont.Weight.DemiBold)


def _note_font() -> QFont:
    return theme.ui_font(11)


class Dot(QWidget):
    """A small filled circle: the engine's light."""

    def __init__(self, colour: QColor) -> None:
        super().__init__()
        self._colour = colour
        self.setFixedSize(8, 8)

    def set_colour(self, colour: QColor) -> None:
        if colour != self._colour:
            self._colour = colour
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._colour)
        painter.drawEllipse(QRectF(0.5, 0.5, 7, 7))


def keep_keys(event: QEvent) -> bool:
    """For boxes that take the keyboard: no key pressed in them is a command of the window."""
    if event.type() == QEvent.Type.ShortcutOverride:
        event.accept()
        return True
    return False


def needs_key(widget: QWidget | None, event: QKeyEvent) -> bool:
    """Whether what has the focus wants this key for itself: text being typed, a button that Tab has
    reached.
    """
    if event.modifiers() & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier):
        return False
    if isinstance(widget, QLineEdit | QAbstractSpinBox | QComboBox):
        return True
    presses = (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter)
    return isinstance(widget, QAbstractButton) and event.key() in presses and not event.modifiers()


def clear(layout: QLayout) -> None:
    """Take everything out of a layout and let it go."""
    while layout.count():
        item = layout.takeAt(0)
        widget = item.widget() if item else None
        if widget is not None:
            widget.hide()
            widget.deleteLater()


def painter_on_ground(widget: QWidget, radius_px: float) -> QPainter:
    """A smooth painter without a pen, on the dark rounded ground that small pictures lie on."""
    painter = QPainter(widget)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.BACKGROUND)
    painter.drawRoundedRect(QRectF(widget.rect()), radius_px, radius_px)
    return painter
