"""What does the model write by itself? Samples under the grammar, without plan, search or ranking.

What those add is seen by comparison with the takes that come through the product's door. Controls are told to
the model as tokens and as nothing else, so that what is measured is the model's own obedience.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.generation.infill.decoding import Decoder, Finished, Pen
from engine.generation.infill.sampling import Ids, Taste
from engine.generation.infill.weights import read_weights
from engine.generation.language.controls import similarity_class
from engine.generation.language.grammar import Grammar
from engine.generation.language.grid import Sheet
from engine.generation.language.question import Fill, Question, Reference
from engine.generation.language.rules import CellGrammar
from engine.generation.language.vocabulary import Control, Relation
from engine.ranking.features import context_of
from engine.ranking.reranker import Reranker
from engine.training.infill.evaluation.holes import Hole, Writer, question_of
from engine.training.infill.evaluation.variations import measured

TASTE = Taste(temperature=0.95, top_p=0.98)
_MOST, _VARIED = 16, 8


class Unguided:
    """The grammar and nothing else."""

    meets_at_barlines = False
    counts_costs = False

    def __init__(self, question: Question) -> None:
        self._grammar = Grammar(question)

    def grammar(self, pen: Pen, fill: Fill) -> CellGrammar:
        return self._grammar.begin(fill.bar, fill.stream, pen.written)

    def bias(self, pen: Pen, allowed: Ids) -> NDArray[np.float64] | None:
        return None

    def at_barline(self, bar: int, pens: Sequence[Pen]) -> Sequence[int] | None:
        return None


@dataclass(frozen=True)
class Sampler:
    """A model at the product's decoder."""

    decoder: Decoder
    taste: Taste = TASTE

    @staticmethod
    def read(folder: Path, name: str) -> "Sampler":
        """Raises ModelError when there is no such model."""
        return Sampler(Decoder(read_weights(folder, name)))

    def write(self, hole: Hole, seed: int, count: int) -> list[Sheet]:
        """So many samples."""
        return self.written(question_of(hole), seed, count)

    def written(self, question: Question, seed: int, count: int) -> list[Sheet]:
        """Samples in the order of their numbers."""
        found = {take.take: take.sheet for take in self._finished(question, seed, count)}
        return [found[number] for number in sorted(found)]

    def _finished(self, question: Question, seed: int, count: int) -> Iterator[Finished]:
        guide = Unguided(question)
        for first in range(0, count, _MOST):
            takes = range(first, min(count, first + _MOST))
            for event in self.decoder.run(question, takes, seed, guide, self.taste):
                if isinstance(event, Finished):
                    yield event

    def steered(self, hole: Hole, control: Control, asked: int, seed: int) -> Sheet:
        """One sample with a control told in every bar of the hole."""
        told: Mapping[int, Mapping[Control, int]] = {
            bar: {control: asked} for bar in range(hole.first, hole.end)
        }
        return self.written(replace(question_of(hole), controls=told), seed, 1)[0]

    def varied(self, hole: Hole, distance: float, seed: int) -> Sheet:
        """Of eight samples told to vary what people wrote there, the one whose distance is nearest."""
        told = similarity_class(1.0 - distance)
        question = self._vary(hole, told)
        found = self.written(question, seed, _VARIED)
        return min(found, key=lambda sheet: abs(measured(hole, sheet) - distance))

    def _vary(self, hole: Hole, asked: int) -> Question:
        bars = range(hole.first, hole.end)
        shown = {bar: {s: hole.sheet.bars[bar].cells[s] for s in hole.streams} for bar in bars}
        return replace(
            question_of(hole),
            controls={bar: {Control.SIMILARITY: asked} for bar in bars},
            references={bar: Reference(Relation.VARY, cells=shown[bar]) for bar in bars},
        )


def ranked(write: Writer, reranker: Reranker, pool: int = 8) -> Writer:
    """The best by the re-ranker of `pool` fills for each one asked for."""

    def best(hole: Hole, seed: int, count: int) -> list[Sheet]:
        context = context_of(hole.sheet, hole.first, hole.end, hole.streams)
        found = list(write(hole, seed, pool * count))
        pools = [found[place::count] for place in range(count)]
        return [max(own, key=lambda sheet: reranker.score(context, sheet).score) for own in pools if own]

    return best
