"""The small painted signs of the transport bar. Shapes live in a 16 x 16 square.

>>> from app.ui import theme
>>> icon("play", theme.TEXT).isNull()
False
"""

from collections.abc import Callable
from functools import cache

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPen, QPixmap, QPolygonF

SIDE = 16
_SCALE = 4  # sharp up to 400 %


def _play(p: QPainter) -> None:
    p.drawPolygon(QPolygonF([QPointF(4, 2.5), QPointF(13.5, 8), QPointF(4, 13.5)]))


def _stop(p: QPainter) -> None:
    p.drawRoundedRect(QRectF(3.5, 3.5, 9, 9), 1, 1)


def _record(p: QPainter) -> None:
    p.drawEllipse(QPointF(8, 8), 4.6, 4.6)


def _to_start(p: QPainter) -> None:
    _line(p, 3, 4.5, 3, 11.5)
    _line(p, 5.5, 8, 13.5, 8)
    _line(p, 5.5, 8, 8.5, 5)
    _line(p, 5.5, 8, 8.5, 11)


def _loop(p: QPainter) -> None:
    p.setPen(_outline(p))
    p.setBrush(Qt.BrushStyle.NoBrush)
    p.drawArc(QRectF(3.2, 3.2, 9.6, 9.6), 40 * 16, 290 * 16)
    colour = p.pen().color()
    p.setPen(Qt.PenStyle.NoPen)
    p.setBrush(colour)
    p.drawPolygon(QPolygonF([QPointF(12.9, 1.9), QPointF(13.5, 6.6), QPointF(9.2, 5.2)]))


def _note(p: QPainter) -> None:
    _line(p, 9.5, 2.5, 9.5, 12)
    p.setPen(Qt.PenStyle.NoPen)
    p.save()
    p.translate(7.4, 12)
    p.rotate(-20)
    p.drawEllipse(QPointF(0, 0), 2.5, 1.9)
    p.restore()


def _grip(p: QPainter) -> None:
    for x in (6.0, 10.0):
        for y in (4.0, 8.0, 12.0):
            p.drawEllipse(QPointF(x, y), 1.2, 1.2)


def _cross(p: QPainter) -> None:
    _line(p, 4.5, 4.5, 11.5, 11.5)
    _line(p, 11.5, 4.5, 4.5, 11.5)


def _keys(p: QPainter) -> None:
    p.drawRoundedRect(QRectF(1.5, 4, 13, 8.5), 1.5, 1.5)
    p.setCompositionMode(QPainter.CompositionMode.CompositionMode_Clear)
    for x in (4.6, 7.7, 10.8):
        p.drawRect(QRectF(x - 0.9, 4, 1.8, 4.6))


def _plus(p: QPainter) -> None:
    _line(p, 8, 3.5, 8, 12.5)
    _line(p, 3.5, 8, 12.5, 8)


def _star(p: QPainter) -> None:
    points = [(8, 1.8), (9.8, 5.9), (14.2, 6.3), (10.9, 9.2), (11.9, 13.6)]
    points += [(8, 11.3), (4.1, 13.6), (5.1, 9.2), (1.8, 6.3), (6.2, 5.9)]
    p.drawPolygon(QPolygonF([QPointF(x, y) for x, y in points]))


def _star_open(p: QPainter) -> None:
    p.setPen(QPen(p.brush().color(), 1.3))
    p.setBrush(Qt.BrushStyle.NoBrush)
    _star(p)


_SHAPES: dict[str, Callable[[QPainter], None]] = {
    "play": _play,
    "stop": _stop,
    "record": _record,
    "to-start": _to_start,
    "loop": _loop,
    "metronome": _note,
    "grip": _grip,
    "cross": _cross,
    "keys": _keys,
    "plus": _plus,
    "star": _star,
    "star-open": _star_open,
}


def _outline(p: QPainter) -> QPen:
    return QPen(p.brush().color(), 1.6, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap)


def _line(p: QPainter, x1: float, y1: float, x2: float, y2: float) -> None:
    p.setPen(_outline(p))
    p.drawLine(QPointF(x1, y1), QPointF(x2, y2))


def icon(name: str, colour: QColor) -> QIcon:
    """The sign in a colour, sharp at every scale."""
    return QIcon(_pixmap(name, colour.name()))


def icon_size() -> QSize:
    return QSize(SIDE, SIDE)


@cache
def _pixmap(name: str, colour: str) -> QPixmap:
    pixmap = QPixmap(SIDE * _SCALE, SIDE * _SCALE)
    pixmap.fill(Qt.GlobalColor.transparent)
    pixmap.setDevicePixelRatio(_SCALE)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(colour))
    _SHAPES[name](painter)
    painter.end()
    return pixmap
