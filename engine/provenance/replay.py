"""Where did each note come from, if nothing but the ledger is believed?

The rows are played from the first: what is added brings its origin, what came from the engine and is changed
becomes an edited idea, what is removed is gone, undo takes the last step back and redo brings it again.
Nothing is read from the song itself, so the result can be held against it.
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from engine.music.note import Origin
from engine.provenance.idranges import read_ids
from engine.provenance.ledger import Act, LedgerRow
from engine.provenance.origins import FROM_ENGINE, settled_origin


class LedgerError(ValueError):
    """A ledger that cannot be replayed; the sentence names the row."""


class NoteOrigin(NamedTuple):
    origin: Origin
    source: str


Origins = dict[int, NoteOrigin]
_Step = dict[int, tuple[NoteOrigin | None, NoteOrigin | None]]


def replay_origins(rows: Iterable[LedgerRow]) -> Origins:
    """Origin and source of every note and chord that stands at the end, by id. Raises LedgerError."""
    origins: Origins = {}
    done: list[_Step] = []
    undone: list[_Step] = []
    for row in rows:
        try:
            _replay(row, origins, done, undone)
        except (ValueError, KeyError, IndexError, TypeError, AttributeError):
            raise LedgerError(f"Row {row.seq} of the ledger cannot be followed.") from None
    return origins


def _replay(row: LedgerRow, origins: Origins, done: list[_Step], undone: list[_Step]) -> None:
    if row.act == Act.UNDO:
        undone.append(done.pop())
        _set(origins, {item: before for item, (before, _) in undone[-1].items()})
        return
    if row.act == Act.REDO:
        done.append(undone.pop())
        _set(origins, {item: after for item, (_, after) in done[-1].items()})
        return
    payload = row.read_payload()
    after = _after(payload, origins)
    if "step" in payload:
        done.append({item: (origins.get(item), after[item]) for item in after})
        undone.clear()
    _set(origins, after)


def _set(origins: Origins, values: Mapping[int, NoteOrigin | None]) -> None:
    for item, origin in values.items():
        if origin is None:
            origins.pop(item, None)
        else:
            origins[item] = origin


def _after(payload: Mapping[str, Any], origins: Origins) -> dict[int, NoteOrigin | None]:
    after: dict[int, NoteOrigin | None] = {}
    for fates in (payload.get("notes", {}), payload.get("chords", {})):
        for origin, source, ids in (*fates.get("added", ()), *fates.get("became", ())):
            after.update(dict.fromkeys(read_ids(ids), NoteOrigin(Origin(origin), source)))
        for item in read_ids(fates.get("changed", "")):
            known = after.get(item) or origins[item]
            if known.origin in FROM_ENGINE and item not in after:
                after[item] = known._replace(origin=settled_origin(known.origin, sounds_different=True))
        after.update(dict.fromkeys(read_ids(fates.get("removed", ""))))
    return after
