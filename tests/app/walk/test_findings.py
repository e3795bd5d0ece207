"""What new users stumbled over, each held to what they expected."""

import os
import signal
import time
from itertools import pairwise

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QLabel, QWidget
from shiboken6 import isValid

from app.settings import settings
from app.ui.capture import Recording
from app.ui.ideaspanel import Tab
from app.ui.musicbox import MusicBox
from app.ui.palette import Palette
from engine.api.messages import ListModels
from engine.api.suggestion import Kind
from engine.music import Role, edits
from tests.app.demo import BAR
from tests.app.walk.sketch import write_sketch

SHIFT, CTRL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier


def cards(window):
    return window.page.panel.lists[window.page.panel.tab].cards()


def ask(window, tab: Tab, qtbot) -> None:
    window.page.panel.show_tab(tab)
    qtbot.keyClick(window, Qt.Key.Key_Return, SHIFT)
    qtbot.waitUntil(lambda: not window.page.desk.is_busy, timeout=30_000)


def cut(root: QWidget) -> list[str]:
    """Words that do not fit where they stand."""
    found = []
    for label in root.findChildren(QLabel):
        if (
            label.isVisible()
            and label.text()
            and label.sizePolicy().horizontalPolicy() != label.sizePolicy().Policy.Ignored
        ):
            needs = label.heightForWidth(label.width()) if label.wordWrap() else label.sizeHint().height()
            if label.height() < needs or (
                not label.wordWrap() and label.width() < label.minimumSizeHint().width()
            ):
                found.append(label.text())
    for button in root.findChildren(QAbstractButton):
        if button.isVisible() and button.text() and button.width() < button.sizeHint().width():
            found.append(button.text())
    return found


@pytest.mark.parametrize("tab", [Tab.CHORDS, Tab.MELODY])
def test_no_words_of_a_card_are_cut(song_window, qtbot, tab):
    ask(song_window, tab, qtbot)
    for number, bars in enumerate([(8, 12), (10, 12), (8, 9), (9, 12)], 1):
        song_window.page.ideas.pick(min(number, len(cards(song_window))))
        song_window.page.state.set_region(bars)
        qtbot.waitUntil(lambda: not any(cut(card) for card in cards(song_window)))


@pytest.mark.parametrize("width", [900, 1000, 1100, 1280])
def test_the_bar_is_readable_in_a_small_window(song_window, qtbot, width):
    song_window.resize(width, 560)
    qtbot.waitUntil(lambda: song_window.width() == width)
    qtbot.waitUntil(lambda: not cut(song_window.bar))
    buttons = [each for each in song_window.bar.findChildren(QAbstractButton) if each.isVisible()]
    places = sorted(
        (each.mapTo(song_window.bar, each.rect().topLeft()).x(), each.width()) for each in buttons
    )
    assert all(a + width <= b for (a, width), (b, _) in pairwise(places)), places


def test_ideas_stay_on_the_table_when_the_next_question_comes_to_nothing(song_window, qtbot, engine):
    ask(song_window, Tab.MELODY, qtbot)
    titles = [card.view.title for card in cards(song_window)]
    qtbot.keyClick(song_window, Qt.Key.Key_Return, SHIFT)
    qtbot.keyClick(song_window, Qt.Key.Key_Escape)
    qtbot.wait(200)
    assert [card.view.title for card in cards(song_window)] == titles
    assert song_window.page.desk.selected is not None and song_window.page.state.ghost is not None


def test_what_became_of_a_question_is_read_without_scrolling(song_window, qtbot, engine):
    ask(song_window, Tab.MELODY, qtbot)
    song_window.page.state.set_region((4, 12))
    qtbot.keyClick(song_window, Qt.Key.Key_Return, SHIFT)
    os.kill(engine.process_id, signal.SIGKILL)
    listed = song_window.page.panel.lists[Tab.MELODY]
    qtbot.waitUntil(lambda: "engine stopped" in listed.said.text(), timeout=20_000)
    assert cards(song_window)
    qtbot.waitUntil(lambda: listed.said.visibleRegion().boundingRect().height() == listed.said.height())


def test_a_song_that_another_window_has_open_is_not_called_stopped(song_window, make_window):
    assert song_window.settings.last_song
    second = make_window(settings.load())
    assert second.banner.sentence == ""


def test_a_draft_that_was_saved_is_not_listed_twice(song_window, home):
    song_window.picker.path = home / "Pier.understudy"
    song_window.actions_map["song.save_as"].trigger()
    assert [recent.path for recent in settings.load().recent] == [str(home / "Pier.understudy")]


def test_one_more_remark_is_one(window):
    window.opening.remarked.emit(("One.", "Two.", "Three."))
    assert window.banner.sentence.endswith("And 1 more remark.")
    window.opening.remarked.emit(("One.", "Two.", "Three.", "Four."))
    assert window.banner.sentence.endswith("And 2 more remarks.")


