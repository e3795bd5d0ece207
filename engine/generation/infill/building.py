"""How does C of ours become machine code on this computer?

A source is compiled once, at first use (less than a second), and kept in the Python environment or, where
that cannot be written, in the user's cache folder. The file's name holds the source, the compiler, its flags
and the processor's abilities, so that a changed one is built anew.
"""

import ctypes
import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

_FLAGS = ("-O3", "-fPIC", "-shared", "-ffp-contract=fast")
_PATIENCE_S = 60


def built_library(sources: Sequence[Path], name: str, flags: Sequence[str] = ()) -> ctypes.CDLL | None:
    """The library of these sources (headers among them), built if it must be; None where it cannot be."""
    compiler = _compiler()
    if compiler is None:
        return None
    try:
        return ctypes.CDLL(str(_built(compiler, sources, name, flags)))
    except (OSError, subprocess.SubprocessError):
        return None


def _compiler() -> str | None:
    """A C compiler that can be called without asking the artist to install one."""
    if os.name != "posix":
        return None
    if sys.platform == "darwin":  # without its tools, `cc` there is a window that offers them
        asked = subprocess.run(["/usr/bin/xcode-select", "-p"], capture_output=True, check=False)
        if asked.returncode != 0:
            return None
    return next(filter(None, map(shutil.which, ("cc", "gcc", "clang"))), None)


def _built(compiler: str, sources: Sequence[Path], name: str, more_flags: Sequence[str]) -> Path:
    """The library's file. Raises OSError or SubprocessError."""
    abilities = _abilities()
    flags = [*_FLAGS, *more_flags, *(["-march=native"] if abilities else [])]
    version = subprocess.run(
        [compiler, "--version"], capture_output=True, check=True, timeout=_PATIENCE_S
    ).stdout
    key = hashlib.sha256(b"\0".join(source.read_bytes() for source in sources))
    for part in (" ".join(flags).encode(), version, abilities.encode(), platform.machine().encode()):
        key.update(part + b"\0")
    path = _folder() / f"{name}-{key.hexdigest()[:16]}.so"
    if not path.is_file():
        with tempfile.TemporaryDirectory(dir=path.parent) as folder:
            fresh = Path(folder) / path.name
            _compile(compiler, flags, sources, fresh)
            fresh.replace(path)
    return path


def _compile(compiler: str, flags: list[str], sources: Sequence[Path], path: Path) -> None:
    read = [str(source) for source in sources if source.suffix == ".c"]
    command = [compiler, *flags, "-o", str(path), *read, "-lm"]
    subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=True, timeout=_PATIENCE_S)


def _abilities() -> str:
    """What the processor can do, where the system tells; code for `native` must not meet another one."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return ""
    return next((line for line in lines if line.startswith(("flags", "Features"))), "")


def _folder() -> Path:
    """Where machine code of this user may lie: in the virtual environment, else the cache folder, never where
    others can write. Raises OSError."""
    from platformdirs import user_cache_path

    places = [Path(sys.prefix) / "var" / "understudy"] if sys.prefix != sys.base_prefix else []
    for folder in (*places, user_cache_path("understudy", appauthor=False)):
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError:
            continue
        about = folder.stat()
        if about.st_uid == os.getuid() and not about.st_mode & 0o022 and os.access(folder, os.W_OK):
            return folder
    raise OSError("There is no folder to keep the kernel in.")
