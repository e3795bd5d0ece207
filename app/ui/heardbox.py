"""What was heard in this song? One paragraph and a sheet of facts, as the engine tells them, to read or copy.

Opened under the bar. It is thought over again whenever the song has changed since, so what is shown is always
about the song as it stands.
"""

from collections.abc import Callable, Mapping
from functools import partial

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from app.document.heardrecording import HeardRecording, Version
from app.ui.choosers import Chooser
from app.ui.corrections import Corrections
from app.ui.heardwords import HEARD_BY, recording_lines
from app.ui.widgets import Segmented, button, clear, label, row
from engine.api.audio import ListeningMode
from engine.music.analysis import Description

WIDTH, TALLEST = 560, 620
LISTENING = "Listening to it as it is now"
CORRECTABLE = {"Key": "song.key", "Tempo": "song.tempo", "Metre": "song.metre"}
LEADING = {HEARD_BY: "See the cards of the listening models"}
MODES = (
    (ListeningMode.VOICE, "One voice"),
    (ListeningMode.KEYS, "Several notes"),
    (ListeningMode.DRUMS, "A beat"),
)
VERSIONS = ((Version.CLEAN, "Clean"), (Version.AS_PLAYED, "As played"), (Version.BENT, "With bends"))
HearAgain = Callable[[str, ListeningMode, Version], object]
HOW_TO_CORRECT = "Something else? Press a name on the left, or a chord in the lane: the rest is thought over."


class HeardBox(Chooser):
    """The paragraph above, the facts below; names of what can be corrected are pressed to do so."""

    def __init__(
        self,
        window: QWidget,
        corrections: Corrections,
        recordings: tuple[HeardRecording, ...],
        command: Callable[[str], object],
        names: Mapping[str, str],
        hear_again: HearAgain,
        show_listeners: Callable[[], object],
    ) -> None:
        super().__init__(window, "What was heard")
        self._corrections, self._recordings, self._command = corrections, recordings, command
        self._names, self._hear_again, self._show_listeners = names, hear_again, show_listeners
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
        for fact in told.sheet:
            self._add_line(fact.name, fact.value)
        for index, line in enumerate(self._recording_lines()):
            self._add_line(*line)
            if index < len(self._recordings):
                self._add_choices(self._recordings[index])

    def _add_line(self, name: str, value: str) -> None:
        place = self._grid.rowCount()
        self._grid.addWidget(self._name(name), place, 0, Qt.AlignmentFlag.AlignTop)
        self._grid.addWidget(_selectable(value, "lines"), place, 1)

    def _add_choices(self, heard: HeardRecording) -> None:
        """How else a recording can be heard, while it is in the song."""
        name = self._names.get(heard.sha256)
        if name is not None:
            self._add_choice("Hear it as", self._mode_choice(heard, name))
            self._add_choice("Notes", self._version_choice(heard, name))

    def _recording_lines(self) -> list[tuple[str, str]]:
        return recording_lines(self._recordings, self._names)

    def _told_lines(self, told: Description) -> list[tuple[str, str]]:
        facts = [(fact.name, fact.value) for fact in told.sheet]
        return [*facts, *self._recording_lines()]

    def _add_choice(self, name: str, choice: Segmented) -> None:
        place = self._grid.rowCount()
        self._grid.addWidget(label(name, "faint"), place, 0, Qt.AlignmentFlag.AlignVCenter)
        self._grid.addWidget(choice, place, 1)

    def _mode_choice(self, heard: HeardRecording, name: str) -> Segmented:
        made = Segmented(MODES, f"Hear “{name}” as")
        made.choose(ListeningMode(heard.mode))
        made.chosen.connect(lambda mode: self._again(heard, mode, heard.version))
        return made

    def _version_choice(self, heard: HeardRecording, name: str) -> Segmented:
        is_voice = heard.mode == ListeningMode.VOICE
        made = Segmented(VERSIONS if is_voice else VERSIONS[:2], f"Notes of “{name}”")
        made.choose(heard.version)
        made.chosen.connect(lambda version: self._again(heard, ListeningMode(heard.mode), version))
        return made

    def _again(self, heard: HeardRecording, mode: ListeningMode, version: Version) -> None:
        if (mode, version) == (heard.mode, heard.version):
            return
        bends_go = version is Version.BENT and mode is not ListeningMode.VOICE
        self.done()
        self._hear_again(heard.sha256, mode, Version.AS_PLAYED if bends_go else version)

    def _lead(self) -> None:
        self.done()
        self._show_listeners()

    def _name(self, name: str) -> QWidget:
        if name in LEADING:
            made = button(name, self._lead, link=True, fact=True)
            made.setAccessibleName(LEADING[name])
            made.setToolTip(LEADING[name])
            return made
        command = CORRECTABLE.get(name)
        if command is None:
            return label(name, "faint")
        made = button(name, partial(self._go, command), link=True, fact=True)
        made.setAccessibleName(f"Correct: {name}")
        return made

    def _fit(self) -> None:
        """As tall as what is told, and never over the window's edge."""
        window = self.window()
        for place in range(self._grid.count()):  # else what has just been added is not counted yet
            item = self._grid.itemAt(place)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.setVisible(True)
        self._lines.activate()
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
        lines = [f"{name}: {value}" for name, value in self._told_lines(told)]
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
