"""The piano roll worked by mouse and keys, seen by what becomes of the song."""

from typing import ClassVar

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from app.ui.canvas.snapping import Grid
from app.ui.editorstate import Ghost, Tool
from engine.music import Note, Origin, Role, Song
from tests.app.canvas.conftest import LEFT, Hands, steps
from tests.app.demo import BAR, lift_to_the_ninth

CTRL, SHIFT, ALT = (
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.AltModifier,
)


@pytest.fixture
def hands(roll):
    return Hands(roll.grid)


def shape(note: Note):
    return note.start_ticks, note.duration_ticks, note.pitch


def press(roll, key, modifiers=Qt.KeyboardModifier.NoModifier):
    QTest.keyClick(roll.grid, key, modifiers)


def test_double_click_draws_a_note_and_selects_it(document, state, hands, melody, bar5):
    count = len(melody())
    hands.double_click(hands.at(bar5 + 730, 65))
    drawn = next(note for note in melody() if note.id in state.selected_note_ids)
    assert shape(drawn) == (bar5 + 720, 240, 65)
    assert drawn.origin is Origin.DRAWN
    assert len(melody()) == count + 1
    assert steps(document) == ["Draw note"]


def test_the_draw_tool_draws_as_long_as_it_is_dragged(state, hands, melody, bar5):
    state.set_tool(Tool.DRAW)
    hands.drag(hands.at(bar5 + 10, 77), hands.at(bar5 + 1200, 77))
    assert (bar5, 1200, 77) in [shape(note) for note in melody()]


def test_a_drawn_note_is_one_step_and_undone_as_one(document, hands, melody, bar5):
    before = melody()
    hands.double_click(hands.at(bar5, 77))
    document.undo()
    assert melody() == before


def test_click_selects_and_shift_adds(state, hands, melody, bar5):
    first, second = melody()[:2]
    hands.click(hands.at(first.start_ticks + 100, first.pitch))
    assert state.selected_note_ids == {first.id}
    hands.click(hands.at(second.start_ticks + 100, second.pitch), SHIFT)
    assert state.selected_note_ids == {first.id, second.id}
    hands.click(hands.at(first.start_ticks + 100, first.pitch), SHIFT)
    assert state.selected_note_ids == {second.id}
    hands.click(hands.at(bar5 + 100, 77))
    assert not state.selected_note_ids


def test_a_note_is_moved_by_its_body(document, hands, melody, bar5):
    note = melody()[0]
    grab = hands.at(note.start_ticks + 200, note.pitch)
    hands.drag(grab, hands.at(note.start_ticks + 690, note.pitch + 2))
    moved = document.song.tracks[0].notes
    assert (bar5 + 480, 480, note.pitch + 2) in [shape(n) for n in moved]
    assert steps(document) == ["Move note"]


def test_alt_while_dragging_bypasses_the_grid(hands, melody, bar5):
    note = melody()[0]
    grab = hands.at(note.start_ticks + 200, note.pitch)
    QTest.mousePress(hands.canvas, LEFT, Qt.KeyboardModifier.NoModifier, grab)
    hands.move(grab + QPoint(20, 0), SHIFT)
    QTest.mouseRelease(hands.canvas, LEFT, SHIFT, grab + QPoint(20, 0))
    moved = next(n for n in melody() if n.id == note.id)
    assert moved.start_ticks - bar5 == round(20 / hands.canvas.axis.px_per_tick)


@pytest.mark.parametrize("key", [CTRL, ALT])
def test_ctrl_or_alt_with_a_drag_leaves_the_note_and_carries_a_copy(document, hands, melody, key):
    note, count = melody()[0], len(melody())
    grab = hands.at(note.start_ticks + 200, note.pitch)
    hands.drag(grab, hands.at(note.start_ticks + 200, note.pitch + 12), modifiers=key)
    assert len(melody()) == count + 1
    assert (note.start_ticks, 480, note.pitch + 12) in [shape(n) for n in melody()]
    assert note in melody()
    assert steps(document)[-1] == "Duplicate note"


