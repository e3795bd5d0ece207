"""What does the ledger write down about an edit?

The payload of an act that changes the song says, under `notes` and `chords`, which ids were added (with
origin and source), which were changed so that it is heard, which became something else for another reason,
and which were removed; enough to replay every origin. Edits of up to 256 notes also hold the difference
itself, as `[track before, note before, track after, note after]`, so that the artist's own work can be shown
note by note.
"""

from collections.abc import Sequence
from itertools import chain
from operator import add, attrgetter
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
_provenance = attrgetter("origin", "source")
_ID, _START, _LENGTH = attrgetter("id"), attrgetter("start_ticks"), attrgetter("duration_ticks")
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
    notes = [note for change in found.notes for note in change[:2] if note is not None]
    chords = [span for change in found.chords for span in change if span is not None]
    if not notes and not chords:
        return {}
    starts = list(map(_START, chain(notes, chords)))
    first, last = min(starts), max(map(add, starts, map(_LENGTH, chain(notes, chords)))) - 1
    bars = [song.time_map.bar_of(max(0, first)), song.time_map.bar_of(max(0, last)) + 1]
    tracks = {change.from_track for change in found.notes} | {change.to_track for change in found.notes}
    return {"bars": bars, "tracks": sorted(tracks - {0}), "notes": write_ids(map(_ID, notes))}


def act_of_edit(act: Act, found: Difference) -> Act:
    """An edit that changes or removes what came from the engine is an edit of an accepted idea."""
    touches_idea = any(c.before is not None and c.before.origin in FROM_ENGINE for c in found.changes())
    return Act.EDIT_OF_ACCEPTED if act is Act.EDIT and touches_idea else act


def _ids_by_fate(changes: Changes) -> dict[str, Any]:
    added: dict[tuple[str, str], list[int]] = {}
    became: dict[tuple[str, str], list[int]] = {}
    both: list[tuple[Note | ChordSpan, Note | ChordSpan]] = []
    removed: list[int] = []
    for before, after, *_ in changes:
        if after is None:
            removed.append(before.id if before is not None else 0)
        elif before is None:
            added.setdefault((after.origin.value, after.source), []).append(after.id)
        else:
            both.append((before, after))
    changed = [after.id for before, after in both if is_sounding_change(before, after)]
    for before, after in both:
        if _provenance(before) != _provenance(after) and before.origin not in FROM_ENGINE:
            became.setdefault((after.origin.value, after.source), []).append(after.id)
    fates: dict[str, Any] = {"added": _grouped(added), "became": _grouped(became)}
    fates |= {"changed": write_ids(changed), "removed": write_ids(removed)}
    return {name: value for name, value in fates.items() if value}


def _grouped(ids: dict[tuple[str, str], list[int]]) -> list[list[str]]:
    return [[origin, source, write_ids(members)] for (origin, source), members in ids.items()]
