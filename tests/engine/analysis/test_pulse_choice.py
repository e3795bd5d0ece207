"""The choice among chains of beats: what is right is worth most, and the fit finds what tells it."""

import numpy as np
import pytest

from engine.analysis.audio.beatchoice import CHOICE
from engine.analysis.audio.beatdecoding import BeatEvidence
from engine.training.hearing.pulsechoice import WORTH, Choice, Truth, choice_of, fit, told_apart

BEATS_S = np.arange(24) * 0.48


def truth(title: str = "Made up") -> Truth:
    return Truth(title, "drums", "4/4", BEATS_S, BEATS_S[::4])


def choices(telling: int, count: int = 60) -> list[Choice]:
    """Five chains of three features each; the one where the telling feature is highest is right."""
    made = []
    for index in range(count):
        described = np.random.default_rng(index).normal(0, (1.0, 30.0, 1.0), (5, 3))
        right = np.zeros((5, 4))
        right[described[:, telling].argmax()] = 1
        made.append(Choice(truth(f"Tune {index}"), index % 2 == 0, described, right))
    return made


def test_the_chain_that_was_played_is_worth_most() -> None:
    evidence = BeatEvidence(
        np.tile([3.0] + [-3.0] * 23, 24), np.tile([2.0] + [-2.0] * 95, 6), np.tile([1.0] + [0.0] * 23, 24)
    )
    choice = choice_of(truth(), evidence, np.zeros((576, 8)), [], is_recording=True)
    assert choice is not None and choice.described.shape == (len(choice.right), len(CHOICE))
    assert choice.right.max(axis=0) == pytest.approx([1, 1, 1, 1], abs=0.05)
    assert (choice.right @ WORTH).max() == pytest.approx(WORTH.sum(), abs=0.1)
    assert choice_of(truth(), BeatEvidence(*np.zeros((3, 5))), np.zeros((5, 8)), [], True) is None


@pytest.mark.parametrize("telling", [0, 1, 2])
def test_what_tells_is_weighed_and_titles_not_met_are_told_apart(telling: int) -> None:
    made = choices(telling)
    weights = fit(made, 0.01, rounds=120) * (1.0, 30.0, 1.0)
    assert (
        int(weights.argmax()) == telling and weights[telling] > 5 * np.abs(np.delete(weights, telling)).max()
    )
    told = told_apart(made, 0.01)
    assert set(told) == {"drums", "drums, notes alone"}
    assert min(right.min() for right in told.values()) > 0.85
