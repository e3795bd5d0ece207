"""What all canvases share: a time axis, scrolling and zooming, the playhead, running drags."""

from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, Qt, QTimer
from PySide6.QtGui import QFocusEvent, QMouseEvent, QNativeGestureEvent, QPainter, QPen, QWheelEvent
from PySide6.QtWidgets import QWidget

from app.ui import theme
from app.ui.canvas.geometry import TimeAxis
from app.ui.canvas.gestures import Drag, Pointer
from app.ui.canvas.session import DragSession
from app.ui.editorstate import EditorState
from engine.music import Song

if TYPE_CHECKING:
    from app.document.document import SongDocument

DRAG_STARTS_PX = 3
AUTO_SCROLL_MS = 30
AUTO_SCROLL_EDGE_PX = 12
ZOOM_STEP = 1.2
PLAYHEAD = theme.blend(theme.TEXT, theme.BACKGROUND, 0.85)
_BY_KEY = (
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
)


class TimeCanvas(QWidget):
    """A painted widget over time. Subclasses say which axis of the state they show and paint themselves."""

    in_timeline = True
    has_bars_over_it = False  # an opaque canvas would be painted twice under its scroll bars

    def __init__(
        self, document: "SongDocument", state: EditorState, name: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.document = document
        self.state = state
        self.setAccessibleName(name)
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent, not self.has_bars_over_it)
        self._session: DragSession | None = None
        self._armed: Drag | None = None
        self._pressed_at = QPoint()
        self._last_pointer = QPointF()
        self._modifiers = Qt.KeyboardModifier.NoModifier
        self._auto_scroll = QTimer(self)
        self._auto_scroll.setInterval(AUTO_SCROLL_MS)
        self._auto_scroll.timeout.connect(self._scroll_at_edge)
        self._playhead_x = 0.0
        self._focus_is_shown = False
        state.playhead_moved.connect(self._move_playhead)
        document.song_changed.connect(self._repaint)
        for changed in (state.region_changed, state.ghost_changed, state.loop_changed):
            changed.connect(self._repaint)
        moved = state.timeline_axis_changed if self.in_timeline else state.roll_axis_changed
        moved.connect(self._repaint)

    @property
    def is_previewing(self) -> bool:
        """Whether an idea of a whole song is seen in the place of the artist's, not to be edited."""
        return self.state.ghost is not None and self.state.ghost.song is not None

    @property
    def shown_song(self) -> Song:
        """The song that is seen: the artist's, or the idea's whole one."""
        ghost = self.state.ghost
        return self.document.song if ghost is None or ghost.song is None else ghost.song

    # axis -------------------------------------------------------------------

    @property
    def axis(self) -> TimeAxis:
        return self.state.timeline_axis if self.in_timeline else self.state.roll_axis

    def set_axis(self, axis: TimeAxis) -> None:
        if self.in_timeline:
            self.state.set_timeline_axis(axis)
        else:
            self.state.set_roll_axis(axis)

    def region_rect(self) -> QRectF | None:
        """The selected bars, full height, in logical pixels."""
        if self.state.region is None:
            return None
        time_map = self.document.song.time_map
        left, right = (self.axis.x(time_map.bar_start(bar)) for bar in self.state.region)
        return QRectF(left, 0, right - left, self.height())

    def paint_region(self, painter: QPainter) -> None:
        rect = self.region_rect()
        if rect is not None:
            painter.fillRect(rect, theme.with_alpha(theme.ACCENT, 0.07))

    def paint_playhead(self, painter: QPainter) -> None:
        self._playhead_x = self.axis.x(self.state.playhead_ticks)
        painter.fillRect(QRectF(self._playhead_x - 1, 0, 2, self.height()), PLAYHEAD)

    def paint_focus(self, painter: QPainter) -> None:
        """A frame that shows where keys go, when the focus came by key."""
        if self.hasFocus() and self._focus_is_shown:
            painter.setPen(QPen(theme.TEXT_FAINT, 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(QRectF(0.5, 0.5, self.width() - 1, self.height() - 1))

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._focus_is_shown = event.reason() in _BY_KEY
        super().focusInEvent(event)

    def _move_playhead(self, tick: float) -> None:
        x = self.axis.x(tick)
        for edge in (self._playhead_x, x):
            self.update(QRect(int(edge) - 3, 0, 7, self.height()))

    def _repaint(self, *_: object) -> None:
        self.update()

    # wheel and pinch --------------------------------------------------------

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Wheel scrolls, Ctrl zooms in time, Ctrl+Shift zooms in pitch where there are rows."""
        delta = event.pixelDelta() if not event.pixelDelta().isNull() else event.angleDelta() / 2
        mods = event.modifiers()
        if mods & Qt.KeyboardModifier.ControlModifier:
            factor = ZOOM_STEP ** ((event.angleDelta().y() or event.angleDelta().x()) / 120)
            self.zoom(factor, event.position(), vertically=bool(mods & Qt.KeyboardModifier.ShiftModifier))
        elif mods & Qt.KeyboardModifier.ShiftModifier:
            self.set_axis(self.axis.scrolled(-(delta.y() or delta.x())))
        else:
            if delta.x():
                self.set_axis(self.axis.scrolled(-delta.x()))
            if delta.y() and not self.scroll_rows(-delta.y()):
                self.set_axis(self.axis.scrolled(-delta.y()))
        event.accept()

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.NativeGesture:
            gesture = cast(QNativeGestureEvent, event)
            if gesture.gestureType() is Qt.NativeGestureType.ZoomNativeGesture:
                self.zoom(1 + gesture.value(), gesture.position())
                return True
        return super().event(event)

    def zoom(self, factor: float, at: QPointF, *, vertically: bool = False) -> None:
        """Magnify around a point; canvases with rows also zoom vertically."""
        if not vertically or not self.zoom_rows(factor, at.y()):
            self.set_axis(self.axis.zoomed(factor, at.x()))

    def scroll_rows(self, pixels: float) -> bool:
        """Scroll down; False for a canvas that has nothing to scroll that way."""
        return False

    def zoom_rows(self, factor: float, at_y: float) -> bool:
        """Zoom in pitch; False for a canvas that has no rows."""
        return False

    # drags ------------------------------------------------------------------

    def pointer(self, at: QPointF, modifiers: Qt.KeyboardModifier) -> Pointer:
        """The place in music under a point of the canvas; Shift or Alt bypass the grid."""
        free = Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.AltModifier
        return Pointer(self.axis.tick(at.x()), is_free=bool(modifiers & free))

    def arm(self, drag: Drag, event: QMouseEvent) -> None:
        """The drag begins as soon as the pointer has really moved."""
        self._armed = drag
        self._pressed_at = event.position().toPoint()

    def begin(self, drag: Drag, pointer: Pointer) -> None:
        """The drag begins now."""
        self._armed = None
        self._session = DragSession(self.document, self.state, drag)
        self._session.move(pointer)

    @property
    def is_dragging(self) -> bool:
        return self._session is not None

    @property
    def is_busy(self) -> bool:
        """Whether Escape has something to take back here."""
        return self._session is not None

    @property
    def running_drag(self) -> Drag | None:
        """What is being dragged, or is about to be."""
        return self._session.drag if self._session is not None else self._armed

    def drag_moved(self, event: QMouseEvent) -> bool:
        """Carry an armed or running drag on; True when there is one."""
        self._last_pointer, self._modifiers = event.position(), event.modifiers()
        if self._armed is not None:
            far = (event.position().toPoint() - self._pressed_at).manhattanLength() >= DRAG_STARTS_PX
            if far:
                self.begin(self._armed, self.pointer(event.position(), event.modifiers()))
        elif self._session is not None:
            self._session.move(self.pointer(event.position(), event.modifiers()))
        if self._session is not None and not self._auto_scroll.isActive():
            self._auto_scroll.start()
        return self._session is not None or self._armed is not None

    def drag_released(self) -> bool:
        """Finish a running drag as one step; True when one ran."""
        session, self._session, self._armed = self._session, None, None
        self._auto_scroll.stop()
        if session is not None:
            session.finish()
            self.drag_done(session.drag)
        return session is not None

    def drag_done(self, drag: Drag) -> None:
        """For subclasses: a drag has become an undo step."""

    def cancel_drag(self) -> bool:
        """Drop a running drag, the song as before; True when one ran."""
        session, self._session, self._armed = self._session, None, None
        self._auto_scroll.stop()
        if session is not None:
            session.cancel()
        return session is not None

    def _scroll_at_edge(self) -> None:
        at = self._last_pointer
        dx = _beyond(at.x(), self.width())
        dy = _beyond(at.y(), self.height())
        if not dx and not dy:
            return
        if dx:
            self.set_axis(self.axis.scrolled(dx))
        if dy:
            self.scroll_rows(dy)
        if self._session is not None:
            self._session.move(self.pointer(at, self._modifiers))
        else:
            self.edge_scrolled(at)

    def edge_scrolled(self, at: QPointF) -> None:
        """For subclasses with drags of their own (rubber band, bar selection)."""


def _beyond(value: float, size: int) -> float:
    """How far to scroll for a pointer near or beyond an edge: faster the further out."""
    if value < AUTO_SCROLL_EDGE_PX:
        return max(-40.0, value - AUTO_SCROLL_EDGE_PX)
    return min(40.0, max(0.0, value - size + AUTO_SCROLL_EDGE_PX))
