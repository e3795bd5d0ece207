"""From the data folder to pools of questions.

Pieces are drawn with replacement, by their weight. Sample number i of a run depends on the seed and i only.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from pathlib import Path
from random import Random

import numpy as np

from engine.generation.language.grid import Sheet, Stream
from engine.training.corpus.corpus import read_corpus
from engine.training.corpus.piece import CorpusPiece
from engine.training.corpus.split import Part, split, variation_pairs
from engine.training.infill.batches import Batch, Sample, arranged
from engine.training.infill.cutting import parts_of, with_parts
from engine.training.infill.surprise import habits_of
from engine.training.infill.weighing import CHORDS_ONLY, FALLING, STABLE, Kind, piece_weights
from engine.training.infill.windows import drawn_sample


class Practice:
    """Pools of questions about some pieces."""

    def __init__(
        self,
        pieces: Sequence[CorpusPiece],
        seed: int,
        batch_tokens: int,
        pool_samples: int,
        variants: Mapping[str, Sequence[Sheet]],
        shares: tuple[Mapping[Kind, float], Mapping[Kind, float]] = (STABLE, FALLING),
    ) -> None:
        self._pieces, self._variants = list(pieces), variants
        self._seed, self._batch_tokens, self._pool_samples = seed, batch_tokens, pool_samples
        self._habits = habits_of(piece.sheet for piece in self._pieces)
        self._sums = {
            is_falling: list(accumulate(piece_weights(self._pieces, shares[is_falling])))
            for is_falling in (False, True)
        }

    def pool(self, number: int, is_falling: bool) -> list[Batch]:
        """The batches of a pool."""
        first = number * self._pool_samples
        drawn = [self.sample(first + place, is_falling) for place in range(self._pool_samples)]
        samples = [sample for sample in drawn if sample is not None]
        return arranged(samples, self._batch_tokens, np.random.default_rng([self._seed, number]))

    def sample(self, number: int, is_falling: bool) -> Sample | None:
        random = Random((self._seed << 40) + number)
        piece = random.choices(self._pieces, cum_weights=self._sums[is_falling])[0]
        return drawn_sample(piece, random, self._variants.get(piece.id, ()), self._habits)


@dataclass(frozen=True, slots=True)
class CorpusPools:
    """Pools of the train part of everything that is allowed; `only_chords`: of the chords alone."""

    data: Path
    cache: Path | None
    seed: int
    batch_tokens: int
    pool_samples: int = 384
    only_chords: bool = False

    def open(self) -> Callable[[int, bool], list[Batch]]:
        pieces = read_corpus(self.data, self.cache)
        train = practised(split(pieces)[Part.TRAIN], self.only_chords)
        variants = {} if self.only_chords else variants_of(train)
        shares = (CHORDS_ONLY, CHORDS_ONLY) if self.only_chords else (STABLE, FALLING)
        return Practice(train, self.seed, self.batch_tokens, self.pool_samples, variants, shares).pool


def practised(pieces: Sequence[CorpusPiece], only_chords: bool) -> list[CorpusPiece]:
    """The pieces that have something to practise; reduced to their chords when only these are learnt."""
    if not only_chords:
        return [piece for piece in pieces if parts_of(piece.sheet)]
    charts = [piece for piece in pieces if Stream.CHORDS in parts_of(piece.sheet)]
    return [replace(piece, sheet=with_parts(piece.sheet, {Stream.CHORDS})) for piece in charts]


def variants_of(pieces: Sequence[CorpusPiece]) -> dict[str, list[Sheet]]:
    """Other settings of the same tune, by the id of a piece."""
    by_id = {piece.id: piece for piece in pieces}
    found: dict[str, list[Sheet]] = {}
    for first, second in variation_pairs(pieces):
        for one, other in ((first, second), (second, first)):
            if one in by_id and other in by_id:
                found.setdefault(one, []).append(by_id[other].sheet)
    return found
