"""Which notes are visible, and which lies under a point? A track's notes as numpy columns, sorted by start.

Made once for each track value (tracks are immutable, so their identity is the key) and asked many times.

>>> index = NoteIndex((Note(1, 0, 480, 60), Note(2, 480, 480, 64)))
>>> index.ids[index.between(470, 480)].tolist()
[1]
"""

from collections import OrderedDict
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray

from engine.music import Note, Origin, Song, Track
from engine.music.comparing import changed_stretch

Rows = NDArray[np.intp]
_IDEA_ORIGINS = frozenset({Origin.TAKEN, Origin.EDITED})
_START, _LENGTH = attrgetter("start_ticks"), attrgetter("duration_ticks")
_PITCH, _VELOCITY, _ID = attrgetter("pitch"), attrgetter("velocity"), attrgetter("id")
_LOCKED, _ORIGIN = attrgetter("locked"), attrgetter("origin")


class NoteIndex:
    """Columns over notes sorted by start: starts, ends, pitches, velocities, ids, locked, from_idea.

    What the track had before an edit is taken over from its index then (`before`), except for the stretch
    between the first and the last change.
    """

    def __init__(self, notes: tuple[Note, ...], before: "NoteIndex | None" = None) -> None:
        self.notes = notes
        same, same_end = (0, 0) if before is None else changed_stretch(before.notes, notes)
        columns = _columns(notes[same : len(notes) - same_end])
        if before is not None and (same or same_end):
            behind = len(before.notes) - same_end
            columns = [
                np.concatenate([old[:same], new, old[behind:]])
                for old, new in zip(before._columns, columns, strict=True)
            ]
        self._columns: list[np.ndarray] = columns
        self.starts: np.ndarray
        self.pitches: np.ndarray
        self.velocities: np.ndarray
        self.ids: np.ndarray
        self.locked: np.ndarray
        self.from_idea: np.ndarray
        self.starts, lengths, self.pitches, self.velocities, self.ids, self.locked, self.from_idea = columns
        self.ends = self.starts + lengths
        self.end_ticks = int(self.ends.max()) if notes else 0
        self._longest = int(lengths.max()) if notes else 0

    def __len__(self) -> int:
        return len(self.notes)

    def between(self, start_ticks: float, end_ticks: float) -> Rows:
        """Rows of notes that sound anywhere in the half-open stretch, in order of start."""
        low = int(np.searchsorted(self.starts, start_ticks - self._longest, "left"))
        high = int(np.searchsorted(self.starts, end_ticks, "left"))
        return low + np.flatnonzero(self.ends[low:high] > start_ticks)

    def at(self, tick: float, pitch: int, slack_ticks: float = 0.0) -> int | None:
        """The row of the note under the point, the one painted last when several; None for empty canvas."""
        rows = self.between(tick - slack_ticks, tick + slack_ticks + 1)
        hits = rows[self.pitches[rows] == pitch]
        return int(hits[-1]) if len(hits) else None

    def within(self, start_ticks: float, end_ticks: float, low_pitch: int, high_pitch: int) -> Rows:
        """Rows of notes that touch the rectangle, both pitches included."""
        rows = self.between(start_ticks, end_ticks)
        pitches = self.pitches[rows]
        return rows[(pitches >= low_pitch) & (pitches <= high_pitch)]

    def having(self, note_ids: frozenset[int]) -> Rows:
        """Rows of the notes with these ids."""
        if not note_ids:
            return np.empty(0, np.intp)
        return np.flatnonzero(np.isin(self.ids, np.fromiter(note_ids, np.int64, len(note_ids))))


def _columns(notes: tuple[Note, ...]) -> list[np.ndarray]:
    count = len(notes)
    columns = [
        np.fromiter(map(field, notes), np.int64, count) for field in (_START, _LENGTH, _PITCH, _VELOCITY, _ID)
    ]
    is_idea = map(_IDEA_ORIGINS.__contains__, map(_ORIGIN, notes))
    return [
        *columns,
        np.fromiter(map(_LOCKED, notes), np.bool_, count),
        np.fromiter(is_idea, np.bool_, count),
    ]


class IndexCache:
    """Indices of the tracks last asked for; a track that is the same value object is not indexed again."""

    def __init__(self, capacity: int = 64) -> None:
        self._capacity = capacity
        self._held: OrderedDict[int, tuple[tuple[Note, ...], NoteIndex]] = OrderedDict()

    def of(self, track: Track) -> NoteIndex:
        """The index of the track's notes."""
        held = self._held.get(track.id)
        if held is None or held[0] is not track.notes:
            held = (track.notes, NoteIndex(track.notes, held[1] if held is not None else None))
            self._held[track.id] = held
        self._held.move_to_end(track.id)
        while len(self._held) > self._capacity:
            self._held.popitem(last=False)
        return held[1]


_shared = IndexCache()


def index_of(track: Track) -> NoteIndex:
    """The index of a track's notes, shared by all canvases."""
    return _shared.of(track)


def index_notes(song: Song) -> None:
    """Has the indices of a song's tracks at hand before it is shown; from any thread."""
    for track in song.tracks:
        index_of(track)


def bars_of(song: Song) -> int:
    """As `song.bars`, from the indices at hand."""
    ends = [index_of(track).end_ticks for track in song.tracks]
    ends += [span.end_ticks for span in song.chords[-1:]]
    ends += [song.time_map.bar_start(section.end_bar) for section in song.sections[-1:]]
    return max(1, song.time_map.bars_in(max(ends, default=0)))
