"""Questions are what they are meant to be: holes by task, honest controls, references that are known."""

from collections import Counter
from dataclasses import replace
from random import Random

import numpy as np
import pytest

from engine.generation.language.grid import Sheet, Stream
from engine.generation.language.question import ANSWER_LOSS, encode, read_answer
from engine.generation.language.vocabulary import Relation
from engine.training.infill.cutting import cut, drawn_window, parts_of, with_parts
from engine.training.infill.hiding import Task, drawn_holes, drawn_task
from engine.training.infill.practice import Practice
from engine.training.infill.weighing import FALLING, STABLE, Kind, piece_weights
from engine.training.infill.windows import drawn_question
from tests.engine.infill_training.tunes import bar, piece

LEAD = {Stream.CHORDS, Stream.MELODY}
SHEET = with_parts(Sheet(tuple(bar(number) for number in range(12))), LEAD)


def hidden_streams(holes):
    return {stream for hole in holes for stream in hole}


def asked(count, **changes):
    own = piece(**changes)
    return [question for number in range(count) if (question := drawn_question(own, Random(number)))]


@pytest.mark.parametrize("seed", range(20))
def test_each_task_hides_what_its_name_says(seed):
    holes = {task: drawn_holes(task, SHEET, Random(seed)) for task in Task if task is not Task.ACCOMPANY}
    last = [number for number, hole in enumerate(holes[Task.CONTINUE]) if hole]
    assert last == list(range(last[0], 12)) and last[0] >= 2
    inside = [number for number, hole in enumerate(holes[Task.INFILL]) if hole]
    assert inside == list(range(inside[0], inside[-1] + 1)) and inside[0] > 0 and inside[-1] < 11
    assert hidden_streams(holes[Task.HARMONISE]) == {Stream.CHORDS}
    assert hidden_streams(holes[Task.MELODISE]) == {Stream.MELODY}
    assert all(hole == LEAD for hole in holes[Task.WRITE])
    assert 1 <= sum(map(bool, holes[Task.VARY])) <= 4
    assert any(holes[Task.CELLS])


def test_only_what_the_window_has_is_asked():
    tune = with_parts(SHEET, {Stream.MELODY})
    tasks = {drawn_task(tune, Random(seed)) for seed in range(200)}
    assert tasks == {Task.CONTINUE, Task.INFILL, Task.WRITE, Task.VARY, Task.CELLS}
    two = cut(SHEET, range(2))
    assert {drawn_task(two, Random(seed)) for seed in range(50)} <= {Task.WRITE, Task.CELLS}


def test_most_windows_live_without_other_parts_and_some_have_them():
    parts = Counter(frozenset(parts_of(drawn_window(piece(), Random(seed))[0])) for seed in range(400))
    assert 0.2 < sum(n for found, n in parts.items() if Stream.BASS in found) / 400 < 0.4
    assert parts[frozenset({Stream.MELODY})] > parts[frozenset({Stream.CHORDS})] > 0
    assert parts[frozenset(LEAD)] > 200


def test_the_answer_can_be_read_back_from_every_kind_of_question():
    seen = set()
    for question in asked(300):
        encoded = encode(question.question, question.answer)
        found = read_answer(question.question, encoded.tokens.tolist(), encoded.loss.tolist())
        for number, hole in enumerate(question.question.holes):
            for stream in hole:
                assert found.bars[number].cells[stream] == question.answer.bars[number].cells[stream]
        seen.add(question.task)
    assert seen == set(Task)


def without_answer(question):
    """The question as the artist asks it: nothing stands where something is to be written."""
    bars = tuple(
        replace(own, cells={stream: cell for stream, cell in own.cells.items() if stream not in hole})
        for own, hole in zip(question.sheet.bars, question.holes, strict=True)
    )
    return replace(question, sheet=replace(question.sheet, bars=bars))


def test_nothing_that_is_hidden_is_seen_before_it_is_written():
    for found in asked(300):
        whole = encode(found.question, found.answer)
        blind = encode(without_answer(found.question), found.answer)
        assert whole.tokens.tolist() == blind.tokens.tolist()
        assert whole.feature_ids.tolist() == blind.feature_ids.tolist()


