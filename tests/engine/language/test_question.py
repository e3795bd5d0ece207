"""A question with its answer survives the way to tokens and back, and tells nothing it must not."""

from dataclasses import replace
from random import Random

import numpy as np
import pytest

from engine.generation.language.grid import Sheet, Stream
from engine.generation.language.question import (
    ANSWER_LOSS,
    VISIBLE_LOSS,
    Fill,
    Question,
    encode,
    read_answer,
    script,
)
from engine.generation.language.rows import FEATURE_COUNT
from engine.generation.language.vocabulary import EOS, NAMES, VOCABULARY_SIZE
from engine.training.infill.evaluation.randomsheets import random_question, random_sheet

SEEDS = range(100)


def normal_answer(question: Question, answer: Sheet) -> Sheet:
    """The answer with everything hidden written (a hole in an absent cell is a rest)."""
    bars = []
    for bar, hole in zip(answer.bars, question.holes, strict=True):
        missing = {stream: () for stream in hole if stream not in bar.cells}
        bars.append(replace(bar, cells={**bar.cells, **missing}))
    return replace(answer, bars=tuple(bars))


def emptied(question: Question) -> Question:
    bars = tuple(
        replace(bar, cells={s: cell for s, cell in bar.cells.items() if s not in hole})
        for bar, hole in zip(question.sheet.bars, question.holes, strict=True)
    )
    return replace(question, sheet=replace(question.sheet, bars=bars))


@pytest.mark.parametrize("seed", SEEDS)
def test_there_and_back(seed):
    rng = Random(seed)
    sheet = random_sheet(rng)
    question = emptied(random_question(rng, sheet))
    encoded = encode(question, sheet)
    found = read_answer(question, encoded.tokens.tolist(), encoded.loss.tolist())
    expected = normal_answer(question, sheet)
    for bar, (read, told) in enumerate(zip(found.bars, expected.bars, strict=True)):
        for stream in told.cells:
            want = told.cells[stream]
            if stream is Stream.CHORDS and not want:
                continue
            if want and getattr(want[0], "tied", False) and read.cells[stream] != want:
                assert stream.is_line
                want = (want[0]._replace(tied=False), *want[1:])
            assert read.cells[stream] == want, (bar, stream)


@pytest.mark.parametrize("seed", SEEDS)
def test_shapes(seed):
    rng = Random(seed)
    sheet = random_sheet(rng)
    question = random_question(rng, sheet)
    encoded = encode(question, sheet)
    length = len(encoded.tokens)
    assert len(encoded.loss) == length == len(encoded.feature_offsets) - 1
    assert encoded.feature_offsets[-1] == len(encoded.feature_ids)
    assert (encoded.feature_ids[encoded.feature_offsets[:-1]] == encoded.tokens).all()
    assert encoded.feature_ids.min() >= 0 and encoded.feature_ids.max() < FEATURE_COUNT
    assert encoded.tokens.max() < VOCABULARY_SIZE and encoded.tokens[-1] == EOS
    hidden = {ANSWER_LOSS + stream for hole in question.holes for stream in hole}
    assert {mark for mark in encoded.loss.tolist() if 0 < mark < VISIBLE_LOSS} == hidden
    fills = [step for step in script(question) if isinstance(step, Fill)]
    assert len(fills) == sum(map(len, question.holes))


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_hidden_does_not_leak(seed):
    """Another answer changes nothing before the place where it differs, and nothing of the question."""
    rng = Random(seed)
    sheet, other = (random_sheet(Random(seed)), random_sheet(Random(seed)))
    question = random_question(rng, sheet)
    bars = list(other.bars)
    for bar, hole in enumerate(question.holes):
        swapped = {s: random_sheet_cell(rng, s, bars[bar].length) for s in hole}
        bars[bar] = replace(bars[bar], cells={**bars[bar].cells, **swapped})
    other = replace(other, bars=tuple(bars))
    one = encode(question, sheet)
    two = encode(replace(question, sheet=other), other)
    size = min(len(one.tokens), len(two.tokens))
    differs = np.flatnonzero(one.tokens[:size] != two.tokens[:size])
    same = int(differs[0]) if len(differs) else size
    assert 0 < one.loss[same] < VISIBLE_LOSS if len(differs) else True
    end = one.feature_offsets[same]
    assert (one.feature_offsets[: same + 1] == two.feature_offsets[: same + 1]).all()
    assert (one.feature_ids[:end] == two.feature_ids[:end]).all()


def random_sheet_cell(rng, stream, length):
    from engine.training.infill.evaluation.randomsheets import random_cell

    return random_cell(rng, stream, length, None)


def test_the_vocabulary_is_small():
    assert VOCABULARY_SIZE < 1_000 and len(set(NAMES)) == VOCABULARY_SIZE
