"""Ideas of the players in the window: looked at, heard, taken by part and section. Takes made by hand."""

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt

from app.ideas.playable import is_playable
from app.ideas.shapes import bars_of, choosable_shapes, shape_named
from app.ui.arrangecontrols import ArrangeControls, Face
from app.ui.card import plain_texts
from app.ui.handing import Handed, what_is_handed
from app.ui.ideaspanel import Tab
from app.ui.intensitycurve import CurveSection, IntensityCurve
from engine.api.suggestion import Kind
from engine.formats.songfile import Act, TakeState
from engine.music import Note, Origin, Recording, Role, edits
from tests.app.demo import BAR, harbour_lights
from tests.app.playersdemo import PLAN, band, slow_lift

CTRL, SHIFT, ALT = (
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.AltModifier,
)


def lay(window, take, request) -> str:
    """The take on the table, looked at."""
    document = window.document
    entry_id = document.add_suggestion(replace(request, song=document.song))
    document.add_take(entry_id, take)
    window.page.desk.reload()
    window.page.panel.show_tab(Tab.ARRANGE)
    window.page.desk.select(entry_id, take.index)
    return entry_id


def card(window):
    return window.page.panel.lists[Tab.ARRANGE].cards()[0]


@pytest.fixture
def form_window(song_window, qtbot):
    song_window.page.state.set_region(None)
    lay(song_window, *slow_lift(song_window.document.song))
    qtbot.wait(1)
    return song_window


@pytest.fixture
def pad_window(song_window, qtbot):
    song_window.page.state.set_region(None)
    lay(song_window, *band(song_window.document.song))
    qtbot.wait(1)
    return song_window


def sounding(song, name):
    track = next(track for track in song.tracks if track.name == name)
    return [(note.start_ticks, note.pitch) for note in track.notes]


# the card ---------------------------------------------------------------------------


def test_the_card_tells_form_parts_and_what_is_so(form_window):
    shown = card(form_window)
    assert [block.bars for block in shown.view.sections] == [bars for _, _, bars, *_ in PLAN]
    assert [row.view.name for row in shown.rows.rows] == ["Bass", "Drums", "Strings"]
    words = plain_texts(shown)
    assert "form 1" in words and "✓ all parts playable" in words
    assert not any(text.startswith("fits") for text in words)


def test_locked_bars_are_counted_and_playable_is_only_said_where_it_is_so(song_window, qtbot):
    song = song_window.document.song
    locked = [note.id for note in song.track_in_role(Role.MELODY).notes_in(8 * BAR, 10 * BAR)]
    song = edits.lock_notes(song, locked, True)
    song_window.document.commit("Lock", song)
    take, request = band(song)
    high = tuple(replace(note, pitch=note.pitch + 60) for note in take.parts[0].notes)
    take = replace(take, parts=(replace(take.parts[0], notes=high),))
    lay(song_window, take, request)
    qtbot.waitUntil(lambda: bool(song_window.page.panel.lists[Tab.ARRANGE].cards()))
    words = plain_texts(card(song_window))
    assert "fits 2 locked bars" in words
    assert not any("playable" in text for text in words)


@pytest.mark.parametrize(
    ("role", "program", "pitches", "is_so"),
    [
        (Role.BASS, 33, (40,), True),
        (Role.BASS, 33, (40, 47, 52), False),
        (Role.CHORDS, 0, (48, 52, 55, 64, 67, 71), True),
        (Role.CHORDS, 0, tuple(range(40, 64, 2)), False),
        (Role.CHORDS, 25, (40, 47, 52, 56, 59, 64), True),
        (Role.CHORDS, 25, (40, 47, 52, 56, 59, 64, 67), False),
        (Role.DRUMS, 0, (36, 38, 42), True),
        (Role.DRUMS, 0, (36, 38, 42, 49), False),
        (Role.COUNTER, 73, (20,), False),
    ],
)
def test_what_hands_feet_and_instruments_can_do(role, program, pitches, is_so):
    notes = tuple(Note(n, 0, 240, pitch) for n, pitch in enumerate(pitches, 1))
    assert is_playable(role, program, notes) is is_so


# looking ------------------------------------------------------------------------------


