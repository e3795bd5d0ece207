"""Is it still the engine's idea? What becomes of an origin when the artist edits.

Every note and chord that came from the engine is known as such for ever. An edit may change it; then it is
an edited idea. No edit makes it the artist's own. Copies of an accepted note that sound like it stay
accepted; a part of one (a split, a different velocity) is an edited idea. Locks and moving to another track
change nothing.
"""

from collections.abc import Container, Iterable
from dataclasses import replace
from operator import is_
from typing import Any, TypeVar

from engine.music.note import Note, Origin
from engine.music.progression import ChordSpan
from engine.music.song import Song
from engine.provenance.difference import (
    ChordChange,
    Difference,
    NoteChange,
    difference,
    is_sounding_change,
)
from engine.provenance.ledger import Act

FROM_ENGINE = frozenset({Origin.TAKEN, Origin.EDITED, Origin.RULE})
_MAY_BRING_IDEAS = frozenset({Act.ACCEPT, Act.IMPORT, Act.BEGIN})
Sound = tuple[object, ...]
T = TypeVar("T", Note, ChordSpan)
C = TypeVar("C", NoteChange, ChordChange)


def settle_origins(before: Song, after: Song, act: Act) -> tuple[Song, Difference]:
    """`after` with its origins put right, and what is then different from `before`."""
    found = difference(before, after)
    copied = _copied_sounds(before, found, act)
    if copied is None and not _touches_ideas(found):
        return after, found
    notes = tuple(_settled_change(change, copied) for change in found.notes)
    chords = tuple(_settled_change(change, copied) for change in found.chords)
    if all(map(is_, (*notes, *chords), found.changes())):
        return after, found
    song = _with_settled(after, found.kept, _by_id(notes), _by_id(chords))
    still_notes = tuple(c for c in notes if c.before != c.after or c.from_track != c.to_track)
    return song, Difference(still_notes, tuple(c for c in chords if c.before != c.after), found.kept)


def settled_origin(was: Origin, sounds_different: bool) -> Origin:
    """The rule itself, for something that was in the song before and came from the engine."""
    return Origin.EDITED if sounds_different else was


def _settled_change(change: C, copied: Container[Sound] | None) -> C:
    after: Any = _settled(change.before, change.after, copied)
    return change if after is change.after else change._replace(after=after)


def _settled(before: T | None, after: T | None, copied: Container[Sound] | None) -> T | None:
    if after is None:
        return None
    if before is None:
        is_part = copied is not None and after.origin in FROM_ENGINE and _sound(after) not in copied
        return replace(after, origin=Origin.EDITED) if is_part else after
    if before.origin not in FROM_ENGINE:
        return after
    origin = settled_origin(before.origin, is_sounding_change(before, after))
    if (after.origin, after.source) == (origin, before.source):
        return after
    return replace(after, origin=origin, source=before.source)


def _touches_ideas(found: Difference) -> bool:
    notes = any(c.before is not None and c.before.origin in FROM_ENGINE for c in found.notes)
    return notes or any(c.before is not None and c.before.origin in FROM_ENGINE for c in found.chords)


def _copied_sounds(before: Song, found: Difference, act: Act) -> set[Sound] | None:
    """What a copy of an idea may sound like; None when new ideas may come in by this act, or none do."""
    if act in _MAY_BRING_IDEAS:
        return None
    new: list[Note | ChordSpan | None] = [c.after for c in found.notes if c.before is None]
    new += [c.after for c in found.chords if c.before is None]
    if not any(item is not None and item.origin in FROM_ENGINE for item in new):
        return None
    standing: list[Note | ChordSpan] = [*before.notes(), *before.chords]
    return {_sound(item) for item in standing if item.origin in FROM_ENGINE}


def _sound(item: Note | ChordSpan) -> Sound:
    heard: Sound = (item.pitch, item.velocity) if isinstance(item, Note) else (item.chord,)
    return (item.origin, item.source, item.duration_ticks, *heard)


def _by_id(changes: Iterable[NoteChange | ChordChange]) -> dict[int, Any]:
    return {change.after.id: change.after for change in changes if change.after is not None}


def _with_settled(
    after: Song, kept: dict[int, tuple[int, int]], notes: dict[int, Note], chords: dict[int, ChordSpan]
) -> Song:
    tracks = tuple(
        replace(track, notes=_exchanged(track.notes, kept[track.id], notes)) if track.id in kept else track
        for track in after.tracks
    )
    return replace(after, tracks=tracks, chords=tuple(chords.get(span.id, span) for span in after.chords))


def _exchanged(notes: tuple[Note, ...], kept: tuple[int, int], settled: dict[int, Note]) -> tuple[Note, ...]:
    start, stop = kept[0], len(notes) - kept[1]
    return (*notes[:start], *(settled.get(note.id, note) for note in notes[start:stop]), *notes[stop:])
