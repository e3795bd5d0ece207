"""The timeline worked by mouse and keys, seen by what becomes of the song."""

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QKeySequence, QShortcut, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMainWindow

from app.ui.canvas.inlineedit import InlineEdit
from app.ui.canvas.timeline import TimelineView
from engine.music import ChordSpan, Origin
from tests.app.canvas.conftest import LEFT, NONE, Hands, steps
from tests.app.demo import BAR

CTRL, SHIFT, ALT = (
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.AltModifier,
)


def symbols(document):
    return [span.chord.lead_sheet(document.song.key) for span in document.song.chords]


def editor_in(view) -> InlineEdit:
    return next(edit for edit in view.findChildren(InlineEdit) if not edit.isHidden())


def write(view, text: str, end=Qt.Key.Key_Return) -> None:
    edit = editor_in(view)
    edit.selectAll()
    QTest.keyClicks(edit, text)
    QTest.keyClick(edit, end)


@pytest.fixture
def chords(timeline):
    return Hands(timeline.chords)


def lane_point(hands: Hands, tick: float, y: int = 15) -> QPoint:
    return QPointF(hands.canvas.axis.x(tick), y).toPoint()


def test_bars_are_selected_by_dragging_over_the_ruler(state, timeline):
    hands = Hands(timeline.ruler)
    hands.drag(hands.at(8 * BAR + 300), hands.at(11 * BAR + 300))
    assert state.region == (8, 12)
    hands.drag(hands.at(6 * BAR + 300), hands.at(4 * BAR + 300))
    assert state.region == (4, 7)


def test_a_selected_edge_is_dragged_and_shift_stretches(state, timeline):
    hands = Hands(timeline.ruler)
    state.set_region((4, 8))
    hands.drag(hands.at(8 * BAR), hands.at(9 * BAR + 900))
    assert state.region == (4, 10)
    hands.click(hands.at(11 * BAR + 900), SHIFT)
    assert state.region == (4, 12)


def test_a_click_on_the_ruler_places_the_playhead(state, timeline):
    hands = Hands(timeline.ruler)
    hands.click(hands.at(5 * BAR + 470))
    assert state.playhead_ticks == 5 * BAR + 480
    assert state.region is None


def test_selected_bars_are_shown_in_the_roll(qtbot, state, timeline):
    hands = Hands(timeline.ruler)
    with qtbot.waitSignal(state.bars_wanted) as shown:
        hands.drag(hands.at(8 * BAR + 300), hands.at(11 * BAR + 300))
    assert shown.args == [8, 12]


def test_a_section_click_selects_its_bars(state, timeline):
    hands = Hands(timeline.sections)
    hands.click(hands.at(6 * BAR))
    assert state.region == (4, 12)


def test_a_section_is_renamed_by_typing(document, timeline):
    hands = Hands(timeline.sections)
    hands.double_click(hands.at(6 * BAR))
    write(timeline, "Pre-chorus")
    assert [section.name for section in document.song.sections] == ["Intro", "Pre-chorus", "Chorus"]
    assert steps(document)[-1] == "Rename section"


def test_a_section_needs_a_name(document, timeline):
    hands = Hands(timeline.sections)
    hands.double_click(hands.at(6 * BAR))
    write(timeline, "  ")
    edit = editor_in(timeline)
    assert edit.complaint == "A section needs a name."
    QTest.keyClick(edit, Qt.Key.Key_Escape)
    assert document.song.sections[1].name == "Verse"


def test_a_section_edge_is_dragged(document, timeline):
    hands = Hands(timeline.sections)
    hands.drag(hands.at(12 * BAR, dx=-3), hands.at(10 * BAR, dx=-3))
    assert [(s.start_bar, s.bars) for s in document.song.sections] == [(0, 4), (4, 6), (10, 6)]
    assert steps(document)[-1] == "Resize section"


def test_new_and_deleted_sections(document, state, timeline):
    state.set_region((13, 15))
    timeline.sections.add_section(13, "Bridge")
    assert [s.name for s in document.song.sections] == ["Intro", "Verse", "Chorus", "Bridge", "Chorus"]
    timeline.sections.delete(document.song.sections[3])
    assert [s.name for s in document.song.sections] == ["Intro", "Verse", "Chorus", "Chorus"]


def test_a_chord_is_typed_over_another(document, chords, timeline):
    chords.double_click(lane_point(chords, 8.5 * BAR))
    assert editor_in(timeline).text() == "Cm7"
    write(timeline, "ebm7/Gb")
    assert symbols(document)[8] == "E♭m7/G♭"
    assert steps(document)[-1] == "Change chord"


