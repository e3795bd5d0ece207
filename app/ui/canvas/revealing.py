"""Does the artist see the idea that was chosen? Roll and timeline go where its notes and chords stand.

A view moves only when the idea lies outside it: the timeline takes in the region (zooming out for bars
that do not exist yet), the roll turns to its bars and rows.
"""

from collections.abc import Sequence

from app.ui.canvas.geometry import RowAxis, TimeAxis, axis_fitting
from app.ui.canvas.roll import RollView
from app.ui.canvas.timeline import TimelineView
from app.ui.editorstate import EditorState, Ghost


class GhostRevealer:
    """Watches the state's ghost and moves the two views for it."""

    def __init__(self, state: EditorState, timeline: TimelineView, roll: RollView) -> None:
        self._state = state
        self._timeline = timeline
        self._roll = roll
        self._shown: Ghost | None = None
        state.ghost_changed.connect(self._reveal)

    def _reveal(self, ghost: Ghost | None) -> None:
        before, self._shown = self._shown, ghost
        if ghost is None or ghost.song is not None:  # the timeline fits a whole song by itself
            return
        if before is not None and grows(before, ghost):
            self._follow(before, ghost)
            return
        time_map = self._timeline.document.song.time_map
        start, end = time_map.bar_start(ghost.region.start_bar), time_map.bar_start(ghost.region.end_bar)
        self._state.set_timeline_axis(
            timeline_axis_holding(self._state.timeline_axis, start, end, self._timeline.lanes.width())
        )
        if ghost.take.parts and not _is_in_roll(ghost, self._state.selected_track_id):
            return
        first_bar = start, time_map.bar_start(ghost.region.start_bar + 1)
        if not begins_in_view(self._state.roll_axis, *first_bar, self._roll.grid.width()):
            self._roll.show_bars(ghost.region.start_bar, ghost.region.end_bar)
        self._hold_rows(ghost)

    def _follow(self, before: Ghost, ghost: Ghost) -> None:
        """Bars arrive: whoever has turned away in the meantime is not fetched back."""
        rows = self._state.rows
        if ghost.take.parts and not _is_in_roll(ghost, self._state.selected_track_id):
            return
        if rows_holding(rows, _pitches(before), self._roll.grid.height()) == rows:
            self._hold_rows(ghost)

    def _hold_rows(self, ghost: Ghost) -> None:
        self._state.set_rows(rows_holding(self._state.rows, _pitches(ghost), self._roll.grid.height()))


def _is_in_roll(ghost: Ghost, selected_id: int) -> bool:
    """Whether the part of the idea is seen in the roll: it is for the track that is shown there."""
    return any(part.track_id == selected_id for part in ghost.take.parts)


def _pitches(ghost: Ghost) -> list[int]:
    return [note.pitch for note in ghost.take.notes]


def grows(before: Ghost, after: Ghost) -> bool:
    """Whether it is the same take with more bars."""
    notes, chords = before.take.notes, before.take.chords
    return (
        bool(notes or chords)
        and (before.region, before.take.index) == (after.region, after.take.index)
        and after.take.notes[: len(notes)] == notes
        and after.take.chords[: len(chords)] == chords
    )


def begins_in_view(axis: TimeAxis, start: float, end: float, width: float) -> bool:
    """Whether a first bar is seen, whole or, close up, to at least half of the view."""
    right = axis.right_ticks(width)
    return axis.left_ticks <= start and (end <= right + 1 or start <= (axis.left_ticks + right) / 2)


def timeline_axis_holding(axis: TimeAxis, start: float, end: float, width: float) -> TimeAxis:
    """The axis if it shows the stretch; else one that shows what it showed and the stretch too."""
    if axis.left_ticks <= start and end <= axis.right_ticks(width) + 1:
        return axis
    return axis_fitting(min(axis.left_ticks, start), max(end, axis.right_ticks(width)), width)


def rows_holding(rows: RowAxis, pitches: Sequence[int], height: float) -> RowAxis:
    """The rows if all pitches are in view; else centred on them."""
    if not pitches:
        return rows
    tops = [y for y in (rows.y(max(pitches)), rows.y(min(pitches))) if y is not None]
    if len(tops) == 2 and tops[0] >= 0 and tops[1] + rows.row_px <= height:
        return rows
    return rows.centred(round((min(pitches) + max(pitches)) / 2), height)
