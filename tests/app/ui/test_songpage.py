"""The open song: transport, corrections, undo, export, palette, tour."""

import os
import signal
from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QLineEdit, QPushButton, QWidget

from app.ui import handing
from app.ui.handing import Handed
from app.ui.palette import Choice, match_score, ranked
from engine.formats.midi import read_midi
from engine.formats.songfile import Act
from engine.music import Aspect, Key, Metre
from tests.app.demo import BAR

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


def press_in(box, text: str, qtbot) -> None:
    made = next(each for each in box.findChildren(QPushButton) if each.text() == text)
    qtbot.mouseClick(made, Qt.MouseButton.LeftButton)


def chooser(window):
    return next(box for box in window.findChildren(QWidget, "chooser") if box.isVisible())


def test_the_bar_says_whose_song_how_fast_and_where(song_window):
    bar = song_window.bar
    assert (bar.title.text(), bar.tempo.value, bar.metre.value, bar.key.value) == (
        "Harbour lights", "92.0", "4/4", "E♭ major",
    )  # fmt: skip
    song_window.page.state.set_playhead(8 * BAR + 1 * 480 + 240)
    assert bar.position.text() == "009.2.3"
    assert bar.saved.text().startswith("saved ")
    assert song_window.windowTitle() == "Harbour lights – Understudy"
    assert song_window.status.shares.text() == "Yours 100% · accepted 0% · edited ideas 0%"


def test_space_plays_and_stops_and_home_goes_back(song_window, qtbot):
    qtbot.keyClick(song_window, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: song_window.page.state.playhead_ticks > 0, timeout=8000)
    assert song_window.bar.play.accessibleName() == "Stop"
    qtbot.keyClick(song_window, Qt.Key.Key_Space)
    assert not song_window.player.is_playing
    qtbot.keyClick(song_window, Qt.Key.Key_Home)
    assert song_window.bar.position.text() == "001.1.1"


def test_the_loop_is_the_selected_bars(song_window, qtbot):
    qtbot.keyClick(song_window, Qt.Key.Key_L)
    assert song_window.page.state.loop == (8, 12) and song_window.bar.loop.isChecked()
    qtbot.keyClick(song_window, Qt.Key.Key_L)
    assert song_window.page.state.loop is None and not song_window.bar.loop.isChecked()


def test_a_corrected_key_holds_and_can_be_undone(song_window, qtbot):
    qtbot.mouseClick(song_window.bar.key, Qt.MouseButton.LeftButton)
    press_in(chooser(song_window), "A♭", qtbot)
    qtbot.waitUntil(lambda: song_window.bar.key.value == "A♭ major")
    song = song_window.document.song
    assert song.key == Key(8) and Aspect.KEY in song.corrected
    qtbot.waitUntil(lambda: "yours" in song_window.bar.key.note)
    assert song_window.document.undo_name == "Correct the key to A♭ major"
    assert any(row.act == Act.CORRECT for row in song_window.document.ledger())
    qtbot.keyClick(song_window, Qt.Key.Key_Z, CTRL)
    qtbot.waitUntil(lambda: song_window.bar.key.value == "E♭ major")


def test_a_tempo_is_typed(song_window, qtbot):
    qtbot.keyClick(song_window, Qt.Key.Key_T, CTRL)
    field = chooser(song_window).field
    field.selectAll()
    qtbot.keyClicks(field, "104")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: song_window.bar.tempo.value == "104.0")
    assert Aspect.TEMPO in song_window.document.song.corrected


def test_a_tempo_is_tapped(song_window, qtbot, monkeypatch):
    moments = iter([10.0, 10.5, 11.0, 11.5])
    monkeypatch.setattr("app.ui.corrections.time.monotonic", lambda: next(moments))
    for _ in range(4):
        qtbot.keyClick(song_window, Qt.Key.Key_T)
    qtbot.waitUntil(lambda: song_window.bar.tempo.value == "120.0")


