"""Where a song begins: drop a sketch, open a file, play something, start empty, go on with a recent one."""

import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.settings.settings import Recent
from app.ui import icons, theme
from app.ui.keymap import Actions
from app.ui.widgets import ElidedLabel, button, clear, column, label, row

if TYPE_CHECKING:
    from app.ideas.sketchbook import Sketchbook
    from app.ui.likelist import LikeList

DAY_S = 86_400
RIGHT_PX, NARROW_RIGHT_PX = 420, 316
NARROW_PX, LOW_PX = 1180, 560
PROMISE = "Everything stays on this machine. Trained on public-domain and openly licensed music only ·"
SHORT_PROMISE = "Everything stays here. Trained on openly licensed music only ·"
SHORT_WORDS = {"Record a voice or instrument": "Record", "Play something": "Play"}
DEMO_FACTS = {
    "a-tune-without-chords": ("Demo: a tune without chords", "8 bars, 3/4, for Harmonise"),
    "four-chords-without-a-tune": ("Demo: four chords without a tune", "4 bars, 4/4, for Melody and Arrange"),
}


class SongRow(QPushButton):
    """A song to open: its title, when, and what is in it; `on_like` looks for sketches like it."""

    def __init__(
        self,
        title: str,
        facts: str,
        when: str,
        on_click: Callable[[], object],
        on_like: Callable[[], object] | None = None,
    ) -> None:
        super().__init__()
        self.setObjectName("songRow")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(", ".join(part for part in (title, facts, when) if part))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(59)
        heading = row(ElidedLabel(title, "strong"), label(when, "tiny"))
        heading.setStretch(0, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(13, 8, 13, 8)
        layout.setSpacing(2)
        layout.addLayout(heading)
        below = row(ElidedLabel(facts, "dim"))
        below.setStretch(0, 1)
        if on_like is not None:
            self.like = button("like this", on_like, link=True, quiet=True)
            self.like.setAccessibleName(f"Sketches like {title}")
            self.like.setToolTip("Find sketches like this one")
            below.addWidget(self.like)
        layout.addLayout(below)
        self.clicked.connect(lambda _checked=False: on_click())


class DropArea(QFrame):
    """Dashed; lights up while a file hangs over the window."""

    def __init__(self) -> None:
        super().__init__()
        self._is_lit = False
        self.setMinimumHeight(150)
        self.setMaximumHeight(210)

    def light(self, is_lit: bool) -> None:
        self._is_lit = is_lit
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(theme.ACCENT if self._is_lit else theme.TEXT_FAINT, 1, Qt.PenStyle.CustomDashLine)
        pen.setDashPattern([3, 2])
        painter.setPen(pen)
        painter.setBrush(theme.PANEL)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 12, 12)


