"""Small boxes under the bar to correct what was heard: key, tempo (also tapped), metre; and to name the song.

Each lies in the window, takes the keyboard, and goes away on Escape or when something else gets the focus.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Any

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QApplication,
    QDoubleSpinBox,
    QFrame,
    QGridLayout,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from app.ui.palette import place_below
from app.ui.widgets import DropDown, button, keep_keys, label, row
from engine.music import Key, Metre, Mode
from engine.music.edits.timing import FASTEST_BPM, SLOWEST_BPM

METRES = ("4/4", "3/4", "2/4", "6/8", "12/8", "9/8", "5/4", "7/8", "2/2")
FORGET_TAPS_S = 2.5


class Chooser(QFrame):
    """A box under a button of the bar."""

    closed = Signal()

    def __init__(self, window: QWidget, title: str) -> None:
        super().__init__(window)
        self.setObjectName("chooser")
        self.setAccessibleName(title)
        self.box = QVBoxLayout(self)
        self.box.setContentsMargins(14, 12, 14, 14)
        self.box.setSpacing(10)
        self.box.addWidget(label(title, "strong"))
        self._focus_before: QWidget | None = None

    def open(self, anchor: QWidget, first: QWidget) -> None:
        """Show under the anchor with the focus on the first field; there is only one box at a time."""
        close_choosers(self.window())
        self._focus_before = self.window().focusWidget()
        self.adjustSize()
        self.move(place_below(self, anchor))
        self.show()
        self.raise_()
        first.setFocus(Qt.FocusReason.PopupFocusReason)
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        application.focusChanged.connect(self._focus_changed)
        application.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A press anywhere else in the window puts the box away (and does what it does)."""
        if event.type() == QEvent.Type.MouseButtonPress and isinstance(watched, QWidget):
            is_mine = watched is self or self.isAncestorOf(watched) or watched.window() is not self.window()
            if self.isVisible() and not is_mine:
                self.done()
        return False

    def done(self) -> None:
        application = QApplication.instance()
        if isinstance(application, QApplication) and self.isVisible():
            application.focusChanged.disconnect(self._focus_changed)
            application.removeEventFilter(self)
        had_focus = self.isAncestorOf(self.window().focusWidget()) if self.window().focusWidget() else False
        self.hide()
        if had_focus and self._focus_before is not None:
            self._focus_before.setFocus()
        self.closed.emit()
        self.deleteLater()

    def _focus_changed(self, _before: QWidget | None, now: QWidget | None) -> None:
        inside = now is not None and (
            now is self or self.isAncestorOf(now) or now.window() is not self.window()
        )
        if now is not None and not inside and self.isVisible():
            self.done()

    def event(self, event: QEvent) -> bool:
        return keep_keys(event) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.done()
        else:
            event.accept()


def close_choosers(window: QWidget) -> None:
    """Put away whatever box is open in the window."""
    for box in window.findChildren(Chooser):
        if box.isVisible():
            box.done()


