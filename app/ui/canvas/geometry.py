"""Where on the canvas is a tick, and where is a pitch?

A `TimeAxis` maps ticks to logical pixels from the left edge of a canvas, a `RowAxis` maps pitches to rows of
equal height. Both are values: scrolling and zooming make a new one. No Qt here.

>>> axis = TimeAxis(left_ticks=960, px_per_tick=0.1)
>>> axis.x(1920), axis.tick(96.0)
(96.0, 1920.0)
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from engine.music import TICKS_PER_QUARTER, TimeMap

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


def bars_between(time_map: TimeMap, start_ticks: float, end_ticks: float) -> Iterator[tuple[int, int]]:
    """Bar number (0-based) and first tick of each bar that touches the stretch."""
    bar = time_map.bar_of(max(0, int(start_ticks)))
    start = time_map.bar_start(bar)
    while start < end_ticks:
        yield bar, start
        bar += 1
        start = time_map.bar_start(bar)


def bar_step(px_per_bar: float, wanted_px: float) -> int:
    """Every how many bars a line or number fits: 1, 2, 4, 8 ... so that they lie `wanted_px` apart."""
    step = 1
    while step * px_per_bar < wanted_px:
        step *= 2
    return step


def grid_lines(
    time_map: TimeMap, axis: TimeAxis, width: float, step_ticks: int, closest_px: float = 9.0
) -> tuple[list[float], list[float], list[float]]:
    """X of bar lines, beat lines and grid lines between them, none closer than `closest_px`.

    `step_ticks` is the distance of grid lines, 0 for none. Beats are those of the metre (the pulse in 6/8).
    """
    bars: list[float] = []
    beats: list[float] = []
    steps: list[float] = []
    typical = time_map.metre_at(int(axis.left_ticks)).bar_ticks * axis.px_per_tick
    every = bar_step(typical, closest_px)
    for bar, start in bars_between(time_map, axis.left_ticks, axis.right_ticks(width)):
        if bar % every == 0:
            bars.append(axis.x(start))
        beats += _inner_lines(time_map, axis, bar, start, time_map.metre_at(start).pulse_ticks, closest_px)
        steps += _inner_lines(time_map, axis, bar, start, step_ticks, closest_px)
    taken = {round(x, 2) for x in beats}
    return bars, beats, [x for x in steps if round(x, 2) not in taken]


def _inner_lines(
    time_map: TimeMap, axis: TimeAxis, bar: int, start: int, step: int, closest_px: float
) -> list[float]:
    if step <= 0 or step * axis.px_per_tick < closest_px:
        return []
    first = -time_map.metrical_offset(start) % step or step
    return [axis.x(tick) for tick in range(start + first, time_map.bar_end(bar), step)]


def quarter_px(axis: TimeAxis) -> float:
    """Pixels of a quarter note."""
    return TICKS_PER_QUARTER * axis.px_per_tick
