"""The ideas panel: tabs for chords, melody, players and what was kept; what to ask; the cards that came.

Shows what the desk holds and says what the artist wants; it decides nothing itself.
"""

from collections.abc import Callable, Sequence
from enum import StrEnum
from functools import partial

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QProgressBar,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.ideas.cardview import CardView
from app.ui.arrangecontrols import ArrangeControls, Face
from app.ui.card import IdeaCard
from app.ui.controls import ChordControls, MelodyControls
from app.ui.keymap import Actions
from app.ui.nextstrip import NextStrip
from app.ui.widgets import button, label


class Tab(StrEnum):
    CHORDS = "Chords"
    MELODY = "Melody"
    ARRANGE = "Arrange"
    KEPT = "Kept"


_SELECT = "Select bars in the ruler and press Suggest. Nothing changes until you accept an idea."
EMPTY = {
    Tab.CHORDS: _SELECT,
    Tab.MELODY: _SELECT,
    Tab.ARRANGE: "Ask for one player, or for a whole song. What you have played or locked stays as it is.",
    Tab.KEPT: "Ideas you keep with the star wait here.",
}


Area = ChordControls | MelodyControls | ArrangeControls


class CardList(QScrollArea):
    """Cards below each other, with what is going on above them. `hint` stands where there is no card."""

    card_pressed = Signal(object)

    def __init__(self, hint: str) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        inner = QWidget()
        inner.setMinimumWidth(1)  # cards give way rather than being cut at the edge
        self._outer = QVBoxLayout(inner)
        self._outer.setContentsMargins(14, 12, 14, 14)
        self._outer.setSpacing(10)
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setFixedHeight(4)
        self.progress.setVisible(False)
        self.hint = label(hint, "lines", wraps=True)
        self._cards = QVBoxLayout()
        self._cards.setSpacing(10)
        self._to_renew: list[tuple[CardView, Callable[[CardView], IdeaCard]]] = []
        self._renew_soon = QTimer(self, singleShot=True, interval=0)
        self._renew_soon.timeout.connect(self._renew_next)
        self.said = label("", "lines", wraps=True)
        self.said.setVisible(False)
        self._outer.addWidget(self.progress)
        self._outer.addWidget(self.hint)
        self._outer.addWidget(self.said)
        self._outer.addLayout(self._cards)
        self._outer.addStretch(1)
        self.setWidget(inner)

    def put_above(self, widget: QWidget) -> None:
        """A strip above the cards."""
        self._outer.insertWidget(0, widget)

    def show_views(self, views: Sequence[CardView], make: Callable[[CardView], IdeaCard]) -> None:
        """One card a view; cards whose view is the same stay as they are, one that grows stays where it
        is. Of several that are to be made anew, all but the first follow one by one.
        """
        standing = {card.view.name: card for card in self.cards()}
        self._to_renew.clear()
        self._renew_soon.stop()
        wanted: list[IdeaCard] = []
        has_made = False
        for view in views:
            there = standing.get(view.name)
            if there is not None and not _can_stay(there, view) and has_made:
                self._to_renew.append((view, make))
                wanted.append(there)
            else:
                wanted.append(_renewed(there, view, make))
                has_made = has_made or wanted[-1] is not there
        for place, card in enumerate(wanted):
            self._put(place, card, standing.get(card.view.name))
        for gone in standing.values():
            if gone not in wanted:
                self._put_away(gone)
        if self._to_renew:
            self._renew_soon.start()
        self.hint.setVisible(not wanted and not self.progress.isVisibleTo(self))

    def _renew_next(self) -> None:
        """The next card that is to be made anew, the window answering in between."""
        view, make = self._to_renew.pop(0)
        before = next((card for card in self.cards() if card.view.name == view.name), None)
        if before is not None:
            card = make(view)
            card.set_selected(bool(before.property("selected")))
            self._put(self._cards.indexOf(before), card, before)
            self._put_away(before)
        if self._to_renew:
            self._renew_soon.start()

    def _put(self, place: int, card: IdeaCard, before: IdeaCard | None) -> None:
        if self._cards.indexOf(card) != place:
            self._cards.insertWidget(place, card)
        if before is not None and before is not card and before.hasFocus():
            card.show()  # what is not shown yet cannot take the focus over
            card.setFocus(Qt.FocusReason.OtherFocusReason)

    def _put_away(self, card: IdeaCard) -> None:
        self._cards.removeWidget(card)
        card.hide()
        card.deleteLater()

    def cards(self) -> list[IdeaCard]:
        found = [self._cards.itemAt(index) for index in range(self._cards.count())]
        return [item.widget() for item in found if item and isinstance(item.widget(), IdeaCard)]  # type: ignore[misc]

    def show_progress(self, is_busy: bool, fraction: float = -1.0, doing: str = "") -> None:
        """A thin line while the engine works; below 0 it only says that it works."""
        self.progress.setVisible(is_busy)
        self.progress.setRange(0, 0 if fraction < 0 else 100)
        if fraction >= 0:
            self.progress.setValue(round(fraction * 100))
        self.progress.setAccessibleName(doing)
        self.hint.setVisible(not is_busy and not self.cards())

    def say(self, sentence: str) -> None:
        """What became of the last question, above the cards."""
        self.said.setText(sentence)
        self.said.setVisible(bool(sentence))


