"""What may come next? The likeliest chords after the one before the playhead: click to hear, double-click
to place.
"""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.chordlook import chord_look
from app.ui.widgets import clear, label
from engine.api.suggestion import NextChord
from engine.music import Chord, Key

SHOWN = 5


class NextChip(QAbstractButton):
    """One chord, how likely it is, and its job in a word."""

    placed = Signal()

    def __init__(self, following: NextChord, key: Key, most_likely: float, is_first: bool) -> None:
        super().__init__()
        self._look = chord_look(Chord.parse(following.chord), key)
        self._job = following.job
        self._share = following.probability / most_likely if most_likely > 0 else 0.0
        self._is_first = is_first
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(10)
        self.setFixedHeight(72)
        percent = round(following.probability * 100)
        self.setToolTip(f"{self._look.label}, {percent} % likely. Click to hear, double-click to place.")
        self.setAccessibleName(f"{self._look.label}, {self._job}, {percent} percent. Enter places it.")

    def sizeHint(self) -> QSize:
        return QSize(62, 72)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.placed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.placed.emit()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        is_lit = self._is_first or self.hasFocus() or self.underMouse()
        painter.setPen(theme.TONIC if is_lit else theme.LINE)
        painter.setBrush(theme.CARD if self.isDown() else theme.PANEL)
        painter.drawRoundedRect(frame, 8, 8)
        painter.setPen(theme.TEXT)
        painter.setFont(theme.ui_font(13, QFont.Weight.DemiBold))
        painter.drawText(QRectF(2, 6, self.width() - 4, 20), Qt.AlignmentFlag.AlignCenter, self._look.label)
        track = QRectF(11, 30, self.width() - 22, 4)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.BACKGROUND)
        painter.drawRoundedRect(track, 2, 2)
        painter.setBrush(theme.ACCENT)
        track.setWidth(max(4.0, track.width() * self._share))
        painter.drawRoundedRect(track, 2, 2)
        painter.setPen(theme.TEXT_FAINT)
        painter.setFont(theme.ui_font(11))
        wrapped = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap
        painter.drawText(QRectF(2, 38, self.width() - 4, 32), wrapped, self._job)


class NextStrip(QWidget):
    """The row of chips with its heading."""

    heard = Signal(str)
    placed = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 6)
        layout.setSpacing(8)
        self.heading = label("", "lines")
        layout.addWidget(self.heading)
        self._chips = QHBoxLayout()
        self._chips.setSpacing(6)
        layout.addLayout(self._chips)
        self.setVisible(False)

    def show_next(self, after: Chord | None, chords: Sequence[NextChord], key: Key) -> None:
        """The likeliest few; hidden when nothing is known."""
        clear(self._chips)
        shown = [item for item in chords if not Chord.parse(item.chord).is_no_chord][:SHOWN]
        most_likely = max((item.probability for item in shown), default=0.0)
        for place, item in enumerate(shown):
            chip = NextChip(item, key, most_likely, place == 0)
            chip.clicked.connect(lambda _checked=False, chord=item.chord: self.heard.emit(chord))
            chip.placed.connect(lambda chord=item.chord: self.placed.emit(chord))
            self._chips.addWidget(chip)
        name = f"Next after {after.lead_sheet(key)}" if after is not None else "To begin with"
        self.heading.setText(f"{name} · click to hear, double-click to place")
        self.setVisible(bool(shown))

    def chips(self) -> list[NextChip]:
        found = [self._chips.itemAt(index) for index in range(self._chips.count())]
        return [item.widget() for item in found if item and isinstance(item.widget(), NextChip)]  # type: ignore[misc]