def test_what_is_no_chord_is_said_and_kept_for_correction(document, chords, timeline):
    chords.double_click(lane_point(chords, 8.5 * BAR))
    write(timeline, "H7x")
    edit = editor_in(timeline)
    assert edit.complaint == "“H7x” is not a chord this program can read. Try Cm7, F♯ or Bb/D."
    assert edit.text() == "H7x" and symbols(document)[8] == "Cm7"


def test_tab_goes_on_to_the_next_chord(document, chords, timeline):
    chords.double_click(lane_point(chords, 8.5 * BAR))
    write(timeline, "Cm9", Qt.Key.Key_Tab)
    write(timeline, "Fm7")
    assert symbols(document)[8:10] == ["Cm9", "Fm7"]


def test_letters_typed_in_a_chord_do_nothing_else(document, state, chords, timeline):
    chords.double_click(lane_point(chords, 8.5 * BAR))
    edit = editor_in(timeline)
    for key in (Qt.Key.Key_X, Qt.Key.Key_Delete, Qt.Key.Key_Z):
        QTest.keyClick(edit, key)
    assert not steps(document) and edit.text() == "xz"


def test_a_chord_is_selected_deleted_and_typed_anew_in_the_gap(document, state, chords, timeline):
    chords.click(lane_point(chords, 8.5 * BAR))
    assert state.selected_chord_ids == {document.song.chords[8].id}
    assert "Chord Cm7, vi, bar 9" in timeline.chords.accessibleDescription()
    QTest.keyClick(timeline.chords, Qt.Key.Key_Delete)
    assert len(document.song.chords) == 15
    chords.double_click(lane_point(chords, 8.5 * BAR))
    write(timeline, "Gm7b5")
    span = document.song.chords[8]
    assert (span.start_ticks, span.duration_ticks, span.origin) == (8 * BAR, BAR, Origin.DRAWN)
    assert symbols(document)[8] == "Gm7♭5"


def test_the_border_of_two_chords_is_dragged(document, chords):
    border = lane_point(chords, 9 * BAR) + QPoint(-3, 0)
    chords.drag(border, lane_point(chords, 8.5 * BAR) + QPoint(-3, 0))
    spans = document.song.chords[8:10]
    assert [(span.start_ticks / BAR, span.duration_ticks / BAR) for span in spans] == [(8, 0.5), (8.5, 1.5)]


