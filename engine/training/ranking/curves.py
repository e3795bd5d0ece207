"""Which curves tell people's fills from generated ones in the same hole?

For every hole the remarks on the real fill are held against those on each generated one; the model is a
conditional logit on the difference (Bradley & Terry's for pairs), so what only depends on the hole cancels.
Every remark is read between knots at the quantiles of all fills; heights are held small and smooth (ridge on
values and on second differences), found by Newton's method.

>>> real = [{"range": 5.0}] * 8; drawn = [[{"range": 12.0}, {"range": 1.0}]] * 8
>>> curves = learn_curves(("range",), real, drawn, 0.1)
>>> worth = [float(curves.worth({"range": value})[0]) for value in (1.0, 5.0, 12.0)]
>>> worth[1] > max(worth[0], worth[2])
True
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.ranking.features import Remarks
from engine.ranking.reranker import Curves

Floats = NDArray[np.float64]
KNOTS = 6
_SMOOTH = 3.0
_STEPS = 12
_APART = 1e-3


def learn_curves(
    names: tuple[str, ...], real: Sequence[Remarks], drawn: Sequence[Sequence[Remarks]], ridge: float
) -> Curves:
    """Curves from each hole's real fill and its generated ones."""
    everything = [*real, *(remarks for fills in drawn for remarks in fills)]
    knots = np.array([_knots([r[name] for r in everything]) for name in names])
    rows, weights = [], []
    for person, fills in zip(real, drawn, strict=True):
        own = basis(person, names, knots)
        rows += [own - basis(fill, names, knots) for fill in fills]
        weights += [1.0 / len(fills)] * len(fills)
    heights = _fitted(np.array(rows), np.array(weights), ridge, len(names))
    mean = np.mean([basis(remarks, names, knots) for remarks in everything], axis=0)
    return _centred(names, knots, heights, mean)


def basis(remarks: Remarks, names: tuple[str, ...], knots: Floats) -> Floats:
    """One row: for every remark the two hats around its value, or its absence."""
    row = np.zeros((len(names), KNOTS + 1))
    for place, name in enumerate(names):
        value = remarks.get(name)
        if value is None:
            row[place, KNOTS] = 1.0
            continue
        own = knots[place]
        right = int(np.clip(np.searchsorted(own, value), 1, KNOTS - 1))
        along = float(np.clip((value - own[right - 1]) / (own[right] - own[right - 1]), 0.0, 1.0))
        row[place, right - 1], row[place, right] = 1.0 - along, along
    return row.ravel()


def _knots(values: Sequence[float | None]) -> Floats:
    """Quantiles of what is there, strictly rising."""
    there = np.round([value for value in values if value is not None], 4)
    if not len(there):
        return np.arange(KNOTS, dtype=float)
    distinct = np.unique(np.quantile(there, np.linspace(0.02, 0.98, KNOTS)))
    if len(distinct) < KNOTS:
        more = np.unique(there)
        pool = np.unique([*distinct, *more[np.linspace(0, len(more) - 1, 2 * KNOTS).astype(int)]])
        distinct = pool[np.linspace(0, len(pool) - 1, min(KNOTS, len(pool))).round().astype(int)]
    missing = KNOTS - len(distinct)
    step = max(_APART, float(distinct[-1] - distinct[0]) / KNOTS)
    beyond = float(distinct[-1]) + step * np.arange(1, missing + 1)
    return np.array([*distinct.tolist(), *beyond.tolist()])


def _fitted(rows: Floats, weights: Floats, ridge: float, remarks: int) -> Floats:
    """Heights (remarks x knots and absence) that put the real fill first."""
    held = _penalty(remarks) * ridge
    heights = np.zeros(rows.shape[1])
    weights = weights / weights.mean()
    for _ in range(_STEPS):
        lost = 1 / (1 + np.exp(rows @ heights))
        gradient = rows.T @ (weights * lost) - held @ heights
        bend = (rows * (weights * lost * (1 - lost))[:, None]).T @ rows + held
        step = np.linalg.solve(bend, gradient)
        heights += step
        if np.abs(step).max() < 1e-6:
            break
    return heights


def _penalty(remarks: int) -> Floats:
    """Ridge on all heights, more on the bends of each curve."""
    bends = np.diff(np.eye(KNOTS), n=2, axis=0)
    block = np.eye(KNOTS + 1)
    block[:KNOTS, :KNOTS] += _SMOOTH * bends.T @ bends
    return np.asarray(np.kron(np.eye(remarks), block), np.float64)


def _centred(names: tuple[str, ...], knots: Floats, heights: Floats, mean: Floats) -> Curves:
    """A usual fill is worth nothing on every remark."""
    table = heights.reshape(len(names), KNOTS + 1)
    usual = (table * mean.reshape(table.shape)).sum(axis=1, keepdims=True)
    table = table - usual
    return Curves(names, knots, table[:, :KNOTS], table[:, KNOTS])
