"""Measures what this program must not import: another module of the product runs by itself and tells JSON."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from engine.commands.errors import CommandError


def told_by(module: str) -> dict[str, Any]:
    """The JSON object on the last line of `python -m module`. Raises CommandError when it fails."""
    home = str(Path(__file__).resolve().parents[2])
    others = os.environ.get("PYTHONPATH")
    environment = os.environ | {"PYTHONPATH": home + os.pathsep + others if others else home}
    command = [sys.executable, "-P", "-m", module]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        reason = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise CommandError(f"the bench {module} did not come to its end; it said “{reason}”.")
    told: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return told