def test_a_note_is_resized_by_its_edge(document, hands, melody):
    note = melody()[0]
    hands.drag(hands.at(note.end_ticks, note.pitch, -3), hands.at(note.end_ticks + 480, note.pitch, -3))
    assert shape(melody()[0]) == (note.start_ticks, 960, note.pitch)
    assert steps(document)[-1] == "Resize note"


def test_an_empty_drag_selects_what_it_touches(document, state, hands, melody, bar5):
    hands.drag(hands.at(bar5 + 20, 79), hands.at(bar5 + 3700, 55))
    wanted = {note.id for note in melody() if note.start_ticks < bar5 + 3700}
    assert state.selected_note_ids == wanted
    assert not steps(document)


def test_escape_takes_a_running_drag_back(document, state, hands, melody, roll):
    note, before = melody()[0], melody()
    grab = hands.at(note.start_ticks + 200, note.pitch)
    hands.drag(grab, hands.at(note.start_ticks + 1000, note.pitch + 5), release=False)
    assert melody() != before
    press(roll, Qt.Key.Key_Escape)
    assert melody() == before
    assert not steps(document)


def test_delete_and_undo(document, state, hands, melody, roll):
    note, before = melody()[0], melody()
    hands.click(hands.at(note.start_ticks + 100, note.pitch))
    press(roll, Qt.Key.Key_Delete)
    assert note not in melody() and len(melody()) == len(before) - 1
    document.undo()
    assert melody() == before


def test_backspace_deletes_only_while_no_idea_is_shown(document, state, melody, roll):
    count = len(melody())
    state.select_notes({melody()[0].id})
    state.set_ghost(Ghost(*lift_to_the_ninth(document.song), document.song.tracks[0].id))
    press(roll, Qt.Key.Key_Backspace)
    assert len(melody()) == count
    state.set_ghost(None)
    press(roll, Qt.Key.Key_Backspace)
    assert len(melody()) == count - 1


@pytest.mark.parametrize(
    ("key", "modifiers", "expected"),
    [
        (Qt.Key.Key_Up, None, (0, 480, 64)),
        (Qt.Key.Key_Down, SHIFT, (0, 480, 51)),
        (Qt.Key.Key_Right, None, (240, 480, 63)),
        (Qt.Key.Key_Left, SHIFT, (-BAR, 480, 63)),
        (Qt.Key.Key_Right, CTRL, (0, 720, 63)),
        (Qt.Key.Key_Left, CTRL, (0, 240, 63)),
    ],
    ids=["semitone", "octave", "step", "bar", "longer", "shorter"],
)
def test_arrows_change_the_selected_note(state, melody, roll, bar5, key, modifiers, expected):
    note = melody()[0]
    state.select_notes({note.id})
    press(roll, key, modifiers or Qt.KeyboardModifier.NoModifier)
    changed = next(n for n in melody() if n.id == note.id)
    assert shape(changed) == (bar5 + expected[0], *expected[1:])


def test_alt_arrows_walk_and_say_where(state, roll, melody):
    said = []
    state.spoken.connect(said.append)
    press(roll, Qt.Key.Key_Right, ALT)
    press(roll, Qt.Key.Key_Right, ALT)
    assert state.selected_note_ids == {melody()[1].id}
    assert said[-1] == "Note B♭4, bar 5 beat 2, one and a half beats"
    assert roll.grid.accessibleDescription() == said[-1]


def test_copy_and_paste_at_the_playhead(document, state, melody, roll, bar5):
    state.select_notes(note.id for note in melody()[:2])
    press(roll, Qt.Key.Key_C, CTRL)
    state.set_playhead(BAR)
    press(roll, Qt.Key.Key_V, CTRL)
    pasted = [shape(note) for note in melody() if note.id in state.selected_note_ids]
    assert pasted == [(BAR, 480, 63), (BAR + 480, 720, 70)]
    assert steps(document) == ["Paste 2 notes"]


def test_cut_takes_the_notes_away(melody, state, roll):
    count = len(melody())
    state.select_notes({melody()[0].id})
    press(roll, Qt.Key.Key_X, CTRL)
    assert len(melody()) == count - 1


