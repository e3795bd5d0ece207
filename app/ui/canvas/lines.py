"""The vertical lines at bars behind chord lane and track lanes."""

from PySide6.QtCore import QLineF
from PySide6.QtGui import QPainter, QPen

from app.ui import theme
from app.ui.canvas.geometry import TimeAxis, grid_lines
from engine.music import TimeMap


def paint_bar_lines(painter: QPainter, time_map: TimeMap, axis: TimeAxis, width: int, height: int) -> None:
    bars, _beats, _steps = grid_lines(time_map, axis, width, 0, 12.0)
    painter.setPen(QPen(theme.LINE_SOFT, 1.5))
    painter.drawLines([QLineF(x, 0, x, height) for x in bars])
