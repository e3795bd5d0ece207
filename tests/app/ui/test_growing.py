"""Ideas that arrive bar by bar in the window: a card grows where it is, and goes when nothing follows."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from app.ideas.cardview import CardView, card_view
from app.ui.card import BEING_WRITTEN, plain_texts
from app.ui.ideaspanel import IdeasPanel, Tab
from app.ui.keymap import Actions
from engine.api.messages import Done, Partial, TakeReady
from engine.api.suggestion import Kind
from tests.app.demo import borrowed_light, harbour_lights
from tests.app.ideas.test_board import melody_entry
from tests.app.ideas.test_desk import Link, begun, whole


@pytest.fixture
def answer(song_window, monkeypatch):
    """The window has asked for a variation; what the engine says is said by the test."""
    page, link = song_window.page, Link()
    monkeypatch.setattr(page.desk, "_link", link)
    page.panel.show_tab(Tab.MELODY)
    page.panel.melody.choose(Kind.VARY)
    page.ideas.suggest()
    return link.waiting[-1]


def cards(window):
    return window.page.panel.lists[window.page.panel.tab].cards()


def test_a_card_grows_where_it_stands_and_keeps_the_focus(song_window, answer, qtbot):
    answer(Partial(begun(bars=1)))
    (card,) = cards(song_window)
    qtbot.waitUntil(card.isVisible)
    few = card._preview.accessibleName()
    card.setFocus(Qt.FocusReason.TabFocusReason)
    assert BEING_WRITTEN in plain_texts(card) and card.property("selected")
    assert card.action("Hear") and not card.action("Hear").isVisible()
    answer(Partial(begun(bars=3)))
    assert cards(song_window) == [card] and card.hasFocus()
    assert card._preview.accessibleName() != few
    qtbot.waitUntil(lambda: song_window.page.state.ghost.take == begun(bars=3))
    answer(TakeReady(whole()))
    (card,) = cards(song_window)
    assert card.hasFocus() and card.action("Accept").isVisible()
    assert card.view.title == "Lift to the ninth" and BEING_WRITTEN not in plain_texts(card)
    qtbot.waitUntil(lambda: song_window.page.state.ghost.take == whole())


def test_only_a_finished_idea_is_heard(song_window, answer, qtbot):
    answer(Partial(begun()))
    song_window.page.listening.refresh_idea()
    assert not song_window.player.is_auditioning
    qtbot.keyClick(song_window, Qt.Key.Key_H)
    assert not song_window.player.is_playing and "still being written" in song_window.status.sentence
    answer(TakeReady(whole()))
    qtbot.waitUntil(lambda: song_window.player.is_auditioning)


def test_later_cards_leave_the_chosen_one_and_its_bars_alone(song_window, answer):
    answer(TakeReady(whole(0)))
    first = cards(song_window)[0]
    song_window.page.state.set_region((8, 10))
    chosen = song_window.page.ideas.chosen_bars
    for index in (1, 2, 3):
        answer(Partial(begun(index)))
        answer(TakeReady(whole(index)))
    assert cards(song_window)[0] is first and first.property("selected")
    assert song_window.page.ideas.chosen_bars == chosen == {8, 9}
    assert [card.property("selected") for card in cards(song_window)] == [True, False, False, False]


def test_a_card_whose_take_is_withheld_goes_without_a_trace(song_window, answer):
    answer(TakeReady(whole(0)))
    answer(Partial(begun(1)))
    assert len(cards(song_window)) == 2
    answer(Done(0.5, withheld=1))
    assert len(cards(song_window)) == 1 and song_window.page.state.ghost.take == whole(0)
    assert "1 idea was left out" in song_window.page.panel.lists[Tab.MELODY].said.text()


def test_half_a_progression_leaves_room_for_the_rest(song_window, monkeypatch):
    from dataclasses import replace

    page, link = song_window.page, Link()
    monkeypatch.setattr(page.desk, "_link", link)
    page.panel.show_tab(Tab.CHORDS)
    page.ideas.suggest()
    light, _ = borrowed_light(page.document.song)
    answer = next(each for each in link.waiting if getattr(each, "func", None) == page.desk._replied)
    answer(Partial(replace(light, title="", chords=light.chords[:1])))
    (card,) = cards(song_window)
    assert card._preview._empty == 3 * light.chords[0].duration_ticks
    answer(TakeReady(light))
    assert cards(song_window)[0]._preview._empty == 0


def test_several_changed_cards_follow_one_by_one_and_a_newer_change_wins(qtbot):
    song = harbour_lights()
    entry, take = melody_entry(song)
    panel = IdeasPanel(Actions(QWidget(), {}))
    qtbot.addWidget(panel)
    panel.show()
    cards = panel.lists[Tab.MELODY]

    def shown(fits: str) -> tuple[CardView, ...]:
        views = tuple(card_view(entry, replace(take, index=at), song, at + 1) for at in range(3))
        panel.show_views(Tab.MELODY, tuple(replace(view, fits=fits) for view in views), (entry.id, 1))
        return tuple(card.view.fits for card in cards.cards())

    assert shown("first") == ("first",) * 3
    assert shown("second") == ("second", "first", "first")
    assert shown("third")[0] == "third"
    qtbot.waitUntil(lambda: [card.view.fits for card in cards.cards()] == ["third"] * 3)
    assert [card.property("selected") for card in cards.cards()] == [False, True, False]
    shown("fourth")
    panel.show_views(Tab.MELODY, (), None)
    qtbot.wait(5)
    assert cards.cards() == []
