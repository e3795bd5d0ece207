"""The fast way to learn computes what the plain network and torch's own gradients do."""

from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from engine.generation.infill.weights import Sizes  # noqa: E402
from engine.training.infill import learner as learning  # noqa: E402
from engine.training.infill.batches import Sample, collated  # noqa: E402
from engine.training.infill.feeding import DirectFeed  # noqa: E402
from engine.training.infill.fused_library import fused_library  # noqa: E402
from engine.training.infill.learner import Learner  # noqa: E402
from engine.training.infill.network import Dropout  # noqa: E402
from engine.training.infill.trainer import Trainer  # noqa: E402
from tests.engine.infill_training.small import PLAIN, SIZES, counting, pool, small_run  # noqa: E402
from tests.engine.infill_training.test_trainer import tensors_after  # noqa: E402

FAST = replace(PLAIN, is_bf16=True)
WIDE = Sizes(d=128, layers=2, heads=2, ff=96, vocabulary=41, features=50, context=768)

needs_compiler = pytest.mark.skipif(fused_library() is None, reason="there is no C compiler here")


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def learnt(learner, batch, dropout):
    """Losses and gradients; weights larger than fresh ones, so that every part matters."""
    with torch.no_grad():
        for value in learner.weights.values():
            value.mul_(4 if value.dim() > 1 else 1.5)
    losses = learner._learnt(batch, Dropout(dropout, 1, 5), float(batch.weights.sum()))
    return losses, {name: value.grad for name, value in learner.weights.items()}


def apart(found, wanted):
    """The length of the difference beside that of what is wanted."""
    return float((found - wanted).norm() / wanted.norm())


@pytest.fixture(params=["tiles", "no tiles"])
def processor(request, monkeypatch):
    """With tiles, where there are any, and without."""
    library = fused_library()
    if library is None or (request.param == "tiles" and not library.has_tiles):
        pytest.skip("there is no C compiler or no such processor here")
    monkeypatch.setattr(library, "has_tiles", request.param == "tiles")


@pytest.mark.usefixtures("processor")
@pytest.mark.parametrize("dropout", [0.0, 0.2])
@pytest.mark.parametrize(("sizes", "length"), [(SIZES, 64), (SIZES, 640), (WIDE, 160)])
def test_losses_and_gradients_are_the_plain_networks(sizes, length, dropout):
    samples = [Sample(counting(length - 5, 4)), Sample(counting(length // 3, 9)), Sample(counting(7, 0))]
    batch = collated(samples, length)
    found, gradients = learnt(Learner(sizes, FAST, 3), batch, dropout)
    wanted, true = learnt(Learner(sizes, PLAIN, 3), batch, dropout)
    assert apart(found, wanted) < 0.005
    assert {
        name: apart(gradients[name], true[name])
        for name in true
        if not apart(gradients[name], true[name]) < 0.02
    } == {}


@pytest.mark.usefixtures("processor")
@pytest.mark.parametrize(("sizes", "length"), [(SIZES, 64), (WIDE, 320)])
def test_what_is_held_out_is_measured_as_plainly(sizes, length):
    fast, plain = Learner(sizes, FAST, 3), Learner(sizes, PLAIN, 3)
    small, large = (
        collated([Sample(counting(length - 5, row)) for row in range(rows)], length) for rows in (1, 5)
    )
    fast.step([small], 0.01)
    for name, value in plain.mean.items():
        value.copy_(fast.mean[name])
    for batch in (large, small):
        found, wanted = (torch.from_numpy(learner.surprise(batch)) for learner in (fast, plain))
        assert apart(found, wanted) < 0.005


@needs_compiler
def test_a_batch_of_another_language_is_refused():
    batch = collated([Sample(counting(30, 4))], 64)
    with pytest.raises(IndexError):
        Learner(replace(SIZES, vocabulary=5, features=10), FAST, 1).step([batch], 0.01)


@needs_compiler
def test_two_batches_of_a_step_add_their_gradients():
    one, two = pool(0, False)[0], pool(1, False)[0]
    learner = Learner(SIZES, FAST, 1)
    alone = []
    for batch in (one, two):
        learner.optimiser.zero_grad()
        learner._learnt(batch, Dropout(0.1, 1, 5), 100.0)
        alone.append(learner.weights["layers.1.down"].grad.clone())
    learner._learnt(one, Dropout(0.1, 1, 5), 100.0)
    torch.testing.assert_close(learner.weights["layers.1.down"].grad, alone[0] + alone[1])


@pytest.mark.usefixtures("processor")
def test_a_stopped_run_goes_on_as_if_it_had_not_been(tmp_path):
    whole = tensors_after(tmp_path / "whole", 60, learning=FAST)
    tensors_after(tmp_path / "parts", 30, learning=FAST)
    parts = tensors_after(tmp_path / "parts", 30, learning=FAST)
    assert all(torch.equal(whole[name], parts[name]) for name in whole)


def test_it_learns_what_the_plain_way_learns_also_without_a_compiler(tmp_path, monkeypatch):
    losses = []
    for name in ("fast", "slow"):
        trainer = Trainer(small_run(learning=FAST), tmp_path / name, DirectFeed(pool))
        trainer.learn(most_steps=120)
        batch = pool(9, False)[0]
        losses.append(float(trainer.learner.surprise(batch).mean()))
        monkeypatch.setattr(learning, "fused_library", lambda: None)
    assert max(losses) < 0.5 and abs(losses[0] - losses[1]) < 0.15


def test_full_precision_is_learnt_the_plain_way():
    assert Learner(SIZES, PLAIN, 1)._fused is None


@needs_compiler
def test_numbers_that_are_none_are_noticed():
    learner = Learner(SIZES, FAST, 1)
    with torch.no_grad():
        learner.weights["layers.0.qkv"][3, 3] = torch.nan
    before = learner.weights["table"].detach().clone()
    report = learner.step([pool(0, False)[0]], 0.01)
    assert not np.isfinite(report.steepness) and torch.equal(learner.weights["table"], before)
