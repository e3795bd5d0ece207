"""Everything behind the window's face: the open song and its page, the engine, the player, every command."""

import time
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from app.document.document import SongDocument
from app.enginelink.link import EngineLink, EngineState
from app.ideas.sketchbook import Sketchbook
from app.playback.qtplayer import QtPlayer
from app.settings.paths import drafts_folder
from app.settings.settings import Recent
from app.ui.banner import remark_words
from app.ui.choosers import close_choosers
from app.ui.commands import bind_commands, page_commands
from app.ui.facts import Here, facts_of, here, key_certainty, position_text, saved_words
from app.ui.ideaspanel import IdeasPanel
from app.ui.opening import Listened, Opening, song_facts
from app.ui.palette import Palette
from app.ui.picking import FilePicker
from app.ui.recordflow import RecordFlow
from app.ui.rehearing import Rehearing
from app.ui.songpage import SongPage
from engine.music.analysis import Analysis

if TYPE_CHECKING:
    from app.ui.mainwindow import MainWindow

TICK_MS = 1000
SOON_MS = 40
SPARE_MS = 300


class Workshop(QObject):
    """One for a window. `page` is the open song's, None on the start page."""

    def __init__(
        self, window: "MainWindow", link: EngineLink, player: QtPlayer, picker: FilePicker | None
    ) -> None:
        super().__init__(window)
        self._window, self.link, self.player = window, link, player
        self._bar, self._status, self._actions = window.bar, window.status, window.actions_map
        self.page: SongPage | None = None
        self._shown_here: Here | None = None
        self.picker = picker or FilePicker(window)
        self.opening = Opening(link, self)
        self.palette = Palette(window)
        self.sketchbook = Sketchbook(link, self._sketch_places, self)
        self._clock = QTimer(self)
        self._clock.timeout.connect(self._show_saved)
        self._clock.start(TICK_MS)
        self._facts_soon = QTimer(self, singleShot=True, interval=SOON_MS)
        self._facts_soon.timeout.connect(self._show_song)
        self._spare_panel: IdeasPanel | None = None
        QTimer.singleShot(0, self, self._make_panel)
        self.rehearing = Rehearing(window)
        self.recording = RecordFlow(window, self.rehearing.choices)
        bind_commands(window, self)
        page_commands(window, is_open=False)
        self._connect()
        window.start.use_sketchbook(self.sketchbook, self.look_in_folder)
        link.start()

    def look_in_folder(self) -> None:
        """Look for sketches like this one in a folder the artist chooses."""
        last = self._window.settings.last_folder
        self.picker.choose_folder("Folder with sketches", last, self.sketchbook.look_in)

    def _connect(self) -> None:
        banner = self._window.banner
        self.opening.opened.connect(self._song_opened)
        self.opening.refused.connect(banner.say)
        self.opening.doubted.connect(banner.say)
        self.opening.working.connect(self._show_opening)
        self.opening.heard.connect(banner.show_heard)
        self.opening.stopped.connect(banner.clear)
        self.opening.remarked.connect(self._show_remarks)
        self.opening.listened.connect(self._show_listened)
        self.link.state_changed.connect(self._show_engine)
        self.player.playing_changed.connect(self._bar.show_playing)
        self.player.sound_lost.connect(self._window.say)
        self._show_engine()

    def close(self) -> None:
        """The window is being closed."""
        self.recording.close()
        self.opening.close()
        self.close_song()
        self._clock.stop()
        self.player.close()
        self.link.stop()

    def _sketch_places(self) -> list[Path]:
        """Where the artist's sketches are: recent songs, and those that have no place of their own yet."""
        return [*(Path(song.path) for song in self._window.settings.recent), drafts_folder()]

    # the open song ------------------------------------------------------------------

    def _song_opened(self, document: SongDocument, analysis: Analysis | None) -> None:
        self.close_song()
        document.setParent(self)
        panel = self._take_panel()
        page = SongPage(
            document, self.link, self.player, self._actions, self._window.settings, panel, analysis
        )
        self.page = page
        self._window.stack.addWidget(page)
        self._window.stack.setCurrentWidget(page)
        page.timeline.setFocus()
        page.said.connect(self._window.say)
        document.song_changed.connect(self._song_changed)
        document.history_changed.connect(self._show_history)
        document.path_changed.connect(self._song_moved)
        page.state.playhead_moved.connect(self._show_position)
        page.state.loop_changed.connect(lambda _bars: self._show_switches())
        page.corrections.hearing_changed.connect(self._show_song)
        page.desk.selection_changed.connect(self._show_hints)
        page.desk.entry_changed.connect(lambda _id: self._show_hints())
        page.listening.hears_idea_changed.connect(self._say_which)
        page_commands(self._window, is_open=True)
        self._show_song()
        self._show_history()
        self._show_hints()
        self._remember_song()
        if self.player.sound_problem:
            self._window.say(self.player.sound_problem)

    def _make_panel(self) -> None:
        """The panel of the next song, made while nothing is happening: it takes as long as a frame."""
        if self._spare_panel is None:
            self._spare_panel = IdeasPanel(self._actions)
            self._spare_panel.setParent(self._window)

    def _take_panel(self) -> IdeasPanel:
        self._make_panel()
        panel, self._spare_panel = self._spare_panel, None
        assert panel is not None
        return panel

    def close_song(self) -> None:
        """Back to nothing open; the song is on disk already."""
        page, self.page = self.page, None
        if page is None:
            return
        close_choosers(self._window)
        self._remember_song(page)
        self._window.remember(
            last_song="", panel_width=page.panel.width(), timeline_height=page.timeline.height()
        )
        page.close_page()
        self._window.stack.removeWidget(page)
        page.hide()
        page.document.close()
        page.deleteLater()
        page.document.deleteLater()
        page_commands(self._window, is_open=False)
        QTimer.singleShot(SPARE_MS, self, self._make_panel)

    def _song_moved(self) -> None:
        self._show_song()
        self._remember_song()

    # what is shown ------------------------------------------------------------------

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
        heard = page.corrections
        tick = int(page.state.playhead_ticks)
        certainty = key_certainty(song, heard.hearing, tick)
        self._shown_here = here(song, tick)
        self._bar.show_song(title, facts_of(song, tick, certainty, heard.is_free_time))
        self._window.setWindowTitle(f"{title} – Understudy")
        self._status.show_shares(page.document.shares)
        self._show_position(page.state.playhead_ticks)
        self._show_saved()
        self._show_switches()

    def _show_position(self, tick: float) -> None:
        if self.page is not None:
            song = self.page.document.song
            self._bar.show_position(position_text(song, tick))
            if here(song, int(tick)) != self._shown_here:  # another tempo, metre or key
                self._show_song()

    def _show_saved(self) -> None:
        if self.page is not None and self.page.document.saved_at is not None:
            self._bar.saved.setText(saved_words(time.time() - self.page.document.saved_at.timestamp()))

    def _show_history(self) -> None:
        if self.page is None:
            return
        document = self.page.document
        undo, redo = self._actions["edit.undo"], self._actions["edit.redo"]
        undo.setText(f"Undo {document.undo_name}".strip())
        redo.setText(f"Redo {document.redo_name}".strip())
        undo.setEnabled(document.can_undo)
        redo.setEnabled(document.can_redo)

    def _show_switches(self) -> None:
        page = self.page
        self._bar.loop.setChecked(page is not None and page.state.loop is not None)
        self._bar.metronome.setChecked(self._window.settings.metronome)

    def _show_hints(self) -> None:
        page = self.page
        if page is None:
            return
        key = self._actions.key
        if page.state.ghost is not None:
            by_players = page.state.ghost.song is not None
            sections, parts = (key("ideas.section"), "section"), (key("ideas.part"), "part")
            hints = [
                (key("play.toggle"), "play in context"),
                (key("ideas.accept"), "accept"),
                *((sections, parts) if by_players else ((key("ideas.edit"), "edit"),)),
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
        self._status.show_hints(hints)

    def _say_which(self, hears_idea: bool) -> None:
        if self.page is not None and self.page.desk.selected is not None:
            self._window.say("You hear the idea." if hears_idea else "You hear yours.")

    def _show_engine(self, _state: str = "") -> None:
        state = self.link.state
        is_well = {EngineState.FAILED: False, EngineState.RESTARTING: False, EngineState.STARTING: None}
        self._bar.show_engine(self.link.status_text, is_well.get(state, True))
        if state is EngineState.FAILED:
            self._window.banner.say(
                "The engine stopped and stays off. Your song is untouched.", [("Start it", self.link.start)]
            )

    def _show_opening(self, sentence: str, fraction: float) -> None:
        self._window.banner.show_work(sentence, fraction, self.opening.cancel)

    def _show_listened(self, heard: Listened, sentence: str) -> None:
        """How a recording was heard; it may be heard otherwise."""
        choices = self.rehearing.choices(heard.audio.sha256)
        self._window.banner.say(sentence, choices, is_calm=True)

    def _show_remarks(self, remarks: tuple[str, ...]) -> None:
        self._window.banner.say(remark_words(remarks), is_calm=True)

    def _remember_song(self, page: SongPage | None = None) -> None:
        page = page or self.page
        if page is None:
            return
        document = page.document
        facts = song_facts(document.song, page.desk.board.waiting())
        recent = Recent(str(document.path), document.title, facts, time.time())
        self._window.settings = self._window.settings.with_recent(recent)
        self._window.remember(last_song=str(document.path))
