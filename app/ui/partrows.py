"""Who plays in an idea: one line a player, each to be heard alone and accepted alone."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from app.ideas.players import PartView
from app.ui import theme
from app.ui.widgets import button, label, plain_tip

_NAME_WIDTH = 58


class RoleBar(QWidget):
    """The colour of the player's role."""

    def __init__(self, colour: QColor) -> None:
        super().__init__()
        self._colour = colour
        self.setFixedWidth(3)
        self.setMinimumHeight(20)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._colour)
        painter.drawRoundedRect(self.rect(), 1.5, 1.5)


class PartRow(QFrame):
    """One player: name, what is played, hear, accept. `pressed` looks at it."""

    pressed = Signal()
    heard = Signal()
    accepted = Signal()

    def __init__(self, view: PartView, can_accept: bool) -> None:
        super().__init__()
        self.setObjectName("partRow")
        self.view = view
        name = label(view.name, "strong", wraps=True)
        name.setMinimumWidth(_NAME_WIDTH)
        name.setMaximumWidth(_NAME_WIDTH + 26)
        words = label(view.words, "lines", wraps=True)
        words.setToolTip(plain_tip(view.all_words) if view.all_words != view.words else "")
        words.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.hear = button("▶", self.heard.emit, sign=True)
        self.hear.setAccessibleName(f"Hear {view.name} alone")
        self.hear.setToolTip(f"Hear {view.name} alone in the song")
        self.take = button("✓", self.accepted.emit, sign=True)
        self.take.setAccessibleName(f"Accept {view.name}")
        self.take.setToolTip(f"Take only {view.name}")
        if not can_accept or view.is_taken:
            self.take.hide()  # never shown before it has a parent: it would be a window of its own
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 3, 0, 3)
        layout.setSpacing(7)
        layout.addWidget(RoleBar(theme.ROLE_COLOURS[view.role]))
        layout.addWidget(name)
        layout.addWidget(words, 1)
        if view.is_taken:
            layout.addWidget(label("✓ in your song", "good"))
        layout.addWidget(self.hear)
        layout.addWidget(self.take)

    def set_looked_at(self, is_looked_at: bool) -> None:
        if self.property("lookedAt") is not is_looked_at:
            self.setProperty("lookedAt", is_looked_at)
            self.style().polish(self)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.pressed.emit()
        event.accept()


class PartRows(QWidget):
    """The players of an idea. Signals carry the place of the part in the take."""

    pressed = Signal(int)
    heard = Signal(int)
    accepted = Signal(int)

    def __init__(self, views: tuple[PartView, ...], can_accept: bool) -> None:
        super().__init__()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        self.rows: list[PartRow] = []
        for view in views:
            row = PartRow(view, can_accept)
            row.pressed.connect(lambda place=view.place: self.pressed.emit(place))
            row.heard.connect(lambda place=view.place: self.heard.emit(place))
            row.accepted.connect(lambda place=view.place: self.accepted.emit(place))
            layout.addWidget(row)
            self.rows.append(row)

    def look_at(self, place: int | None) -> None:
        """The part that keys act on."""
        for row in self.rows:
            row.set_looked_at(row.view.place == place)
