"""A tiny model learns in a second; the split keeps versions of a tune together; the data is checked."""

import hashlib
import json
import random
from pathlib import Path

import numpy as np
import pytest

from engine.api.errors import BadFileError, ModelError
from engine.generation.melody.line import Line
from engine.generation.melody.model import load_model, save_model
from engine.generation.melody.tables import PITCH_LOW, mix_pitch, mix_rhythm
from engine.training.melody.corpus import read_corpus
from engine.training.melody.evaluate import distances, validity
from engine.training.melody.mixing import Scored
from engine.training.melody.rows import rows_of
from engine.training.melody.split import Part, clusters, split
from engine.training.melody.train import Config, evaluate_bits, fit, in_vocabulary, train
from engine.training.melody.tunes import Tune, tune_from_part
from engine.training.readers.abc import parse_abc


def little_tune(seed: int, style: str = "folk", title: str = "") -> Tune:
    """A tune in the form A A B A over a scale, different for every seed."""
    chance = random.Random(seed)
    step = {"C": "D", "D": "E", "E": "F", "F": "G", "G": "A", "A": "B", "B": "c", "c": "B"}

    def bar() -> str:
        at, found = chance.choice("CEG"), ""
        for _ in range(6):
            found += at
            at = step[at] if chance.random() < 0.4 else chance.choice("CDEFGABc")
        return found + "G2|"

    a, b = "".join(bar() for _ in range(4)), "".join(bar() for _ in range(4))
    text = f"X:1\nT:{title or f'Tune {seed}'}\nM:4/4\nL:1/8\nK:C\n{a}{a}{b}{a}\n"
    tune = tune_from_part(parse_abc(text)[0], f"tune-{seed}", "test", style)
    assert tune is not None
    return tune


TUNES = [little_tune(seed, "song" if seed % 3 == 0 else "folk") for seed in range(40)]
CONFIG = Config(epochs=3, least_rhythm=1)


def test_a_tiny_model_beats_the_six_gram_on_tunes_that_repeat() -> None:
    model = fit(TUNES[:25], TUNES[25:32], CONFIG)
    scores = evaluate_bits(model, TUNES[:25], TUNES[32:])
    assert 0 < scores["folk_bits_per_note"] < scores["folk_6gram_bits_per_note"]
    assert scores["song_share_of_6gram"] < 0.9


def test_bulk_scores_and_single_scores_agree() -> None:
    model = fit(TUNES[:10], TUNES[10:14], CONFIG)
    rhythm, pitch = rows_of(TUNES[14:15])
    rhythm = in_vocabulary(rhythm, model.vocabulary)
    bulk = Scored(model.pitch, pitch).bits(model.pitch.weights)
    for row in range(0, len(pitch.outcome), 7):
        contexts = tuple(pitch.contexts[row].tolist())
        single = mix_pitch(model.pitch, contexts, int(pitch.last[row]), int(pitch.style[row]))
        assert -single[pitch.outcome[row]] / np.log(2) == pytest.approx(bulk[row], abs=0.02)
    bulk = Scored(model.rhythm, rhythm).bits(model.rhythm.weights)
    for row in range(0, len(rhythm.outcome), 7):
        single = mix_rhythm(model.rhythm, tuple(rhythm.contexts[row].tolist()), int(rhythm.style[row]))
        assert -single[rhythm.outcome[row]] / np.log(2) == pytest.approx(bulk[row], abs=0.02)


def test_training_is_repeatable(tmp_path: Path) -> None:
    digests = {save_model(fit(TUNES[:8], TUNES[8:12], CONFIG), tmp_path / str(k), {}) for k in (1, 2)}
    assert len(digests) == 1
    loaded = load_model(tmp_path / "1")
    contexts = Line(96).pitch_contexts(0, 0, 24)
    scores = mix_pitch(loaded.pitch, contexts, 0, 0)
    assert np.exp(scores).sum() == pytest.approx(1.0)
    assert PITCH_LOW + int(scores.argmax()) in (0, 4, 7)


def test_a_model_that_is_not_its_cards_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="missing"):
        load_model(tmp_path)
    save_model(fit(TUNES[:4], TUNES[4:8], CONFIG), tmp_path, {})
    file = tmp_path / "melody.safetensors"
    file.write_bytes(file.read_bytes()[:-1] + b"x")
    with pytest.raises(ModelError, match="does not match its card"):
        load_model(tmp_path)


def test_the_shipped_model_is_described() -> None:
    model = load_model()
    card = json.loads((Path("assets/models") / "melody.json").read_text("utf-8"))
    assert card["sha256"] == model.ref.sha256
    assert card["bytes"] <= 6_000_000
    assert len(card["attributions"]) == len(card["data"]) == 5
    assert all(entry["licence"] and len(entry["sha256"]) == 64 for entry in card["data"])
    assert card["scores"]["folk_share_of_6gram"] < 0.64
    assert card["scores"]["song_share_of_6gram"] < 0.64


def test_versions_of_a_tune_are_never_split() -> None:
    tunes = [*TUNES, little_tune(100, title="The Same"), little_tune(101, title="The Same"), little_tune(3)]
    found = clusters(tunes)
    assert found[40] == found[41]
    assert found[42] == found[3]
    assert len(set(found[:40])) == 40
    parts = split(tunes)
    assert sum(len(part) for part in parts.values()) == len(tunes)
    where = {id(tune): part for part, members in parts.items() for tune in members}
    assert where[id(tunes[40])] == where[id(tunes[41])]
    assert set(parts) == set(Part)


def test_takes_for_corpus_tunes_are_valid_and_go_farther_when_asked() -> None:
    counts = validity(TUNES[:8], 1)
    assert counts["valid"] + counts["refused_in_words"] == counts["requests"] == 8
    measured = distances(TUNES[:2], 1)
    assert measured["distance_at_0.1"] < measured["distance_at_0.5"] < measured["distance_at_0.9"]


def data_folder(folder: Path) -> Path:
    """A data folder with the five sets, each with one or two tiny files."""
    names = {
        "openewld-pd": "openewld-pd/leadsheets.tar.gz",
        "neon-leadsheets": "neon-leadsheets/leadsheets.jsonl.gz",
        "session-abc": "session-abc/tunes.tar.gz",
        "open-hymnal": "open-hymnal/abc.tar.gz",
    }
    entries = []
    for name, path in names.items():
        (folder / path).parent.mkdir(parents=True)
        (folder / path).write_bytes(b"not the right bytes")
        digest = hashlib.sha256(b"the right bytes").hexdigest()
        entries.append(
            {"id": name, "title": "", "url": "", "licence": "", "attribution": "", "share_alike": False}
        )
        entries[-1] |= {"path": path, "sha256": digest}
    (folder / "datasets.json").write_text(json.dumps({"datasets": entries}), "utf-8")
    return folder


def test_data_that_is_not_what_the_list_says_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadFileError, match="not a list of allowed data"):
        read_corpus(tmp_path)
    with pytest.raises(BadFileError, match="differs"):
        train(data_folder(tmp_path), tmp_path / "out")
