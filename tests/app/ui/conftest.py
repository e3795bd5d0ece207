"""A real window with the real engine process and the real player; only file dialogs answer by themselves."""

import os
from pathlib import Path

import pytest
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from app.document.document import SongDocument
from app.enginelink.link import EngineLink, EngineState
from app.playback.qtplayer import QtPlayer
from app.settings import settings
from app.ui import theme
from app.ui.mainwindow import MainWindow
from tests.app.demo import harbour_lights


class AnsweringPicker:
    """Stands in for the system's dialogs, which nobody can click here: answers with `path` at once."""

    def __init__(self) -> None:
        self.path: Path | None = None
        self.proposed: Path | None = None

    def open_file(self, title, folder, suffixes, on_path) -> None:
        on_path(self.path)

    def save_file(self, title, proposed, suffix, on_path) -> None:
        self.proposed = proposed
        on_path(self.path)

    def choose_folder(self, title, folder, on_path) -> None:
        on_path(self.path)


@pytest.fixture(scope="session")
def engine(qapp: QApplication):
    """One engine process for all windows."""
    theme.apply(qapp)
    link = EngineLink()
    link.start()
    yield link
    link.stop()


@pytest.fixture
def engine_at_home(engine: EngineLink, home: Path, qtbot):
    """The engine, started again so that it keeps its files in the home of this test; and once more after."""
    _start_again(engine, qtbot)
    yield engine
    _start_again(engine, qtbot)


def _start_again(engine: EngineLink, qtbot) -> None:
    engine.stop()
    engine.start()
    qtbot.waitUntil(lambda: engine.state is EngineState.READY, timeout=30_000)


def named(root: QWidget, name: str) -> QWidget:
    """The button that says this or has this accessible name."""
    return next(each for each in _buttons(root) if name in (each.text(), each.accessibleName()))


def has_button(root: QWidget, name: str) -> bool:
    return any(name in (each.text(), each.accessibleName()) for each in _buttons(root))


def _buttons(root: QWidget) -> list[QAbstractButton]:
    return [each for each in root.findChildren(QAbstractButton) if each.isVisible()]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("UNDERSTUDY_HOME", str(tmp_path / "home"))
    return tmp_path


@pytest.fixture
def make_window(qtbot, engine, home):
    """Windows that are put away again; a second one is what a later start would show."""
    made: list[MainWindow] = []

    def make(now=None) -> MainWindow:
        window = MainWindow(lambda: engine, QtPlayer, now or settings.load(), AnsweringPicker())
        window.resize(1440, 900)
        window.show()
        window.wake()
        window.activateWindow()
        qtbot.waitUntil(window.isActiveWindow)
        made.append(window)
        return window

    yield make
    for window in made:
        window.show_start()
        window.player.close()
        window.hide()
        window.deleteLater()


@pytest.fixture
def window(make_window) -> MainWindow:
    return make_window()


@pytest.fixture
def song_window(window, qtbot) -> MainWindow:
    """The window with “Harbour lights” open and bars 9–12 selected."""
    window.opening.opened.emit(SongDocument.create(None, harbour_lights()), None)
    window.page.state.set_region((8, 12))
    qtbot.wait(1)
    return window
