"""What does the ledger write down about an edit?

The payload of an act that changes the song says, under `notes` and `chords`, which ids were added (with
origin and source), which were changed so that it is heard, which became something else for another reason,
and which were removed; enough to replay every origin. Edits of up to 256 notes also hold the difference
itself, as `[track before, note before, track after, note after]`, so that the artist's own work can be shown
note by note.
"""

from collections.abc import Sequence
from typing import Any

from engine.music.codec import to_json
from engine.music.note import Note
from engine.music.progression import ChordSpan
from engine.music.song import Song
from engine.provenance.difference import ChordChange, Difference, NoteChange, is_sounding_change
from engine.provenance.idranges import write_ids
from engine.provenance.ledger import Act
from engine.provenance.origins import FROM_ENGINE

FULL_DIFFERENCE_NOTES = 256
Changes = Sequence[NoteChange] | Sequence[ChordChange]


def describe(found: Difference) -> dict[str, Any]:
    """The payload part of a difference: ids by what happened to them; empty when there is none."""
    described: dict[str, Any] = {}
    if found.notes:
        described["notes"] = _ids_by_fate(found.notes)
    if found.chords:
        described["chords"] = _ids_by_fate(found.chords)
    if found.notes and len(found.notes) <= FULL_DIFFERENCE_NOTES:
        described["difference"] = [
            [c.from_track, to_json(c.before), c.to_track, to_json(c.after)] for c in found.notes
        ]
    return described


def span_of(found: Difference, song: Song) -> dict[str, Any]:
    """Bars (0-based, half-open) and tracks that the difference touches, and the ids of its notes."""
    items = [item for change in found.changes() for item in (change.before, change.after) if item is not None]
    if not items:
        return {}
    first = song.time_map.bar_of(max(0, min(item.start_ticks for item in items)))
    last = song.time_map.bar_of(max(0, max(item.end_ticks - 1 for item in items)))
    tracks = {track for change in found.notes for track in (change.from_track, change.to_track) if track}
    notes = write_ids(item.id for item in items if isinstance(item, Note))
    return {"bars": [first, last + 1], "tracks": sorted(tracks), "notes": notes}


def act_of_edit(act: Act, found: Difference) -> Act:
    """An edit that changes or removes what came from the engine is an edit of an accepted idea."""
    touches_idea = any(c.before is not None and c.before.origin in FROM_ENGINE for c in found.changes())
    return Act.EDIT_OF_ACCEPTED if act is Act.EDIT and touches_idea else act


def _ids_by_fate(changes: Changes) -> dict[str, Any]:
    added: dict[tuple[str, str], list[int]] = {}
    became: dict[tuple[str, str], list[int]] = {}
    changed: list[int] = []
    removed: list[int] = []
    for change in changes:
        before, after = change.before, change.after
        if after is None:
            removed.append(before.id if before is not None else 0)
        elif before is None:
            added.setdefault((after.origin.value, after.source), []).append(after.id)
        else:
            if is_sounding_change(before, after):
                changed.append(after.id)
            if before.origin not in FROM_ENGINE and _provenance(before) != _provenance(after):
                became.setdefault((after.origin.value, after.source), []).append(after.id)
    fates: dict[str, Any] = {"added": _grouped(added), "became": _grouped(became)}
    fates |= {"changed": write_ids(changed), "removed": write_ids(removed)}
    return {name: value for name, value in fates.items() if value}


def _provenance(item: Note | ChordSpan) -> tuple[str, str]:
    return item.origin, item.source


def _grouped(ids: dict[tuple[str, str], list[int]]) -> list[list[str]]:
    return [[origin, source, write_ids(members)] for (origin, source), members in ids.items()]
