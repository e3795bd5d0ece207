"""Bars selected by dragging along a ruler, and the playhead set by a click on it; shared by both rulers."""

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QMouseEvent

from app.ui.canvas.snapping import Grid, snapped
from app.ui.canvas.speech import bars_in_words
from app.ui.canvas.timecanvas import DRAG_STARTS_PX, TimeCanvas
from engine.music import TimeMap

EDGE_PX = 5.0


class BarRuler(TimeCanvas):
    """A ruler: click sets the playhead, a drag selects bars, Shift+click stretches, edges can be dragged."""

    _anchor_bar: int | None = None
    _is_selecting = False

    def bar_at(self, x: float) -> int:
        """The 0-based bar under x."""
        time_map: TimeMap = self.document.song.time_map
        return time_map.bar_of(max(0, int(self.axis.tick(x))))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is not Qt.MouseButton.LeftButton:
            return
        self._pressed_at = event.position().toPoint()
        self._is_selecting = False
        self._anchor_bar = self.bar_at(event.position().x())
        region = self.state.region
        if region is not None:
            edge = self._region_edge(event.position().x())
            if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
                self._anchor_bar = region[0] if self._anchor_bar >= region[0] else region[1] - 1
                self._is_selecting = True
                self._select_to(event.position())
            elif edge is not None:
                self._anchor_bar = region[1] - 1 if edge == 0 else region[0]
                self._is_selecting = True

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._anchor_bar is None or not event.buttons() & Qt.MouseButton.LeftButton:
            on_edge = self._region_edge(event.position().x()) is not None
            self.setCursor(Qt.CursorShape.SizeHorCursor if on_edge else Qt.CursorShape.ArrowCursor)
            return
        moved = abs(event.position().x() - self._pressed_at.x())
        self._is_selecting = self._is_selecting or moved >= DRAG_STARTS_PX
        if self._is_selecting:
            self._last_pointer = event.position()
            if not self._auto_scroll.isActive():
                self._auto_scroll.start()
            self._select_to(event.position())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._auto_scroll.stop()
        if event.button() is not Qt.MouseButton.LeftButton or self._anchor_bar is None:
            return
        if self._is_selecting:
            self.region_chosen()
        else:
            grid = Grid.QUARTER if self.state.grid in (Grid.OFF, Grid.BAR, Grid.HALF) else self.state.grid
            tick = self.axis.tick(event.position().x())
            self.state.set_playhead(snapped(self.document.song.time_map, grid, tick))
        self._anchor_bar = None

    def edge_scrolled(self, at: QPointF) -> None:
        if self._is_selecting:
            self._select_to(at)

    def region_chosen(self) -> None:
        """Called when a drag over bars is done."""
        if self.state.region is not None:
            self.state.say(f"Selected {bars_in_words(self.document.song, *self.state.region)}")

    @property
    def is_busy(self) -> bool:
        return self._anchor_bar is not None and self._is_selecting

    def cancel_drag(self) -> bool:
        if self._is_selecting and self._anchor_bar is not None:
            self._anchor_bar, self._is_selecting = None, False
            self.state.set_region(None)
            return True
        return super().cancel_drag()

    def _select_to(self, at: QPointF) -> None:
        if self._anchor_bar is None:
            return
        bar = self.bar_at(at.x())
        low, high = sorted((self._anchor_bar, bar))
        self.state.set_region((low, high + 1))

    def _region_edge(self, x: float) -> int | None:
        rect = self.region_rect()
        if rect is None:
            return None
        distances = [abs(x - rect.left()), abs(x - rect.right())]
        nearest = 0 if distances[0] <= distances[1] else 1
        return nearest if distances[nearest] <= EDGE_PX else None
