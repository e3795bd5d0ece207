"""The card of one model: what it is for, how it scored, the music behind it, and, asked for, every figure."""

from collections.abc import Collection

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QSizePolicy, QVBoxLayout, QWidget

from app.ui.modelfacts import about, every_figure, set_line, shown_scores
from app.ui.widgets import button, column, label, row
from engine.api.suggestion import ModelInfo

SHOW, HIDE = "Every figure and setting", "Fewer figures"


class ModelCard(QFrame):
    """One model; `told` are the attribution lines that stand above already, under the same set."""

    def __init__(self, model: ModelInfo, told: Collection[str] = ()) -> None:
        super().__init__()
        self.setObjectName("modelCard")
        self._model = model
        self._figures: QWidget | None = None
        self._more = button(SHOW, self._turn, small=True)
        self._more.setAccessibleName(f"{SHOW} of {model.name}")
        self._layout = column(_name_row(model), spacing=7, margins=(12, 10, 12, 11))
        self._fill(told)
        self.setLayout(self._layout)

    def _fill(self, told: Collection[str]) -> None:
        model, layout = self._model, self._layout
        if model.trouble:
            layout.addWidget(label(model.trouble, "bad", wraps=True))
            return
        if model.summary:
            layout.addWidget(label(model.summary, "dim", wraps=True))
        if scores := shown_scores(model.scores):
            layout.addLayout(_score_table(scores))
        if model.licences:
            layout.addWidget(label("Licences: " + ", ".join(model.licences), "dim", wraps=True))
        if model.sets:
            layout.addLayout(_music(model, told))
        of_sets = {each.attribution for each in model.sets}
        for line in model.attributions:
            if line not in of_sets:
                layout.addWidget(label(line, "lines", wraps=True))
        layout.addLayout(row(self._more, None))

    def _turn(self) -> None:
        """Shows every figure, or puts them away; made when first asked for."""
        if self._figures is None:
            self._figures = _figures(self._model)
            self._layout.addWidget(self._figures)
            self._figures.hide()
        is_shown = self._figures.isHidden()
        self._figures.setVisible(is_shown)
        self._more.setText(HIDE if is_shown else SHOW)
        self._more.setAccessibleName(f"{self._more.text()} of {self._model.name}")


def _name_row(model: ModelInfo) -> QWidget:
    holder = QWidget()
    holder.setLayout(row(label(model.name, "strong"), None, label(about(model), "lines")))
    return holder


def _score_table(scores: tuple[tuple[str, str], ...]) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(14)
    grid.setVerticalSpacing(3)
    grid.setColumnStretch(0, 1)
    for place, (name, value) in enumerate(scores):
        grid.addWidget(label(name, "lines", wraps=True), place, 0)
        shown = label(value, "score")
        shown.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop)
        grid.addWidget(shown, place, 1)
    return grid


def _music(model: ModelInfo, told: Collection[str]) -> QVBoxLayout:
    """Set by set: title, licence, pieces; under it the line its licence asks for, said once in the box."""
    layout = column(spacing=2)
    for each in model.sets:
        layout.addWidget(label(set_line(each), "lines", wraps=True))
        if each.attribution not in told:
            layout.addWidget(label(each.attribution, "tiny", wraps=True))
    return layout


def _figures(model: ModelInfo) -> QWidget:
    """Names and values side by side, each column one label: there may be a hundred."""
    holder = QWidget()
    layout = column(spacing=6)
    for title, rows in every_figure(model):
        names = label("\n".join(name for name, _ in rows), "tiny")
        names.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        values = label("\n".join(value for _, value in rows), "tiny")
        values.setAlignment(Qt.AlignmentFlag.AlignRight)
        layout.addWidget(label(title, "lines"))
        line = row(names, values, spacing=14)
        line.setStretch(0, 1)
        layout.addLayout(line)
    holder.setLayout(layout)
    return holder
