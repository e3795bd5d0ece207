"""What is in a song file, and is this one ours, of our version, and whole?

part        pieces of songs (spans of notes, chords, time map ...) by the SHA-256 of their text; never changed
step        undo steps: name for the menu, content before and after, the take that was accepted by it
song        one row: content now, current step, next free id, last hash of the ledger
sketch      what the artist brought, byte for byte
suggestion  questions to the engine; take: its answers and what the artist made of them
ledger      engine.provenance.ledger

A stranger's file is opened with trusted_schema off, its schema must be ours to the letter (no triggers, no
views), and SQLite must find it whole, before anything else is read.
"""

import sqlite3
from functools import cache
from pathlib import Path

from engine.formats.songfile.errors import DamagedSongError, NewerSongError, NotASongError

APPLICATION_ID = 0x556E6473  # "Unds"
VERSION = 1
_MOST_BYTES = 4_000_000_000

_TABLES = """
CREATE TABLE part (hash TEXT PRIMARY KEY, body BLOB NOT NULL) STRICT;
CREATE TABLE step (number INTEGER PRIMARY KEY, name TEXT NOT NULL, before TEXT NOT NULL, after TEXT NOT NULL,
    suggestion TEXT NOT NULL, take INTEGER NOT NULL, state_before TEXT NOT NULL, state_after TEXT NOT NULL)
    STRICT;
CREATE TABLE song (one INTEGER PRIMARY KEY CHECK (one = 1), content TEXT NOT NULL, step INTEGER NOT NULL,
    next_id INTEGER NOT NULL, ledger TEXT NOT NULL) STRICT;
CREATE TABLE sketch (sha256 TEXT PRIMARY KEY, name TEXT NOT NULL, owner TEXT NOT NULL, source TEXT NOT NULL,
    added_utc TEXT NOT NULL, bytes BLOB NOT NULL) STRICT;
CREATE TABLE suggestion (number INTEGER PRIMARY KEY, asked_utc TEXT NOT NULL, request TEXT NOT NULL,
    content TEXT NOT NULL, digest TEXT NOT NULL, withheld INTEGER NOT NULL) STRICT;
CREATE TABLE take (suggestion INTEGER NOT NULL, number INTEGER NOT NULL, state TEXT NOT NULL,
    body TEXT NOT NULL, PRIMARY KEY (suggestion, number)) STRICT;
CREATE TABLE ledger (seq INTEGER PRIMARY KEY, previous TEXT NOT NULL, utc TEXT NOT NULL, actor TEXT NOT NULL,
    act TEXT NOT NULL, span TEXT NOT NULL, before TEXT NOT NULL, after TEXT NOT NULL, payload TEXT NOT NULL,
    hash TEXT NOT NULL) STRICT;
"""


def write_schema(connection: sqlite3.Connection) -> None:
    """Makes an empty database a song file without a song; joins an open transaction."""
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {VERSION}")
    for statement in _TABLES.split(";\n"):
        connection.execute(statement)


def check_whole(connection: sqlite3.Connection, path: Path) -> None:
    """Raises DamagedSongError unless SQLite finds every page in order."""
    if connection.execute("PRAGMA quick_check(1)").fetchall() != [("ok",)]:
        raise DamagedSongError(path)


def check_ours(connection: sqlite3.Connection, path: Path) -> None:
    """Raises NotASongError, NewerSongError or DamagedSongError unless the file has our form."""
    if _number(connection, "application_id") != APPLICATION_ID:
        raise NotASongError(path)
    version = _number(connection, "user_version")
    if version > VERSION:
        raise NewerSongError(path)
    if _number(connection, "page_count") * _number(connection, "page_size") > _MOST_BYTES:
        raise DamagedSongError(path, "it is larger than any song")
    if version != VERSION or _schema(connection) != _own_schema():
        raise DamagedSongError(path, "its inner order is not that of a song")


def _number(connection: sqlite3.Connection, pragma: str) -> int:
    return int(connection.execute(f"PRAGMA {pragma}").fetchone()[0])


def _schema(connection: sqlite3.Connection) -> list[tuple[str, str, str, str]]:
    return connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY name").fetchall()


@cache
def _own_schema() -> list[tuple[str, str, str, str]]:
    connection = sqlite3.connect(":memory:")
    try:
        write_schema(connection)
        return _schema(connection)
    finally:
        connection.close()
