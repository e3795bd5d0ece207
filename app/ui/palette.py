"""Every command and its key, found by typing a few of its letters."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QPoint, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QFrame,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from app.ui import theme
from app.ui.widgets import keep_keys

WIDTH = 520
SHOWN_ROWS = 11
ROW_PX = 32
_CHOICE = Qt.ItemDataRole.UserRole
NOTHING_FOUND = "Nothing is called that here."


@dataclass(frozen=True, slots=True)
class Choice:
    """A line of the palette: what it does, where it belongs, its key, and how to do it."""

    title: str
    group: str
    key: str
    run: Callable[[], object]


def match_score(typed: str, title: str) -> int | None:
    """How well the typed letters fit: lower is better, None when they do not occur in this order.

    Letters that begin words count most, then unbroken runs (as in the quick-open boxes of editors).
    """
    score, place, previous = 0, -1, -2
    lowered = title.lower()
    for letter in typed.lower().replace(" ", ""):
        place = _next_place(lowered, letter, place + 1, previous)
        if place < 0:
            return None
        begins_word = place == 0 or lowered[place - 1] in " -("
        score += 0 if begins_word else 1 if place == previous + 1 else 4
        previous = place
    return score * 100 + len(title)


def _next_place(text: str, letter: str, start: int, previous: int) -> int:
    """The next occurrence, one that goes on with the run or begins a word before any other."""
    if previous >= 0 and text[previous + 1 : previous + 2] == letter:
        return previous + 1
    at_word = next(
        (i for i in range(start, len(text)) if text[i] == letter and (i == 0 or text[i - 1] == " ")), -1
    )
    return at_word if at_word >= 0 else text.find(letter, start)


def ranked(typed: str, choices: Iterable[Choice]) -> list[Choice]:
    """The choices that fit, best first; all of them, in their order, when nothing is typed."""
    if not typed.strip():
        return list(choices)
    scored = [(match_score(typed, choice.title), choice) for choice in choices]
    fitting = [(score, choice) for score, choice in scored if score is not None]
    return [choice for _, choice in sorted(fitting, key=lambda pair: pair[0])]


class ChoiceLines(QStyledItemDelegate):
    """Paints a choice: title, group, and its key at the right. A widget for each would take too long."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(100, ROW_PX)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        choice = index.data(_CHOICE)
        if not isinstance(choice, Choice):
            super().paint(painter, option, index)
            return
        box = QRectF(option.rect)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.setBrush(theme.CONTROL)
            painter.drawRoundedRect(box, 6, 6)
        inner = box.adjusted(10, 0, -10, 0)
        width = _write(painter, inner, choice.title, theme.ui_font(13), theme.TEXT)
        group = inner.adjusted(width + 8, 1, 0, 0)
        _write(painter, group, choice.group, theme.ui_font(11), theme.TEXT_FAINT)
        _write(painter, inner, choice.key, theme.mono_font(11), theme.TEXT_DIM, Qt.AlignmentFlag.AlignRight)


def _write(
    painter: QPainter,
    box: QRectF,
    text: str,
    font: QFont,
    colour: QColor,
    side: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
) -> int:
    """Write a line; how wide it came out."""
    painter.setFont(font)
    painter.setPen(colour)
    painter.drawText(box, side | Qt.AlignmentFlag.AlignVCenter, text)
    return painter.fontMetrics().horizontalAdvance(text)


class Palette(QFrame):
    """Lies over the window; Enter does it, Escape or a click elsewhere closes it."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setObjectName("palette")
        self.setAccessibleName("All commands")
        self.setVisible(False)
        self._choices: Sequence[Choice] = ()
        self._shown: list[Choice] = []
        self._focus_before: QWidget | None = None
        self.field = QLineEdit()
        self.field.setPlaceholderText("What do you want to do?")
        self.field.setAccessibleName("Search all commands")
        self.field.textChanged.connect(self._search)
        self.field.installEventFilter(self)
        self.list = QListWidget()
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setAccessibleName("Commands found")
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setUniformItemSizes(True)
        self.list.setItemDelegate(ChoiceLines(self.list))
        self.list.itemClicked.connect(lambda _item: self._run())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 10, 10, 10)
        layout.setSpacing(8)
        layout.addWidget(self.field)
        layout.addWidget(self.list)

    def open(self, choices: Sequence[Choice]) -> None:
        """Show all of them and wait for typing."""
        self._choices = choices
        self._focus_before = self.window().focusWidget()
        window = self.window()
        width = min(WIDTH, window.width() - 40)
        self.setGeometry((window.width() - width) // 2, 70, width, 10)
        self.field.clear()
        self._search("")
        self.show()
        self.raise_()
        self.field.setFocus()

    def event(self, event: QEvent) -> bool:
        return keep_keys(event) or super().event(event)

    def close_palette(self) -> None:
        self.hide()
        if self._focus_before is not None:
            self._focus_before.setFocus()

    def _search(self, typed: str) -> None:
        self._shown = ranked(typed, self._choices)
        self.list.clear()
        for choice in self._shown:
            item = QListWidgetItem(choice.title)
            item.setData(_CHOICE, choice)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{choice.title} {choice.key}")
            self.list.addItem(item)
        if not self._shown:
            self.list.addItem(NOTHING_FOUND)
        self.list.setCurrentRow(0)
        rows = max(1, min(SHOWN_ROWS, len(self._shown)))
        self.list.setFixedHeight(rows * ROW_PX + 6)
        self.resize(self.width(), self.sizeHint().height())

    def titles(self) -> list[str]:
        """What is listed, best first."""
        return [choice.title for choice in self._shown]

    def _run(self) -> None:
        place = self.list.currentRow()
        self.close_palette()
        if 0 <= place < len(self._shown):
            self._shown[place].run()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FocusOut and self.isVisible():
            self.hide()
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return self._pressed(event)
        return super().eventFilter(watched, event)

    def _pressed(self, event: QKeyEvent) -> bool:
        steps = {
            Qt.Key.Key_Down: 1,
            Qt.Key.Key_Up: -1,
            Qt.Key.Key_PageDown: SHOWN_ROWS,
            Qt.Key.Key_PageUp: -SHOWN_ROWS,
        }
        key = Qt.Key(event.key())
        if key in steps:
            last = self.list.count() - 1
            self.list.setCurrentRow(max(0, min(last, self.list.currentRow() + steps[key])))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._run()
        elif key == Qt.Key.Key_Escape:
            self.close_palette()
        else:
            return False
        return True


def place_below(popup: QWidget, anchor: QWidget) -> QPoint:
    """Where a popup goes in its window: under the anchor, never over the edge."""
    window = popup.window()
    below = anchor.mapTo(window, QPoint(0, anchor.height() + 6))
    return QPoint(max(8, min(below.x(), window.width() - popup.width() - 8)), below.y())
