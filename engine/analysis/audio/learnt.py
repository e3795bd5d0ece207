"""Which weights did the ear learn here, by which name?

assets/models/listening/ear.json holds a few dozen numbers that were fitted to rendered performances of
public-domain tunes (`understudy train hearing`), and says so.
"""

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from engine.analysis.audio.weights import LISTENING
from engine.api.errors import ModelError

EAR = LISTENING / "ear.json"


def learnt(name: str, features: tuple[str, ...], path: Path = EAR) -> np.ndarray:
    """(features,) the weights of a question, in the order asked. Raises ModelError."""
    try:
        table = _card(path)["weights"][name]
        weights = np.array([float(table[feature]) for feature in features])
    except (OSError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise ModelError("The listening weights are missing or damaged; reinstall Understudy.") from error
    if not np.isfinite(weights).all():
        raise ModelError("The listening weights are missing or damaged; reinstall Understudy.")
    return weights


@lru_cache(maxsize=2)
def _card(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))
