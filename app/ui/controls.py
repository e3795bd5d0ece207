"""What to ask for: the sliders and choices above the idea cards, one area for chords and one for melody.

Each control maps to one field of the engine's Controls; there is no control that nothing obeys.
"""

from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QSlider,
    QWidget,
)

from app.ideas.asking import Question
from app.ui.melodydetails import MelodyDetails, MoreButton
from app.ui.widgets import DropDown, Segmented, button, label
from engine.api.suggestion import Controls, Keep, Kind
from engine.music import Role
from engine.music.styles import STYLES

_LABEL_WIDTH = 76
CHANGES = (
    (0.1, "Fewer"),
    (None, "As it is"),
    (0.75, "More"),
)  # of all chords from one in two bars to 2.5 a bar
SURPRISE_WORDS = ("plain", "gentle", "coloured", "bold", "daring")


class RequestArea(QFrame):
    """Rows of label and control, the Suggest button last. Subclasses add their rows and say the question."""

    suggest_wanted = Signal()
    question_changed = Signal()

    def __init__(self, suggest_key: str) -> None:
        super().__init__()
        self.setObjectName("requestArea")
        self._rows: dict[QWidget, tuple[QWidget, ...]] = {}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(16, 12, 16, 12)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(9)
        self._grid.setColumnMinimumWidth(0, _LABEL_WIDTH)
        self._grid.setColumnStretch(1, 1)
        self.where = label("", "lines")
        self.suggest = button(f"Suggest  {suggest_key}", self.suggest_wanted.emit, primary=True)
        self.suggest.setAccessibleName("Suggest")
        self.suggest.setMinimumHeight(34)
        self.suggest.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def add_row(
        self, name: str | QLabel, control: QWidget, beside: QWidget | None = None, tip: str = ""
    ) -> None:
        control.setToolTip(tip)
        row = self._grid.rowCount()
        heading = label(name, "faint") if isinstance(name, str) else name
        self._rows[control] = tuple(each for each in (heading, control, beside) if each is not None)
        self._grid.addWidget(heading, row, 0)
        self._grid.addWidget(control, row, 1, 1, 1 if beside else 2)
        if beside:
            self._grid.addWidget(beside, row, 2)

    def add_wide(self, control: QWidget) -> None:
        """A control over all columns."""
        self._grid.addWidget(control, self._grid.rowCount(), 0, 1, 3)

    def show_row(self, control: QWidget, is_obeyed: bool) -> None:
        """A control is there only for the kinds that obey it."""
        for widget in self._rows[control]:
            widget.setVisible(is_obeyed)

    def finish(self, style: QComboBox, *beside: QWidget) -> None:
        """The last row: the style, what is beside it, and the Suggest button."""
        last = QHBoxLayout()
        last.setSpacing(6)
        last.addWidget(style, 1)
        for widget in (*beside, self.suggest):
            last.addWidget(widget)
        place = self._grid.rowCount()
        self._grid.addWidget(label("Style", "faint"), place, 0)
        self._grid.addLayout(last, place, 1, 1, 2)


class ChordControls(RequestArea):
    """Continue, Reharmonise, Harmonise or Fill; how surprising; what to keep."""

    def __init__(self, suggest_key: str) -> None:
        super().__init__(suggest_key)
        kinds = [(Kind.CONTINUE, "Continue"), (Kind.REHARMONISE, "Reharmonise")]
        kinds += [(Kind.HARMONISE, "Harmonise"), (Kind.FILL, "Fill")]
        self.kinds = Segmented(kinds, "Chords")
        self.kinds.choose(Kind.REHARMONISE)
        self.kinds.chosen.connect(lambda _kind: self._kind_changed())
        self.surprise = slider("Surprise", 40)
        self.surprise_word = label("", "lines")
        self.surprise_word.setMinimumWidth(54)
        self.surprise_word.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.surprise.valueChanged.connect(self._show_surprise)
        keeps = [(Keep.CADENCE, "Cadence"), (Keep.BASS_LINE, "Bass line")]
        self.keep = Segmented(keeps, "Keep", exclusive=False)
        self.keep.set_values((Keep.CADENCE,))
        self.changes = Segmented(CHANGES, "Changes")
        self.changes.choose(None)
        self.style_choice = style_choice()
        self.add_row(self.where, self.kinds)
        self.add_row("Surprise", self.surprise, self.surprise_word, "How unexpected the chords may be")
        self.add_row("Changes", self.changes, tip="How often the chord changes")
        self.add_row("Keep", self.keep, tip="What of your chords stays as it is")
        self.finish(self.style_choice)
        self._show_surprise()
        self.show_row(self.changes, is_obeyed=False)

    def question(self) -> Question:
        kind = _kind(self.kinds)
        keep = tuple(value for value in self.keep.values() if isinstance(value, Keep))
        controls = Controls(
            surprise=self.surprise.value() / 100,
            density=self._density(kind),
            style=self.style_choice.currentData(),
            keep=keep if kind is Kind.REHARMONISE else (),
        )
        return Question(kind, Role.CHORDS, controls)

    def _density(self, kind: Kind) -> float | None:
        """Other chords for bars that have chords change where those change."""
        value = self.changes.value()
        return value if isinstance(value, float) and kind is not Kind.REHARMONISE else None

    def choose(self, kind: Kind) -> None:
        self.kinds.choose(kind)
        self._kind_changed()

    def _kind_changed(self) -> None:
        is_for_chords = _kind(self.kinds) is Kind.REHARMONISE
        self.show_row(self.keep, is_for_chords)
        self.show_row(self.changes, not is_for_chords)
        self.question_changed.emit()

    def _show_surprise(self) -> None:
        self.surprise_word.setText(surprise_words(self.surprise.value() / 100))


