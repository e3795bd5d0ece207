"""What is measured on held-out pieces is what it says, and a checkpoint becomes a model of the product."""

import json
import math
from dataclasses import asdict

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from engine.generation.chords.store import MODELS  # noqa: E402
from engine.generation.infill.weights import Sizes, as_bfloat16, read_weights  # noqa: E402
from engine.generation.language.grid import Stream  # noqa: E402
from engine.generation.language.rows import FEATURE_COUNT  # noqa: E402
from engine.generation.language.vocabulary import VOCABULARY_SIZE  # noqa: E402
from engine.training.corpus.sets import own  # noqa: E402
from engine.training.corpus.split import Part  # noqa: E402
from engine.training.infill.checkpoints import newest_checkpoint, read_checkpoint  # noqa: E402
from engine.training.infill.cutting import with_parts  # noqa: E402
from engine.training.infill.export import described_data, export_model, sizes_of_checkpoint  # noqa: E402
from engine.training.infill.feeding import DirectFeed  # noqa: E402
from engine.training.infill.heldout import TRIALS, heldout_samples, measure_of  # noqa: E402
from engine.training.infill.learner import Learner  # noqa: E402
from engine.training.infill.practice import Practice  # noqa: E402
from engine.training.infill.schedule import schedule_of  # noqa: E402
from engine.training.infill.trainer import Trainer  # noqa: E402
from engine.training.recipes.infill import SIZES as SIZES_BY_NAME  # noqa: E402
from tests.engine.infill_training.small import PLAIN, SIZES, pool, small_run  # noqa: E402
from tests.engine.infill_training.tunes import piece  # noqa: E402

LANGUAGE = Sizes(32, 1, 1, 32, VOCABULARY_SIZE, FEATURE_COUNT, 768)


def test_a_model_that_knows_nothing_pays_for_every_token_alike():
    pieces = [piece(str(n), sheet=with_parts(piece().sheet, {Stream.MELODY})) for n in range(3)]
    samples = heldout_samples(pieces, seed=1)
    assert {TRIALS[sample.task].name for sample in samples} == {"tunes_left", "tunes_both"}
    learner = Learner(LANGUAGE, PLAIN, 1)
    with torch.no_grad():
        learner.mean["table"].zero_()
    found = measure_of(samples)(learner)
    # four bars of 3, 2, 3, 2 notes and as many durations
    assert found["tunes_left_bits_per_note"] == pytest.approx(2 * math.log2(VOCABULARY_SIZE), abs=1e-3)


def test_learning_music_makes_held_out_music_cheaper():
    train, valid = [piece(f"song {n}", bars=20 + n) for n in range(6)], [piece("other", bars=28)]
    measure = measure_of(heldout_samples(valid, seed=1))
    practice = Practice(train, 1, 1024, 16, {})
    learner = Learner(LANGUAGE, PLAIN, 1)
    before = measure(learner)
    for number in range(12):
        for batch in practice.pool(number, False):
            learner.step([batch], 0.01)
    after = measure(learner)
    assert before.keys() == after.keys() and {"songs_harmonise_all_bits_per_chord"} <= after.keys()
    assert all(after[name] < 0.7 * before[name] for name in before)


def test_the_exported_model_is_the_running_mean_rounded(tmp_path):
    Trainer(small_run(), tmp_path / "run", DirectFeed(pool)).learn(most_steps=5)
    checkpoint = newest_checkpoint(tmp_path / "run")
    card = export_model(checkpoint, tmp_path / "models", "tiny", {"scores": {"bits": 1.0}, "data": []})
    assert card["scores"] == {"bits": 1.0} and card["seed"] == 1 and card["training"]["steps"] == 5
    assert sizes_of_checkpoint(checkpoint) == SIZES
    _, tensors = read_checkpoint(checkpoint)
    model = tmp_path / "models" / "tiny.safetensors"
    assert model.stat().st_size == card["bytes"]
    from safetensors.torch import load_file

    for name, found in load_file(model).items():
        np.testing.assert_array_equal(found.float(), as_bfloat16(tensors[f"mean.{name}"].numpy()))
    weights = read_weights(tmp_path / "models", "tiny")
    assert weights.sizes == SIZES and set(weights.arrays) == set(SIZES.shapes())


def test_the_card_names_what_was_learnt_from(tmp_path):
    listed = {"id": "carols", "title": "Carols", "licence": "CC0-1.0", "attribution": "The choir", "url": ""}
    files = [{"path": "carols.zip", "sha256": "ab"}]
    listing = {"datasets": [listed | {"share_alike": False, "files": files}]}
    (tmp_path / "datasets.json").write_text(json.dumps(listing))
    parts = {
        Part.TRAIN: [piece("a", source="carols", bars=8), piece("b", source=own.ID, licence="MIT")],
        Part.VALID: [piece("c", source="other")],
        Part.TEST: [],
    }
    described = described_data(tmp_path, parts, {"bits": 2.0})
    assert [(source["id"], source["pieces"]) for source in described["data"]] == [("carols", 1), (own.ID, 1)]
    choir, ours = described["data"]
    assert ours["licence"] == "CC0-1.0" and ours["maker"] == "Understudy" and len(ours["sha256"]) == 64
    assert set(choir) <= set(ours) and all(ours[key] for key in choir if key != "share_alike")
    assert described["attributions"] == ["The choir", ours["attribution"]]
    assert described["licences"] == ["CC0-1.0", "MIT"]
    assert described["split"]["train"] == {"pieces": 2, "bars": 40, "notes": 140, "chords": 40}


@pytest.mark.parametrize("size", SIZES_BY_NAME)
def test_every_size_is_of_this_language_and_can_be_decoded(size):
    way = SIZES_BY_NAME[size]
    sizes = way.sizes
    assert (sizes.vocabulary, sizes.features) == (VOCABULARY_SIZE, FEATURE_COUNT)
    assert 0 < way.rate < 0.01 and way.tokens >= 5_000_000


@pytest.mark.parametrize(("size", "name"), [("base", "infill"), ("progressions", "progressions")])
def test_without_options_the_released_model_is_made_again(size, name):
    card = json.loads((MODELS / f"{name}.json").read_text("utf-8"))
    way, training = SIZES_BY_NAME[size], card["training"]
    schedule = schedule_of(way.rate, training["warmup_steps"] * training["batch_tokens"], way.tokens, 0.3)
    assert asdict(schedule) == pytest.approx(training["schedule"], rel=1e-3)  # one fell by the clock
    assert asdict(way.sizes) == card["config"]
    assert way.fall_dropout == training["learning"]["dropout"]
    assert way.stable_share == training.get("averaged", {"share": 0.0})["share"]
