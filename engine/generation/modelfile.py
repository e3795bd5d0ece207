"""Is this the model its card describes, and are its arrays what the code relies on?

A model is a safetensors file and a card (`.json`) of the same name that holds its SHA-256. Nothing else is
ever read as a model, and nothing is asked of one that has not passed here: a wrong shape or a number that is
none would otherwise be heard as nonsense, or end in the middle of an idea.

>>> require({"a": np.zeros((2, 3), np.float32)}, "a", "f", 2, None)
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError, deserialize

from engine.api.errors import ModelError

_WITHOUT = {
    "chords": "there are no chord ideas",
    "drummer": "drums are played straight",
    "harmoniser": "chords under a melody are simpler",
    "infill": "ideas for chords and melodies are simpler",
    "melody": "there are no melody ideas",
    "progressions": "the next chord is guessed less well",
    "ranking": "ideas are chosen with less care",
}
"""What the artist has to do without where a model cannot be used."""


@dataclass(frozen=True)
class ModelFile:
    """The arrays by name, the card, and the SHA-256 of the file."""

    arrays: dict[str, np.ndarray]
    card: dict[str, Any]
    sha256: str


def read_model_file(folder: Path, name: str, form: int) -> ModelFile:
    """The model of this name. Raises ModelError, one sentence: missing, not the one of its card, damaged."""
    try:
        content = (folder / f"{name}.safetensors").read_bytes()
    except OSError as error:
        raise unusable(name, "is missing") from error
    try:
        card = json.loads((folder / f"{name}.json").read_text("utf-8"))
    except OSError as error:
        raise unusable(name, "has lost its card") from error
    except (ValueError, RecursionError) as error:
        raise unusable(name, "has a damaged card") from error
    digest = hashlib.sha256(content).hexdigest()
    if not isinstance(card, dict) or card.get("sha256") != digest or card.get("format") != form:
        raise unusable(name, "does not match its card")
    try:
        arrays = tensors_of(content)
    except (SafetensorError, KeyError, ValueError) as error:
        raise damaged(name) from error
    if not all(np.isfinite(array).all() for array in arrays.values() if array.dtype.kind == "f"):
        raise damaged(name)
    return ModelFile(arrays, card, digest)


_NUMBERS = {
    "F64": np.float64,
    "F32": np.float32,
    "F16": np.float16,
    "BOOL": np.bool_,
    "I64": np.int64,
    "I32": np.int32,
    "I16": np.int16,
    "I8": np.int8,
    "U64": np.uint64,
    "U32": np.uint32,
    "U16": np.uint16,
    "U8": np.uint8,
}


def tensors_of(content: bytes) -> dict[str, np.ndarray]:
    """The arrays of a safetensors file; bfloat16, which numpy lacks, comes as float32 of the same value.

    Raises SafetensorError, KeyError or ValueError when it is none or holds another kind of number.
    """
    return {name: _array(told) for name, told in deserialize(content)}  # type: ignore[no-untyped-call]


def _array(told: Mapping[str, Any]) -> np.ndarray:
    if told["dtype"] == "BF16":
        halves = np.frombuffer(told["data"], np.uint16).astype(np.uint32)
        return (halves << np.uint32(16)).view(np.float32).reshape(told["shape"])
    return np.frombuffer(told["data"], _NUMBERS[told["dtype"]]).reshape(told["shape"])


def damaged(name: str) -> ModelError:
    """What is said when the file is the right one and yet holds no model."""
    return unusable(name, "is damaged")


def unusable(name: str, what: str) -> ModelError:
    """One sentence for the artist: what is wrong with the model, and which ideas suffer until when.

    >>> print(unusable("chords", "is missing"))
    The chords model is missing; there are no chord ideas until Understudy is installed again.
    """
    without = _WITHOUT.get(name, "some ideas are missing or simpler")
    return ModelError(f"The {name} model {what}; {without} until Understudy is installed again.")


def require(arrays: Mapping[str, np.ndarray], name: str, kind: str, *shape: int | None) -> None:
    """Raises ValueError unless the array has this kind of number (`f`, `i`, `u`) and shape (None: any).

    Raises KeyError when there is no such array.
    """
    array = arrays[name]
    fits = all(wanted in (None, found) for wanted, found in zip(shape, array.shape, strict=False))
    if array.dtype.kind != kind or array.ndim != len(shape) or not fits:
        raise ValueError(f"{name} has the wrong form")


def require_below(arrays: Mapping[str, np.ndarray], name: str, size: int) -> None:
    """Raises ValueError unless every symbol in the array is one of `size`."""
    if arrays[name].size and int(arrays[name].max()) >= size:
        raise ValueError(f"{name} names symbols that are not there")


def require_rising(array: np.ndarray, what: str) -> None:
    """Raises ValueError unless every entry is larger than the one before."""
    if len(array) > 1 and not (array[1:] > array[:-1]).all():
        raise ValueError(f"{what} are not in order")
