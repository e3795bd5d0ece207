"""How does “Save as” put a whole copy where another file may be, without ever leaving half of one?

The copy is made by SQLite beside the target under another name, flushed, and moved over the target in one
step, while the target's own lock is held. A song that stood there is settled first, so that no old log is
left behind that would be taken for the new file's.
"""

import os
import sqlite3
from contextlib import suppress
from pathlib import Path

from engine.formats.songfile.connection import open_for_writing
from engine.formats.songfile.errors import SongFileError, SongNotWrittenError, in_words
from engine.formats.songfile.lock import SongLock


def copy_to(connection: sqlite3.Connection, target: Path) -> None:
    """Writes a copy of the open song to `target`. Raises SongFileError; what was there is then intact."""
    if target.is_dir():
        raise SongNotWrittenError(target, "a folder has that name")
    lock = SongLock(target)
    lock.acquire()
    scratch = target.with_name(f".{target.name}.{os.getpid()}.new")
    try:
        with in_words(target):
            scratch.unlink(missing_ok=True)
            connection.execute("VACUUM INTO ?", (str(scratch),))
            _flush(scratch)
            _clear_log(target)
            scratch.replace(target)
            _flush(target.parent)
    finally:
        with suppress(OSError):
            scratch.unlink(missing_ok=True)
        lock.release()


def _clear_log(target: Path) -> None:
    log = target.with_name(target.name + "-wal")
    if not log.exists():
        return
    with suppress(SongFileError):
        open_for_writing(target).close()
    for suffix in ("-wal", "-shm"):
        target.with_name(target.name + suffix).unlink(missing_ok=True)


def _flush(path: Path) -> None:
    """Makes sure that a file, or the names in a folder, are on the disk itself."""
    if os.name == "nt" and path.is_dir():
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
