"""How a whole track looks in its lane: small notes spread over the lane's height. Painting only."""

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter

from app.ui import theme
from app.ui.canvas.density import coverage, density_image
from app.ui.canvas.geometry import TimeAxis
from app.ui.canvas.noteindex import NoteIndex, Rows

MARGIN_PX = 9.0
NOTE_PX = 3.0
NARROWEST_SPAN = 14
ONE_BY_ONE = 1500


def lane_heights(pitches: np.ndarray, lane_px: float, *, drums: bool) -> dict[int, float]:
    """Top of each pitch's notes in the lane: low pitches low; drums share the height by kind."""
    distinct = sorted(set(pitches.tolist()))
    room = lane_px - 2 * MARGIN_PX - NOTE_PX
    if not distinct:
        return {}
    if drums:
        step = room / max(2, len(distinct) - 1)
        return {pitch: MARGIN_PX + room - place * step for place, pitch in enumerate(distinct)}
    low, high = distinct[0], distinct[-1]
    span = max(NARROWEST_SPAN, high - low)
    base = (low + high - span) / 2
    return {pitch: MARGIN_PX + room * (1 - (pitch - base) / span) for pitch in distinct}


def note_boxes(
    index: NoteIndex, rows: Rows, tops: dict[int, float], axis: TimeAxis, *, drums: bool
) -> list[QRectF]:
    """Where the notes of the rows are painted; drum hits are short."""
    lefts = ((index.starts[rows] - axis.left_ticks) * axis.px_per_tick + 1).tolist()
    widths = np.maximum(1.5, (index.ends[rows] - index.starts[rows]) * axis.px_per_tick - 1.5)
    if drums:
        widths = np.clip(widths, 3.5, 4.5)
    ys = [tops.get(pitch, 0.0) for pitch in index.pitches[rows].tolist()]
    return [QRectF(x, y, w, NOTE_PX) for x, y, w in zip(lefts, ys, widths.tolist(), strict=True)]


def paint_boxes(painter: QPainter, boxes: list[QRectF], colour: QColor) -> None:
    """Small rounded notes."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    for box in boxes:
        painter.drawRoundedRect(box, 1.2, 1.2)


def paint_crowd(
    painter: QPainter, index: NoteIndex, tops: dict[int, float], axis: TimeAxis, size: QRectF, colour: QColor
) -> None:
    """A lane of very many notes as one picture."""
    ratio = painter.device().devicePixelRatioF()
    height, width = round(size.height() * ratio), round(size.width() * ratio)
    scale = axis.px_per_tick * ratio
    table = np.full(128, -1, np.int64)
    for pitch, top in tops.items():
        table[pitch] = round(top * ratio)
    counts = coverage(
        (index.starts - axis.left_ticks) * scale,
        (index.ends - axis.left_ticks) * scale,
        table[index.pitches],
        height,
        width,
    )
    thick = counts.copy()
    for shift in range(1, round(NOTE_PX * ratio)):
        thick[shift:] = np.maximum(thick[shift:], counts[:-shift])
    image = density_image(thick, 1.0, 0.0, height, colour)
    image.setDevicePixelRatio(ratio)
    painter.drawImage(size.topLeft(), image)


def drum_colour(colour: QColor, *, is_hat: bool) -> QColor:
    """Hats and cymbals a little back, as they sound."""
    return theme.blend(colour, theme.BACKGROUND, 0.75) if is_hat else colour
