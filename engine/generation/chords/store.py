"""Where does the chord model live, and is it the one its card describes?

`assets/models/chords.safetensors` holds the arrays of a ChordModel, `chords.json` beside it is the card:
data, licences,
split, scores, the names of the qualities, how people write (`human`), and the SHA-256 of the file.
"""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load as load_tensors
from safetensors.numpy import save as save_tensors

from engine.api.errors import ModelError
from engine.api.suggestion import ModelRef
from engine.generation.chords.model import ChordModel

NAME = "chords"
FORMAT = 1
MODELS = Path(__file__).parents[3] / "assets" / "models"


@dataclass(frozen=True)
class StoredModel:
    """The model, its reference for takes, and the tables for harmonising (see `melodyfit`, `rhythm`)."""

    chords: ChordModel
    tables: dict[str, np.ndarray]
    ref: ModelRef


_in_use = [MODELS]


@contextmanager
def models_from(folder: Path) -> Iterator[None]:
    """Inside the block every generator takes its model from this folder: how a newly trained one is
    measured."""
    _in_use.append(folder)
    try:
        yield
    finally:
        _in_use.pop()


def load_model(folder: Path | None = None) -> StoredModel:
    """The model of the folder (None: the one in use). Raises ModelError when it is missing, damaged, or not
    the one of its
    card."""
    return _loaded(folder or _in_use[-1])


@cache
def _loaded(folder: Path) -> StoredModel:
    try:
        content = (folder / f"{NAME}.safetensors").read_bytes()
        card: dict[str, Any] = json.loads((folder / f"{NAME}.json").read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ModelError(
            "The chord model is missing; reinstall Understudy or run `understudy train chords`."
        ) from error
    digest = hashlib.sha256(content).hexdigest()
    if card.get("sha256") != digest or card.get("format") != FORMAT:
        raise ModelError("The chord model does not match its card; reinstall Understudy.")
    try:
        named = load_tensors(content)
        chords = ChordModel.from_arrays(named, tuple(card["qualities"]))
    except (SafetensorError, KeyError, ValueError, IndexError) as error:
        raise ModelError("The chord model file is damaged; reinstall Understudy.") from error
    tables = {name.removeprefix("table."): a for name, a in named.items() if name.startswith("table.")}
    return StoredModel(chords, tables, ModelRef(NAME, digest))


def save_model(chords: ChordModel, tables: dict[str, np.ndarray], folder: Path, card: dict[str, Any]) -> str:
    """Writes the model file and its card; returns the SHA-256 of the file."""
    named = chords.arrays() | {f"table.{name}": table for name, table in tables.items()}
    content = save_tensors({name: np.ascontiguousarray(array) for name, array in named.items()})
    digest = hashlib.sha256(content).hexdigest()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{NAME}.safetensors").write_bytes(content)
    described = {
        "name": NAME,
        "format": FORMAT,
        "sha256": digest,
        "bytes": len(content),
        **card,
        "qualities": list(chords.qualities.names),
    }
    (folder / f"{NAME}.json").write_text(json.dumps(described, indent=1, ensure_ascii=False) + "\n", "utf-8")
    return digest
