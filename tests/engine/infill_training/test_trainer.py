"""A run can be stopped, taken up, shared between processes and let fall, and is the same run."""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from engine.api.errors import BadFileError, BadRequestError, EngineError  # noqa: E402
from engine.training.infill import learner  # noqa: E402
from engine.training.infill.checkpoints import (  # noqa: E402
    averaged_checkpoint,
    newest_checkpoint,
    read_checkpoint,
)
from engine.training.infill.feeding import BackgroundFeed, DirectFeed  # noqa: E402
from engine.training.infill.learner import Learner  # noqa: E402
from engine.training.infill.network import Dropout  # noqa: E402
from engine.training.infill.trainer import Trainer, device_here  # noqa: E402
from engine.training.recipes import infill  # noqa: E402
from tests.engine.infill_training.small import SIZES, PoolsOfThree, pool, small_run  # noqa: E402

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def tensors_after(folder, steps, **changes):
    trainer = Trainer(small_run(**changes), folder, DirectFeed(pool))
    return read_checkpoint(trainer.learn(most_steps=steps))[1]


def test_two_hundred_steps_are_a_hundred_and_a_hundred(tmp_path):
    whole = tensors_after(tmp_path / "whole", 200)
    tensors_after(tmp_path / "parts", 100)
    parts = tensors_after(tmp_path / "parts", 100)
    assert newest_checkpoint(tmp_path / "parts").stem == "step-00000200"
    assert whole.keys() == parts.keys()
    assert all(torch.equal(whole[name], parts[name]) for name in whole)


def test_it_learns_to_count_and_says_so_in_the_log(tmp_path):
    Trainer(small_run(), tmp_path, DirectFeed(pool)).learn(most_steps=150)
    lines = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    losses = [line["loss"]["melody"] for line in lines if "loss" in line]
    assert losses[0] > 1.0 and losses[-1] < 0.2
    assert {"tokens", "tokens_per_s", "minutes_left", "rate"} <= lines[0].keys()


def test_the_end_is_counted_in_tokens_and_the_stable_checkpoint_can_fall_alone(tmp_path):
    Trainer(small_run(tokens=20_000), tmp_path / "run", DirectFeed(pool)).learn()
    card, _ = read_checkpoint(tmp_path / "run" / "stable.json")
    assert 14_000 <= card["tokens"] < 15_000
    start = tmp_path / "run" / "stable.json"
    trainer = Trainer(small_run(tokens=20_000), tmp_path / "fall", DirectFeed(pool), start=start)
    end, _ = read_checkpoint(trainer.learn())
    assert 20_000 <= end["tokens"] < 21_500
    assert all(place["fall_pool"] > 0 for place in end["places"])


def test_a_checkpoint_lies_between_two(tmp_path):
    one = Trainer(small_run(), tmp_path / "one", DirectFeed(pool)).learn(most_steps=3)
    other = Trainer(small_run(), tmp_path / "other", DirectFeed(pool)).learn(most_steps=6)
    card, between = read_checkpoint(averaged_checkpoint(one, other, 0.25))
    first, second = read_checkpoint(one)[1], read_checkpoint(other)[1]
    assert all(torch.allclose(between[n], 0.75 * first[n] + 0.25 * second[n], atol=1e-6) for n in first)
    assert card["averaged"]["share"] == 0.25 and newest_checkpoint(tmp_path / "one") == one


def test_a_cut_off_checkpoint_is_not_taken_up(tmp_path):
    tensors_after(tmp_path, 3)
    good = newest_checkpoint(tmp_path)
    later = tmp_path / "step-00000009.json"
    later.write_text(good.read_text())
    later.with_suffix(".safetensors").write_bytes(good.with_suffix(".safetensors").read_bytes()[:-9])
    assert newest_checkpoint(tmp_path) == good
    with pytest.raises(BadFileError):
        read_checkpoint(later)


