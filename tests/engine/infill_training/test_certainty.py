"""`evaluate --only valid` tells of itself what is wrong, and needs no corpus."""

import pytest

pytest.importorskip("torch")

from engine.training.infill.evaluation import certainty, evaluate, fuzzing
from tests.engine.infill.writing import toy_weights


def test_random_contexts_are_counted_and_none_is_invalid() -> None:
    said: list[str] = []
    found = certainty.contexts_kept(said.append, seed=3, cells=60)
    assert found["validity | random contexts | grammar | given"] >= 60
    assert found["validity | random contexts | grammar | valid"] == 1
    assert len(said) == 1 and "invalid 0" in said[0]


def test_what_is_invalid_is_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fuzzing, "line_violations", lambda *_: ["a leap"])
    said: list[str] = []
    found = certainty.contexts_kept(said.append, seed=3, cells=60)
    assert found["validity | random contexts | grammar | valid"] < 1
    assert len(said) > 1 and all("seed 3" in line and "a leap" in line for line in said[1:])


def test_takes_are_the_same_however_they_are_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(certainty, "_QUESTIONS", 1)
    weights, place = toy_weights(), "validity | other ways to compute | infill | same"
    assert certainty.takes_repeated(weights, lambda _: None, seed=1)[place] == 1
    takes = certainty._takes
    monkeypatch.setattr(certainty, "_takes", lambda of, asked, seed, n: takes(of, asked, seed + (n > 2), n))
    assert certainty.takes_repeated(weights, lambda _: None, seed=1)[place] < 1


def test_valid_alone_reads_no_corpus(tmp_path) -> None:
    found = evaluate.evaluate_all(tmp_path, tmp_path, lambda _: None, only=("valid",), contexts=5)
    assert list(found) == [f"validity | random contexts | grammar | {name}" for name in ("valid", "given")]
