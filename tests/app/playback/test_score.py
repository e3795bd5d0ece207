"""Ticks become frames: tempo, metre, pickup, pedal, controllers."""

from dataclasses import replace
from itertools import islice

import numpy as np
import pytest

from app.playback.score import Kind, compile_song, sounding_ends
from engine.music.timemap import Metre, MetreChange, Tempo
from engine.music.track import ControlEvent, ControlKind, Role
from tests.app.playback.sound import BAR, QUARTER, RATE, song, staccato, track

RITARDANDO = (Tempo.of_bpm(0, 120), Tempo.of_bpm(2 * QUARTER, 60), Tempo.of_bpm(3 * QUARTER, 240))


@pytest.mark.parametrize(
    ("tempos", "expected_s"),
    [
        ((Tempo.of_bpm(0, 120),), [0, 0.5, 1.0, 1.5, 2.0]),
        ((Tempo.of_bpm(0, 60),), [0, 1, 2, 3, 4]),
        (RITARDANDO, [0, 0.5, 1.0, 2.0, 2.25]),
        ((Tempo.of_bpm(0, 120), Tempo.of_bpm(QUARTER + 240, 60)), [0, 0.5, 1.25, 2.25, 3.25]),
    ],
)
def test_notes_fall_on_the_frames_of_the_tempo_map(tempos, expected_s):
    score = compile_song(song(staccato([60] * 5), tempos=tempos), RATE)
    ons = score.events[score.events[:, 2] == Kind.NOTE_ON]
    assert ons[:, 0].tolist() == [round(s * RATE) for s in expected_s]


def test_frames_agree_with_the_time_map_over_a_long_song_with_many_tempos():
    tempos = tuple(Tempo(i * 777, 300_000 + 7919 * i % 400_000) for i in range(300))
    notes = [(i * 113, 50, 60) for i in range(2000)]
    made = song(track(notes), tempos=tempos)
    score = compile_song(made, 44100)
    expected = [round(made.time_map.seconds_at(start) * 44100) for start, _, _ in notes]
    assert np.abs(score.parts[1].notes[:, 0] - expected).max() <= 1


def test_a_note_off_comes_before_the_next_note_on_of_the_same_frame():
    score = compile_song(song(track([(0, QUARTER, 60), (QUARTER, QUARTER, 60)])), RATE)
    assert score.events[:, 2].tolist() == [Kind.NOTE_ON, Kind.NOTE_OFF, Kind.NOTE_ON, Kind.NOTE_OFF]


SIX_EIGHT = (MetreChange(0, Metre(6, 8)),)
THREE_FOUR_AFTER_A_BAR = (MetreChange(0), MetreChange(BAR, Metre(3, 4)))


@pytest.mark.parametrize(
    ("metres", "pickup", "expected"),
    [
        ((MetreChange(0),), 0, [(0, True), (480, False), (960, False), (1440, False), (1920, True)]),
        (SIX_EIGHT, 0, [(0, True), (720, False), (1440, True), (2160, False)]),
        ((MetreChange(0),), 480, [(0, False), (480, True), (960, False)]),
        ((MetreChange(0),), 720, [(240, False), (720, True)]),
        (THREE_FOUR_AFTER_A_BAR, 0, [*[(i * 480, i == 0) for i in range(4)], (1920, True), (2400, False)]),
    ],
)
def test_beats_are_felt_beats_and_bars_begin_with_the_accent(metres, pickup, expected):
    score = compile_song(song(staccato([60]), metres=metres, pickup_ticks=pickup), RATE)
    beats = [(beat.tick, beat.is_downbeat) for beat in islice(score.beats(0), len(expected))]
    assert beats == expected


def test_the_next_beat_is_found_from_any_frame_also_on_the_beat():
    score = compile_song(song(staccato([60] * 8)), RATE)
    assert [score.next_beat(frame).tick for frame in (0, 1, 23_999, 24_000, 24_001)] == [
        0,
        480,
        480,
        480,
        960,
    ]


def pedal(tick, value):
    return ControlEvent(tick, ControlKind.CONTROL, 64, value)


@pytest.mark.parametrize(
    ("notes", "pedals", "ends"),
    [
        ([(0, 100, 60)], [], [100]),
        ([(0, 100, 60)], [pedal(50, 127), pedal(900, 0)], [900]),
        ([(0, 100, 60)], [pedal(100, 127), pedal(900, 0)], [900]),
        ([(0, 100, 60)], [pedal(101, 127), pedal(900, 0)], [100]),
        ([(0, 1000, 60)], [pedal(50, 127), pedal(900, 0)], [1000]),
        ([(0, 100, 60), (500, 100, 60)], [pedal(0, 127), pedal(900, 0)], [500, 900]),
        ([(0, 100, 60), (500, 100, 64)], [pedal(0, 127), pedal(900, 0)], [900, 900]),
        ([(0, 100, 60), (500, 100, 64)], [pedal(0, 127)], [600, 600]),
        ([(0, 100, 60)], [pedal(0, 40), pedal(900, 0)], [100]),
        ([(0, 900, 60), (500, 100, 60)], [], [500, 900]),
        ([(0, 900, 60), (500, 800, 60)], [], [500, 1300]),
        ([(0, 900, 60), (0, 100, 60)], [], [0, 900]),
    ],
)
def test_notes_end_when_let_go_when_the_pedal_is_released_or_when_struck_again(notes, pedals, ends):
    assert sounding_ends(track(notes, controls=tuple(pedals))) == ends


def test_the_song_ends_at_the_bar_line_after_its_last_note():
    score = compile_song(song(track([(0, 480, 60), (BAR, 10, 60)])), RATE)
    assert score.end_frame == 4 * RATE


def test_an_edit_of_one_track_takes_the_others_over_and_a_tempo_change_none():
    first = song(staccato([60], 1), staccato([64], 2))
    before = compile_song(first, RATE)
    muted = replace(first.tracks[0], muted=True)
    edited = replace(first, tracks=(muted, staccato([65], 2)))
    after = compile_song(edited, RATE, before)
    assert after.parts[1].notes is before.parts[1].notes
    assert after.parts[1].track.muted
    assert after.parts[2].notes is not before.parts[2].notes
    faster = replace(first, time_map=replace(first.time_map, tempos=(Tempo.of_bpm(0, 240),)))
    assert compile_song(faster, RATE, before).parts[1].notes is not before.parts[1].notes


def test_unplayable_notes_make_no_events():
    silent = track([(0, 480, 60), (480, 0, 62)])
    silent = replace(silent, notes=(replace(silent.notes[0], velocity=0), silent.notes[1]))
    assert len(compile_song(song(silent), RATE).events) == 0


def test_a_song_without_tracks_compiles():
    score = compile_song(song(), RATE)
    assert (len(score.events), score.end_frame) == (0, 2 * RATE)


def test_a_program_change_carries_its_program_and_drums_are_known():
    change = ControlEvent(10, ControlKind.PROGRAM, 0, 33)
    score = compile_song(song(track([(0, 480, 36)], role=Role.DRUMS, controls=(change,))), RATE)
    assert [10 * RATE // 960, 1, Kind.PROGRAM, 33, 33] in score.events.tolist()
    assert score.parts[1].is_drums
