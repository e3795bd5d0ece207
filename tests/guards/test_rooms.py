"""What a start must not bring along: neither program imports the other's heavy rooms."""

import ast
import subprocess
from pathlib import Path

import pytest

from tests.guards.house import ROOT, child

HEAVY = {"torch", "music21", "mido", "symusic", "pretty_midi", "scipy", "onnxruntime", "matplotlib", "pandas"}
ROOMS = {
    f"engine.{room}"
    for room in ("analysis", "arrangement", "generation", "ranking", "service", "training", "commands", "cli")
}
WINDOW = {"PySide6", "shiboken6", "sounddevice", "tinysoundfont", "rtmidi", "app"}


@pytest.mark.parametrize(
    ("start", "left_out"),
    [
        (
            "import app.__main__, engine.api.messages, engine.music",
            HEAVY | ROOMS | {"numpy", "sounddevice", "tinysoundfont", "rtmidi"},
        ),
        (
            "import app.ui.workshop, app.playback.qtplayer, app.enginelink.link",
            HEAVY | ROOMS | {"safetensors"},
        ),
        ("import engine.cli, engine.service.serve", HEAVY | WINDOW | {"numpy", "safetensors"}),
        (
            "import engine.generation.registry as r; r._generators()",
            HEAVY | WINDOW | {"engine.training", "engine.commands"},
        ),
        (
            "import engine.analysis.hearing, engine.formats.midi, engine.formats.songfile",
            HEAVY | WINDOW | {"engine.training"},
        ),
        (
            "import engine.music, engine.api.messages, engine.api.lines",
            HEAVY | WINDOW | ROOMS | {"numpy", "sqlite3", "defusedxml"},
        ),
    ],
)
def test_a_fresh_interpreter_stays_light(start: str, left_out: set[str], tmp_path: Path) -> None:
    python, environment = child(tmp_path)
    script = f"{start}\nimport sys\nprint('\\n'.join(sys.modules))"
    done = subprocess.run(
        [*python, "-c", script], capture_output=True, text=True, env=environment, cwd=tmp_path, check=True
    )
    modules = set(done.stdout.split())
    assert "engine.music" in modules
    assert sorted(left_out & modules) == []


def _asks(module: Path, package: str) -> bool:
    """Does the module ask the package itself, not a part of it, for something?"""
    tree = ast.parse(module.read_text("utf-8"))
    return any(isinstance(n, ast.ImportFrom) and n.module == package and not n.level for n in ast.walk(tree))


def test_no_part_asks_a_package_that_is_still_being_opened() -> None:
    """Where a package opens its own parts, two threads that import at once would wait for each other."""
    found = []
    for opening in sorted((ROOT / "engine").rglob("__init__.py")):
        package = ".".join(opening.parent.relative_to(ROOT).parts)
        if f"from {package}." in opening.read_text("utf-8"):
            parts = set(opening.parent.rglob("*.py")) - {opening}
            found += [str(part.relative_to(ROOT)) for part in sorted(parts) if _asks(part, package)]
    assert not found
