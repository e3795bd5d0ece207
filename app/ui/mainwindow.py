"""The window: the bar above, the start page or the open song, the line below, and every command bound to
its doing.
"""

import time
from dataclasses import replace
from pathlib import Path
from typing import cast

from PySide6.QtCore import QByteArray, QEvent, QTimer
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDragLeaveEvent, QDropEvent, QKeyEvent
from PySide6.QtWidgets import QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from app.document.document import SongDocument
from app.enginelink.link import EngineLink, EngineState
from app.playback.qtplayer import QtPlayer
from app.settings import settings as store
from app.settings.paths import demos
from app.settings.settings import Recent, Settings
from app.ui.banner import Banner
from app.ui.commands import bind_commands, page_commands
from app.ui.keymap import Actions
from app.ui.opening import OPENED, Opening, song_facts
from app.ui.palette import Palette
from app.ui.picking import FilePicker
from app.ui.songpage import SongPage
from app.ui.startpage import StartPage
from app.ui.statusbar import StatusBar
from app.ui.topbar import TopBar, facts_of, position_text
from app.ui.tour import Tour
from app.ui.widgets import needs_key
from engine.music.analysis import Analysis

TICK_MS = 1000
SOON_MS = 40
START_HINTS = (("help.palette", "all commands"), ("help.tour", "a five-step tour"))