def test_the_palette_says_when_it_knows_nothing_of_the_kind(window):
    window.actions_map["help.palette"].trigger()
    palette = window.findChild(Palette)
    palette.field.setText("qqq")
    assert palette.list.item(0).text() == "Nothing is called that here."
    palette.field.setText("")
    assert len(palette.titles()) == palette.list.count() > 5


def test_a_likely_next_chord_is_placed_by_key(song_window, qtbot):
    song_window.page.panel.show_tab(Tab.CHORDS)
    strip = song_window.page.panel.next_strip
    qtbot.waitUntil(lambda: bool(strip.chips()), timeout=20_000)
    strip.chips()[0].setFocus()
    qtbot.keyClick(strip.chips()[0], Qt.Key.Key_Return)
    assert song_window.document.undo_name.startswith("Place")
    assert any(span.start_ticks == 8 * BAR for span in song_window.document.song.chords)


def test_a_box_put_away_at_once_takes_no_late_answer(window, qtbot):
    window.actions_map["help.music"].trigger()
    box = window.findChild(MusicBox)
    box.close_box()
    qtbot.waitUntil(lambda: not isValid(box))
    qtbot.wait(200)


def test_the_palette_opens_and_finds_within_a_blink(song_window, qtbot):
    palette = song_window.findChild(Palette)
    song_window.actions_map["help.palette"].trigger()
    for typed in ("", "a", "in"):
        began = time.thread_time()
        palette.field.setText(typed)
        song_window.repaint()
        assert time.thread_time() - began < 0.06
        assert palette.titles()


def test_an_idea_for_a_part_that_is_not_there_yet_dims_nobody(song_window, qtbot):
    song = song_window.document.song
    tuneless = edits.remove_track(song, song.track_in_role(Role.MELODY).id)
    song_window.document.commit("Delete track", tuneless)
    piano = tuneless.track_in_role(Role.CHORDS)
    song_window.page.state.select_track(piano.id)
    song_window.page.state.set_region((0, 4))
    song_window.page.panel.melody.kinds.choose(Kind.CONTINUE)
    ask(song_window, Tab.MELODY, qtbot)
    notes = song_window.page.roll.notes
    rows = notes.index.between(0, 4 * BAR)
    assert len(notes.ghost.index) > 0 and len(rows) > 0
    assert not notes.replaced(rows).any()
    assert notes.ghost.covers(notes.ghost.index.starts).all()
    shown = [track.name for track in tuneless.tracks if song_window.page.timeline.lanes.ghost_over(track)]
    assert shown == ["Piano"]
    qtbot.keyClick(song_window, Qt.Key.Key_Return)
    after = song_window.document.song
    assert after.track_in_role(Role.CHORDS).notes == piano.notes
    assert after.track_in_role(Role.MELODY).notes


def test_warming_up_during_the_count_in_is_not_written():
    recording = Recording(1920)
    recording.struck(60, 88, 1920)  # the head stands at the beginning while it counts
    recording.let_go(60, 1920)
    recording.struck(64, 88, 1920)  # held into the first bar
    recording.let_go(64, 2400)
    assert [note.pitch for note in recording.finished(2400)] == [64]


def test_an_export_that_works_ends_the_complaint_about_one_that_did_not(song_window, home):
    song_window.picker.path = home / "no such folder" / "out.mid"
    song_window.actions_map["export.midi"].trigger()
    assert "could not be written" in song_window.banner.sentence
    song_window.picker.path = home / "out.mid"
    song_window.actions_map["export.midi"].trigger()
    assert (home / "out.mid").is_file() and not song_window.banner.isVisible()
    song_window.banner.say("Something else.")
    song_window.actions_map["export.midi"].trigger()
    assert song_window.banner.sentence == "Something else."


def test_what_stood_in_the_middle_of_the_roll_stays_there_when_the_window_shrinks(song_window, qtbot):
    grid, state = song_window.page.roll.grid, song_window.page.state
    middle = state.rows.pitch(grid.height() / 2)
    song_window.resize(900, 560)
    qtbot.waitUntil(lambda: song_window.height() == 560 and grid.height() < 200)
    assert abs(state.rows.pitch(grid.height() / 2) - middle) <= 1


def test_nobody_is_left_to_hear_of_a_sketch_when_the_window_has_gone(window, engine, qtbot, tmp_path):
    window.open_file(write_sketch(tmp_path / "Green door.mid"))
    opening = window.opening
    opening.deleteLater()  # as with its window
    qtbot.waitUntil(lambda: not isValid(opening))
    answered = []
    engine.send(ListModels(), answered.append)
    qtbot.waitUntil(lambda: bool(answered), timeout=20_000)
