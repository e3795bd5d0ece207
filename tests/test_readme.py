"""The README tells the truth: its command lines run, its files are there."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^understudy .+$", README, flags=re.MULTILINE)


@pytest.mark.parametrize("line", EXAMPLES)
def test_examples_run_as_they_stand(line):
    arguments = [sys.executable, "-m", "engine.cli", *shlex.split(line)[1:]]
    done = subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()
    assert done.stderr == ""


def test_there_are_examples_and_every_named_file_exists():
    assert len(EXAMPLES) >= 6
    named = re.findall(r"(?:assets|packaging)/[\w./-]*\w", README)
    assert [name for name in named if not (ROOT / name).exists()] == []
