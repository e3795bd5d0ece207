"""Which takes have been recorded, and what is to become of each: heard, used or thrown away.

As tall as its takes, up to five of them; then it scrolls, a new one in sight.
"""

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QPushButton, QScrollArea, QVBoxLayout, QWidget

from app.ui.recording import RecordedTake
from app.ui.widgets import ElidedLabel, button, clear, label, row

MOST_ROWS, SPACING = 5, 6


class TakeList(QScrollArea):
    """`hear_wanted`, `use_wanted`, `drop_wanted` name a take. `use_newest`: the button of the last row."""

    hear_wanted = Signal(object)
    use_wanted = Signal(object)
    drop_wanted = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.use_newest: QPushButton | None = None
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Takes")
        self._inner = QWidget()
        self._inner.setObjectName("musicList")
        self._rows = QVBoxLayout(self._inner)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(SPACING)
        self.setWidget(self._inner)
        self._shown: tuple[object, ...] = ()
        self._count, self._scrolled_to = 0, 0
        self.verticalScrollBar().rangeChanged.connect(self._scroll)
        self.setVisible(False)

    def show_takes(self, takes: list[RecordedTake], heard: RecordedTake | None, can_act: bool) -> None:
        """Rows anew where something is different; the box is then as tall as it should be at once."""
        now = (tuple(takes), heard, can_act)
        if now == self._shown:
            return
        self._shown = now
        has_more, self._count = len(takes) > self._count, len(takes)
        self._scrolled_to = 1 << 20 if has_more else self.verticalScrollBar().value()
        clear(self._rows)
        self.use_newest = None
        rows = [self._row(take, take is takes[-1], take is heard, can_act) for take in takes]
        for made in rows:
            self._rows.addWidget(made)
            made.show()  # else the layout counts it only after the next turn of the event loop
        self._fit(rows)
        self.setVisible(bool(takes))

    def _fit(self, rows: list[QWidget]) -> None:
        height = max((made.sizeHint().height() for made in rows), default=0)
        seen = min(len(rows), MOST_ROWS)
        is_long = len(rows) > MOST_ROWS
        self._rows.setContentsMargins(0, 0, 12 if is_long else 0, 0)
        half = (height + SPACING) // 2 if is_long else 0  # half a row more: there is something to scroll to
        self.setFixedHeight(max(0, seen * (height + SPACING) - SPACING + half))

    def _scroll(self) -> None:
        self.verticalScrollBar().setValue(self._scrolled_to)

    def _row(self, take: RecordedTake, is_newest: bool, is_heard: bool, can_act: bool) -> QWidget:
        hear = button("■" if is_heard else "▶", partial(self.hear_wanted.emit, take), small=True)
        hear.setAccessibleName(f"Hear {take.name}")
        text = "Use  ⏎" if is_newest else "Use"
        use = button(text, partial(self.use_wanted.emit, take), small=True, primary=is_newest)
        use.setAccessibleName(f"Use {take.name}")
        drop = button("✕", partial(self.drop_wanted.emit, take), small=True)
        drop.setAccessibleName(f"Throw {take.name} away")
        for made in (hear, use, drop):
            made.setEnabled(can_act)
        self.use_newest = use if is_newest else self.use_newest
        holder = QWidget()
        layout = row(label(take.name, "strong"), ElidedLabel(take_words(take), "lines"), hear, use, drop)
        layout.setStretch(1, 1)
        holder.setLayout(layout)
        return holder


def clock(seconds: float) -> str:
    """`0:12.4`"""
    return f"{int(seconds) // 60}:{seconds % 60:04.1f}"


def take_words(take: RecordedTake) -> str:
    """`0:12.4`, and what is wrong with it."""
    words = [clock(take.sound.duration_s)]
    if take.sound.is_silent:
        words.append("silent")
    elif take.sound.is_clipped:
        words.append("too loud in places")
    return " · ".join(words)