class MainWindow(QMainWindow):
    """Owns the open document; everything else is handed in."""

    def __init__(
        self, link: EngineLink, player: QtPlayer, settings: Settings, picker: FilePicker | None = None
    ) -> None:
        super().__init__()
        self.link, self.player, self.settings = link, player, settings
        self.page: SongPage | None = None
        self.tour: Tour | None = None
        self.picker = picker or FilePicker(self)
        self.actions_map = Actions(self, settings.keys)
        self.opening = Opening(link, self)
        self.bar = TopBar(self.actions_map)
        self.banner = Banner()
        self.start = StartPage(self.actions_map)
        self.status = StatusBar()
        self.palette_box = Palette(self)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.start)
        self._lay_out()
        bind_commands(self)
        self._connect()
        self._clock = QTimer(self)
        self._clock.timeout.connect(self._show_saved)
        self._clock.start(TICK_MS)
        self._facts_soon = QTimer(self, singleShot=True, interval=SOON_MS)
        self._facts_soon.timeout.connect(self._show_song)
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
        layout.addWidget(self._stack, 1)
        layout.addWidget(self.status)
        self.setCentralWidget(central)
        self.setAcceptDrops(True)
        self.setMinimumSize(900, 560)
        self.resize(1440, 900)

    def _connect(self) -> None:
        self.start.file_wanted.connect(lambda path: self.open_file(Path(path)))
        self.opening.opened.connect(self._song_opened)
        self.opening.refused.connect(self.banner.say)
        self.opening.working.connect(self._show_opening)
        self.opening.stopped.connect(self.banner.clear)
        self.opening.remarked.connect(self._show_remarks)
        self.link.state_changed.connect(self._show_engine)
        self.player.playing_changed.connect(self.bar.show_playing)
        self.player.sound_lost.connect(self.say)
        self._show_engine()

    # the open song --------------------------------------------------------------

    @property
    def document(self) -> SongDocument | None:
        return self.page.document if self.page else None

    def open_file(self, path: Path) -> None:
        """A song or a sketch."""
        self.banner.clear()
        self.opening.open_file(path)

    def _song_opened(self, document: SongDocument, analysis: Analysis | None) -> None:
        self.close_song()
        document.setParent(self)
        page = SongPage(document, self.link, self.player, self.actions_map, self.settings, analysis)
        self.page = page
        self._stack.addWidget(page)
        self._stack.setCurrentWidget(page)
        page.timeline.setFocus()
        page.said.connect(self.say)
        document.song_changed.connect(self._song_changed)
        document.history_changed.connect(self._show_history)
        document.path_changed.connect(self._song_moved)
        page.state.playhead_moved.connect(self._show_position)
        page.state.loop_changed.connect(lambda _bars: self._show_switches())
        page.corrections.hearing_changed.connect(self._show_song)
        page.desk.selection_changed.connect(self._show_hints)
        page.desk.entry_changed.connect(lambda _id: self._show_hints())
        page.listening.hears_idea_changed.connect(self._say_which)
        page_commands(self, is_open=True)
        self._show_song()
        self._show_history()
        self._show_hints()
        self._remember_song()
        if self.player.sound_problem:
            self.say(self.player.sound_problem)

    def close_song(self) -> None:
        """Back to nothing open; the song is on disk already."""
        page, self.page = self.page, None
        if page is None:
            return
        self._remember_song(page)
        self._remember(last_song="", panel_width=page.panel.width(), timeline_height=page.timeline.height())
        page.close_page()
        self._stack.removeWidget(page)
        page.hide()
        page.document.close()
        page.deleteLater()
        page.document.deleteLater()

    def show_start(self) -> None:
        """Close the song, if any, and show the start page."""
        self.close_song()
        self._stack.setCurrentWidget(self.start)
        self.start.show_songs(self.settings.recent, demos())
        self.bar.show_no_song()
        self.status.show_shares(None)
        self.status.show_hints([(self.actions_map.key(name), does) for name, does in START_HINTS])
        self.setWindowTitle("Understudy")
        page_commands(self, is_open=False)

    def _song_moved(self) -> None:
        self._show_song()
        self._remember_song()

    # what is shown ------------------------------------------------------------------

    def say(self, sentence: str) -> None:
        """One sentence in the line below."""
        self.status.say(sentence)

    def _song_changed(self) -> None:
        """Changes come in bursts while something is dragged."""
        if not self._facts_soon.isActive():
            self._facts_soon.start()

    def _show_song(self) -> None:
        page = self.page
        if page is None:
            return
        song = page.document.song
        title = page.document.title
        facts = facts_of(song, int(page.state.playhead_ticks), page.corrections.key_confidence())
        self.bar.show_song(replace(song, title=title), facts)
        self.setWindowTitle(f"{title} – Understudy")
        self.status.show_shares(page.document.shares)
        self._show_position(page.state.playhead_ticks)
        self._show_saved()
        self._show_switches()

    def _show_position(self, tick: float) -> None:
        if self.page is not None:
            self.bar.show_position(position_text(self.page.document.song, tick))

    def _show_saved(self) -> None:
        if self.page is not None and self.page.document.saved_at is not None:
            self.bar.saved.setText(saved_words(time.time() - self.page.document.saved_at.timestamp()))

    def _show_history(self) -> None:
        document = self.document
        if document is None:
            return
        undo, redo = self.actions_map["edit.undo"], self.actions_map["edit.redo"]
        undo.setText(f"Undo {document.undo_name}".strip())
        redo.setText(f"Redo {document.redo_name}".strip())
        undo.setEnabled(document.can_undo)
        redo.setEnabled(document.can_redo)

    def _show_switches(self) -> None:
        page = self.page
        self.bar.loop.setChecked(page is not None and page.state.loop is not None)
        self.bar.metronome.setChecked(self.settings.metronome)

    def _show_hints(self) -> None:
        page = self.page
        if page is None:
            return
        key = self.actions_map.key
        if page.desk.selected is not None:
            hints = [
                (key("play.toggle"), "play in context"),
                (key("ideas.accept"), "accept"),
                (key("ideas.edit"), "edit"),
                (key("ideas.reject"), "reject"),
                (f"{key('ideas.yours')} / {key('ideas.theirs')}", "yours / idea"),
            ]
        else:
            hints = [
                (key("play.toggle"), "play"),
                (key("ideas.suggest"), "suggest"),
                (key("play.loop"), "loop these bars"),
                (key("help.palette"), "all commands"),
            ]
        self.status.show_hints(hints)

    def _say_which(self, hears_idea: bool) -> None:
        if self.page is not None and self.page.desk.selected is not None:
            self.say("You hear the idea." if hears_idea else "You hear yours.")

    def _show_engine(self, _state: str = "") -> None:
        state = self.link.state
        is_well = {EngineState.FAILED: False, EngineState.RESTARTING: False, EngineState.STARTING: None}
        self.bar.engine.show_status(self.link.status_text, is_well.get(state, True))
        if state is EngineState.FAILED:
            self.banner.say(
                "The engine stopped and stays off. Your song is untouched.", [("Start it", self.link.start)]
            )

    def _show_opening(self, sentence: str, fraction: float) -> None:
        self.banner.show_work(sentence, fraction, self.opening.cancel)

    def _show_remarks(self, remarks: tuple[str, ...]) -> None:
        rest = f" And {len(remarks) - 2} more remarks." if len(remarks) > 2 else ""
        self.banner.say(" ".join(remarks[:2]) + rest, is_calm=True)

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
            QTimer.singleShot(0, self, lambda: self.open_file(path))

    # what is remembered --------------------------------------------------------------

    def _remember(self, **changes: object) -> None:
        self.settings = replace(self.settings, **changes)  # type: ignore[arg-type]
        store.save(self.settings)

    def _remember_song(self, page: SongPage | None = None) -> None:
        page = page or self.page
        if page is None:
            return
        document = page.document
        facts = song_facts(document.song, page.desk.board.waiting())
        recent = Recent(str(document.path), document.title, facts, time.time())
        self.settings = self.settings.with_recent(recent)
        self._remember(last_song=str(document.path))

    def _restore_geometry(self) -> None:
        if self.settings.window_geometry:
            self.restoreGeometry(QByteArray.fromBase64(self.settings.window_geometry.encode()))

    def _offer_recovery(self) -> None:
        """A song that was open when the program ended without being asked to."""
        path = Path(self.settings.last_song) if self.settings.last_song else None
        if path is None or not path.is_file():
            return
        title = next((song.title for song in self.settings.recent if song.path == str(path)), path.stem)
        sentence = f"“{title}” was open when Understudy stopped. Everything in it is safe."
        self.banner.say(sentence, [("Open it", lambda: self.open_file(path))], is_calm=True)

    def closeEvent(self, event: QCloseEvent) -> None:
        geometry = bytes(self.saveGeometry().toBase64().data()).decode()
        self.close_song()
        self._remember(window_geometry=geometry, last_song="")
        self._clock.stop()
        self.player.close()
        self.link.stop()
        event.accept()


def saved_words(passed_s: float) -> str:
    """`saved 2 s ago`, `saved 5 min ago`, `saved`."""
    if passed_s < 60:
        return f"saved {max(0, passed_s):.0f} s ago"
    return f"saved {passed_s // 60:.0f} min ago" if passed_s < 3600 else "saved"


def _dropped(event: QDropEvent) -> Path | None:
    """The file that hangs on the mouse, if the window can open it."""
    urls = [url for url in event.mimeData().urls() if url.isLocalFile()]
    paths = [Path(url.toLocalFile()) for url in urls]
    return next((path for path in paths if path.suffix.lower() in OPENED), None)