def choose_key(
    window: QWidget, anchor: QWidget, now: Key, alternatives: tuple[Key, ...], chosen: Callable[[Key], object]
) -> Chooser:
    """Twelve tonics, major or minor (or a mode); the next-best readings first."""
    box = Chooser(window, "Which key is it?")
    pick = _picker(box, chosen)
    if alternatives:
        offers = [button(key.name, partial(pick, key), small=True) for key in alternatives[:3]]
        box.box.addLayout(row(label("or heard as", "faint"), *offers, None))
    mode = DropDown()
    mode.setAccessibleName("Mode")
    for each in Mode:
        mode.addItem(each.value, each)
    mode.setCurrentIndex(list(Mode).index(now.mode))

    def pick_tonic(tonic: int) -> None:
        pick(Key(tonic, list(Mode)[mode.currentIndex()]))

    grid = QGridLayout()
    grid.setSpacing(6)
    buttons = []
    for place, tonic in enumerate(range(12)):
        made = button("", partial(pick_tonic, tonic), small=True)
        made.setCheckable(True)
        grid.addWidget(made, place // 6, place % 6)
        buttons.append(made)

    def spell() -> None:
        for tonic, made in enumerate(buttons):
            key = Key(tonic, list(Mode)[mode.currentIndex()])
            made.setText(key.spell(tonic))
            made.setAccessibleName(key.name)
            made.setChecked(key == now)

    mode.currentIndexChanged.connect(lambda _index: spell())
    spell()
    box.box.addWidget(mode)
    box.box.addLayout(grid)
    box.open(anchor, buttons[now.tonic])
    return box


def choose_reading(
    window: QWidget,
    anchor: QWidget,
    x: float,
    now: str,
    others: Sequence[tuple[str, object]],
    chosen: Callable[[Any], object],
) -> Chooser:
    """The other readings of a chord, likeliest first, under the place `x` of the anchor."""
    box = Chooser(window, f"{now}, or")
    pick = _picker(box, chosen)
    offers = [button(name, partial(pick, value), small=True) for name, value in others]
    box.box.addLayout(row(*offers, None))
    box.open(anchor, offers[0])
    left = anchor.mapTo(window, QPoint(round(x), 0)).x()
    box.move(max(8, min(left, window.width() - box.width() - 8)), box.y())
    return box


def choose_metre(window: QWidget, anchor: QWidget, now: Metre, chosen: Callable[[Metre], object]) -> Chooser:
    """The usual ones."""
    box = Chooser(window, "Which metre is it?")
    pick = _picker(box, chosen)
    options = list(METRES) if now.name in METRES else [now.name, *METRES]
    grid = QGridLayout()
    grid.setSpacing(6)
    first: QWidget = box
    for place, name in enumerate(options):
        numerator, denominator = (int(part) for part in name.split("/"))
        metre = Metre(numerator, denominator)
        made = button(name, partial(pick, metre), small=True)
        made.setCheckable(True)
        made.setChecked(metre == now)
        grid.addWidget(made, place // 5, place % 5)
        first = made if metre == now else first
    box.box.addLayout(grid)
    box.open(anchor, first)
    return box


@dataclass
class Taps:
    """Beats tapped by hand; the tempo is the mean of the last eight gaps."""

    moments_s: tuple[float, ...] = ()

    def tap(self, now_s: float) -> float | None:
        """Note a tap; beats a minute, or None after the first one."""
        if self.moments_s and now_s - self.moments_s[-1] > FORGET_TAPS_S:
            self.moments_s = ()
        self.moments_s = (*self.moments_s, now_s)[-9:]
        gaps = [after - before for before, after in pairwise(self.moments_s)]
        mean = sum(gaps) / len(gaps) if gaps else 0.0
        return min(FASTEST_BPM, max(SLOWEST_BPM, 60 / mean)) if mean > 0 else None


class TempoChooser(Chooser):
    """Type it, double or halve it, or tap it."""

    def __init__(
        self,
        window: QWidget,
        now_bpm: float,
        chosen: Callable[[float], object],
        tap_key: str,
        begin_bar: Callable[[], object],
    ) -> None:
        super().__init__(window, "How fast is it?")
        self._chosen = chosen
        self.field = QDoubleSpinBox()
        self.field.setRange(SLOWEST_BPM, FASTEST_BPM)
        self.field.setDecimals(1)
        self.field.setSuffix(" bpm")
        self.field.setValue(now_bpm)
        self.field.setAccessibleName("Beats a minute")
        bar = button("A bar begins at the playhead", lambda: self._begin(begin_bar), small=True)
        half = button("Half", lambda: self._take(self.field.value() / 2), small=True)
        double = button("Double", lambda: self._take(self.field.value() * 2), small=True)
        use = button("Use", lambda: self._take(self.field.value()), primary=True, small=True)
        self.box.addWidget(self.field)
        self.box.addLayout(row(half, double, None, use))
        self.box.addWidget(label(f"or tap {tap_key} in time, here or in the song", "lines"))
        self.box.addLayout(row(bar, None))

    def show_tapped(self, bpm: float) -> None:
        self.field.setValue(bpm)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.field.interpretText()
            self._take(self.field.value())
        else:
            super().keyPressEvent(event)

    def _begin(self, begin_bar: Callable[[], object]) -> None:
        self.done()
        begin_bar()

    def _take(self, bpm: float) -> None:
        self.done()
        self._chosen(min(FASTEST_BPM, max(SLOWEST_BPM, bpm)))


def ask_text(
    window: QWidget, anchor: QWidget, title: str, now: str, chosen: Callable[[str], object]
) -> Chooser:
    """One line of text, Enter takes it."""
    box = Chooser(window, title)
    pick = _picker(box, chosen)
    field = QLineEdit(now)
    field.setMinimumWidth(260)
    field.setMaxLength(200)
    field.setAccessibleName(title)
    field.returnPressed.connect(lambda: pick(field.text().strip()))
    box.box.addWidget(field)
    box.open(anchor, field)
    field.selectAll()
    return box


def _picker(box: Chooser, chosen: Callable[..., object]) -> Callable[..., None]:
    def pick(value: object) -> None:
        box.done()
        chosen(value)

    return pick
