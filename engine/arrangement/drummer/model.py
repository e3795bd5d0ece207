"""With what loudness and timing would a drummer have struck this, and how sure is that?

A small network (two hidden layers) from the facts of a stroke to two mixtures of logistic distributions:
velocity in MIDI steps, and milliseconds after the click. Discretised as in Salimans et al., PixelCNN++
(ICLR 2017). `assets/models/drummer.safetensors` holds it, `drummer.json` beside it is the card.
"""

import hashlib
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save as save_tensors

from engine.api.suggestion import ModelRef
from engine.arrangement.drummer.features import MOMENT_SIZE, page_size
from engine.generation.modelfile import damaged, read_model_file, require

NAME = "drummer"
FORMAT = 1
MODELS = Path(__file__).parents[3] / "assets" / "models"
PARTS = 3
"""Logistic distributions in each mixture."""
OUTPUTS = 2 * 3 * PARTS
_SHAPES = ("page", "moment", "bias1", "hidden", "bias2", "out", "bias3")
Array = np.ndarray[Any, np.dtype[np.float32]]


@dataclass(frozen=True, slots=True)
class Mixture:
    """Logits of the parts, their middles and log widths, in MIDI steps or milliseconds."""

    logits: Array
    middles: Array
    log_widths: Array


@dataclass(frozen=True)
class DrummerModel:
    """The weights; `page` and `moment` are the first layer's halves for the two kinds of facts."""

    weights: dict[str, Array]
    ref: ModelRef = ModelRef(NAME, "")

    def page_part(self, facts: Array) -> Array:
        """The first layer's sum over the facts of the page, for all strokes at once."""
        found: Array = facts @ self.weights["page"] + self.weights["bias1"]
        return found

    def mixtures(self, page: Array, moment: Array) -> tuple[Mixture, Mixture]:
        """Velocity and lateness of one stroke, from its row of `page_part` and its facts of the moment."""
        w = self.weights
        first = np.maximum(page + moment @ w["moment"], 0)
        second = np.maximum(first @ w["hidden"] + w["bias2"], 0)
        out = second @ w["out"] + w["bias3"]
        half = OUTPUTS // 2
        return _mixture(out[:half], 24.0, 70.0), _mixture(out[half:], 12.0, 0.0)


def _mixture(out: Array, unit: float, middle: float) -> Mixture:
    logits, middles, widths = out.reshape(3, PARTS)
    return Mixture(logits, middles * unit + middle, widths + np.float32(np.log(unit / 3)))


@cache
def load_drummer(folder: Path = MODELS) -> DrummerModel:
    """The model of the folder. Raises ModelError when it is missing or does not match its card."""
    found = read_model_file(folder, NAME, FORMAT)
    try:
        arrays = {name: found.arrays[name].astype(np.float32) for name in _SHAPES}
        _check(arrays)
    except (KeyError, ValueError) as error:
        raise damaged(NAME) from error
    return DrummerModel(arrays, ModelRef(NAME, found.sha256))


def _check(arrays: dict[str, Array]) -> None:
    """Raises ValueError unless the layers fit together and to the facts of this version."""
    first, second = len(arrays["bias1"]), len(arrays["bias2"])
    require(arrays, "bias1", "f", first)
    require(arrays, "bias2", "f", second)
    require(arrays, "page", "f", page_size(), first)
    require(arrays, "moment", "f", MOMENT_SIZE, first)
    require(arrays, "hidden", "f", first, second)
    require(arrays, "out", "f", second, OUTPUTS)
    require(arrays, "bias3", "f", OUTPUTS)


def save_drummer(weights: dict[str, Array], folder: Path, card: dict[str, Any]) -> str:
    """Writes model and card; returns the SHA-256 of the model file."""
    content = save_tensors({name: np.ascontiguousarray(weights[name], np.float32) for name in _SHAPES})
    digest = hashlib.sha256(content).hexdigest()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{NAME}.safetensors").write_bytes(content)
    described = {"name": NAME, "format": FORMAT, "sha256": digest, "bytes": len(content), **card}
    (folder / f"{NAME}.json").write_text(json.dumps(described, indent=1, ensure_ascii=False) + "\n", "utf-8")
    return digest
