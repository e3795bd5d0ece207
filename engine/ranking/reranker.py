"""Which of these candidates would a musician keep, and why?

An additive scorer (a generalised additive model, Hastie & Tibshirani 1986): every remark of `features` is
worth what its curve says, read between knots, so that too little and too much can both be wrong; the score is
the sum, in natural-log odds that a person wrote it. The curves are learnt from real against generated fills
of the same hole (engine.training.ranking). Likelihood takes part only as one remark among the others: alone
it picks monotony.

>>> curve = Curves(("range",), np.array([[0.0, 12.0]]), np.array([[-1.0, 1.0]]), np.array([0.0]))
>>> curve.worth({"range": 9.0}).tolist(), curve.worth({"range": None}).tolist()
([0.5], [0.0])
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from engine.ranking.features import HoleContext, Part, Remarks, remarks
from engine.ranking.features_passage import SheetLike
from engine.ranking.reranker_words import said

Floats = NDArray[np.float64]
_AUDIBLE = 0.15
_REASONS = 3


@dataclass(frozen=True, slots=True)
class Judgement:
    """`score`: higher is more like what people write. `merits` and `doubts` name the remarks that weighed
    most, in words, the heaviest first; `worth` holds every remark's share."""

    score: float
    merits: tuple[str, ...]
    doubts: tuple[str, ...]
    worth: dict[str, float]


@dataclass(frozen=True)
class Curves:
    """The worth of each remark: (remarks, knots) places and heights, and the worth of its absence."""

    names: tuple[str, ...]
    knots: Floats
    heights: Floats
    absent: Floats

    def __post_init__(self) -> None:
        count = len(self.names)
        shapes = (self.knots.shape, self.heights.shape, self.absent.shape)
        if self.knots.ndim != 2 or shapes != (self.knots.shape, self.knots.shape, (count,)):
            raise ValueError("The curves of the ranking do not fit its remarks.")
        if len(self.knots) != count or not (np.diff(self.knots, axis=1) > 0).all():
            raise ValueError("The knots of the ranking are not in order.")

    def worth(self, found: Remarks) -> Floats:
        """What each remark adds to the score: read between knots, as at the last one beyond them."""
        return np.array(self.shares(found))

    def shares(self, found: Remarks) -> list[float]:
        """`worth` as a list: asked at every barline of every line."""
        return [
            absent if (value := found.get(name)) is None else _read(value, knots, heights)
            for name, knots, heights, absent in self._told
        ]

    @cached_property
    def _told(self) -> list[tuple[str, list[float], list[float], float]]:
        """Name, knots, heights and absence of each remark."""
        columns = self.knots.tolist(), self.heights.tolist(), self.absent.tolist()
        return list(zip(self.names, *columns, strict=True))

    def is_high(self, name: str, value: float) -> bool:
        """Is the value in the upper half of what is usual?"""
        places = self.knots[self.names.index(name)]
        return value > float(places[(len(places) - 1) // 2] + places[len(places) // 2]) / 2


@dataclass(frozen=True, slots=True)
class Reranker:
    """Curves for melodies and for chords."""

    curves: Mapping[Part, Curves]

    @staticmethod
    def from_arrays(arrays: Mapping[str, np.ndarray], names: Mapping[str, Sequence[str]]) -> "Reranker":
        """From a model file's arrays (`melody.knots`, `melody.heights`, `melody.absent`, the same for
        `chords`) and its card's `remarks`. Raises KeyError or ValueError when they do not fit."""
        curves = {}
        for part in Part:
            knots, heights, absent = (
                np.asarray(arrays[f"{part}.{kind}"], np.float64) for kind in ("knots", "heights", "absent")
            )
            curves[part] = Curves(tuple(names[part.value]), knots, heights, absent)
        return Reranker(curves)

    def arrays(self) -> dict[str, np.ndarray]:
        """What `from_arrays` takes."""
        found: dict[str, np.ndarray] = {}
        for part, curves in self.curves.items():
            found[f"{part}.knots"] = curves.knots.astype(np.float32)
            found[f"{part}.heights"] = curves.heights.astype(np.float32)
            found[f"{part}.absent"] = curves.absent.astype(np.float32)
        return found

    def score(
        self,
        context: HoleContext,
        candidate: SheetLike,
        end: int | None = None,
        surprises: Sequence[float] = (),
    ) -> Judgement:
        """The judgement of a filled sheet; `end` and `surprises` as for `remarks`."""
        return self.judge(remarks(context, candidate, end, surprises))

    def mark(self, context: HoleContext, candidate: SheetLike, end: int | None = None) -> float:
        """The score alone."""
        return self.mark_of(remarks(context, candidate, end))

    def mark_of(self, found: Mapping[Part, Remarks]) -> float:
        """The score of these remarks alone."""
        shares = (self.curves[part].shares(own) for part, own in found.items())
        return float(sum(share / len(found) for own in shares for share in own))

    def judge(self, found: Mapping[Part, Remarks]) -> Judgement:
        """The judgement of these remarks: the mean over melody and chords when both were written."""
        worth: dict[str, float] = {}
        merits: list[tuple[float, str]] = []
        for part, own in found.items():
            curves = self.curves[part]
            for name, share in zip(curves.names, curves.shares(own), strict=True):
                worth[f"{part.value}.{name}"] = share / len(found)
                value = own.get(name)
                if value is not None and abs(share) >= _AUDIBLE:
                    merits.append((share / len(found), said(name, curves.is_high(name, value))))
        merits.sort()
        return Judgement(
            sum(worth.values()),
            tuple(words for share, words in reversed(merits) if share > 0 and words)[:_REASONS],
            tuple(words for share, words in merits if share < 0 and words)[:_REASONS],
            worth,
        )


def _read(value: float, knots: Sequence[float], heights: Sequence[float]) -> float:
    """The height between two knots."""
    if value >= knots[-1]:
        return heights[-1]
    after = max(1, bisect_right(knots, value))
    low, base = knots[after - 1], heights[after - 1]
    return (heights[after] - base) / (knots[after] - low) * (max(value, low) - low) + base
