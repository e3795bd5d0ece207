"""Where a song begins."""

import time
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QApplication

from app.settings import settings
from app.ui.startpage import SongRow, when_words
from tests.app.walk.test_findings import cut


def row_named(window, title: str) -> SongRow:
    return next(row for row in window.start.rows() if row.accessibleName().startswith(title))


def open_demo(window, qtbot, title: str) -> None:
    qtbot.mouseClick(row_named(window, title), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.page is not None, timeout=20_000)


@pytest.mark.parametrize(
    ("title", "metre", "key", "bars", "tab"),
    [
        ("Demo: a tune", "3/4", "G major", 8, "Chords"),
        ("Demo: four chords", "4/4", "F major", 4, "Melody"),
    ],
)
def test_a_demo_opens_and_is_heard(window, qtbot, title, metre, key, bars, tab):
    open_demo(window, qtbot, title)
    assert window.bar.metre.value == metre
    assert window.bar.key.value == key
    assert window.bar.key.note.startswith("key · heard")
    assert window.page.document.song.bars == bars
    assert window.page.panel.tab == tab
    assert window.page.document.sketches[0].name.endswith(".mid")


def test_a_song_waits_under_recent_and_opens_again(window, qtbot):
    open_demo(window, qtbot, "Demo: a tune")
    qtbot.keyClick(window, Qt.Key.Key_W, Qt.KeyboardModifier.ControlModifier)
    assert window.page is None and window.windowTitle() == "Understudy"
    recent = row_named(window, "A tune without chords")
    assert "G major · 112 bpm · 8 bars" in recent.accessibleName()
    qtbot.mouseClick(recent, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.page is not None)
    assert window.bar.title.text() == "A tune without chords"


def test_start_empty_by_key_leaves_no_trace_when_nothing_was_done(window, qtbot, home):
    qtbot.keyClick(window, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    assert window.page is not None and window.bar.title.text() == "Untitled"
    window.show_start()
    assert not list((home / "home/data/drafts").glob("*.understudy"))


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("gone.mid", None, "“gone.mid” is not there any more."),
        ("noise.mid", b"not music at all", "noise.mid"),
        ("letter.txt", b"hello", "“letter.txt” is no MIDI file, recording, score or song of Understudy."),
        ("torn.understudy", b"SQLite? no", "torn.understudy"),
    ],
)
def test_what_cannot_be_opened_is_said_in_one_sentence(window, qtbot, home, name, content, sentence):
    path: Path = home / name
    if content is not None:
        path.write_bytes(content)
    window.picker.path = path
    qtbot.keyClick(window, Qt.Key.Key_O, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: sentence in window.banner.sentence, timeout=10_000)
    assert window.page is None and window.banner.isVisible()
    assert "Traceback" not in window.banner.sentence


def test_a_file_dropped_anywhere_is_opened(window, qtbot):
    data = QMimeData()
    demo = Path(__file__).parents[3] / "assets/demos/four-chords-without-a-tune.mid"
    data.setUrls([QUrl.fromLocalFile(str(demo))])
    event = QDropEvent(
        QPoint(700, 500),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    window.dropEvent(event)
    assert event.isAccepted()
    qtbot.waitUntil(lambda: window.page is not None, timeout=20_000)
    assert window.bar.tempo.value == "84.0"


def test_after_a_crash_the_song_is_offered_again(make_window, qtbot):
    window = make_window()
    qtbot.keyClick(window, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    window.page.corrections.correct_tempo(97)
    left_open = settings.load()  # as a crash would leave it: the song is noted as open
    assert left_open.last_song == str(window.page.document.path)
    window.show_start()
    second = make_window(left_open)
    assert "was open when Understudy stopped" in second.banner.sentence
    qtbot.mouseClick(second.banner.choices()[0], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: second.page is not None)
    assert second.bar.tempo.value == "97.0"


@pytest.mark.parametrize(
    ("passed_s", "words"),
    [
        (5, "just now"),
        (130, "2 min ago"),
        (3 * 3600, "3 h ago"),
        (27 * 3600, "yesterday"),
        (3 * 86400, "Thursday"),
    ],
)
def test_when_in_words(passed_s, words):
    sunday_noon = time.mktime((2026, 11, 22, 12, 0, 0, 0, 0, -1))
    assert when_words(sunday_noon - passed_s, sunday_noon) == words


def test_everything_on_the_page_has_a_name(window):
    for row in window.start.rows():
        assert row.accessibleName()
    assert window.start.play.accessibleName() == "Play something"
    assert window.bar.engine.accessibleName()


def test_what_the_engine_was_trained_on(window, qtbot):
    from app.ui.musicbox import MusicBox

    qtbot.mouseClick(window.start.see_music, Qt.MouseButton.LeftButton)
    box = window.findChild(MusicBox)
    qtbot.waitUntil(lambda: "Licences:" in box.texts(), timeout=20_000)
    qtbot.keyClick(box, Qt.Key.Key_Escape)
    assert box.isHidden()


@pytest.mark.parametrize(("width", "height"), [(900, 560), (1440, 900)])
def test_no_word_of_the_page_is_cut_in_any_size(window, qtbot, width, height):
    window.resize(width, height)
    window.show_start()
    qtbot.waitUntil(lambda: not cut(window.start))
    assert window.start.record.accessibleName() == "Record a voice or instrument"


def test_in_a_narrow_window_no_hint_is_cut(song_window, qtbot):
    song_window.resize(900, 560)
    song_window.say("")
    song_window.status.show_hints([("Space", "play in context"), ("E", "edit")] * 3)
    qtbot.waitUntil(lambda: not cut(song_window.status) and not song_window.status.shares.isVisible())
    song_window.resize(1440, 900)
    qtbot.waitUntil(song_window.status.shares.isVisible)


def test_nothing_is_pressed_before_it_is_reached_and_tab_begins_with_the_files(song_window, qtbot):
    song_window.show_start()
    qtbot.wait(1)
    assert QApplication.focusWidget() is song_window.start
    qtbot.keyClick(song_window.start, Qt.Key.Key_Tab)
    assert QApplication.focusWidget().accessibleName() == "choose a file"
