"""The vertical lines at bars behind chord lane and track lanes."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter

from app.ui import theme
from app.ui.canvas.barlines import grid_lines
from app.ui.canvas.geometry import TimeAxis
from engine.music import TimeMap


def paint_bar_lines(painter: QPainter, time_map: TimeMap, axis: TimeAxis, width: int, height: int) -> None:
    bars, _beats, _steps = grid_lines(time_map, axis, width, 0, 12.0)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.LINE_SOFT)
    painter.drawRects([QRectF(x - 0.75, 0, 1.5, height) for x in bars])
