"""Which notes and chords did an edit add, change and remove?

Songs share everything that did not change, so tuples are compared in blocks (identical members cost next
to nothing) and only the stretch between the first and the last change is looked at note by note. A note is
known by its id, also when it moves to another track.

>>> from engine.music import Chord
>>> difference(Song(), Song(chords=(ChordSpan(1, 0, 1920, Chord(0)),))).chords[0].before is None
True
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import compress, repeat
from operator import attrgetter, ne
from typing import NamedTuple

from engine.music.comparing import changed_stretch
from engine.music.note import Note
from engine.music.progression import ChordSpan
from engine.music.song import Song

_SOUND = attrgetter("start_ticks", "duration_ticks", "pitch", "velocity")
_ID, _ROW = attrgetter("id"), attrgetter(*Note.__slots__)


class NoteChange(NamedTuple):
    """A note before and after, and the tracks it was and is on; None and 0 where it is not in the song."""

    before: Note | None
    after: Note | None
    from_track: int = 0
    to_track: int = 0


class ChordChange(NamedTuple):
    before: ChordSpan | None
    after: ChordSpan | None


Placed = dict[int, tuple[int, Note]]  # by note id: track id and note


@dataclass(frozen=True, slots=True)
class Difference:
    """Everything in two songs that has an origin and is not the same in both.

    `kept` tells for each track with changes how many notes at its beginning and at its end are untouched.
    """

    notes: tuple[NoteChange, ...] = ()
    chords: tuple[ChordChange, ...] = ()
    kept: dict[int, tuple[int, int]] = field(default_factory=dict, compare=False)

    def changes(self) -> Iterator[NoteChange | ChordChange]:
        yield from self.notes
        yield from self.chords


def difference(before: Song, after: Song) -> Difference:
    """What changed, ordered by id. Cost: the changed stretch of each track, not the song."""
    kept: dict[int, tuple[int, int]] = {}
    return Difference(_note_changes(before, after, kept), _chord_changes(before, after), kept)


def is_sounding_change(before: Note | ChordSpan, after: Note | ChordSpan) -> bool:
    """Whether something that is heard changed: pitch, start, duration, velocity; for chords the chord."""
    if isinstance(before, Note) and isinstance(after, Note):
        return bool(_SOUND(before) != _SOUND(after))
    if (before.start_ticks, before.duration_ticks) != (after.start_ticks, after.duration_ticks):
        return True
    return isinstance(before, ChordSpan) and isinstance(after, ChordSpan) and before.chord != after.chord


def _note_changes(before: Song, after: Song, kept: dict[int, tuple[int, int]]) -> tuple[NoteChange, ...]:
    gone: Placed = {}
    come: Placed = {}
    changes: dict[int, NoteChange] = {}
    tracks = {track.id: track for track in before.tracks}
    for track in after.tracks:
        earlier = tracks.pop(track.id, None)
        old = () if earlier is None else earlier.notes
        if old is not track.notes:
            kept[track.id] = changed_stretch(old, track.notes)
            middles = _middle(old, kept[track.id]), _middle(track.notes, kept[track.id])
            if not _pair(track.id, *middles, changes):
                _collect(track.id, *middles, gone, come)
    for track in tracks.values():
        _collect(track.id, track.notes, (), gone, come)
    changes.update((i, _note_change(gone.get(i), come.get(i))) for i in gone.keys() | come.keys())
    return tuple(map(changes.__getitem__, sorted(changes)))


def _pair(
    track_id: int, old: tuple[Note, ...], new: tuple[Note, ...], changes: dict[int, NoteChange]
) -> bool:
    """The quick way where a stretch holds the same notes as before, all of them changed perhaps."""
    was, now = dict(zip(map(_ID, old), old, strict=True)), dict(zip(map(_ID, new), new, strict=True))
    if len(old) != len(new) or was.keys() != now.keys() or len(was) != len(old):
        return False
    after = list(map(now.__getitem__, was))
    is_changed = list(map(ne, map(_ROW, old), map(_ROW, after)))
    pairs = map(NoteChange, old, after, repeat(track_id), repeat(track_id))
    changes.update(compress(zip(was, pairs, strict=True), is_changed))
    return True


def _note_change(gone: tuple[int, Note] | None, come: tuple[int, Note] | None) -> NoteChange:
    from_track, before = gone or (0, None)
    to_track, after = come or (0, None)
    return NoteChange(before, after, from_track, to_track)


def _middle(notes: tuple[Note, ...], kept: tuple[int, int]) -> tuple[Note, ...]:
    return notes[kept[0] : len(notes) - kept[1]]


def _collect(track_id: int, old: tuple[Note, ...], new: tuple[Note, ...], gone: Placed, come: Placed) -> None:
    was = {note.id: note for note in old}
    for note in new:
        earlier = was.get(note.id)
        if earlier is not None and (earlier is note or earlier == note):
            del was[note.id]
        else:
            come[note.id] = (track_id, note)
    gone.update((note_id, (track_id, note)) for note_id, note in was.items())


def _chord_changes(before: Song, after: Song) -> tuple[ChordChange, ...]:
    if before.chords is after.chords:
        return ()
    start, end = changed_stretch(before.chords, after.chords)
    was = {span.id: span for span in before.chords[start : len(before.chords) - end]}
    now = {span.id: span for span in after.chords[start : len(after.chords) - end]}
    return tuple(
        ChordChange(was.get(span_id), now.get(span_id))
        for span_id in sorted(was.keys() | now.keys())
        if was.get(span_id) != now.get(span_id)
    )
