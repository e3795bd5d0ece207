"""What can be wrong with a song file.

SongFileError             one sentence that names the file
├── NotASongError         something else: another program's file, or none at all
├── NewerSongError        written by a later version of Understudy
├── DamagedSongError      ours, but no longer whole; nothing of it is shown
├── SongInUseError        open in another window
└── SongNotWrittenError   the edit could not be put on disk (full, read-only, gone); what was there is intact
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.api.errors import BadFileError


class SongFileError(BadFileError):
    pass


class NotASongError(SongFileError):
    def __init__(self, path: Path) -> None:
        super().__init__(f"“{path.name}” is not an Understudy song.")


class NewerSongError(SongFileError):
    def __init__(self, path: Path) -> None:
        super().__init__(f"“{path.name}” was made by a newer version of Understudy; update to open it.")


class DamagedSongError(SongFileError):
    def __init__(self, path: Path, what: str = "parts of it cannot be read") -> None:
        super().__init__(f"“{path.name}” is damaged: {what}.")


class SongInUseError(SongFileError):
    def __init__(self, path: Path) -> None:
        super().__init__(f"“{path.name}” is already open in another window of Understudy.")


class SongNotWrittenError(SongFileError):
    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"“{path.name}” could not be saved: {why}.")


_NOT_WRITTEN = {
    sqlite3.SQLITE_FULL: "the disk is full",
    sqlite3.SQLITE_READONLY: "the file or its folder is read-only",
    sqlite3.SQLITE_CANTOPEN: "its folder is missing or read-only",
    sqlite3.SQLITE_IOERR: "the disk did not take it",
    sqlite3.SQLITE_PERM: "the file or its folder is read-only",
    sqlite3.SQLITE_TOOBIG: "a part of it is too large",
}


@contextmanager
def in_words(path: Path) -> Iterator[None]:
    """Says in one sentence what SQLite or the system refuses."""
    try:
        yield
    except sqlite3.Error as error:
        raise _spoken(path, error) from error
    except OSError as error:
        raise SongNotWrittenError(path, (error.strerror or "the disk did not take it").lower()) from error


def _spoken(path: Path, error: sqlite3.Error) -> SongFileError:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code == sqlite3.SQLITE_NOTADB:
        return NotASongError(path)
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return SongInUseError(path)
    if code in _NOT_WRITTEN:
        return SongNotWrittenError(path, _NOT_WRITTEN[code])
    return DamagedSongError(path)
