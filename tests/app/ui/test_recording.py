"""Recording in the window: by key, with a singer for a microphone and the real engine behind it."""

import time

import numpy as np
import pytest
import soundfile
from PySide6.QtCore import QPoint, Qt

from app.document.document import SongDocument
from app.playback.errors import NoSound
from app.playback.input import Microphone
from app.playback.recorder import Sound
from app.settings.paths import recordings_folder, takes_folder
from app.ui.levelmeter import level_words
from app.ui.opening import with_recording
from app.ui.recordbox import RecordBox
from app.ui.recording import RecordedTake
from app.ui.spill import left_over
from app.ui.takestore import read_take, write_take
from app.ui.takingin import with_take
from engine.api.audio import AudioFacts, HeardNote, PlayedTo, Pulse
from engine.music import Note, Origin, Role, Song, Tempo, TimeMap, Track
from tests.app.demo import BAR, harbour_lights
from tests.app.ui.conftest import named
from tests.app.ui.singing import RATE, Singer, sung


def hum_of_the_mains(_self) -> np.ndarray:
    """Nothing that is music."""
    time.sleep(0.01)
    return np.full((2205, 1), 0.01, np.float32)


@pytest.fixture
def singer(monkeypatch):
    monkeypatch.setattr(Microphone, "open", staticmethod(Singer))


def box_of(window) -> RecordBox:
    return next(box for box in window.findChildren(RecordBox) if box.isVisible())


def record(window, qtbot, seconds=2.0) -> RecordBox:
    qtbot.keyClick(window, Qt.Key.Key_R)
    box = box_of(window)
    qtbot.waitUntil(lambda: box.session.recorder.is_listening and box.meter.accessibleName().endswith("good"))
    box.count_in.setChecked(False)
    qtbot.keyClick(box, Qt.Key.Key_R)
    qtbot.waitUntil(lambda: box.session.recorder.seconds >= seconds, timeout=10_000)
    qtbot.keyClick(box, Qt.Key.Key_R)
    qtbot.wait(20)
    return box


@pytest.mark.timeout(240)
def test_a_voice_is_recorded_from_the_start_page_and_becomes_a_song(window, singer, qtbot):
    box = record(window, qtbot)
    assert [take.name for take in box.session.takes] == ["Take 1"]
    assert box.session.takes[0].sound.duration_s == pytest.approx(2.0, abs=0.6)
    qtbot.keyClick(box, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.page is not None, timeout=90_000)
    document = window.document
    assert [sketch.source for sketch in document.sketches] == ["recording"]
    assert [each.sha256 for each in document.song.recordings] == [document.sketches[0].sha256]
    heard = document.song.track_in_role(Role.MELODY)
    assert heard is not None and {note.pitch % 12 for note in heard.notes} & {0, 2, 4, 7}
    assert "Heard as" in window.banner.sentence
    assert waiting_files() == [] and list(recordings_folder().iterdir()) == []
    wave = window.page.roll.wave
    assert wave.isVisible()
    qtbot.waitUntil(
        lambda: window.page.tapes.tape(document.song.recordings[0].sha256) is not None, timeout=20_000
    )


def test_takes_are_heard_and_thrown_away(window, singer, qtbot):
    box = record(window, qtbot, 0.3)
    qtbot.mouseClick(named(box, "Hear Take 1"), Qt.MouseButton.LeftButton)
    assert box.session.heard is box.session.takes[0]
    qtbot.wait(20)
    qtbot.waitUntil(lambda: window.player.is_playing)
    qtbot.mouseClick(named(box, "Hear Take 1"), Qt.MouseButton.LeftButton)
    assert box.session.heard is None
    qtbot.wait(20)
    qtbot.mouseClick(named(box, "Throw Take 1 away"), Qt.MouseButton.LeftButton)
    assert box.session.takes == []
    qtbot.keyClick(box, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not window.findChildren(RecordBox))


