"""From a question to an accepted idea: clicking and typing in the window, with the real engine."""

import pytest
from PySide6.QtCore import QPoint, Qt

from app.ideas.board import Shelf
from app.ui.card import plain_texts
from app.ui.ideaspanel import Tab
from engine.api.suggestion import Kind
from engine.formats.songfile import Act
from engine.music import Origin, Role, edits
from tests.app.demo import BAR

CTRL, SHIFT, ALT = (
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.AltModifier,
)


def cards(window):
    return window.page.panel.lists[window.page.panel.tab].cards()


def choose(window, tab: Tab, kind: Kind, qtbot) -> None:
    window.page.panel.show_tab(tab)
    qtbot.mouseClick(window.page.panel.asking.kinds.segment(kind), Qt.MouseButton.LeftButton)


def ask(window, tab: Tab, kind: Kind, qtbot) -> None:
    choose(window, tab, kind, qtbot)
    qtbot.keyClick(window, Qt.Key.Key_Return, SHIFT)
    qtbot.waitUntil(lambda: not window.page.desk.is_busy, timeout=30_000)
    assert cards(window), window.page.panel.lists[tab].said.text()


def melody_bars(window, start=8, end=12):
    notes = window.document.song.track_in_role(Role.MELODY).notes_in(start * BAR, end * BAR)
    return [(n.start_ticks, n.duration_ticks, n.pitch) for n in notes]


@pytest.fixture
def asked(song_window, qtbot):
    """Four variations of bars 9–12 on the table."""
    ask(song_window, Tab.MELODY, Kind.VARY, qtbot)
    return song_window


def test_ideas_come_as_cards_and_nothing_has_changed(asked):
    shown = cards(asked)
    assert len(shown) >= 2
    assert [card.view.number for card in shown] == list(range(1, len(shown) + 1))
    assert all(card.view.title and card.view.notes for card in shown)
    assert asked.page.panel.melody.where.text() == "Bars 9–12"
    assert not asked.document.can_undo
    acts = [row.act for row in asked.document.ledger()]
    assert acts.count(Act.ASK) == 1 and acts.count(Act.OFFER) >= len(shown)


def test_the_first_take_is_selected_and_ghosted(asked):
    entry, take = asked.page.desk.selected
    assert asked.page.state.ghost.take == take and asked.page.state.ghost.region == entry.request.region
    assert cards(asked)[0].property("selected")
    assert ("⏎", "accept") in asked.status.hints()


def test_accept_by_key_is_one_step_and_undo_takes_it_back(asked, qtbot):
    before = melody_bars(asked)
    qtbot.keyClick(asked, Qt.Key.Key_2)
    wanted = {(n.start_ticks, n.duration_ticks, n.pitch) for n in cards(asked)[1].view.notes}
    qtbot.keyClick(asked, Qt.Key.Key_Return)
    assert set(melody_bars(asked)) == wanted
    new = [n for n in asked.document.song.track_in_role(Role.MELODY).notes if n.origin is Origin.TAKEN]
    entry, take = asked.page.desk.selected
    assert new and {n.source for n in new} == {f"{entry.id}/{take.index}"}
    assert asked.document.undo_name.startswith("Accept") and len(asked.document.history()) == 1
    assert asked.page.state.ghost is None
    assert [row.act for row in asked.document.ledger()].count(Act.ACCEPT) == 1
    qtbot.waitUntil(lambda: "accepted 0%" not in asked.status.shares.text())
    qtbot.keyClick(asked, Qt.Key.Key_Z, CTRL)
    assert melody_bars(asked) == before
    qtbot.waitUntil(lambda: all(card.view.is_open and not card.view.is_stale for card in cards(asked)))


