"""What is tried differs in one thing at a time, and the table says what was found."""

import argparse
import json
from pathlib import Path

import pytest

pytest.importorskip("torch")

from engine.training.infill.feeding import DirectFeed
from engine.training.infill.learner import Learner, Learning
from engine.training.recipes import regularise
from engine.training.recipes.infill import Way
from engine.training.recipes.regularise import SHOWN, as_table, tried
from tests.engine.infill_training.small import SIZES, pool


def test_one_thing_is_varied_at_a_time() -> None:
    found = tried()
    assert len(set(found)) == len(found) == 5 and Learning() in found
    usual = Learning()
    assert all((one.weight_decay == usual.weight_decay) or (one.dropout == usual.dropout) for one in found)


def test_the_table_has_a_line_for_each() -> None:
    found = {one: dict.fromkeys(SHOWN, 1.0 + place / 8) for place, one in enumerate(tried())}
    lines = as_table(found).splitlines()
    assert len(lines) == 2 + 5
    assert lines[2].startswith("| 0.03 | 0.1 | 1.000") and lines[-1].startswith("| 0.1 | 0.3 | 1.500")


class PoolsAtOnce(DirectFeed):
    """Makes the tests' pools in this process."""

    def __init__(self, maker: object) -> None:
        super().__init__(pool)

    def close(self) -> None: ...


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    def held_out(samples: object) -> object:
        return lambda learner: dict.fromkeys(SHOWN, float(learner.surprise(pool(9, False)[0]).mean()))

    monkeypatch.setattr(regularise, "SIZES", {"small": Way(SIZES, 0.01, 0)})
    monkeypatch.setattr(regularise, "BackgroundFeed", PoolsAtOnce)
    monkeypatch.setattr(regularise, "read_corpus", lambda data, cache: [])
    monkeypatch.setattr(regularise, "measure_of", held_out)


def asked(folder: Path, tokens: int, decay_from: Path | None = None) -> argparse.Namespace:
    return argparse.Namespace(
        data=folder, cache=None, folder=folder, size="small", tokens=tokens, decay_from=decay_from, seed=1
    )


def test_every_choice_is_trained_once_and_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found = regularise.run(asked(tmp_path, 4000))
    steps: list[object] = []
    monkeypatch.setattr(Learner, "step", lambda *_: steps.append(1))
    assert regularise.run(asked(tmp_path, 4000)) == found and steps == []
    assert len(set(found.values())) == len(tried())
    assert capsys.readouterr().out.count("\n| 0.1 |") == 6


def test_a_network_that_has_read_much_falls_in_every_way(tmp_path: Path) -> None:
    regularise.run(asked(tmp_path / "new", 4000))
    start = next((tmp_path / "new" / "decay-0.1-dropout-0.2").glob("step-*.json"))
    found = regularise.run(asked(tmp_path / "fallen", 2000, start))
    read = json.loads(start.read_text())["tokens"]
    ends = [max(folder.glob("step-*.json")) for folder in (tmp_path / "fallen").iterdir()]
    fallen = [json.loads(path.read_text()) for path in ends]
    assert len(fallen) == len(tried()) == len(set(found.values()))
    assert all(card["schedule"]["fall_from"] == read for card in fallen)
    assert all(read + 1000 < card["tokens"] < read + 3000 for card in fallen)
