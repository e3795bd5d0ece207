"""From a tune to a song with players, in the window with the real engine: ask, hear, take, take back."""

import pytest
from PySide6.QtCore import Qt

from app.ui.arrangecontrols import Face
from app.ui.ideaspanel import Tab
from engine.api.suggestion import Kind
from engine.music import Origin, Role, edits

CTRL, SHIFT, ALT = (
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.AltModifier,
)


def cards(window):
    return window.page.panel.lists[Tab.ARRANGE].cards()


def ask(window, qtbot, key, kind=None) -> None:
    """By key: the face, the part by a press, then Suggest."""
    qtbot.keyClick(window, key, ALT)
    if kind is not None:
        qtbot.mouseClick(window.page.panel.arrange.parts.segment(kind), Qt.MouseButton.LeftButton)
    qtbot.keyClick(window, Qt.Key.Key_Return, SHIFT)
    qtbot.waitUntil(lambda: not window.page.desk.is_busy, timeout=60_000)
    assert cards(window), window.page.panel.lists[Tab.ARRANGE].said.text()


@pytest.fixture
def duo_window(song_window):
    """“Harbour lights” with melody and piano alone, nothing selected."""
    song = song_window.document.song
    for role in (Role.BASS, Role.DRUMS):
        song = edits.remove_track(song, song.track_in_role(role).id)
    song_window.document.commit("Two players", song)
    song_window.page.state.set_region(None)
    return song_window


@pytest.mark.timeout(300)
def test_drums_bass_and_a_form_are_asked_for_heard_taken_and_taken_back(duo_window, qtbot):
    window, page = duo_window, duo_window.page
    before = window.document.song

    ask(window, qtbot, Qt.Key.Key_P, Kind.DRUMS)
    assert page.panel.arrange.where.text() == "Whole song"
    assert page.timeline.lanes.lanes[-1].is_new and page.timeline.lanes.lanes[-1].track.role is Role.DRUMS
    qtbot.keyClick(window, Qt.Key.Key_H)
    qtbot.waitUntil(lambda: page.state.playhead_ticks > 0, timeout=10_000)
    assert window.player.is_auditioning and window.document.song is before
    qtbot.keyClick(window, Qt.Key.Key_Space)
    qtbot.keyClick(window, Qt.Key.Key_Return)
    drums = window.document.song.track_in_role(Role.DRUMS)
    assert drums.notes and {note.origin for note in drums.notes} == {Origin.TAKEN}

    ask(window, qtbot, Qt.Key.Key_P, Kind.BASS)
    qtbot.keyClick(window, Qt.Key.Key_Return)
    bass = window.document.song.track_in_role(Role.BASS)
    assert bass.notes and max(note.pitch for note in bass.notes) < 60

    ask(window, qtbot, Qt.Key.Key_F)
    plan = cards(window)[0].view.sections
    assert len(plan) >= 4 and page.timeline.sections.shown_song.bars == sum(each.bars for each in plan)
    steps = len(window.document.history())
    qtbot.keyClick(window, Qt.Key.Key_BracketRight)
    qtbot.keyClick(window, Qt.Key.Key_S, SHIFT)
    assert window.document.undo_name == f"Accept {plan[0].name} of “{cards(window)[0].view.title}”"
    assert len(window.document.history()) == steps + 1

    while window.document.undo_name != "Two players":
        qtbot.keyClick(window, Qt.Key.Key_Z, CTRL)
    assert window.document.song.tracks == before.tracks
    assert window.document.song.sections == before.sections


@pytest.mark.timeout(200)
def test_a_part_of_a_form_comes_alone_and_a_style_is_heard_at_once(duo_window, qtbot):
    window, page = duo_window, duo_window.page
    ask(window, qtbot, Qt.Key.Key_F)
    parts = cards(window)[0].view.parts
    assert {Role.BASS, Role.DRUMS} <= {part.role for part in parts}
    qtbot.mouseClick(cards(window)[0].rows.rows[0].take, Qt.MouseButton.LeftButton)
    assert window.document.undo_name.startswith(f"Accept {parts[0].name}")
    qtbot.keyClick(window, Qt.Key.Key_Z, CTRL)
    page.panel.ask_players(Face.PART)
    page.panel.arrange.style_choice.setCurrentIndex(page.panel.arrange.style_choice.findText("Bossa nova"))
    qtbot.keyClick(window, Qt.Key.Key_H, CTRL)
    qtbot.waitUntil(lambda: window.player.is_playing and window.player.is_auditioning, timeout=60_000)
    qtbot.keyClick(window, Qt.Key.Key_Space)
    assert page.desk.selected[0].request.controls.style == "bossa-nova"
    assert page.desk.selected[0].request.takes == 1
