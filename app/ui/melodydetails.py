"""How should the new melody be: busier or calmer, higher or lower, rising or falling, plainer or bolder?

Hidden until wanted; every choice begins at "as it is", which asks for nothing. Pitches are MIDI numbers,
middle C is C4.

>>> pitch_label(60), pitch_label(70)
('C4', 'B♭4')
"""

from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QGridLayout, QWidget

from app.ui.widgets import DropDown, Segmented, button, label, row
from engine.api.suggestion import Contour, Controls
from engine.music import Key

LESS, MORE = 0.15, 0.85
MORE_ABOUT, LESS_ABOUT = "More about the melody", "Less about the melody"
_LOWEST, _HIGHEST = 36, 96
_NARROWEST = 4


class MelodyDetails(QWidget):
    """Density, register, shape, surprise and range. `controls()` is what they ask for."""

    changed = Signal()

    def __init__(self, heading_width: int) -> None:
        super().__init__()
        shares = (LESS, None, MORE)
        words = zip(shares, ("Calmer", "As it is", "Busier"), strict=True)
        self.density = Segmented(list(words), "Density")
        words = zip(shares, ("Lower", "As it is", "Higher"), strict=True)
        self.register = Segmented(list(words), "Register")
        contours = [(None, "Free"), (Contour.RISING, "Rises"), (Contour.FALLING, "Falls")]
        self.contour = Segmented([*contours, (Contour.ARCH, "Arch"), (Contour.LEVEL, "Level")], "Shape")
        words = zip(shares, ("Plainer", "As it is", "Bolder"), strict=True)
        self.surprise = Segmented(list(words), "Surprise")
        for choice in (self.density, self.register, self.surprise):
            choice.choose(None)
        self.lowest, self.highest = _pitches("Lowest note", "any low"), _pitches("Highest note", "any high")
        self.lowest.setToolTip("No note of an idea is lower than this")
        self.highest.setToolTip("No note of an idea is higher than this")
        self.lowest.activated.connect(lambda _index: self._keep_apart(self.lowest, self.highest, 1))
        self.highest.activated.connect(lambda _index: self._keep_apart(self.highest, self.lowest, -1))
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(9)
        grid.setColumnMinimumWidth(0, heading_width)
        grid.setColumnStretch(1, 1)
        rows = [
            ("Density", self.density, "Fewer or more notes than your song has"),
            ("Register", self.register, "Where the melody lies"),
            ("Shape", self.contour, "Which way the melody moves over these bars"),
            ("Surprise", self.surprise, "How unexpected the notes may be"),
        ]
        for place, (name, control, tip) in enumerate(rows):
            control.setToolTip(tip)
            grid.addWidget(label(name, "faint"), place, 0)
            grid.addWidget(control, place, 1)
        grid.addWidget(label("Range", "faint"), len(rows), 0)
        grid.addLayout(row(self.lowest, label("–", "faint"), self.highest, None), len(rows), 1)

    def controls(self, base: Controls) -> Controls:
        """`base` with what is asked for here."""
        return replace(
            base,
            density=_share(self.density),
            register=_share(self.register),
            contour=_contour(self.contour),
            surprise=_share(self.surprise),
            range=self._range(),
        )

    def _range(self) -> tuple[int, int] | None:
        low, high = self.lowest.currentData(), self.highest.currentData()
        if low is None and high is None:
            return None
        return (0 if low is None else int(low)), (127 if high is None else int(high))

    def _keep_apart(self, moved: QComboBox, other: QComboBox, sign: int) -> None:
        """The other end gives way when the two would leave no room for a tune."""
        here, there = moved.currentData(), other.currentData()
        if here is not None and there is not None and (there - here) * sign < _NARROWEST:
            wanted = min(_HIGHEST, max(_LOWEST, here + sign * _NARROWEST))
            other.setCurrentIndex(other.findData(wanted))
        self.changed.emit()


class MoreButton(QWidget):
    """Opens and closes the details."""

    def __init__(self, details: MelodyDetails) -> None:
        super().__init__()
        self._details = details
        self.toggle = button("▾", self._flip, small=True)
        self.toggle.setAccessibleName(MORE_ABOUT)
        self.toggle.setToolTip("Density, register, shape, surprise and range")
        row_layout = row(self.toggle, None)
        row_layout.setContentsMargins(0, 0, 0, 0)
        self.setLayout(row_layout)
        details.setVisible(False)

    def _flip(self) -> None:
        opens = self._details.isHidden()
        self._details.setVisible(opens)
        self.toggle.setText("▴" if opens else "▾")
        self.toggle.setAccessibleName(LESS_ABOUT if opens else MORE_ABOUT)


def pitch_label(pitch: int) -> str:
    """`C4` for 60, as Scientific Pitch Notation counts."""
    return f"{Key().spell(pitch % 12)}{pitch // 12 - 1}"


def _pitches(name: str, none: str) -> QComboBox:
    made = DropDown()
    made.setAccessibleName(name)
    made.addItem(none, None)
    for pitch in range(_LOWEST, _HIGHEST + 1):
        made.addItem(pitch_label(pitch), pitch)
    return made


def _share(choice: Segmented) -> float | None:
    value = choice.value()
    return value if isinstance(value, float) else None


def _contour(choice: Segmented) -> Contour | None:
    value = choice.value()
    return value if isinstance(value, Contour) else None
