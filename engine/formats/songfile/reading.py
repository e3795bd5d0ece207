"""How do parts become a song again, without believing them?

A part is read only if its text has the hash it is stored under and every field the type it should have;
anything else is DecodeError. Parts read before are remembered, so that undo shares the notes that did not
change.
"""

import json
from collections import OrderedDict
from collections.abc import Callable, Iterable
from itertools import chain
from operator import is_
from typing import Any

from engine.formats.songfile.parts import EMPTY, WIDTHS_TICKS, SongParts, Stretch, TrackParts, part_hash
from engine.music.codec import DecodeError, from_json
from engine.music.note import Note, Origin, notes_of_columns
from engine.music.progression import ChordSpan
from engine.music.recording import Recording
from engine.music.section import Section
from engine.music.song import Aspect, Marker, Song
from engine.music.timemap import TimeMap
from engine.music.track import ControlEvent, ControlKind, Role, Track

_REMEMBERED_STRETCHES = 4_000
_REMEMBERED_TRACKS = 200
_NOTE_TYPES = [{int}, {int}, {int}, {int}, {int}, {str}, {str}, {bool}]
_CONTROL_TYPES = (int, str, int, int)
_ORIGINS = {origin.value: origin for origin in Origin}
_KINDS = {kind.value: kind for kind in ControlKind}
Fetch = Callable[[str], bytes | None]
_ReadItems = Callable[[list[Any]], tuple[Any, ...]]


class PartReader:
    """Reads songs from parts; `fetch` gives the bytes stored under a hash, None if there are none."""

    def __init__(self, fetch: Fetch) -> None:
        self._fetch = fetch
        self._stretches: OrderedDict[str, Stretch] = OrderedDict()
        self._tracks: OrderedDict[str, TrackParts] = OrderedDict()

    def read_song(self, name: str, next_id: int, near: SongParts = EMPTY) -> SongParts:
        """The song with the content hash; what it has in common with `near` is shared. Raises DecodeError."""
        head = _object(self.read_value(name))
        tracks = tuple(self._read_track(_text(item)) for item in _list(head.get("tracks")))
        chords = self._read_stretches(head.get("chords"), _read_chords)
        same_chords = len(chords) == len(near.chords) and all(map(is_, chords, near.chords))
        names = ("time_map", "sections", "markers", *(("recordings",) if "recordings" in head else ()))
        values = {key: _text(head.get(key)) for key in names}
        song = Song(
            title=_text(head.get("title")),
            time_map=self._read_common(near, values, "time_map", TimeMap),
            sections=self._read_common(near, values, "sections", tuple[Section, ...]),
            chords=near.song.chords if same_chords else _joined(chords),
            tracks=tuple(parts.track for parts in tracks),
            markers=self._read_common(near, values, "markers", tuple[Marker, ...]),
            corrected=from_json(tuple[Aspect, ...], head.get("corrected")),
            next_id=next_id,
            recordings=(
                self._read_common(near, values, "recordings", tuple[Recording, ...])
                if "recordings" in values
                else ()
            ),
        )
        return SongParts(song, name, chords, tracks, values)

    def read_title(self, name: str) -> str:
        """The title of the song with the content hash. Raises DecodeError."""
        return _text(_object(self.read_value(name)).get("title"))

    def read_value(self, name: str) -> Any:
        """The JSON value of a part. Raises DecodeError."""
        body = self._fetch(name)
        if body is None or part_hash(body) != name:
            raise DecodeError("A part of the song is missing or not as it was written.")
        try:
            return json.loads(body)
        except (ValueError, RecursionError):
            raise DecodeError("A part of the song is not JSON.") from None

    def learn_from(self, other: "PartReader") -> None:
        """Knows what the other has at hand; for a copy of the same file."""
        self._tracks.update(other._tracks)
        self._stretches.update(other._stretches)

    def remember(self, parts: SongParts) -> None:
        """Keeps the pieces of a song at hand, so that going back to it shares them."""
        for track in parts.tracks:
            self._keep_track(track)
        self._keep_stretches(parts.chords)

    def _read_common(self, near: SongParts, values: dict[str, str], key: str, kind: Any) -> Any:
        if near.values.get(key) == values[key]:
            return getattr(near.song, key)
        return from_json(kind, self.read_value(values[key]))

    def _read_track(self, name: str) -> TrackParts:
        if name in self._tracks:
            self._tracks.move_to_end(name)
            return self._tracks[name]
        head = _object(self.read_value(name))
        notes = self._read_stretches(head.get("notes"), _read_notes)
        controls = self._read_stretches(head.get("controls"), _read_controls)
        track = Track(
            id=from_json(int, head.get("id")),
            name=_text(head.get("name")),
            role=from_json(Role, head.get("role")),
            program=from_json(int, head.get("program")),
            notes=_joined(notes),
            controls=_joined(controls),
            muted=from_json(bool, head.get("muted")),
            soloed=from_json(bool, head.get("soloed")),
            level=from_json(float, head.get("level")),
        )
        parts = TrackParts(track, name, notes, controls)
        self._keep_track(parts)
        return parts

    def _keep_track(self, parts: TrackParts) -> None:
        if parts.hash in self._tracks:
            self._tracks.move_to_end(parts.hash)
            return
        self._tracks[parts.hash] = parts
        self._keep_stretches((*parts.notes, *parts.controls))
        while len(self._tracks) > _REMEMBERED_TRACKS:
            self._tracks.popitem(last=False)

    def _keep_stretches(self, stretches: Iterable[Stretch]) -> None:
        self._stretches.update((stretch.hash, stretch) for stretch in stretches)
        while len(self._stretches) > _REMEMBERED_STRETCHES:
            self._stretches.popitem(last=False)

    def _read_stretches(self, names: Any, read: _ReadItems) -> tuple[Stretch, ...]:
        return tuple(self._read_long(_text(name), read) for name in _list(names))

    def _read_long(self, name: str, read: _ReadItems) -> Stretch:
        known = self._stretches.get(name)
        if known is not None and isinstance(known.items[0], _ITEM_OF[read]):
            return known
        inner = tuple(self._read_short(_text(item), read) for item in _list(self.read_value(name)))
        items = _joined(inner)
        stretch = Stretch(_number(items, WIDTHS_TICKS[0]), name, items, inner)
        self._keep_stretches((stretch,))
        return stretch

    def _read_short(self, name: str, read: _ReadItems) -> Stretch:
        items = read(_list(self.read_value(name)))
        return Stretch(_number(items, WIDTHS_TICKS[-1]), name, items)


