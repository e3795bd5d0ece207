"""One idea as a card: what it is called, why it is worth hearing, what is in it, and what to do with it."""

from collections.abc import Callable, Iterator

from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QFocusEvent, QMouseEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.ideas.cardview import CardView
from app.ui import icons, theme
from app.ui.chordlook import ChordLook, chord_look
from app.ui.formstrip import FormBlock, FormStrip
from app.ui.partrows import PartRows
from app.ui.preview import ChordStrip, Dash, NotePreview, dashes
from app.ui.widgets import ElidedLabel, button, label, plain_tip, row, tool_button
from engine.formats.songfile import TakeState

_DECIDED = {TakeState.ACCEPTED: "✓ in your song", TakeState.EDITED: "✓ in your song, yours to change"}

BEING_WRITTEN = "Being written"


class IdeaCard(QFrame):
    """Shows a CardView. Pressing selects it; the buttons of the selected card act on it."""

    pressed = Signal()
    heard = Signal()
    accepted = Signal()
    edited = Signal()
    more_wanted = Signal()
    rejected = Signal()
    keep_toggled = Signal()
    asked_again = Signal()
    bar_picked = Signal(int)
    part_looked_at = Signal(int)
    part_heard = Signal(int)
    part_accepted = Signal(int)
    section_picked = Signal(int)
    section_accepted = Signal()

    def __init__(self, view: CardView, keys: Callable[[str], str], *, is_selected: bool = False) -> None:
        super().__init__()
        self.view = view
        self._keys = keys
        self.setObjectName("ideaCard")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(12, 9, 12, 10)
        self._layout.setSpacing(7)
        self._preview: NotePreview | ChordStrip | None = None
        self._accept = button("")
        self._section = button("")
        self.strip: FormStrip | None = None
        self.rows: PartRows | None = None
        self._part = label("", "part", wraps=True)
        self._part.setVisible(False)
        self._fill()
        self._buttons = self._action_row()
        self._layout.addWidget(self._part)
        self._layout.addWidget(self._buttons)
        self.set_selected(is_selected)

    def set_selected(self, is_selected: bool) -> None:
        if self.property("selected") is not is_selected:
            self.setProperty("selected", is_selected)
            self.style().polish(self)
        view = self.view
        self._buttons.setVisible(is_selected and not view.is_growing)
        if self.rows is not None:
            self.rows.setVisible(is_selected)
        self._part.setVisible(False)
        chosen = "selected" if is_selected else "not selected"
        says = BEING_WRITTEN + "." if view.is_growing else view.all_reasons
        self.setAccessibleName(f"{view.called.capitalize()} {view.number}: {view.title}. {says} {chosen}")

    def grow(self, view: CardView) -> None:
        """More bars of the take have come; the card stays, so nothing jumps and the focus stays on it."""
        self.view = view
        if self._preview is None:
            self._preview = self._made_preview()
            if self._preview is not None:
                self._layout.insertWidget(1, self._preview)
        elif isinstance(self._preview, NotePreview):
            self._preview.show_notes(self._dashes())
        elif isinstance(self._preview, ChordStrip):
            self._preview.show_looks(self._looks(), self._empty_ticks())

    def show_chosen_bars(self, bars: frozenset[int], words: str) -> None:
        """Which bars (0-based within the take) accepting takes over; none means all."""
        if isinstance(self._preview, NotePreview):
            starts, (first, last) = self.view.bar_starts, self.view.span_ticks
            length = max(1, last - first)
            self._preview.choose(
                [((starts[bar] - first) / length, (starts[bar + 1] - first) / length) for bar in sorted(bars)]
            )
        is_part = bool(bars and words)
        self._accept.setAccessibleName(f"Accept {words}" if is_part else "Accept")
        self._part.setText(f"Only {words} would come in. {self._keys('ideas.all_bars')} takes all.")
        self._part.setVisible(is_part and bool(self.property("selected")))

    def show_chosen_sections(self, places: frozenset[int]) -> None:
        """Which sections of the plan “Section” takes over."""
        if self.strip is None:
            return
        self.strip.choose(places)
        names = " and ".join(each.name for each in self.view.sections if each.place in places)
        self._section.setAccessibleName(f"Accept {names}" if names else "Accept the next section")
        self._section.setToolTip(f"Take only {names}" if names else "Take the next section only")

    def look_at_part(self, place: int | None) -> None:
        """The part that keys act on."""
        if self.rows is not None:
            self.rows.look_at(place)

    # building -----------------------------------------------------------------

    def _fill(self) -> None:
        view = self.view
        self._layout.addLayout(self._title_row())
        self._preview = self._made_preview()
        if self._preview is not None and view.chords:
            self._layout.addWidget(self._preview)
        if view.sections:
            self._layout.addWidget(self._form_strip())
        if view.reasons:
            reasons = label(view.reasons, "dim", wraps=True)
            reasons.setToolTip(plain_tip(view.all_reasons) if view.all_reasons != view.reasons else "")
            self._layout.addWidget(reasons)
        if self._preview is not None and not view.chords:
            self._layout.addWidget(self._preview)
        if view.parts:
            self.rows = PartRows(view.parts, can_accept=view.is_open and not view.is_stale)
            self.rows.pressed.connect(self._part_pressed)
            self.rows.heard.connect(self.part_heard)
            self.rows.accepted.connect(self.part_accepted)
            self._layout.addWidget(self.rows)
        for line in self._score_rows():
            self._layout.addLayout(line)
        if view.is_stale and view.is_open:
            self._layout.addWidget(label(view.stale_words, "bad", wraps=True))

    def _form_strip(self) -> FormStrip:
        blocks = [FormBlock(each.name, each.bars, each.kind, each.words) for each in self.view.sections]
        self.strip = FormStrip(blocks)
        self.strip.picked.connect(self._section_pressed)
        return self.strip

    def _section_pressed(self, place: int) -> None:
        self.pressed.emit()
        self.section_picked.emit(place)

    def _part_pressed(self, place: int) -> None:
        self.pressed.emit()
        self.part_looked_at.emit(place)

    def _made_preview(self) -> NotePreview | ChordStrip | None:
        if self.view.chords:
            strip = ChordStrip(self._looks())
            strip.show_looks(self._looks(), self._empty_ticks())
            return strip
        if not self.view.notes:
            return None
        preview = NotePreview(self._dashes())
        preview.setToolTip("Click a bar to take only that bar")
        return preview

    def _dashes(self) -> tuple[Dash, ...]:
        view = self.view
        return dashes(view.notes, view.span_ticks, view.kept_notes)

    def _empty_ticks(self) -> float:
        """How much of the bars has no chord yet."""
        view = self.view
        first, last = view.span_ticks
        return max(0.0, last - first - sum(length for length, _ in view.chords)) if view.is_growing else 0.0

    def _looks(self) -> list[tuple[float, ChordLook]]:
        chords = self.view.chords
        following = [chord for _, chord in chords[1:]] + [None]
        return [
            (float(length), chord_look(chord, self.view.key, after))
            for (length, chord), after in zip(chords, following, strict=True)
        ]

    def _title_row(self) -> QHBoxLayout:
        view = self.view
        star = tool_button(
            icons.icon(
                "star" if view.is_kept else "star-open", theme.ACCENT if view.is_kept else theme.TEXT_FAINT
            ),
            "Let go of this idea" if view.is_kept else "Keep this idea for later",
            f"Keep for later  {self._keys('ideas.keep')}",
        )
        star.setObjectName("keep")
        star.setFixedSize(22, 20)
        star.setStyleSheet("background: transparent")
        star.clicked.connect(lambda _checked=False: self.keep_toggled.emit())
        if view.is_growing:
            star.hide()  # never shown before it has a parent: it would be a window of its own
        title = label(view.title, "strong", wraps=True)
        made = row(title, star, label(f"{view.called} {view.number}", "tiny"), spacing=4)
        made.setStretch(0, 1)
        return made

    def _score_rows(self) -> Iterator[QHBoxLayout]:
        """The numbers, what it echoes, whether it is original; below them where there is no room beside."""
        view = self.view
        decided = _DECIDED.get(view.state, "")
        original = "" if decided else view.original
        has_no_room = bool(view.remark or view.original_work) or (bool(view.chords) and "match " in original)
        below = bool(original) and has_no_room
        decided_below = decided if view.scores and view.state is TakeState.EDITED else ""
        made = self._scores()
        for words, tone in (
            (view.remark, "tiny"),
            (view.fits, "tiny"),
            (view.playable, "good"),
            ("" if decided_below else decided, "good"),
        ):
            if words:
                made.addWidget(label(words, tone))
                made.addSpacing(8)
        if original and not below:
            made.addWidget(self._originality(), 1)
        else:
            made.addStretch(1)
        if made.count() > 1:
            yield made
        if decided_below:
            yield row(label(decided_below, "good", wraps=True))
        if below:
            yield row(self._originality())
            if view.original_work:
                yield row(label(view.original_work, "tiny", wraps=True))

    def _scores(self) -> QHBoxLayout:
        made = QHBoxLayout()
        made.setSpacing(3)
        if self.view.is_growing:
            made.addWidget(label(BEING_WRITTEN, "part"))
        for name, value in self.view.scores:
            made.addWidget(label(name, "tiny"))
            made.addWidget(label(value, "score"))
            made.addSpacing(4)
        return made

    def _originality(self) -> ElidedLabel:
        original = ElidedLabel(self.view.original, "good")
        original.setToolTip(plain_tip(self.view.original_detail))
        return original

    def _action_row(self) -> QWidget:
        holder = QWidget()
        layout = QHBoxLayout(holder)
        layout.setContentsMargins(0, 2, 0, 0)
        layout.setSpacing(3 if self.view.sections else 6)
        layout.addWidget(_action("▶ Hear", "Hear it in the song", self.heard.emit))
        if self.view.is_stale and self.view.is_open:
            layout.addWidget(
                _action("Ask again", "Ask again for these bars", self.asked_again.emit, primary=True)
            )
        elif self.view.is_open:
            text = f"Accept  {self._keys('ideas.accept')}".rstrip()
            self._accept = _action(text, "Accept", self.accepted.emit, primary=True)
            layout.addWidget(self._accept)
            if self.view.sections:
                self._section = _action("Section", "Accept the next section", self.section_accepted.emit)
                layout.addWidget(self._section)
            else:
                edit = f"Edit  {self._keys('ideas.edit')}"
                layout.addWidget(_action(edit, "Accept and edit", self.edited.emit))
        layout.addWidget(_action("More", "More like this", self.more_wanted.emit))
        if self.view.is_open:
            layout.addWidget(_action("✕", "Reject", self.rejected.emit))
        layout.addStretch(1)
        return holder

    def action(self, name: str) -> QWidget | None:
        """The button with this accessible name."""
        return next((made for made in self._all_buttons() if made.accessibleName().startswith(name)), None)

    def _all_buttons(self) -> list[QWidget]:
        return [child for child in self.findChildren(QWidget) if child.accessibleName()]

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Tab looks through the cards."""
        super().focusInEvent(event)
        if event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason):
            self.pressed.emit()

    # mouse --------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        bar = self._bar_under(event.position())
        was_selected = bool(self.property("selected"))
        self.pressed.emit()
        if bar is not None and was_selected:
            self.bar_picked.emit(bar)
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.heard.emit()
        event.accept()

    def _bar_under(self, at: QPointF) -> int | None:
        preview = self._preview
        if not isinstance(preview, NotePreview) or not preview.geometry().contains(at.toPoint()):
            return None
        share = (at.x() - preview.x()) / max(1, preview.width())
        starts, (first, last) = self.view.bar_starts, self.view.span_ticks
        tick = first + share * (last - first)
        return max((bar for bar, start in enumerate(starts[:-1]) if start <= tick), default=0)


def _action(text: str, name: str, slot: Callable[[], object], primary: bool = False) -> QPushButton:
    made = button(text, slot, primary=primary, small=True)
    made.setAccessibleName(name)
    return made


def plain_texts(card: IdeaCard) -> list[str]:
    """Everything the card says, for tests."""
    return [text.text() for text in card.findChildren(QLabel) if text.isVisibleTo(card)]
