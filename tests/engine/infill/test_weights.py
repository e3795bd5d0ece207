"""A model file is read as it was written, or refused in one sentence."""

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

from engine.api.errors import ModelError
from engine.generation.infill.weights import Sizes, as_bfloat16, check_features, random_weights, read_weights
from tests.engine.infill.small import SMALL, weights_of, write_arrays, write_model


@pytest.mark.parametrize("number", ["BF16", "F32"])
def test_a_model_comes_back_as_it_was_written(number: str, tmp_path: Path) -> None:
    weights = weights_of(SMALL)
    write_model(tmp_path, "infill", weights, number)
    read = read_weights(tmp_path, "infill")
    assert read.sizes == SMALL and len(read.sha256) == 64
    assert set(read.arrays) == set(weights.arrays)
    assert all(np.array_equal(read.arrays[name], weights.arrays[name]) for name in weights.arrays)


def test_half_floats_come_back_as_the_nearest_bfloat16(tmp_path: Path) -> None:
    weights = weights_of(SMALL)
    write_model(tmp_path, "infill", weights, "F16")
    read = read_weights(tmp_path, "infill").arrays["table"]
    assert np.abs(read - weights.arrays["table"]).max() < 1e-3


def test_rounding_is_to_nearest_even() -> None:
    words = np.array([0x3F800000, 0x3F808000, 0x3F818000, 0x3F808001, 0xBF808001], np.uint32)
    expected = np.array([0x3F800000, 0x3F800000, 0x3F820000, 0x3F810000, 0xBF810000], np.uint32)
    assert (as_bfloat16(words.view(np.float32)).view(np.uint32) == expected).all()


def broken(name: str) -> tuple[dict[str, np.ndarray], dict[str, object]]:
    arrays = {key: array.copy() for key, array in weights_of(SMALL).arrays.items()}
    config: dict[str, object] = dict(asdict(SMALL))
    if name == "not a number":
        arrays["layers.1.down"][3, 4] = np.nan
    elif name == "infinite":
        arrays["norm"][0] = np.inf
    elif name == "wrong shape":
        arrays["layers.0.qkv"] = arrays["layers.0.qkv"][:-1]
    elif name == "turned":
        arrays["layers.0.down"] = np.ascontiguousarray(arrays["layers.0.down"].T)
    elif name == "missing":
        del arrays["layers.1.norm2"]
    elif name == "too many":
        arrays["layers.2.norm1"] = arrays["norm"]
    elif name == "no width":
        del config["d"]
    elif name == "no config":
        config = {}
    else:
        config |= {"heads": {"odd heads": 3, "word": "four", "none": 0, "huge": 1 << 40}[name]}
    return arrays, config


BROKEN = ["not a number", "infinite", "wrong shape", "turned", "missing", "too many", "no width", "no config"]


@pytest.mark.parametrize("name", [*BROKEN, "odd heads", "word", "none", "huge"])
def test_a_broken_model_is_refused_in_one_sentence(name: str, tmp_path: Path) -> None:
    write_arrays(tmp_path, "infill", *broken(name))
    with pytest.raises(ModelError, match=r"^The infill model is damaged; ideas .* again\.$"):
        read_weights(tmp_path, "infill")


def test_integers_are_no_weights(tmp_path: Path) -> None:
    write_model(tmp_path, "infill", weights_of(SMALL), "I32")
    with pytest.raises(ModelError, match="damaged"):
        read_weights(tmp_path, "infill")


def test_a_missing_or_foreign_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="The infill model is missing"):
        read_weights(tmp_path, "infill")
    write_model(tmp_path, "infill", weights_of(SMALL))
    card = json.loads((tmp_path / "infill.json").read_text("utf-8"))
    for change in ({"sha256": "0" * 64}, {"format": 99}):
        (tmp_path / "infill.json").write_text(json.dumps(card | change), "utf-8")
        with pytest.raises(ModelError, match="does not match its card"):
            read_weights(tmp_path, "infill")


def test_a_model_of_another_language_is_refused() -> None:
    check_features(SMALL, SMALL.vocabulary, SMALL.features)
    with pytest.raises(ModelError, match="another version"):
        check_features(SMALL, SMALL.vocabulary + 1, SMALL.features)


def test_random_weights_are_the_same_for_the_same_seed() -> None:
    first, again, other = (random_weights(SMALL, seed).arrays["table"] for seed in (1, 1, 2))
    assert np.array_equal(first, again) and not np.array_equal(first, other)


@pytest.mark.parametrize("change", [{"ff": 100}, {"d": 48}, {"vocabulary": 151}, {"layers": -1}])
def test_sizes_that_do_not_go_together_are_refused(change: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="size"):
        Sizes(**(asdict(SMALL) | change))