def test_any_number_of_takes_has_room(window, singer, qtbot):
    box = record(window, qtbot, 0.3)
    assert not box._said.isVisible()  # it does not go on saying that it records
    for number in range(2, 9):
        box.session.takes.append(RecordedTake(number, box.session.takes[0].sound))
        box.session.changed.emit()
        qtbot.wait(20)
        assert box.height() == box.sizeHint().height() <= 500
        assert box.record.geometry().bottom() < box.count_in.geometry().top()
        newest = box.takes.use_newest
        assert newest.height() >= newest.sizeHint().height()
        seen = box.takes.viewport().rect()
        assert seen.contains(newest.mapTo(box.takes.viewport(), newest.rect().center()))
    box.takes.verticalScrollBar().setValue(0)
    qtbot.mouseClick(named(box, "Hear Take 1"), Qt.MouseButton.LeftButton)
    qtbot.wait(20)
    assert box.takes.verticalScrollBar().value() == 0  # the row that was pressed stays in sight
    for take in tuple(box.session.takes):
        box.session.throw_away(take)
    qtbot.keyClick(box, Qt.Key.Key_Escape)


def test_a_take_that_was_not_used_waits_until_the_recorder_is_opened_again(window, singer, qtbot):
    box = record(window, qtbot, 0.3)
    qtbot.keyClick(box, Qt.Key.Key_Escape)
    assert window.status.sentence.startswith("1 take waits in the recorder")
    qtbot.keyClick(window, Qt.Key.Key_R)
    again = box_of(window)
    assert again is not box and [take.name for take in again.session.takes] == ["Take 1"]
    assert named(again, "Use Take 1").isVisible() and again.record.hasFocus()
    used = []
    again.take_used.disconnect()
    again.take_used.connect(lambda take, _mode: used.append(take.name))
    qtbot.keyClick(again.record, Qt.Key.Key_Return)  # as the button says, not “record”
    assert used == ["Take 1"] and not again.session.is_recording and not again.session.is_counting
    qtbot.mouseClick(named(again, "Throw Take 1 away"), Qt.MouseButton.LeftButton)
    qtbot.keyClick(again, Qt.Key.Key_Escape)


def test_the_longest_take_is_announced_and_kept_whole(window, singer, qtbot, monkeypatch):
    monkeypatch.setattr("app.playback.recorder.LONGEST_S", 61.0)
    monkeypatch.setattr(Singer, "read", lambda self: (time.sleep(0.05), sung()[:11025])[1])
    qtbot.keyClick(window, Qt.Key.Key_R)
    box = box_of(window)
    qtbot.waitUntil(lambda: box.session.recorder.is_listening)
    box.count_in.setChecked(False)
    qtbot.keyClick(box, Qt.Key.Key_R)
    assert box._said.text() == "Recording."
    qtbot.waitUntil(lambda: box.session.recorder.seconds > 2.0, timeout=10_000)
    assert box._said.text() == "Recording."
    monkeypatch.setattr(Singer, "read", lambda self: (time.sleep(0.01), sung())[1])
    qtbot.waitUntil(lambda: "ends by itself in" in box._said.text(), timeout=10_000)
    assert box._said.isVisible()
    monkeypatch.setattr(Singer, "read", lambda self: (time.sleep(0.01), sung())[1])
    qtbot.waitUntil(lambda: not box.session.is_recording, timeout=10_000)
    assert box._said.text().startswith("It ended at 1 minute,")
    assert 61.0 <= box.session.takes[0].sound.duration_s < 64.0
    qtbot.mouseClick(named(box, "Throw Take 1 away"), Qt.MouseButton.LeftButton)
    qtbot.keyClick(box, Qt.Key.Key_Escape)


def waiting_files():
    return sorted(takes_folder().iterdir())


def test_takes_wait_on_disk_and_are_offered_at_the_next_start(make_window, singer, qtbot):
    window = make_window()
    box = record(window, qtbot, 0.3)
    qtbot.keyClick(box, Qt.Key.Key_R)
    qtbot.waitUntil(lambda: box.session.recorder.seconds > 0.2)
    sound = box.session.takes[0].sound
    window._workshop.recording.close()  # as when the window is closed, in the middle of a take
    assert len(waiting_files()) == 2
    again = make_window()
    qtbot.waitUntil(lambda: again.banner.sentence == "2 takes wait in the recorder.")
    qtbot.mouseClick(again.banner.choices()[0], Qt.MouseButton.LeftButton)
    box = box_of(again)
    qtbot.waitUntil(lambda: len(box.session.takes) == 2)
    assert [take.name for take in box.session.takes] == ["Take 1", "Take 2"]
    np.testing.assert_allclose(box.session.takes[0].sound.samples, sound.samples, atol=1e-6)
    qtbot.mouseClick(named(box, "Throw Take 1 away"), Qt.MouseButton.LeftButton)
    qtbot.mouseClick(named(box, "Throw Take 2 away"), Qt.MouseButton.LeftButton)
    assert waiting_files() == []
    qtbot.keyClick(box, Qt.Key.Key_Escape)


