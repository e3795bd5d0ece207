"""Work beside the window: its result comes to the GUI thread, and a song made there can be closed here."""

import gc
import threading

import pytest
from PySide6.QtCore import QObject

from app.document.beside import Beside
from app.document.core import OpenSong
from engine.formats.songfile import SongFileError
from tests.app.demo import harbour_lights


@pytest.fixture
def window(qapp):
    return QObject()


def test_the_result_comes_back_in_the_window_s_thread(qtbot, window):
    came, collects = [], gc.isenabled()
    Beside(threading.get_ident, lambda found: came.append((found, threading.get_ident())), window)
    qtbot.waitUntil(lambda: bool(came))
    assert came[0][0] != came[0][1] == threading.get_ident()
    assert gc.isenabled() is collects


def test_expected_trouble_is_handed_over(qtbot, window):
    def work():
        raise SongFileError("No.")

    came = []
    Beside(work, came.append, window, (SongFileError,))
    qtbot.waitUntil(lambda: bool(came))
    assert str(came[0]) == "No."


def test_what_is_abandoned_calls_nobody(qtbot, window):
    came = []
    running = Beside(lambda: 7, came.append, window)
    assert running.abandon() == 7
    qtbot.wait(30)
    assert not came


@pytest.mark.parametrize("times", [2])
def test_a_song_made_or_opened_in_a_thread_is_free_again_when_closed(qtbot, window, tmp_path, times):
    path = tmp_path / "song.understudy"
    made = []
    Beside(lambda: OpenSong.create(path, harbour_lights(), None), made.append, window)
    qtbot.waitUntil(lambda: bool(made))
    made.pop().close()
    for _ in range(times):
        Beside(lambda: OpenSong.open(path), made.append, window)
        qtbot.waitUntil(lambda: bool(made))
        made.pop().close()
    OpenSong.open(path).close()
