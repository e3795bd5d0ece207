"""Where things are, and what belongs to the project, for the guards."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ASSETS = ROOT / "assets"
FOLDERS = ("app", "assets", "engine", "packaging", "tests", ".ci")


def project_files() -> Iterator[Path]:
    """Everything that is part of the project; nothing that running it leaves behind."""
    yield from (path for path in ROOT.iterdir() if path.is_file() and path.name != ".coverage")
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                yield path


def sources(*folders: str) -> list[Path]:
    """The Python files of these folders."""
    return [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]


def shown(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def child(home: Path, *python_path: Path) -> tuple[list[str], dict[str, str]]:
    """A fresh Python without the current folder, its environment seeing the project (or other folders)."""
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join(map(str, python_path or (ROOT,))),
        "UNDERSTUDY_HOME": str(home),
        "QT_QPA_PLATFORM": "offscreen",
    }
    return [sys.executable, "-P"], environment