def test_only_the_selected_bars_are_taken(asked, qtbot):
    before = melody_bars(asked, 8, 10)
    asked.page.state.set_region((10, 12))
    assert cards(asked)[0].action("Accept").accessibleName() == "Accept bars 11–12"
    assert "Only bars 11–12 would come in. ⇧A takes all." in plain_texts(cards(asked)[0])
    qtbot.mouseClick(cards(asked)[0].action("Accept"), Qt.MouseButton.LeftButton)
    assert melody_bars(asked, 8, 10) == before
    taken = [n for n in asked.document.song.track_in_role(Role.MELODY).notes if n.origin is Origin.TAKEN]
    assert taken and min(n.start_ticks for n in taken) >= 10 * BAR


def test_a_bar_is_picked_on_the_card(asked, qtbot):
    card = cards(asked)[0]
    preview = card._preview
    third = preview.mapTo(card, QPoint(preview.width() * 5 // 8, 20))
    qtbot.mouseClick(card, Qt.MouseButton.LeftButton, pos=third)
    assert asked.page.ideas.chosen_bars == {10}
    assert asked.page.state.ghost.chosen_bars == {10}
    qtbot.keyClick(asked, Qt.Key.Key_A, SHIFT)
    assert asked.page.ideas.chosen_bars == frozenset()


def test_edit_selects_what_came_and_a_changed_note_becomes_an_edited_idea(asked, qtbot):
    qtbot.keyClick(asked, Qt.Key.Key_E)
    chosen = asked.page.state.selected_note_ids
    song = asked.document.song
    assert chosen == {n.id for n in song.notes() if n.origin is Origin.TAKEN}
    one = next(iter(chosen))
    asked.document.commit("Transpose 1 note", edits.transpose_notes(song, [one], 1))
    changed = next(n for n in asked.document.song.notes() if n.id == one)
    assert changed.origin is Origin.EDITED


def test_reject_puts_away_and_shows_the_next(asked, qtbot):
    first, second = cards(asked)[0].view, cards(asked)[1].view
    qtbot.keyClick(asked, Qt.Key.Key_Backspace)
    assert first.index not in [card.view.index for card in cards(asked)]
    assert cards(asked)[0].view.index == second.index
    assert asked.page.desk.selected[1].index == second.index
    assert [row.act for row in asked.document.ledger()].count(Act.REJECT) == 1
    assert not asked.document.can_undo


def test_kept_ideas_wait_in_the_tray_over_close_and_open(asked, qtbot):
    title, path = cards(asked)[0].view.title, asked.document.path
    qtbot.keyClick(asked, Qt.Key.Key_K)
    qtbot.keyClick(asked, Qt.Key.Key_4, ALT)
    assert [card.view.title for card in cards(asked)] == [title]
    asked.show_start()
    asked.open_file(path)
    qtbot.waitUntil(lambda: asked.document is not None)
    qtbot.keyClick(asked, Qt.Key.Key_4, ALT)
    assert [card.view.title for card in cards(asked)] == [title]
    assert len(asked.page.panel.lists[Tab.MELODY].cards()) >= 2


def test_a_stale_idea_says_so_and_is_not_accepted(asked, qtbot):
    song = asked.document.song
    note = song.track_in_role(Role.MELODY).notes_in(8 * BAR, 9 * BAR)[0]
    asked.document.commit("Transpose 1 note", edits.transpose_notes(song, [note.id], 2))
    qtbot.waitUntil(lambda: all(card.view.is_stale for card in cards(asked)))
    changed = asked.document.song
    assert cards(asked)[0].action("Accept") is None
    qtbot.keyClick(asked, Qt.Key.Key_Return)
    assert asked.document.song is changed
    assert "have changed" in asked.status.sentence
    qtbot.mouseClick(cards(asked)[0].action("Ask again"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not asked.page.desk.is_busy, timeout=30_000)
    assert cards(asked) and not any(card.view.is_stale for card in cards(asked))


def test_more_like_this_asks_once_more_with_other_seeds(asked, qtbot):
    entry, _ = asked.page.desk.selected
    qtbot.keyClick(asked, Qt.Key.Key_L, SHIFT)
    qtbot.waitUntil(lambda: not asked.page.desk.is_busy, timeout=30_000)
    newer = asked.page.desk.board.latest(Shelf.MELODY)
    assert newer.id != entry.id and newer.request.seed != entry.request.seed
    assert newer.request.kind is entry.request.kind and newer.request.region == entry.request.region


def test_a_and_b_switch_between_yours_and_the_idea(asked, qtbot):
    assert asked.page.listening.hears_idea
    qtbot.waitUntil(lambda: asked.player.is_auditioning, timeout=8000)
    qtbot.keyClick(asked, Qt.Key.Key_A)
    qtbot.waitUntil(lambda: not asked.player.is_auditioning, timeout=8000)
    assert asked.status.sentence == "You hear yours."
    qtbot.keyClick(asked, Qt.Key.Key_B)
    qtbot.waitUntil(lambda: asked.player.is_auditioning, timeout=8000)
    assert not asked.document.can_undo


def test_hear_plays_from_the_bar_before(asked, qtbot):
    qtbot.keyClick(asked, Qt.Key.Key_H)
    qtbot.waitUntil(lambda: asked.page.state.playhead_ticks >= 7 * BAR, timeout=8000)
    assert asked.player.is_playing
    qtbot.keyClick(asked, Qt.Key.Key_Space)


def test_escape_stops_looking_then_puts_the_idea_away(asked, qtbot):
    qtbot.keyClick(asked, Qt.Key.Key_Return, SHIFT)
    assert asked.page.desk.is_busy
    qtbot.keyClick(asked, Qt.Key.Key_Escape)
    assert not asked.page.desk.is_busy
    qtbot.keyClick(asked, Qt.Key.Key_Escape)
    assert asked.page.desk.selected is None and asked.page.state.ghost is None


def test_chord_ideas_are_ghosted_in_the_lane_and_the_band_follows(song_window, qtbot):
    ask(song_window, Tab.CHORDS, Kind.REHARMONISE, qtbot)
    assert all(card.view.chords for card in cards(song_window))
    assert song_window.page.state.ghost.take.chords
    qtbot.keyClick(song_window, Qt.Key.Key_Return)
    song = song_window.document.song
    taken = [span for span in song.chords if span.origin is Origin.TAKEN]
    assert taken and all(8 * BAR <= span.start_ticks < 12 * BAR for span in taken)
    piano = song.track_in_role(Role.CHORDS)
    for span in taken:
        for note in piano.notes_in(span.start_ticks, span.end_ticks):
            assert note.pitch_class in span.chord.pitch_classes
    qtbot.keyClick(song_window, Qt.Key.Key_Z, CTRL)
    assert not any(n.origin is Origin.RULE for n in song_window.document.song.notes())


def test_what_makes_no_sense_is_said_at_once(song_window, qtbot):
    song_window.page.state.set_region((0, 4))
    choose(song_window, Tab.MELODY, Kind.VARY, qtbot)
    qtbot.keyClick(song_window, Qt.Key.Key_Return, SHIFT)
    assert song_window.status.sentence == "There is no melody in bars 1–4 to vary."
    assert not song_window.page.desk.is_busy


def test_next_chords_are_offered_heard_and_placed(song_window, qtbot):
    song_window.page.panel.show_tab(Tab.CHORDS)
    strip = song_window.page.panel.next_strip
    qtbot.waitUntil(lambda: bool(strip.chips()), timeout=20_000)
    assert strip.heading.text().startswith("Next after B♭sus4")
    chip = strip.chips()[0]
    qtbot.mouseDClick(chip, Qt.MouseButton.LeftButton)
    placed = next(s for s in song_window.document.song.chords if s.start_ticks == 8 * BAR)
    assert placed.origin is Origin.TAKEN and song_window.document.undo_name.startswith("Place")


def test_every_control_of_the_panel_has_a_name(asked):
    from PySide6.QtWidgets import QAbstractButton, QSlider

    for kind in (QAbstractButton, QSlider):
        for control in asked.page.panel.findChildren(kind):
            assert control.accessibleName(), control
