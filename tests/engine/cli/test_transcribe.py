"""`understudy transcribe` and `understudy inspect` for recordings, and the import the window asks for."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from engine.analysis.audio.cleaning import cleaned
from engine.api.audio import ListeningMode
from engine.api.messages import Done, HeardSoFar, ImportSketch, Reply, SketchImported
from engine.cli import main
from engine.formats.midi import read_midi
from engine.music import Note, Role, Song, Track
from engine.service.engine import Engine
from tests.engine.sounds import RATE_HZ, Notes, sung

SCALE = (60, 62, 64, 65, 67, 69, 71, 72, 71, 69, 67, 65, 64, 62, 60, 60)
TUNE: Notes = [(0.4 + 0.5 * i, 0.85 + 0.5 * i, pitch) for i, pitch in enumerate(SCALE)]


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sounds") / "hum.wav"
    soundfile.write(path, sung(TUNE, cents=-30), RATE_HZ)
    return path


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    def run(*words: object) -> tuple[int, str, str]:
        code = main([str(word) for word in words])
        out, err = capsys.readouterr()
        return code, out, err

    return run


def test_a_hummed_tune_becomes_midi_with_tempo_and_key(recording: Path, tmp_path: Path, command) -> None:
    code, out, _ = command("transcribe", recording, "--out", tmp_path / "hum.mid", "--json")
    record = json.loads(out.splitlines()[-1])
    assert code == 0
    assert record["mode"] == "voice"
    assert [note[2] for note in record["notes"]] == list(SCALE)
    assert record["tuning_cents"] == pytest.approx(-30, abs=8)
    assert record["seconds"] == pytest.approx(len(sung(TUNE)) / RATE_HZ, abs=0.01)
    song = read_midi((tmp_path / "hum.mid").read_bytes(), "hum.mid").song
    assert [note.pitch for note in song.notes()] == list(SCALE)
    bpm = song.time_map.tempos[0].bpm
    assert min(abs(bpm - wanted) for wanted in (60, 120, 240)) < 3


def test_as_played_keeps_moments_and_bends(recording: Path, tmp_path: Path, command) -> None:
    code, out, _ = command(
        "transcribe", recording, "--out", tmp_path / "a.mid", "--as-played", "--mode", "voice"
    )
    assert code == 0 and "16 notes, heard as one voice" in out and "flat of 440 Hz" in out
    song = read_midi((tmp_path / "a.mid").read_bytes(), "a.mid").song
    assert any(track.controls for track in song.tracks)
    starts = [song.time_map.seconds_at(note.start_ticks) for note in song.notes()]
    assert np.diff(starts) == pytest.approx([0.5] * 15, abs=0.05)


def test_inspect_tells_a_recording(recording: Path, command) -> None:
    code, out, _ = command("inspect", recording, "--json")
    record = json.loads(out.splitlines()[-1])
    assert code == 0
    assert (record["format"], record["mode"], record["channels"], record["sample_rate"]) == (
        "wav",
        "voice",
        1,
        22050,
    )
    assert record["notes"] == 16
    assert record["key"]["tonic"] == "C"
    assert 250 < record["f0"] < 500


def test_inspect_tells_the_pitch_of_a_tone(tmp_path: Path, command) -> None:
    t = np.arange(2 * 44100) / 44100
    soundfile.write(tmp_path / "tone.flac", 0.4 * np.sin(2 * np.pi * 220.5 * t), 44100)
    _, out, _ = command("inspect", tmp_path / "tone.flac", "--json")
    record = json.loads(out.splitlines()[-1])
    assert record["f0"] == pytest.approx(220.5, rel=0.005)
    assert record["seconds"] == pytest.approx(2.0, abs=0.01)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("a.mid", "--out", "b.mid"), "is not there"),
        (("noise.wav", "--out", "b.mid"), "is not a recording"),
        (("hum.wav", "--out", "nowhere/b.mid"), "there is no folder"),
        (("hum.wav", "--out", "."), "is a folder"),
        (("hum.wav", "--out", "hum.wav"), "not written over"),
        (("tune.mid", "--out", "b.mid"), "is not a recording"),
    ],
)
def test_what_cannot_be_transcribed_is_refused_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command, words: tuple[str, ...], sentence: str
) -> None:
    from engine.formats.midi import save_midi

    monkeypatch.chdir(tmp_path)
    Path("noise.wav").write_bytes(b"no sound" * 99)
    soundfile.write("hum.wav", sung(TUNE[:2]), RATE_HZ)
    save_midi(Song(tracks=(Track(1, "", notes=(Note(2, 0, 480, 60),)),)), Path("tune.mid"))
    code, _, err = command("transcribe", *words)
    assert code == 2
    assert sentence in err and len(err.splitlines()) == 1


def test_the_window_gets_notes_early_then_the_song_with_the_facts(recording: Path) -> None:
    replies: list[Reply] = []
    Engine().handle(ImportSketch(str(recording), ListeningMode.VOICE), replies.append)
    assert isinstance(replies[-1], Done)
    assert any(isinstance(reply, HeardSoFar) and reply.notes for reply in replies)
    imported = next(reply for reply in replies if isinstance(reply, SketchImported))
    audio = imported.audio
    assert audio is not None and audio.mode is ListeningMode.VOICE
    assert set(audio.listening_models) >= {"pitch", "notes", "beats"}
    played = {note.id: note for track in audio.as_played for note in track.notes}
    for heard in audio.notes:
        at = imported.song.time_map.seconds_at(played[heard.note_id].start_ticks)
        assert at == pytest.approx(heard.start_s + audio.offset_s, abs=0.003)
    assert {note.id for note in imported.song.notes()} <= set(played)
    assert imported.song.tracks[0].role is Role.MELODY


def track_of(*notes: tuple[int, int, int]) -> Song:
    made = tuple(Note(i + 2, start, length, pitch) for i, (start, length, pitch) in enumerate(notes))
    return Song(tracks=(Track(1, "", notes=made),), next_id=99)


def spans(song: Song) -> list[tuple[int, int, int]]:
    return [(note.start_ticks, note.duration_ticks, note.pitch) for note in song.notes()]


def test_clutter_goes_and_the_rest_comes_onto_the_grid() -> None:
    played = track_of((10, 400, 60), (412, 30, 61), (470, 240, 62), (715, 250, 62), (968, 900, 64))
    assert spans(cleaned(played, ListeningMode.VOICE, has_bars=True)) == [
        (0, 480, 60), (480, 240, 62), (720, 240, 62), (960, 960, 64),
    ]  # fmt: skip


def test_a_key_struck_twice_at_once_is_one_note_and_chords_stay_chords() -> None:
    played = track_of((5, 30, 60), (8, 470, 64), (40, 440, 60), (482, 470, 60))
    assert sorted(spans(cleaned(played, ListeningMode.KEYS, has_bars=True))) == [
        (0, 480, 60), (0, 480, 64), (480, 480, 60),
    ]  # fmt: skip


def test_without_bars_nothing_is_moved() -> None:
    played = track_of((11, 401, 60), (433, 395, 62))
    assert spans(cleaned(played, ListeningMode.VOICE, has_bars=False)) == [(11, 422, 60), (433, 395, 62)]