def test_two_shards_at_once_are_one_batch_of_both():
    batches = [pool(0, False)[0], pool(1, False)[0]]
    learners = [Learner(SIZES, small_run().learning, 1) for _ in range(2)]
    report = learners[0].step(batches, 0.01)
    assert report.tokens == sum(batch.tokens for batch in batches)
    assert not torch.equal(learners[0].weights["table"], learners[1].weights["table"])


def test_two_processes_learn_what_one_learns_with_both_batches(tmp_path):
    alone = Trainer(small_run(shards=2), tmp_path / "alone", DirectFeed(pool))
    wanted = read_checkpoint(alone.learn(most_steps=6))[1]
    command = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2", "--master-port", "0"]
    command += ["--rdzv-backend", "c10d", "--rdzv-endpoint", "localhost:0"]
    command += [str(Path(__file__).with_name("two_processes.py")), str(tmp_path / "both")]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, env=environment, timeout=100, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-4000:]
    card, found = read_checkpoint(newest_checkpoint(tmp_path / "both"))
    assert card["steps"] == 6 and card["tokens"] == alone.progress.tokens
    for name, tensor in wanted.items():
        torch.testing.assert_close(found[name], tensor, atol=1e-5, rtol=1e-4)


def test_pools_come_from_another_process_in_the_order_they_are_taken():
    feed = BackgroundFeed(PoolsOfThree())
    try:
        feed.ask(0, False)
        feed.ask(7, True)
        later, first = feed.take(7), feed.take(0)
    finally:
        feed.close()
    for found, wanted in ((later, pool(7, True)), (first, pool(0, False))):
        assert [batch.wanted.tolist() for batch in found] == [batch.wanted.tolist() for batch in wanted]


@pytest.mark.parametrize(("is_falling", "share"), [(False, 0.1), (True, 0.3)])
def test_more_is_forgotten_while_the_rate_falls(tmp_path, monkeypatch, is_falling, share):
    run = small_run(fall_dropout=0.3, tokens=100_000, fall_share=0.999 if is_falling else 0.1)
    trainer = Trainer(run, tmp_path, DirectFeed(pool))
    seen = []
    monkeypatch.setattr(learner, "Dropout", lambda share, *_: seen.append(share) or Dropout(share, *_))
    trainer.learn(most_steps=3)
    assert seen[-1] == share


def test_how_it_goes_is_told_with_the_time_left(tmp_path, caplog):
    with caplog.at_level("INFO", "engine.training"):
        Trainer(small_run(log_steps=2), tmp_path, DirectFeed(pool)).learn(most_steps=4)
    told = [record.message for record in caplog.records if " of 100,000 tokens" in record.message]
    assert len(told) == 2 and all("tokens/s" in line and line.endswith(" left") for line in told)


@pytest.mark.parametrize(("cards", "rank", "device"), [(0, 1, "cpu"), (2, 0, "cuda:0"), (2, 1, "cuda:1")])
def test_every_process_has_a_card_of_its_own(monkeypatch, cards, rank, device):
    monkeypatch.setenv("LOCAL_RANK", str(rank))
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cards > 0)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: cards)
    assert device_here() == device


def test_no_option_of_the_recipe_is_taken_for_one_of_torchrun():
    from torch.distributed.run import get_args_parser

    parser = argparse.ArgumentParser()
    infill.add_arguments(parser)
    options = [name for name in parser._option_string_actions if name.startswith("--") and name != "--help"]
    assert "--folder" in options
    words = ["--nproc-per-node", "2", "-m", "engine.cli", "train", "infill", *options]
    assert get_args_parser().parse_args(words).training_script_args == ["train", "infill", *options]


def test_more_processes_than_cards_are_refused(monkeypatch):
    monkeypatch.setenv("LOCAL_RANK", "2")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    with pytest.raises(BadRequestError, match="2 graphics cards"):
        device_here()


class NoPools:
    """Cannot make any."""

    def open(self):
        raise ValueError("nothing there")


def test_a_feed_that_fails_says_so():
    feed = BackgroundFeed(NoPools())
    try:
        feed.ask(0, False)
        with pytest.raises(EngineError, match="nothing there"):
            feed.take(0)
    finally:
        feed.close()
