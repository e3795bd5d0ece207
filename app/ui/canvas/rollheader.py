"""The bar numbers and chord names above the roll's grid."""

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from app.ui import theme
from app.ui.canvas.barlines import bar_step, bars_between
from app.ui.canvas.barselect import BarRuler
from app.ui.canvas.hittest import chords_in
from app.ui.chordlook import lead_sheet
from app.ui.editorstate import EditorState

if TYPE_CHECKING:
    from app.document.document import SongDocument

HEIGHT = 22


class RollHeader(BarRuler):
    """Bar numbers with the chord that stands there; otherwise a ruler like the timeline's."""

    in_timeline = False

    def __init__(self, document: "SongDocument", state: EditorState, parent: QWidget | None = None) -> None:
        super().__init__(document, state, "Bars of the piano roll", parent)
        self.setFixedHeight(HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.BACKGROUND)
        rect = self.region_rect()
        if rect is not None:
            painter.fillRect(
                QRectF(rect.left(), HEIGHT - 2, rect.width(), 2), theme.with_alpha(theme.ACCENT, 0.4)
            )
        taken = self._paint_bars(painter)
        self._paint_chords(painter, taken)
        self.paint_playhead(painter)

    def _paint_bars(self, painter: QPainter) -> list[QRectF]:
        """Bar numbers; returns where they stand."""
        time_map, axis = self.document.song.time_map, self.axis
        painter.setFont(theme.mono_font(12, QFont.Weight.Medium))
        painter.setPen(theme.TEXT_DIM)
        metrics = QFontMetricsF(painter.font())
        left = int(axis.left_ticks)
        every = bar_step(time_map.metre_at(left).bar_ticks * axis.px_per_tick, 34)
        taken = []
        for bar, start in bars_between(time_map, left, axis.right_ticks(self.width())):
            if bar % every == 0:
                label = time_map.bar_label(bar)
                x = axis.x(start) + 6
                painter.drawText(QPointF(x, 15), label)
                taken.append(QRectF(x - 4, 0, metrics.horizontalAdvance(label) + 8, HEIGHT))
        return taken

    def _paint_chords(self, painter: QPainter, taken: list[QRectF]) -> None:
        """Chord names where they fit: behind the bar numbers `taken`, none over another."""
        song, axis = self.document.song, self.axis
        painter.setFont(theme.ui_font(12))
        painter.setPen(theme.TEXT_FAINT)
        widths = _Widths(QFontMetricsF(painter.font()))
        lefts, rights = [rect.left() for rect in taken], [rect.right() for rect in taken]
        right = -1.0
        for span in chords_in(song.chords, axis.left_ticks, axis.right_ticks(self.width())):
            x = axis.x(span.start_ticks)
            if x + 30 <= right + 4:
                continue
            number = bisect_right(lefts, x + 6) - 1
            x += 30 if number >= 0 and x + 6 <= rights[number] else 5
            text = lead_sheet(span.chord, song.key_at(span.start_ticks))
            end = x + widths[text]
            next_number = bisect_left(lefts, end) - 1
            if x > right + 4 and not (next_number >= 0 and rights[next_number] > x + 2):
                painter.drawText(QPointF(x, 15), text)
                right = end


class _Widths(dict[str, float]):
    """How wide names are, each measured once."""

    def __init__(self, metrics: QFontMetricsF) -> None:
        super().__init__()
        self._metrics = metrics

    def __missing__(self, text: str) -> float:
        self[text] = self._metrics.horizontalAdvance(text)
        return self[text]
