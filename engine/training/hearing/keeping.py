"""Where do the weights of a listening network go, and what does its card then say?"""

import argparse
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file

from engine.analysis.audio.weights import LISTENING


def keep(name: str, arrays: Mapping[str, NDArray[Any]], folder: Path = LISTENING, **told: object) -> None:
    """Writes NAME.safetensors; its card, NAME.json, gets the hash, the size and what is told beside."""
    path = folder / f"{name}.safetensors"
    save_file({key: np.ascontiguousarray(array) for key, array in arrays.items()}, path)
    kept = {"sha256": hashlib.sha256(path.read_bytes()).hexdigest(), "bytes": path.stat().st_size}
    set_card(path.with_suffix(".json"), kept | told)


def set_card(path: Path, told: Mapping[str, object]) -> None:
    """Changes what the card says of these."""
    card = json.loads(path.read_text("utf-8")) | told
    path.write_text(json.dumps(card, indent=1, ensure_ascii=False) + "\n", "utf-8")


def taught_with(description: str | None) -> argparse.Namespace:
    """What is asked of a script that teaches from the data of the corpus: `data` and `seed`."""
    parser = argparse.ArgumentParser(description=(description or "").partition("\n")[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()