def test_what_was_being_recorded_when_everything_stopped_is_a_take_of_the_next_start(
    make_window, singer, qtbot
):
    window = make_window()
    qtbot.keyClick(window, Qt.Key.Key_R)
    box = box_of(window)
    qtbot.waitUntil(lambda: box.session.recorder.is_listening)
    box.count_in.setChecked(False)
    qtbot.keyClick(box, Qt.Key.Key_R)
    spills = lambda: list(takes_folder().glob("*.spill"))  # noqa: E731
    qtbot.waitUntil(lambda: bool(spills()) and spills()[0].stat().st_size > 1.5 * RATE * 4, timeout=15_000)
    assert left_over() == []  # it is being recorded: not for another window
    lost = spills()[0].read_bytes()
    sound = box.session.recorder.kept_since(0)
    qtbot.keyClick(box, Qt.Key.Key_R)
    window._workshop.recording.close()
    assert spills() == [] and len(waiting_files()) == 1  # the take itself is there now
    (takes_folder() / "now-x.spill").write_bytes(lost[:-3])  # as it is found after a fall
    again = make_window()
    qtbot.waitUntil(lambda: again.banner.sentence.startswith("2 takes wait"))
    qtbot.keyClick(again, Qt.Key.Key_R)
    box = box_of(again)
    qtbot.waitUntil(lambda: len(box.session.takes) == 2)
    found = box.session.takes[1].sound
    assert found.rate == RATE and found.duration_s > 1.4
    np.testing.assert_array_equal(found.samples, sound[: len(found.samples)])
    for take in tuple(box.session.takes):
        box.session.throw_away(take)
    assert waiting_files() == []
    qtbot.keyClick(box, Qt.Key.Key_Escape)


def test_a_kept_take_that_is_damaged_hides_no_other_and_is_not_thrown_away(make_window, singer, qtbot):
    (takes_folder() / "take-1.flac").write_bytes(b"no sound at all")
    write_take(RecordedTake(7, Sound(RATE, sung())), takes_folder() / "take-2.flac")
    window = make_window()
    qtbot.keyClick(window, Qt.Key.Key_R)
    box = box_of(window)
    qtbot.waitUntil(lambda: [take.name for take in box.session.takes] == ["Take 7"])
    assert window.banner.sentence.startswith("1 of the takes in") and len(waiting_files()) == 2
    assert window._workshop.recording._store.count() == 1  # it is not offered again
    qtbot.keyClick(box, Qt.Key.Key_Escape)


def test_a_take_in_which_nothing_was_heard_waits_on(window, singer, qtbot, monkeypatch):
    monkeypatch.setattr(Singer, "read", hum_of_the_mains)
    qtbot.keyClick(window, Qt.Key.Key_R)
    box = box_of(window)
    qtbot.waitUntil(lambda: box.session.recorder.is_listening)
    box.count_in.setChecked(False)
    qtbot.keyClick(box, Qt.Key.Key_R)
    qtbot.waitUntil(lambda: box.session.recorder.seconds >= 0.5)
    qtbot.keyClick(box, Qt.Key.Key_R)
    qtbot.keyClick(box, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.status.sentence == "The take still waits in the recorder.", timeout=60_000)
    assert window.page is None and window.banner.sentence
    assert [take.name for take in window._workshop.recording._waiting] == ["Take 1"]
    assert len(waiting_files()) == 1


