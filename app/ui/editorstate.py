"""What is selected and seen in the editor; nothing of it belongs to the song or to undo.

Bars are 0-based and half-open, times ticks (480 to a quarter). Every setter is silent when nothing changes.

>>> state = EditorState()
>>> state.set_region((8, 12))
>>> state.region
(8, 12)
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QObject, Signal

from app.ui.canvas.geometry import RowAxis, TimeAxis
from app.ui.canvas.snapping import Grid
from engine.api.suggestion import Take
from engine.music import Region, Song


class Tool(StrEnum):
    SELECT = "select"
    DRAW = "draw"


@dataclass(frozen=True, slots=True)
class Ghost:
    """An idea being shown over the song: a take, the region it was asked for and the track it would change.

    `chosen_bars` are the 0-based bars of the song that accepting would take over; empty means all of them.
    `chosen_sections`: the same for the places of a plan.
    """

    take: Take
    region: Region
    track_id: int = 0
    chosen_bars: frozenset[int] = frozenset()
    chosen_sections: frozenset[int] = frozenset()

    @property
    def song(self) -> Song | None:
        """The whole song of the idea, which is seen in the place of the artist's."""
        return self.take.song

    def covers_bar(self, bar: int) -> bool:
        """Whether accepting would change the bar."""
        inside = self.region.start_bar <= bar < self.region.end_bar
        return inside and (not self.chosen_bars or bar in self.chosen_bars)


class EditorState(QObject):
    """Selection, view and tool of the editor, shared by the canvases, the transport and the ideas panel.

    Signals carry the new value. `timeline_axis` shows the whole song, `roll_axis` the bars in the piano roll;
    `rows_changed` tells that the roll's vertical view (`rows`) moved.
    """

    FIRST_ROLL_AXIS = TimeAxis(px_per_tick=0.13)

    track_selected = Signal(int)
    notes_selected = Signal(object)
    chords_selected = Signal(object)
    region_changed = Signal(object)
    playhead_moved = Signal(float)
    loop_changed = Signal(object)
    grid_changed = Signal(object)
    tool_changed = Signal(object)
    ghost_changed = Signal(object)
    follow_changed = Signal(bool)
    timeline_axis_changed = Signal(object)
    roll_axis_changed = Signal(object)
    rows_changed = Signal(object)
    bars_wanted = Signal(int, int)
    spoken = Signal(str)
    planned_section_picked = Signal(int)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.selected_track_id = 0
        self.selected_note_ids: frozenset[int] = frozenset()
        self.selected_chord_ids: frozenset[int] = frozenset()
        self.region: tuple[int, int] | None = None
        self.playhead_ticks = 0.0
        self.loop: tuple[int, int] | None = None
        self.grid = Grid.EIGHTH
        self.quantise_strength = 1.0
        self.swing = 0.5
        self.tool = Tool.SELECT
        self.ghost: Ghost | None = None
        self.follows_playhead = True
        self.timeline_axis = TimeAxis()
        self.roll_axis = self.FIRST_ROLL_AXIS
        self.rows = RowAxis(row_px=17.0)

    def select_track(self, track_id: int) -> None:
        """Show another track in the roll; its notes start unselected."""
        if track_id != self.selected_track_id:
            self.selected_track_id = track_id
            self.select_notes(())
            self.track_selected.emit(track_id)

    def select_notes(self, note_ids: Iterable[int]) -> None:
        chosen = frozenset(note_ids)
        if chosen != self.selected_note_ids:
            self.selected_note_ids = chosen
            self.notes_selected.emit(chosen)
            if chosen:
                self.select_chords(())

    def select_chords(self, chord_ids: Iterable[int]) -> None:
        chosen = frozenset(chord_ids)
        if chosen != self.selected_chord_ids:
            self.selected_chord_ids = chosen
            self.chords_selected.emit(chosen)
            if chosen:
                self.select_notes(())

    def set_region(self, bars: tuple[int, int] | None) -> None:
        """Select bars `start` to before `end` for ideas, or nothing."""
        if bars is not None and bars[1] <= bars[0]:
            bars = None
        if bars != self.region:
            self.region = bars
            self.region_changed.emit(bars)

    def set_playhead(self, tick: float) -> None:
        if tick != self.playhead_ticks:
            self.playhead_ticks = max(0.0, tick)
            self.playhead_moved.emit(self.playhead_ticks)

    def set_loop(self, bars: tuple[int, int] | None) -> None:
        """Bars to play round and round, or None."""
        if bars != self.loop:
            self.loop = bars
            self.loop_changed.emit(bars)

    def set_grid(self, grid: Grid) -> None:
        if grid is not self.grid:
            self.grid = grid
            self.grid_changed.emit(grid)

    def set_quantise(self, strength: float, swing: float) -> None:
        """How far quantising moves notes to the grid (0-1), and the share of a pair its first step takes."""
        self.quantise_strength = min(1.0, max(0.0, strength))
        self.swing = min(0.75, max(0.5, swing))
        self.grid_changed.emit(self.grid)

    def set_tool(self, tool: Tool) -> None:
        if tool is not self.tool:
            self.tool = tool
            self.tool_changed.emit(tool)

    def set_ghost(self, ghost: Ghost | None) -> None:
        """Show an idea over the song, or none."""
        if ghost != self.ghost:
            self.ghost = ghost
            self.ghost_changed.emit(ghost)

    def set_follow(self, follows: bool) -> None:
        """Whether the canvases scroll with the playhead."""
        if follows != self.follows_playhead:
            self.follows_playhead = follows
            self.follow_changed.emit(follows)

    def set_timeline_axis(self, axis: TimeAxis) -> None:
        if axis != self.timeline_axis:
            self.timeline_axis = axis
            self.timeline_axis_changed.emit(axis)

    def set_roll_axis(self, axis: TimeAxis) -> None:
        if axis != self.roll_axis:
            self.roll_axis = axis
            self.roll_axis_changed.emit(axis)

    def set_rows(self, rows: RowAxis) -> None:
        if rows != self.rows:
            self.rows = rows
            self.rows_changed.emit(rows)

    def show_bars(self, start_bar: int, end_bar: int) -> None:
        """Ask the roll to show these bars."""
        self.bars_wanted.emit(start_bar, end_bar)

    def say(self, sentence: str) -> None:
        """One sentence for the status line and the screen reader."""
        self.spoken.emit(sentence)

    def forget_missing(self, song: Song) -> None:
        """Drop what is selected but no longer in the song; a vanished track gives way to the first."""
        track_ids = [track.id for track in song.tracks]
        if self.selected_track_id not in track_ids:
            self.select_track(track_ids[0] if track_ids else 0)
        if self.selected_note_ids:
            held = {note.id for note in song.track(self.selected_track_id).notes}
            self.select_notes(self.selected_note_ids & held)
        if self.selected_chord_ids:
            self.select_chords(self.selected_chord_ids & {span.id for span in song.chords})
