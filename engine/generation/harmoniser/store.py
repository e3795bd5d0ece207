"""Is the harmoniser there, and is it the one of its card?"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from engine.api.errors import ModelError
from engine.api.suggestion import ModelRef
from engine.generation.harmoniser.network import Harmoniser
from engine.generation.modelfile import damaged, read_model_file

NAME, FORMAT = "harmoniser", 1

_folders: list[Path | None] = [Path(__file__).parents[3] / "assets" / "models"]


@dataclass(frozen=True)
class Stored:
    """The harmoniser with the reference that its takes carry."""

    network: Harmoniser
    ref: ModelRef


@cache
def load_harmoniser(folder: Path) -> Stored:
    """The harmoniser of a folder. Raises ModelError: missing, damaged, or not the one of its card."""
    found = read_model_file(folder, NAME, FORMAT)
    try:
        arrays = {name: array.astype(np.float32) for name, array in found.arrays.items()}
        network = Harmoniser.from_arrays(arrays)
    except (KeyError, ValueError) as error:
        raise damaged(NAME) from error
    return Stored(network, ModelRef(NAME, found.sha256))


def harmoniser_in_use() -> Stored | None:
    """The product's, or the one of `harmoniser_from`; None where there is none."""
    folder = _folders[-1]
    try:
        return None if folder is None else load_harmoniser(folder)
    except ModelError:
        return None


def check_harmoniser() -> None:
    """Raises ModelError where the harmoniser in use is missing or damaged; not where it is left out."""
    if _folders[-1] is not None:
        load_harmoniser(_folders[-1])


@contextmanager
def harmoniser_from(folder: Path | None) -> Iterator[None]:
    """Inside the block the harmoniser is the one of this folder, if it has one; None: there is none."""
    is_there = folder is None or (folder / f"{NAME}.json").exists()
    _folders.append(folder if is_there else _folders[-1])
    try:
        yield
    finally:
        _folders.pop()