def test_a_take_is_a_file_and_back_with_all_that_is_known_of_it(tmp_path):
    tempos = tuple(Tempo.of_bpm(480 * n, 90 + n % 30) for n in range(2000))
    sound = Sound(RATE, sung())
    take = RecordedTake(3, sound, 960, PlayedTo(TimeMap(tempos), 1.5, Pulse.COUNT))
    back = read_take(write_take(take, tmp_path / "a.flac"))
    assert (back.number, back.tick, back.played_to) == (3, 960, take.played_to)
    np.testing.assert_allclose(back.sound.samples, sound.samples, atol=1e-6)
    (tmp_path / "b.flac").write_bytes(b"no sound at all")
    assert read_take(tmp_path / "b.flac") is None


def test_a_silent_take_is_refused_where_it_was_recorded(window, singer, qtbot, monkeypatch):
    box = record(window, qtbot, 0.3)
    sound = box.session.takes[0].sound
    monkeypatch.setattr(box.session, "takes", [RecordedTake(1, Sound(sound.rate, sound.samples * 0))])
    qtbot.keyClick(box, Qt.Key.Key_Return)
    assert box._said.text().startswith("Take 1 is silent.") and box.isVisible()
    qtbot.keyClick(box, Qt.Key.Key_Escape)


def test_without_a_microphone_one_sentence_says_so(window, qtbot, monkeypatch):
    def none():
        raise NoSound("No microphone or line input was found. Plug one in and press Record again.")

    monkeypatch.setattr(Microphone, "open", staticmethod(none))
    qtbot.keyClick(window, Qt.Key.Key_R)
    box = box_of(window)
    qtbot.waitUntil(lambda: "No microphone" in box._said.text())
    monkeypatch.setattr(Microphone, "open", staticmethod(Singer))
    qtbot.keyClick(box, Qt.Key.Key_R)  # one was plugged in
    qtbot.waitUntil(lambda: box.session.recorder.is_listening)
    qtbot.waitUntil(lambda: not box._said.isVisible())
    qtbot.keyClick(box, Qt.Key.Key_Escape)


def test_in_a_song_the_take_begins_after_the_count_where_the_head_stands(song_window, singer, qtbot):
    song_window.page.state.set_playhead(4 * BAR)
    qtbot.keyClick(song_window, Qt.Key.Key_R)
    box = box_of(song_window)
    qtbot.waitUntil(lambda: box.session.recorder.is_listening)
    qtbot.keyClick(box, Qt.Key.Key_R)
    assert box.session.is_counting and not box.session.is_recording
    qtbot.waitUntil(lambda: box.session.is_recording, timeout=15_000)
    qtbot.waitUntil(lambda: box.session.recorder.seconds > 0.2, timeout=10_000)
    qtbot.keyClick(box, Qt.Key.Key_R)
    (take,) = box.session.takes
    assert 4 * BAR < take.tick < 5 * BAR
    time_map = song_window.document.song.time_map
    assert take.played_to == PlayedTo(time_map, time_map.seconds_at(take.tick), Pulse.BARS)
    assert not song_window.player.is_playing and not song_window.document.can_undo
    qtbot.keyClick(box, Qt.Key.Key_Escape)


@pytest.mark.parametrize(
    ("counts", "clicks", "pulse"),
    [(True, False, Pulse.COUNT), (True, True, Pulse.BARS), (False, True, Pulse.BARS), (False, False, None)],
)
def test_a_take_knows_the_beat_it_was_played_to(window, singer, qtbot, monkeypatch, counts, clicks, pulse):
    qtbot.keyClick(window, Qt.Key.Key_R)
    box = box_of(window)
    qtbot.waitUntil(lambda: box.session.recorder.is_listening)
    box.count_in.setChecked(counts)
    box.click.setChecked(clicks)
    box.tempo.setValue(240)
    qtbot.keyClick(box, Qt.Key.Key_R)
    qtbot.waitUntil(lambda: box.session.recorder.seconds > 0.1, timeout=15_000)
    qtbot.keyClick(box, Qt.Key.Key_R)
    beat = box.session.takes[0].played_to
    assert (beat.pulse if beat else None) == pulse
    asked = []
    monkeypatch.setattr(window.link, "send", lambda question, _answered: asked.append(question) or 1)
    qtbot.keyClick(box, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: bool(asked))
    assert asked[0].played_to == beat  # it is told to the engine
    if beat is not None:
        assert beat.time_map.tempos[0].bpm == 240 and 0 < beat.begins_s < 0.5


