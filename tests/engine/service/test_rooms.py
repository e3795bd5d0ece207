"""Two threads that begin to import at once must both get whole modules."""

import ast
import subprocess
from pathlib import Path

import pytest

from tests.guards.house import ROOT, child

TOGETHER = """
import sys, threading
from engine.api import messages
from engine.service.rooms import import_for
import numpy
sys.setswitchinterval(1e-6)
gate, failed = threading.Barrier(3), []
def begin(name):
    gate.wait()
    try:
        {how}
    except BaseException as error:
        failed.append(repr(error))
threads = [threading.Thread(target=begin, args=(name,)) for name in {names}]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
print(failed)
"""


@pytest.mark.parametrize(
    ("how", "names"),
    [
        ("import_for(getattr(messages, name))", ("ImportSketch", "Suggest", "PredictNextChord")),
        ("__import__(name)", ("engine.analysis.keys", "engine.analysis.chordear", "engine.analysis.hearing")),
    ],
    ids=["by request", "by module"],
)
def test_threads_that_import_at_once_get_whole_modules(
    how: str, names: tuple[str, ...], tmp_path: Path
) -> None:
    python, environment = child(tmp_path)
    for _ in range(3):
        done = subprocess.run(
            [*python, "-c", TOGETHER.format(how=how, names=names)],
            capture_output=True, text=True, env=environment, cwd=tmp_path, check=True,
        )  # fmt: skip
        assert done.stdout.strip() == "[]"


def test_the_package_of_hearing_imports_nothing() -> None:
    tree = ast.parse((ROOT / "engine/analysis/__init__.py").read_text("utf-8"))
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
