"""The head of a track at the left of its lane: name, mute, solo, level, role colour.

Real widgets, so that they are reached by Tab and read aloud.
"""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QContextMenuEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from app.ui import theme
from app.ui.canvas.actions import add_entry, show_menu
from app.ui.canvas.gestures import DragLevel, Pointer
from app.ui.canvas.inlineedit import InlineEdit
from app.ui.canvas.session import DragSession, commit_edit
from app.ui.canvas.trackcommands import new_track
from app.ui.editorstate import EditorState
from engine.music import Role, Song, Track, edits

if TYPE_CHECKING:
    from app.document.document import SongDocument

WIDTH = 120
LANE_HEIGHT = 48
LEVEL_STEP = 0.05
_ROLE_WORDS = {
    Role.MELODY: "Melody",
    Role.CHORDS: "Chords",
    Role.BASS: "Bass",
    Role.DRUMS: "Drums",
    Role.PAD: "Pad",
    Role.COUNTER: "Counter-melody",
    Role.OTHER: "Other",
}


class LetterButton(QToolButton):
    """M or S: a letter that lights up."""

    def __init__(self, letter: str, name: str, lit: QColor, parent: QWidget) -> None:
        super().__init__(parent)
        self.setText(letter)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName(name)
        self.setToolTip(name)
        self.setFixedSize(15, 16)
        self.setStyleSheet(
            "QToolButton { background: transparent; border: none; padding: 0; font-size: 11px;"
            f"color: {theme.TEXT_FAINT.name()}; border-radius: 3px; }}"
            f"QToolButton:hover, QToolButton:focus {{ color: {theme.TEXT.name()}; }}"
            f"QToolButton:focus {{ background: {theme.CONTROL.name()}; }}"
            f"QToolButton:checked {{ color: {theme.BACKGROUND.name()}; background: {lit.name()};"
            "font-weight: 600; }"
        )

    def event(self, event: QEvent) -> bool:
        """Space presses the button it stands on instead of playing."""
        if event.type() is QEvent.Type.ShortcutOverride and cast(QKeyEvent, event).key() == Qt.Key.Key_Space:
            event.accept()
            return True
        return super().event(event)


