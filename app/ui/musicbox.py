"""What was the engine trained on, and what are ideas compared with? The card of each model, and the folders
the artist added.
"""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from PySide6.QtCore import QEvent, QPoint, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QLabel,
    QProgressBar,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from app.enginelink.link import EngineLink
from app.ideas.alsochecked import AlsoChecked, folder_words
from app.ui.keymap import Actions
from app.ui.modelcard import ModelCard
from app.ui.modelfacts import SAID, Sort, sort_of
from app.ui.widgets import ElidedLabel, button, clear, column, keep_keys, label, row
from engine.api.messages import AddedFolder, Failed, ListModels, Models, Reply
from engine.api.suggestion import ModelInfo

PROMISE = "Only music in the public domain or under open licences. Nothing you make is ever learned from."
WHAT_FOLDERS_DO = (
    "Every idea is compared with all the music the models learnt from. You can add folders of songs. An idea "
    "may sound like your own songs; its card says so. One too close to a song to stay away from is left out. "
    "The files are read on this machine, never changed and never learned from."
)
WIDTH, HEIGHT = 760, 720


class FolderSection(QWidget):
    """“Also checked against”: the folders that were added, and two ways to add one."""

    def __init__(self, checked: AlsoChecked, actions: Actions) -> None:
        super().__init__()
        self._checked = checked
        self._rows = QVBoxLayout()
        self._rows.setSpacing(6)
        self._doing = label("", "dim")
        self._progress = QProgressBar()
        self._progress.setTextVisible(False)
        self._progress.setFixedHeight(4)
        self._stop = button("Stop", checked.stop, small=True)
        self._stop.setAccessibleName("Stop reading the folder")
        self._said = label("", "dim", wraps=True)
        self._own = button("Add my own songs…", actions["checked.own"].trigger, small=True)
        self._away = button("Add songs to stay away from…", actions["checked.away"].trigger, small=True)
        for made, name in ((self._own, "checked.own"), (self._away, "checked.away")):
            made.setToolTip(f"{actions[name].text()}  {actions.key(name)}".rstrip())
        self.setLayout(self._laid_out())
        checked.changed.connect(self._show)
        checked.working.connect(self._show_working)
        checked.said.connect(self._say)
        self._said.setVisible(False)
        self._show()

    def _laid_out(self) -> QVBoxLayout:
        self._work = QWidget()
        self._work.setLayout(row(self._doing, self._progress, self._stop))
        layout = column(
            label("Also checked against", "strong"), label(WHAT_FOLDERS_DO, "dim", wraps=True), spacing=8
        )
        layout.addLayout(self._rows)
        layout.addWidget(self._work)
        layout.addWidget(self._said)
        layout.addLayout(row(self._own, self._away, None))
        return layout

    def _show(self) -> None:
        clear(self._rows)
        folders = self._checked.folders
        for folder in folders or ():
            self._rows.addWidget(self._row(folder))
        if not folders and not self._checked.reading:
            words = "No folder was added." if folders is not None else "Asking the engine"
            self._rows.addWidget(label(words, "dim"))
        is_reading = bool(self._checked.reading)
        self._work.setVisible(is_reading)
        if is_reading and not self._doing.text():
            self._show_working(-1.0, "Reading your folder")
        for made in (self._own, self._away):
            made.setEnabled(not is_reading)
        if not is_reading:
            self._doing.setText("")

    def _row(self, folder: AddedFolder) -> QWidget:
        name = ElidedLabel(Path(folder.path).name or folder.path)
        name.setToolTip(folder.path)
        remove = button("Remove", partial(self._checked.remove, folder), small=True)
        remove.setAccessibleName(f"Remove {Path(folder.path).name}, {folder_words(folder)}")
        holder = QWidget()
        line = row(name, label(folder_words(folder), "dim"), remove)
        line.setStretch(0, 1)
        holder.setLayout(line)
        return holder

    def _show_working(self, fraction: float, doing: str) -> None:
        self._doing.setText(f"{doing} “{self._checked.reading}”")
        self._progress.setRange(0, 0 if fraction < 0 else 100)
        if fraction >= 0:
            self._progress.setValue(round(fraction * 100))
        self._progress.setAccessibleName(self._doing.text())

    def _say(self, sentence: str) -> None:
        self._said.setText(sentence)
        self._said.setVisible(True)


