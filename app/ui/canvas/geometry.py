"""Where on the canvas is a tick, and where is a pitch?

A `TimeAxis` maps ticks to logical pixels from the left edge of a canvas, a `RowAxis` maps pitches to rows of
equal height. Both are values: scrolling and zooming make a new one. No Qt here.

>>> axis = TimeAxis(left_ticks=960, px_per_tick=0.1)
>>> axis.x(1920), axis.tick(96.0)
(96.0, 1920.0)
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

MIN_PX_PER_TICK = 0.00005
MAX_PX_PER_TICK = 2.0
MIN_ROW_PX = 3.0
MAX_ROW_PX = 48.0
BLACK_PITCH_CLASSES = frozenset({1, 3, 6, 8, 10})


@dataclass(frozen=True, slots=True)
class TimeAxis:
    """The tick at the left edge and the scale, in logical pixels a tick."""

    left_ticks: float = 0.0
    px_per_tick: float = 0.0625

    def x(self, tick: float) -> float:
        return (tick - self.left_ticks) * self.px_per_tick

    def tick(self, x: float) -> float:
        return self.left_ticks + x / self.px_per_tick

    def right_ticks(self, width: float) -> float:
        """The tick at the right edge of a canvas of the width."""
        return self.tick(width)

    def scrolled(self, pixels: float) -> "TimeAxis":
        """The axis after moving the view to the right by so many pixels; never before the song."""
        return replace(self, left_ticks=max(0.0, self.left_ticks + pixels / self.px_per_tick))

    def zoomed(self, factor: float, at_x: float) -> "TimeAxis":
        """The axis magnified by the factor, the tick under `at_x` staying where it is."""
        scale = min(MAX_PX_PER_TICK, max(MIN_PX_PER_TICK, self.px_per_tick * factor))
        return TimeAxis(max(0.0, self.tick(at_x) - at_x / scale), scale)

    def revealed(self, tick: float, width: float, margin: float = 24.0) -> "TimeAxis":
        """The axis scrolled as little as needed for the tick to lie `margin` pixels inside the canvas."""
        x = self.x(tick)
        if x < margin:
            return self.scrolled(x - margin)
        return self.scrolled(x - width + margin) if x > width - margin else self


def axis_fitting(start_ticks: float, end_ticks: float, width: float) -> TimeAxis:
    """The axis that shows exactly the half-open stretch on a canvas of the width."""
    span = max(1.0, end_ticks - start_ticks)
    return TimeAxis(start_ticks, min(MAX_PX_PER_TICK, max(MIN_PX_PER_TICK, width / span)))


@dataclass(frozen=True, slots=True)
class RowAxis:
    """Pitches from top to bottom, one a row of `row_px`, the view `top_px` below the first row's top."""

    pitches: tuple[int, ...] = tuple(range(127, -1, -1))
    top_px: float = 0.0
    row_px: float = 16.0

    def row(self, pitch: int) -> int | None:
        """The row that shows the pitch, None when no row does."""
        if len(self.pitches) == 128:
            return 127 - pitch if 0 <= pitch <= 127 else None
        return self.pitches.index(pitch) if pitch in self.pitches else None

    def y(self, pitch: int) -> float | None:
        """Top of the pitch's row, None when no row shows it."""
        row = self.row(pitch)
        return None if row is None else row * self.row_px - self.top_px

    def pitch(self, y: float) -> int:
        """The pitch of the row at y; beyond the ends the first or last row's."""
        row = int((y + self.top_px) // self.row_px)
        return self.pitches[min(len(self.pitches) - 1, max(0, row))]

    @property
    def height(self) -> float:
        return len(self.pitches) * self.row_px

    def scrolled(self, pixels: float, view_height: float) -> "RowAxis":
        """The axis after moving the view down by so many pixels, within the rows."""
        limit = max(0.0, self.height - view_height)
        return replace(self, top_px=min(limit, max(0.0, self.top_px + pixels)))

    def zoomed(self, factor: float, at_y: float, view_height: float) -> "RowAxis":
        """Rows taller or lower by the factor, the row under `at_y` staying where it is."""
        row_px = min(MAX_ROW_PX, max(MIN_ROW_PX, self.row_px * factor))
        top = (at_y + self.top_px) / self.row_px * row_px - at_y
        return replace(self, row_px=row_px, top_px=top).scrolled(0.0, view_height)

    def centred(self, pitch: int, view_height: float) -> "RowAxis":
        """The axis with the pitch's row in the middle of the view, as far as the rows reach."""
        y = self.y(pitch)
        return self if y is None else self.scrolled(y + (self.row_px - view_height) / 2, view_height)

    def visible(self, view_height: float) -> Iterator[tuple[int, float]]:
        """Each visible row's pitch and top."""
        first = max(0, int(self.top_px // self.row_px))
        last = min(len(self.pitches), int((self.top_px + view_height) // self.row_px) + 1)
        for row in range(first, last):
            yield self.pitches[row], row * self.row_px - self.top_px
