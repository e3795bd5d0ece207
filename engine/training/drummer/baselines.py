"""How surprised are the plain ways of making drums human?

Each way is fitted on the train part and answers in bits a stroke on another: velocity in MIDI steps, timing
in bins of one millisecond.

* quantised: on the grid and at one loudness, give or take a spread fitted to the corpus;
* jitter: a Gaussian around each drum's own mean (what "humanise" does in a sequencer);
* table: a Gaussian around the mean of each drum at each sixteenth of the bar that has 30 strokes;
* marked: a table for soft, plain and accent apart, where the page has such marks.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from engine.training.drummer.tables import Table

Floats = NDArray[np.float64]
_LEAST = 30
_TABLE_PLACES = 24


def quantised(train: Table, test: Table) -> tuple[Floats, Floats]:
    """Bits of velocity and of timing for every stroke."""
    return (
        _bits(test.velocity, train.velocity.mean(), train.velocity.std()),
        _bits(test.late_ms, 0.0, float(np.sqrt((train.late_ms.astype(np.float64) ** 2).mean()))),
    )


def jitter(train: Table, test: Table) -> tuple[Floats, Floats]:
    return _by_cell(train, test, lambda table: table.group)


def table(train: Table, test: Table) -> tuple[Floats, Floats]:
    return _by_cell(train, test, _place)


def marked(train: Table, test: Table) -> tuple[Floats, Floats]:
    return _by_cell(train, test, lambda t: _place(t) * 4 + t.loudness + 1)


def _place(table: Table) -> np.ndarray:
    return np.asarray(table.group * _TABLE_PLACES + np.minimum(table.sixteenth, _TABLE_PLACES - 1))


def _by_cell(train: Table, test: Table, cell: Callable[[Table], np.ndarray]) -> tuple[Floats, Floats]:
    ours, theirs = cell(train), cell(test)
    return (
        _cell_bits(ours, train.velocity, theirs, test.velocity),
        _cell_bits(ours, train.late_ms, theirs, test.late_ms),
    )


def _cell_bits(cells: np.ndarray, values: np.ndarray, asked: np.ndarray, tested: np.ndarray) -> Floats:
    """Mean and spread of the cell; of everything for a cell with too few strokes."""
    size = int(max(cells.max(), asked.max())) + 1
    count = np.bincount(cells, minlength=size)
    known = count >= _LEAST
    total = np.bincount(cells, values.astype(np.float64), size)
    mean = np.where(known, total / np.maximum(count, 1), values.mean())
    squares = np.bincount(cells, values.astype(np.float64) ** 2, size) / np.maximum(count, 1)
    spread = np.where(known, np.sqrt(np.maximum(squares - mean**2, 1.0)), values.std())
    return _bits(tested, mean[asked], spread[asked])


def _bits(values: np.ndarray, mean: float | Floats, spread: float | Floats) -> Floats:
    """-log2 of the probability of a bin of width 1 under a Gaussian."""
    away = (values - mean) / spread
    density = np.exp(-0.5 * np.minimum(away**2, 80)) / (spread * np.sqrt(2 * np.pi))
    found: Floats = -np.log2(density + 1e-9)
    return found
