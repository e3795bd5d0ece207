"""What is in a take, at a glance: its notes as dashes, its chords as blocks. Kept notes blue, new ones
amber.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.ui import theme
from app.ui.chordlook import ChordLook
from app.ui.widgets import painter_on_ground
from engine.music import Note

_ROW, _BETWEEN, _MOST_ROWS = 40, 3, 4
_PIXELS = (13, 11, 10)
_NOTHING = 1e-6


@dataclass(frozen=True, slots=True)
class Dash:
    """A note of the preview: start and length as shares of the region's length (0-1), and its pitch."""

    start: float
    length: float
    pitch: int
    is_kept: bool


def dashes(notes: Sequence[Note], span: tuple[int, int], kept: Sequence[Note] = ()) -> tuple[Dash, ...]:
    """The notes of a take over its bars; those that stand in `kept` as well are the artist's own."""
    start, end = span
    length = max(1, end - start)
    own = {(note.start_ticks, note.duration_ticks, note.pitch) for note in kept}
    return tuple(
        Dash(
            (note.start_ticks - start) / length,
            note.duration_ticks / length,
            note.pitch,
            (note.start_ticks, note.duration_ticks, note.pitch) in own,
        )
        for note in notes
    )


class NotePreview(QWidget):
    """Dashes at their pitch and time; bars not chosen are dimmed."""

    def __init__(self, notes: Sequence[Dash]) -> None:
        super().__init__()
        self._chosen: tuple[tuple[float, float], ...] = ()
        self.setFixedHeight(46)
        self.show_notes(notes)

    def show_notes(self, notes: Sequence[Dash]) -> None:
        """Other notes, as when a take grows."""
        self._notes = tuple(notes)
        self.setAccessibleName(_in_words(self._notes))
        self.update()

    def choose(self, stretches: Sequence[tuple[float, float]]) -> None:
        """Shares of the width that would be accepted; none means all."""
        self._chosen = tuple(stretches)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = painter_on_ground(self, 6)
        if not self._notes:
            return
        low = min(note.pitch for note in self._notes)
        high = max(note.pitch for note in self._notes)
        area = QRectF(4, 7, self.width() - 8, self.height() - 17)
        for note in self._notes:
            height = 0.5 if high == low else (note.pitch - low) / (high - low)
            x = area.left() + note.start * area.width()
            y = area.bottom() - height * area.height()
            colour = theme.OWN_NOTE if note.is_kept else theme.ACCENT
            painter.setBrush(colour if self._is_chosen(note.start) else theme.with_alpha(colour, 0.3))
            width = max(4.0, note.length * area.width() - 2)
            painter.drawRoundedRect(QRectF(x, y, width, 3.6), 1.8, 1.8)

    def _is_chosen(self, share: float) -> bool:
        return not self._chosen or any(start <= share < end for start, end in self._chosen)


def _in_words(notes: Sequence[Dash]) -> str:
    new = sum(not note.is_kept for note in notes)
    return f"{len(notes)} notes, {new} new"


class ChordStrip(QWidget):
    """Chords as blocks in the colours of their functions, as wide as they last; numerals below. In as many
    rows, of equal length in time, as it takes to read them all.
    """

    def __init__(self, looks: Sequence[tuple[float, ChordLook]]) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.show_looks(looks)

    def show_looks(self, looks: Sequence[tuple[float, ChordLook]], empty: float = 0.0) -> None:
        """Other chords; `empty` is how much of the length, in the same unit, has none yet."""
        self._looks, self._empty = tuple(looks), empty
        self.setAccessibleName("Chords: " + ", ".join(look.label for _, look in self._looks))
        self._be_as_high_as_needed()
        self.update()

    @property
    def rows(self) -> int:
        """In how many rows the chords stand at this width."""
        return next((n for n in range(1, _MOST_ROWS) if self._is_readable(n)), _MOST_ROWS)

    def sizeHint(self) -> QSize:
        return QSize(200, self.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._be_as_high_as_needed()

    def _be_as_high_as_needed(self) -> None:
        self.setFixedHeight(self.rows * (_ROW + _BETWEEN) - _BETWEEN)

    def _is_readable(self, rows: int) -> bool:
        """Of a chord in two rows the longer half counts."""
        longest: dict[int, float] = {}
        for number, area, _ in self._blocks(rows):
            longest[number] = max(area.width(), longest.get(number, 0.0))
        return all(_fitting(width, self._looks[number][1]) for number, width in longest.items())

    def _blocks(self, rows: int) -> Iterator[tuple[int, QRectF, ChordLook]]:
        """Of each chord its number and place; one that goes on over the end of a row stands in both."""
        total = self._empty + sum(length for length, _ in self._looks) or 1.0
        at = 0.0
        for number, (length, look) in enumerate(self._looks):
            start, end = rows * at / total, rows * (at + length) / total
            at += length
            for row in range(int(start), rows):
                left, right = max(start, row), min(end, row + 1)
                if right - left > _NOTHING:
                    x, width = (left - row) * self.width(), (right - left) * self.width()
                    yield number, QRectF(x, row * (_ROW + _BETWEEN), width - 4, _ROW), look

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for _, area, look in self._blocks(self.rows):
            paint_chord(painter, area, look)


def _left(width: float) -> int:
    """Where the symbol begins."""
    return 9 if width > 44 else 6


def _fitting(width: float, look: ChordLook) -> QFont | None:
    """The largest font in which the whole symbol can be read."""
    room = width - _left(width) - 2
    fonts = (theme.ui_font(pixels, QFont.Weight.DemiBold) for pixels in _PIXELS)
    return next((font for font in fonts if QFontMetrics(font).horizontalAdvance(look.label) <= room), None)


def paint_chord(painter: QPainter, area: QRectF, look: ChordLook) -> None:
    """One chord block: a bar of its function's colour, the symbol, the numeral below when there is room."""
    painter.save()
    painter.setClipRect(area)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.blend(look.colour, theme.BACKGROUND, 0.34))
    painter.drawRoundedRect(area, 4, 4)
    painter.setBrush(look.colour)
    painter.drawRoundedRect(QRectF(area.left(), area.top(), 3, area.height()), 1.5, 1.5)
    left = _left(area.width())
    room = area.width() - left - 2
    font = _fitting(area.width(), look) or theme.ui_font(_PIXELS[-1], QFont.Weight.DemiBold)
    painter.setFont(font)
    painter.setPen(theme.TEXT)
    align = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
    label_area = area.adjusted(left, 2, -1, -area.height() * 0.4)
    painter.drawText(
        label_area,
        align,
        QFontMetrics(font).elidedText(look.label, Qt.TextElideMode.ElideRight, int(room) + 2),
    )
    painter.setFont(theme.ui_font(11))
    painter.setPen(theme.TEXT_DIM)
    painter.drawText(area.adjusted(left, area.height() * 0.5, -2, -2), align, look.roman)
    painter.restore()