def test_duplicate_puts_copies_behind(state, melody, roll, bar5):
    state.select_notes({melody()[0].id})
    press(roll, Qt.Key.Key_D, CTRL)
    copies = [shape(note) for note in melody() if note.id in state.selected_note_ids]
    assert copies == [(bar5 + 480, 480, 63)]


def test_quantise_with_strength(document, state, melody, roll, bar5):
    note = melody()[0]
    state.select_notes({note.id})
    state.set_grid(Grid.QUARTER)
    roll.commands.nudge(0)
    state.set_grid(Grid.OFF)
    state.set_grid(Grid.QUARTER)
    from engine.music.edits import move_notes

    document.commit("Move note", move_notes(document.song, [note.id], 100))
    state.set_quantise(0.5, 0.5)
    press(roll, Qt.Key.Key_Q)
    assert next(n for n in melody() if n.id == note.id).start_ticks == bar5 + 50
    assert steps(document)[-1] == "Quantise note"


def test_split_and_join(document, state, melody, roll, bar5):
    note, before = melody()[0], melody()
    state.select_notes({note.id})
    state.set_playhead(bar5 + 120)
    press(roll, Qt.Key.Key_X)
    halves = [n for n in melody() if n.pitch == note.pitch and n.start_ticks < bar5 + 480]
    assert [shape(n) for n in halves] == [(bar5, 120, 63), (bar5 + 120, 360, 63)]
    state.select_notes(n.id for n in halves)
    press(roll, Qt.Key.Key_J)
    assert melody() == before


def test_lock_marks_notes_and_unlocks_them(document, state, melody, roll):
    note = melody()[0]
    state.select_notes({note.id})
    press(roll, Qt.Key.Key_L, CTRL)
    assert melody()[0].locked
    press(roll, Qt.Key.Key_L, CTRL)
    assert not melody()[0].locked
    assert steps(document) == ["Lock note", "Unlock note"]


def test_velocity_stems_are_dragged_together(document, state, roll, melody):
    first, second = melody()[:2]
    state.select_notes({first.id, second.id})
    hands = Hands(roll.velocity)
    lane = roll.velocity
    x = lane.axis.x(first.start_ticks) + 3
    reach = lane.height() - 14
    top = QPoint(round(x), round(lane.height() - 6 - first.velocity / 127 * reach))
    hands.drag(top, top + QPoint(0, -3), top + QPoint(0, 12))
    changed = [n.velocity for n in melody()[:2]]
    assert changed[0] < first.velocity - 20
    assert changed[0] - first.velocity == changed[1] - second.velocity
    assert steps(document) == ["Change velocity"]


def test_select_all_then_escape(state, melody, roll):
    press(roll, Qt.Key.Key_A, CTRL)
    assert state.selected_note_ids == {note.id for note in melody()}
    press(roll, Qt.Key.Key_Escape)
    assert not state.selected_note_ids


def test_keys_and_notes_ask_to_be_heard(qtbot, roll, state, melody, hands):
    rows = state.rows
    with qtbot.waitSignal(roll.pitch_previewed) as heard:
        QTest.mousePress(roll.keys, LEFT, pos=QPoint(20, round(rows.y(67) + 5)))
    assert heard.args == [67]
    note = melody()[0]
    with qtbot.waitSignal(roll.pitch_previewed) as heard:
        hands.click(hands.at(note.start_ticks + 100, note.pitch))
    assert heard.args == [note.pitch]


def test_the_drum_track_has_named_rows(document, state, roll):
    state.select_track(document.song.tracks[3].id)
    assert 36 in state.rows.pitches and len(state.rows.pitches) < 30
    assert roll.keys.accessibleName() == "Drums"
    state.select_track(document.song.tracks[0].id)
    assert len(state.rows.pitches) == 128


