"""Opens the desktop: the same Python, running the window instead of this command."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

from engine.commands.errors import CommandError


def open_desktop(files: list[str]) -> int:
    """Becomes the window (a child process where that cannot be). Raises CommandError when there is none."""
    if importlib.util.find_spec("PySide6") is None:
        raise CommandError("the window needs PySide6, which is not installed; `understudy --help` does not.")
    home = str(Path(__file__).resolve().parents[2])
    others = os.environ.get("PYTHONPATH")
    environment = os.environ | {"PYTHONPATH": home + os.pathsep + others if others else home}
    command = [sys.executable, "-P", "-m", "app", *(str(Path(file).absolute()) for file in files)]
    if os.name == "posix":
        os.execve(sys.executable, command, environment)
    return subprocess.run(command, env=environment, check=False).returncode
