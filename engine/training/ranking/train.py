"""How is the re-ranker trained, and how well does it tell people's fills on pieces it has not seen?"""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save as save_tensors

from engine.api.errors import ModelError
from engine.generation.chords.store import MODELS
from engine.generation.modelfile import damaged, read_model_file
from engine.ranking.features import Part
from engine.ranking.reranker import Curves, Reranker
from engine.training.infill.evaluation.judge import area
from engine.training.ranking.curves import learn_curves
from engine.training.ranking.fills import Pair

NAME = "ranking"
FORMAT = 1
RIDGES = (0.3, 1.0, 3.0, 10.0)


def train_reranker(pairs: Sequence[Pair]) -> tuple[Reranker, dict[str, float]]:
    """The scorer of both parts and its figures on held-out pieces."""
    curves: dict[Part, Curves] = {}
    scores: dict[str, float] = {}
    for part in Part:
        own = [pair for pair in pairs if pair.part is part]
        learn = [pair for pair in own if not pair.is_held_out]
        if not learn:
            raise ModelError(f"There are no {part.value} holes to learn from.")
        names = tuple(learn[0].real)
        ridge = _best_ridge(names, learn)
        curves[part] = _learnt(names, learn, ridge)
        test = [pair for pair in own if pair.is_held_out]
        scores |= {f"{part.value}_{name}": value for name, value in figures(curves[part], test).items()}
        scores[f"{part.value}_learnt_from"] = float(len(learn))
        scores[f"{part.value}_ridge"] = ridge
    return Reranker(curves), scores


def figures(curves: Curves, pairs: Sequence[Pair]) -> dict[str, float]:
    """`auc` over all fills; `in_hole`: how often the real fill is above a generated one of its hole."""
    real = [float(curves.worth(pair.real).sum()) for pair in pairs]
    drawn = [[float(curves.worth(fill).sum()) for fill in pair.drawn] for pair in pairs]
    in_hole = [area([own], others) for own, others in zip(real, drawn, strict=True)]
    return {
        "auc": round(area(real, [score for others in drawn for score in others]), 4),
        "in_hole": round(sum(in_hole) / max(1, len(in_hole)), 4),
        "held_out": float(len(pairs)),
    }


def _best_ridge(names: tuple[str, ...], pairs: Sequence[Pair]) -> float:
    """By holes of a third of the learning pieces."""
    third = [pair for number, pair in enumerate(sorted(pairs, key=lambda p: p.piece)) if number % 9 < 3]
    pieces = {pair.piece for pair in third}
    rest = [pair for pair in pairs if pair.piece not in pieces]
    if not rest or not third:
        return RIDGES[-1]
    return max(RIDGES, key=lambda ridge: figures(_learnt(names, rest, ridge), third)["in_hole"])


def _learnt(names: tuple[str, ...], pairs: Sequence[Pair], ridge: float) -> Curves:
    return learn_curves(names, [pair.real for pair in pairs], [pair.drawn for pair in pairs], ridge)


def save_reranker(reranker: Reranker, folder: Path, card: dict[str, Any]) -> str:
    """Writes the scorer and its card; the SHA-256 of the file."""
    arrays = {name: np.ascontiguousarray(array) for name, array in reranker.arrays().items()}
    content = save_tensors(arrays)
    digest = hashlib.sha256(content).hexdigest()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{NAME}.safetensors").write_bytes(content)
    told = {
        "name": NAME,
        "format": FORMAT,
        "sha256": digest,
        "bytes": len(content),
        **card,
        "remarks": {part.value: list(curves.names) for part, curves in reranker.curves.items()},
    }
    (folder / f"{NAME}.json").write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", "utf-8")
    return digest


def load_reranker(folder: Path | None = None) -> Reranker:
    """The scorer of the folder (None: the product's). Raises ModelError when it is missing or damaged."""
    found = read_model_file(folder or MODELS, NAME, FORMAT)
    try:
        return Reranker.from_arrays(found.arrays, found.card["remarks"])
    except (KeyError, ValueError, TypeError) as error:
        raise damaged(NAME) from error
