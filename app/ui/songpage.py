"""The page of an open song: canvases on the left, ideas on the right, and what binds them to the document."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QWidget

from app.ideas.board import Shelf
from app.ideas.desk import STILL_WRITTEN, IdeasDesk
from app.playback.qtplayer import QtPlayer
from app.settings.settings import Settings
from app.ui.canvas.revealing import GhostRevealer
from app.ui.canvas.roll import RollView
from app.ui.canvas.timeline import TimelineView
from app.ui.corrections import Corrections
from app.ui.editorstate import EditorState
from app.ui.ideaspanel import IdeasPanel, Tab
from app.ui.ideasview import IdeasView
from app.ui.keymap import Actions, canvas_keys
from app.ui.listening import Listening
from app.ui.tapes import Tapes
from engine.api.suggestion import Kind, Take
from engine.music import Role, Song
from engine.music.analysis import Analysis

if TYPE_CHECKING:
    from app.document.document import SongDocument
    from app.enginelink.link import EngineLink


class SongPage(QWidget):
    """Made anew for every song that is opened; `close_page` lets go of the player and the engine."""

    said = Signal(str)

    def __init__(
        self,
        document: "SongDocument",
        link: "EngineLink",
        player: QtPlayer,
        actions: Actions,
        settings: Settings,
        panel: IdeasPanel,
        hearing: Analysis | None = None,
    ) -> None:
        super().__init__()
        self.setObjectName("songPage")
        self.document = document
        self.state = EditorState(self)
        self.desk = IdeasDesk(link, self)
        self.timeline = TimelineView(document, self.state)
        self.roll = RollView(document, self.state)
        self._revealer = GhostRevealer(self.state, self.timeline, self.roll)
        self.panel = panel
        self.desk.open(document)
        self.corrections = Corrections(link, document, self.state, hearing, self)
        self.ideas = IdeasView(self.desk, self.panel, document, self.state, self)
        self.listening = Listening(player, document, self.state, self._idea_song, self)
        self.tapes = Tapes(player, document, self)
        self._lay_out(settings)
        self._connect(settings)
        self.panel.card_acted.connect(lambda command: actions[command].trigger())
        self._begin()

    def _lay_out(self, settings: Settings) -> None:
        self.canvases = QSplitter(Qt.Orientation.Vertical)
        self.canvases.addWidget(self.timeline)
        self.canvases.addWidget(self.roll)
        self.canvases.setChildrenCollapsible(False)
        self.canvases.setStretchFactor(0, 0)
        self.canvases.setStretchFactor(1, 1)
        self.canvases.setHandleWidth(1)
        self.canvases.setSizes([settings.timeline_height, 540])
        self.halves = QSplitter(Qt.Orientation.Horizontal)
        self.halves.addWidget(self.canvases)
        self.halves.addWidget(self.panel)
        self.halves.setChildrenCollapsible(False)
        self.halves.setStretchFactor(0, 1)
        self.halves.setStretchFactor(1, 0)
        self.halves.setHandleWidth(1)
        self.halves.setSizes([1440 - settings.panel_width, settings.panel_width])
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.halves)

    def _connect(self, settings: Settings) -> None:
        self.ideas.said.connect(self.said)
        self.ideas.idea_changed.connect(self.listening.refresh_idea)
        self.ideas.chord_heard.connect(self.listening.hear_chord)
        self.ideas.hearing_wanted.connect(self.hear_idea)
        self.corrections.said.connect(self.said)
        self.state.spoken.connect(self.said)
        self.roll.pitch_previewed.connect(self.listening.hear_pitch)
        self.document.failed.connect(self.said)
        self.timeline.chords.readings_wanted.connect(self.choose_chord)
        self.tapes.said.connect(self.said)
        self.tapes.ready.connect(lambda: self.roll.wave.show_tapes(self.tapes.tape))
        keys = canvas_keys(settings.keys)
        self.timeline.key_table.rebind(keys)
        self.roll.key_table.rebind(keys)

    def _begin(self) -> None:
        """What a musician would look at first: the melody, its first bars, the fitting tab."""
        song = self.document.song
        melody = song.track_in_role(Role.MELODY)
        first = melody or next((track for track in song.tracks if track.role is not Role.DRUMS), None)
        if first is not None:
            self.state.select_track(first.id)
        has_tune = melody is not None and bool(melody.notes)
        if self.desk.board.latest(Shelf.CHORDS) is not None or (has_tune and not song.chords):
            self.panel.show_tab(Tab.CHORDS)
            self.panel.chords.choose(Kind.REHARMONISE if song.chords else Kind.HARMONISE)
        if melody is None or not melody.notes:
            self.panel.melody.choose(Kind.CONTINUE)

    def _idea_song(self) -> Song | None:
        if self.state.ghost is None:
            return None
        return self.desk.heard_song(self.ideas.chosen_bars, self.ideas.heard_parts)

    def hear_idea(self, is_part_alone: bool = False) -> None:
        """Play the selected idea in the song: all of it, or the part that is looked at."""
        selected = self.desk.selected
        if self.desk.is_growing:
            self.said.emit(STILL_WRITTEN)
        elif selected is not None:
            self.ideas.hear_parts(is_part_alone)
            entry, take = selected
            if take.song is not None:
                self.listening.hear_from(self._start_in(take))
            else:
                self.listening.hear(entry.request.region.span_ticks(self.document.song)[0])

    def _start_in(self, take: Take) -> int:
        """Where hearing an idea of a whole song begins: with the section that was chosen."""
        assert take.song is not None
        chosen = self.ideas.chosen_sections
        bar = take.plan[min(chosen)].start_bar if chosen and take.plan else 0
        return take.song.time_map.bar_start(bar)

    def choose_chord(self) -> None:
        """What else the selected chord could be."""
        lane, chosen = self.timeline.chords, self.state.selected_chord_ids
        spans = [span for span in self.document.song.chords if chosen == {span.id}]
        x = lane.span_rect(spans[0]).left() if spans else 0.0
        self.corrections.choose_chord(self.window(), lane, x)

    def tick_under(self, at: QPoint) -> int | None:
        """The beginning of the bar under a point of the page, where it lies over the tracks; else None."""
        lanes = self.timeline.lanes
        place = lanes.mapFrom(self, at)
        if not lanes.rect().contains(place):
            return None
        return self.document.song.time_map.bar_start(lanes.bar_at(place.x()))

    def undo(self) -> None:
        name = self.document.undo_name
        if self.document.undo():
            self._decisions_changed()
            self.said.emit(f"Undone: {name}")

    def redo(self) -> None:
        name = self.document.redo_name
        if self.document.redo():
            self._decisions_changed()
            self.said.emit(f"Done again: {name}")

    def _decisions_changed(self) -> None:
        """An accepted idea may have been taken out, or put in again."""
        if len(self.desk.board):
            self.desk.reload()

    def close_page(self) -> None:
        """Let go; the document is closed by whoever opened it."""
        self.corrections.close()
        self.listening.close()
        self.tapes.close()
        self.desk.close()