def test_chords_are_split_and_locked_by_key(document, state, timeline):
    QTest.keyClick(timeline.chords, Qt.Key.Key_Right, ALT)
    QTest.keyClick(timeline.chords, Qt.Key.Key_L, CTRL)
    assert document.song.chords[0].locked
    QTest.keyClick(timeline.chords, Qt.Key.Key_X)
    assert [span.duration_ticks for span in document.song.chords[:2]] == [BAR // 2, BAR // 2]


def test_a_lane_click_selects_the_track_and_a_drag_bars(document, state, timeline):
    hands = Hands(timeline.lanes)
    hands.click(QPoint(300, 48 * 2 + 20))
    assert state.selected_track_id == document.song.tracks[2].id
    assert state.playhead_ticks == 0
    hands.drag(lane_point(hands, 4 * BAR + 500, 60), lane_point(hands, 6 * BAR + 500, 60))
    assert state.region == (4, 7)


def test_mute_solo_and_level(document, timeline):
    header = timeline.headers.headers[1]
    QTest.mouseClick(header.mute, LEFT)
    QTest.mouseClick(header.solo, LEFT)
    QTest.mousePress(header.level, LEFT, NONE, QPoint(40, 8))
    Hands(header.level).move(QPoint(26, 8))
    QTest.mouseRelease(header.level, LEFT, NONE, QPoint(26, 8))
    track = document.song.tracks[1]
    assert (track.muted, track.soloed, round(track.level, 2)) == (True, True, 0.5)
    assert steps(document) == ["Mute", "Solo", "Change level"]
    assert header.mute.accessibleName() == "Mute Piano"


def test_a_track_is_renamed(document, timeline):
    QTest.mouseDClick(timeline.headers.headers[0], LEFT, NONE, QPoint(30, 10))
    write(timeline, "Voice")
    assert document.song.tracks[0].name == "Voice"
    assert timeline.headers.headers[0].accessibleName() == "Track Voice"


def test_keys_move_playhead_region_and_track(document, state, timeline):
    for key, modifiers in ((Qt.Key.Key_Right, NONE), (Qt.Key.Key_Right, NONE), (Qt.Key.Key_Right, SHIFT)):
        QTest.keyClick(timeline.lanes, key, modifiers)
    assert state.playhead_ticks == 2 * BAR and state.region == (2, 3)
    QTest.keyClick(timeline.lanes, Qt.Key.Key_Down)
    assert state.selected_track_id == document.song.tracks[1].id
    QTest.keyClick(timeline.lanes, Qt.Key.Key_M, ALT)
    assert document.song.tracks[1].muted


def wheel(widget, at: QPoint, delta: int, modifiers=NONE):
    event = QWheelEvent(
        QPointF(at),
        QPointF(widget.mapToGlobal(at)),
        QPoint(),
        QPoint(0, delta),
        Qt.MouseButton.NoButton,
        modifiers,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(widget, event)


def test_ctrl_wheel_zooms_around_the_pointer_and_z_shows_all(state, timeline):
    lanes = timeline.lanes
    tick = state.timeline_axis.tick(400)
    fitted = state.timeline_axis
    wheel(lanes, QPoint(400, 20), 240, CTRL)
    assert state.timeline_axis.px_per_tick == pytest.approx(fitted.px_per_tick * 1.44)
    assert state.timeline_axis.x(tick) == pytest.approx(400)
    QTest.keyClick(lanes, Qt.Key.Key_Z)
    assert state.timeline_axis == fitted


def test_many_tracks_scroll_with_their_heads(document, timeline):
    from engine.music.edits import add_track

    song = document.song
    for number in range(8):
        song = add_track(song, f"Part {number}")
    document.commit("New tracks", song)
    wheel(timeline.lanes, QPoint(300, 20), -480)
    assert timeline.lanes.top_px == 240
    assert timeline.headers.headers[5].y() == 0
    assert timeline.lanes.track_at(5) is document.song.tracks[5]


def test_loop_and_bars_from_the_menu(document, state, timeline):
    state.set_region((4, 6))
    entries = {entry.text(): entry for entry in timeline.ruler.menu_for(4).actions()}
    entries["Play these bars in a loop"].trigger()
    assert state.loop == (4, 6)
    entries["Insert 2 bars before"].trigger()
    assert document.song.bars == 18
    assert steps(document)[-1] == "Insert bars"


def test_the_song_stays_fitted_until_it_is_zoomed(document, state, timeline):
    before = state.timeline_axis.px_per_tick
    timeline.resize(700, 300)
    assert state.timeline_axis.px_per_tick < before
    timeline.zoom_by(3)
    zoomed = state.timeline_axis
    timeline.resize(900, 300)
    assert state.timeline_axis == zoomed


def test_confidence_and_locks_do_not_hide_a_chord(document, timeline):
    spans = tuple(
        ChordSpan(s.id, s.start_ticks, s.duration_ticks, s.chord, Origin.HEARD, "", True, 0.2)
        for s in document.song.chords
    )
    from dataclasses import replace

    document.commit("Chords", replace(document.song, chords=spans))
    image = timeline.chords.grab().toImage()
    assert image.pixelColor(40, 30) != image.pixelColor(40, 44)


def test_new_tracks_are_what_the_song_lacks_then_numbered(document, state, timeline):
    timeline.headers.add_track()
    assert state.selected_track_id == document.song.tracks[-1].id
    entries = {entry.text(): entry for entry in timeline.headers.new_menu().actions()}
    entries["New track: Bass"].trigger()
    assert [track.name for track in document.song.tracks][4:] == ["Pad", "Bass 2"]
    assert len(timeline.headers.headers) == 6


def test_space_on_a_button_presses_it_and_keys_of_the_window_stay_away(qtbot, document, state):
    window, played = QMainWindow(), []
    qtbot.addWidget(window)
    view = TimelineView(document, state)
    window.setCentralWidget(view)
    for key in ("Space", "Del", "C", "Left"):
        QShortcut(QKeySequence(key), window, lambda: played.append(1))
    with qtbot.waitActive(window):
        window.show()
    header = view.headers.headers[0]
    header.mute.setFocus()
    QTest.keyClick(header.mute, Qt.Key.Key_Space)
    assert document.song.tracks[0].muted
    header.level.setFocus()
    QTest.keyClick(header.level, Qt.Key.Key_Left)
    assert round(document.song.tracks[0].level, 2) == 0.73
    view.chords.setFocus()
    view.chord_commands.select_next(1)
    QTest.keyClick(view.chords, Qt.Key.Key_Delete)
    assert len(document.song.chords) == 15
    assert not played
    QTest.keyClick(view.chords, Qt.Key.Key_Space)
    assert played


def test_levels_are_steps_of_their_own(document, timeline):
    level = timeline.headers.headers[2].level
    for _ in range(2):
        QTest.keyClick(level, Qt.Key.Key_Right)
    assert round(document.song.tracks[2].level, 2) == 0.8
    document.undo()
    assert round(document.song.tracks[2].level, 2) == 0.75
