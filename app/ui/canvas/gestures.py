"""What does the song become while something is being dragged? One small value per gesture; no Qt.

A drag remembers the song it began with and answers, for each place of the pointer, the song as it would be:
a gesture is one edit, however long the way. `name` is the undo step's name for the menu.

>>> from engine.music import Song, Track
>>> song = Song(tracks=(Track(1, "Lead"),), next_id=2)
>>> drag = DrawNote(song, 1, 60, 0, Grid.QUARTER)
>>> drag.dragged(Pointer(700.0)).tracks[0].notes[0].duration_ticks
480
"""

from dataclasses import dataclass, field
from typing import Protocol

from app.ui.canvas.hittest import Part
from app.ui.canvas.snapping import Grid, snapped, step_ticks
from engine.music import ChordSpan, Note, Section, Song
from engine.music.edits import (
    change_section,
    duplicate_notes,
    insert_note,
    move_chord,
    move_notes,
    resize_notes,
    set_mix,
    set_velocities,
)

SHORTEST_TICKS = 15  # a 128th: nothing is dragged shorter


@dataclass(frozen=True, slots=True)
class Pointer:
    """Where the pointer is: tick, pitch, and `value` (0-1) on scales; `is_free` bypasses the grid."""

    tick: float = 0.0
    pitch: int = 0
    value: float = 0.0
    is_free: bool = False


class Drag(Protocol):
    """A running gesture."""

    @property
    def name(self) -> str: ...

    @property
    def note_ids(self) -> frozenset[int] | None:
        """The notes to show as selected while it runs; None leaves the selection alone."""
        ...

    def dragged(self, to: Pointer) -> Song:
        """The song with the gesture done up to the pointer. Raises EditError."""
        ...


def plural(word: str, count: int) -> str:
    """`Move note` for one, `Move 3 notes` for more."""
    verb, noun = word.split(" ", 1)
    return word if count == 1 else f"{verb} {count} {noun}s"


@dataclass(frozen=True, slots=True)
class MoveNotes:
    """Notes carried together; the grabbed one lands on the grid."""

    song: Song
    ids: frozenset[int]
    grabbed: Note
    start: Pointer
    grid: Grid

    @property
    def name(self) -> str:
        return plural("Move note", len(self.ids))

    @property
    def note_ids(self) -> frozenset[int] | None:
        return self.ids

    def dragged(self, to: Pointer) -> Song:
        return move_notes(self.song, self.ids, *self.shift(to))

    def shift(self, to: Pointer) -> tuple[int, int]:
        """Ticks and semitones of the move; off-grid notes keep their feel until moved half a step."""
        ticks = shift_ticks(self.song, self.grid, self.grabbed.start_ticks, to.tick - self.start.tick, to)
        return ticks, to.pitch - self.start.pitch


@dataclass(frozen=True, slots=True)
class CopyNotes:
    """As MoveNotes, but the notes stay and their copies are carried."""

    move: MoveNotes

    @property
    def name(self) -> str:
        return plural("Duplicate note", len(self.move.ids))

    @property
    def note_ids(self) -> frozenset[int] | None:
        first = self.move.song.next_id
        return frozenset(range(first, first + len(self.move.ids)))

    def dragged(self, to: Pointer) -> Song:
        return duplicate_notes(self.move.song, self.move.ids, *self.move.shift(to))


@dataclass(frozen=True, slots=True)
class ResizeNotes:
    """Ends (or starts) of notes moved by the same amount; the grabbed one lands on the grid."""

    song: Song
    ids: frozenset[int]
    grabbed: Note
    part: Part
    start: Pointer
    grid: Grid

    @property
    def name(self) -> str:
        return plural("Resize note", len(self.ids))

    @property
    def note_ids(self) -> frozenset[int] | None:
        return self.ids

    def dragged(self, to: Pointer) -> Song:
        from_start = self.part is Part.START
        edge = self.grabbed.start_ticks if from_start else self.grabbed.end_ticks
        ticks = shift_ticks(self.song, self.grid, edge, to.tick - self.start.tick, to)
        shortest = min(SHORTEST_TICKS, self.grabbed.duration_ticks)
        return resize_notes(self.song, self.ids, ticks, from_start=from_start, shortest_ticks=shortest)


@dataclass(frozen=True, slots=True)
class DrawNote:
    """A new note from `start_ticks`, one grid step long or as long as it is dragged."""

    song: Song
    track_id: int
    pitch: int
    start_ticks: int
    grid: Grid
    velocity: int = 80
    name: str = field(default="Draw note", init=False)

    @property
    def note_ids(self) -> frozenset[int] | None:
        return frozenset({self.song.next_id})

    def dragged(self, to: Pointer) -> Song:
        shortest = drawn_length(self.song, self.grid, self.start_ticks)
        end = round(to.tick) if to.is_free else snapped(self.song.time_map, self.grid, to.tick)
        length = max(SHORTEST_TICKS if to.is_free else shortest, end - self.start_ticks)
        return insert_note(self.song, self.track_id, self.start_ticks, length, self.pitch, self.velocity)


