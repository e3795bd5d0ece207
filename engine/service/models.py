"""Which models does this copy have, and what do their cards say?

Each model is a `.safetensors` file in assets/models with a card (JSON) of the same name beside it. The
index of known works is no model, but made of the same music: its card lies in assets/originality. The
models in assets/models/listening hear recordings and write nothing; their cards say what is known of their
training, and those that are a few numbers fitted here are a card alone. One that is damaged hides no other:
its sentence stands in its place.
"""

import hashlib
import json
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from engine.api.errors import ModelError
from engine.api.suggestion import ModelInfo, TrainingSet
from engine.generation.modelfile import unusable

MODELS = Path(__file__).parents[2] / "assets" / "models"
LISTENING = MODELS / "listening"
INDEX = Path(__file__).parents[2] / "assets" / "originality"
_NO_CARD = (ValueError, TypeError, KeyError, AttributeError, RecursionError)
"""What reading a file as a card raises when it is none."""
_DEAF = (
    "The listening model {name} {what}; recordings are heard less well until Understudy is installed again."
)


def installed_models(folder: Path = MODELS) -> tuple[ModelInfo, ...]:
    """Every model with its card, by name; for one that cannot be used the sentence that says so."""
    stems = {path.with_suffix("") for path in folder.glob("*") if path.suffix in (".safetensors", ".json")}
    return tuple(_told(stem.name, "model", partial(_described, stem)) for stem in sorted(stems))


def installed_listeners(folder: Path = LISTENING) -> tuple[ModelInfo, ...]:
    """Every listening model, by name; as for `installed_models`."""
    weights = {path.stem: path for path in folder.glob("*") if path.suffix in (".onnx", ".safetensors")}
    cards = {path.stem: path for path in folder.glob("*.json")}
    return tuple(
        _told(name, "listening model", partial(_listening, cards.get(name), weights.get(name)))
        for name in sorted(weights | cards)
    )


def installed_index(folder: Path = INDEX) -> tuple[ModelInfo, ...]:
    """The index of known works as its card describes it; nothing where there is none.

    `sha256` is the card's, which holds those of the index' files.
    """
    from engine.ranking.originality.store import CARD, FILES

    if not any((folder / name).exists() for name in (CARD, *FILES)):
        return ()
    return (_told("originality", "index", partial(_index, folder)),)


def _told(name: str, kind: str, described: Callable[[], ModelInfo]) -> ModelInfo:
    try:
        return described()
    except ModelError as error:
        return ModelInfo(name, kind, "", 0, trouble=str(error))


def _described(stem: Path) -> ModelInfo:
    """A model and its card. Raises ModelError when either is missing or the file is not the card's."""
    try:
        content = stem.with_suffix(".safetensors").read_bytes()
    except OSError as error:
        raise unusable(stem.name, "is missing") from error
    try:
        card = json.loads(stem.with_suffix(".json").read_text("utf-8"))
        info = _from_card(card, len(content))
    except OSError as error:
        raise unusable(stem.name, "has lost its card") from error
    except _NO_CARD as error:
        raise unusable(stem.name, "has a damaged card") from error
    if info.sha256 != hashlib.sha256(content).hexdigest():
        raise unusable(stem.name, "does not match its card")
    return info


def _listening(card: Path | None, weights: Path | None) -> ModelInfo:
    """A listening model, or one that is a card alone. Raises ModelError as `_described`."""
    name = card.stem if card else weights.stem if weights else ""
    if card is None:
        raise ModelError(_DEAF.format(name=name, what="has lost its card"))
    try:
        content = card.read_bytes()
        own = weights.read_bytes() if weights else content
        digest = hashlib.sha256(own).hexdigest()
        told = json.loads(content)
        info = _from_card(told if weights else told | {"sha256": digest}, len(own))
    except (OSError, *_NO_CARD) as error:
        raise ModelError(_DEAF.format(name=name, what="or its card is damaged")) from error
    if info.sha256 != digest:
        raise ModelError(_DEAF.format(name=name, what="does not match its card"))
    return info


def _index(folder: Path) -> ModelInfo:
    """Raises ModelError when a file is missing or not its card's."""
    from engine.ranking.originality.store import CARD, UNUSABLE, checked_files

    size = sum(map(len, checked_files(folder).values()))
    try:
        content = (folder / CARD).read_bytes()
        return _from_card(json.loads(content) | {"sha256": hashlib.sha256(content).hexdigest()}, size)
    except (OSError, *_NO_CARD) as error:
        raise ModelError(UNUSABLE.format(what="has a damaged card")) from error


def _from_card(card: dict[str, Any], size: int) -> ModelInfo:
    split = card.get("split", {})
    return ModelInfo(
        name=str(card["name"]),
        kind=str(card["kind"]),
        sha256=str(card["sha256"]),
        bytes=size,
        summary=str(card.get("summary", "")),
        attributions=tuple(map(str, (*card.get("attributions", ()), *_training_of(card)))),
        licences=tuple(map(str, card.get("licences", ()))),
        scores=dict(_numbers(card.get("scores", {}))),
        sets=tuple(_set_of(entry, card.get("charts", {})) for entry in card.get("data", ())),
        split_by=str(split.get("by", "")),
        split=dict(_numbers(split)),
        settings={
            name: str(value)
            for part in ({"seed": card.get("seed")}, card.get("config", {}), card.get("training", {}))
            for name, value in _leaves(part)
            if value is not None
        },
    )


def _set_of(entry: dict[str, Any], charts: dict[str, Any]) -> TrainingSet:
    """`charts`: how many of each set, where a card tells that apart."""
    digests = "".join(sorted(str(digest) for _, digest in entry.get("files", ())))
    over_files = hashlib.sha256(digests.encode()).hexdigest() if digests else ""
    pieces = entry.get("pieces", entry.get("performances", charts.get(entry["id"], 0)))
    return TrainingSet(
        title=str(entry["title"]),
        licence=str(entry["licence"]),
        attribution=str(entry["attribution"]),
        pieces=int(pieces),
        url=str(entry.get("url", "")),
        sha256=str(entry.get("sha256", over_files)),
    )


def _training_of(card: dict[str, Any]) -> tuple[str, ...]:
    """What a listening model's card says of its training, as a line of its own."""
    told = card.get("training_data")
    return (f"Trained: {told}",) if told else ()


def _numbers(table: Any) -> Iterator[tuple[str, float]]:
    """The numbers of nested tables, named by their path: `chords / top-1`."""
    for name, value in _leaves(table):
        if isinstance(value, int | float) and not isinstance(value, bool):
            yield name, float(value)


def _leaves(table: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """What nested tables hold, lists with their places."""
    if isinstance(table, list):
        table = dict(enumerate(table, 1))
    if isinstance(table, dict):
        for name, value in table.items():
            yield from _leaves(value, (*path, str(name)))
    else:
        yield " / ".join(path), table
