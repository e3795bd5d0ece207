"""How is a song cut into parts, so that an edit writes only what changed?

A part is JSON text named by its SHA-256. Notes, controls and chords are cut by long stretches (256 quarters),
these by short ones (16 quarters, four bars of 4/4): moving one note of a 20,000-note track writes some dozen
notes, not all. A track names its stretches, the song its tracks, so the hash of the song names everything in
it. The next free id is not part of it: it only ever grows, undo included (SongFile keeps it).

    song  -> title, corrected, time_map, sections, markers, chords [...], tracks [...], recordings if any
    track -> id, name, role, program, muted, soloed, level, notes [...], controls [...]
    long  -> [short, short ...]
    short -> [[id, start, duration, pitch, velocity, origin, source, locked], ...]   as engine.music.codec
"""

import hashlib
import json
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from operator import attrgetter
from types import MappingProxyType
from typing import Any, NamedTuple, TypeVar

from engine.music.codec import to_json
from engine.music.note import TICKS_PER_QUARTER, Note
from engine.music.progression import ChordSpan
from engine.music.song import Song
from engine.music.track import ControlEvent, Track

WIDTHS_TICKS = (256 * TICKS_PER_QUARTER, 16 * TICKS_PER_QUARTER)  # long and short stretches
T = TypeVar("T", Note, ControlEvent, ChordSpan)


class Stretch(NamedTuple):
    """Neighbouring items that begin in the same 256 (or 16) quarters, and the hash of their part."""

    number: int
    hash: str
    items: tuple[Any, ...]
    inner: tuple["Stretch", ...] = ()


@dataclass(frozen=True, slots=True)
class TrackParts:
    track: Track
    hash: str
    notes: tuple[Stretch, ...]
    controls: tuple[Stretch, ...]


@dataclass(frozen=True, slots=True)
class SongParts:
    """A song and the parts it is made of; `hash` names its content."""

    song: Song
    hash: str
    chords: tuple[Stretch, ...] = ()
    tracks: tuple[TrackParts, ...] = ()
    values: dict[str, str] = field(default_factory=dict)  # time_map, sections, markers ...: their hashes


_AS_TEXT = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False)
EMPTY = SongParts(Song(), "")
_NO_TRACK = Track(0, "")
Parts = dict[str, bytes]
Kept = Mapping[int, tuple[int, int]]


def cut(song: Song, near: SongParts = EMPTY, kept: Kept = MappingProxyType({})) -> tuple[SongParts, Parts]:
    """The song as parts, and the parts that `near` does not have (by hash).

    `kept` (from engine.provenance.difference) spares looking at notes known to be the same: by track id, how
    many at the beginning and at the end.
    """
    new: Parts = {}
    known = {parts.track.id: parts for parts in near.tracks}
    tracks = tuple(
        _cut_track(track, known.get(track.id), kept.get(track.id, (0, 0)), new) for track in song.tracks
    )
    if song.chords is near.song.chords and near.hash:
        chords = near.chords
    else:
        chords = _cut_items(song.chords, near.chords, _CHORDS, new)
    names = ("time_map", "sections", "markers", *(("recordings",) if song.recordings else ()))
    values = {name: _value_hash(song, near, name, new) for name in names}
    head = {
        "title": song.title,
        "corrected": to_json(song.corrected),
        **values,
        "chords": [stretch.hash for stretch in chords],
        "tracks": [track.hash for track in tracks],
    }
    return SongParts(song, _add(head, new), chords, tracks, values), new


