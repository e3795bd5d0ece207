"""Ticks and pixels, rows and pitches, lines and snapping; by table and by property."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.ui.canvas.barlines import bars_between, grid_lines
from app.ui.canvas.geometry import RowAxis, TimeAxis, axis_fitting
from app.ui.canvas.snapping import Grid, snapped, snapped_down, step_ticks
from engine.music import Metre, MetreChange, TimeMap

PLAIN = TimeMap()
PICKUP = TimeMap(pickup_ticks=480)
MIXED = TimeMap(
    metres=(MetreChange(0), MetreChange(3840, Metre(6, 8)), MetreChange(3840 + 2880, Metre(3, 4)))
)
axes = st.builds(
    TimeAxis, st.floats(0, 1e6, allow_nan=False), st.floats(0.001, 2, allow_nan=False, allow_infinity=False)
)


@given(axes, st.floats(-1e4, 1e6, allow_nan=False))
def test_ticks_go_to_pixels_and_back(axis, tick):
    assert axis.tick(axis.x(tick)) == pytest.approx(tick, abs=1e-3)


@given(axes, st.floats(0.2, 5), st.floats(0, 1500))
def test_zooming_keeps_the_place_under_the_pointer(axis, factor, x):
    zoomed = axis.zoomed(factor, x)
    if zoomed.left_ticks > 0:
        assert zoomed.x(axis.tick(x)) == pytest.approx(x, abs=1e-3)


def test_zoom_and_scroll_never_show_what_is_before_the_song():
    assert TimeAxis(100, 0.1).scrolled(-1000).left_ticks == 0
    assert TimeAxis(0, 0.1).zoomed(0.5, 800).left_ticks == 0


def test_fitting_shows_exactly_the_stretch():
    axis = axis_fitting(1920, 5760, 800)
    assert (axis.x(1920), axis.x(5760)) == (0, pytest.approx(800))


@pytest.mark.parametrize(
    ("tick", "left"), [(0, 0), (9500, 1000), (11_000, 2240), (500, 260)], ids=["far", "in", "right", "left"]
)
def test_revealing_scrolls_as_little_as_needed(tick, left):
    axis = TimeAxis(1000, 0.1)
    if tick == 0:
        assert axis.revealed(0, 900).left_ticks == 0
    else:
        assert axis.revealed(tick, 900).left_ticks == pytest.approx(left)


@given(st.integers(0, 127), st.floats(3, 48), st.floats(0, 500))
def test_pitches_go_to_rows_and_back(pitch, row_px, top):
    rows = RowAxis(top_px=top, row_px=row_px)
    assert rows.pitch(rows.y(pitch) + row_px / 2) == pitch


def test_rows_of_drums_are_in_their_own_order():
    rows = RowAxis((49, 42, 38, 36), row_px=10)
    assert [rows.y(pitch) for pitch in (49, 36, 60)] == [0, 30, None]
    assert [rows.pitch(y) for y in (-5, 5, 35, 500)] == [49, 49, 36, 36]
    assert [pitch for pitch, _ in rows.visible(19)] == [49, 42]


def test_rows_do_not_scroll_beyond_their_ends():
    rows = RowAxis(row_px=10)
    assert rows.scrolled(5000, 300).top_px == 980
    assert rows.scrolled(-5, 300).top_px == 0
    assert rows.zoomed(1.5, 100, 300).row_px == 15


@pytest.mark.parametrize(
    ("time_map", "starts"),
    [(PLAIN, [0, 1920, 3840]), (PICKUP, [0, 480, 2400]), (MIXED, [0, 1920, 3840, 5280, 6720])],
)
def test_bars_follow_pickup_and_metre(time_map, starts):
    found = [start for _, start in bars_between(time_map, 0, starts[-1] + 1)]
    assert found == starts


def test_lines_are_those_of_the_metre():
    axis = TimeAxis(0, 0.1)
    bars, beats, steps = grid_lines(MIXED, axis, 528, 240)
    assert bars == [0, 192, 384]
    assert beats == [48, 96, 144, 240, 288, 336, 456]  # quarters, then the pulses of 6/8
    assert 24 in steps and 48 not in steps


def test_lines_that_would_crowd_are_left_out():
    bars, beats, steps = grid_lines(PLAIN, TimeAxis(0, 0.002), 400, 120)
    assert beats == [] and steps == []
    assert bars[:3] == pytest.approx([0, 15.36, 30.72])  # every fourth bar


@pytest.mark.parametrize(
    ("time_map", "grid", "tick", "nearest", "down"),
    [
        (PLAIN, Grid.QUARTER, 250, 480, 0),
        (PLAIN, Grid.QUARTER, 230, 0, 0),
        (PLAIN, Grid.EIGHTH_TRIPLET, 170, 160, 160),
        (PLAIN, Grid.BAR, 1000, 1920, 0),
        (PLAIN, Grid.OFF, 137.4, 137, 137),
        (PICKUP, Grid.QUARTER, 500, 480, 480),
        (PICKUP, Grid.HALF, 1900, 1440, 1440),
        (MIXED, Grid.QUARTER, 3840 + 1300, 3840 + 1440, 3840 + 960),
        (MIXED, Grid.BAR, 3840 + 1500, 3840 + 1440, 3840 + 1440),
        (PLAIN, Grid.SIXTEENTH, -50, 0, 0),
    ],
)
def test_snapping(time_map, grid, tick, nearest, down):
    assert snapped(time_map, grid, tick) == nearest
    assert snapped_down(time_map, grid, tick) == down


@given(st.sampled_from([PLAIN, PICKUP, MIXED]), st.sampled_from(list(Grid)), st.integers(0, 20_000))
def test_snapped_ticks_stay_where_they_are(time_map, grid, tick):
    line = snapped(time_map, grid, tick)
    assert snapped(time_map, grid, line) == line
    assert abs(line - tick) <= step_ticks(grid, time_map, tick)
