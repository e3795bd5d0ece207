"""Where does the learned melody model live, and is it the one its card describes?

`assets/models/melody.safetensors` holds the counts and mixing weights of two streams (rhythm, pitch);
`melody.json` beside it is the card: what it was trained on, how it scores, and the SHA-256 of the file.
"""

import hashlib
import json
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save as save_tensors

from engine.api.suggestion import ModelRef
from engine.generation.melody.experts import PITCH_FAMILIES, RHYTHM_FAMILIES, Alphabet, Family
from engine.generation.melody.line import PITCH_FIELDS, RHYTHM_FIELDS
from engine.generation.melody.tables import INTERVAL_COUNT, PITCH_COUNT, SEEN_BUCKETS, Stream, Table
from engine.generation.modelfile import (
    damaged,
    read_model_file,
    require,
    require_below,
    require_rising,
)

NAME = "melody"
FORMAT = 1
MODELS = Path(__file__).parents[3] / "assets" / "models"


@dataclass(frozen=True)
class MelodyModel:
    """Both streams, the rhythm vocabulary (rhythm symbols by index), and how people write (`human`, by
    style).
    """

    rhythm: Stream
    pitch: Stream
    vocabulary: NDArray[np.int64]
    ref: ModelRef = ModelRef(NAME, "")
    human: dict[str, dict[str, float]] = field(default_factory=dict)

    @property
    def durations(self) -> NDArray[np.int64]:
        """Grid ticks of each rhythm symbol of the vocabulary."""
        return self.vocabulary // 2

    @property
    def rests(self) -> NDArray[np.bool_]:
        """Which rhythm symbols are rests."""
        return np.asarray(self.vocabulary % 2 == 1)


@cache
def load_model(folder: Path = MODELS) -> MelodyModel:
    """The model of the folder. Raises ModelError when it is missing or does not match its card."""
    found = read_model_file(folder, NAME, FORMAT)
    try:
        human = _numbers(found.card.get("human", {}))
        return _from_tensors(found.arrays, ModelRef(NAME, found.sha256), human)
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise damaged(NAME) from error


def _numbers(human: Any) -> dict[str, dict[str, float]]:
    return {
        str(style): {name: float(value) for name, value in habits.items()} for style, habits in human.items()
    }


def _from_tensors(
    tensors: dict[str, NDArray[Any]], ref: ModelRef, human: dict[str, dict[str, float]]
) -> MelodyModel:
    require(tensors, "vocabulary", "i", None)
    vocabulary = tensors["vocabulary"].astype(np.int64)
    if not len(vocabulary) or int(vocabulary.min()) < 2:
        raise ValueError("there are rhythms without length")
    rhythm = _stream(tensors, "rhythm", RHYTHM_FAMILIES, RHYTHM_FIELDS, rhythm_sizes(len(vocabulary)))
    pitch = _stream(tensors, "pitch", PITCH_FAMILIES, PITCH_FIELDS, PITCH_SIZES)
    return MelodyModel(rhythm, pitch, vocabulary, ref, human)


PITCH_SIZES = {Alphabet.INTERVAL: INTERVAL_COUNT, Alphabet.PITCH: PITCH_COUNT}


def rhythm_sizes(vocabulary: int) -> dict[Alphabet, int]:
    return {Alphabet.RHYTHM: vocabulary}


def _stream(
    tensors: dict[str, NDArray[Any]],
    name: str,
    families: tuple[Family, ...],
    fields: tuple[str, ...],
    sizes: dict[Alphabet, int],
) -> Stream:
    _require_form(tensors, name, families, max(sizes.values()))
    starts = np.concatenate([[0], np.cumsum(tensors[f"{name}.sizes"], dtype=np.int64)])
    table = Table(tensors[f"{name}.keys"], starts, tensors[f"{name}.symbols"], tensors[f"{name}.counts"])
    return Stream(families, fields, sizes, table, tensors[f"{name}.weights"].astype(np.float64))


def _require_form(
    tensors: dict[str, NDArray[Any]], name: str, families: tuple[Family, ...], size: int
) -> None:
    """Raises ValueError unless the arrays of a stream fit together and name only symbols there are."""
    levels = sum(len(family.levels) for family in families)
    contexts, entries = len(tensors[f"{name}.keys"]), len(tensors[f"{name}.symbols"])
    for part, length in (("keys", contexts), ("sizes", contexts), ("symbols", entries), ("counts", entries)):
        require(tensors, f"{name}.{part}", "u", length)
    require(tensors, f"{name}.weights", "f", None, levels, SEEN_BUCKETS)
    require_below(tensors, f"{name}.symbols", size)
    require_rising(tensors[f"{name}.keys"], "the contexts")
    if not contexts or int(tensors[f"{name}.sizes"].sum(dtype=np.int64)) != entries:
        raise ValueError(f"{name} has symbols of no context")


def save_model(model: MelodyModel, folder: Path, card: dict[str, Any]) -> str:
    """Writes the model and its card; returns the SHA-256 of the model file."""
    tensors: dict[str, NDArray[Any]] = {"vocabulary": model.vocabulary.astype(np.int32)}
    for name, stream in (("rhythm", model.rhythm), ("pitch", model.pitch)):
        tensors[f"{name}.keys"] = stream.table.keys
        tensors[f"{name}.sizes"] = np.diff(stream.table.starts).astype(np.uint8)
        tensors[f"{name}.symbols"] = stream.table.symbols
        tensors[f"{name}.counts"] = stream.table.counts
        tensors[f"{name}.weights"] = stream.weights.astype(np.float32)
    content = save_tensors(tensors)
    digest = hashlib.sha256(content).hexdigest()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{NAME}.safetensors").write_bytes(content)
    described = {"name": NAME, "format": FORMAT, "sha256": digest, "bytes": len(content), **card}
    (folder / f"{NAME}.json").write_text(json.dumps(described, indent=1, ensure_ascii=False) + "\n", "utf-8")
    return digest
