"""Bar numbers of the timeline: drag to select bars for ideas, click to place the playhead."""

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QLineF, QPointF, QRectF
from PySide6.QtGui import QContextMenuEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QMenu, QWidget

from app.ui import theme
from app.ui.canvas.actions import add_entry, show_menu
from app.ui.canvas.barlines import bar_step, bars_between
from app.ui.canvas.barselect import BarRuler
from app.ui.canvas.session import commit_edit
from app.ui.editorstate import EditorState
from engine.music import edits

if TYPE_CHECKING:
    from app.document.document import SongDocument

HEIGHT = 19


class TimelineRuler(BarRuler):
    """The ruler over the chord lane; the loop is a line along its top."""

    def __init__(self, document: "SongDocument", state: EditorState, parent: QWidget | None = None) -> None:
        super().__init__(document, state, "Bars", parent)
        self.setFixedHeight(HEIGHT)
        self.setAccessibleDescription("Drag to select bars, click to place the playhead.")

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.BACKGROUND)
        self.paint_region(painter)
        time_map, axis = self.shown_song.time_map, self.axis
        painter.setFont(theme.mono_font(12))
        bar_px = time_map.metre_at(int(axis.left_ticks)).bar_ticks * axis.px_per_tick
        every = bar_step(bar_px, 30)
        for bar, start in bars_between(time_map, axis.left_ticks, axis.right_ticks(self.width())):
            if bar % every == 0:
                x = axis.x(start)
                painter.setPen(QPen(theme.LINE_SOFT, 1.5))
                painter.drawLine(QLineF(x, 2, x, HEIGHT))
                painter.setPen(theme.TEXT_FAINT)
                painter.drawText(QPointF(x + 4, 13), time_map.bar_label(bar))
        self._paint_loop(painter)
        self.paint_playhead(painter)

    def _paint_loop(self, painter: QPainter) -> None:
        if self.state.loop is not None:
            time_map = self.document.song.time_map
            left, right = (self.axis.x(time_map.bar_start(bar)) for bar in self.state.loop)
            painter.fillRect(QRectF(left, 0, right - left, 2), theme.TEXT_DIM)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        bar = self.bar_at(event.pos().x())
        if not self.is_previewing:
            show_menu(self.menu_for(bar), event.globalPos())

    def menu_for(self, bar: int) -> QMenu:
        """What can be done with the selected bars, or with the bar under the pointer."""
        menu = QMenu(self)
        start, end = self.state.region or (bar, bar + 1)
        which = "bar" if end - start == 1 else f"{end - start} bars"
        add_entry(menu, "Play these bars in a loop", partial(self.state.set_loop, (start, end)))
        if self.state.loop is not None:
            add_entry(menu, "No loop", partial(self.state.set_loop, None))
        add_entry(menu, "Show in the roll", partial(self.state.show_bars, start, end))
        if self.state.region is not None:
            add_entry(menu, "Select nothing", partial(self.state.set_region, None))
        menu.addSeparator()
        add_entry(menu, f"Insert {which} before", partial(self.insert_bars, start, end - start))
        add_entry(menu, f"Delete {which}", partial(self.delete_bars, start, end))
        return menu

    def insert_bars(self, bar: int, bars: int) -> None:
        commit_edit(self.document, self.state, "Insert bars", lambda song: edits.insert_bars(song, bar, bars))

    def delete_bars(self, start_bar: int, end_bar: int) -> None:
        if commit_edit(
            self.document, self.state, "Delete bars", lambda song: edits.delete_bars(song, start_bar, end_bar)
        ):
            self.state.set_region(None)

    def region_chosen(self) -> None:
        super().region_chosen()
        if self.state.region is not None:
            self.state.show_bars(*self.state.region)
