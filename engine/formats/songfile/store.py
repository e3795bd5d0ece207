"""One open connection to a song file: parts, the song's row, undo steps, ledger; each change a transaction.

Knows the tables, not the music: SongFile (file.py) says what goes together.
"""

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

from engine.formats.songfile.connection import transaction
from engine.formats.songfile.errors import DamagedSongError, in_words
from engine.formats.songfile.parts import Parts
from engine.formats.songfile.reading import PartReader
from engine.formats.songfile.records import SketchSource, Step, TakeRef
from engine.provenance.ledger import Act, Entry, LedgerRow, next_row, verify

_LEDGER_COLUMNS = "seq, previous, utc, actor, act, span, before, after, payload, hash"
_FIRST_SEQ = -(1 << 63)  # a row that was put in before the first is found too
_LEDGER_PAGE = 100


class Place(NamedTuple):
    """Which content the song has now, at which undo step, and the next id nothing has ever had."""

    content: str
    step: int
    next_id: int


class SongStore:
    """The tables of one open song file, for one thread at a time."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self.path = path
        self.connection = connection
        self.reader = PartReader(self._fetch_part)
        self._last_row: LedgerRow | None = None

    @contextmanager
    def change(self, *entries: Entry) -> Iterator[None]:
        """One transaction: what is done inside, and these ledger entries. On disk when it ends, or not."""
        rows: list[LedgerRow] = []
        utc = datetime.now(UTC).isoformat(timespec="microseconds")
        for entry in entries:
            rows.append(next_row(rows[-1] if rows else self._last_row, entry, utc))
        with transaction(self.connection, self.path):
            yield
            self._append(rows)
        self._last_row = rows[-1]

    def _append(self, rows: list[LedgerRow]) -> None:
        values = [tuple(getattr(row, name) for name in LedgerRow.__slots__) for row in rows]
        self.connection.executemany(
            f"INSERT INTO ledger ({_LEDGER_COLUMNS}) VALUES (?,?,?,?,?,?,?,?,?,?)", values
        )
        self.connection.execute("UPDATE song SET ledger = ?", (rows[-1].hash,))

    # parts and the song's place ------------------------------------------------

    def _fetch_part(self, name: str) -> bytes | None:
        row = self.connection.execute("SELECT body FROM part WHERE hash = ?", (name,)).fetchone()
        return None if row is None else row[0]

    def add_parts(self, parts: Parts) -> None:
        self.connection.executemany("INSERT OR IGNORE INTO part (hash, body) VALUES (?, ?)", parts.items())

    def begin_song(self, place: Place) -> None:
        self.connection.execute("INSERT INTO song VALUES (1, ?, ?, ?, '')", place)

    def place(self) -> Place:
        """Where the song stands. Raises DamagedSongError."""
        with in_words(self.path):
            rows = self.connection.execute("SELECT content, step, next_id FROM song").fetchall()
        if len(rows) != 1:
            raise DamagedSongError(self.path, "it holds no song")
        return Place(*rows[0])

    def move_to(self, place: Place) -> None:
        self.connection.execute("UPDATE song SET content = ?, step = ?, next_id = ?", place)

    # undo steps -------------------------------------------------------------------

    def steps(self) -> list[Step]:
        """All steps in order, those that were undone last. Raises DamagedSongError when they do not join."""
        columns = "number, name, before, after, suggestion, take, state_before, state_after"
        with in_words(self.path):
            rows = self.connection.execute(f"SELECT {columns} FROM step ORDER BY number").fetchall()
        steps = [
            Step(name, before, after, TakeRef(suggestion, take) if suggestion else None, was, became)
            for _, name, before, after, suggestion, take, was, became in rows
        ]
        joined = all(a.after == b.before for a, b in pairwise(steps))
        if [row[0] for row in rows] != list(range(1, len(rows) + 1)) or not joined:
            raise DamagedSongError(self.path, "its undo steps do not join")
        return steps

    def add_step(self, number: int, step: Step) -> None:
        """Adds a step; those from this number on, which had been undone, make room."""
        take = step.take or TakeRef("", 0)
        self.connection.execute("DELETE FROM step WHERE number >= ?", (number,))
        self.connection.execute(
            "INSERT INTO step VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(number, step.name, step.before, step.after),
                *(take.suggestion_id, take.index, step.state_before, step.state_after),
            ),
        )

    # sketches ------------------------------------------------------------------------

    def add_sketch(self, sketch: SketchSource) -> None:
        utc = datetime.now(UTC).isoformat(timespec="seconds")
        self.connection.execute(
            "INSERT OR IGNORE INTO sketch VALUES (?, ?, ?, ?, ?, ?)",
            (sketch.sha256, sketch.name, sketch.owner, sketch.source, utc, sketch.data),
        )

    def sketches(self) -> tuple[SketchSource, ...]:
        """Every sketch, in the order they came. Raises DamagedSongError when one is not as it was brought."""
        with in_words(self.path):
            rows = self.connection.execute(
                "SELECT sha256, name, bytes, owner, source FROM sketch ORDER BY rowid"
            ).fetchall()
        found = tuple(SketchSource(*row[1:]) for row in rows)
        if any(sketch.sha256 != row[0] for sketch, row in zip(found, rows, strict=True)):
            raise DamagedSongError(self.path, "a sketch in it is not as it was brought")
        return found

    # ledger ----------------------------------------------------------------------------

    def ledger(self) -> tuple[LedgerRow, ...]:
        """Every row from the first; letters that are none any more become �, so that the row is found."""
        return self._ledger_page(_FIRST_SEQ, -1)

    def details(self, act: Act) -> tuple[Mapping[str, Any], ...]:
        """What was written down of an act that changed nothing; what cannot be read is left out."""
        with self._any_text(), in_words(self.path):
            rows = self.connection.execute(
                "SELECT payload FROM ledger WHERE act = ? ORDER BY seq", (str(act),)
            ).fetchall()
        return tuple(detail for row in rows if (detail := _detail(row[0])) is not None)

    def ledger_fault(self) -> int | None:
        """The number of the first ledger row that is not as it was written; None when all are."""
        return next(fault for fault in self.ledger_check() if fault != 0)

    def ledger_check(self) -> Iterator[int | None]:
        """The same a few rows at a time: 0 while it goes on, then the number or None."""
        last: LedgerRow | None = None
        while page := self._ledger_page(_FIRST_SEQ if last is None else last.seq + 1, _LEDGER_PAGE):
            fault = verify(page, after=last)
            if fault is not None:
                yield fault
                return
            last = page[-1]
            yield 0
        with in_words(self.path):
            head = self.connection.execute("SELECT ledger FROM song").fetchone()
        yield verify((), head[0] if head else "", last)

    def _ledger_page(self, first: int, most: int) -> tuple[LedgerRow, ...]:
        with self._any_text(), in_words(self.path):
            rows = self.connection.execute(
                f"SELECT {_LEDGER_COLUMNS} FROM ledger WHERE seq >= ? ORDER BY seq LIMIT ?", (first, most)
            ).fetchall()
        return tuple(LedgerRow(*row) for row in rows)

    @contextmanager
    def _any_text(self) -> Iterator[None]:
        """Text that is none any more is read all the same."""
        self.connection.text_factory = _read_any_text
        try:
            yield
        finally:
            self.connection.text_factory = str

    def last_written_at(self) -> datetime | None:
        """When the last row of the ledger was written (UTC)."""
        if self._last_row is None:
            return None
        try:
            return datetime.fromisoformat(self._last_row.utc)
        except ValueError:
            return None

    def go_to_end_of_ledger(self) -> None:
        """Finds the row new ones are chained to."""
        with in_words(self.path):
            row = self.connection.execute(
                f"SELECT {_LEDGER_COLUMNS} FROM ledger ORDER BY seq DESC LIMIT 1"
            ).fetchone()
        self._last_row = None if row is None else LedgerRow(*row)


def _detail(payload: str) -> Mapping[str, Any] | None:
    try:
        detail = json.loads(payload)["detail"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return detail if isinstance(detail, dict) else None


def _read_any_text(text: bytes) -> str:
    return text.decode(errors="replace")
