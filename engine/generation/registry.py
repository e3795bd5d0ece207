"""Which module answers which kind of suggestion?

Every module in `engine.generation.kinds` and `engine.arrangement.kinds` says what it `SERVES` (pairs of
kind and role, role None for any) and has `suggest(request, checkpoint)`, which yields takes. Adding a
kind is adding a module.
"""

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Protocol, cast

from engine.api.errors import BadRequestError
from engine.api.messages import Partial, Progress
from engine.api.suggestion import Kind, SuggestionRequest, Take
from engine.music import Role

_ROOMS = ("engine.generation.kinds", "engine.arrangement.kinds")

Checkpoint = Callable[[], None]
"""Called often while working (at least every 20 ms); raises to stop the work when it was cancelled."""


@dataclass(frozen=True, slots=True)
class Remark:
    """Said beside the takes: how many were withheld for their likeness to a known work, and in one sentence
    what was missing so that the takes are only what could be done without it.
    """

    withheld: int = 0
    notice: str = ""


Answer = Take | Partial | Progress | Remark


class Generator(Protocol):
    SERVES: tuple[tuple[Kind, Role | None], ...]

    def suggest(self, request: SuggestionRequest, checkpoint: Checkpoint) -> Iterator[Answer]:
        """Takes for the request, the quickest first, among partial takes, progress and remarks.

        Raises EngineError with one sentence when there can be none.
        """
        ...


@cache
def _generators() -> dict[tuple[Kind, Role | None], Generator]:
    found: dict[tuple[Kind, Role | None], Generator] = {}
    for room in _ROOMS:
        try:
            package = importlib.import_module(room)
        except ModuleNotFoundError:
            continue
        for module_info in pkgutil.iter_modules(package.__path__):
            module = importlib.import_module(f"{room}.{module_info.name}")
            if hasattr(module, "SERVES"):
                for pair in module.SERVES:
                    found[pair] = cast(Generator, module)
    return found


def known_kinds() -> tuple[Kind, ...]:
    """The kinds that can be asked for in this version, in the order of the enum."""
    kinds = {kind for kind, _ in _generators()}
    return tuple(kind for kind in Kind if kind in kinds)


def generator_for(kind: Kind, role: Role) -> Generator:
    """The module that answers. Raises BadRequestError for kinds this version does not have."""
    generators = _generators()
    found = generators.get((kind, role)) or generators.get((kind, None))
    if found is None:
        raise BadRequestError(f"This version cannot suggest “{kind.value}” for the {role.value} part.")
    return found
