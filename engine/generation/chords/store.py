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
from safetensors.numpy import save as save_tensors

from engine.api.suggestion import ModelRef
from engine.generation.chords.model import STYLES, ChordModel
from engine.generation.modelfile import damaged, read_model_file, require

NAME = "chords"
FORMAT = 1
TABLES = {
    "fit": (3, 16, 12),
    "place": (len(STYLES), 8, 96),
    "rhythm": (len(STYLES), 4, 4, 16),
}  # see melodyfit, lattice, loops
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
    found = read_model_file(folder, NAME, FORMAT)
    try:
        chords = ChordModel.from_arrays(found.arrays, tuple(found.card["qualities"]))
        tables = {name: _table(found.arrays, name) for name in TABLES if f"table.{name}" in found.arrays}
    except (KeyError, ValueError, IndexError, TypeError) as error:
        raise damaged(NAME) from error
    return StoredModel(chords, tables, ModelRef(NAME, found.sha256))


def _table(arrays: dict[str, np.ndarray], name: str) -> np.ndarray:
    require(arrays, f"table.{name}", "f", *TABLES[name])
    return arrays[f"table.{name}"]


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
