"""Left of the waves: a head for each recording with mute, level and a menu to move or remove it."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QMenu, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.canvas.actions import add_entry, show_menu
from app.ui.canvas.session import commit_edit
from app.ui.canvas.trackheader import LEVEL_STEP, LetterButton
from app.ui.canvas.waverows import ONE_PX, moved_with_notes, recording_of, removed_with_notes, row_px
from app.ui.editorstate import EditorState
from app.ui.widgets import clear
from engine.music import Recording, Song, edits

if TYPE_CHECKING:
    from app.document.document import SongDocument

LOW_PX = 38  # a lower head has no room for two lines


class WaveHeads(QWidget):
    """The heads, one below the other, made anew when recordings come or go."""

    def __init__(self, document: "SongDocument", state: EditorState) -> None:
        super().__init__()
        self._document, self._state = document, state
        self._shown: tuple[str, ...] = ()
        self.heads: list[WaveHead] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        document.song_changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """As the song stands."""
        shown = tuple(each.sha256 for each in self._document.song.recordings)
        if shown != self._shown:
            self._shown = shown
            clear(self._column)
            self.heads = [
                WaveHead(self._document, self._state, sha256, index, len(shown))
                for index, sha256 in enumerate(shown)
            ]
            for head in self.heads:
                self._column.addWidget(head)
        for head in self.heads:
            head.refresh()

    def show_menu(self, sha256: str, at: QPoint) -> None:
        """What can be done with a recording."""
        head = next((each for each in self.heads if each.sha256 == sha256), None)
        if head is not None:
            show_menu(head.menu(), at)


class WaveHead(QWidget):
    """Mute and level of one recording; Delete removes it."""

    def __init__(
        self, document: "SongDocument", state: EditorState, sha256: str, index: int, count: int
    ) -> None:
        super().__init__()
        self._document, self._state, self.sha256 = document, state, sha256
        self._before: Song | None = None  # while the level is being dragged
        self._text = "Rec." if count == 1 else f"{index + 1}"
        self.setFixedHeight(row_px(count))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.mute = LetterButton("M", "Mute the recording", theme.TEXT_DIM, self)
        self.mute.move(6, 6 if count == 1 else 3)
        self.mute.clicked.connect(lambda _checked=False: self.toggle_mute())

    @property
    def recording(self) -> Recording | None:
        """None when it has just been taken out."""
        return recording_of(self._document.song, self.sha256)

    def refresh(self) -> None:
        recording = self.recording
        if recording is not None:
            self.mute.setChecked(recording.muted)
            self.mute.setAccessibleName(f"Mute the recording “{recording.name}”")
            self.setAccessibleName(f"Level of the recording “{recording.name}”, {recording.level:.0%}")
            self.setToolTip(
                f"“{recording.name}”. Level {recording.level:.0%}: drag, or ← →. Right-click for more"
            )
        self.update()

    # what can be done -------------------------------------------------------------

    def menu(self) -> QMenu:
        recording = self.recording
        menu = QMenu(self)
        muted = recording is not None and recording.muted
        add_entry(menu, "Unmute" if muted else "Mute", self.toggle_mute)
        add_entry(menu, "Move to the playhead, with its notes", self.move_with_notes)
        add_entry(menu, "Move to the playhead, the sound alone", self.move_alone)
        menu.addSeparator()
        add_entry(menu, "Remove, and keep its notes", self.remove, "Del")
        add_entry(menu, "Remove with its notes", self.remove_with_notes)
        return menu

    def move_with_notes(self) -> None:
        recording, to = self.recording, int(self._state.playhead_ticks)
        if recording is not None:
            ticks = to - recording.tick
            self._commit("Move the recording", lambda song: moved_with_notes(song, self.sha256, ticks))

    def move_alone(self) -> None:
        recording, to = self.recording, int(self._state.playhead_ticks)
        if recording is not None:
            at_s = recording.at_s
            self._commit(
                "Move the recording", lambda song: edits.place_recording(song, self.sha256, to, at_s)
            )

    def remove(self) -> None:
        self._commit("Remove the recording", lambda song: edits.remove_recording(song, self.sha256))

    def remove_with_notes(self) -> None:
        self._commit("Remove the recording", lambda song: removed_with_notes(song, self.sha256))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        show_menu(self.menu(), event.globalPos())

    def toggle_mute(self) -> None:
        recording = self.recording
        if recording is not None:
            muted = not recording.muted
            name = "Mute the recording" if muted else "Unmute the recording"
            self._commit(name, lambda song: edits.set_recording_mix(song, recording.sha256, muted=muted))

    def set_level(self, level: float) -> None:
        recording = self.recording
        if recording is not None:
            sha256 = recording.sha256
            self._commit("Change level", lambda song: edits.set_recording_mix(song, sha256, level=level))

    def _commit(self, name: str, edit: Callable[[Song], Song]) -> None:
        commit_edit(self._document, self._state, name, edit)

    def _bar(self) -> QRectF:
        if self.height() < LOW_PX:  # beside the letter
            return QRectF(26, self.height() / 2 - 1.5, max(10, self.width() - 33), 4)
        return QRectF(
            7, self.height() - (20 if self.height() >= ONE_PX else 12), max(10, self.width() - 14), 4
        )

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.BACKGROUND)
        painter.fillRect(0, 0, self.width(), 1, theme.LINE)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.ui_font(11))
        painter.setPen(theme.TEXT_FAINT)
        if self.height() >= LOW_PX:
            painter.drawText(QPointF(25, self.mute.y() + 12), self._text)
        recording = self.recording
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.CONTROL)
        painter.drawRoundedRect(self._bar(), 2, 2)
        if recording is not None:
            filled = self._bar()
            filled.setWidth(filled.width() * recording.level)
            painter.setBrush(theme.TEXT if self.hasFocus() else theme.TEXT_DIM)
            painter.drawRoundedRect(filled, 2, 2)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton and self.recording is not None:
            self._before = self._document.song
            self._document.begin_gesture("Change level")
            self._drag_to(event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._drag_to(event.position().x())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        before, self._before = self._before, None
        if before is not None:
            self._document.end_gesture()

    def _drag_to(self, x: float) -> None:
        recording, before = self.recording, self._before
        if recording is not None and before is not None:
            bar = self._bar()
            level = min(1.0, max(0.0, (x - bar.left()) / bar.width()))
            self._document.preview(edits.set_recording_mix(before, recording.sha256, level=level))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Left: -LEVEL_STEP, Qt.Key.Key_Right: LEVEL_STEP}.get(Qt.Key(event.key()))
        if self.recording is None:
            super().keyPressEvent(event)
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.remove()
        elif step is None:
            super().keyPressEvent(event)
        else:
            self.set_level(min(1.0, max(0.0, self.recording.level + step)))
