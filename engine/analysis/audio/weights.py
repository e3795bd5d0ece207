"""Are these the weights their card describes?

A listening model is a safetensors file in assets/models/listening with a card (`.json`) of the same name
that holds its SHA-256, licence, maker and what is known of its training. It hears; it never writes music.
"""

import hashlib
import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load

from engine.api.errors import ModelError

LISTENING = Path(__file__).parents[3] / "assets" / "models" / "listening"

Shapes = Mapping[str, tuple[int, ...]]


@lru_cache(maxsize=8)
def _read(path: Path, changed_ns: int) -> dict[str, np.ndarray]:
    """The arrays as float32; `changed_ns` is part of the key so that a replaced file is read anew."""
    name = path.stem
    try:
        content = path.read_bytes()
        card = json.loads(path.with_suffix(".json").read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise ModelError(f"The listening model “{name}” is missing; reinstall Understudy.") from error
    if not isinstance(card, dict) or card.get("sha256") != hashlib.sha256(content).hexdigest():
        raise ModelError(f"The listening model “{name}” does not match its card; reinstall Understudy.")
    try:
        return {key: np.asarray(array, np.float32) for key, array in load(content).items()}
    except (SafetensorError, KeyError, ValueError, TypeError) as error:
        raise _damaged(name) from error


def read_weights(name: str, shapes: Shapes, folder: Path = LISTENING) -> Mapping[str, np.ndarray]:
    """The float32 arrays of a listening model, each of the shape named. Raises ModelError, one sentence."""
    path = folder / f"{name}.safetensors"
    try:
        changed_ns = path.stat().st_mtime_ns
    except OSError as error:
        raise ModelError(f"The listening model “{name}” is missing; reinstall Understudy.") from error
    arrays = _read(path, changed_ns)
    fits = all(key in arrays and arrays[key].shape == shape for key, shape in shapes.items())
    if not fits or not all(np.isfinite(arrays[key]).all() for key in shapes):
        raise _damaged(name)
    return arrays


def named_weights(path: Path, question: str, names: tuple[str, ...]) -> np.ndarray:
    """(names,) the weights a card holds for one question, in the order asked. Raises ModelError."""
    try:
        table = _card(path)["weights"][question]
        weights = np.array([float(table[name]) for name in names])
    except (OSError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise _damaged(path.stem) from error
    if not np.isfinite(weights).all():
        raise _damaged(path.stem)
    return weights


@lru_cache(maxsize=4)
def _card(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))


def _damaged(name: str) -> ModelError:
    return ModelError(f"The listening model “{name}” is damaged; reinstall Understudy.")
