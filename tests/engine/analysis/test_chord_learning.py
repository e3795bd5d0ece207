"""The network that hears chords: the same with and without torch, from the same seed, and able to learn."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from engine.analysis.audio import chordmodel  # noqa: E402
from engine.analysis.audio.chordchain import Chain  # noqa: E402
from engine.analysis.audio.chroma import PITCHES, Chroma  # noqa: E402
from engine.training.hearing.chordlearning import (  # noqa: E402
    Excerpt,
    arrays_of,
    batch_of,
    chain_cost,
    learn,
)

KINDS = len(chordmodel.QUALITIES)


def excerpt(roots: list[int], seed: int) -> tuple[Chroma, Excerpt]:
    """Major chords for two beats each, with stray tones."""
    rng = np.random.default_rng(seed)
    notes = rng.uniform(0, 0.3, (2 * len(roots), PITCHES))
    for slot, root in enumerate(np.repeat(roots, 2)):
        for tone in (0, 4, 7):
            notes[slot, (np.arange(PITCHES) + 28 - root - tone) % 12 == 0] += 0.7
    chroma = Chroma(np.arange(len(notes) + 1) * 0.5, notes, np.zeros(len(notes)))
    ranks = np.tile([2, 0, 1, 0], len(roots))[: len(notes)]
    return chroma, Excerpt(*chordmodel.chord_inputs(chroma, []), ranks, np.repeat(roots, 2) * KINDS)


MADE = [excerpt([seed % 12, (seed + 5) % 12, (seed + 7) % 12, seed % 12], seed) for seed in range(8)]


def test_what_is_shipped_reckons_as_what_was_taught(monkeypatch) -> None:
    network = learn([made for _, made in MADE], rounds=(2, 2))
    monkeypatch.setattr(chordmodel, "read_weights", lambda *_: arrays_of(network))
    chroma, made = MADE[0]
    emission = chordmodel.chord_scores(chroma, [])
    batch = batch_of([made])
    with torch.no_grad():
        taught = network.emission(batch.turned, batch.whole)
        cost = float(chain_cost(network, taught, batch)) * len(made.chords)
    assert emission == pytest.approx(taught[0].numpy(), abs=1e-4)
    chain = Chain(emission, chordmodel.beginnings(), chordmodel.moves(), chordmodel.change_prices(made.ranks))
    assert float(np.log(chain.beliefs()[0, made.chords[0]])) >= -cost - 1e-3


def test_learning_lowers_the_cost_and_is_the_same_from_the_same_seed() -> None:
    excerpts = [made for _, made in MADE]
    batch = batch_of(excerpts)
    short, longer, again = (learn(excerpts, rounds=rounds) for rounds in ((1, 1), (12, 6), (12, 6)))
    with torch.no_grad():
        costs = [
            float(chain_cost(each, each.emission(batch.turned, batch.whole), batch))
            for each in (short, longer)
        ]
    assert costs[1] < 0.5 * costs[0]
    assert np.array_equal(longer.inner.detach().numpy(), again.inner.detach().numpy())
