"""The piano roll: bar header, keys, grid and velocity lane of the selected track, put together."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QGridLayout, QMenu, QToolButton, QWidget

from app.ui import theme
from app.ui.canvas.actions import KeyTable, add_entry, menu_of, show_menu
from app.ui.canvas.drumkit import drum_rows
from app.ui.canvas.geometry import RowAxis, TimeAxis, axis_fitting
from app.ui.canvas.keyedview import KeyedView
from app.ui.canvas.notecommands import NoteCommands
from app.ui.canvas.noteindex import bars_of
from app.ui.canvas.rollactions import roll_actions
from app.ui.canvas.rollgrid import RollGrid
from app.ui.canvas.rollheader import RollHeader
from app.ui.canvas.rollkeys import DRUM_WIDTH, PIANO_WIDTH, RollKeys
from app.ui.canvas.rollnotes import RollNotes
from app.ui.canvas.slimbar import SlimBar
from app.ui.canvas.snapping import Grid
from app.ui.canvas.velocitylane import VelocityLane
from app.ui.canvas.wavehead import WaveHeads
from app.ui.canvas.wavelane import WaveLane
from app.ui.editorstate import EditorState, Tool
from app.ui.widgets import label

if TYPE_CHECKING:
    from app.document.document import SongDocument

FIRST_BARS = 4
LEFT_PAD_PX = 2
STRENGTHS = (1.0, 0.75, 0.5, 0.25)
SWINGS = {"Straight": 0.5, "Light swing": 0.56, "Swing": 0.62, "Triplet swing": 2 / 3}


class RollView(KeyedView):
    """The roll of the selected track. `pitch_previewed` asks for a pitch to be heard."""

    pitch_previewed = Signal(int)

    def __init__(self, document: "SongDocument", state: EditorState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.document = document
        self.state = state
        self._was_in_view = True
        self._shown_track = -1
        self._song_end = 0
        self.notes = RollNotes(document, state)
        self.commands = NoteCommands(document, state)
        self.header = RollHeader(document, state)
        self.keys = RollKeys(state, self.notes)
        self.grid = RollGrid(document, state, self.notes)
        self.velocity = VelocityLane(document, state, self.notes)
        self.wave, self.wave_head = WaveLane(document, state), WaveHeads(document, state)
        self.grid_button = self._grid_button()
        self._lay_out()
        self.canvas_actions = roll_actions(self)
        self.key_table = KeyTable(self.canvas_actions)
        self._connect()
        self.setFocusProxy(self.grid)

    def _lay_out(self) -> None:
        self._label = label("Velocity")
        self._label.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignHCenter)
        self._label.setStyleSheet(
            f"background: {theme.BACKGROUND.name()}; color: {theme.TEXT_FAINT.name()};"
            f"border-top: 1px solid {theme.LINE.name()}; padding-top: 6px; font-size: 11px;"
        )
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        for row, column, widget in (
            (0, 1, self.header),
            (1, 0, self.keys),
            (1, 1, self.grid),
            (2, 0, self.wave_head),
            (2, 1, self.wave),
            (3, 0, self._label),
            (3, 1, self.velocity),
            (0, 0, self.grid_button),  # behind the grid, where Tab goes on from
        ):
            layout.addWidget(widget, row, column)
        layout.setRowStretch(1, 1)
        layout.setColumnStretch(1, 1)
        self._rows_bar = SlimBar(Qt.Orientation.Vertical, self.grid, "Scroll pitches")
        self._time_bar = SlimBar(Qt.Orientation.Horizontal, self.grid, "Scroll through the song")

    def _connect(self) -> None:
        state = self.state
        self.keys.pitch_previewed.connect(self.pitch_previewed)
        self.grid.pitch_previewed.connect(self.pitch_previewed)
        self.grid.menu_wanted.connect(self.show_menu)
        self.wave.menu_wanted.connect(self.wave_head.show_menu)
        self.document.song_changed.connect(self._song_changed)
        state.track_selected.connect(self._show_track)
        state.bars_wanted.connect(self.show_bars)
        state.playhead_moved.connect(self._follow)
        state.grid_changed.connect(self._show_grid)
        state.spoken.connect(self._announce)
        state.rows_changed.connect(self._place_bars)
        state.roll_axis_changed.connect(self._place_bars)
        self._rows_bar.valueChanged.connect(self._rows_scrolled)
        self._time_bar.valueChanged.connect(self._time_scrolled)
        self._song_changed()

    # what is shown ----------------------------------------------------------

    def _song_changed(self, *_: object) -> None:
        self.state.forget_missing(self.document.song)
        song = self.document.song
        self._song_end = song.time_map.bar_start(bars_of(song))
        for each in (self.wave, self.wave_head):
            each.setVisible(bool(song.recordings))
        if self._shown_track != self.state.selected_track_id:
            self._show_track(self.state.selected_track_id)
        self._place_bars()

    def _show_track(self, track_id: int) -> None:
        """Rows for the track's kind, the view centred on its notes."""
        self._shown_track = track_id
        drums = self.notes.is_drums
        width = DRUM_WIDTH if drums else PIANO_WIDTH
        for widget in (self.keys, self.grid_button, self._label, self.wave_head):
            widget.setFixedWidth(width)
        pitches = self.notes.index.pitches
        row_px = self.state.rows.row_px
        if drums:
            self.state.set_rows(RowAxis(drum_rows(pitches.tolist()), 0.0, row_px))
        else:
            self.state.set_rows(RowAxis(row_px=row_px))
            self._centre_on_notes()
        self.keys.setAccessibleName("Drums" if drums else "Piano keys")

    def _centre_on_notes(self) -> None:
        index = self.notes.index
        rows = index.between(
            self.state.roll_axis.left_ticks, self.state.roll_axis.right_ticks(self.grid.width())
        )
        pitches = index.pitches[rows] if len(rows) else index.pitches
        centre = round((int(pitches.min()) + int(pitches.max())) / 2) if len(pitches) else 64
        self.state.set_rows(self.state.rows.centred(centre, self.grid.height()))

    def show_bars(self, start_bar: int, end_bar: int) -> None:
        """Fit these bars into the roll's width."""
        time_map = self.document.song.time_map
        start, end = time_map.bar_start(start_bar), time_map.bar_start(end_bar)
        axis = axis_fitting(start, end, max(1, self.grid.width() - LEFT_PAD_PX))
        self.state.set_roll_axis(TimeAxis(start - LEFT_PAD_PX / axis.px_per_tick, axis.px_per_tick))
        if not self.notes.is_drums:
            self._centre_on_notes()

    def show_region(self) -> None:
        """The selected bars, or four bars from the playhead's on."""
        time_map = self.document.song.time_map
        first = time_map.bar_of(int(self.state.playhead_ticks))
        self.show_bars(*(self.state.region or (first, first + 4)))

    def show_song(self) -> None:
        self.show_bars(0, bars_of(self.document.song))

    def zoom_by(self, factor: float) -> None:
        """Zoom in time around the playhead when it is in view, else around the middle."""
        axis, width = self.state.roll_axis, self.grid.width()
        x = axis.x(self.state.playhead_ticks)
        self.state.set_roll_axis(axis.zoomed(factor, x if 0 <= x <= width else width / 2))

    def zoom_rows_by(self, factor: float) -> None:
        height = self.grid.height()
        self.state.set_rows(self.state.rows.zoomed(factor, height / 2, height))

    def toggle_follow(self) -> None:
        self.state.set_follow(not self.state.follows_playhead)

    def _follow(self, tick: float) -> None:
        """Turn the page when the playhead leaves a view it was in."""
        axis, width = self.state.roll_axis, self.grid.width()
        in_view = 0 <= axis.x(tick) < width
        if self.state.follows_playhead and self._was_in_view and not in_view:
            self.state.set_roll_axis(TimeAxis(max(0.0, tick), axis.px_per_tick))
            in_view = True
        self._was_in_view = in_view

    def _announce(self, sentence: str) -> None:
        """Have the screen reader say it, without moving the focus."""
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self.grid, sentence))

    # scroll bars ------------------------------------------------------------

    def _place_bars(self, *_: object) -> None:
        rows, axis = self.state.rows, self.state.roll_axis
        self._rows_bar.show_range(rows.top_px, self.grid.height(), rows.height)
        end = max(self._song_end + 7680, axis.right_ticks(self.grid.width()))
        self._time_bar.show_range(axis.left_ticks, self.grid.width() / axis.px_per_tick, end)
        self._was_in_view = 0 <= axis.x(self.state.playhead_ticks) < self.grid.width()

    def _rows_scrolled(self, value: int) -> None:
        rows = self.state.rows
        self.state.set_rows(rows.scrolled(value - rows.top_px, self.grid.height()))

    def _time_scrolled(self, value: int) -> None:
        self.state.set_roll_axis(TimeAxis(float(value), self.state.roll_axis.px_per_tick))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_bars()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self.state.roll_axis == EditorState.FIRST_ROLL_AXIS:
            self._show_first_bars()
        self._show_track(self.state.selected_track_id)

    def _show_first_bars(self) -> None:
        """Where the selected track begins, four bars of it."""
        index = self.notes.index
        first = self.document.song.time_map.bar_of(int(index.starts[0])) if len(index) else 0
        self.show_bars(first, first + FIRST_BARS)

    def meaning_of(self, event: QKeyEvent) -> Callable[[], object] | None:
        """Escape takes back a drag, then the selection; Backspace deletes notes while no idea is shown."""
        canvas = next((c for c in (self.grid, self.velocity, self.header) if c.is_busy), None)
        if event.key() == Qt.Key.Key_Escape:
            if canvas is not None:
                return canvas.cancel_drag
            return self.commands.clear_selection if self.state.selected_note_ids else None
        backspace = event.key() == Qt.Key.Key_Backspace and not event.modifiers().value
        return self.commands.delete if backspace and self._may_delete() else None

    def _may_delete(self) -> bool:
        return self.state.ghost is None and bool(self.state.selected_note_ids)

    # menus ------------------------------------------------------------------

    def show_menu(self, at: QPoint) -> None:
        menu = menu_of(self.canvas_actions, self)
        menu.addSeparator()
        self._add_settings(menu)
        show_menu(menu, at)

    def _grid_button(self) -> QToolButton:
        button = QToolButton()
        button.setText(self.state.grid.value)
        button.setAccessibleName("Grid")
        button.setToolTip("Grid and quantise")
        button.setStyleSheet(
            f"QToolButton {{ background: {theme.BACKGROUND.name()}; color: {theme.TEXT_FAINT.name()};"
            f"border: none; border-radius: 0; font-size: 11px; }}"
            f"QToolButton:hover, QToolButton:focus {{ color: {theme.TEXT.name()}; }}"
        )
        button.setFixedHeight(self.header.height())
        button.clicked.connect(self._show_settings)
        return button

    def _show_settings(self) -> None:
        menu = QMenu(self)
        self._add_settings(menu)
        show_menu(menu, self.grid_button.mapToGlobal(QPoint(0, self.grid_button.height())))

    def _add_settings(self, menu: QMenu) -> None:
        state = self.state
        grids = menu.addMenu(f"Grid: {state.grid.value}")
        for grid in Grid:
            add_entry(grids, grid.value, partial(state.set_grid, grid))
        strengths = menu.addMenu(f"Quantise strength: {state.quantise_strength:.0%}")
        for strength in STRENGTHS:
            add_entry(strengths, f"{strength:.0%}", partial(state.set_quantise, strength, state.swing))
        swings = menu.addMenu(f"Swing: {_swing_name(state.swing)}")
        for name, swing in SWINGS.items():
            add_entry(swings, name, partial(state.set_quantise, state.quantise_strength, swing))
        is_drawing = state.tool is Tool.DRAW
        tool = Tool.SELECT if is_drawing else Tool.DRAW
        add_entry(menu, "Select tool" if is_drawing else "Draw tool", partial(state.set_tool, tool), "D")

    def _show_grid(self, grid: Grid) -> None:
        self.grid_button.setText(grid.value.replace(" triplet", "T"))


def _swing_name(swing: float) -> str:
    return min(SWINGS, key=lambda name: abs(SWINGS[name] - swing)).lower()
