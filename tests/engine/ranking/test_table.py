"""The table asks everybody the same; models without learning answer validly and know nothing."""

import pytest

from engine.api.errors import ImpossibleError
from engine.generation.infill.decoding import Decoder
from engine.generation.infill.weights import Sizes, random_weights
from engine.generation.language.grid import Sheet, Stream
from engine.generation.language.rows import FEATURE_COUNT
from engine.generation.language.vocabulary import VOCABULARY_SIZE, Control
from engine.ranking.reranker import Reranker
from engine.training.infill.evaluation import table as questions
from engine.training.infill.evaluation.adherence import adherence, classes
from engine.training.infill.evaluation.contenders import Contender, people
from engine.training.infill.evaluation.harmonisers import template
from engine.training.infill.evaluation.holes import Hole, Shape, draw_holes, is_valid
from engine.training.infill.evaluation.originality import TrainIndex
from engine.training.infill.evaluation.sampled import Sampler, ranked
from engine.training.infill.evaluation.stage import BOTH, CHORDS, MELODY, Stage
from engine.training.infill.evaluation.surprisal import bits_an_event
from engine.training.infill.evaluation.table import Table
from engine.training.infill.evaluation.variations import instant_variation, measured, variations
from tests.engine.ranking.pieces import piece
from tests.engine.ranking.test_reranker import NAMES, arrays

PIECES = [piece(seed, bars=32) for seed in range(16)]
SIZES = Sizes(64, 1, 2, 64, VOCABULARY_SIZE, FEATURE_COUNT, 768)
SAMPLER = Sampler(Decoder(random_weights(SIZES, seed=1)))


def a_table(*contenders: Contender) -> tuple[Table, list[str]]:
    said: list[str] = []
    folk = [piece(100 + seed, "folk", chords=False) for seed in range(4)]
    return Table(Stage([*PIECES, *folk], windows=8), contenders, said.append), said


def test_every_line_names_the_question_and_who_answered() -> None:
    table, said = a_table(Contender("people", people), Contender("template", template))
    questions.harmonise(table)
    questions.validity(table)
    assert table.found["harmonise | songs | people | root_agreement"] == 1.0
    assert 0 < table.found["harmonise | songs | template | root_agreement"] < 1
    assert table.found["validity | all | template | valid"] == 1.0
    assert any(line.startswith("harmonise") and "template" in line for line in said)


def test_who_refuses_is_counted_and_left_out() -> None:
    def refuses(hole: Hole, seed: int, count: int) -> list[Sheet]:
        raise ImpossibleError("no")

    table, _ = a_table(Contender("people", people), Contender("nobody", refuses))
    questions.harmonise(table)
    questions.continuations(table)
    questions.validity(table)
    assert "harmonise | songs | nobody | root_agreement" not in table.found
    assert table.found["validity | all | nobody | refused"] > 0


def test_people_and_who_copies_them_cannot_be_told_apart() -> None:
    table, _ = a_table(Contender("copyist", people))
    questions.verdicts(table)
    assert table.found["real or not | songs melody | copyist | auc"] == 0.5


def test_wrong_answers_are_no_answers() -> None:
    contender = Contender("lazy", lambda hole, seed, count: [hole.opened()])
    hole = draw_holes(PIECES, Shape(4, 4, 4), MELODY, 1, "songs")[0]
    assert contender.first_answers([hole]) == [None]
    assert (contender.tally.given, contender.tally.valid) == (1, 0)


@pytest.mark.parametrize("streams", [MELODY, CHORDS, BOTH])
def test_samples_of_a_model_that_learnt_nothing_are_valid(streams: tuple[Stream, ...]) -> None:
    for hole in draw_holes(PIECES, Shape(2, 2, 2), streams, 2, "songs"):
        written = SAMPLER.write(hole, 1, 3)
        assert len(written) == 3
        assert all(is_valid(hole, sheet) for sheet in written)
        assert written == SAMPLER.write(hole, 1, 3)


def test_the_ranked_answer_is_the_best_of_its_pool() -> None:
    reranker = Reranker.from_arrays(arrays(), NAMES)
    hole = draw_holes(PIECES, Shape(2, 2, 2), MELODY, 1, "songs")[0]
    best = ranked(SAMPLER.write, reranker, pool=4)(hole, 1, 2)
    from engine.ranking.features import context_of

    context = context_of(hole.sheet, hole.first, hole.end, hole.streams)
    scores = [reranker.score(context, sheet).score for sheet in SAMPLER.write(hole, 1, 8)]
    assert reranker.score(context, best[0]).score == max(scores[0::2])
    assert reranker.score(context, best[1]).score == max(scores[1::2])


def test_controls_are_measured_in_what_was_written() -> None:
    holes = draw_holes(PIECES, Shape(4, 4, 4), MELODY, 6, "songs")

    def obedient(hole: Hole, control: Control, asked: int, seed: int) -> Sheet:
        return next(
            other.sheet
            for other in draw_holes(PIECES, Shape(4, 4, 4), MELODY, 60, "songs")
            if classes(other, other.sheet, control)[0] == classes(hole, hole.sheet, control)[0]
        )

    found = adherence(holes, Control.DENSITY, obedient, [hole.sheet for hole in holes])
    assert set(found) == {"obeyed", "exactly", "free"}
    assert all(0 <= value <= 1 for value in found.values())


def test_variations_of_the_instant_generator_are_as_far_as_asked() -> None:
    hole = draw_holes(PIECES, Shape(4, 4, 4), MELODY, 1, "songs")[0]
    near, far = (measured(hole, instant_variation(hole, asked, 1)) for asked in (0.15, 0.5))
    assert near < far

    def flat(holes: list[Hole]) -> list[dict[Stream, float]]:
        return [{Stream.MELODY: 10.0} for _ in holes]

    found = variations([hole], instant_variation, flat)
    assert found["refused"] == 0
    assert found["both"] <= found["distance_met"]


def test_a_copy_of_a_train_piece_is_a_long_run_and_a_new_tune_is_not() -> None:
    index = TrainIndex.of(PIECES, [one.id for one in PIECES])
    hole = draw_holes(PIECES, Shape(4, 8, 0), MELODY, 1, "songs")[0]
    other = draw_holes([piece(999, bars=32)], Shape(4, 8, 0), MELODY, 1, "songs")[0]
    copied, _ = index.longest_run(hole, hole.sheet)
    fresh, _ = index.longest_run(other, other.sheet)
    assert copied >= 20 > fresh


def test_the_model_s_bits_are_those_of_its_symbols() -> None:
    pytest.importorskip("torch")
    from engine.training.infill.evaluation.model import Model
    from engine.training.infill.network import new_weights

    model = Model("none", new_weights(SIZES, 1), SIZES)
    holes = draw_holes(PIECES, Shape(2, 2, 2), BOTH, 5, "songs")
    for hole, bits in zip(holes, model.bits(holes), strict=True):
        assert sum(bits.values()) == pytest.approx(sum(model.symbol_bits(hole, hole.sheet)), rel=1e-4)
        assert set(bits) == set(BOTH)
    assert bits_an_event(holes, model.bits)[Stream.MELODY] > 10
    sheet = piece(0).sheet
    guesses = model.guess(sheet)
    from engine.training.infill.evaluation.nextchords import asked_chords

    asked = asked_chords(sheet)
    assert len(guesses) == len(asked) - 1
    assert all(len(set(ranked)) == 5 for ranked in guesses)
    assert all(before.name not in ranked for before, ranked in zip(asked, guesses, strict=False))
