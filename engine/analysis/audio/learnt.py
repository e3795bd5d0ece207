"""How likely is it, by what the ear learnt here?

assets/models/listening/ear.json holds a few hundred numbers that were fitted to rendered performances of
public-domain tunes (engine.training.hearing.earfitting) and says so. Each question has one small network:
features, scaled, one layer of a dozen bent sums, one likelihood.
"""

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from engine.analysis.audio.weights import LISTENING
from engine.api.errors import ModelError

EAR = LISTENING / "ear.json"
_DAMAGED = "The listening weights are missing or damaged; reinstall Understudy."


@dataclass(frozen=True)
class Net:
    """`mean`, `scale`: (features,). `inner`: (features + 1, units), `outer`: (units + 1,), constants last."""

    mean: np.ndarray
    scale: np.ndarray
    inner: np.ndarray
    outer: np.ndarray

    def likelihood(self, features: np.ndarray) -> np.ndarray:
        """(n,) 0-1 for (n, features)."""
        scaled = (features - self.mean) / self.scale
        bent = np.tanh(scaled @ self.inner[:-1] + self.inner[-1])
        logit = bent @ self.outer[:-1] + self.outer[-1]
        return np.asarray(1 / (1 + np.exp(-np.clip(logit, -30, 30))))


def learnt(name: str, features: tuple[str, ...], path: Path = EAR) -> Net:
    """The network of a question, whose features must be those asked. Raises ModelError."""
    try:
        table = _card(path)["nets"][name]
        net = Net(*(np.array(table[part], float) for part in ("mean", "scale", "inner", "outer")))
        fits = table["features"] == list(features) and net.inner.shape == (
            len(features) + 1,
            len(net.outer) - 1,
        )
    except (OSError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise ModelError(_DAMAGED) from error
    if not fits or not all(np.isfinite(part).all() for part in (net.mean, net.scale, net.inner, net.outer)):
        raise ModelError(_DAMAGED)
    return net


@lru_cache(maxsize=2)
def _card(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))