def test_dragging_beyond_the_edge_scrolls(qtbot, state, roll, hands, melody, bar5):
    note = melody()[0]
    left = state.roll_axis.left_ticks
    grab = hands.at(note.start_ticks + 200, note.pitch)
    hands.drag(grab, QPoint(roll.grid.width() + 30, grab.y()), release=False)
    qtbot.waitUntil(lambda: state.roll_axis.left_ticks > left + 500)
    QTest.mouseRelease(roll.grid, LEFT, pos=QPoint(roll.grid.width() - 5, grab.y()))
    assert next(n for n in melody() if n.id == note.id).start_ticks > 8 * BAR


def test_the_page_turns_with_the_playhead(state, roll, bar5):
    state.set_playhead(bar5)
    state.set_playhead(8 * BAR + 10)
    assert state.roll_axis.left_ticks == 8 * BAR + 10
    state.set_follow(False)
    state.set_playhead(14 * BAR)
    assert state.roll_axis.left_ticks == 8 * BAR + 10


def test_an_undo_in_the_middle_of_a_drag_ends_the_drag(document, hands, melody):
    note, before = melody()[0], melody()
    grab = hands.at(note.start_ticks + 200, note.pitch)
    hands.drag(grab, hands.at(note.start_ticks + 1000, note.pitch), release=False)
    document.cancel_gesture()
    hands.move(grab + QPoint(90, 0))
    QTest.mouseRelease(hands.canvas, LEFT, pos=grab + QPoint(90, 0))
    assert melody() == before


def test_actions_have_their_own_ids_and_keys(roll, timeline):
    for view in (roll, timeline):
        actions = view.canvas_actions
        assert len({action.id for action in actions}) == len(actions)
        keys = [action.key for action in actions if action.key]
        assert len(set(keys)) == len(keys)


def test_an_artists_own_key(state, roll, melody):
    count = len(melody())
    roll.key_table.rebind({"notes.delete": "Shift+R"})
    state.select_notes({melody()[0].id})
    press(roll, Qt.Key.Key_Delete)
    assert len(melody()) == count
    press(roll, Qt.Key.Key_R, SHIFT)
    assert len(melody()) == count - 1


def test_drawing_in_an_empty_song_makes_a_part(document, state, roll):
    document.commit("Nothing", Song())
    hands = Hands(roll.grid)
    hands.double_click(hands.at(0, 60))
    track = document.song.tracks[0]
    assert (track.name, track.role) == ("Melody", Role.MELODY)
    assert [note.pitch for note in track.notes] == [60]


def test_what_is_done_is_announced(monkeypatch, state, roll):
    class Ear:
        heard: ClassVar[list[str]] = []

        @classmethod
        def updateAccessibility(cls, event):
            cls.heard.append(event.message())

    monkeypatch.setattr("app.ui.canvas.roll.QAccessible", Ear)
    press(roll, Qt.Key.Key_Period)
    assert Ear.heard == ["Grid 1/16"]


def test_the_keyboard_alone_writes_moves_and_lengthens(document, state, roll, melody):
    count = len(melody())
    for key, modifiers in (
        (Qt.Key.Key_N, None),
        (Qt.Key.Key_Up, None),
        (Qt.Key.Key_Right, CTRL),
        (Qt.Key.Key_Up, ALT),
    ):
        press(roll, key, modifiers or Qt.KeyboardModifier.NoModifier)
    written = next(note for note in melody() if note.id in state.selected_note_ids)
    assert len(melody()) == count + 1
    assert (written.start_ticks, written.duration_ticks, written.velocity) == (0, 480, 85)
    assert steps(document) == ["Draw note", "Transpose note", "Resize note", "Change velocity"]


def test_zoom_in_pitch_and_time_by_key(state, roll):
    row_px, scale = state.rows.row_px, state.roll_axis.px_per_tick
    press(roll, Qt.Key.Key_Up, CTRL | SHIFT)
    press(roll, Qt.Key.Key_Equal, CTRL)
    assert state.rows.row_px == row_px * 1.25
    assert state.roll_axis.px_per_tick == pytest.approx(scale * 1.25)
    press(roll, Qt.Key.Key_Z, SHIFT)
    assert state.roll_axis.x(16 * BAR) == pytest.approx(roll.grid.width())
