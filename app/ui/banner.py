"""A line under the bar for what needs an answer or must not be missed. Never modal; it waits, or is put
away.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QWidget

from app.ui import icons, theme
from app.ui.heardstrip import HeardStrip
from app.ui.widgets import button, clear, label, tool_button

if TYPE_CHECKING:
    from engine.api.audio import HeardNote


def remark_words(remarks: Sequence[str], most: int = 2) -> str:
    """The first of them in words, and how many more there are.

    >>> remark_words(("It is clipped.", "It is long.", "It is mono."))
    'It is clipped. It is long. And 1 more remark.'
    """
    more = len(remarks) - most
    rest = (f"And {more} more remark{'s' if more > 1 else ''}.",) if more > 0 else ()
    return " ".join((*remarks[:most], *rest))


class Banner(QFrame):
    """One sentence, maybe some buttons, maybe a progress line."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("banner")
        self._sentence = label("", wraps=True)
        self._buttons = QHBoxLayout()
        self._buttons.setSpacing(8)
        self.heard = HeardStrip()
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setFixedSize(140, 4)
        self.put_away = tool_button(icons.icon("cross", theme.TEXT_DIM), "Put this away", "Put this away")
        self.put_away.setFixedSize(26, 24)
        self.put_away.clicked.connect(lambda _checked=False: self.clear())
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 7, 12, 7)
        layout.setSpacing(14)
        layout.addWidget(self._sentence, 1)
        layout.addWidget(self.heard)
        layout.addWidget(self.progress)
        layout.addLayout(self._buttons)
        layout.addWidget(self.put_away)
        self.setVisible(False)

    def say(
        self, sentence: str, choices: Sequence[tuple[str, Callable[[], object]]] = (), is_calm: bool = False
    ) -> None:
        """Show a sentence; a choice puts it away and does its thing. `is_calm`: nothing is wrong."""
        self._show(sentence, is_calm)
        for text, run in choices:
            self._buttons.addWidget(button(text, self._chooser(run), small=True))
        self.progress.setVisible(False)

    def show_work(self, sentence: str, fraction: float, cancel: Callable[[], object]) -> None:
        """Work in progress; below 0 it is not known how far it is."""
        if self.progress.isVisibleTo(self) and self.isVisible():
            self._sentence.setText(sentence)
        else:
            self._show(sentence, is_calm=True)
            self._buttons.addWidget(button("Stop", self._chooser(cancel), small=True))
            self.progress.setVisible(True)
        self.progress.setRange(0, 0 if fraction < 0 else 100)
        if fraction >= 0:
            self.progress.setValue(round(fraction * 100))

    def show_heard(self, notes: Sequence[HeardNote], until_s: float) -> None:
        """Draw what has been heard of a recording while it is being listened to."""
        self.heard.add(notes, until_s)

    def clear(self) -> None:
        self.setVisible(False)
        self.heard.forget()
        self._sentence.setText("")
        clear(self._buttons)

    @property
    def sentence(self) -> str:
        return self._sentence.text()

    def choices(self) -> list[QWidget]:
        found = [self._buttons.itemAt(index) for index in range(self._buttons.count())]
        return [item.widget() for item in found if item is not None]  # type: ignore[misc]

    def _show(self, sentence: str, is_calm: bool) -> None:
        clear(self._buttons)
        self.heard.forget()
        self._sentence.setText(sentence)
        self.setAccessibleName(sentence)
        self.setProperty("calm", is_calm)
        self.style().polish(self)
        self.setVisible(True)

    def _chooser(self, run: Callable[[], object]) -> Callable[[], None]:
        def chosen() -> None:
            self.clear()
            run()

        return chosen
