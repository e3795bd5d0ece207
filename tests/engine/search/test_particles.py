"""Who goes on at a barline."""

from collections import Counter

import pytest

from engine.generation.search.particles import survivors


@pytest.mark.parametrize("chance", [0.1, 0.5, 0.9])
def test_the_strong_take_the_places_of_the_weak(chance: float) -> None:
    indices = survivors([5.0, -5.0, 5.0, -5.0], 1.0, chance)
    assert indices is not None
    assert indices[0] == 0 and indices[2] == 2
    assert Counter(indices) == {0: 2, 2: 2}


@pytest.mark.parametrize("seed", range(20))
def test_as_many_go_on_and_who_goes_on_keeps_the_place(seed: int) -> None:
    scores = [((seed * 7919 + 31 * hand) % 97) / 12 for hand in range(8)]
    indices = survivors(scores, 1.0, seed / 20)
    if indices is not None:
        assert len(indices) == 8
        assert all(indices[hand] == hand for hand in set(indices))
        assert scores.index(max(scores)) in indices


def test_a_hand_that_was_given_up_does_not_go_on() -> None:
    indices = survivors([0.0, float("-inf"), 0.0, float("-inf")], 1.0, 0.5)
    assert indices is not None and set(indices) == {0, 2}
    assert survivors([float("-inf")] * 3, 1.0, 0.5) is None
