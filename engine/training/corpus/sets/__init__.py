"""Which data sets are read? Every module here reads one.

A set module has
    ID                  its id in the data folder's `datasets.json`
    read(allow, data)   its pieces in a fixed order; reads listed files only (through `allow`, which checks
                        their hashes); `data` is the data folder
"""

import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol, cast

from engine.training.chords.allow import AllowList
from engine.training.corpus.piece import CorpusPiece


class SetReader(Protocol):
    """What a module of this package offers."""

    ID: str
    __name__: str
    __file__: str

    def read(self, allow: AllowList, data: Path) -> Iterator[CorpusPiece]: ...


def readers() -> list[SetReader]:
    """All set modules, by name; a name that begins with an underscore is a helper, no set."""
    names = sorted(info.name for info in pkgutil.iter_modules(__path__) if not info.name.startswith("_"))
    return [cast(SetReader, importlib.import_module(f"{__name__}.{name}")) for name in names]
