"""Which code decides what a set module yields? Its own and all it imports from the engine, at any depth.

>>> [path.name for path in code_of("engine.training.readers.score")][-1]
'score.py'
"""

import ast
import hashlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import engine

_ROOT = Path(engine.__path__[0]).parent


def code_digest(module: str) -> bytes:
    """A hash over the module and everything of the engine it imports."""
    digest = hashlib.sha256()
    for path in code_of(module):
        digest.update(path.relative_to(_ROOT).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.digest()


def code_of(module: str) -> list[Path]:
    """The files of the module and of what it imports from the engine, by path."""
    found: set[Path] = set()
    waiting = [module]
    while waiting:
        path = _file(waiting.pop())
        if path is not None and path not in found:
            found.add(path)
            waiting += _imports(path)
    return sorted(found)


@cache
def _file(module: str) -> Path | None:
    place = _ROOT.joinpath(*module.split("."))
    candidates = (place.with_suffix(".py"), place / "__init__.py")
    return next((path for path in candidates if path.is_file()), None)


@cache
def _imports(path: Path) -> tuple[str, ...]:
    return tuple(name for name in _imported(ast.parse(path.read_bytes())) if name.split(".")[0] == "engine")


def _imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