def test_the_form_is_seen_in_strip_and_lanes_and_goes_again(form_window, qtbot):
    timeline = form_window.page.timeline
    shown = timeline.sections.shown_song
    assert [section.name for section in shown.sections] == [name for name, *_ in PLAN]
    assert [lane.track.name for lane in timeline.lanes.lanes] == [
        "Melody",
        "Piano",
        "Bass",
        "Drums",
        "Strings",
    ]
    assert [lane.track.name for lane in timeline.lanes.lanes if lane.is_new] == ["Strings"]
    assert timeline.headers.new_heads[0].isVisible()
    form_window.page.desk.select_none()
    assert timeline.sections.shown_song is form_window.document.song
    assert len(timeline.lanes.lanes) == 4 and not timeline.headers.new_heads[0].isVisible()


def test_a_part_to_come_has_a_lane_of_its_own_and_the_roll_stays(pad_window):
    page = pad_window.page
    new = page.timeline.lanes.lanes[-1]
    assert new.is_new and len(new.ghost.index) == 32
    assert page.roll.notes.ghost is None
    visible = page.timeline.lanes
    assert 4 * 48 - visible.top_px < visible.height()


def test_a_section_of_the_plan_is_chosen_in_the_strip_of_the_timeline(form_window, qtbot):
    strip = form_window.page.timeline.sections
    bridge = strip.shown_song.sections[5]
    place = strip.section_rect(bridge).center().toPoint()
    qtbot.mouseClick(strip, Qt.MouseButton.LeftButton, pos=place)
    assert form_window.page.ideas.chosen_sections == {5}
    assert card(form_window)._section.accessibleName() == "Accept Bridge"
    qtbot.mouseDClick(strip, Qt.MouseButton.LeftButton, pos=place)
    assert not form_window.document.can_undo


# taking ---------------------------------------------------------------------------------


def test_the_whole_form_is_one_step(form_window, qtbot):
    before = form_window.document.song
    qtbot.keyClick(form_window, Qt.Key.Key_Return)
    song = form_window.document.song
    assert song.bars == 48 and [section.name for section in song.sections] == [name for name, *_ in PLAN]
    assert {note.origin for note in next(t for t in song.tracks if t.name == "Strings").notes} == {
        Origin.TAKEN
    }
    assert len(form_window.document.history()) == 1
    qtbot.keyClick(form_window, Qt.Key.Key_Z, CTRL)
    assert form_window.document.song.tracks == before.tracks
    assert [row.act for row in form_window.document.ledger()].count(Act.ACCEPT) == 1


def test_a_recording_does_not_play_under_another_form(form_window, qtbot):
    song = edits.add_recording(form_window.document.song, Recording("f" * 64, "memo.wav", 9.0))
    form_window.document.commit("Add a recording", song)
    qtbot.waitUntil(lambda: form_window.page.panel.lists[Tab.ARRANGE].cards() != [])
    qtbot.keyClick(form_window, Qt.Key.Key_Return)
    assert [each.muted for each in form_window.document.song.recordings] == [True]


def test_sections_come_one_by_one_each_a_step(form_window, qtbot):
    original = form_window.document.song
    qtbot.keyClick(form_window, Qt.Key.Key_BracketRight)  # the intro
    qtbot.keyClick(form_window, Qt.Key.Key_BracketRight)
    qtbot.keyClick(form_window, Qt.Key.Key_BracketRight)  # the chorus, which has strings
    assert form_window.page.ideas.chosen_sections == {2}
    qtbot.keyClick(form_window, Qt.Key.Key_S, SHIFT)
    assert form_window.document.undo_name == "Accept Chorus of “Slow lift”"
    assert form_window.page.desk.selected[0].state(0) is TakeState.OFFERED
    assert form_window.page.state.ghost is not None
    qtbot.waitUntil(lambda: [each.place for each in card(form_window).view.sections if each.is_taken] == [2])
    assert not card(form_window).view.is_stale
    qtbot.mouseClick(card(form_window).action("Accept the next section"), Qt.MouseButton.LeftButton)
    assert form_window.document.undo_name == "Accept Intro of “Slow lift”"
    assert len(form_window.document.history()) == 2
    for _ in range(2):
        qtbot.keyClick(form_window, Qt.Key.Key_Z, CTRL)
    assert form_window.document.song.tracks == original.tracks
    assert form_window.document.song.sections == original.sections


