"""The timeline: sections, bars, chords and tracks of the whole song, put together."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QPainter, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QGridLayout, QMenu, QWidget

from app.ui import theme
from app.ui.canvas import chordlane, sectionstrip, timelineruler
from app.ui.canvas.actions import KeyTable, add_entry, show_menu
from app.ui.canvas.chordcommands import ChordCommands
from app.ui.canvas.chordlane import ChordLane
from app.ui.canvas.geometry import TimeAxis, axis_fitting
from app.ui.canvas.ghostlanes import Lane
from app.ui.canvas.keyedview import KeyedView
from app.ui.canvas.noteindex import bars_of
from app.ui.canvas.sectionstrip import SectionStrip
from app.ui.canvas.session import commit_edit
from app.ui.canvas.slimbar import SlimBar
from app.ui.canvas.speech import bars_in_words, position_in_words
from app.ui.canvas.timelineactions import timeline_actions
from app.ui.canvas.timelineruler import TimelineRuler
from app.ui.canvas.trackcommands import NEW_PARTS, new_track
from app.ui.canvas.trackheader import LANE_HEIGHT, WIDTH, NewHead, TrackHeader
from app.ui.canvas.tracklanes import TrackLanes
from app.ui.editorstate import EditorState
from engine.music import Role, Track

if TYPE_CHECKING:
    from app.document.document import SongDocument

LEAST_BAR_PX = 18.0
RIGHT_MARGIN = 5


class HeaderColumn(QWidget):
    """The heads of the tracks, scrolled with their lanes."""

    def __init__(self, document: "SongDocument", state: EditorState) -> None:
        super().__init__()
        self._document = document
        self._state = state
        self.headers: list[TrackHeader] = []
        self.new_heads: list[NewHead] = []
        self.setFixedWidth(WIDTH)
        state.track_selected.connect(self._repaint)

    def show_tracks(self, top_px: float, lanes: tuple[Lane, ...]) -> None:
        """One head for each track, in place; and for each that an idea would add."""
        tracks = self._document.song.tracks
        if [header.track.id for header in self.headers] != [track.id for track in tracks]:
            self._rebuild()
        places = {lane.track.id: round(place * LANE_HEIGHT - top_px) for place, lane in enumerate(lanes)}
        for header, track in zip(self.headers, tracks, strict=True):
            if header.track is not track:
                header.show_track(track)
            header.setVisible(track.id in places)
            header.move(0, places.get(track.id, 0))
        self._show_new([lane.track for lane in lanes if lane.is_new], places)

    def _show_new(self, tracks: list[Track], places: dict[int, int]) -> None:
        while len(self.new_heads) < len(tracks):
            self.new_heads.append(NewHead(self))
        for place, head in enumerate(self.new_heads):
            head.setVisible(place < len(tracks))
            if place < len(tracks):
                head.show_track(tracks[place])
                head.move(0, places[tracks[place].id])

    def _rebuild(self) -> None:
        for header in self.headers:
            header.hide()
            header.deleteLater()
        self.headers = [
            TrackHeader(self._document, self._state, track, self) for track in self._document.song.tracks
        ]
        for header in self.headers:
            header.show()

    def _repaint(self, *_: object) -> None:
        for header in self.headers:
            header.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(self.rect(), theme.BACKGROUND)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        show_menu(self.new_menu(), event.globalPos())

    def new_menu(self) -> QMenu:
        """The parts a song can get."""
        menu = QMenu(self)
        for name, role, _program in NEW_PARTS:
            add_entry(menu, f"New track: {name}", partial(self.add_track, role))
        return menu

    def add_track(self, role: Role | None = None) -> None:
        """One more track, selected."""
        new_id = self._document.song.next_id
        if commit_edit(self._document, self._state, "New track", lambda song: new_track(song, role)):
            self._state.select_track(new_id)
            self._state.say(f"Track {self._document.song.track(new_id).name}")


class Corner(QWidget):
    """What stands left of sections, ruler and chord lane: the lane's name."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedWidth(WIDTH)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.BACKGROUND)
        painter.setFont(theme.ui_font(13))
        painter.setPen(theme.TEXT_DIM)
        top = sectionstrip.HEIGHT + timelineruler.HEIGHT
        middle = QRectF(16, top, WIDTH - 16, chordlane.HEIGHT - 12)
        painter.drawText(middle, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, "Chords")