@dataclass(frozen=True, slots=True)
class DragVelocity:
    """Velocities raised or lowered together with the grabbed note's."""

    song: Song
    ids: frozenset[int]
    grabbed: Note

    @property
    def name(self) -> str:
        return "Change velocity"

    @property
    def note_ids(self) -> frozenset[int] | None:
        return None

    def dragged(self, to: Pointer) -> Song:
        change = round(to.value * 127) - self.grabbed.velocity
        return set_velocities(
            self.song, {note.id: note.velocity + change for note in self.song.notes() if note.id in self.ids}
        )


@dataclass(frozen=True, slots=True)
class DragChord:
    """A chord carried or resized; a neighbour that touches a dragged edge follows it."""

    song: Song
    span: ChordSpan
    part: Part
    start: Pointer
    grid: Grid

    @property
    def name(self) -> str:
        return "Move chord" if self.part is Part.BODY else "Resize chord"

    @property
    def note_ids(self) -> frozenset[int] | None:
        return None

    def dragged(self, to: Pointer) -> Song:
        span, part = self.span, self.part
        edge = span.end_ticks if part is Part.END else span.start_ticks
        ticks = shift_ticks(self.song, self.grid, edge, to.tick - self.start.tick, to)
        if ticks == 0:
            return self.song
        if part is Part.BODY:
            ticks = max(ticks, -span.start_ticks)
            return move_chord(self.song, span.id, span.start_ticks + ticks, span.duration_ticks)
        return self._resized(ticks)

    def _resized(self, ticks: int) -> Song:
        span = self.span
        if self.part is Part.END:
            ticks = max(ticks, SHORTEST_TICKS - span.duration_ticks)
            song = move_chord(self.song, span.id, span.start_ticks, span.duration_ticks + ticks)
            after = next((other for other in self.song.chords if other.start_ticks == span.end_ticks), None)
            if after is None or ticks >= 0:
                return song
            return move_chord(song, after.id, after.start_ticks + ticks, after.duration_ticks - ticks)
        ticks = max(-span.start_ticks, min(ticks, span.duration_ticks - SHORTEST_TICKS))
        song = move_chord(self.song, span.id, span.start_ticks + ticks, span.duration_ticks - ticks)
        before = next((other for other in self.song.chords if other.end_ticks == span.start_ticks), None)
        if before is None or ticks <= 0:
            return song
        return move_chord(song, before.id, before.start_ticks, before.duration_ticks + ticks)


@dataclass(frozen=True, slots=True)
class DragSection:
    """A section's edge moved by whole bars; a neighbour that touches it follows."""

    song: Song
    section: Section
    part: Part
    start: Pointer

    @property
    def name(self) -> str:
        return "Move section" if self.part is Part.BODY else "Resize section"

    @property
    def note_ids(self) -> frozenset[int] | None:
        return None

    def dragged(self, to: Pointer) -> Song:
        time_map = self.song.time_map
        section = self.section
        edge = section.end_bar if self.part is Part.END else section.start_bar
        wanted = time_map.bar_start(edge) + to.tick - self.start.tick
        bars = time_map.bar_of(snapped(time_map, Grid.BAR, wanted)) - edge
        if bars == 0:
            return self.song
        if self.part is Part.BODY:
            return change_section(self.song, section.id, start_bar=max(0, section.start_bar + bars))
        return self._resized(bars)

    def _resized(self, bars: int) -> Song:
        section = self.section
        if self.part is Part.END:
            bars = max(bars, 1 - section.bars)
            song = change_section(self.song, section.id, bars=section.bars + bars)
            after = next((s for s in self.song.sections if s.start_bar == section.end_bar), None)
            if after is None or bars > 0:
                return song
            return change_section(song, after.id, start_bar=after.start_bar + bars, bars=after.bars - bars)
        bars = max(-section.start_bar, min(bars, section.bars - 1))
        start = section.start_bar + bars
        song = change_section(self.song, section.id, start_bar=start, bars=section.bars - bars)
        before = next((s for s in self.song.sections if s.end_bar == section.start_bar), None)
        return (
            song if before is None or bars < 0 else change_section(song, before.id, bars=before.bars + bars)
        )


@dataclass(frozen=True, slots=True)
class DragLevel:
    """A track's level following the pointer along its bar."""

    song: Song
    track_id: int
    name: str = field(default="Change level", init=False)

    @property
    def note_ids(self) -> frozenset[int] | None:
        return None

    def dragged(self, to: Pointer) -> Song:
        return set_mix(self.song, self.track_id, level=to.value)


def shift_ticks(song: Song, grid: Grid, edge: int, moved: float, to: Pointer) -> int:
    """How far an edge goes when the hand has moved so many ticks: onto the grid, unless free."""
    if to.is_free or grid is Grid.OFF:
        return round(moved)
    if abs(moved) * 2 < step_ticks(grid, song.time_map, edge):
        return 0
    return snapped(song.time_map, grid, edge + moved) - edge


def drawn_length(song: Song, grid: Grid, tick: int) -> int:
    """How long a note is drawn by a click: one grid step, a sixteenth with the grid off."""
    return step_ticks(Grid.SIXTEENTH if grid is Grid.OFF else grid, song.time_map, tick)
