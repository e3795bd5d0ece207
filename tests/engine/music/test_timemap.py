"""Bars, beats and seconds, across metre changes and pickups."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.music import Key, KeyChange, Metre, MetreChange, MusicError, Tempo, TimeMap
from engine.music.timemap import Position
from tests.engine.music.strategies import time_maps

WALTZ_WITH_PICKUP = TimeMap(metres=(MetreChange(0, Metre(3, 4)),), pickup_ticks=480)
CHANGES = TimeMap(
    metres=(
        MetreChange(0, Metre(4, 4)),
        MetreChange(2 * 1920, Metre(3, 4)),
        MetreChange(2 * 1920 + 3 * 1440, Metre(7, 8)),
    )
)
EARLY_CHANGE = TimeMap(metres=(MetreChange(0, Metre(4, 4)), MetreChange(1920 + 960, Metre(3, 4))))


@pytest.mark.parametrize(
    ("time_map", "starts"),
    [
        (TimeMap(), [0, 1920, 3840, 5760]),
        (WALTZ_WITH_PICKUP, [0, 480, 1920, 3360]),
        (CHANGES, [0, 1920, 3840, 5280, 6720, 8160, 9840, 11520]),
        (EARLY_CHANGE, [0, 1920, 2880, 4320]),
    ],
)
def test_bars_start_where_a_musician_counts_them(time_map, starts):
    assert [time_map.bar_start(bar) for bar in range(len(starts))] == starts


@pytest.mark.parametrize(
    ("time_map", "tick", "position"),
    [
        (TimeMap(), 2405, Position(1, 1, 5)),
        (WALTZ_WITH_PICKUP, 0, Position(0, 2, 0)),
        (WALTZ_WITH_PICKUP, 480, Position(1, 0, 0)),
        (CHANGES, 8160 + 240, Position(5, 1, 0)),
        (EARLY_CHANGE, 2879, Position(1, 1, 479)),
        (EARLY_CHANGE, 2880, Position(2, 0, 0)),
    ],
)
def test_positions(time_map, tick, position):
    assert time_map.position(tick) == position


def test_people_count_the_pickup_as_bar_zero():
    assert [WALTZ_WITH_PICKUP.bar_label(bar) for bar in range(3)] == ["0", "1", "2"]
    assert TimeMap().bar_label(0) == "1"
    assert WALTZ_WITH_PICKUP.bar_from_label(1) == 1


@given(time_maps(), st.integers(0, 60_000))
def test_every_tick_lies_in_its_bar_and_comes_back_from_its_position(time_map, tick):
    bar = time_map.bar_of(tick)
    assert time_map.bar_start(bar) <= tick < time_map.bar_start(bar + 1)
    assert time_map.tick_of(*time_map.position(tick)) == tick


@given(time_maps())
def test_bars_follow_each_other_without_gap(time_map):
    starts = [time_map.bar_start(bar) for bar in range(40)]
    assert starts[0] == 0
    assert starts == sorted(set(starts))
    for change in time_map.metres:
        assert change.tick in starts or change.tick > starts[-1]


@given(time_maps(), st.integers(0, 60_000))
def test_seconds_and_ticks_are_inverse_and_increase(time_map, tick):
    assert time_map.tick_at(time_map.seconds_at(tick)) == pytest.approx(tick, abs=1e-3)
    assert time_map.seconds_at(tick + 1) > time_map.seconds_at(tick)


def test_seconds_across_a_tempo_change():
    time_map = TimeMap(tempos=(Tempo.of_bpm(0, 120), Tempo.of_bpm(960, 60)))
    assert time_map.seconds_at(960) == pytest.approx(1.0)
    assert time_map.seconds_at(1440) == pytest.approx(2.0)


def test_keys_hold_until_the_next():
    time_map = TimeMap(keys=(KeyChange(480, Key(2)),))
    assert time_map.key_at(0) is None
    assert time_map.key_at(5_000) == Key(2)


@pytest.mark.parametrize(
    "arguments",
    [
        {"tempos": ()},
        {"tempos": (Tempo(5),)},
        {"metres": (MetreChange(0), MetreChange(0))},
        {"tempos": (Tempo(0), Tempo(0))},
        {"pickup_ticks": 1920},
        {"pickup_ticks": -1},
    ],
)
def test_impossible_time_maps_are_refused(arguments):
    with pytest.raises(MusicError):
        TimeMap(**arguments)


@pytest.mark.parametrize(("numerator", "denominator"), [(0, 4), (4, 3), (4, 0), (300, 4)])
def test_impossible_metres_are_refused(numerator, denominator):
    with pytest.raises(MusicError, match="metre"):
        Metre(numerator, denominator)


@pytest.mark.parametrize(
    ("metre", "strong", "pulse"),
    [
        (Metre(4, 4), (0, 960), 480),
        (Metre(3, 4), (0,), 480),
        (Metre(6, 8), (0, 720), 720),
        (Metre(2, 4), (0,), 480),
        (Metre(7, 8), (0,), 240),
        (Metre(12, 8), (0, 720, 1440, 2160), 720),
    ],
)
def test_strong_beats_and_pulse(metre, strong, pulse):
    assert (metre.strong_offsets, metre.pulse_ticks) == (strong, pulse)
