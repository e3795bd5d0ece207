"""Real and generated fills of the same holes, with what there is to say about them.

The labels are free: what people wrote in a hole is real, what any writer puts there is not. Holes are of two,
four and eight bars, with and without bars after them, of melodies over chords, melodies alone, chords under a
melody, chords alone, and both together.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from engine.generation.language.grid import Sheet, Stream
from engine.ranking.features import Part, Remarks, context_of, remarks
from engine.training.corpus.piece import CorpusPiece
from engine.training.infill.evaluation.contenders import Contender
from engine.training.infill.evaluation.holes import Hole, Shape, draw_holes, number_of
from engine.training.infill.evaluation.stage import (
    BOTH,
    CHORDS,
    MELODY,
    STYLES_OF,
    has_written_chords,
    of_stratum,
)

SHAPES = (Shape(8, 2, 4), Shape(8, 4, 4), Shape(8, 4, 0), Shape(8, 8, 0), Shape(4, 4, 8))
_HARMONISE = Shape(0, 8, 0)
HOLDOUT = 5
"""Every so many-th piece is kept to measure on."""

Surprises = Callable[[Hole, Sheet], Sequence[float]]
"""Bits of each symbol of the hole as filled."""


@dataclass(frozen=True, slots=True)
class Pair:
    """One part of one hole: the remarks on the real fill and on each generated one."""

    piece: str
    part: Part
    real: Remarks
    drawn: tuple[Remarks, ...]

    @property
    def is_held_out(self) -> bool:
        return number_of("ranking holdout", self.piece) % HOLDOUT == 0


def ranking_holes(pieces: Sequence[CorpusPiece], each: int) -> list[Hole]:
    """At most `each` holes of every stratum, kind and shape."""
    found: list[Hole] = []
    for stratum in STYLES_OF:
        own = of_stratum(pieces, stratum)
        paired = [piece for piece in own if has_written_chords(piece) and piece.sheet.has(Stream.MELODY)]
        for shape in SHAPES:
            if stratum in ("folk", "songs"):
                found += draw_holes(own, shape, MELODY, each, stratum)
                found += draw_holes(paired, shape, BOTH, each // 2, stratum)
            if stratum != "folk":
                chart = [piece for piece in own if has_written_chords(piece)]
                found += draw_holes(chart, shape, CHORDS, each, stratum)
        found += draw_holes(paired, _HARMONISE, CHORDS, each, stratum)
    return found


def pairs_of(
    holes: Sequence[Hole],
    writers: Sequence[Contender],
    fills: int,
    seed: int = 1,
    surprises: Surprises | None = None,
) -> list[Pair]:
    """The remarks on every hole's fills, part by part; fills that equal the real one are no use."""
    found: list[Pair] = []
    for hole in holes:
        drawn = [sheet for writer in writers for sheet in writer.answers(hole, seed, fills)]
        drawn = [sheet for sheet in drawn if sheet != hole.sheet]
        if not drawn:
            continue
        context = context_of(hole.sheet, hole.first, hole.end, hole.streams)

        def said(sheet: Sheet, hole: Hole = hole, context=context) -> dict[Part, Remarks]:  # type: ignore[no-untyped-def]
            return remarks(context, sheet, None, surprises(hole, sheet) if surprises else ())

        real, others = said(hole.sheet), [said(sheet) for sheet in drawn]
        for part in real:
            found.append(Pair(hole.piece, part, real[part], tuple(other[part] for other in others)))
    return found
