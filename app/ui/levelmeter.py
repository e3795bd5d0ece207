"""How loud is what comes in? A bar from -60 dB to full: green, then amber, red where it is cut off."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.playback.recorder import SILENT_DB
from app.ui import theme

GOOD_DB, LOUD_DB = -12.0, -1.0
HEIGHT = 14


class LevelMeter(QWidget):
    """Shows what `show_level` was told last."""

    def __init__(self) -> None:
        super().__init__()
        self._level_db = SILENT_DB
        self.setFixedHeight(HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.show_level(SILENT_DB)

    def sizeHint(self) -> QSize:
        return QSize(260, HEIGHT)

    def show_level(self, level_db: float) -> None:
        self._level_db = min(0.0, max(SILENT_DB, level_db))
        self.setAccessibleName(f"Input level: {level_words(self._level_db)}")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.BACKGROUND)
        whole = QRectF(self.rect())
        painter.drawRoundedRect(whole, 4, 4)
        painter.setClipRect(QRectF(0, 0, whole.width() * _share(self._level_db), whole.height()))
        for low, high, colour in (
            (SILENT_DB, GOOD_DB, theme.GOOD),
            (GOOD_DB, LOUD_DB, theme.ACCENT),
            (LOUD_DB, 0.0, theme.BAD),
        ):
            left, right = whole.width() * _share(low), whole.width() * _share(high)
            painter.setBrush(colour)
            painter.drawRect(QRectF(left, 2, right - left, whole.height() - 4))


def _share(level_db: float) -> float:
    return 1 - level_db / SILENT_DB


def level_words(level_db: float) -> str:
    """What a musician would say of it."""
    if level_db <= SILENT_DB + 1:
        return "nothing is heard"
    if level_db < -36:
        return "quiet"
    return "good" if level_db < LOUD_DB else "too loud"
