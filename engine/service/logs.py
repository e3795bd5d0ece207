"""Where do the details go that nobody wants to read in the window?

A small rotating file in the machine's log folder (`UNDERSTUDY_HOME` moves it). What cannot be written is let
go: a full disk must not stop an idea.
"""

import logging
import os
import platform
from functools import cache
from pathlib import Path

_BYTES_A_FILE = 500_000
_FILES_KEPT = 3


def log_folder() -> Path:
    moved = os.environ.get("UNDERSTUDY_HOME")
    if moved:
        return Path(moved) / "log"
    from platformdirs import user_log_path

    return user_log_path("understudy", appauthor=False)


def log_unexpected(what: str) -> None:
    """Write the exception being handled, with its traceback."""
    _logger().exception(what)


def log_line(text: str) -> None:
    _logger().warning(text)


@cache
def _logger() -> logging.Logger:
    logger = logging.getLogger("understudy.engine")
    logger.propagate = False
    logger.setLevel(logging.INFO)
    logger.addHandler(_handler())
    logger.info("Python %s on %s, process %d", platform.python_version(), platform.platform(), os.getpid())
    return logger


def _handler() -> logging.Handler:
    from logging.handlers import RotatingFileHandler

    try:
        folder = log_folder()
        folder.mkdir(parents=True, exist_ok=True)
        handler: logging.Handler = RotatingFileHandler(
            folder / "engine.log", maxBytes=_BYTES_A_FILE, backupCount=_FILES_KEPT, encoding="utf-8"
        )
    except OSError:
        handler = logging.NullHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    handler.handleError = lambda record: None  # type: ignore[method-assign]
    return handler
