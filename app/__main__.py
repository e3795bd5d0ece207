"""Start the window: `python -m app [FILE ...]`.

The composition root: it makes the engine link, the player and the window and ties them together. The engine
and the sound device start behind the first paint.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from app.settings import settings
from app.ui import theme
from app.ui.collecting import Collecting
from app.ui.mainwindow import MainWindow

if TYPE_CHECKING:
    from app.enginelink.link import EngineLink
    from app.playback.qtplayer import QtPlayer


def main(arguments: Sequence[str] | None = None) -> int:
    """Show the window and stay until it is closed; the first file named is opened. The exit code."""
    files = list(sys.argv[1:] if arguments is None else arguments)
    application = QApplication([sys.argv[0], "-style", "fusion"])
    application.setApplicationName("Understudy")
    application.setDesktopFileName("understudy")
    theme.apply_basics(application)
    window = make_window()
    theme.apply(application)
    window.show()
    Collecting(application)
    application.aboutToQuit.connect(let_go_of_copy)
    if files:
        QTimer.singleShot(0, window, lambda: window.open_file(Path(files[0]).absolute()))
    return application.exec()


def let_go_of_copy() -> None:
    """Copied notes leave the clipboard with us: Qt would drop them after Python has gone, and crash."""
    from app.ui.canvas.notecommands import MIME_NOTES

    data = QApplication.clipboard().mimeData()
    if data is not None and data.hasFormat(MIME_NOTES):
        QApplication.clipboard().clear()


def make_window() -> MainWindow:
    """The window; the engine link and the player are made when it has been painted."""
    return MainWindow(make_link, make_player, settings.load())


def make_link() -> "EngineLink":
    from app.enginelink.link import EngineLink

    return EngineLink()


def make_player() -> "QtPlayer":
    from app.playback.qtplayer import QtPlayer

    return QtPlayer()


if __name__ == "__main__":
    sys.exit(main())