def test_a_metre_is_chosen(song_window, qtbot):
    qtbot.mouseClick(song_window.bar.metre, Qt.MouseButton.LeftButton)
    press_in(chooser(song_window), "3/4", qtbot)
    qtbot.waitUntil(lambda: song_window.bar.metre.value == "3/4")
    assert song_window.document.song.time_map.metre_at(0) == Metre(3, 4)


def test_escape_closes_a_chooser_and_changes_nothing(song_window, qtbot):
    before = song_window.document.song
    qtbot.keyClick(song_window, Qt.Key.Key_K, CTRL | SHIFT)
    box = chooser(song_window)
    qtbot.keyClick(box, Qt.Key.Key_Escape)
    assert box.isHidden() and song_window.document.song is before


def test_a_song_gets_a_name(song_window, qtbot):
    qtbot.keyClick(song_window, Qt.Key.Key_F2)
    line = chooser(song_window).findChild(QLineEdit)
    line.setText("<b>Pier</b>")
    qtbot.keyClick(line, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: song_window.bar.title.text() == "<b>Pier</b>")
    assert song_window.bar.title.textFormat() == Qt.TextFormat.PlainText


def test_exporting_writes_what_is_in_the_song(song_window, qtbot, home):
    song_window.picker.path = home / "out.mid"
    qtbot.keyClick(song_window, Qt.Key.Key_E, CTRL | SHIFT)
    back = read_midi((home / "out.mid").read_bytes()).song
    sent = song_window.document.song
    by_name = {track.name: track for track in back.tracks}
    for track in sent.tracks:
        assert [(n.start_ticks, n.duration_ticks, n.pitch) for n in by_name[track.name].notes] == [
            (n.start_ticks, n.duration_ticks, n.pitch) for n in track.notes
        ]
    assert song_window.picker.proposed.name == "Harbour lights - Song - 92bpm - Eb.mid"
    assert any(row.act == Act.EXPORT for row in song_window.document.ledger())
    assert "out.mid" in song_window.status.sentence


def test_exporting_parts_writes_a_file_for_each(song_window, qtbot, home):
    song_window.picker.path = home / "parts"
    song_window.actions_map["export.parts"].trigger()
    names = sorted(path.name for path in (home / "parts").iterdir())
    assert len(names) == 5 and "Harbour lights - Bass - 92bpm - Eb.mid" in names


def test_a_folder_that_takes_no_file_is_named(song_window, home):
    song_window.picker.path = home / "missing" / "out.mid"
    song_window.actions_map["export.midi"].trigger()
    assert "out.mid" in song_window.banner.sentence


@pytest.mark.parametrize(("what", "tracks", "part"), [(Handed.SONG, 4, "Song"), (Handed.TRACK, 1, "Bass")])
def test_what_hangs_on_the_mouse(song_window, what, tracks, part):
    song_window.page.state.select_track(song_window.document.song.tracks[2].id)
    song, name = handing.what_is_handed(song_window.page, what)
    path = handing.finished_file(song, name)
    assert path.name == f"Harbour lights - {part} - 92bpm - Eb.mid"
    assert len([t for t in read_midi(path.read_bytes()).song.tracks if t.name != "Chords"]) == tracks


def test_save_as_moves_the_draft(song_window, home):
    draft = song_window.document.path
    song_window.picker.path = home / "pier.understudy"
    song_window.actions_map["song.save_as"].trigger()
    assert song_window.document.path == home / "pier.understudy" and not draft.exists()
    assert [song.path for song in song_window.settings.recent] == [str(home / "pier.understudy")]


def test_undo_and_redo_say_what_they_do(song_window, qtbot):
    song_window.page.corrections.correct_metre(Metre(3, 4))
    assert song_window.actions_map["edit.undo"].text() == "Undo Correct the metre to 3/4"
    qtbot.keyClick(song_window, Qt.Key.Key_Z, CTRL)
    assert song_window.actions_map["edit.redo"].text() == "Redo Correct the metre to 3/4"
    assert song_window.document.song.time_map.metre_at(0) == Metre(4, 4)
    qtbot.keyClick(song_window, Qt.Key.Key_Z, CTRL | SHIFT)
    assert song_window.document.song.time_map.metre_at(0) == Metre(3, 4)


