"""Who writes what the train part holds is seen to copy; who knows nothing is not."""

import pytest

torch = pytest.importorskip("torch")

from engine.generation.infill.weights import Sizes  # noqa: E402
from engine.generation.language.rows import FEATURE_COUNT  # noqa: E402
from engine.generation.language.vocabulary import VOCABULARY_SIZE  # noqa: E402
from engine.training.infill.evaluation import copying  # noqa: E402
from engine.training.infill.evaluation.copying import CopyWatch  # noqa: E402
from engine.training.infill.evaluation.holes import Hole  # noqa: E402
from engine.training.infill.learner import Learner  # noqa: E402
from tests.engine.infill_training.small import PLAIN  # noqa: E402
from tests.engine.ranking.pieces import piece  # noqa: E402

SIZES = Sizes(32, 1, 1, 32, VOCABULARY_SIZE, FEATURE_COUNT, 768)
TUNES = [piece(seed, "folk", chords=False) for seed in range(4)]


def test_what_is_written_is_held_against_the_train_part_and_peoples_own() -> None:
    strangers = [piece(100 + seed, "folk", chords=False) for seed in range(4)]
    learner = Learner(SIZES, PLAIN, 1)
    known, unknown = (CopyWatch.of(TUNES, valid, 1)(learner) for valid in (TUNES, strangers))
    assert known["people_copied_p50"] > 20 > unknown["people_copied_p90"]
    assert known["copied_p90"] < 20


def test_a_model_that_repeats_its_lessons_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    class Parrot:
        def __init__(self, decoder: object) -> None: ...

        def write(self, hole: Hole, seed: int, count: int) -> list[object]:
            return [hole.sheet]

    monkeypatch.setattr(copying, "Sampler", Parrot)
    found = CopyWatch.of(TUNES, TUNES, 1)(Learner(SIZES, PLAIN, 1))
    assert found["copied_p50"] == found["people_copied_p50"] > 20


def test_the_same_weights_and_seed_are_measured_the_same() -> None:
    watch, learner = CopyWatch.of(TUNES, TUNES, 1), Learner(SIZES, PLAIN, 1)
    assert watch(learner) == watch(learner)