class TimelineView(KeyedView):
    """The whole song above the roll."""

    def __init__(self, document: "SongDocument", state: EditorState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.document = document
        self.state = state
        self.chord_commands = ChordCommands(document, state)
        self.sections = SectionStrip(document, state)
        self.ruler = TimelineRuler(document, state)
        self.chords = ChordLane(document, state, self.chord_commands)
        self.lanes = TrackLanes(document, state)
        self.headers = HeaderColumn(document, state)
        self.canvas_actions = timeline_actions(self)
        self.key_table = KeyTable(self.canvas_actions)
        self._is_fitted = True
        self._fitted = document.song
        self._was_in_view = True
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        layout = self._grid = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(Corner(), 0, 0, 3, 1)
        for row, canvas in enumerate((self.sections, self.ruler, self.chords, self.lanes)):
            layout.addWidget(canvas, row, 1)
        layout.addWidget(self.headers, 3, 0)
        layout.setRowStretch(3, 1)
        layout.setColumnStretch(1, 1)
        self._time_bar = SlimBar(Qt.Orientation.Horizontal, self.lanes, "Scroll through the song")
        self._lanes_bar = SlimBar(Qt.Orientation.Vertical, self.lanes, "Scroll through the tracks")
        self.lanes.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.chords.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.ruler.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.sections.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setFocusProxy(self.lanes)
        self.setTabOrder(self.lanes, self.chords)  # Tab goes on behind the proxy and would pass them by

    def _connect(self) -> None:
        self.document.song_changed.connect(self._song_changed)
        self.state.timeline_axis_changed.connect(self._axis_changed)
        self.state.playhead_moved.connect(self._follow)
        self.lanes.lanes_scrolled.connect(self._place)
        self.state.ghost_changed.connect(self._ghost_changed)
        self._time_bar.valueChanged.connect(self._time_scrolled)
        self._lanes_bar.valueChanged.connect(self._scroll_lanes)
        self._song_changed()

    # what is shown ----------------------------------------------------------

    def _song_changed(self, *_: object) -> None:
        self.state.forget_missing(self.document.song)
        if self._is_fitted:
            self.fit_song()
        self._place()

    def _ghost_changed(self, _ghost: object) -> None:
        if self._is_fitted and self._fitted is not self.lanes.shown_song:
            self.fit_song()
        self._place()
        self._reveal_new_lane()

    def _reveal_new_lane(self) -> None:
        """A part in a lane of its own is brought into sight; the idea of a whole song begins at the top."""
        lanes = self.lanes
        new = [place for place, lane in enumerate(lanes.lanes) if lane.is_new]
        if not new or lanes.is_previewing:
            return
        top, bottom = new[0] * LANE_HEIGHT, (new[0] + 1) * LANE_HEIGHT
        if top < lanes.top_px or bottom > lanes.top_px + lanes.height():
            lanes.lanes_scrolled_to(max(0.0, bottom - lanes.height()))

    def fit_song(self) -> None:
        """The whole song in the width, as long as bars stay wide enough to be seen."""
        song = self._fitted = self.lanes.shown_song
        width = self.lanes.width() - RIGHT_MARGIN
        axis = axis_fitting(0, song.time_map.bar_start(bars_of(song)), width)
        least = LEAST_BAR_PX / song.time_map.metre_at(0).bar_ticks
        self.state.set_timeline_axis(TimeAxis(0.0, max(axis.px_per_tick, least)))
        self._is_fitted = True

    def _axis_changed(self, axis: TimeAxis) -> None:
        self._is_fitted = False
        self._place()

    def _place(self) -> None:
        lanes, axis = self.lanes, self.state.timeline_axis
        song = lanes.shown_song
        whole = len(lanes.lanes) * LANE_HEIGHT
        lanes.top_px = max(0.0, min(lanes.top_px, whole - lanes.height()))
        self.headers.show_tracks(lanes.top_px, lanes.lanes)
        self._lanes_bar.show_range(lanes.top_px, lanes.height(), whole)
        page = lanes.width() / axis.px_per_tick
        end = max(song.time_map.bar_start(bars_of(song)), axis.right_ticks(lanes.width() - RIGHT_MARGIN - 1))
        self._time_bar.show_range(axis.left_ticks, page, end)
        self._was_in_view = 0 <= axis.x(self.state.playhead_ticks) < lanes.width()

    def _time_scrolled(self, value: int) -> None:
        self.state.set_timeline_axis(TimeAxis(float(value), self.state.timeline_axis.px_per_tick))

    def _scroll_lanes(self, value: int) -> None:
        self.lanes.lanes_scrolled_to(float(value))

    def _follow(self, tick: float) -> None:
        axis, width = self.state.timeline_axis, self.lanes.width()
        in_view = 0 <= axis.x(tick) < width
        if self.state.follows_playhead and self._was_in_view and not in_view:
            self.state.set_timeline_axis(TimeAxis(max(0.0, tick), axis.px_per_tick))
            in_view = True
        self._was_in_view = in_view

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._grid.activate()
        if self._is_fitted:
            self.fit_song()
        self._place()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """The wheel over the headers scrolls the lanes."""
        self.lanes.scroll_rows(-event.angleDelta().y() / 2)
        event.accept()

    # keys -------------------------------------------------------------------

    def meaning_of(self, event: QKeyEvent) -> Callable[[], object] | None:
        """Escape takes back a drag, then the selection; Backspace deletes chords while no idea is shown."""
        canvases = (self.sections, self.ruler, self.chords, self.lanes)
        busy = next((canvas for canvas in canvases if canvas.is_busy), None)
        has_chords = bool(self.state.selected_chord_ids)
        if event.key() == Qt.Key.Key_Escape:
            if busy is not None:
                return busy.cancel_drag
            return (lambda: self.state.select_chords(())) if has_chords else None
        backspace = event.key() == Qt.Key.Key_Backspace and not event.modifiers().value
        return self.chord_commands.delete if backspace and has_chords and self.state.ghost is None else None

    def move_playhead(self, bars: int) -> None:
        """To the beginning of this bar, or of bars before and after it."""
        time_map = self.document.song.time_map
        at = int(self.state.playhead_ticks)
        bar = time_map.bar_of(at)
        if bars < 0 and at > time_map.bar_start(bar):
            bars += 1
        tick = time_map.bar_start(max(0, bar + bars))
        self.state.set_playhead(tick)
        self.state.set_timeline_axis(self.state.timeline_axis.revealed(tick, self.lanes.width(), 1.0))
        self.state.say(position_in_words(self.document.song, tick).capitalize())

    def extend_region(self, bars: int) -> None:
        """More or fewer selected bars; begins with the playhead's bar."""
        song = self.document.song
        bar = song.time_map.bar_of(int(self.state.playhead_ticks))
        start, end = self.state.region or (bar, bar)
        self.state.set_region((start, end + bars))
        if self.state.region is None:
            self.state.say("No bars selected")
        else:
            self.state.say(f"Selected {bars_in_words(song, *self.state.region)}")

    def select_section(self) -> None:
        """The bars of the section the playhead stands in."""
        song = self.document.song
        section = song.section_at_bar(song.time_map.bar_of(int(self.state.playhead_ticks)))
        if section is None:
            self.state.say("There is no section here.")
        else:
            self.sections.select_bars_of(section)

    def select_track(self, step: int) -> None:
        tracks = self.document.song.tracks
        ids = [track.id for track in tracks]
        if self.state.selected_track_id in ids:
            place = max(0, min(len(ids) - 1, ids.index(self.state.selected_track_id) + step))
            self.state.select_track(ids[place])
            self.state.say(f"Track {tracks[place].name}")

    def toggle_mute(self) -> None:
        header = self._selected_header()
        if header is not None:
            header.toggle_mute()

    def toggle_solo(self) -> None:
        header = self._selected_header()
        if header is not None:
            header.toggle_solo()

    def _selected_header(self) -> TrackHeader | None:
        wanted = self.state.selected_track_id
        return next((header for header in self.headers.headers if header.track.id == wanted), None)

    def type_chord(self) -> None:
        """Type over the selected chord, else at the playhead."""
        selected = self.chord_commands.selected
        self.chords.type_chord(selected[0].start_ticks if selected else int(self.state.playhead_ticks))

    def rename_section(self) -> None:
        self.sections.rename_at_playhead()

    def new_section(self) -> None:
        """A section over the selected bars, or from the playhead's bar on, ready to be named."""
        song = self.document.song
        bar = song.time_map.bar_of(int(self.state.playhead_ticks))
        bar = self.state.region[0] if self.state.region else bar
        self.sections.add_section(bar, "Section")
        section = self.document.song.section_at_bar(bar)
        if section is not None:
            self.sections.rename(section)

    def zoom_by(self, factor: float) -> None:
        """Zoom in time around the playhead when it is in view, else around the middle."""
        axis, width = self.state.timeline_axis, self.lanes.width()
        x = axis.x(self.state.playhead_ticks)
        self.state.set_timeline_axis(axis.zoomed(factor, x if 0 <= x <= width else width / 2))