def test_a_part_comes_alone_by_its_line(form_window, qtbot):
    row = card(form_window).rows.rows[2]
    qtbot.mouseClick(row.take, Qt.MouseButton.LeftButton)
    song = form_window.document.song
    assert form_window.document.undo_name == "Accept Strings of “Slow lift”"
    assert any(track.name == "Strings" and track.notes for track in song.tracks)


def test_a_single_part_is_taken_whole_or_for_some_bars(pad_window, qtbot):
    pad_window.page.state.set_region((4, 8))
    qtbot.keyClick(pad_window, Qt.Key.Key_Return)
    strings = sounding(pad_window.document.song, "Strings")
    assert strings and all(4 * BAR <= start < 8 * BAR for start, _ in strings)
    qtbot.keyClick(pad_window, Qt.Key.Key_Z, CTRL)
    assert all(track.name != "Strings" for track in pad_window.document.song.tracks)
    pad_window.page.ideas.choose_all()
    qtbot.keyClick(pad_window, Qt.Key.Key_Return)
    assert len(sounding(pad_window.document.song, "Strings")) == 32


def test_reject_puts_a_form_away(form_window, qtbot):
    qtbot.keyClick(form_window, Qt.Key.Key_Backspace)
    qtbot.waitUntil(lambda: form_window.page.panel.lists[Tab.ARRANGE].cards() == [])
    assert form_window.page.state.ghost is None


# hearing -----------------------------------------------------------------------------------


def test_a_form_is_heard_from_the_chosen_section(form_window, qtbot):
    for _ in range(2):
        qtbot.keyClick(form_window, Qt.Key.Key_BracketRight)
    qtbot.keyClick(form_window, Qt.Key.Key_H)
    qtbot.waitUntil(lambda: form_window.page.state.playhead_ticks >= 4 * BAR, timeout=8000)
    assert form_window.player.is_auditioning
    qtbot.keyClick(form_window, Qt.Key.Key_Space)


def test_the_idea_that_is_taken_along_is_the_whole_form(form_window):
    song, name = what_is_handed(form_window.page, Handed.IDEA)
    assert song.bars == 48 and name == "Idea Slow lift"


def test_a_part_is_heard_alone_in_the_song(form_window, qtbot):
    page = form_window.page
    qtbot.keyClick(form_window, Qt.Key.Key_PageDown, ALT)
    qtbot.keyClick(form_window, Qt.Key.Key_PageDown, ALT)
    assert page.ideas.part == 1 and "Drums" in form_window.status.sentence
    qtbot.keyClick(form_window, Qt.Key.Key_H, SHIFT)
    assert page.ideas.heard_parts == {1}
    assert all(not track.notes for track in page._idea_song().tracks if track.name == "Strings")
    qtbot.keyClick(form_window, Qt.Key.Key_H)
    assert page.ideas.heard_parts == frozenset()
    assert any(track.notes for track in page._idea_song().tracks if track.name == "Strings")
    qtbot.keyClick(form_window, Qt.Key.Key_Space)


# asking ----------------------------------------------------------------------------------------


def test_every_face_is_reached_by_key_and_shows_only_what_it_obeys(song_window, qtbot):
    area = song_window.page.panel.arrange
    for key, face, control in (
        (Qt.Key.Key_P, Face.PART, area.parts),
        (Qt.Key.Key_F, Face.FORM, area.curve),
        (Qt.Key.Key_R, Face.RESTYLE, area.feels),
        (Qt.Key.Key_A, Face.SOUNDSCAPE, area.lengths),
    ):
        qtbot.keyClick(song_window, key, ALT)
        assert song_window.page.panel.tab is Tab.ARRANGE and area.face is face
        shown = [each for each in (area.parts, area.curve, area.feels, area.lengths) if each.isVisible()]
        assert shown == [control]


