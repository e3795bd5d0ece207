"""On which tick does a hand that aims near it land?

Grids are counted from the downbeat of each bar (of the notional full bar in a pickup), so that they stay true
across metre changes.

>>> snapped(TimeMap(), Grid.EIGHTH, 250)
240
"""

from enum import StrEnum

from engine.music import TICKS_PER_QUARTER, TimeMap


class Grid(StrEnum):
    """What drawing and moving snaps to; the value is what people read."""

    BAR = "Bar"
    HALF = "1/2"
    QUARTER = "1/4"
    EIGHTH = "1/8"
    SIXTEENTH = "1/16"
    THIRTY_SECOND = "1/32"
    QUARTER_TRIPLET = "1/4 triplet"
    EIGHTH_TRIPLET = "1/8 triplet"
    SIXTEENTH_TRIPLET = "1/16 triplet"
    OFF = "Off"


_QUARTERS = {
    Grid.HALF: (2, 1),
    Grid.QUARTER: (1, 1),
    Grid.EIGHTH: (1, 2),
    Grid.SIXTEENTH: (1, 4),
    Grid.THIRTY_SECOND: (1, 8),
    Grid.QUARTER_TRIPLET: (2, 3),
    Grid.EIGHTH_TRIPLET: (1, 3),
    Grid.SIXTEENTH_TRIPLET: (1, 6),
}


def chord_grid(grid: Grid) -> Grid:
    """Chords land on beats where the grid is finer than that."""
    return grid if grid in (Grid.BAR, Grid.HALF, Grid.OFF) else Grid.QUARTER


def step_ticks(grid: Grid, time_map: TimeMap, tick: int = 0) -> int:
    """Ticks between two lines of the grid around the tick; 1 when the grid is off."""
    if grid is Grid.OFF:
        return 1
    if grid is Grid.BAR:
        return time_map.metre_at(tick).bar_ticks
    over, under = _QUARTERS[grid]
    return TICKS_PER_QUARTER * over // under


def snapped(time_map: TimeMap, grid: Grid, tick: float) -> int:
    """The grid line nearest to the tick, the next downbeat counting as one; never before 0."""
    at = max(0, round(tick))
    if grid is Grid.OFF:
        return at
    low = snapped_down(time_map, grid, at)
    bar_end = time_map.bar_end(time_map.bar_of(at))
    high = min(low + step_ticks(grid, time_map, at), bar_end)
    return high if tick - low >= high - tick else low


def snapped_down(time_map: TimeMap, grid: Grid, tick: float) -> int:
    """The last grid line not after the tick."""
    at = max(0, int(tick))
    if grid is Grid.OFF:
        return at
    into = time_map.metrical_offset(at) % step_ticks(grid, time_map, at)
    return max(time_map.bar_start(time_map.bar_of(at)), at - into)
