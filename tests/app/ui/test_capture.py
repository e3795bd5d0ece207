"""Play something: the keys are a piano, and what is played stands in the song in time."""

import pytest
from PySide6.QtCore import Qt

from app.ui.capture import PianoKeys, Recording
from engine.music import Origin


def test_a_recording_keeps_times_and_ends_held_notes():
    recording = Recording(1920)
    recording.struck(60, 88, 1900)  # a little early, still in the count-in
    recording.let_go(60, 2400)
    recording.struck(64, 70, 2400)
    recording.struck(64, 70, 2640)  # struck again without being let go
    notes = recording.finished(3000)
    assert [(n.start_ticks, n.duration_ticks, n.pitch, n.velocity) for n in notes] == [
        (1920, 480, 60, 88),
        (2400, 240, 64, 70),
        (2640, 360, 64, 70),
    ]
    assert all(n.origin is Origin.PLAYED for n in notes)


def test_a_very_short_press_is_still_a_note():
    recording = Recording(0)
    recording.struck(60, 88, 100)
    recording.let_go(60, 100)
    assert recording.finished(100)[0].duration_ticks == 30


@pytest.mark.parametrize(
    ("letter", "pitch"), [("A", 60), ("W", 61), ("S", 62), ("K", 72), ("P", 75), ("Q", None)]
)
def test_the_piano_row(qapp, letter, pitch):
    assert PianoKeys(print, int, find_inputs=tuple).pitch_of(letter) == pitch


def test_playing_on_an_empty_song_writes_what_was_played(window, qtbot):
    qtbot.mouseClick(window.start.play, Qt.MouseButton.LeftButton)
    page = window.page
    assert page is not None and "Z and X change the octave" in window.banner.sentence
    assert window.bar.capture.isChecked()
    qtbot.waitUntil(lambda: page.state.playhead_ticks > 200, timeout=15_000)
    for key in (Qt.Key.Key_A, Qt.Key.Key_D, Qt.Key.Key_G):
        qtbot.keyPress(window, key)
        qtbot.wait(120)
        qtbot.keyRelease(window, key)
    qtbot.keyClick(window, Qt.Key.Key_Space)
    notes = page.document.song.tracks[0].notes
    assert [n.pitch for n in notes] == [60, 64, 67]
    assert all(n.origin is Origin.PLAYED and n.duration_ticks >= 30 for n in notes)
    assert notes[0].start_ticks < notes[1].start_ticks < notes[2].start_ticks
    assert not window.bar.capture.isChecked() and not window.player.is_playing
    history = [name for name, _ in page.document.history()]
    assert history[0] == "Play in 3 notes"


def test_piano_keys_are_commands_again_afterwards(song_window, qtbot):
    song_window.actions_map["play.capture"].trigger()
    qtbot.keyClick(song_window, Qt.Key.Key_L)
    assert song_window.page.state.loop is None
    song_window.actions_map["play.capture"].trigger()
    qtbot.keyClick(song_window, Qt.Key.Key_L)
    assert song_window.page.state.loop == (8, 12)
