"""A song whose record was changed by other hands says so when it is opened; a whole one says nothing."""

import sqlite3
from pathlib import Path

import pytest

from app.ui.mainwindow import MainWindow
from engine.formats.songfile import Act, SongFile
from tests.app.demo import harbour_lights


@pytest.fixture
def song(tmp_path: Path) -> Path:
    path = tmp_path / "Harbour <b>lights.understudy"
    file = SongFile.create(path, harbour_lights())
    for number in range(150):
        file.record(Act.AUDITION, {"take": number})
    file.close()
    return path


def test_a_changed_record_is_told_in_one_sentence(window: MainWindow, song: Path, qtbot) -> None:
    with sqlite3.connect(song) as connection:
        connection.execute("UPDATE ledger SET actor = 'artist', payload = '{}' WHERE seq = 123")
    connection.close()
    window.open_file(song)
    qtbot.waitUntil(lambda: bool(window.banner.sentence), timeout=5_000)
    assert window.banner.sentence == (
        f"“{song.name}” was changed outside of Understudy: from entry 123 on, its record of who made what "
        "is not as it was written."
    )
    assert window.banner.isVisible() and window.banner.property("calm") is False
    assert window.page is not None and window.page.document.song.tracks


def test_a_whole_record_says_nothing(window: MainWindow, song: Path, qtbot) -> None:
    window.open_file(song)
    qtbot.waitUntil(lambda: window.page is not None)
    window.page.document.record(Act.AUDITION, {"take": 1})  # written while the check goes on
    qtbot.wait(300)
    assert window.banner.sentence == ""


def test_a_song_closed_at_once_is_not_asked_any_more(window: MainWindow, song: Path, qtbot) -> None:
    window.open_file(song)
    qtbot.waitUntil(lambda: window.page is not None)
    window.show_start()
    qtbot.wait(50)
    assert window.banner.sentence == ""