class MusicBox(QFrame):
    """Lies over the window; Escape closes it."""

    def __init__(self, window: QWidget, link: EngineLink, checked: AlsoChecked, actions: Actions) -> None:
        super().__init__(window)
        self.setObjectName("chooser")
        self.setAccessibleName("What the engine was trained on")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._link, self._checked = link, checked
        self.is_complete = False
        self._first: Sort | None = None
        self._coming: Iterator[QWidget] = iter(())
        self._list = QVBoxLayout()
        self._list.setSpacing(16)
        inner = QWidget()
        inner.setObjectName("musicList")
        inner.setMinimumWidth(1)
        outer = column(FolderSection(checked, actions))
        outer.setSpacing(16)
        outer.setContentsMargins(0, 0, 12, 0)
        outer.addLayout(self._list)
        outer.addStretch(1)
        inner.setLayout(outer)
        self.area = QScrollArea()
        self.area.setWidgetResizable(True)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setWidget(inner)
        self.area.setAccessibleName("Folders, models and the music behind them")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 16, 10, 16)
        layout.setSpacing(10)
        self._close = button("Close", self.close_box, small=True)
        layout.addLayout(
            row(label("What the engine was trained on", "title"), None, self._close, margins=(0, 0, 8, 0))
        )
        layout.addWidget(label(PROMISE, "dim", wraps=True))
        layout.addWidget(self.area, 1)

    def event(self, event: QEvent) -> bool:
        return keep_keys(event) or super().event(event)

    def open_box(self, first: Sort | None = None) -> None:
        """With the heading of a sort of models at the top, if one is named."""
        self._first = first
        window = self.window()
        width, height = min(WIDTH, window.width() - 80), min(HEIGHT, window.height() - 110)
        self.setGeometry((window.width() - width) // 2, 70, width, height)
        self._say("Asking the engine")
        self.show()
        self.raise_()
        self.area.setFocus()
        self._link.send(ListModels(), self._came)
        self._checked.ask()

    def close_box(self) -> None:
        self.hide()
        self.deleteLater()

    def focusNextPrevChild(self, is_next: bool) -> bool:
        """Tab goes round in the box while it is open."""
        reached, now = self._reached_by_tab(), self.window().focusWidget()
        if not reached:
            return False
        place = reached.index(now) + (1 if is_next else -1) if now in reached else 0 if is_next else -1
        reason = Qt.FocusReason.TabFocusReason if is_next else Qt.FocusReason.BacktabFocusReason
        reached[place % len(reached)].setFocus(reason)
        return True

    def _reached_by_tab(self) -> list[QWidget]:
        found, each = [], self.nextInFocusChain()
        while each is not None and each is not self:
            if self.isAncestorOf(each) and each.isVisible() and each.isEnabled():
                found += [each] if each.focusPolicy() & Qt.FocusPolicy.TabFocus else []
            each = each.nextInFocusChain()
        return found

    def _came(self, reply: Reply) -> None:
        if not isValid(self):  # put away before the answer came
            return
        if isinstance(reply, Models):
            self._show(reply.models)
        elif isinstance(reply, Failed):
            self._say(reply.sentence)

    def _say(self, sentence: str) -> None:
        clear(self._list)
        self._list.addWidget(label(sentence, "dim", wraps=True))

    def _show(self, models: tuple[ModelInfo, ...]) -> None:
        if not models:
            self._say("No models are installed.")
            return
        clear(self._list)
        self._coming = _shown(models)
        self._show_next()

    def _show_next(self) -> None:
        """One card after the other, the window answering in between: all at once would be a pause."""
        made = next(self._coming, None)
        self.is_complete = made is None
        if made is not None:
            self._list.addWidget(made)
            QTimer.singleShot(0, self, self._show_next)
        elif self._first is not None:
            QTimer.singleShot(0, self, self._show_first)

    def _show_first(self) -> None:
        """Scroll to the heading that was asked for."""
        name = self._first.value if self._first is not None else ""
        heading = next((each for each in self.findChildren(QLabel) if each.text() == name), None)
        inner = self.area.widget()
        if heading is not None and inner is not None:
            self.area.verticalScrollBar().setValue(heading.mapTo(inner, QPoint(0, 0)).y() - 8)

    def texts(self) -> str:
        """Everything shown, for tests."""
        return "\n".join(shown.text() for shown in self.findChildren(QLabel))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close_box()
        event.accept()


def _shown(models: tuple[ModelInfo, ...]) -> Iterator[QWidget]:
    """Headings and cards, made as they are asked for."""
    told: set[str] = set()
    for sort in Sort:
        of_this_sort = [model for model in models if sort_of(model) is sort]
        if of_this_sort:
            yield _heading(sort)
        for model in of_this_sort:
            yield ModelCard(model, told)
            told.update(each.attribution for each in model.sets)


def _heading(sort: Sort) -> QWidget:
    holder = QWidget()
    layout = column(label(sort.value, "strong"), margins=(0, 4, 0, 0))
    if SAID[sort]:
        layout.addWidget(label(SAID[sort], "dim", wraps=True))
    holder.setLayout(layout)
    return holder
