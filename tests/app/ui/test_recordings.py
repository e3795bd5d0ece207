"""Recordings that lie in a song: their waves, levels and places."""

from dataclasses import replace

import pytest
import soundfile
from PySide6.QtCore import QPoint, QPointF, Qt

from app.document.document import SongDocument
from engine.formats.songfile import SketchSource
from engine.music import Note, Origin, Recording, Role, edits
from tests.app.demo import BAR, harbour_lights
from tests.app.ui.singing import RATE, sung


@pytest.fixture
def memo_window(window, qtbot, tmp_path):
    """A song with a recording that was opened before: only the file is needed, not the engine."""

    path = tmp_path / "memo.wav"
    soundfile.write(path, sung(), RATE)
    sketch = SketchSource("memo.wav", path.read_bytes())
    song = edits.add_recording(harbour_lights(), Recording(sketch.sha256, "memo.wav", 2.0))
    window.opening.opened.emit(SongDocument.create(None, song, sketch), None)
    qtbot.waitUntil(lambda: window.page.tapes.tape(sketch.sha256) is not None, timeout=20_000)
    return window


def test_the_wave_is_drawn_where_it_sounds_and_muted_by_press(memo_window, qtbot):
    wave, song = memo_window.page.roll.wave, memo_window.document.song
    memo_window.page.roll.show_bars(0, 4)
    recording = song.recordings[0]
    tape = memo_window.page.tapes.tape(recording.sha256)
    outline = wave._outline(recording, tape)
    heights = [outline[i].y() for i in range(wave.width())]
    end_x = round(wave.axis.x(song.time_map.tick_at(2.0)))
    middle = wave.height() / 2
    assert max(middle - y for y in heights[: end_x - 40]) > 8
    assert max(middle - y for y in heights[end_x + 2 :]) < 1.5
    head = memo_window.page.roll.wave_head.heads[0]
    qtbot.mouseClick(head.mute, Qt.MouseButton.LeftButton)
    assert memo_window.document.song.recordings[0].muted
    assert memo_window.document.undo_name == "Mute the recording"
    head.setFocus()
    qtbot.keyClick(head, Qt.Key.Key_Left)
    assert memo_window.document.song.recordings[0].level == pytest.approx(0.75)
    assert "75%" in head.accessibleName()


@pytest.fixture
def two_memos(memo_window, qtbot, tmp_path):
    """A second recording, two bars later, with a note that was heard in it."""
    document = memo_window.document
    path = tmp_path / "second.wav"
    soundfile.write(path, sung((72, 71)), RATE)
    sketch = SketchSource("second.wav", path.read_bytes())
    document.add_sketch(sketch)
    song = edits.add_recording(document.song, Recording(sketch.sha256, "second.wav", 1.0, 2 * BAR))
    song, track_id = edits.add_track(song, "Voice", Role.OTHER), song.next_id
    heard = Note(0, 2 * BAR, 480, 72, 80, Origin.IMPORTED, sketch.sha256)
    document.commit("Record a take", edits.insert_notes(song, track_id, [heard]))
    qtbot.waitUntil(lambda: memo_window.page.tapes.tape(sketch.sha256) is not None, timeout=20_000)
    memo_window.page.roll.show_bars(0, 8)
    return memo_window


def test_each_recording_has_its_own_row_mute_and_level(two_memos, qtbot):
    wave, heads = two_memos.page.roll.wave, two_memos.page.roll.wave_head.heads
    assert [wave.row(index).top() for index in (0, 1)] == [0, 40] and wave.height() == 80
    assert [head.height() for head in heads] == [40, 40] and heads[1].y() == 40
    qtbot.mouseClick(heads[0].mute, Qt.MouseButton.LeftButton)
    heads[1].setFocus()
    qtbot.keyClick(heads[1], Qt.Key.Key_Left)
    first, second = two_memos.document.song.recordings
    assert (first.muted, second.muted) == (True, False)
    assert (first.level, second.level) == (0.8, pytest.approx(0.75))


def test_a_recording_is_dragged_with_its_notes_and_removed(two_memos, qtbot):
    document, wave = two_memos.document, two_memos.page.roll.wave
    assert wave.recording_at(QPointF(wave.axis.x(0) + 2, 50)) is None  # the second begins later
    grab = QPoint(round(wave.axis.x(2 * BAR)) + 8, 60)
    to = QPoint(round(wave.axis.x(3 * BAR)) + 8, 60)
    qtbot.mousePress(wave, Qt.MouseButton.LeftButton, pos=grab)
    for step in (5, 20, to.x() - grab.x()):
        qtbot.mouseMove(wave, grab + QPoint(step, 0))
    qtbot.mouseRelease(wave, Qt.MouseButton.LeftButton, pos=to)
    song = document.song
    assert [each.tick for each in song.recordings] == [0, 3 * BAR]
    assert song.tracks[-1].notes[0].start_ticks == 3 * BAR and document.undo_name == "Move the recording"
    before = song
    head = two_memos.page.roll.wave_head.heads[1]
    two_memos.page.state.set_playhead(BAR)
    next(each for each in head.menu().actions() if "sound alone" in each.text()).trigger()
    assert document.song.recordings[1].tick == BAR and document.song.tracks == before.tracks
    head.setFocus()
    qtbot.keyClick(head, Qt.Key.Key_Delete)
    assert len(document.song.recordings) == 1 and document.song.tracks == before.tracks
    document.undo()
    head = two_memos.page.roll.wave_head.heads[1]
    next(each for each in head.menu().actions() if each.text() == "Remove with its notes").trigger()
    assert len(document.song.recordings) == 1 and document.song.tracks == before.tracks[:-1]


@pytest.mark.timeout(240)
def test_the_same_file_a_second_time_does_not_move_its_sound(memo_window, qtbot, tmp_path):
    document = memo_window.document
    assert memo_window.wake().recording.takes_in(tmp_path / "memo.wav", 4 * BAR)
    qtbot.waitUntil(lambda: document.undo_name == "Record a take", timeout=90_000)
    assert document.song.recordings[0].tick == 0 and "was in the song already" in memo_window.banner.sentence
    assert document.song.tracks[-1].notes[0].start_ticks >= 4 * BAR
    qtbot.mouseClick(memo_window.banner.choices()[0], Qt.MouseButton.LeftButton)
    assert document.song.recordings[0].tick == 4 * BAR


def test_songs_without_a_recording_have_no_wave(song_window):
    assert not song_window.page.roll.wave.isVisible() and not song_window.page.roll.wave_head.isVisible()


def test_a_broken_recording_is_said_and_the_song_opens(window, qtbot, tmp_path):

    sketch = SketchSource("memo.wav", b"no sound at all")
    song = edits.add_recording(harbour_lights(), Recording(sketch.sha256, "memo.wav", 2.0))
    window.opening.opened.emit(SongDocument.create(None, replace(song), sketch), None)
    qtbot.waitUntil(lambda: "cannot be played" in window.status.sentence, timeout=20_000)