def test_a_part_is_asked_for_with_instrument_density_and_style(qtbot):
    area = ArrangeControls("")
    qtbot.addWidget(area)
    qtbot.mouseClick(area.parts.segment(Kind.COMPING), Qt.MouseButton.LeftButton)
    area.instruments.setCurrentIndex(area.instruments.findText("Nylon guitar"))
    qtbot.mouseClick(area.density.segment(0.8), Qt.MouseButton.LeftButton)
    area.style_choice.setCurrentIndex(area.style_choice.findText("Bossa nova"))
    question = area.question()
    assert (question.kind, question.role) == (Kind.COMPING, Role.CHORDS) and not question.writes_chords
    asked = question.controls
    assert (asked.instrument, asked.density, asked.style) == ("nylon", 0.8, "bossa-nova")


def test_a_style_may_be_typed(qtbot):
    area = ArrangeControls("")
    qtbot.addWidget(area)
    area.style_choice.lineEdit().setText("slow bossa with brushes")
    assert area.question().controls.style == "slow bossa with brushes"
    area.style_choice.lineEdit().setText("jazz swing")
    assert area.question().controls.style == "jazz-swing"


def test_a_drawn_curve_is_asked_for_with_its_shape(qtbot):
    area = ArrangeControls("")
    qtbot.addWidget(area)
    area.show_song(harbour_lights(), (0, 16))
    area.show_face(Face.FORM)
    assert area.question().controls.intensity == ()
    area.curve.set_level(0, 1.0)
    asked = area.question().controls
    assert asked.intensity[0] == 1.0 and len(asked.intensity) == len(shape_named(asked.shape).sections)


def test_a_soundscape_lasts_as_long_as_asked(song_window, qtbot):
    page = song_window.page
    page.state.set_region(None)
    page.panel.ask_players(Face.SOUNDSCAPE)
    area = page.panel.arrange
    area.lengths.setCurrentIndex(area.lengths.findText("3 minutes"))
    first, last = page.ideas.bars()
    assert first == 0 and abs(last * 4 * 60 / 92 - 180) < 6


def test_the_shapes_have_lengths_for_every_sketch():
    song = harbour_lights()
    assert len(choosable_shapes()) >= 8
    for shape in choosable_shapes():
        bars = bars_of(shape, song, (0, 16))
        assert len(bars) == len(shape.sections) >= 4 and all(1 <= length <= 64 for length in bars)


# the curve ----------------------------------------------------------------------------------------


@pytest.fixture
def curve(qtbot):
    made = IntensityCurve()
    qtbot.addWidget(made)
    made.resize(320, made.height())
    made.show_sections(
        [CurveSection("Intro", 4, 0.2), CurveSection("Verse", 8, 0.4), CurveSection("End", 4, 0.3)]
    )
    made.show()
    return made


def test_points_are_dragged(curve, qtbot):
    at = curve.points()[1].toPoint()
    qtbot.mousePress(curve, Qt.MouseButton.LeftButton, pos=at)
    qtbot.mouseMove(curve, QPoint(at.x() + 100, 12))  # sideways it stays the same point
    qtbot.mouseRelease(curve, Qt.MouseButton.LeftButton)
    assert curve.levels[1] > 0.9 and curve.levels[0] == 0.2 and curve.levels[2] == 0.3
    assert curve.is_drawn
    qtbot.mouseDClick(curve, Qt.MouseButton.LeftButton, pos=curve.points()[1].toPoint())
    assert curve.levels == (0.2, 0.4, 0.3) and not curve.is_drawn


def test_points_are_moved_by_key_and_said(curve, qtbot):
    curve.setFocus()
    qtbot.keyClick(curve, Qt.Key.Key_Right)
    for _ in range(2):
        qtbot.keyClick(curve, Qt.Key.Key_Up)
    assert curve.levels[1] == pytest.approx(0.6)
    assert curve.accessibleName() == "Intensity by section, Verse: 60%"
    qtbot.keyClick(curve, Qt.Key.Key_End)
    qtbot.keyClick(curve, Qt.Key.Key_Down, SHIFT)
    assert curve.levels[2] == pytest.approx(0.28)
    qtbot.keyClick(curve, Qt.Key.Key_Delete)
    assert curve.levels[2] == 0.3
