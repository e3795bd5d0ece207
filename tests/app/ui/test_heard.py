"""What was heard is told in the window, follows corrections, can be copied, and finds sketches like it."""

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel

from app.document.document import SongDocument
from app.document.heardrecording import HeardRecording, heard_recording
from app.ideas.sketchbook import Alike
from app.ui.choosers import Chooser
from app.ui.facts import facts_of
from app.ui.heardbox import HOW_TO_CORRECT, HeardBox
from app.ui.heardwords import THEY_HEAR
from app.ui.likelist import LikeBox
from engine.api.audio import AudioFacts, HeardNote, ListeningMode
from engine.music import Key, Mode, edits
from tests.app.demo import harbour_lights
from tests.app.ui.conftest import named


def told(window, qtbot) -> HeardBox:
    qtbot.mouseClick(window.bar.heard, Qt.MouseButton.LeftButton)
    box = next(each for each in window.findChildren(HeardBox) if each.isVisible())
    qtbot.waitUntil(lambda: box.note.text() == HOW_TO_CORRECT, timeout=20_000)
    qtbot.waitUntil(lambda: all(each.isVisible() for each in box.findChildren(QLabel)) and not cut(box))
    return box


def cut(box: HeardBox) -> list[str]:
    """What has less height than its text needs."""
    texts = [each for each in box.findChildren(QLabel) if each.text()]
    return [each.text() for each in texts if each.height() < each.heightForWidth(each.width())]


def test_the_paragraph_and_the_facts_are_read_and_copied(song_window, qtbot):
    box = told(song_window, qtbot)
    assert box.paragraph.text().startswith("16 bars in 4/4, at 92 bpm, in E♭ major.")
    assert "The form is Intro Verse Chorus" in box.paragraph.text()
    qtbot.mouseClick(box.copy, Qt.MouseButton.LeftButton)
    copied = QGuiApplication.clipboard().text()
    assert copied.startswith(box.paragraph.text()) and "Harmony: ten different chords" in copied
    assert box.paragraph.textInteractionFlags() & Qt.TextInteractionFlag.TextSelectableByKeyboard
    qtbot.keyClick(box, Qt.Key.Key_Escape)
    assert not box.isVisible()


def test_what_is_told_follows_a_correction(song_window, qtbot):
    told(song_window, qtbot).done()
    song_window.page.corrections.correct_key(Key(0, Mode.MINOR))
    song_window.page.corrections.correct_tempo(61)
    box = told(song_window, qtbot)
    assert "at 61 bpm, in C minor" in box.paragraph.text()
    assert song_window.bar.tempo.note == "bpm · yours"


def test_a_name_that_can_be_corrected_opens_its_box(song_window, qtbot):
    box = told(song_window, qtbot)
    qtbot.wait(1)
    qtbot.mouseClick(named(box, "Correct: Metre"), Qt.MouseButton.LeftButton)
    assert not box.isVisible()
    assert any(
        each.isVisible() and each.accessibleName() == "Which metre is it?"
        for each in song_window.findChildren(Chooser)
    )


@pytest.mark.parametrize(("width", "height"), [(900, 560), (1440, 900)])
def test_nothing_of_it_is_cut(song_window, qtbot, width, height):
    song_window.resize(width, height)
    qtbot.waitUntil(lambda: song_window.bar.heard.isVisible() == (width > 1000))
    song_window.actions_map["song.heard"].trigger()
    box = next(each for each in song_window.findChildren(HeardBox) if each.isVisible())
    qtbot.waitUntil(lambda: box.note.text() == HOW_TO_CORRECT and not cut(box), timeout=20_000)
    assert song_window.rect().contains(box.geometry())
    assert box.area.horizontalScrollBar().maximum() == 0


