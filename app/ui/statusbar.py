"""The line along the bottom: the keys that matter now, what just happened, and whose notes these are."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt, QTimer
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from app.ui import theme
from app.ui.widgets import ElidedLabel, clear, label

if TYPE_CHECKING:
    from engine.formats.songfile import Shares

HEIGHT = 28
SAID_FOR_MS = 8000
_EDGES_PX = 70


class SharesBar(QWidget):
    """Own, accepted and edited as one small bar."""

    def __init__(self) -> None:
        super().__init__()
        self._shares: Shares | None = None
        self.setFixedSize(120, 6)

    def show_shares(self, shares: "Shares") -> None:
        self._shares = shares
        self.setAccessibleName(shares.sentence)
        self.setToolTip(shares.sentence)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        x = 0.0
        shares = self._shares
        if shares is None:
            return
        total = max(1, shares.yours + shares.accepted + shares.edited)
        parts: list[tuple[float, QColor]] = [
            (shares.yours, theme.TEXT_DIM),
            (shares.accepted, theme.ACCENT),
            (shares.edited, QColor("#a78bfa")),
        ]
        for share, colour in parts:
            width = share / total * self.width()
            painter.fillRect(QRectF(x, 0, width, self.height()), colour)
            x += width


class StatusBar(QFrame):
    """Hints on the left; a sentence takes their place for a while; the shares on the right."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("statusBar")
        self.setFixedHeight(HEIGHT)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 0, 16, 0)
        layout.setSpacing(10)
        self._hints_holder = QWidget()
        self._hints = QHBoxLayout(self._hints_holder)
        self._hints.setContentsMargins(0, 0, 0, 0)
        self._hints.setSpacing(5)
        self._has_shares = False
        self._shown_hints: tuple[tuple[str, str], ...] = ()
        self._sentence = ElidedLabel("", "said")
        self._sentence.setVisible(False)
        self.shares = label("", "tiny")
        self._bar = SharesBar()
        layout.addWidget(self._hints_holder)
        layout.addWidget(self._sentence, 1)
        self._gap = QWidget()
        layout.addWidget(self._gap, 1)
        layout.addWidget(self.shares)
        layout.addSpacing(10)
        layout.addWidget(self._bar)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(lambda: self.say(""))

    def show_hints(self, hints: Sequence[tuple[str, str]]) -> None:
        """Pairs of key and what it does."""
        if tuple(hints) == self._shown_hints:
            return
        self._shown_hints = tuple(hints)
        clear(self._hints)
        for place, (key, does) in enumerate(hints):
            if place:
                self._hints.addSpacing(12)
            middle = Qt.AlignmentFlag.AlignVCenter
            self._hints.addWidget(label(key, "key"), 0, middle)
            self._hints.addWidget(label(does, "faint"), 0, middle)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """In a narrow window whose notes these are is told by the small bar alone."""
        self._hints.activate()
        needed = (
            self._hints.sizeHint().width() + self.shares.sizeHint().width() + self._bar.width() + _EDGES_PX
        )
        self.shares.setVisible(self._has_shares and needed <= self.width())

    def hints(self) -> tuple[tuple[str, str], ...]:
        return self._shown_hints

    def say(self, sentence: str) -> None:
        """One sentence for a few seconds; empty brings the hints back."""
        self._sentence.setText(sentence)
        self._sentence.setAccessibleName(sentence)
        self._sentence.setVisible(bool(sentence))
        self._hints_holder.setVisible(not sentence)
        self._gap.setVisible(not sentence)
        if sentence:
            self._timer.start(SAID_FOR_MS)
        else:
            self._timer.stop()

    @property
    def sentence(self) -> str:
        return self._sentence.text()

    def show_shares(self, shares: "Shares | None") -> None:
        """None: no song is open. Nothing is shown for a song without notes."""
        is_shown = self._has_shares = shares is not None and bool(shares.sentence)
        self._bar.setVisible(is_shown)
        if shares is not None:
            self.shares.setText(shares.sentence)
            self._bar.show_shares(shares)
        self._fit()