class MelodyControls(RequestArea):
    """Vary, Answer, Continue or Fill; for a variation what to keep and how far to go."""

    def __init__(self, suggest_key: str) -> None:
        super().__init__(suggest_key)
        kinds = [
            (Kind.VARY, "Vary"),
            (Kind.ANSWER, "Answer"),
            (Kind.CONTINUE, "Continue"),
            (Kind.FILL, "Fill"),
        ]
        self.kinds = Segmented(kinds, "Melody")
        self.kinds.chosen.connect(lambda _kind: self._kind_changed())
        keeps = [(Keep.STRONG_BEATS, "Strong beats"), (Keep.RHYTHM, "Rhythm"), (Keep.CONTOUR, "Contour")]
        self.keep = Segmented(keeps, "Keep", exclusive=False)
        self.keep.set_values((Keep.STRONG_BEATS,))
        self.distance = slider("Distance", 40)
        self.style_choice = style_choice()
        self.details = MelodyDetails(_LABEL_WIDTH)
        self.more = MoreButton(self.details)
        self.add_row(self.where, self.kinds)
        self.add_row("Keep", self.keep, tip="What of your melody stays as it is")
        self.add_row("Distance", self.distance, tip="How far from your melody: left a little, right a lot")
        self.add_wide(self.details)
        self.finish(self.style_choice, self.more)

    def question(self) -> Question:
        kind = _kind(self.kinds)
        asked = Controls(style=self.style_choice.currentData())
        if kind is Kind.VARY:
            keep = tuple(value for value in self.keep.values() if isinstance(value, Keep))
            asked = replace(asked, distance=self.distance.value() / 100, keep=keep)
        return Question(kind, Role.MELODY, self.details.controls(asked))

    def choose(self, kind: Kind) -> None:
        self.kinds.choose(kind)
        self._kind_changed()

    def _kind_changed(self) -> None:
        varies = _kind(self.kinds) is Kind.VARY
        self.show_row(self.keep, varies)
        self.show_row(self.distance, varies)
        self.question_changed.emit()


def slider(name: str, value: int) -> QSlider:
    """0-100, moved by tens with the page keys."""
    made = QSlider(Qt.Orientation.Horizontal)
    made.setRange(0, 100)
    made.setPageStep(10)
    made.setSingleStep(5)
    made.setValue(value)
    made.setAccessibleName(name)
    made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return made


def style_choice() -> QComboBox:
    """The styles by their labels, first "as it is", which asks for none."""
    made = DropDown()
    made.setAccessibleName("Style")
    made.setToolTip("Whose habits to follow; as it is: those of your song")
    made.addItem("As it is", "")
    for style in STYLES:
        made.addItem(style.label, style.name)
    made.setMaxVisibleItems(len(STYLES) + 1)
    made.setMinimumContentsLength(5)
    made.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    return made


def surprise_words(share: float) -> str:
    """What the slider asks for, in a word; how many bits came of it stands on each card."""
    return SURPRISE_WORDS[min(len(SURPRISE_WORDS) - 1, int(share * len(SURPRISE_WORDS)))]


def _kind(choice: Segmented) -> Kind:
    value = choice.value()
    assert isinstance(value, Kind)
    return value
