"""How do questions of many lengths become a few rectangles that a processor computes quickly?

Sequences are sorted into a handful of lengths (free shapes halve the speed), what is left over of a length
goes into the next longer one. Learnt is what the answer says (weight 1) and, at less weight, what stands in
the bars around it: they too are music in order. Input position t holds everything known after token t, and
its target is token t + 1.

>>> [padded_length(length) for length in (5, 129, 768)]
[64, 160, 768]
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.generation.language.question import ANSWER_LOSS, VISIBLE_LOSS, Encoded

LENGTHS = (64, 96, 128, 160, 192, 224, 256, 320, 384, 448, 512, 576, 640, 704, 768)
CONTEXT_WEIGHT = 0.5
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Sample:
    """One encoded question; `task` names what was asked, as a number."""

    encoded: Encoded
    task: int = 0

    @property
    def positions(self) -> int:
        return len(self.encoded.tokens) - 1


@dataclass(frozen=True, slots=True)
class Batch:
    """`rows` sequences padded to `length`, as flat arrays over rows x length positions.

    `features` are the active table rows of all positions one after the other, `offsets` where each position's
    begin; padding has none. `targets` are the positions whose next token is learnt, `wanted` those tokens,
    `weights` how much each counts, `streams` 1 + the stream of an answer, 0 for context, `tasks` the task of
    its sample. `tokens` counts the positions that are no padding.
    """

    rows: int
    length: int
    features: NDArray[np.int32]
    offsets: NDArray[np.int32]
    targets: Ints
    wanted: Ints
    weights: NDArray[np.float32]
    streams: NDArray[np.uint8]
    tasks: NDArray[np.uint8]
    tokens: int


def padded_length(positions: int) -> int:
    """The shortest of LENGTHS that holds so many positions."""
    return LENGTHS[bisect_left(LENGTHS, positions)]


def arranged(samples: Sequence[Sample], tokens: int, generator: np.random.Generator) -> list[Batch]:
    """All samples in batches of about so many positions, in an order drawn from the generator."""
    waiting: list[Sample] = []
    batches = []
    by_length = sorted(samples, key=lambda sample: sample.positions)
    begin = 0
    for length in LENGTHS:
        end = begin
        while end < len(by_length) and by_length[end].positions <= length:
            end += 1
        waiting += by_length[begin:end]
        begin = end
        rows = max(1, tokens // length)
        while len(waiting) >= rows:
            batches.append(collated(waiting[:rows], length))
            waiting = waiting[rows:]
    if waiting:
        batches.append(collated(waiting, padded_length(waiting[-1].positions)))
    return [batches[number] for number in generator.permutation(len(batches))]


def collated(samples: Sequence[Sample], length: int) -> Batch:
    """One batch of these samples, each a row."""
    features, starts, targets, wanted, weights, streams, tasks = [], [], [], [], [], [], []
    begin = 0
    for row, sample in enumerate(samples):
        encoded, positions = sample.encoded, sample.positions
        end = int(encoded.feature_offsets[positions])
        starts.append(begin + np.minimum(encoded.feature_offsets[_up_to(positions, length)], end))
        features.append(encoded.feature_ids[:end])
        begin += end
        weight = learnt(encoded)[1:]
        chosen = np.flatnonzero(weight)
        targets.append(row * length + chosen)
        wanted.append(encoded.tokens[1:][chosen])
        weights.append(weight[chosen])
        mark = encoded.loss[1:][chosen]
        streams.append(np.where(mark < VISIBLE_LOSS, mark, 0))
        tasks.append(np.full(len(chosen), sample.task, np.uint8))
    return Batch(
        len(samples),
        length,
        np.concatenate(features),
        np.concatenate(starts).astype(np.int32),
        np.concatenate(targets).astype(np.int64),
        np.concatenate(wanted).astype(np.int64),
        np.concatenate(weights),
        np.concatenate(streams).astype(np.uint8),
        np.concatenate(tasks),
        sum(sample.positions for sample in samples),
    )


def _up_to(positions: int, length: int) -> Ints:
    """0 .. positions, the last again and again up to the length."""
    return np.minimum(np.arange(length), positions)


def learnt(encoded: Encoded) -> NDArray[np.float32]:
    """How much each token counts: an answer fully, a visible cell where it is told first in part."""
    marks = encoded.loss
    weights = np.where(marks >= VISIBLE_LOSS, CONTEXT_WEIGHT, np.where(marks >= ANSWER_LOSS, 1.0, 0.0))
    return weights.astype(np.float32)
