"""What happened to this song, in which order, and was the record touched afterwards?

The ledger is append-only. Each row holds the hash of the row before it, so a row that is changed, taken out
or put in later no longer fits. Hashes are SHA-256 over a JSON array of the row's fields; the payload is kept
and hashed as text, so nothing depends on how a number is printed. Rows are numbered from 1; times are UTC.

>>> rows = [next_row(None, Entry(Actor.ARTIST, Act.BEGIN), "2026-01-01T00:00:00Z")]
>>> verify(rows) is None
True
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any


class Actor(StrEnum):
    ARTIST = "artist"
    ENGINE = "engine"
    IMPORT = "import"


class Act(StrEnum):
    """What was done. An act that changes the song holds the change in its payload (see record)."""

    BEGIN = "begin"
    IMPORT = "import"
    HEAR = "hear"
    EDIT = "edit"
    ASK = "ask"
    OFFER = "offer"
    AUDITION = "audition"
    KEEP = "keep"
    ACCEPT = "accept"
    EDIT_OF_ACCEPTED = "edit-of-accepted"
    REJECT = "reject"
    UNDO = "undo"
    REDO = "redo"
    CORRECT = "correct"
    EXPORT = "export"


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing to write down. `span`: bars, tracks and notes; `before`, `after`: hashes of the song."""

    actor: Actor
    act: Act
    payload: Mapping[str, Any] = field(default_factory=dict)
    span: Mapping[str, Any] = field(default_factory=dict)
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """An entry as it stands in the chain; every field but `seq` is text."""

    seq: int
    previous: str
    utc: str
    actor: str
    act: str
    span: str
    before: str
    after: str
    payload: str
    hash: str

    def read_payload(self) -> dict[str, Any]:
        """The payload as values. Raises ValueError when it is not a JSON object."""
        return _read_object(self.payload)

    def read_span(self) -> dict[str, Any]:
        """Bars (0-based, half-open), track ids and note ids the act was about. Raises ValueError."""
        return _read_object(self.span)


_HASHED = tuple(item.name for item in fields(LedgerRow) if item.name != "hash")


def next_row(last: LedgerRow | None, entry: Entry, utc: str) -> LedgerRow:
    """The row that follows `last` (None: the first of a ledger)."""
    content: dict[str, Any] = {
        "seq": 1 if last is None else last.seq + 1,
        "previous": "" if last is None else last.hash,
        "utc": utc,
        "actor": str(entry.actor),
        "act": str(entry.act),
        "span": _text(entry.span),
        "before": entry.before,
        "after": entry.after,
        "payload": _text(entry.payload),
    }
    return LedgerRow(**content, hash=_digest([content[name] for name in _HASHED]))


def row_hash(row: LedgerRow) -> str:
    """SHA-256 of everything in the row but the hash itself."""
    return _digest([getattr(row, name) for name in _HASHED])


def verify(rows: Iterable[LedgerRow], head: str = "", after: LedgerRow | None = None) -> int | None:
    """The number of the first row that is not as it was written, None when all are.

    `after`: the row before the first of these, found right already; None: they begin the ledger.
    `head` is the hash of the last row, kept elsewhere; with it a ledger that was cut short is found too (the
    number is then that of the first row missing).
    """
    number, previous = (0, "") if after is None else (after.seq, after.hash)
    for row in rows:
        number += 1
        if row.seq != number or row.previous != previous or row.hash != row_hash(row):
            return number
        previous = row.hash
    return number + 1 if head and head != previous else None


def _digest(content: list[Any]) -> str:
    text = json.dumps(content, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _text(values: Mapping[str, Any]) -> str:
    return json.dumps(values, separators=(",", ":"), sort_keys=True)


def _read_object(text: str) -> dict[str, Any]:
    value = json.loads(text)
    if not isinstance(value, dict):
        raise ValueError("A ledger row does not hold an object.")
    return value