class IdeasPanel(QFrame):
    """Right of the canvases. Signals name the entry and take a card is about."""

    suggest_wanted = Signal()
    question_changed = Signal()
    tab_changed = Signal(object)
    card_selected = Signal(str, int)
    card_acted = Signal(str)
    bar_picked = Signal(int)
    part_picked = Signal(int)
    section_picked = Signal(int)
    style_heard = Signal()

    def __init__(self, actions: Actions) -> None:
        super().__init__()
        self.setObjectName("ideasPanel")
        self.setAccessibleName("Ideas")
        self.setMinimumWidth(300)
        self._actions = actions
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._tab_row())
        key = actions.key("ideas.suggest")
        self.chords, self.melody = ChordControls(key), MelodyControls(key)
        self.arrange = ArrangeControls(key, actions.key("ideas.hear_style"))
        self.lists = {tab: CardList(EMPTY[tab]) for tab in Tab}
        self.next_strip = NextStrip()
        self.lists[Tab.CHORDS].put_above(self.next_strip)
        self._pages = QStackedWidget()
        self._areas: dict[Tab, Area] = {
            Tab.CHORDS: self.chords,
            Tab.MELODY: self.melody,
            Tab.ARRANGE: self.arrange,
        }
        for tab in Tab:
            self._pages.addWidget(_page(self._areas.get(tab), self.lists[tab]))
        layout.addWidget(self._pages, 1)
        self.arrange.style_heard.connect(self.style_heard)
        for area in self._areas.values():
            area.suggest_wanted.connect(self.suggest_wanted)
            area.question_changed.connect(self.question_changed)
        self.tab = Tab.MELODY
        self.show_tab(Tab.MELODY)

    def _tab_row(self) -> QWidget:
        holder = QFrame()
        holder.setObjectName("ideasTabs")
        layout = QHBoxLayout(holder)
        layout.setContentsMargins(14, 9, 14, 0)
        layout.setSpacing(2)
        self._tabs = {}
        for tab in Tab:
            made = button(tab.value, partial(self.show_tab, tab), tab=True)
            made.setCheckable(True)
            layout.addWidget(made)
            self._tabs[tab] = made
        layout.addStretch(1)
        return holder

    def show_tab(self, tab: Tab) -> None:
        """One of the tabs."""
        self.tab = tab
        for other, made in self._tabs.items():
            made.setChecked(other is tab)
        self._pages.setCurrentIndex(list(Tab).index(tab))
        self.tab_changed.emit(tab)

    def ask_players(self, face: Face) -> None:
        """Open the Arrange tab at one of its faces."""
        self.show_tab(Tab.ARRANGE)
        self.arrange.show_face(face)

    @property
    def asking(self) -> Area | None:
        """The request controls of the open tab."""
        return self._areas.get(self.tab)

    def show_where(self, words: str) -> None:
        """The bars a question would be about."""
        if self.asking is not None:
            self.asking.where.setText(words)

    def show_views(self, tab: Tab, views: Sequence[CardView], selected: tuple[str, int] | None) -> None:
        """Replace the cards of a tab."""
        self.lists[tab].show_views(views, lambda view: self._card(view, selected))

    def _card(self, view: CardView, selected: tuple[str, int] | None) -> IdeaCard:
        card = IdeaCard(view, self._actions.key, is_selected=(view.entry_id, view.index) == selected)
        card.pressed.connect(lambda: self.card_selected.emit(view.entry_id, view.index))
        commands = {
            card.heard: "ideas.hear",
            card.accepted: "ideas.accept",
            card.edited: "ideas.edit",
            card.more_wanted: "ideas.more",
            card.rejected: "ideas.reject",
            card.keep_toggled: "ideas.keep",
            card.asked_again: "ideas.again",
            card.section_accepted: "ideas.section",
        }
        for signal, command in commands.items():
            signal.connect(lambda command=command: self._act(view, command))
        card.bar_picked.connect(self.bar_picked)
        card.section_picked.connect(self.section_picked)
        card.part_looked_at.connect(self.part_picked)
        card.part_heard.connect(lambda place: self._act_on_part(view, place, "ideas.hear_part"))
        card.part_accepted.connect(lambda place: self._act_on_part(view, place, "ideas.part"))
        return card

    def _act_on_part(self, view: CardView, place: int, command: str) -> None:
        self.card_selected.emit(view.entry_id, view.index)
        self.part_picked.emit(place)
        self.card_acted.emit(command)

    def _act(self, view: CardView, command: str) -> None:
        self.card_selected.emit(view.entry_id, view.index)
        self.card_acted.emit(command)

    def select(self, selected: tuple[str, int] | None) -> None:
        """Show which card is selected, and bring it into sight."""
        for cards in self.lists.values():
            for card in cards.cards():
                is_selected = (card.view.entry_id, card.view.index) == selected
                card.set_selected(is_selected)
                if is_selected and cards.isVisible():
                    cards.ensureWidgetVisible(card, 0, 12)

    def selected_card(self) -> IdeaCard | None:
        """The selected card of the open tab."""
        return next((card for card in self.lists[self.tab].cards() if card.property("selected")), None)


def _renewed(standing: IdeaCard | None, view: CardView, make: Callable[[CardView], IdeaCard]) -> IdeaCard:
    if standing is None or not _can_stay(standing, view):
        return make(view)
    if standing.view != view:
        standing.grow(view)
    return standing


def _can_stay(standing: IdeaCard, view: CardView) -> bool:
    return standing.view == view or (standing.view.is_growing and view.is_growing)


def _page(area: QWidget | None, cards: CardList) -> QWidget:
    page = QWidget()
    layout = QVBoxLayout(page)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(0)
    if area is not None:
        layout.addWidget(area)
    layout.addWidget(cards, 1)
    return page