def test_what_is_optional_is_left_out_often_enough():
    questions = [found.question for found in asked(600)]
    shares = {
        "style": np.mean([not question.sheet.style for question in questions]),
        "controls": np.mean([bool(question.controls) for question in questions]),
        "locks": np.mean([bool(question.locks) for question in questions]),
        "references": np.mean([bool(question.references) for question in questions]),
        "bars left": np.mean([question.bars_left >= 0 for question in questions]),
    }
    for name, low, high in (
        ("style", 0.1, 0.2),
        ("controls", 0.5, 0.65),
        ("locks", 0.07, 0.2),
        ("references", 0.3, 0.55),
        ("bars left", 0.4, 0.6),
    ):
        assert low < shares[name] < high, name


def test_references_point_to_what_is_known_and_locks_are_of_the_answer():
    for found in asked(400):
        question = found.question
        for number, reference in question.references.items():
            assert number in question.fills
            if reference.bar >= 0:
                lead = min(question.holes[number], key=lambda s: (s is not Stream.MELODY, s))
                assert reference.bar < number or lead not in question.holes[reference.bar]
                assert reference.relation is not Relation.NEW
            assert (reference.bar < 0 and not reference.cells) == (reference.relation is Relation.NEW)
        for number, cells in question.locks.items():
            for stream, events in cells.items():
                assert set(events) <= set(found.answer.bars[number].cells[stream])


def test_variants_of_a_tune_are_what_variations_are_made_from():
    low = with_parts(piece().sheet, {Stream.MELODY})
    high = replace(
        low,
        bars=tuple(
            replace(
                b, cells={s: tuple(e._replace(pitch=e.pitch + 12) for e in c) for s, c in b.cells.items()}
            )
            for b in low.bars
        ),
    )
    own = piece(sheet=low)
    found = [drawn_question(own, Random(number), variants=[high]) for number in range(200)]
    told = [r for f in found if f and f.task is Task.VARY for r in f.question.references.values()]
    lowest = min(e.pitch for b in high.bars for e in b.cells[Stream.MELODY])
    assert any(e.pitch > 72 >= lowest - 12 for r in told for c in r.cells.values() for e in c)


def test_samples_fit_and_are_a_function_of_seed_and_number():
    dense = replace(
        piece().sheet,
        bars=tuple(
            replace(
                b,
                cells={
                    **b.cells,
                    Stream.MELODY: tuple(
                        b.cells[Stream.MELODY][0]._replace(offset=t, duration=2) for t in range(0, 96, 2)
                    ),
                },
            )
            for b in piece().sheet.bars
        ),
    )
    practice = Practice([piece(), piece("dense", sheet=dense)], 1, 1024, 12, {})
    for number in range(60):
        sample, again = practice.sample(number, False), practice.sample(number, False)
        if sample is not None:
            assert len(sample.encoded.tokens) <= 768
            assert (sample.encoded.loss == ANSWER_LOSS + Stream.MELODY).any() or sample.encoded.loss.any()
            assert sample.encoded.tokens.tolist() == again.encoded.tokens.tolist()
    pools = [practice.pool(3, False), practice.pool(3, False)]
    assert [b.wanted.tolist() for b in pools[0]] == [b.wanted.tolist() for b in pools[1]]


def test_each_kind_has_its_share_and_the_rare_kind_less_in_the_fall():
    pieces = [piece("song")]
    pieces += [piece(f"read {n}", has_derived_chords=True, source=f"set {n % 2}") for n in range(9)]
    pieces += [piece("chart", sheet=with_parts(piece().sheet, {Stream.CHORDS}))]
    songs = []
    for shares in (STABLE, FALLING):
        weights = piece_weights(pieces, shares)
        assert weights[0] == pytest.approx(shares[Kind.SONGS])
        assert sum(weights[1:10]) == pytest.approx(shares[Kind.ANALYSED])
        assert (
            weights[1] < weights[2]
        )  # the smaller source's pieces count more, not as much more as it is small
        assert weights[10] == pytest.approx(shares[Kind.CHARTS])
        songs.append(weights[0] / sum(weights))
    assert songs[1] < songs[0]