@pytest.mark.timeout(240)
def test_a_recording_dropped_on_the_tracks_goes_into_the_song_there(song_window, qtbot, tmp_path):
    path = tmp_path / "hum.wav"
    soundfile.write(path, sung(), RATE)
    before = song_window.document.song
    lanes = song_window.page.timeline.lanes
    x = lanes.axis.x(4 * BAR) + 5
    song_window._take_dropped(path, lanes.mapTo(song_window, QPoint(round(x), 20)))
    qtbot.waitUntil(lambda: song_window.document.undo_name == "Record a take", timeout=90_000)
    song, state = song_window.document.song, song_window.page.state
    assert song.recordings[0].tick == 4 * BAR
    assert state.playhead_ticks == 4 * BAR  # it is shown where it begins
    assert 0 <= state.roll_axis.x(4 * BAR) < song_window.page.roll.grid.width() / 4
    new = song.tracks[-1]
    assert new.notes and 4 * BAR <= new.notes[0].start_ticks < 6 * BAR
    assert [sketch.source for sketch in song_window.document.sketches] == ["file"]
    qtbot.keyClick(song_window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert song_window.document.song.tracks == before.tracks and not song_window.document.song.recordings


@pytest.mark.timeout(240)
def test_what_is_wrong_with_a_recording_is_said_in_an_open_song_too(song_window, qtbot, tmp_path):
    path = tmp_path / "loud.wav"
    soundfile.write(path, np.clip(sung() * 20, -1.0, 1.0), RATE)
    assert song_window.wake().recording.takes_in(path, 0)
    qtbot.waitUntil(lambda: song_window.document.undo_name == "Record a take", timeout=90_000)
    assert "clipped" in song_window.banner.sentence


def test_notes_are_drawn_as_they_are_heard(window, qtbot):
    banner, opening = window.banner, window.opening
    opening.working.emit("Listening", -1.0)
    opening.heard.emit((HeardNote(0.0, 1.0, 60), HeardNote(1.0, 2.0, 72, certainty=0.4)), 4.0)
    assert banner.heard.isVisible()
    (low, sure), (high, unsure) = banner.heard.bars()
    assert low.top() > high.top() and low.right() <= high.left() < banner.heard.width() / 2
    assert sure == 1.0 and unsure < 0.7
    opening.working.emit("Listening", 0.5)
    opening.heard.emit((HeardNote(5.0, 8.0, 66),), 8.0)
    assert len(banner.heard.bars()) == 3 and banner.heard.bars()[1][0].right() < high.right()
    assert all(banner.heard.rect().contains(where.toRect()) for where, _ in banner.heard.bars())
    opening.stopped.emit()
    opening.working.emit("Listening", -1.0)
    assert not banner.heard.isVisible()  # of another recording nothing has been heard yet
    banner.clear()


def test_the_window_takes_in_whatever_the_engine_knows_as_a_recording():
    from app.ui import mainwindow, opening
    from engine.formats import audio

    assert opening.READ_SUFFIXES == audio.SUFFIXES
    assert opening.FOREIGN_SUFFIXES == audio._ELSEWHERE
    assert set(mainwindow.OPENED) == {".understudy", *opening.SKETCH_SUFFIXES}


@pytest.mark.parametrize("is_open", [False, True])
def test_a_voice_memo_that_cannot_be_read_is_told_what_to_do(window, qtbot, tmp_path, is_open):
    path = tmp_path / "memo.m4a"
    path.write_bytes(b"\0\0\0\x20ftypM4A " + bytes(100))
    if is_open:
        window.opening.opened.emit(SongDocument.create(None, harbour_lights()), None)
        assert window.wake().recording.takes_in(path, 0)
    else:
        window.open_file(path)
    qtbot.waitUntil(
        lambda: "save it as WAV, FLAC, OGG or MP3 first" in window.banner.sentence, timeout=20_000
    )


@pytest.mark.timeout(240)
def test_a_voice_memo_in_opus_is_heard(window, qtbot, tmp_path):
    path = tmp_path / "memo.opus"
    soundfile.write(path, sung()[:, 0], 24000, format="OGG", subtype="OPUS")
    window.open_file(path)
    qtbot.waitUntil(lambda: window.page is not None, timeout=90_000)
    sha256 = window.document.song.recordings[0].sha256
    qtbot.waitUntil(lambda: window.page.tapes.tape(sha256) is not None, timeout=20_000)


@pytest.mark.timeout(240)
def test_a_recording_too_large_for_a_song_is_heard_and_not_kept(window, qtbot, tmp_path, monkeypatch):
    monkeypatch.setattr("app.ui.opening.MOST_KEPT_BYTES", 10_000)
    path = tmp_path / "concert.wav"
    soundfile.write(path, sung(), RATE)
    window.open_file(path)
    qtbot.waitUntil(lambda: window.page is not None, timeout=90_000)
    assert any(window.document.song.notes()) and not window.document.song.recordings
    assert not window.document.sketches and "too large to be kept" in window.banner.sentence
    assert window.wake().recording.takes_in(path, 0) and "By itself" in window.banner.sentence


# what becomes of it, without a window -----------------------------------------------------


def test_a_recorded_second_is_a_second_of_the_song():
    song = harbour_lights()
    heard = Song(
        time_map=TimeMap((Tempo.of_bpm(0, 60),)),
        tracks=(Track(1, "Voice", Role.MELODY, 52, (Note(2, 480, 240, 67, 80, Origin.PLAYED),)),),
        next_id=3,
    )
    audio = AudioFacts("f" * 64, 4.0, offset_s=0.25)  # tick 480 is the song's second 1, the file's 0.75
    after = with_take(song, heard, audio, "take.flac", 4 * BAR)
    new = after.tracks[-1]
    second = after.time_map.seconds_at(new.notes[0].start_ticks) - after.time_map.seconds_at(4 * BAR)
    assert second == pytest.approx(0.75, abs=0.002)
    assert (new.name, new.role, new.notes[0].origin) == ("Voice", Role.COUNTER, Origin.PLAYED)
    recording = after.recordings[0]
    assert recording.second_at(
        after.time_map.seconds_at(new.notes[0].start_ticks), after.time_map
    ) == pytest.approx(0.75, abs=0.002)
    assert after.tracks[:4] == song.tracks


@pytest.mark.parametrize(
    ("bpm", "lead_s", "start"),
    [
        (92.05, 0.02, 480),  # a loop of the song's tempo, a little late: on the beat
        (46.0, 0.0, 960),  # heard half as fast
        (184.0, 0.0, 240),  # and twice
        (92.05, 0.2, None),  # between the beats: where it was played
        (95.0, 0.0, None),  # another tempo
    ],
)
def test_a_loop_as_fast_as_the_song_lies_on_its_beats(bpm, lead_s, start):
    song = harbour_lights()  # 92 bpm
    heard = Song(
        time_map=TimeMap((Tempo.of_bpm(0, bpm),)),
        tracks=(Track(1, "Voice", Role.MELODY, 52, (Note(2, 480, 240, 67, 80, Origin.IMPORTED),)),),
        next_id=3,
    )
    after = with_take(song, heard, AudioFacts("f" * 64, 9.0, offset_s=-lead_s), "loop.wav", 4 * BAR)
    note = after.tracks[-1].notes[0]
    played_s = after.time_map.seconds_at(4 * BAR) + 60 / bpm + lead_s
    assert after.time_map.seconds_at(note.start_ticks) == pytest.approx(played_s, abs=0.06)
    assert (note.start_ticks - 4 * BAR == start) == (start is not None)
    assert start is not None or note.start_ticks == round(after.time_map.tick_at(played_s))


def test_an_imported_recording_lies_where_it_was_heard():
    song = with_recording(harbour_lights(), "memo.wav", AudioFacts("f" * 64, 9.0, offset_s=-0.25))
    assert song.recordings[0].second_at(0.0, song.time_map) == 0.25


def test_levels_in_words():
    assert [level_words(db) for db in (-60, -48, -20, -0.5)] == [
        "nothing is heard",
        "quiet",
        "good",
        "too loud",
    ]


# the wave ------------------------------------------------------------------------------------
