"""Which models does this copy have, and what do their cards say?

Each model is a `.safetensors` file in assets/models with a card (JSON) of the same name beside it. The
index of known works is no model, but made of the same music: its card lies in assets/originality. The
models in assets/models/listening hear recordings and write nothing; their cards say what is known of their
training, and those that are a few numbers fitted here are a card alone.
"""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from engine.api.errors import ModelError
from engine.api.suggestion import ModelInfo

MODELS = Path(__file__).parents[2] / "assets" / "models"
LISTENING = MODELS / "listening"
INDEX = Path(__file__).parents[2] / "assets" / "originality"


def installed_models(folder: Path = MODELS) -> tuple[ModelInfo, ...]:
    """Every model with its card, by name. Raises ModelError when a file is not the one its card describes."""
    return tuple(_described(path) for path in sorted(folder.glob("*.safetensors")))


def installed_listeners(folder: Path = LISTENING) -> tuple[ModelInfo, ...]:
    """Every listening model, by name. Raises ModelError when a file is not the one its card describes."""
    weights = {path.stem: path for path in folder.glob("*") if path.suffix in (".onnx", ".safetensors")}
    cards = sorted(folder.glob("*.json"))
    return tuple(
        _described(weights[card.stem]) if card.stem in weights else _card_alone(card) for card in cards
    )


def _card_alone(path: Path) -> ModelInfo:
    try:
        content = path.read_bytes()
        return _from_card(json.loads(content) | {"sha256": hashlib.sha256(content).hexdigest()}, len(content))
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise ModelError(f"The card of the model “{path.stem}” is missing or damaged.") from error


def installed_index(folder: Path = INDEX) -> tuple[ModelInfo, ...]:
    """The index of known works as its card describes it; nothing where there is none.

    `sha256` is the card's, which holds those of the index' files. Raises ModelError when they differ.
    """
    from engine.ranking.originality.store import CARD, checked_files

    if not (folder / CARD).exists():
        return ()
    size = sum(map(len, checked_files(folder).values()))
    try:
        content = (folder / CARD).read_bytes()
        card = json.loads(content) | {"sha256": hashlib.sha256(content).hexdigest()}
        return (_from_card(card, size),)
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise ModelError("The card of the list of known works is missing or damaged.") from error


def _described(path: Path) -> ModelInfo:
    try:
        card = json.loads(path.with_suffix(".json").read_text("utf-8"))
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        info = _from_card(card, path.stat().st_size)
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise ModelError(f"The card of the model “{path.stem}” is missing or damaged.") from error
    if info.sha256 != digest:
        raise ModelError(f"The model “{path.stem}” is not the one its card describes; reinstall Understudy.")
    return info


def _from_card(card: dict[str, Any], size: int) -> ModelInfo:
    return ModelInfo(
        name=str(card["name"]),
        kind=str(card["kind"]),
        sha256=str(card["sha256"]),
        bytes=size,
        summary=str(card.get("summary", "")),
        attributions=tuple(map(str, (*card.get("attributions", ()), *_training_of(card)))),
        licences=tuple(map(str, card.get("licences", ()))),
        scores=dict(_numbers(card.get("scores", {}))),
    )


def _training_of(card: dict[str, Any]) -> tuple[str, ...]:
    """What a listening model's card says of its training, as a line of its own."""
    told = card.get("training_data")
    return (f"Trained: {told}",) if told else ()


def _numbers(scores: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, float]]:
    """The numbers of nested tables, named by their path: `chords / top-1`."""
    if isinstance(scores, dict):
        for name, value in scores.items():
            yield from _numbers(value, (*path, str(name)))
    elif isinstance(scores, int | float) and not isinstance(scores, bool):
        yield " / ".join(path), float(scores)
