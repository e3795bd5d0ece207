"""How is the drummer made from the performances, and how well does it know drummers it has not heard?

Learns from the train part, was tuned on the validation part, and is judged once on the test part, as the data
set's own info.csv divides the performances.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from engine.arrangement.drummer.model import save_drummer
from engine.training.chords.allow import AllowList
from engine.training.drummer import baselines
from engine.training.drummer.corpus import ID, PARTS, Performance, performances
from engine.training.drummer.learner import Config, Knows, bits, learn
from engine.training.drummer.tables import Table, table_of

_SUMMARY = "Velocity and timing of drum strokes, as played by people to a click; touches drum parts."
_PLAIN: dict[str, Callable[[Table, Table], tuple[Any, Any]]] = {
    "quantised": baselines.quantised,
    "jitter": baselines.jitter,
    "table": baselines.table,
    "table_marked": baselines.marked,
}
_KNOWING = {
    "model": Knows(),
    "model_without_memory": Knows(moment=False),
    "model_marked": Knows(marks=True),
}


def train(data: Path, out: Path, config: Config) -> dict[str, Any]:
    """Reads, learns, judges, writes model and card into `out`; returns the scores in bits a stroke.

    Raises BadFileError for data that is not allowed or was altered.
    """
    import torch

    torch.set_num_threads(1)  # sums in one order: the same weights every time
    found = list(performances(data))
    tables = {part: table_of([p for p in found if p.part == part]) for part in PARTS}
    weights = learn(tables["train"], config)
    scores = scores_of(weights, tables["train"], tables["test"])
    save_drummer(weights, out, _card(data, found, config, scores))
    return scores


def scores_of(weights: dict[str, np.ndarray], learnt: Table, test: Table) -> dict[str, Any]:
    """Bits a stroke of velocity, timing and both: the model's and the plain ways'."""
    scores: dict[str, Any] = {"test_strokes": len(test)}
    for name, way in _PLAIN.items():
        scores[name] = _told(*way(learnt, test))
    for name, knows in _KNOWING.items():
        scores[name] = _told(*bits(weights, test, knows))
    return scores


def _told(velocity: np.ndarray, timing: np.ndarray) -> dict[str, float]:
    loud, late = float(velocity.mean()), float(timing.mean())
    return {"velocity": round(loud, 3), "timing": round(late, 3), "both": round(loud + late, 3)}


def _card(data: Path, found: list[Performance], config: Config, scores: dict[str, Any]) -> dict[str, Any]:
    source = AllowList(data).dataset(ID)
    played = Counter(p.part for p in found)
    strokes = Counter({part: sum(len(p.strokes) for p in found if p.part == part) for part in PARTS})
    return {
        "kind": "mixture density network",
        "summary": _SUMMARY,
        "data": [
            {
                "id": source.id,
                "title": source.title,
                "url": source.url,
                "licence": source.licence,
                "attribution": source.attribution,
                "share_alike": source.share_alike,
                "sha256": source.files[0][1],
                "performances": len(found),
            }
        ],
        "attributions": [source.attribution],
        "licences": [source.licence],
        "split": {
            "by": "the split of the set's info.csv",
            **{part: {"performances": played[part], "strokes": strokes[part]} for part in PARTS},
        },
        "seed": config.seed,
        "config": asdict(config),
        "scores": scores,
    }