def test_free_playing_and_what_could_not_be_heard_are_told(song_window, qtbot):
    box = told(song_window, qtbot)
    song_window.page.corrections.said.emit("The engine ran out of memory on this.")
    assert box.note.text().startswith("The engine ran out")
    song = song_window.document.song
    assert facts_of(song, 0, None, is_free=True).tempo_note == "bpm · free"
    assert facts_of(edits.set_tempo(song, 80), 0, None, is_free=True).tempo_note == "bpm · yours"


# sketches like this one ---------------------------------------------------------------


@pytest.fixture
def with_sketches(window, qtbot):
    """Two sketches in the book: “Harbour lights” and the same a step higher under another name."""
    song = harbour_lights()
    ids = [note.id for track in song.tracks if track.role != "drums" for note in track.notes]
    higher = edits.transpose_notes(replace(song, title="Higher lights", chords=()), ids, 2)
    for each in (higher, song):
        window.opening.opened.emit(SongDocument.create(None, each), None)
        qtbot.wait(1)
    return window


def test_sketches_like_the_open_one_say_why_and_open(with_sketches, qtbot):
    window = with_sketches
    qtbot.keyClick(window.page.timeline, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    box = next(each for each in window.findChildren(LikeBox) if each.isVisible())
    qtbot.waitUntil(lambda: bool(box.list.rows()) and not window.wake().sketchbook.is_looking, timeout=20_000)
    (row,) = box.list.rows()
    assert row.accessibleName().startswith("Higher lights, ")
    assert "melody moves alike" in row.accessibleName() and "92 bpm" in row.accessibleName()
    qtbot.mouseClick(box.list.aspects.segment(Alike.KEY), Qt.MouseButton.LeftButton)
    assert box.list.rows() == [] and "in its key" in box.list.said.text()
    qtbot.mouseClick(box.list.aspects.segment(Alike.MELODY), Qt.MouseButton.LeftButton)
    qtbot.mouseClick(box.list.rows()[0], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.bar.title.text() == "Higher lights", timeout=10_000)


def test_the_start_page_looks_for_sketches_like_one_of_its_list(with_sketches, qtbot):
    window = with_sketches
    window.show_start()
    row = next(each for each in window.start.rows() if each.accessibleName().startswith("Harbour"))
    qtbot.mouseClick(row.like, Qt.MouseButton.LeftButton)
    likes = window.start.likes
    qtbot.waitUntil(lambda: bool(likes.rows()), timeout=20_000)
    assert "Higher lights" in likes.rows()[0].accessibleName() and likes.isVisible()
    qtbot.keyClick(window.start.back, Qt.Key.Key_Escape)
    assert not likes.isVisible() and row.isVisible()


# how sure -----------------------------------------------------------------------------


def heard_of(song, certainty: float) -> HeardRecording:
    note = next(song.notes())
    facts = AudioFacts(
        "0" * 64,
        3.0,
        mode=ListeningMode.VOICE,
        listening_models=("pitch", "beats"),
        notes=(HeardNote(0.0, 1.0, note.pitch, certainty=certainty, note_id=note.id),),
    )
    return heard_recording(facts)


def test_a_less_sure_note_is_paler_and_says_so_also_when_opened_again(song_window, qtbot):
    document = song_window.document
    note = next(document.song.notes())
    document.keep_hearing(heard_of(document.song, 0.5))
    song_window.page.state.select_notes({note.id})
    assert "heard, 50 % sure" in song_window.page.roll.grid.accessibleDescription()
    notes = song_window.page.roll.notes
    assert notes.sureness(notes.index.having(frozenset({note.id}))).tolist() == [0.64]
    box = told(song_window, qtbot)
    assert "one voice; 1 note is less than sure" in box.texts() and THEY_HEAR in box.texts()
    path = document.path
    song_window.show_start()
    song_window.open_file(Path(path))
    qtbot.waitUntil(lambda: song_window.page is not None, timeout=10_000)
    again = song_window.document
    assert again.certainty(note.id, note.pitch) == 0.5
    assert again.certainty(note.id, note.pitch + 1) == 1.0
    assert again.ledger_fault() is None
