"""How a piano roll looks: rows, grid, notes, ghosts. Painting only; sizes in logical pixels."""

from functools import lru_cache

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from app.ui import theme
from app.ui.canvas.barlines import grid_lines
from app.ui.canvas.density import MANY_NOTES, coverage, density_image
from app.ui.canvas.geometry import BLACK_PITCH_CLASSES, RowAxis, TimeAxis
from app.ui.canvas.noteindex import NoteIndex, Rows
from engine.music import TimeMap

WHITE_ROW = theme.PANEL
BLACK_ROW = QColor("#16171c")
STEP_LINE = theme.blend(theme.LINE_SOFT, theme.PANEL, 0.5)  # opaque: see-through lines cost 60 µs each
GHOST_FILL = theme.with_alpha(theme.ACCENT, 0.33)
DIMMED = 0.35
ROUNDED_UP_TO = 600
RADIUS = 3.0
DOT = QColor("#10131a")


@lru_cache(maxsize=64)
def row_table(pitches: tuple[int, ...]) -> np.ndarray:
    """Row of each of the 128 pitches, -1 where it has none."""
    table = np.full(128, -1, np.int64)
    table[list(pitches)] = np.arange(len(pitches))
    return table


def paint_rows(painter: QPainter, rows: RowAxis, width: int, height: int, *, striped: bool) -> None:
    """Row shading: the black keys' rows darker, or every other row of drums."""
    painter.fillRect(0, 0, width, height, WHITE_ROW)
    dark: list[QRectF] = []
    between: list[QRectF] = []
    for pitch, y in rows.visible(height):
        is_dark = (rows.row(pitch) or 0) % 2 == 1 if striped else _is_black(pitch)
        if is_dark:
            dark.append(QRectF(0, y, width, rows.row_px))
        between.append(QRectF(0, y + rows.row_px - 1, width, 1))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(BLACK_ROW)
    painter.drawRects(dark)
    if rows.row_px >= 8:
        painter.setBrush(theme.BACKGROUND)
        painter.drawRects(between)


def _is_black(pitch: int) -> bool:
    return pitch % 12 in BLACK_PITCH_CLASSES


def paint_grid(
    painter: QPainter, time_map: TimeMap, axis: TimeAxis, width: int, height: int, step_ticks: int
) -> None:
    """Bar, beat and grid lines."""
    bars, beats, steps = grid_lines(time_map, axis, width, step_ticks)
    painter.setPen(Qt.PenStyle.NoPen)
    for lines, colour, thickness in (
        (steps, STEP_LINE, 1.0),
        (beats, theme.LINE_SOFT, 1.0),
        (bars, theme.LINE, 1.5),
    ):
        painter.setBrush(colour)
        painter.drawRects([QRectF(x - thickness / 2, 0, thickness, height) for x in lines])


def in_rows(index: NoteIndex, chosen: Rows, rows: RowAxis, top: float, bottom: float) -> Rows:
    """Of the chosen notes those whose row lies between two heights of the canvas."""
    y = row_table(rows.pitches)[index.pitches[chosen]] * rows.row_px - rows.top_px
    seen: Rows = chosen[(y < bottom) & (y + rows.row_px > top)]
    return seen


def note_rects(index: NoteIndex, chosen: Rows, axis: TimeAxis, rows: RowAxis) -> list[QRectF]:
    """Where the chosen notes are painted; notes on no row are left out."""
    row = row_table(rows.pitches)[index.pitches[chosen]]
    chosen = chosen[row >= 0]
    top = row[row >= 0] * rows.row_px - rows.top_px + 0.5
    left = (index.starts[chosen] - axis.left_ticks) * axis.px_per_tick
    width = np.maximum(2.0, (index.ends[chosen] - index.starts[chosen]) * axis.px_per_tick - 1)
    height = max(1.5, rows.row_px - 2.0)
    return [
        QRectF(x + 0.5, y, w, height)
        for x, y, w in zip(left.tolist(), top.tolist(), width.tolist(), strict=True)
    ]


def paint_blocks(painter: QPainter, rects: list[QRectF], fill: QColor, pen: QPen | None = None) -> None:
    """Notes of one look: rounded while there are few, plain rectangles when there are many."""
    if not rects:
        return
    painter.setPen(pen or QPen(Qt.PenStyle.NoPen))
    painter.setBrush(fill)
    if len(rects) > ROUNDED_UP_TO or rects[0].height() < 5:
        painter.drawRects(rects)
        return
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    for rect in rects:
        painter.drawRoundedRect(rect, RADIUS, RADIUS)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def paint_dots(painter: QPainter, rects: list[QRectF]) -> None:
    """The dot of locked and kept notes."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(DOT)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    for rect in rects:
        if rect.width() >= 10 and rect.height() >= 6:
            painter.drawEllipse(QPointF(rect.left() + 6.5, rect.center().y()), 2.4, 2.4)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def paint_idea_edges(painter: QPainter, rects: list[QRectF]) -> None:
    """The amber edge of notes that came from an idea."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.ACCENT)
    painter.drawRects([QRectF(rect.left(), rect.top(), 2, rect.height()) for rect in rects])


def ghost_pen(*, chosen: bool) -> QPen:
    """The outline of an idea's note; dashed where it would not be accepted."""
    pen = QPen(theme.ACCENT if chosen else theme.with_alpha(theme.ACCENT, 0.5), 1.5)
    if not chosen:
        pen.setDashPattern([2, 2])
    return pen


def overview(
    index: NoteIndex, axis: TimeAxis, rows: RowAxis, width: int, height: int, ratio: float, colour: QColor
) -> QImage:
    """The whole track as a picture in device pixels, for more notes than are worth drawing one by one."""
    device_width, device_height = round(width * ratio), round(height * ratio)
    scale = axis.px_per_tick * ratio
    lefts = (index.starts - axis.left_ticks) * scale
    rights = (index.ends - axis.left_ticks) * scale
    counts = coverage(lefts, rights, row_table(rows.pitches)[index.pitches], len(rows.pitches), device_width)
    gap = ratio if rows.row_px >= 6 else 0.0
    image = density_image(counts, rows.row_px * ratio, rows.top_px * ratio, device_height, colour, gap)
    image.setDevicePixelRatio(ratio)
    return image


def is_crowded(chosen: Rows) -> bool:
    """Whether there are too many notes to draw them one by one."""
    return len(chosen) > MANY_NOTES
