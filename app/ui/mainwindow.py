"""The window: the bar above, the start page or the open song, the line below.

Only what the first paint needs is imported here. The rest, the Workshop with engine, player, song page and
commands, comes right after it: in small steps when nothing is happening, at once when it is asked for.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QByteArray, QEvent, QPoint, QTimer
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDragLeaveEvent, QDropEvent, QKeyEvent, QPaintEvent
from PySide6.QtWidgets import QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from app.settings import settings as store
from app.settings.paths import demos
from app.settings.settings import Settings
from app.ui.banner import Banner
from app.ui.keymap import Actions
from app.ui.startpage import StartPage
from app.ui.statusbar import StatusBar
from app.ui.topbar import TopBar
from app.ui.widgets import needs_key

if TYPE_CHECKING:
    from app.document.document import SongDocument
    from app.enginelink.link import EngineLink
    from app.playback.qtplayer import QtPlayer
    from app.ui.opening import Opening
    from app.ui.picking import FilePicker
    from app.ui.songpage import SongPage
    from app.ui.tour import Tour
    from app.ui.workshop import Workshop

START_HINTS = (("help.palette", "all commands"), ("help.tour", "a five-step tour"))
OPENED = (
    ".understudy", ".mid", ".midi", ".rmi", ".kar", ".musicxml", ".xml", ".mxl", ".abc", ".wav", ".flac",
    ".ogg", ".oga", ".opus", ".mp3", ".aiff", ".aif", ".aifc", ".m4a", ".aac", ".mp4", ".wma", ".webm",
    ".3gp", ".amr", ".caf",
)  # fmt: skip
# brought in one after the other once the window is on the screen
LATER = (
    "engine.music",
    "app.enginelink.link",
    "engine.formats.songfile",
    "engine.formats.midi",
    "numpy",
    "app.playback.qtplayer",
    "app.ui.songpage",
    "app.ui.workshop",
)


class MainWindow(QMainWindow):
    """Made with ways to make the engine link and the player; they are not needed for the first paint."""

    def __init__(
        self,
        make_link: Callable[[], EngineLink],
        make_player: Callable[[], QtPlayer],
        settings: Settings,
        picker: FilePicker | None = None,
    ) -> None:
        super().__init__()
        self.settings = settings
        self._make_link, self._make_player, self._picker = make_link, make_player, picker
        self._workshop: Workshop | None = None
        self._is_closing = False
        self._has_painted = False
        self.tour: Tour | None = None
        self.actions_map = Actions(self, settings.keys)
        self.bar = TopBar(self.actions_map)
        self.banner = Banner()
        self.start = StartPage(self.actions_map)
        self.status = StatusBar()
        self.stack = QStackedWidget()
        self.stack.addWidget(self.start)
        self._lay_out()
        self.start.file_wanted.connect(lambda path: self.open_file(Path(path)))
        self.actions_map.asked_early.connect(lambda: QTimer.singleShot(0, self, self.wake))
        self.show_start()
        self._restore_geometry()
        self._offer_recovery()

    def _lay_out(self) -> None:
        central = QWidget()
        layout = QVBoxLayout(central)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        for widget in (self.bar, self.banner):
            layout.addWidget(widget)
        layout.addWidget(self.stack, 1)
        layout.addWidget(self.status)
        self.setCentralWidget(central)
        self.setAcceptDrops(True)
        self.setMinimumSize(900, 560)
        self.resize(1440, 900)

    # waking -----------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """After the first paint the rest is brought in, in small steps, the window answering in between."""
        super().paintEvent(event)
        if not self._has_painted:
            self._has_painted = True
            QTimer.singleShot(0, self, lambda: self._bring_in(list(LATER)))

    def _bring_in(self, modules: list[str]) -> None:
        if self._workshop is not None or self._is_closing:
            return
        if not modules:
            self.wake()
            return
        importlib.import_module(modules[0])
        QTimer.singleShot(0, self, lambda: self._bring_in(modules[1:]))

    def wake(self) -> Workshop:
        """The rest of the window; made once, and the engine is started."""
        if self._workshop is None:
            from app.ui.workshop import Workshop

            self._workshop = Workshop(self, self._make_link(), self._make_player(), self._picker)
            self.actions_map.run_early()
        return self._workshop

    @property
    def link(self) -> EngineLink:
        return self.wake().link

    @property
    def player(self) -> QtPlayer:
        return self.wake().player

    @property
    def opening(self) -> Opening:
        return self.wake().opening

    @property
    def picker(self) -> FilePicker:
        return self.wake().picker

    # the open song --------------------------------------------------------------

    @property
    def page(self) -> SongPage | None:
        return self._workshop.page if self._workshop else None

    @property
    def document(self) -> SongDocument | None:
        return self.page.document if self.page else None

    def open_file(self, path: Path) -> None:
        """A song or a sketch."""
        self.banner.clear()
        self.opening.open_file(path)

    def show_start(self) -> None:
        """Close the song, if any, and show the start page."""
        if self._workshop is not None:
            self._workshop.close_song()
        self.stack.setCurrentWidget(self.start)
        self.start.show_songs(self.settings.recent, demos())
        self.start.setFocus()  # so that Enter and Space press nothing that was not reached for
        self.bar.show_no_song()
        self.status.show_shares(None)
        self.status.show_hints([(self.actions_map.key(name), does) for name, does in START_HINTS])
        self.setWindowTitle("Understudy")

    def say(self, sentence: str) -> None:
        """One sentence in the line below."""
        self.status.say(sentence)

    def event(self, event: QEvent) -> bool:
        """Typing and pressing buttons with the keyboard come before the keys of commands."""
        is_override = isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride
        if is_override and needs_key(self.focusWidget(), cast(QKeyEvent, event)):
            event.accept()
            return True
        return super().event(event)

    # drops ------------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if _dropped(event) is not None:
            event.acceptProposedAction()
            self.start.drop.light(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self.start.drop.light(False)

    def dropEvent(self, event: QDropEvent) -> None:
        self.start.drop.light(False)
        path = _dropped(event)
        if path is not None:
            event.acceptProposedAction()
            at = event.position().toPoint()
            QTimer.singleShot(0, self, lambda: self._take_dropped(path, at))

    def _take_dropped(self, path: Path, at: QPoint) -> None:
        """A recording dropped on the tracks of the open song goes into it; everything else is opened."""
        page = self.page
        tick = page.tick_under(page.mapFrom(self, at)) if page is not None else None
        if tick is None or not self.wake().recording.takes_in(path, tick):
            self.open_file(path)

    # what is remembered --------------------------------------------------------------

    def remember(self, **changes: object) -> None:
        """Change settings and write them down."""
        self.settings = replace(self.settings, **changes)  # type: ignore[arg-type]
        store.save(self.settings)

    def _restore_geometry(self) -> None:
        if self.settings.window_geometry:
            self.restoreGeometry(QByteArray.fromBase64(self.settings.window_geometry.encode()))

    def _offer_recovery(self) -> None:
        """A song that was open when the program ended without being asked to."""
        path = Path(self.settings.last_song) if self.settings.last_song else None
        if path is None or not path.is_file() or _is_in_use(path):
            return
        title = next((song.title for song in self.settings.recent if song.path == str(path)), path.stem)
        sentence = f"“{title}” was open when Understudy stopped. Everything in it is safe."
        self.banner.say(sentence, [("Open it", lambda: self.open_file(path))], is_calm=True)

    def closeEvent(self, event: QCloseEvent) -> None:
        self._is_closing = True
        geometry = bytes(self.saveGeometry().toBase64().data()).decode()
        if self._workshop is not None:
            self._workshop.close()
        self.remember(window_geometry=geometry, last_song="")
        event.accept()


def _is_in_use(path: Path) -> bool:
    """Whether a window has the song open; asked only after one ended without a word, so imported late."""
    from engine.formats.songfile import is_in_use

    return is_in_use(path)


def _dropped(event: QDropEvent) -> Path | None:
    """The file that hangs on the mouse, if the window can open it."""
    urls = [url for url in event.mimeData().urls() if url.isLocalFile()]
    paths = [Path(url.toLocalFile()) for url in urls]
    return next((path for path in paths if path.suffix.lower() in OPENED), None)
