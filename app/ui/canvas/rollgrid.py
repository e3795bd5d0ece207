"""The grid of the piano roll: notes are seen, drawn, selected, carried and resized here."""

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import QWidget

from app.ui import theme
from app.ui.canvas import rollpaint
from app.ui.canvas.density import MANY_NOTES
from app.ui.canvas.gestures import CopyNotes, Drag, DrawNote, MoveNotes, Pointer, ResizeNotes
from app.ui.canvas.hittest import NoteHit, Part, note_at
from app.ui.canvas.noteindex import NoteIndex, Rows
from app.ui.canvas.rollnotes import RollNotes
from app.ui.canvas.session import commit_edit
from app.ui.canvas.snapping import Grid, snapped_down, step_ticks
from app.ui.canvas.speech import notes_in_words
from app.ui.canvas.timecanvas import TimeCanvas
from app.ui.canvas.trackcommands import new_track
from app.ui.editorstate import EditorState, Tool
from app.ui.heardwords import sure_words
from engine.music import Note

if TYPE_CHECKING:
    from app.document.document import SongDocument

_COPYING = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
_ADDING = Qt.KeyboardModifier.ShiftModifier


class RollGrid(TimeCanvas):
    """Notes of the selected track over rows of pitches.

    Double-click (or the draw tool) draws, a click selects (Shift adds), an empty drag selects what it
    touches, Ctrl or Alt with a drag carries copies, Shift or Alt while dragging bypasses the grid, Escape
    takes it back.
    """

    in_timeline = False
    has_bars_over_it = True
    pitch_previewed = Signal(int)
    menu_wanted = Signal(object)

    def __init__(
        self, document: "SongDocument", state: EditorState, notes: RollNotes, parent: QWidget | None = None
    ) -> None:
        super().__init__(document, state, "Piano roll", parent)
        self._notes = notes
        self._band: tuple[QPointF, QPointF] | None = None
        self._band_anchor = (0.0, 0.0)
        self._selected_before: frozenset[int] = frozenset()
        self._sounding = -1
        self._crowd: tuple[NoteIndex, tuple[object, ...], QPixmap] | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleDescription(
            "Double-click to draw a note. Alt with the arrow keys walks from note to note."
        )
        for changed in (state.notes_selected, state.rows_changed, state.grid_changed, state.track_selected):
            changed.connect(self._repaint)
        state.tool_changed.connect(self._show_tool)
        state.notes_selected.connect(self._describe_selection)

    # painting ---------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        width, height = self.width(), self.height()
        song, axis, rows = self.document.song, self.axis, self.state.rows
        rollpaint.paint_rows(painter, rows, width, height, striped=self._notes.is_drums)
        self._paint_region_edges(painter)
        step = self._grid_step()
        rollpaint.paint_grid(painter, song.time_map, axis, width, height, step)
        exposed = event.rect()
        visible = self._notes.index.between(axis.tick(exposed.left() - 4), axis.tick(exposed.right() + 4))
        if rollpaint.is_crowded(visible):
            self._paint_crowd(painter, visible)
        else:
            top, bottom = exposed.top(), exposed.bottom() + 1
            self._paint_notes(painter, rollpaint.in_rows(self._notes.index, visible, rows, top, bottom))
        self._paint_ghost(painter)
        self._paint_band(painter)
        self.paint_playhead(painter)
        self.paint_focus(painter)

    def _grid_step(self) -> int:
        if self.state.grid is Grid.OFF:
            return 0
        return step_ticks(self.state.grid, self.document.song.time_map, int(self.axis.left_ticks))

    def _paint_region_edges(self, painter: QPainter) -> None:
        """The bars outside the selected ones a little darker, when a part of them is in view."""
        rect = self.region_rect()
        if rect is None or not rect.intersects(QRectF(self.rect())):
            return
        shade = theme.with_alpha(theme.BACKGROUND, 0.45)
        painter.fillRect(QRectF(0, 0, max(0.0, rect.left()), self.height()), shade)
        painter.fillRect(QRectF(rect.right(), 0, max(0.0, self.width() - rect.right()), self.height()), shade)

    def _colour(self) -> QColor:
        track = self._notes.track
        return theme.ROLE_COLOURS[track.role] if track else theme.TEXT_DIM

    def _paint_crowd(self, painter: QPainter, visible: Rows) -> None:
        index, axis, rows = self._notes.index, self.axis, self.state.rows
        painter.drawPixmap(0, 0, self._overview())
        chosen = visible[self._selected_mask(visible)]
        rects = rollpaint.note_rects(index, chosen[:MANY_NOTES], axis, rows)
        rollpaint.paint_blocks(painter, rects, theme.TEXT)

    def _overview(self) -> QPixmap:
        """The picture of very many notes, made again only when notes, view or size have changed."""
        index, ratio = self._notes.index, self.devicePixelRatioF()
        view = (self.axis, self.state.rows, self.width(), self.height())
        key = (*view, ratio, self._colour().rgb())
        if self._crowd is None or self._crowd[0] is not index or self._crowd[1] != key:
            image = rollpaint.overview(index, *view, ratio, self._colour())
            self._crowd = (index, key, QPixmap.fromImage(image))
        return self._crowd[2]

    def _paint_notes(self, painter: QPainter, visible: Rows) -> None:
        colour = self._colour()
        replaced = self._notes.replaced(visible)
        selected = self._selected_mask(visible)
        self._paint_group(painter, visible[replaced], theme.with_alpha(colour, rollpaint.DIMMED))
        self._paint_own(painter, visible[~replaced & ~selected], colour)
        outline = QPen(theme.TEXT, 1.5)
        self._paint_group(painter, visible[selected], theme.blend(theme.TEXT, colour, 0.45), outline)
        index, axis, rows = self._notes.index, self.axis, self.state.rows
        ideas = visible[index.from_idea[visible] & ~replaced]
        rollpaint.paint_idea_edges(painter, rollpaint.note_rects(index, ideas, axis, rows))
        marked = visible[self._notes.marked(visible)]
        rollpaint.paint_dots(painter, rollpaint.note_rects(index, marked, axis, rows))

    def _paint_own(self, painter: QPainter, rows: Rows, colour: QColor) -> None:
        """The artist's notes; what was only heard in a recording pales the less sure it is."""
        sure = self._notes.sureness(rows)
        for look in np.unique(sure).tolist():
            fill = colour if look == 1.0 else theme.with_alpha(colour, look)
            self._paint_group(painter, rows[sure == look], fill)

    def _paint_group(
        self, painter: QPainter, chosen: Rows, fill: QColor, outline: QPen | None = None
    ) -> None:
        rects = rollpaint.note_rects(self._notes.index, chosen, self.axis, self.state.rows)
        rollpaint.paint_blocks(painter, rects, fill, outline)

    def _selected_mask(self, visible: Rows) -> np.ndarray:
        chosen = self.state.selected_note_ids
        if not chosen:
            return np.zeros(len(visible), np.bool_)
        return np.isin(self._notes.index.ids[visible], np.fromiter(chosen, np.int64, len(chosen)))

    def _paint_ghost(self, painter: QPainter) -> None:
        ghost = self._notes.ghost
        if ghost is None:
            return
        visible = ghost.index.between(self.axis.left_ticks, self.axis.right_ticks(self.width()))
        taken = ghost.covers(ghost.index.starts[visible])
        for chosen, rows in ((True, visible[taken]), (False, visible[~taken])):
            rects = rollpaint.note_rects(ghost.index, rows, self.axis, self.state.rows)
            fill = rollpaint.GHOST_FILL if chosen else theme.with_alpha(theme.ACCENT, 0.1)
            rollpaint.paint_blocks(painter, rects, fill, rollpaint.ghost_pen(chosen=chosen))

    def _paint_band(self, painter: QPainter) -> None:
        if self._band is not None:
            painter.setPen(QPen(theme.TEXT_DIM, 1))
            painter.setBrush(theme.with_alpha(theme.TEXT, 0.08))
            painter.drawRect(QRectF(*self._band).normalized())

    # mouse ------------------------------------------------------------------

    def pointer(self, at: QPointF, modifiers: Qt.KeyboardModifier) -> Pointer:
        base = super().pointer(at, modifiers)
        free = base.is_free and not (
            isinstance(self.running_drag, CopyNotes) and modifiers & Qt.KeyboardModifier.AltModifier
        )
        return Pointer(base.tick, self.state.rows.pitch(at.y()), is_free=free)

    def hit(self, at: QPointF) -> NoteHit | None:
        """The note under a point."""
        return note_at(self._notes.index, self.axis, self.state.rows, at.x(), at.y())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        if event.button() is not Qt.MouseButton.LeftButton or self.is_dragging:
            return
        hit = self.hit(event.position())
        if hit is not None:
            self._press_note(hit, event)
        elif self.state.tool is Tool.DRAW:
            self._draw(event)
        else:
            self._start_band(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton and self.hit(event.position()) is None:
            self._band = None
            self._draw(event)

    def _press_note(self, hit: NoteHit, event: QMouseEvent) -> None:
        chosen = self.state.selected_note_ids
        if event.modifiers() & _ADDING:
            self.state.select_notes(chosen ^ {hit.note.id})
        elif hit.note.id not in chosen:
            self.state.select_notes({hit.note.id})
        self.preview_pitch(hit.note.pitch)
        if hit.note.id in self.state.selected_note_ids:
            self.arm(self._note_drag(hit, event), event)

    def _note_drag(self, hit: NoteHit, event: QMouseEvent) -> Drag:
        song, ids = self.document.song, self.state.selected_note_ids
        start = self.pointer(event.position(), event.modifiers())
        copies = bool(event.modifiers() & _COPYING)
        if hit.part is not Part.BODY and not copies:
            return ResizeNotes(song, ids, hit.note, hit.part, start, self.state.grid)
        move = MoveNotes(song, ids, hit.note, start, self.state.grid)
        return CopyNotes(move) if copies else move

    def _draw(self, event: QMouseEvent) -> None:
        if self._notes.track is None:
            commit_edit(self.document, self.state, "New track", new_track)
        track = self._notes.track
        if track is None:
            return
        at = self.pointer(event.position(), event.modifiers())
        song = self.document.song
        start = int(at.tick) if at.is_free else snapped_down(song.time_map, self.state.grid, at.tick)
        self.preview_pitch(at.pitch)
        self.begin(DrawNote(song, track.id, at.pitch, start, self.state.grid), Pointer(start, at.pitch))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._band is not None:
            self._stretch_band(event.position())
        elif self.drag_moved(event):
            drag = self.running_drag
            if isinstance(drag, MoveNotes | CopyNotes):
                move = drag.move if isinstance(drag, CopyNotes) else drag
                pitch = move.grabbed.pitch + self.state.rows.pitch(event.position().y()) - move.start.pitch
                self.preview_pitch(max(0, min(127, pitch)))
        else:
            self._show_cursor(event.position())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        was_armed = self._armed
        if self._band is not None:
            self._band = None
            self._auto_scroll.stop()
            self.update()
        elif not self.drag_released() and was_armed is not None and not event.modifiers() & _ADDING:
            hit = self.hit(event.position())
            if hit is not None:
                self.state.select_notes({hit.note.id})
        self._sounding = -1

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        hit = self.hit(QPointF(event.pos()))
        if hit is not None and hit.note.id not in self.state.selected_note_ids:
            self.state.select_notes({hit.note.id})
        self.menu_wanted.emit(event.globalPos())

    def preview_pitch(self, pitch: int) -> None:
        """Ask for the pitch to be heard, once for each time it is reached."""
        if pitch != self._sounding:
            self._sounding = pitch
            self.pitch_previewed.emit(pitch)

    # rubber band ------------------------------------------------------------

    def _start_band(self, event: QMouseEvent) -> None:
        adding = event.modifiers() & _ADDING
        self._selected_before = self.state.selected_note_ids if adding else frozenset()
        self.state.select_notes(self._selected_before)
        at = event.position()
        self._band = (at, at)
        self._band_anchor = (self.axis.tick(at.x()), at.y() + self.state.rows.top_px)

    def _stretch_band(self, at: QPointF) -> None:
        tick, y = self._band_anchor
        anchor = QPointF(self.axis.x(tick), y - self.state.rows.top_px)
        self._band = (anchor, at)
        self._last_pointer = at
        if not self._auto_scroll.isActive():
            self._auto_scroll.start()
        box = QRectF(anchor, at).normalized()
        rows = self.state.rows
        high, low = rows.row(rows.pitch(box.top())) or 0, rows.row(rows.pitch(box.bottom())) or 0
        touched = set(rows.pitches[high : low + 1])
        index = self._notes.index
        found = index.between(self.axis.tick(box.left()), self.axis.tick(box.right()))
        hits = {int(index.ids[row]) for row in found if int(index.pitches[row]) in touched}
        self.state.select_notes(self._selected_before | hits)
        self.update()

    def edge_scrolled(self, at: QPointF) -> None:
        if self._band is not None:
            self._stretch_band(at)

    @property
    def is_busy(self) -> bool:
        return self._band is not None or super().is_busy

    def cancel_drag(self) -> bool:
        if self._band is not None:
            self._band = None
            self._auto_scroll.stop()
            self.state.select_notes(self._selected_before)
            self.update()
            return True
        return super().cancel_drag()

    # view -------------------------------------------------------------------

    def scroll_rows(self, pixels: float) -> bool:
        self.state.set_rows(self.state.rows.scrolled(pixels, self.height()))
        return True

    def zoom_rows(self, factor: float, at_y: float) -> bool:
        self.state.set_rows(self.state.rows.zoomed(factor, at_y, self.height()))
        return True

    def resizeEvent(self, event: QResizeEvent) -> None:
        before = event.oldSize().height()
        self.scroll_rows((before - self.height()) / 2 if before > 0 else 0.0)
        super().resizeEvent(event)

    def _show_tool(self, tool: Tool) -> None:
        self.setCursor(Qt.CursorShape.CrossCursor if tool is Tool.DRAW else Qt.CursorShape.ArrowCursor)

    def _show_cursor(self, at: QPointF) -> None:
        hit = self.hit(at)
        if hit is None:
            self._show_tool(self.state.tool)
        elif hit.part is Part.BODY:
            self.setCursor(Qt.CursorShape.ArrowCursor)
        else:
            self.setCursor(Qt.CursorShape.SizeHorCursor)

    def selected_notes(self) -> tuple[Note, ...]:
        """The selected notes in order of time."""
        index = self._notes.index
        return tuple(index.notes[row] for row in index.having(self.state.selected_note_ids))

    def _describe_selection(self, *_: object) -> None:
        track = self._notes.track
        if track is None or self.is_dragging or self._band is not None:
            return
        few = len(self.state.selected_note_ids) <= 2000
        words = notes_in_words(self.document.song, self.selected_notes(), track.role) if few else "Many notes"
        self.setAccessibleDescription(", ".join(filter(None, (words, self._sure_words()))))

    def _sure_words(self) -> str:
        """Said of a single note that was heard and is less than sure."""
        chosen = self.selected_notes() if len(self.state.selected_note_ids) == 1 else ()
        return sure_words(self.document.certainty(chosen[0].id, chosen[0].pitch)) if chosen else ""