class StartPage(QWidget):
    """Signals carry what to open; `song.open` and the other commands come from the key map."""

    file_wanted = Signal(str)
    music_wanted = Signal()

    def __init__(self, actions: Actions) -> None:
        super().__init__()
        self.setObjectName("startPage")
        self._actions = actions
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._build_left(), 1)
        self._right = QStackedWidget()
        self._right.setFixedWidth(RIGHT_PX)
        self._right.addWidget(self._build_right())
        self.likes: LikeList | None = None
        layout.addWidget(self._right)

    def _build_left(self) -> QWidget:
        holder = QWidget()
        outer = self._left = QVBoxLayout(holder)
        outer.setSpacing(0)
        outer.addWidget(label("Bring a sketch.", "heading"))
        outer.addSpacing(6)
        lead = "A tune, a loop, a voice memo. Understudy hears it, and offers ideas. You choose."
        outer.addWidget(label(lead, "lead", wraps=True))
        outer.addSpacing(28)
        self.drop = self._build_drop()
        outer.addWidget(self.drop, 3)
        outer.addSpacing(28)
        self.record = self._big("record", "Record a voice or instrument", "record.open", theme.BAD)
        self.play = self._big("keys", "Play something", "play.capture")
        self.empty = self._big("plus", "Start empty", "song.new")
        outer.addLayout(row(self.record, self.play, self.empty, spacing=14))
        outer.addSpacing(26)
        self._promise = label(PROMISE, "note")
        self.see_music = button("see all of it", self.music_wanted.emit, link=True)
        outer.addLayout(row(self._promise, self.see_music, None, spacing=5))
        outer.addStretch(2)
        return holder

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """A narrow window (a large scale) has smaller edges and shorter words, so that none is cut."""
        is_narrow, is_low = self.width() < NARROW_PX, self.height() < LOW_PX
        side, top = (28 if is_narrow else 72), (24 if is_low else 60)
        self._left.setContentsMargins(side, top, side, 16 if is_low else 40)
        self._right.setFixedWidth(NARROW_RIGHT_PX if is_narrow else RIGHT_PX)
        self.drop.setMinimumHeight(110 if is_low else 150)
        self._promise.setText(SHORT_PROMISE if is_narrow else PROMISE)
        for made in (self.record, self.play, self.empty):
            words, name = made.findChildren(QLabel, "words")[0], made.accessibleName()
            words.setText(SHORT_WORDS.get(name, name) if is_narrow else name)

    def _build_drop(self) -> DropArea:
        area = DropArea()
        choose = button("choose a file", self._actions["song.open"].trigger, link=True)
        key = label(self._actions.key("song.open"), "key")
        sign = label("♪", "sign")
        sign.setAlignment(Qt.AlignmentFlag.AlignCenter)
        what = label("Drop a MIDI file, a recording or a score", "big")
        what.setAlignment(Qt.AlignmentFlag.AlignCenter)
        kinds = label(".mid .wav .mp3 .flac .musicxml .abc or", "dim")
        line = row(None, kinds, choose, key, None, spacing=5)
        inner = column(None, sign, 6, what, 8, spacing=0)
        inner.addLayout(line)
        inner.addStretch(1)
        area.setLayout(inner)
        area.setAccessibleName("Drop a MIDI file, a recording, a score or a song here")
        return area

    def _big(self, icon: str, text: str, command: str, colour: QColor = theme.TEXT) -> QPushButton:
        made = button("", self._actions[command].trigger, big=True)
        made.setAccessibleName(text)
        made.setFixedHeight(51)
        made.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        words = label(text, "strong")
        words.setObjectName("words")
        sign = label()
        sign.setPixmap(icons.icon(icon, colour).pixmap(icons.icon_size()))
        layout = row(None, sign, words, label(self._actions.key(command), "mono"), None, spacing=7)
        made.setLayout(layout)
        return made

    def _build_right(self) -> QWidget:
        inner = QWidget()
        self._recent = QVBoxLayout()
        self._recent.setSpacing(12)
        self._recent_heading = label("Recent", "faint13")
        self._demos = QVBoxLayout()
        self._demos.setSpacing(12)
        outer = QVBoxLayout(inner)
        outer.setContentsMargins(28, 40, 28, 24)
        outer.setSpacing(12)
        outer.addWidget(self._recent_heading)
        outer.addLayout(self._recent)
        outer.addSpacing(14)
        outer.addWidget(label("Try one", "faint13"))
        outer.addLayout(self._demos)
        outer.addStretch(1)
        return _right_column(inner)

    # sketches like one of them ----------------------------------------------------

    def use_sketchbook(self, book: "Sketchbook", look_in_folder: Callable[[], object]) -> None:
        """From now on sketches like one of the list can be looked for."""
        from app.ui.likelist import LikeList

        self.likes = LikeList(book, look_in_folder)
        self.likes.opened.connect(self.file_wanted)
        self.back = button("← All songs", self._show_all, link=True)
        inner = QWidget()
        outer = QVBoxLayout(inner)
        outer.setContentsMargins(28, 40, 28, 24)
        outer.setSpacing(14)
        outer.addLayout(row(self.back, None))
        outer.addWidget(self.likes)
        outer.addStretch(1)
        self._right.addWidget(_right_column(inner))

    def _look_like(self, song: Recent) -> None:
        if self.likes is not None:
            self._right.setCurrentIndex(1)
            self.likes.show_like(song.title, None, Path(song.path))
            self.back.setFocus()

    def _show_all(self) -> None:
        self._right.setCurrentIndex(0)
        rows = self.rows()
        if rows:
            rows[0].setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self._right.currentIndex() == 1:
            self._show_all()
        else:
            super().keyPressEvent(event)

    # the lists --------------------------------------------------------------------

    def show_songs(self, recent: Sequence[Recent], demos: Sequence[Path]) -> None:
        """Fill both lists again."""
        self._right.setCurrentIndex(0)
        clear(self._recent)
        clear(self._demos)
        self._recent_heading.setVisible(bool(recent))
        for song in recent[:6]:
            made = SongRow(
                song.title,
                song.facts,
                when_words(song.opened_s),
                partial(self.file_wanted.emit, song.path),
                partial(self._look_like, song),
            )
            self._recent.addWidget(made)
        for path in demos:
            title, facts = DEMO_FACTS.get(path.stem, (path.stem, ""))
            self._demos.addWidget(SongRow(title, facts, "", partial(self.file_wanted.emit, str(path))))

    def rows(self) -> list[SongRow]:
        """Every song that can be opened, as shown."""
        lists = (self._recent, self._demos)
        items = [each.itemAt(place) for each in lists for place in range(each.count())]
        return [item.widget() for item in items if item is not None]  # type: ignore[misc]


def _right_column(inner: QWidget) -> QScrollArea:
    frame = QScrollArea()
    frame.setObjectName("recentColumn")
    frame.setWidgetResizable(True)
    frame.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    frame.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    frame.setWidget(inner)
    return frame


def when_words(opened_s: float, now_s: float | None = None) -> str:
    """`2 min ago`, `yesterday`, `Thursday`, `3 Oct`; empty when not known."""
    if not opened_s:
        return ""
    now = time.time() if now_s is None else now_s
    passed = max(0.0, now - opened_s)
    if passed < 60:
        return "just now"
    if passed < 3600:
        return f"{passed // 60:.0f} min ago"
    then = time.localtime(opened_s)
    days = (_midnight(now) - _midnight(opened_s)) / DAY_S
    if days < 0.5:
        return f"{passed // 3600:.0f} h ago"
    if days < 1.5:
        return "yesterday"
    return time.strftime("%A", then) if days < 6.5 else f"{then.tm_mday} {time.strftime('%b', then)}"


def _midnight(moment_s: float) -> float:
    day = time.localtime(moment_s)
    return time.mktime((day.tm_year, day.tm_mon, day.tm_mday, 12, 0, 0, 0, 0, -1))
