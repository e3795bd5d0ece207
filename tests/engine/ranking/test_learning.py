"""The scorer learns from pairs which remarks are people's, and finds its file again."""

import json
import random
from pathlib import Path

import pytest

from engine.api.errors import ModelError
from engine.ranking.features import Part, Remarks
from engine.training.infill.evaluation.contenders import Contender
from engine.training.infill.evaluation.holes import Hole
from engine.training.ranking.curves import KNOTS, basis, learn_curves
from engine.training.ranking.fills import Pair, pairs_of, ranking_holes
from engine.training.ranking.train import figures, load_reranker, save_reranker, train_reranker
from tests.engine.ranking.pieces import piece
from tests.engine.ranking.test_judging import wild

PIECES = [piece(seed, bars=24) for seed in range(24)]


def made_up(count: int, seed: int = 1) -> list[Pair]:
    """People range near an octave; what is generated is too narrow or too wide. `noise` says nothing."""
    chance = random.Random(seed)

    def remarks(span: float) -> Remarks:
        return {"range": span, "noise": chance.random(), "peak_place": None}

    found = []
    for number in range(count):
        drawn = tuple(remarks(chance.choice((chance.gauss(4, 1), chance.gauss(20, 1)))) for _ in range(3))
        for part in Part:
            found.append(Pair(f"p{number}", part, remarks(chance.gauss(12, 1)), drawn))
    return found


def test_too_little_and_too_much_are_both_wrong() -> None:
    reranker, scores = train_reranker(made_up(80))
    curves = reranker.curves[Part.MELODY]
    worth = [float(curves.worth({"range": span, "noise": 0.5}).sum()) for span in (4.0, 12.0, 20.0)]
    assert worth[1] > worth[0] + 1
    assert worth[1] > worth[2] + 1
    assert scores["melody_in_hole"] > 0.95
    spread = curves.heights.max(axis=1) - curves.heights.min(axis=1)
    assert spread[curves.names.index("noise")] < 0.5 * spread[curves.names.index("range")]


def test_a_value_stands_between_its_knots() -> None:
    curves = learn_curves(("range",), [{"range": 5.0}] * 4, [[{"range": float(n)}] for n in range(4)], 1.0)
    row = basis({"range": 2.5}, ("range",), curves.knots)
    assert row[:KNOTS].sum() == pytest.approx(1.0)
    assert row[:KNOTS] @ curves.knots[0] == pytest.approx(2.5)
    assert basis({"range": None}, ("range",), curves.knots)[KNOTS] == 1.0


def test_what_only_depends_on_the_hole_is_worth_nothing() -> None:
    chance = random.Random(3)
    pairs = []
    for number in range(60):
        same = chance.random()
        drawn = ({"steps": 0.1, "song": same},) * 2
        pairs += [Pair(f"p{number}", part, {"steps": 0.9, "song": same}, drawn) for part in Part]
    curves = train_reranker(pairs)[0].curves[Part.CHORDS]
    assert abs(curves.heights[1]).max() < 1e-6


def test_real_tunes_are_told_from_noise_on_pieces_not_learnt_from() -> None:
    def write(hole: Hole, seed: int, count: int) -> list:
        return [wild(hole, seed + n) for n in range(count)] if hole.end - hole.first == 4 else []

    holes = [hole for hole in ranking_holes(PIECES, 12) if len(hole.streams) == 1]
    pairs = [p for p in pairs_of(holes, [Contender("wild", write)], 2) if p.part is Part.MELODY]
    learn = [pair for pair in pairs if not pair.is_held_out]
    test = [pair for pair in pairs if pair.is_held_out]
    assert learn
    assert test
    names = tuple(pairs[0].real)
    curves = learn_curves(names, [p.real for p in learn], [p.drawn for p in learn], 1.0)
    assert figures(curves, test)["auc"] > 0.9


def test_the_file_is_found_again(tmp_path: Path) -> None:
    reranker, _ = train_reranker(made_up(20))
    digest = save_reranker(reranker, tmp_path, {"summary": "test"})
    again = load_reranker(tmp_path)
    found = {part: {"range": 9.0, "noise": 0.2, "peak_place": None} for part in Part}
    assert again.judge(found).score == pytest.approx(reranker.judge(found).score, abs=1e-4)
    assert json.loads((tmp_path / "ranking.json").read_text())["sha256"] == digest


def test_a_damaged_or_missing_file_is_told_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="ranking"):
        load_reranker(tmp_path)
    save_reranker(train_reranker(made_up(20))[0], tmp_path, {})
    card = json.loads((tmp_path / "ranking.json").read_text())
    card["remarks"]["melody"] = card["remarks"]["melody"][:1]
    (tmp_path / "ranking.json").write_text(json.dumps(card))
    with pytest.raises(ModelError, match="damaged"):
        load_reranker(tmp_path)


def test_nothing_to_learn_from_is_told() -> None:
    with pytest.raises(ModelError, match="no melody holes"):
        train_reranker([])
