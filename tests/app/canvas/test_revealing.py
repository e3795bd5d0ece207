"""A chosen idea comes into view."""

import pytest

from app.ui.canvas.geometry import RowAxis, TimeAxis
from app.ui.canvas.revealing import GhostRevealer, rows_holding, timeline_axis_holding
from app.ui.editorstate import Ghost
from engine.api.suggestion import Take
from engine.music import Note, Region

BAR = 1920


@pytest.mark.parametrize(
    ("axis", "start", "end", "left", "right"),
    [
        (TimeAxis(0, 0.1), 0, 2 * BAR, 0, 8_000),
        (TimeAxis(0, 0.1), 4 * BAR, 6 * BAR, 0, 6 * BAR),
        (TimeAxis(4 * BAR, 0.1), 0, BAR, 0, 4 * BAR + 8_000),
    ],
)
def test_the_timeline_holds_the_region_and_what_it_showed(axis, start, end, left, right):
    held = timeline_axis_holding(axis, start, end, 800)
    assert held.left_ticks == pytest.approx(left)
    assert held.right_ticks(800) == pytest.approx(right)


@pytest.mark.parametrize("pitches", [[60], [84, 90], [30, 40], [50, 60, 64]])
def test_rows_show_the_notes_of_an_idea(pitches):
    rows = rows_holding(RowAxis(row_px=16).centred(62, 400), pitches, 400)
    assert all(0 <= rows.y(pitch) <= 400 - 16 for pitch in pitches)


def test_rows_stay_when_the_notes_are_in_view_or_there_are_none():
    rows = RowAxis(row_px=16).centred(62, 400)
    assert rows_holding(rows, [60, 65], 400) == rows
    assert rows_holding(rows, [], 400) == rows


def test_choosing_a_high_idea_behind_the_song_moves_both_views(state, timeline, roll):
    revealer = GhostRevealer(state, timeline, roll)
    take = Take(0, "High", notes=(Note(1, 20 * BAR, 480, 100),))
    state.set_ghost(Ghost(take, Region(20, 22)))
    assert revealer is not None
    assert state.timeline_axis.right_ticks(timeline.lanes.width()) >= 22 * BAR - 1
    assert 0 <= state.roll_axis.x(20 * BAR) < roll.grid.width()
    assert 0 <= state.rows.y(100) < roll.grid.height()


def test_an_idea_that_begins_at_the_edge_of_the_roll_is_turned_to(state, timeline, roll):
    revealer = GhostRevealer(state, timeline, roll)
    assert revealer is not None
    roll.show_bars(0, 4)
    for start_bar in (3, 4):
        before = state.roll_axis
        take = Take(0, "", notes=(Note(1, start_bar * BAR, 480, 64),))
        state.set_ghost(Ghost(take, Region(start_bar, start_bar + 2)))
        right = state.roll_axis.right_ticks(roll.grid.width())
        assert right >= (start_bar + 1) * BAR - 1
        assert (state.roll_axis == before) == (start_bar == 3)


def test_more_bars_of_the_same_idea_do_not_fetch_the_view_back(state, timeline, roll):
    revealer = GhostRevealer(state, timeline, roll)
    notes = (Note(1, 20 * BAR, 480, 64), Note(2, 21 * BAR, 480, 66))
    state.set_ghost(Ghost(Take(0, "", notes=notes[:1]), Region(20, 22)))
    assert revealer is not None
    roll.show_bars(0, 4)
    away = state.roll_axis
    state.set_ghost(Ghost(Take(0, "Whole", notes=notes), Region(20, 22)))
    assert state.roll_axis == away
    state.set_ghost(Ghost(Take(1, "Other", notes=notes), Region(20, 22)))
    assert 0 <= state.roll_axis.x(20 * BAR) < roll.grid.width()
