"""What does the trained model make of a hole: its bits, its next chords, its plain samples?

Weights are read from a model file and run in torch (the reference), many holes at once. Sampling goes through
the product's decoder with nothing but the grammar to guide it: what search, ranking and plans add is seen by
comparison with the model's takes through the product's door.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from engine.generation.infill.weights import Sizes, read_weights
from engine.generation.language.grid import Sheet, Stream
from engine.generation.language.question import (
    ANSWER_LOSS,
    Encoded,
    Fill,
    Forced,
    Question,
    answer_tokens,
    encode,
    script,
)
from engine.generation.language.vocabulary import (
    FIRST_BASS,
    FIRST_CHORD,
    FIRST_DURATION,
    chord_of,
    chord_token,
)
from engine.training.infill.batches import Batch, Sample, collated, padded_length
from engine.training.infill.cutting import cut, with_parts
from engine.training.infill.evaluation.holes import Hole, question_of
from engine.training.infill.evaluation.nextchords import Guess, asked_chords, best_of
from engine.training.infill.hiding import hidden
from engine.training.infill.network import logits_of

if TYPE_CHECKING:
    from torch import Tensor

_TOGETHER = 16
_HEARD, _ASKED = 16, 8


@dataclass
class Model:
    """One trained model, as torch tensors."""

    name: str
    weights: dict[str, Tensor]
    sizes: Sizes

    @staticmethod
    def read(folder: Path, name: str) -> Model:
        """Raises ModelError when there is no such model."""
        import torch

        found = read_weights(folder, name)
        tensors = {key: torch.from_numpy(np.array(array)) for key, array in found.arrays.items()}
        return Model(name, tensors, found.sizes)

    def bits(self, holes: Sequence[Hole]) -> list[Mapping[Stream, float]]:
        """The cost of what stands in each hole, stream by stream."""
        encoded = [encode(question_of(hole), hole.sheet) for hole in holes]
        found: list[Mapping[Stream, float]] = []
        for costs, one in zip(self._surprises(encoded), encoded, strict=True):
            marks = one.loss[1:][_is_answer(one)]
            found.append(
                {stream: float(costs[marks == ANSWER_LOSS + stream].sum()) for stream in _streams(marks)}
            )
        return found

    def symbol_bits(self, hole: Hole, sheet: Sheet) -> list[float]:
        """Bits of each symbol of the hole as filled in this sheet."""
        return [float(cost) for cost in next(self._surprises([encode(question_of(hole), sheet)]))]

    def guess(self, sheet: Sheet) -> list[list[Guess]]:
        """The likeliest next chords at each change, when it changes known, sixteen bars of chords heard."""
        return [best_of(chances) for chances in self.chances(sheet)]

    def chances(self, sheet: Sheet) -> list[dict[Guess, float]]:
        """How likely each next chord is, at each change."""
        chords = asked_chords(sheet)
        found: dict[int, dict[Guess, float]] = {}
        before = {after.start: chord.name for chord, after in pairwise(chords)}
        for first in range(0, len(sheet.bars), _ASKED):
            found |= self._chances(sheet, first, before)
        return [found.get(chord.start, {}) for chord in chords[1:]]

    def _chances(
        self, sheet: Sheet, first: int, before: Mapping[int, Guess]
    ) -> dict[int, dict[Guess, float]]:
        """Of the changes in the bars from `first`; `before`: the chord that each change leaves."""
        begin = max(0, first - _HEARD)
        window = with_parts(cut(sheet, range(begin, min(len(sheet.bars), first + _ASKED))), {Stream.CHORDS})
        asked_for = range(first - begin, len(window.bars))
        question = Question(window, hidden(window, asked_for, {Stream.CHORDS}))
        if not any(question.holes):
            return {}
        places = chord_places(question, sum(bar.length for bar in sheet.bars[:begin]))
        wanted = {place: tick for place, tick in places if tick in before}
        if not wanted:
            return {}
        logits = self._logits(encode(question, window), sorted(wanted))
        found = {}
        for row, place in zip(logits, sorted(wanted), strict=True):
            tick = wanted[place]
            row[chord_token(*before[tick])] = -math.inf
            chances = np.exp(row[FIRST_CHORD:FIRST_BASS] - row[FIRST_CHORD:FIRST_BASS].max())
            shares = (chances / chances.sum()).tolist()
            found[tick] = {chord_of(FIRST_CHORD + k): share for k, share in enumerate(shares)}
        return found

    def _logits(self, encoded: Encoded, places: Sequence[int]) -> np.ndarray:
        """Scores of what comes at these places of the tokens."""
        import torch

        batch = collated([Sample(encoded)], padded_length(len(encoded.tokens) - 1))
        rows = {int(target) + 1: row for row, target in enumerate(batch.targets)}
        with torch.no_grad():
            logits = logits_of(self.weights, self.sizes, batch).float().numpy()
        return np.array([logits[rows[place]] for place in places])

    def _surprises(self, encoded: Sequence[Encoded]) -> Iterator[np.ndarray]:
        """Bits of every answer symbol of each question, in order."""
        import torch

        found: dict[int, np.ndarray] = {}
        order = sorted(range(len(encoded)), key=lambda number: len(encoded[number].tokens))
        for begin in range(0, len(order), _TOGETHER):
            chosen = order[begin : begin + _TOGETHER]
            length = padded_length(len(encoded[chosen[-1]].tokens) - 1)
            batch = collated([Sample(encoded[number]) for number in chosen], length)
            with torch.no_grad():
                logits = logits_of(self.weights, self.sizes, batch).float()
                wanted = torch.from_numpy(batch.wanted)[:, None]
                cost = -logits.log_softmax(-1).gather(1, wanted)[:, 0].numpy() / math.log(2)
            for row, number in enumerate(chosen):
                found[number] = cost[_own(batch, row)]
        yield from (found[number] for number in range(len(encoded)))


def chord_places(question: Question, start: int) -> list[tuple[int, int]]:
    """Where in the encoded tokens each hidden chord stands, and at which tick it begins."""
    starts = np.cumsum([start, *(bar.length for bar in question.sheet.bars)])
    found, place = [], 0
    for step in script(question):
        if isinstance(step, Forced):
            place += len(step.tokens)
            continue
        assert isinstance(step, Fill)
        tick = int(starts[step.bar])
        for token in answer_tokens(question, question.sheet, step):
            if FIRST_CHORD <= token < FIRST_BASS:
                found.append((place, tick))
            elif FIRST_DURATION <= token < FIRST_CHORD:
                tick += token - FIRST_DURATION + 1
            place += 1
    return found


def _own(batch: Batch, row: int) -> np.ndarray:
    """Which targets are answers of this row."""
    return np.asarray((batch.targets // batch.length == row) & (batch.streams > 0))


def _is_answer(encoded: Encoded) -> np.ndarray:
    marks = encoded.loss[1:]
    return np.asarray((marks >= ANSWER_LOSS) & (marks < ANSWER_LOSS + len(Stream)))


def _streams(marks: np.ndarray) -> list[Stream]:
    return [Stream(int(mark) - ANSWER_LOSS) for mark in np.unique(marks)]
