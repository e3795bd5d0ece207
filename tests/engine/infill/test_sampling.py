"""Chance is the same for the same step, and tokens come as often as they are likely."""

import numpy as np
import pytest

from engine.generation.infill.sampling import Chance, Taste, choose, choose_each, surprise

LOGITS = np.log(np.array([0.5, 0.25, 0.125, 0.0625, 0.0625], np.float32))
EVERY = np.arange(5)


def shares(taste: Taste, allowed: np.ndarray = EVERY, bias: np.ndarray | None = None) -> np.ndarray:
    """How often each token is drawn, chance taken evenly."""
    draws = [choose(LOGITS, allowed, taste, bias, (n + 0.5) / 4000) for n in range(4000)]
    return np.bincount(draws, minlength=5) / 4000


def even(weights: list[float]) -> np.ndarray:
    return np.array(weights) / sum(weights)


@pytest.mark.parametrize(
    ("taste", "weights"),
    [
        (Taste(), [8, 4, 2, 1, 1]),
        (Taste(temperature=0.5), [64, 16, 4, 1, 1]),
        (Taste(temperature=2), [8**0.5, 2, 2**0.5, 1, 1]),
        (Taste(top_p=0.7), [8, 4, 0, 0, 0]),
        (Taste(top_p=0.75), [8, 4, 0, 0, 0]),
        (Taste(top_p=0.9), [8, 4, 2, 1, 0]),
        (Taste(top_p=0.01), [1, 0, 0, 0, 0]),
        (Taste(temperature=0.001), [1, 0, 0, 0, 0]),
    ],
)
def test_tokens_come_as_often_as_they_are_likely(taste: Taste, weights: list[float]) -> None:
    assert shares(taste) == pytest.approx(even(weights), abs=0.002)


def test_only_allowed_tokens_come_and_bias_moves_them() -> None:
    allowed = np.array([1, 3, 4])
    assert shares(Taste(), allowed) == pytest.approx(even([0, 4, 0, 1, 1]), abs=0.002)
    bias = np.array([0, np.log(4), -np.inf])
    assert shares(Taste(), allowed, bias) == pytest.approx(even([0, 4, 0, 4, 0]), abs=0.002)
    nothing_left = np.full(3, -np.inf)
    assert shares(Taste(), allowed, nothing_left) == pytest.approx(even([0, 4, 0, 1, 1]), abs=0.002)


@pytest.mark.parametrize("chance", [0.0, 1 - 2**-53, 1.0])
def test_the_edges_of_chance_draw_something_that_may_be(chance: float) -> None:
    bias = np.array([-np.inf, 0.0, -np.inf])
    assert choose(LOGITS, np.array([0, 2, 4]), Taste(), bias, chance) == 2


def test_a_draw_does_not_depend_on_the_draws_beside_it() -> None:
    dice = np.random.default_rng(3)
    logits = dice.normal(0, 3, (40, 30)).astype(np.float32)
    allowed = [np.sort(dice.choice(30, dice.integers(1, 30), replace=False)) for _ in logits]
    barred = [np.where(dice.random(len(ids)) < 0.3, -np.inf, dice.normal(size=len(ids))) for ids in allowed]
    biases = [bias if row % 3 else None for row, bias in enumerate(barred)]
    chances = dice.random(40).tolist()
    for taste in (Taste(), Taste(0.7, 0.9)):
        alone = [
            choose(*one[:2], taste, *one[2:]) for one in zip(logits, allowed, biases, chances, strict=True)
        ]
        assert choose_each(logits, allowed, taste, biases, chances) == alone


def test_far_apart_logits_are_no_trouble() -> None:
    logits = np.array([3e38, -3e38, 0], np.float32)
    assert choose(logits, np.arange(3), Taste(temperature=0.001), None, 0.7) == 0
    assert choose(logits, np.array([1, 2]), Taste(top_p=0.5), None, 0.7) == 2


def test_chance_depends_on_seed_take_and_step_alone() -> None:
    forwards = [Chance(5, 3).at(step) for step in range(600)]
    chance = Chance(5, 3)
    assert [chance.at(step) for step in reversed(range(600))] == forwards[::-1]
    assert len(set(forwards)) == 600 and 0.45 < np.mean(forwards) < 0.55
    others = [Chance(6, 3), Chance(5, 4), Chance(-5, 3), Chance(3, 5)]
    assert len({forwards[7], *(other.at(7) for other in others)}) == 5


@pytest.mark.parametrize("wrong", [{"temperature": 0}, {"temperature": -1}, {"top_p": 0}, {"top_p": 1.1}])
def test_taste_out_of_range_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="out of range"):
        Taste(**wrong)


def test_surprise_makes_distributions() -> None:
    logits = np.random.default_rng(1).normal(0, 9, (4, 7)).astype(np.float32)
    assert np.exp(logits - surprise(logits)[:, None]).sum(-1) == pytest.approx(np.ones(4))
    assert np.array_equal(surprise(logits)[2:3], surprise(logits[2:3]))
