"""What was heard in this song? One paragraph and a sheet of facts, as the engine tells them, to read or copy.

Opened under the bar. It is thought over again whenever the song has changed since, so what is shown is always
about the song as it stands.
"""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from app.document.heardrecording import HeardRecording
from app.ui.choosers import Chooser
from app.ui.corrections import Corrections
from app.ui.heardwords import recording_lines
from app.ui.widgets import button, clear, label, row
from engine.music.analysis import Description

WIDTH, TALLEST = 560, 620
LISTENING = "Listening to it as it is now"
CORRECTABLE = {"Key": "song.key", "Tempo": "song.tempo", "Metre": "song.metre"}
HOW_TO_CORRECT = "Something else? Press a name on the left, or a chord in the lane: the rest is thought over."


class HeardBox(Chooser):
    """The paragraph above, the facts below; names of what can be corrected are pressed to do so."""

    def __init__(
        self,
        window: QWidget,
        corrections: Corrections,
        recordings: tuple[HeardRecording, ...],
        command: Callable[[str], object],
    ) -> None:
        super().__init__(window, "What was heard")
        self._corrections, self._recordings, self._command = corrections, recordings, command
        self._told: Description | None = None
        self.paragraph = _selectable("")
        self.note = label("", "lines")
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(14)
        self._grid.setVerticalSpacing(6)
        self._grid.setColumnStretch(1, 1)
        self.copy = button("Copy", self._copy, small=True)
        self.copy.setToolTip("Copy the paragraph and the facts as text")
        self.like = button("Sketches like this one", partial(self._go, "sketches.like"), small=True)
        self.box.addWidget(self._area())
        self.box.addWidget(self.note)
        self.box.addLayout(row(self.like, None, self.copy))
        corrections.hearing_changed.connect(self._show)
        corrections.said.connect(self.note.setText)
        self._show()
        corrections.hear_as_it_stands()

    def _area(self) -> QScrollArea:
        inner = QWidget()
        inner.setObjectName("musicList")
        self._lines = QVBoxLayout(inner)
        self._lines.setContentsMargins(0, 0, 8, 0)
        self._lines.setSpacing(14)
        self._lines.addWidget(self.paragraph)
        self._lines.addLayout(self._grid)
        self._lines.addStretch(1)
        self.area = _Tall(inner)
        return self.area

    # showing --------------------------------------------------------------------

    def _show(self) -> None:
        hearing, is_now = self._corrections.hearing, self._corrections.is_up_to_date
        told = hearing.description if hearing is not None else None
        self.note.setText(HOW_TO_CORRECT if is_now else LISTENING)
        if told is not None and told != self._told:
            self._told = told
            self.paragraph.setText(told.paragraph)
            self._fill(told)
        self.copy.setEnabled(self._told is not None)
        self._fit()

    def _fill(self, told: Description) -> None:
        clear(self._grid)
        facts = [(fact.name, fact.value) for fact in told.sheet]
        for place, (name, value) in enumerate([*facts, *recording_lines(self._recordings)]):
            self._grid.addWidget(self._name(name), place, 0, Qt.AlignmentFlag.AlignTop)
            self._grid.addWidget(_selectable(value, "lines"), place, 1)

    def _name(self, name: str) -> QWidget:
        command = CORRECTABLE.get(name)
        if command is None:
            return label(name, "faint")
        made = button(name, partial(self._go, command), link=True, fact=True)
        made.setAccessibleName(f"Correct: {name}")
        return made

    def _fit(self) -> None:
        """As tall as what is told, and never over the window's edge."""
        window = self.window()
        self.setFixedWidth(min(WIDTH, window.width() - 32))
        self.area.most_px = min(TALLEST, window.height() - 230)
        self.area.updateGeometry()
        self.adjustSize()

    # doing ----------------------------------------------------------------------

    def texts(self) -> str:
        """Everything that is told, as it is copied."""
        told = self._told
        if told is None:
            return ""
        facts = [(fact.name, fact.value) for fact in told.sheet]
        lines = [f"{name}: {value}" for name, value in [*facts, *recording_lines(self._recordings)]]
        return "\n".join([told.paragraph, "", *lines])

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.texts())
        self.note.setText("Copied.")

    def _go(self, command: str) -> None:
        self.done()
        self._command(command)


class _Tall(QScrollArea):
    """Takes the height of what is in it, up to `most_px`; then it scrolls."""

    def __init__(self, inner: QWidget) -> None:
        super().__init__()
        self.most_px = TALLEST
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("What was heard")
        self.setWidget(inner)
        self._inner = inner

    def sizeHint(self) -> QSize:
        width = WIDTH - 50
        height = self._inner.heightForWidth(width)
        return QSize(width, min(self.most_px, max(60, height)))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()


def _selectable(text: str, tone: str = "") -> QLabel:
    """Text to be marked and copied, by hand or key."""
    made = label(text, tone, wraps=True)
    flags = Qt.TextInteractionFlag
    made.setTextInteractionFlags(flags.TextSelectableByMouse | flags.TextSelectableByKeyboard)
    return made
