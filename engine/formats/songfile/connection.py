"""How is the SQLite file opened, and how does a change become one transaction?

WAL with synchronous NORMAL: a commit survives the death of the program at once, and a power cut from the next
`settle` on (a second later at most while a window has the song open).
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.formats.songfile.errors import NotASongError, in_words
from engine.formats.songfile.schema import check_ours, check_whole

_BUSY_MS = 2_000  # another process may be settling or reading for a moment
_LARGEST_WAL_PAGES = 16_000  # SQLite settles by itself only beyond this; the document does it between edits


def create(path: Path) -> sqlite3.Connection:
    """A new, empty database at a free path; it becomes a song file by its first transaction."""
    with in_words(path):
        return _connect(path, "rwc")


def open_for_writing(path: Path) -> sqlite3.Connection:
    """The file's connection after it has been found ours and whole. Raises SongFileError."""
    open_for_reading(path).close()
    with in_words(path):
        connection = _connect(path, "rw")
    try:
        begin_writing(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


def begin_writing(connection: sqlite3.Connection, path: Path) -> None:
    """Sets a connection up for work: one small transaction for each edit.

    A file that is read-only is refused now, not at the first edit.
    """
    with in_words(path):
        connection.execute("PRAGMA journal_mode = WAL").fetchall()
        connection.executescript(
            f"PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = {_LARGEST_WAL_PAGES};"
            "BEGIN IMMEDIATE; UPDATE song SET step = step; ROLLBACK"
        )


def open_for_reading(path: Path) -> sqlite3.Connection:
    """A connection that changes nothing, also beside a window that writes. Raises SongFileError."""
    connection = open_for_peeking(path)
    try:
        with in_words(path):
            check_whole(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


def open_for_peeking(path: Path) -> sqlite3.Connection:
    """As for reading, but only the form of the file is looked at, not every page. Raises SongFileError."""
    if not path.is_file():
        raise NotASongError(path)
    with in_words(path):
        connection = _connect(path, _reading_mode(path))
        try:
            connection.execute("PRAGMA query_only = ON")
            check_ours(connection, path)
        except BaseException:
            connection.close()
            raise
    return connection


def settle(path: Path) -> None:
    """Moves what is in the log into the file and flushes both to the disk itself; from any thread."""
    with in_words(path):
        connection = _connect(path, "rw")
        try:
            connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
        finally:
            connection.close()


@contextmanager
def transaction(connection: sqlite3.Connection, path: Path) -> Iterator[None]:
    """All of it or nothing, on disk when it ends. Raises SongFileError, the file then being as before."""
    with in_words(path):
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    uri = f"{path.absolute().as_uri()}?mode={mode}"
    connection = sqlite3.connect(  # a song may be read by one thread and worked on by another
        uri, uri=True, isolation_level=None, timeout=_BUSY_MS / 1000, check_same_thread=False
    )
    connection.executescript("PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0")
    return connection


def _reading_mode(path: Path) -> str:
    """A file without a log beside it is in nobody's hands: read as it stands, nothing is put beside it."""
    return "ro" if path.with_name(path.name + "-wal").exists() else "ro&immutable=1"
