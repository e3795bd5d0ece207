"""The bar along the top: whose song, transport, where we are, tempo, metre, key, the engine, and the way
out.
"""

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QResizeEvent
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from app.ui import icons, theme
from app.ui.keymap import Actions
from app.ui.widgets import Dot, ElidedLabel, FactButton, button, column, label, row, tool_button

if TYPE_CHECKING:
    from app.ui.facts import Facts

HEIGHT = 52
_EDGE, _GAP = 16, 16
_TITLE_PX = (96, 220)
DRAG_WORDS = "Drag MIDI to DAW"


class TopBar(QFrame):
    """Signals say what is wanted; nothing is decided here."""

    tempo_wanted = Signal()
    metre_wanted = Signal()
    key_wanted = Signal()
    heard_wanted = Signal()
    export_wanted = Signal()
    engine_wanted = Signal()
    title_wanted = Signal()
    drag_started = Signal()

    def __init__(self, actions: Actions) -> None:
        super().__init__()
        self.setObjectName("topBar")
        self.setFixedHeight(HEIGHT)
        self._actions = actions
        self.title = ElidedLabel("Understudy", "title")
        self.saved = ElidedLabel("", "tiny")
        self.engine = EnginePill()
        self.engine.clicked.connect(lambda _checked=False: self.engine_wanted.emit())
        self._song_part = self._build_song_part()
        self._way_out = self._build_way_out()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(_EDGE, 0, _EDGE, 0)
        layout.setSpacing(_GAP)
        names = column(self.title, self.saved, spacing=0)
        names.setAlignment(Qt.AlignmentFlag.AlignVCenter)
        holder = QWidget()
        holder.setLayout(names)
        self._names = holder
        layout.addWidget(holder)
        layout.addWidget(self._song_part)
        layout.addStretch(1)
        layout.addWidget(self.engine)
        layout.addWidget(self._way_out)
        self.show_no_song()

    # building -----------------------------------------------------------------

    def _build_song_part(self) -> QWidget:
        holder = QWidget()
        layout = self._facts = QHBoxLayout(holder)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        self.to_start = self._transport("to-start", "play.start", theme.TEXT_DIM)
        self.play = self._transport("play", "play.toggle", theme.ON_ACCENT)
        self.play.setProperty("primary", True)
        self.capture = self._transport("keys", "play.capture", theme.TEXT_DIM, checkable=True)
        self.record = self._transport("record", "record.open", theme.BAD)
        self.loop = self._transport("loop", "play.loop", theme.ACCENT, checkable=True)
        self.metronome = self._transport("metronome", "play.metronome", theme.TEXT_DIM, checkable=True)
        for made in (self.to_start, self.play, self.record, self.capture, self.loop, self.metronome):
            layout.addWidget(made)
        self.position = label("001.1.1", "position")
        self.position.setAccessibleName("Position")
        layout.addSpacing(14)
        layout.addWidget(self.position)
        layout.addSpacing(8)
        self.tempo = FactButton("Tempo", f"Correct the tempo  {self._actions.key('song.tempo')}")
        self.metre = FactButton("Metre", f"Correct the metre  {self._actions.key('song.metre')}")
        self.key = FactButton("Key", f"Correct the key  {self._actions.key('song.key')}")
        self.heard = FactButton("What was heard", f"Read what was heard  {self._actions.key('song.heard')}")
        facts = (
            (self.tempo, self.tempo_wanted),
            (self.metre, self.metre_wanted),
            (self.key, self.key_wanted),
            (self.heard, self.heard_wanted),
        )
        for fact, wanted in facts:
            fact.clicked.connect(lambda _checked=False, wanted=wanted: wanted.emit())
            layout.addWidget(fact)
        holder.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        return holder

    def _transport(self, icon: str, command: str, colour: object, checkable: bool = False) -> QToolButton:
        action = self._actions[command]
        hint = f"{action.text()}  {self._actions.key(command)}"
        made = tool_button(icons.icon(icon, colour), action.text(), hint, checkable)  # type: ignore[arg-type]
        made.clicked.connect(lambda _checked=False: action.trigger())
        return made

    def _build_way_out(self) -> QWidget:
        self.drag = DragHandle()
        self.drag.drag_started.connect(self.drag_started)
        self.export = button("Export", self.export_wanted.emit, primary=True)
        self.export.setMinimumHeight(33)
        self.export.setToolTip(f"Export  {self._actions.key('export.midi')}")
        holder = QWidget()
        holder.setLayout(row(self.drag, self.export, spacing=16))
        return holder

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """In a narrow window the title is cut, the engine keeps only its light, the handle its grip, and what
        was heard is told by its key only.
        """
        least, most = _TITLE_PX
        wanted = self.title.fontMetrics().horizontalAdvance(self.title.text()) + 4
        parts = [part for part in (self._song_part, self.engine, self._way_out) if part.isVisibleTo(self)]
        for step in range(4):
            self.engine.set_short(step > 0 and len(parts) > 1)
            self.drag.set_short(step > 1)
            self.heard.setVisible(step < 3)
            self._facts.activate()
            taken = sum(part.sizeHint().width() for part in parts) + _GAP * (len(parts) + 1) + 2 * _EDGE
            if self.width() - taken >= least:
                break
        self._names.setFixedWidth(max(least, min(most, wanted, self.width() - taken)))

    # showing --------------------------------------------------------------------

    @property
    def heard_anchor(self) -> QWidget:
        """Where a box about the whole song opens."""
        return self.heard if self.heard.isVisibleTo(self) else self.key

    def show_no_song(self) -> None:
        """The start page's bar: only the name and the engine."""
        self._song_part.setVisible(False)
        self._way_out.setVisible(False)
        self.title.setText("Understudy")
        self.saved.setText("")
        self.saved.setVisible(False)
        self._fit()

    def show_song(self, title: str, facts: "Facts") -> None:
        self._song_part.setVisible(True)
        self._way_out.setVisible(True)
        self.saved.setVisible(True)
        self.title.setText(title)
        self.tempo.show_fact(facts.tempo, facts.tempo_note)
        self.metre.show_fact(facts.metre, facts.metre_note)
        self.key.show_fact(facts.key, facts.key_note)
        self.heard.show_fact(facts.length, facts.length_note)
        self._fit()

    def show_engine(self, words: str, is_well: bool | None) -> None:
        self.engine.show_status(words, is_well)
        self._fit()

    def show_position(self, text: str) -> None:
        if text != self.position.text():
            self.position.setText(text)

    def show_playing(self, is_playing: bool) -> None:
        self.play.setIcon(icons.icon("stop" if is_playing else "play", theme.ON_ACCENT))
        self.play.setAccessibleName("Stop" if is_playing else "Play")


