"""Which sketches are like this one, and why? A list to look through by chords, melody, tempo or key.

The same list stands on the start page and, for the song that is open, in a box under the bar.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QPushButton, QSizePolicy, QVBoxLayout, QWidget

from app.ideas.sketchbook import Alike, Sketchbook, in_order, likeness
from app.ui.choosers import Chooser
from app.ui.widgets import ElidedLabel, Segmented, button, clear, label, row
from engine.api.messages import SimilarSketch
from engine.music import Song

BOX_WIDTH = 460
RESPECTS = ((Alike.ALL, "Altogether"), (Alike.CHORDS, "Chords"), (Alike.MELODY, "Melody"),
            (Alike.TEMPO, "Tempo"), (Alike.KEY, "Key"))  # fmt: skip
ALONE = "There is no other sketch to compare it with yet."
NOTHING = "Nothing in your sketchbook is like it yet."
NOTHING_IN = {
    Alike.ALL: NOTHING,
    Alike.CHORDS: "None of your sketches has chords like it.",
    Alike.MELODY: "None of your sketches has a melody like it.",
    Alike.TEMPO: "None of your sketches is about as fast.",
    Alike.KEY: "None of your sketches is in its key or one near to it.",
}


class FoundRow(QPushButton):
    """A sketch that was found: its title, how alike, its facts, and why it is like the other."""

    def __init__(self, sketch: SimilarSketch, respect: Alike, on_click: Callable[[], object]) -> None:
        super().__init__()
        self.setObjectName("songRow")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        share, why = f"{likeness(sketch, respect):.0%}", reasons_sentence(sketch)
        self.setAccessibleName(f"{sketch.title}, {share} alike: {why} {facts_words(sketch)}")
        self.setToolTip(sketch.path)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        heading = row(ElidedLabel(sketch.title, "strong"), label(f"{share} alike", "tiny"))
        heading.setStretch(0, 1)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(13, 8, 13, 9)
        self._layout.setSpacing(3)
        self._layout.addLayout(heading)
        self._layout.addWidget(label(why, "lines", wraps=True))
        self._layout.addWidget(ElidedLabel(facts_words(sketch), "tiny"))
        self.clicked.connect(lambda _checked=False: on_click())

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._layout.heightForWidth(width)

    def sizeHint(self) -> QSize:
        width = self.width() if self.testAttribute(Qt.WidgetAttribute.WA_Resized) else 360
        return QSize(width, self.heightForWidth(width))


def reasons_sentence(sketch: SimilarSketch) -> str:
    """`The same chords (vi–IV), almost the same tempo (92 and 90 bpm).`"""
    words = ", ".join(sketch.reasons)
    return f"{words[0].upper()}{words[1:]}." if words else "A little of everything."


def facts_words(sketch: SimilarSketch) -> str:
    """`E♭ major · 92 bpm · 16 bars`"""
    bars = "1 bar" if sketch.bars == 1 else f"{sketch.bars} bars"
    return f"{sketch.key.name} · {sketch.bpm:.0f} bpm · {bars}"


class LikeList(QWidget):
    """`opened(path)`: a sketch was picked. `filled`: other sketches are listed."""

    opened = Signal(str)
    filled = Signal()

    def __init__(self, book: Sketchbook, look_in_folder: Callable[[], object]) -> None:
        super().__init__()
        self._book = book
        self.heading = ElidedLabel("", "faint13")
        self.aspects = Segmented(RESPECTS, "Alike in")
        self.aspects.chosen.connect(lambda _respect: self._show())
        self.said = label("", "lines", wraps=True)
        self._rows = QVBoxLayout()
        self._rows.setSpacing(10)
        self.more = button("Look in a folder too…", look_in_folder, link=True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(11)
        layout.addWidget(self.heading)
        layout.addWidget(self.aspects)
        layout.addLayout(self._rows)
        layout.addWidget(self.said)
        layout.addLayout(row(self.more, None))
        book.changed.connect(self._show)

    def show_like(self, title: str, song: Song | None, path: Path) -> None:
        """Look for sketches like a song that is open, or like what is in a file."""
        self.heading.setText(f"Like “{title}”")
        self.aspects.choose(Alike.ALL)
        self._book.look_for(song, path)

    def rows(self) -> list[FoundRow]:
        items = [self._rows.itemAt(place) for place in range(self._rows.count())]
        return [item.widget() for item in items if item and isinstance(item.widget(), FoundRow)]  # type: ignore[misc]

    def _show(self) -> None:
        respect = Alike(str(self.aspects.value()))
        had_focus = next((place for place, each in enumerate(self.rows()) if each.hasFocus()), None)
        clear(self._rows)
        for sketch in in_order(self._book.found, respect):
            self._rows.addWidget(FoundRow(sketch, respect, partial(self.opened.emit, sketch.path)))
        rows = self.rows()
        if had_focus is not None and rows:
            rows[min(had_focus, len(rows) - 1)].setFocus()
        self.said.setText(self._words(respect, bool(rows)))
        self.filled.emit()

    def _words(self, respect: Alike, any_found: bool) -> str:
        book = self._book
        if book.trouble:
            return book.trouble
        if book.is_looking:
            return f"Listening to your sketches: {book.compared} so far" if book.compared else "Listening"
        if not book.compared:
            return ALONE
        looked = "1 sketch" if book.compared == 1 else f"{book.compared} sketches"
        left = f" {book.left_out} could not be read." if book.left_out else ""
        none = "" if any_found else NOTHING_IN[respect] + " "
        return f"{none}Compared with {looked}: recent songs, drafts and your own folders.{left}"


class LikeBox(Chooser):
    """The list for the open song, under the bar."""

    def __init__(self, window: QWidget, book: Sketchbook, look_in_folder: Callable[[], object]) -> None:
        super().__init__(window, "Sketches like this one")
        self.list = LikeList(book, look_in_folder)
        self.list.heading.setVisible(False)
        self.list.opened.connect(lambda _path: self.done())
        self.box.addWidget(self.list)
        self.setFixedWidth(min(BOX_WIDTH, window.width() - 32))
        self.list.filled.connect(self._fit)
        self.closed.connect(book.stop)

    def _fit(self) -> None:
        self.box.activate()
        self.resize(self.width(), self.box.totalHeightForWidth(self.width()))