def _number(items: tuple[Any, ...], width: int) -> int:
    if not items:
        raise DecodeError("A part of the song is empty.")
    tick: int = items[0].tick if isinstance(items[0], ControlEvent) else items[0].start_ticks
    return tick // width


def _joined(stretches: Iterable[Stretch]) -> tuple[Any, ...]:
    return tuple(chain.from_iterable(stretch.items for stretch in stretches))


def _read_notes(rows: list[Any]) -> tuple[Note, ...]:
    """Checked by columns: 20,000 notes are read while the artist waits."""
    try:
        columns = list(zip(*rows, strict=True))
    except (TypeError, ValueError):
        columns = []
    types = [set(map(type, column)) for column in columns]
    if types != _NOTE_TYPES or not _ORIGINS.keys() >= set(columns[5]):
        raise DecodeError("A note of the song cannot be read.")
    columns[5] = tuple(map(_ORIGINS.__getitem__, columns[5]))
    return notes_of_columns(columns)


def _read_controls(rows: list[Any]) -> tuple[ControlEvent, ...]:
    return tuple(_control(row) for row in rows)


def _control(row: Any) -> ControlEvent:
    if not isinstance(row, list) or tuple(map(type, row)) != _CONTROL_TYPES or row[1] not in _KINDS:
        raise DecodeError("A controller movement of the song cannot be read.")
    return ControlEvent(row[0], _KINDS[row[1]], row[2], row[3])


def _read_chords(rows: list[Any]) -> tuple[ChordSpan, ...]:
    return from_json(tuple[ChordSpan, ...], rows)


_ITEM_OF: dict[_ReadItems, type] = {_read_notes: Note, _read_controls: ControlEvent, _read_chords: ChordSpan}


def _object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise DecodeError("A part of the song is not what it should be.")
    return value


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise DecodeError("A part of the song is not what it should be.")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise DecodeError("A part of the song is not what it should be.")
    return value
