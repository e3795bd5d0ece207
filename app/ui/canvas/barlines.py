"""Where are the bars, beats and grid lines of a stretch of music?

Bars are worked out in pages of 32, once for each time map (a value that never changes), so that scrolling
asks only for arithmetic.
"""

from collections.abc import Iterator
from functools import partial
from itertools import pairwise

import numpy as np

from app.ui.canvas.geometry import TimeAxis
from engine.music import TimeMap

PAGE = 32


class LineBook:
    """Pages of bar starts, beats and grid lines of one time map, in ticks."""

    def __init__(self, time_map: TimeMap) -> None:
        self.time_map = time_map
        self._bars: dict[int, np.ndarray] = {}
        self._inner: dict[tuple[int, int], np.ndarray] = {}

    def bars(self, page: int) -> np.ndarray:
        """First ticks of the 32 bars of a page."""
        if page not in self._bars:
            bars = range(page * PAGE, (page + 1) * PAGE)
            self._bars[page] = np.array([self.time_map.bar_start(bar) for bar in bars], np.int64)
        return self._bars[page]

    def inner(self, page: int, step_ticks: int) -> np.ndarray:
        """Lines every `step_ticks` within the bars of a page without the bar lines; 0: each bar's pulse."""
        key = (page, step_ticks)
        if key not in self._inner:
            starts = [*self.bars(page).tolist(), self.time_map.bar_start((page + 1) * PAGE)]
            ticks: list[int] = []
            for start, end in pairwise(starts):
                step = step_ticks or self.time_map.metre_at(start).pulse_ticks
                first = -self.time_map.metrical_offset(start) % step or step
                ticks += range(start + first, end, step)
            self._inner[key] = np.array(ticks, np.int64)
        return self._inner[key]

    def between_beats(self, page: int, step_ticks: int) -> np.ndarray:
        """The lines of `inner` that are no beats."""
        key = (page, -step_ticks)
        if key not in self._inner:
            beats = set(self.inner(page, 0).tolist())
            lines = [tick for tick in self.inner(page, step_ticks).tolist() if tick not in beats]
            self._inner[key] = np.array(lines, np.int64)
        return self._inner[key]

    def pages(self, start_ticks: float, end_ticks: float) -> range:
        """The pages that touch the stretch."""
        first = self.time_map.bar_of(max(0, int(start_ticks)))
        last = self.time_map.bar_of(max(0, int(end_ticks)))
        return range(first // PAGE, last // PAGE + 1)


_books: list[LineBook] = []


def book_of(time_map: TimeMap) -> LineBook:
    """The book of a time map; the last few are kept."""
    for book in _books:
        if book.time_map is time_map:
            return book
    _books.insert(0, LineBook(time_map))
    del _books[4:]
    return _books[0]


def bars_between(time_map: TimeMap, start_ticks: float, end_ticks: float) -> Iterator[tuple[int, int]]:
    """Bar number (0-based) and first tick of each bar that touches the stretch."""
    book = book_of(time_map)
    first = time_map.bar_of(max(0, int(start_ticks)))
    for page in book.pages(start_ticks, end_ticks):
        for bar, start in enumerate(book.bars(page).tolist(), page * PAGE):
            if bar >= first and start < end_ticks:
                yield bar, start


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
    left, right = axis.left_ticks, axis.right_ticks(width)
    metre = time_map.metre_at(int(left))
    every = bar_step(metre.bar_ticks * axis.px_per_tick, closest_px)
    book = book_of(time_map)
    pages = book.pages(left, right)
    bars = [axis.x(start) for bar, start in bars_between(time_map, left, right) if bar % every == 0]
    visible = partial(_visible, axis, left, right)
    beats: list[float] = []
    steps: list[float] = []
    if metre.pulse_ticks * axis.px_per_tick >= closest_px:
        beats = visible([book.inner(page, 0) for page in pages])
    if step_ticks > 0 and step_ticks * axis.px_per_tick >= closest_px:
        steps = visible([book.between_beats(page, step_ticks) for page in pages])
    return bars, beats, steps


def _visible(axis: TimeAxis, left: float, right: float, pages: list[np.ndarray]) -> list[float]:
    ticks = np.concatenate(pages)
    shown = ticks[(ticks >= left) & (ticks < right)]
    xs: list[float] = ((shown - axis.left_ticks) * axis.px_per_tick).tolist()
    return xs