class LevelBar(QWidget):
    """A level of 0-1 to drag, or to change with the arrow keys."""

    def __init__(self, document: "SongDocument", state: EditorState, track_id: int, parent: QWidget) -> None:
        super().__init__(parent)
        self._document = document
        self._state = state
        self._track_id = track_id
        self._level = 0.0
        self._session: DragSession | None = None
        self.setFixedSize(52, 16)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.SizeHorCursor)

    def show_level(self, level: float, name: str) -> None:
        """Show the level of the track called `name`."""
        self.setAccessibleName(f"Level of {name}")
        self.setAccessibleDescription(f"{level:.0%}")
        self.setToolTip(f"Level {level:.0%}")
        self._level = level
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.CONTROL)
        painter.drawRoundedRect(QRectF(1, 6, 50, 4), 2, 2)
        painter.setBrush(theme.TEXT if self.hasFocus() else theme.TEXT_DIM)
        painter.drawRoundedRect(QRectF(1, 6, 50 * self._level, 4), 2, 2)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            drag = DragLevel(self._document.song, self._track_id)
            self._session = DragSession(self._document, self._state, drag)
            self._session.move(self._pointer(event.position()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._session is not None:
            self._session.move(self._pointer(event.position()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        session, self._session = self._session, None
        if session is not None:
            session.finish()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Left: -LEVEL_STEP, Qt.Key.Key_Right: LEVEL_STEP}.get(Qt.Key(event.key()))
        if event.key() == Qt.Key.Key_Escape and self._session is not None:
            self._session.cancel()
            self._session = None
        elif step is None:
            super().keyPressEvent(event)
        else:
            level = min(1.0, max(0.0, self._level + step))
            commit_edit(
                self._document,
                self._state,
                "Change level",
                lambda song: edits.set_mix(song, self._track_id, level=level),
            )

    def _pointer(self, at: QPointF) -> Pointer:
        return Pointer(value=min(1.0, max(0.0, (at.x() - 1) / 50)))


class NewHead(QWidget):
    """The head of a track that an idea would add: its name, in the colour of ideas."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._track = Track(0, "")
        self.setFixedSize(WIDTH, LANE_HEIGHT)

    def show_track(self, track: Track) -> None:
        self._track = track
        self.setAccessibleName(f"New track {track.name}, an idea")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        body = QRectF(0, 0, self.width() - 1, self.height() - 2)
        painter.fillRect(self.rect(), theme.BACKGROUND)
        painter.fillRect(body, theme.PANEL)
        painter.fillRect(QRectF(0, 0, 3, body.height()), theme.ROLE_COLOURS[self._track.role])
        painter.setFont(theme.ui_font(13))
        painter.setPen(theme.ACCENT)
        name = painter.fontMetrics().elidedText(self._track.name, Qt.TextElideMode.ElideRight, WIDTH - 24)
        painter.drawText(QPointF(16, 19), name)
        painter.setFont(theme.ui_font(11))
        painter.setPen(theme.TEXT_FAINT)
        painter.drawText(QPointF(16, 36), "an idea")


class TrackHeader(QWidget):
    """One track's head. A click selects the track, a double-click renames it."""

    def __init__(self, document: "SongDocument", state: EditorState, track: Track, parent: QWidget) -> None:
        super().__init__(parent)
        self._document = document
        self._state = state
        self.track = track
        self.mute = LetterButton("M", "Mute", theme.TEXT_DIM, self)
        self.solo = LetterButton("S", "Solo", theme.TEXT, self)
        self.level = LevelBar(document, state, track.id, self)
        self.mute.move(13, 24)
        self.solo.move(29, 24)
        self.level.move(57, 24)
        self.mute.clicked.connect(self.toggle_mute)
        self.solo.clicked.connect(self.toggle_solo)
        self.setFixedSize(WIDTH, LANE_HEIGHT)
        self.show_track(track)

    def show_track(self, track: Track) -> None:
        """Show another value of the track."""
        self.track = track
        self.setAccessibleName(f"Track {track.name}")
        self.mute.setAccessibleName(f"Mute {track.name}")
        self.solo.setAccessibleName(f"Solo {track.name}")
        self.mute.setChecked(track.muted)
        self.solo.setChecked(track.soloed)
        self.level.show_level(track.level, track.name)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        selected = self.track.id == self._state.selected_track_id
        body = QRectF(0, 0, self.width() - 1, self.height() - 2)
        painter.fillRect(self.rect(), theme.BACKGROUND)
        painter.fillRect(body, theme.CARD if selected else theme.PANEL)
        painter.fillRect(QRectF(0, 0, 3, body.height()), theme.ROLE_COLOURS[self.track.role])
        painter.setFont(theme.ui_font(13))
        painter.setPen(theme.TEXT_FAINT if self.track.muted else theme.TEXT)
        name = painter.fontMetrics().elidedText(self.track.name, Qt.TextElideMode.ElideRight, WIDTH - 24)
        painter.drawText(QPointF(16, 19), name)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._state.select_track(self.track.id)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.rename()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self._state.select_track(self.track.id)
        show_menu(self.menu(), event.globalPos())

    def menu(self) -> QMenu:
        menu = QMenu(self)
        add_entry(menu, "Rename…", self.rename)
        add_entry(menu, "Mute", self.toggle_mute, "Alt+M")
        add_entry(menu, "Solo", self.toggle_solo, "Alt+S")
        roles = menu.addMenu(f"Role: {_ROLE_WORDS[self.track.role]}")
        for role, word in _ROLE_WORDS.items():
            add_entry(roles, word, partial(self._set_role, role))
        add_entry(menu, "Move up", partial(self._move, -1))
        add_entry(menu, "Move down", partial(self._move, 1))
        menu.addSeparator()
        add_entry(menu, "New track", partial(self._commit, "New track", new_track), "Ctrl+Shift+T")
        add_entry(menu, "Delete track", self.remove)
        return menu

    # edits ------------------------------------------------------------------

    def rename(self) -> None:
        rect = self.rect().adjusted(9, 2, -6, -26)
        InlineEdit(self, rect, self.track.name, "Track name", self._renamed)

    def _renamed(self, text: str) -> str:
        name = text.strip()
        if not name:
            return "A track needs a name."
        self._commit("Rename track", lambda song: edits.rename_track(song, self.track.id, name))
        return ""

    def toggle_mute(self) -> None:
        muted = not self.track.muted
        name = "Mute" if muted else "Unmute"
        self._commit(name, lambda song: edits.set_mix(song, self.track.id, muted=muted))

    def toggle_solo(self) -> None:
        soloed = not self.track.soloed
        name = "Solo" if soloed else "Unsolo"
        self._commit(name, lambda song: edits.set_mix(song, self.track.id, soloed=soloed))

    def _set_role(self, role: Role) -> None:
        self._commit("Change role", lambda song: edits.set_role(song, self.track.id, role))

    def _move(self, places: int) -> None:
        at = [track.id for track in self._document.song.tracks].index(self.track.id)
        self._commit("Move track", lambda song: edits.move_track(song, self.track.id, at + places))

    def remove(self) -> None:
        self._commit("Delete track", lambda song: edits.remove_track(song, self.track.id))

    def _commit(self, name: str, edit: Callable[[Song], Song]) -> None:
        commit_edit(self._document, self._state, name, edit)
