"""The network that follows the pulse: the same with and without torch, and from the same seed."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from engine.analysis.audio import pulsenetwork  # noqa: E402
from engine.analysis.audio.pulsefeatures import FEATURES, OF_SOUND  # noqa: E402
from engine.training.hearing.pulselearning import Example, arrays_of, learn, saved, whole  # noqa: E402


def example(frames: int, has_sound: bool, seed: int) -> Example:
    features = np.random.default_rng(seed).normal(0, 1, (frames, FEATURES)).astype(np.float32)
    features[:, OF_SOUND - 1] = has_sound
    beats = np.arange(0.4, frames * 0.02, 0.5)
    return Example("Made up", features, beats, beats[::3], 1, has_sound)


@pytest.mark.parametrize("has_sound", [True, False])
def test_what_is_shipped_reckons_as_what_was_taught(monkeypatch, has_sound: bool) -> None:
    examples = [example(700, index % 2 == 0, index) for index in range(14)]
    members = [learn(examples, steps=2, seed=seed) for seed in range(pulsenetwork.MEMBERS)]
    monkeypatch.setattr(pulsenetwork, "read_weights", lambda *_: saved(members))
    one = examples[0 if has_sound else 1]
    told = []
    for network, scale in members:
        steps = whole(one, scale).features.reshape(1, 350, -1)
        with torch.no_grad():
            odds, metres, tempi = network(torch.from_numpy(steps), torch.ones(1, 350))
        told.append((*odds[0].T, torch.log_softmax(metres[0], 0), torch.log_softmax(tempi[0], 0)))
    pulse = pulsenetwork.follow_pulse(one.features)
    for said, parts in zip(
        (pulse.beat, pulse.first, pulse.metres, pulse.tempi), zip(*told, strict=True), strict=True
    ):
        assert said == pytest.approx(np.mean([part.numpy() for part in parts], axis=0), abs=1e-4)


def test_learning_is_the_same_from_the_same_seed_and_another_from_another() -> None:
    examples = [example(700, index % 2 == 0, index) for index in range(14)]
    once, again = (arrays_of(*learn(examples, steps=3))["out.weight"] for _ in range(2))
    assert (once == again).all()
    assert (once != arrays_of(*learn(examples, steps=3, seed=2))["out.weight"]).any()
