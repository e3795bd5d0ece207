"""A recording under the notes: mixed, moved with the bars, kept by the song file and by undo."""

from dataclasses import replace

import pytest

from engine.formats.songfile import SongFile
from engine.music import EditError, Recording, Song, Tempo, TimeMap, edits
from engine.music.codec import from_json, to_json
from tests.app.demo import BAR, harbour_lights

MEMO = Recording("a" * 64, "Voice memo 14.wav", 9.0, at_s=0.25)


@pytest.fixture
def song() -> Song:
    return edits.add_recording(harbour_lights(), MEMO)


def test_seconds_of_the_recording_run_on_from_its_tick():
    time_map = TimeMap((Tempo.of_bpm(0, 120), Tempo.of_bpm(4 * 480, 60)))
    moved = replace(MEMO, tick=4 * 480, at_s=1.0)
    assert [moved.second_at(s, time_map) for s in (2.0, 3.5)] == [1.0, 2.5]


def test_bars_before_it_move_it(song):
    later = edits.insert_bars(song, 0, 2)
    assert later.recordings[0].tick == 2 * BAR and later.recordings[0].at_s == 0.25
    assert edits.delete_bars(later, 0, 2).recordings == song.recordings


def test_mix_and_removal(song):
    quiet = edits.set_recording_mix(song, MEMO.sha256, muted=True, level=1.7)
    assert (quiet.recordings[0].muted, quiet.recordings[0].level) == (True, 1.0)
    assert edits.remove_recording(quiet, MEMO.sha256).recordings == ()
    with pytest.raises(EditError, match="no longer in the song"):
        edits.set_recording_mix(harbour_lights(), MEMO.sha256, muted=True)


def test_a_recording_crosses_the_wire(song):
    assert from_json(Song, to_json(song)) == song
    before = {name: value for name, value in to_json(song).items() if name != "recordings"}
    assert from_json(Song, before).recordings == ()


def test_the_song_file_keeps_it_over_undo_and_reopening(tmp_path, song):
    path = tmp_path / "memo.understudy"
    file = SongFile.create(path, harbour_lights())
    file.commit("Add a recording", song)
    muted = edits.set_recording_mix(song, MEMO.sha256, muted=True)
    file.commit("Mute", muted)
    file.undo()
    assert file.song.recordings == (MEMO,)
    file.undo()
    assert file.song.recordings == ()
    file.redo()
    file.close()
    again = SongFile.open(path)
    assert again.song == song
    again.close()