def test_the_palette_finds_and_does(song_window, qtbot):
    qtbot.keyClick(song_window, Qt.Key.Key_K, CTRL)
    palette = song_window.wake().palette
    assert palette.isVisible() and "Quantise" in palette.titles() and "Metronome" in palette.titles()
    qtbot.keyClicks(palette.field, "metro")
    assert palette.titles()[0] == "Metronome"
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    assert palette.isHidden() and song_window.settings.metronome
    qtbot.keyClick(song_window, Qt.Key.Key_M)
    assert not song_window.settings.metronome


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("", "Undo"),
        ("exp", "Export a MIDI file"),
        ("loop", "Loop the selected bars"),
        ("emf", "Export a MIDI file"),
    ],
)
def test_letters_find_commands(typed, first):
    titles = ("Undo", "Loop the selected bars", "Export a MIDI file", "Make loops, a MIDI example of")
    choices = [Choice(title, "", "", lambda: None) for title in titles]
    assert ranked(typed, choices)[0].title == first


def test_letters_out_of_order_do_not_fit():
    assert match_score("odnu", "Undo") is None


def test_the_tour_has_five_steps_and_ends(song_window, qtbot):
    qtbot.keyClick(song_window, Qt.Key.Key_F1)
    texts = []
    while song_window.tour is not None:
        texts.append(song_window.tour.text)
        qtbot.keyClick(song_window.tour, Qt.Key.Key_Return)
    assert len(texts) == len(set(texts)) == 5
    assert song_window.settings.tour_seen


def test_dragging_starts_with_the_song(song_window, qtbot, monkeypatch):
    dragged = []
    monkeypatch.setattr(
        handing, "start_drag", lambda widget, path: dragged.append(path) or True
    )  # no other program
    handle = song_window.bar.drag
    qtbot.mousePress(handle, Qt.MouseButton.LeftButton, pos=QPoint(20, 15))
    qtbot.mouseMove(handle, QPoint(60, 40))
    assert [path.name for path in dragged] == ["Harbour lights - Song - 92bpm - Eb.mid"]
    assert read_midi(dragged[0].read_bytes()).song.bars == 16


def test_an_engine_that_dies_is_said_and_comes_back_and_the_song_is_untouched(song_window, engine, qtbot):
    qtbot.waitUntil(lambda: engine.state == "ready", timeout=20_000)
    before = song_window.document.song
    os.kill(engine.process_id, signal.SIGKILL)
    qtbot.waitUntil(lambda: "starting it again" in song_window.bar.engine.words, timeout=10_000)
    qtbot.waitUntil(lambda: "CPU" in song_window.bar.engine.words, timeout=20_000)
    assert song_window.document.song is before


def test_keys_of_the_map_are_used_once(song_window):
    keys = [key for command, _ in song_window.actions_map for key in command.keys]
    assert len(keys) == len(set(keys))
    assert all(action.text() for _, action in song_window.actions_map)


def test_own_keys_outrank_the_shipped_ones(make_window, qtbot):
    from app.settings import settings

    window = make_window(replace(settings.Settings(), keys={"song.new": ["F9"]}))
    qtbot.keyClick(window, Qt.Key.Key_N, CTRL)
    assert window.page is None
    qtbot.keyClick(window, Qt.Key.Key_F9)
    assert window.page is not None


def test_the_same_song_is_found_where_it_was_left(song_window, qtbot):
    path = song_window.document.path
    song = song_window.document.song
    song_window.page.corrections.correct_tempo(100)
    song_window.show_start()
    song_window.open_file(path)
    qtbot.waitUntil(lambda: song_window.document is not None)
    assert song_window.document.song.tracks == song.tracks
    assert song_window.bar.tempo.value == "100.0"
    assert song_window.document.can_undo
