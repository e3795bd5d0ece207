"""The form along the top of the timeline: coloured sections to select, rename, stretch and carry."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QContextMenuEvent, QFont, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QMenu, QWidget

from app.ui import theme
from app.ui.canvas.actions import add_entry, show_menu
from app.ui.canvas.gestures import DragSection
from app.ui.canvas.hittest import Part, SectionHit, section_at_x
from app.ui.canvas.inlineedit import InlineEdit
from app.ui.canvas.session import commit_edit
from app.ui.canvas.speech import bars_in_words
from app.ui.canvas.timecanvas import TimeCanvas
from app.ui.editorstate import EditorState
from engine.music import Section, Song, edits

if TYPE_CHECKING:
    from app.document.document import SongDocument

HEIGHT = 35
_TOP, _BLOCK = 8, 22
NEW_SECTION_BARS = 4
NEW_NAMES = ("Intro", "Verse", "Pre-chorus", "Chorus", "Bridge", "Solo", "Outro")


class SectionStrip(TimeCanvas):
    """Click selects a section's bars, double-click renames, edges and bodies can be dragged."""

    def __init__(self, document: "SongDocument", state: EditorState, parent: QWidget | None = None) -> None:
        super().__init__(document, state, "Sections", parent)
        self.setFixedHeight(HEIGHT)
        self.setAccessibleDescription("Click a section to select its bars, double-click to rename it.")
        self._clicked: Section | None = None

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.BACKGROUND)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.ui_font(13, QFont.Weight.DemiBold))
        chosen = self.state.ghost.chosen_sections if self.state.ghost is not None else frozenset()
        for place, section in enumerate(self.shown_song.sections):
            is_dim = self.is_previewing and bool(chosen) and place not in chosen
            painter.setOpacity(0.45 if is_dim else 1.0)
            self._paint_section(painter, section)

    def _paint_section(self, painter: QPainter, section: Section) -> None:
        rect = self.section_rect(section)
        outline = QPen(theme.ACCENT, 1.5) if self.is_previewing else QPen(Qt.PenStyle.NoPen)
        painter.setPen(outline)
        painter.setBrush(theme.SECTION_COLOURS[section.kind])
        inset = 0.75 if self.is_previewing else 0.0
        painter.drawRoundedRect(rect.adjusted(inset, inset, -inset, -inset), 5, 5)
        painter.setPen(theme.TEXT)
        left = max(rect.left(), 0.0) + 8
        room = rect.right() - left - 4
        text = painter.fontMetrics().elidedText(section.name, Qt.TextElideMode.ElideRight, int(max(0, room)))
        align = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRectF(left, rect.top(), max(0.0, room), rect.height()), align, text)

    def section_rect(self, section: Section) -> QRectF:
        """Where the section is painted."""
        time_map = self.shown_song.time_map
        left = self.axis.x(time_map.bar_start(section.start_bar)) + 1
        right = self.axis.x(time_map.bar_start(section.end_bar)) - 1
        return QRectF(left, _TOP, max(2.0, right - left), _BLOCK)

    def hit(self, at: QPointF) -> SectionHit | None:
        song = self.document.song
        if self.is_previewing:
            return None
        return section_at_x(song.sections, song.time_map, self.axis, at.x())

    def _pick_planned(self, at: QPointF) -> None:
        """A section of the idea that is looked at: it would come in alone."""
        song = self.shown_song
        hit = section_at_x(song.sections, song.time_map, self.axis, at.x())
        if hit is not None:
            self.state.planned_section_picked.emit(song.sections.index(hit.section))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is not Qt.MouseButton.LeftButton:
            return
        if self.is_previewing:
            self._pick_planned(event.position())
            return
        hit = self.hit(event.position())
        self._clicked = hit.section if hit else None
        if hit is not None:
            start = self.pointer(event.position(), event.modifiers())
            self.arm(DragSection(self.document.song, hit.section, hit.part, start), event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if not self.drag_moved(event):
            hit = self.hit(event.position())
            on_edge = hit is not None and hit.part is not Part.BODY
            self.setCursor(Qt.CursorShape.SizeHorCursor if on_edge else Qt.CursorShape.ArrowCursor)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if not self.drag_released() and self._clicked is not None:
            self.select_bars_of(self._clicked)
        self._clicked = None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        hit = self.hit(event.position())
        if self.is_previewing:
            return
        if hit is not None:
            self.rename(hit.section)
        else:
            bar = self.document.song.time_map.bar_of(max(0, int(self.axis.tick(event.position().x()))))
            self.add_section(bar, "Section")

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if self.is_previewing:
            return
        hit = self.hit(QPointF(event.pos()))
        bar = self.document.song.time_map.bar_of(max(0, int(self.axis.tick(event.pos().x()))))
        show_menu(self.menu_for(hit.section if hit else None, bar), event.globalPos())

    def menu_for(self, section: Section | None, bar: int) -> QMenu:
        """What can be done with a section, or at a bar without one."""
        menu = QMenu(self)
        if section is not None:
            add_entry(menu, "Rename…", partial(self.rename, section), "F2")
            add_entry(menu, "Select its bars", partial(self.select_bars_of, section))
            add_entry(menu, "Delete section", partial(self.delete, section))
            menu.addSeparator()
        new = menu.addMenu("New section here")
        for name in NEW_NAMES:
            add_entry(new, name, partial(self.add_section, bar, name))
        return menu

    # edits ------------------------------------------------------------------

    def select_bars_of(self, section: Section) -> None:
        self.state.set_region((section.start_bar, section.end_bar))
        words = bars_in_words(self.document.song, section.start_bar, section.end_bar)
        self.state.say(f"{section.name}, {words}")

    def rename(self, section: Section) -> None:
        """Type another name in place."""
        rect = self.section_rect(section).toRect()
        InlineEdit(self, rect, section.name, "Section name", partial(self._renamed, section.id))

    def _renamed(self, section_id: int, text: str) -> str:
        name = text.strip()
        if not name:
            return "A section needs a name."
        self._commit("Rename section", partial(edits.change_section, section_id=section_id, name=name))
        return ""

    def delete(self, section: Section) -> None:
        self._commit("Delete section", partial(edits.delete_section, section_id=section.id))

    def add_section(self, bar: int, name: str) -> None:
        """A section over the selected bars when the bar is one of them, else over the next four bars."""
        region = self.state.region
        start, end = region if region and region[0] <= bar < region[1] else (bar, bar + NEW_SECTION_BARS)
        self._commit("New section", lambda song: edits.set_section(song, start, end - start, name))

    def rename_at_playhead(self) -> None:
        """Rename the section the playhead stands in."""
        song = self.document.song
        section = song.section_at_bar(song.time_map.bar_of(int(self.state.playhead_ticks)))
        if section is None:
            self.state.say("There is no section here.")
        else:
            self.rename(section)

    def _commit(self, name: str, edit: Callable[[Song], Song]) -> None:
        commit_edit(self.document, self.state, name, edit)
