"""The chord lane: symbols and numerals on blocks coloured by function; ideas in amber over them."""

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QContextMenuEvent, QFont, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QApplication, QMenu, QWidget

from app.ui import theme
from app.ui.canvas.actions import add_entry, show_menu
from app.ui.canvas.chordcommands import ChordCommands, gap_at
from app.ui.canvas.gestures import DragChord
from app.ui.canvas.hittest import ChordHit, Part, chord_at_x
from app.ui.canvas.inlineedit import InlineEdit
from app.ui.canvas.lines import paint_bar_lines
from app.ui.canvas.snapping import chord_grid
from app.ui.canvas.speech import chord_in_words
from app.ui.canvas.timecanvas import TimeCanvas
from app.ui.chordlook import ChordLook, chord_look
from app.ui.editorstate import EditorState
from engine.music import Chord, ChordSpan, Origin, Song
from engine.music.remembered import Remembered

if TYPE_CHECKING:
    from app.document.document import SongDocument

HEIGHT = 46
_BLOCK = 36
FILL = 0.27
_IDEAS = (Origin.TAKEN, Origin.EDITED)


class ChordLane(TimeCanvas):
    """Click selects, double-click types a chord, edges and bodies can be dragged.

    `readings_wanted`: a chord that was selected already was clicked again: what else could it be?
    """

    readings_wanted = Signal()

    def __init__(
        self,
        document: "SongDocument",
        state: EditorState,
        commands: ChordCommands,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(document, state, "Chords", parent)
        self.commands = commands
        self.editor: InlineEdit | None = None
        self.setFixedHeight(HEIGHT)
        self.setAccessibleDescription(
            "Double-click to type a chord, click a selected one for what else it could be. "
            "Alt with the arrow keys walks along."
        )
        self._clicked_again = False
        self._readings_soon = QTimer(self, singleShot=True, interval=QApplication.doubleClickInterval())
        self._readings_soon.timeout.connect(self.readings_wanted)
        state.chords_selected.connect(self._selection_changed)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.BACKGROUND)
        song, axis = self.shown_song, self.axis
        paint_bar_lines(painter, song.time_map, axis, self.width(), self.height())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        left, right = axis.left_ticks, axis.right_ticks(self.width())
        for span, following in _followed(song.chords):
            if span.end_ticks > left and span.start_ticks < right:
                self._paint_span(painter, span, look_of(song, span, following))
        self.paint_region(painter)
        self._paint_ghost(painter)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        self.paint_playhead(painter)

    def span_rect(self, span: ChordSpan) -> QRectF:
        """Where the chord is painted."""
        left = self.axis.x(span.start_ticks) + 1
        return QRectF(left, 0, max(3.0, self.axis.x(span.end_ticks) - 1.5 - left), _BLOCK)

    def _paint_span(self, painter: QPainter, span: ChordSpan, look: ChordLook) -> None:
        painter.save()
        painter.setOpacity(sureness(span))
        rect = self.span_rect(span)
        fill = theme.blend(look.colour, theme.BACKGROUND, FILL)
        self._paint_block(painter, rect, fill, theme.ACCENT if span.origin in _IDEAS else look.colour)
        if span.id in self.state.selected_chord_ids:
            painter.setPen(QPen(theme.TEXT, 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(rect.adjusted(0.75, 0.75, -0.75, -0.75), 4, 4)
        if span.locked and rect.width() > 20:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.TEXT)
            painter.drawEllipse(QPointF(rect.right() - 6, rect.bottom() - 7), 2.2, 2.2)
        paint_names(painter, rect, look, theme.TEXT, theme.TEXT_DIM)
        painter.restore()

    def _paint_block(self, painter: QPainter, rect: QRectF, fill: QColor, stripe: QColor) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(fill)
        painter.drawRoundedRect(rect, 4, 4)
        painter.setBrush(stripe)
        painter.drawRoundedRect(QRectF(rect.left(), rect.top(), 3, rect.height()), 1.5, 1.5)

    def _paint_ghost(self, painter: QPainter) -> None:
        ghost = self.state.ghost
        if ghost is None or ghost.song is not None or not ghost.take.chords:
            return
        song = self.document.song
        for span, following in with_following(ghost.take.chords):
            chosen = ghost.covers_bar(song.time_map.bar_of(span.start_ticks))
            rect = self.span_rect(span).adjusted(0.75, 0.75, -0.75, -0.75)
            painter.setBrush(theme.blend(theme.ACCENT, theme.BACKGROUND, 0.3 if chosen else 0.12))
            pen = QPen(theme.ACCENT if chosen else theme.with_alpha(theme.ACCENT, 0.5), 1.5)
            if not chosen:
                pen.setDashPattern([2, 2])
            painter.setPen(pen)
            painter.drawRoundedRect(rect, 4, 4)
            paint_names(painter, rect, look_of(song, span, following), theme.TEXT, theme.ACCENT)

    # mouse ------------------------------------------------------------------

    def hit(self, at: QPointF) -> ChordHit | None:
        is_inside = 0 <= at.y() < _BLOCK and not self.is_previewing
        return chord_at_x(self.document.song.chords, self.axis, at.x()) if is_inside else None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is not Qt.MouseButton.LeftButton:
            return
        hit = self.hit(event.position())
        if hit is None:
            self.state.select_chords(())
            return
        chosen = self.state.selected_chord_ids
        self._clicked_again = chosen == {hit.span.id}
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.state.select_chords(chosen ^ {hit.span.id})
        else:
            self.state.select_chords({hit.span.id})
            start = self.pointer(event.position(), event.modifiers())
            grid = chord_grid(self.state.grid)
            self.arm(DragChord(self.document.song, hit.span, hit.part, start, grid), event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if not self.drag_moved(event):
            hit = self.hit(event.position())
            on_edge = hit is not None and hit.part is not Part.BODY
            self.setCursor(Qt.CursorShape.SizeHorCursor if on_edge else Qt.CursorShape.ArrowCursor)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        was_dragged = self.drag_released()
        if self._clicked_again and not was_dragged:
            self._readings_soon.start()
        self._clicked_again = False

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._readings_soon.stop()
        if event.button() is Qt.MouseButton.LeftButton and not self.is_previewing:
            self.type_chord(max(0, int(self.axis.tick(event.position().x()))))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if self.is_previewing:
            return
        hit = self.hit(QPointF(event.pos()))
        if hit is not None and hit.span.id not in self.state.selected_chord_ids:
            self.state.select_chords({hit.span.id})
        show_menu(self.menu_for(max(0, int(self.axis.tick(event.pos().x())))), event.globalPos())

    def menu_for(self, tick: int) -> QMenu:
        menu = QMenu(self)
        add_entry(menu, "Type a chord…", partial(self.type_chord, tick), "C")
        if self.state.selected_chord_ids:
            if len(self.state.selected_chord_ids) == 1:
                add_entry(menu, "What else could it be?", self.readings_wanted.emit, "Shift+C")
            add_entry(menu, "Split in two", self.commands.split)
            add_entry(menu, "Lock or unlock", self.commands.toggle_lock, "L")
            add_entry(menu, "Delete", self.commands.delete, "Del")
        return menu

    # typing -----------------------------------------------------------------

    def type_chord(self, tick: int) -> None:
        """Type the chord at the tick: another one for the span there, or a new one for the gap."""
        song = self.document.song
        hit = next((span for span in song.chords if span.start_ticks <= tick < span.end_ticks), None)
        start, end = (hit.start_ticks, hit.end_ticks) if hit else gap_at(song, tick)
        self.set_axis(self.axis.revealed(start, self.width()))
        left, right = self.axis.x(start) + 1, self.axis.x(end) - 1
        rect = QRectF(left, 0, right - left, _BLOCK).toRect()
        text = hit.chord.lead_sheet(song.key_at(start)) if hit else ""
        take = partial(self.commands.typed, start, end - start)
        self.editor = InlineEdit(self, rect, text, "Chord", take, partial(self.type_chord, end))

    def _selection_changed(self, chosen: frozenset[int]) -> None:
        song = self.document.song
        spans = [pair for pair in with_following(song.chords) if pair[0].id in chosen]
        if len(spans) == 1:
            words = chord_in_words(song, spans[0][0], look_of(song, *spans[0]).roman)
            self.setAccessibleDescription(words)
            self.state.say(words)
        self.update()


def sureness(span: ChordSpan) -> float:
    """How strongly a chord is painted: one that was only heard pales the less sure it is."""
    return 1.0 if span.origin is not Origin.HEARD else 0.45 + 0.55 * min(1.0, max(0.0, span.confidence) / 0.8)


def with_following(spans: tuple[ChordSpan, ...]) -> list[tuple[ChordSpan, Chord | None]]:
    """Each span with the next different chord."""
    paired: list[tuple[ChordSpan, Chord | None]] = []
    following: Chord | None = None
    for place in range(len(spans) - 1, -1, -1):
        paired.append((spans[place], following))
        if place and spans[place - 1].chord != spans[place].chord:
            following = spans[place].chord
    return paired[::-1]


_followed = Remembered(with_following)


def look_of(song: Song, span: ChordSpan, following: Chord | None) -> ChordLook:
    return chord_look(span.chord, song.key_at(span.start_ticks), following)


def paint_names(
    painter: QPainter, rect: QRectF, look: ChordLook, symbol_colour: QColor, roman_colour: QColor
) -> None:
    """Symbol above numeral; the symbol is set smaller where it would not fit, then cut."""
    room = rect.width() - 9
    if room < 8:
        return
    align = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
    for pixels in (13, 12, 11, 10):
        painter.setFont(theme.ui_font(pixels, QFont.Weight.DemiBold))
        if painter.fontMetrics().horizontalAdvance(look.label) <= room:
            break
    painter.setPen(symbol_colour)
    symbol = painter.fontMetrics().elidedText(look.label, Qt.TextElideMode.ElideRight, int(room) + 3)
    if symbol == "…":  # no room for a single letter: the colour speaks alone
        return
    painter.drawText(QRectF(rect.left() + 8, rect.top() + 3, room + 4, 17), align, symbol)
    painter.setFont(theme.ui_font(11))
    painter.setPen(roman_colour)
    numeral = painter.fontMetrics().elidedText(look.roman, Qt.TextElideMode.ElideRight, int(room))
    painter.drawText(QRectF(rect.left() + 8, rect.top() + 19, room, 14), align, numeral)