class EnginePill(QPushButton):
    """A light and a few words: is the engine ready, on what, how fast."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("enginePill")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._dot = Dot(theme.TEXT_FAINT)
        self._text = label("", "dim")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 0, 12, 0)
        layout.setSpacing(8)
        layout.addWidget(self._dot)
        layout.addWidget(self._text)
        self.setFixedHeight(27)
        self.show_status("Engine starting", None)

    def show_status(self, words: str, is_well: bool | None) -> None:
        """`is_well` None: not known yet."""
        self._text.setText(words)
        self._dot.set_colour({True: theme.GOOD, False: theme.BAD, None: theme.TEXT_FAINT}[is_well])
        self.setAccessibleName(words)
        self.updateGeometry()

    def set_short(self, is_short: bool) -> None:
        """Only the light; the words are told when pointed at."""
        self._text.setVisible(not is_short)
        self.setToolTip(self.words if is_short else "")
        self.updateGeometry()

    @property
    def words(self) -> str:
        return self._text.text()

    def sizeHint(self) -> QSize:
        words = self._text.sizeHint().width() + 8 if self._text.isVisibleTo(self) else 0
        return QSize(words + 8 + 26, 27)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()


class DragHandle(QPushButton):
    """Pull a finished MIDI file out of the window; a click (or the key) says how."""

    drag_started = Signal()

    def __init__(self) -> None:
        super().__init__(icons.icon("grip", theme.TEXT), DRAG_WORDS)
        self.setAccessibleName(DRAG_WORDS)
        self.setToolTip(
            "Drag this onto a track of your DAW. Hold Shift for the selected track, Alt for the idea."
        )
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setMinimumHeight(33)
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        self._pressed_at: QPoint | None = None

    def set_short(self, is_short: bool) -> None:
        """Only the grip."""
        self.setText("" if is_short else DRAG_WORDS)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._pressed_at = event.position().toPoint()
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        far = QApplication.startDragDistance()
        pressed = self._pressed_at
        if pressed is not None and (event.position().toPoint() - pressed).manhattanLength() >= far:
            self._pressed_at = None
            self.setDown(False)
            self.drag_started.emit()
