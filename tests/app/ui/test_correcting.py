"""What was heard is corrected in the window: a chord by its other readings, the beat by where one is."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QAbstractButton

from app.ui.canvas.chordlane import sureness
from app.ui.choosers import Chooser
from engine.formats.songfile import Act
from engine.music import Chord, ChordSpan, Origin
from tests.app.demo import BAR
from tests.app.ui.test_startpage import open_demo

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


def readings(window) -> list[QAbstractButton]:
    boxes = [box for box in window.findChildren(Chooser) if box.isVisible()]
    return [each for box in boxes for each in box.findChildren(QAbstractButton)]


@pytest.fixture
def heard_window(window, qtbot):
    """Four chords that were heard in the demo's notes."""
    open_demo(window, qtbot, "Demo: four chords")
    qtbot.waitUntil(lambda: window.page.corrections.hearing is not None, timeout=20_000)
    assert all(span.origin is Origin.HEARD for span in window.document.song.chords)
    return window


def test_a_heard_chord_is_corrected_by_key(heard_window, qtbot):
    span = heard_window.document.song.chords[1]
    heard_window.page.state.select_chords({span.id})
    qtbot.keyClick(heard_window, Qt.Key.Key_C, SHIFT)
    offers = readings(heard_window)
    assert offers and all(each.accessibleName() for each in offers)
    wanted = offers[0].text()
    qtbot.mouseClick(offers[0], Qt.MouseButton.LeftButton)
    song = heard_window.document.song
    changed = next(each for each in song.chords if each.start_ticks == span.start_ticks)
    assert changed.chord.lead_sheet(song.key) == wanted and changed.origin is Origin.DRAWN
    assert [row.act for row in heard_window.document.ledger()].count(Act.CORRECT) >= 1
    while heard_window.document.can_undo:
        heard_window.page.undo()
    assert heard_window.document.song.chords[1].chord == span.chord


def test_a_second_click_asks_what_else_it_could_be_a_double_click_types(heard_window, qtbot):
    lane = heard_window.page.timeline.chords
    span = heard_window.document.song.chords[0]
    place = QPoint(round(lane.span_rect(span).center().x()), 12)
    qtbot.mouseClick(lane, Qt.MouseButton.LeftButton, pos=place)
    assert not readings(heard_window)
    qtbot.mouseClick(lane, Qt.MouseButton.LeftButton, pos=place)
    qtbot.waitUntil(lambda: bool(readings(heard_window)), timeout=3000)
    heard_window.findChild(Chooser).done()
    qtbot.mouseClick(lane, Qt.MouseButton.LeftButton, pos=place)
    qtbot.mouseDClick(lane, Qt.MouseButton.LeftButton, pos=place)
    assert lane.editor is not None
    qtbot.wait(600)
    assert not readings(heard_window)


def test_a_chord_that_was_written_has_nothing_else_to_offer(song_window, qtbot):
    qtbot.waitUntil(lambda: song_window.page.corrections.hearing is not None, timeout=20_000)
    qtbot.keyClick(song_window, Qt.Key.Key_C, SHIFT)
    assert "Select a chord first." in song_window.status.sentence


def test_a_bar_begins_where_the_artist_says_and_undo_takes_it_back(song_window, qtbot):
    page, before = song_window.page, song_window.document.song
    page.state.set_playhead(4 * BAR + 480)
    seconds = [before.time_map.seconds_at(note.start_ticks) for note in before.tracks[0].notes]
    qtbot.keyClick(song_window, Qt.Key.Key_B, CTRL)
    qtbot.waitUntil(lambda: song_window.document.undo_name == "Begin a bar here", timeout=20_000)
    song = song_window.document.song
    melody = next(track for track in song.tracks if track.id == before.tracks[0].id)
    moments = [song.time_map.seconds_at(note.start_ticks) for note in melody.notes]
    assert len(moments) == len(seconds)
    spread = [after - now for now, after in zip(seconds, moments, strict=True)]
    assert max(spread) - min(spread) < 0.06  # every note keeps its moment
    page.undo()
    assert song_window.document.song.time_map == before.time_map


def test_what_was_only_heard_pales_the_less_sure_it_is():
    chord = Chord.parse("C")
    sure, unsure = (ChordSpan(1, 0, 480, chord, Origin.HEARD, confidence=each) for each in (0.9, 0.2))
    assert sureness(sure) == 1.0 > sureness(unsure) > 0.4
    assert sureness(ChordSpan(1, 0, 480, chord, Origin.DRAWN, confidence=0.2)) == 1.0