def part_hash(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def part_body(value: Any) -> bytes:
    """The text of a part; the same value always gives the same bytes. Half characters become `?`."""
    return _AS_TEXT.encode(value).encode("utf-8", "replace")


def _add(value: Any, new: Parts) -> str:
    body = part_body(value)
    name = part_hash(body)
    new[name] = body
    return name


def _value_hash(song: Song, near: SongParts, name: str, new: Parts) -> str:
    value = getattr(song, name)
    if near.hash and value is getattr(near.song, name) and name in near.values:
        return near.values[name]
    return _add(to_json(value), new)


def _cut_track(track: Track, near: TrackParts | None, kept: tuple[int, int], new: Parts) -> TrackParts:
    if near is not None and near.track is track:
        return near
    was = (near.track, near.notes, near.controls) if near is not None else (_NO_TRACK, (), ())
    notes = was[1] if track.notes is was[0].notes else _cut_items(track.notes, was[1], _NOTES, new, kept=kept)
    controls = (
        was[2] if track.controls is was[0].controls else _cut_items(track.controls, was[2], _CONTROLS, new)
    )
    head = {
        "id": track.id,
        "name": track.name,
        "role": track.role,
        "program": track.program,
        "muted": track.muted,
        "soloed": track.soloed,
        "level": track.level,
        "notes": [stretch.hash for stretch in notes],
        "controls": [stretch.hash for stretch in controls],
    }
    return TrackParts(track, _add(head, new), notes, controls)


class _Cutting(NamedTuple):
    """How one kind of item is placed in time and written."""

    tick: Callable[[Any], int]
    row: Callable[[Any], Sequence[Any]]


def _chord_row(span: ChordSpan) -> list[Any]:
    chord = {"root": span.chord.root, "quality": span.chord.quality, "bass": span.chord.bass}
    times = [span.id, span.start_ticks, span.duration_ticks]
    return [*times, chord, span.origin, span.source, span.locked, span.confidence]


_NOTES = _Cutting(
    attrgetter("start_ticks"),
    attrgetter("id", "start_ticks", "duration_ticks", "pitch", "velocity", "origin", "source", "locked"),
)
_CONTROLS = _Cutting(attrgetter("tick"), attrgetter("tick", "kind", "number", "value"))
_CHORDS = _Cutting(attrgetter("start_ticks"), _chord_row)


def _cut_items(
    items: tuple[T, ...],
    near: tuple[Stretch, ...],
    how: _Cutting,
    new: Parts,
    level: int = 0,
    kept: tuple[int, int] = (0, 0),
) -> tuple[Stretch, ...]:
    """Stretches that `near` has already are taken from there; comparing identical items is cheap."""
    known = {stretch.number: stretch for stretch in near}
    tails: dict[int, int] = _tails(near, kept[1])
    width = WIDTHS_TICKS[level]
    stretches: list[Stretch] = _untouched_beginning(near, kept[0])
    position: int = sum(len(stretch.items) for stretch in stretches)
    while position < len(items):
        if len(items) - position in tails:
            return (*stretches, *near[tails[len(items) - position] :])
        number = how.tick(items[position]) // width
        stretch = known.get(number)
        if stretch is None or not _stands_at(stretch, items, position, how.tick, width):
            stop = bisect_left(items, (number + 1) * width, position + 1, key=how.tick)
            inner = () if stretch is None else stretch.inner
            stretch = _stretch(number, items[position:stop], inner, how, new, level)
        stretches.append(stretch)
        position += len(stretch.items)
    return tuple(stretches)


def _untouched_beginning(near: tuple[Stretch, ...], kept: int) -> list[Stretch]:
    """The stretches that end before the last of the kept items, so that what follows them is kept too."""
    stops = accumulate(len(stretch.items) for stretch in near)
    return [stretch for stretch, stop in zip(near, stops, strict=True) if stop < kept]


def _tails(near: tuple[Stretch, ...], kept: int) -> dict[int, int]:
    """For the stretches inside the kept end: how many items there are from its first on -> its index."""
    counts = accumulate(len(stretch.items) for stretch in reversed(near))
    return {count: len(near) - 1 - index for index, count in enumerate(counts) if count <= kept}


def _stands_at(
    stretch: Stretch, items: tuple[Any, ...], position: int, tick: Callable[[Any], int], width: int
) -> bool:
    stop = position + len(stretch.items)
    if items[position:stop] != stretch.items:
        return False
    return stop == len(items) or tick(items[stop]) // width != stretch.number


def _stretch(
    number: int, items: tuple[T, ...], near: tuple[Stretch, ...], how: _Cutting, new: Parts, level: int
) -> Stretch:
    if level == len(WIDTHS_TICKS) - 1:
        return Stretch(number, _add(list(map(how.row, items)), new), items)
    inner = _cut_items(items, near, how, new, level + 1)
    return Stretch(number, _add([stretch.hash for stretch in inner], new), items, inner)


def changed_aspects(before: SongParts, after: SongParts) -> list[str]:
    """What but notes and chords is different: title, time_map, sections, markers, tracks, corrected ..."""
    names = dict.fromkeys((*after.values, *before.values))
    changed = [name for name in names if after.values.get(name) != before.values.get(name)]
    changed += [name for name in ("title", "corrected") if _differs(before.song, after.song, name)]
    return changed + (["tracks"] if _track_settings(before.song) != _track_settings(after.song) else [])


def _differs(before: Song, after: Song, name: str) -> bool:
    return bool(getattr(before, name) != getattr(after, name))


def _track_settings(song: Song) -> list[tuple[object, ...]]:
    return [(t.id, t.name, t.role, t.program, t.muted, t.soloed, t.level) for t in song.tracks]
