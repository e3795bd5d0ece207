"""What the commands print for real music: keys that scripts rely on, and tables people read."""

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mido
import pytest

from engine.api.suggestion import ModelInfo, Originality, Take
from engine.cli import main
from engine.commands import suggest
from engine.commands.inspect import TOO_LONG
from engine.commands.output import bars_table, length_name, one_line, pitch_name, take_text
from engine.formats.midi import save_midi
from engine.formats.songfile import SongFile
from engine.music import (
    Chord,
    ChordSpan,
    Key,
    KeyChange,
    Metre,
    MetreChange,
    Mode,
    Note,
    Role,
    Song,
    TimeMap,
    Track,
)
from engine.music.timemap import Tempo
from engine.service.listening import NOTHING_HEARD
from engine.service.models import installed_models

TUNE = (60, 62, 64, 67, 65, 64, 62, 60, 64, 65, 67, 69, 67, 65, 64, 62)
AIR = Song(
    "Air",
    TimeMap(tempos=(Tempo.of_bpm(0, 96),), keys=(KeyChange(0, Key(0)),)),
    tracks=(
        Track(
            1, "Flute", Role.MELODY, 73, tuple(Note(i + 10, i * 480, 480, p) for i, p in enumerate(TUNE * 2))
        ),
        Track(
            2, "Bass", Role.BASS, 33, tuple(Note(i + 90, i * 1920, 1920, 36 + i % 2 * 7) for i in range(8))
        ),
    ),
    next_id=200,
)

Command = Callable[..., str]


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("UNDERSTUDY_HOME", str(tmp_path / "home"))
    save_midi(AIR, tmp_path / "air.mid")
    SongFile.create(tmp_path / "air.understudy", AIR).close()

    def run(*words: str) -> str:
        assert main(words) == 0
        out, err = capsys.readouterr()
        assert err == ""
        return out

    return run


def last_object(out: str) -> dict[str, Any]:
    record = json.loads(out.splitlines()[-1])
    assert isinstance(record, dict)
    return record


@pytest.mark.parametrize("file", ["air.mid", "air.understudy"])
def test_inspect_tells_what_scripts_rely_on(command: Command, file: str) -> None:
    record = last_object(command("inspect", file, "--json"))
    is_midi = file.endswith(".mid")
    assert record["format"] == ("midi type 1" if is_midi else "understudy")
    assert record.get("ppq") == (480 if is_midi else None)
    expected = {"title": "Air", "name": file, "notes": 40, "tracks": 2, "bpm": 96.0, "meters": ["4/4"]}
    assert {name: record[name] for name in expected} == expected
    assert record["seconds"] == pytest.approx(20.0)
    assert record["note_seconds"] == pytest.approx(0.625)
    assert (record["key"]["tonic"], record["key"]["mode"]) == ("C", "major")
    assert 0 <= record["key"]["confidence"] <= 1
    assert [role["role"] for role in record["roles"]] == ["melody", "bass"]
    assert record["warnings"] == []
    if is_midi:
        assert record["chords"][0]["start_beats"] == 0
        assert record["chords"][0]["label"].startswith("C")
        assert {section["start_bar"] for section in record["sections"]} >= {0}


def test_inspect_for_people(command: Command) -> None:
    text = command("inspect", "air.mid")
    assert text.startswith("Air  (midi type 1)\n  8 bars, 0:20, 96 bpm, 4/4\n  C major (")
    assert "\n  Flute  melody  32 notes\n  Bass   bass    8 notes\n" in text


def test_inspect_shows_written_chord_symbols_apart(command: Command, tmp_path: Path) -> None:
    chords = tuple(
        ChordSpan(300 + i, i * 1920, 1920, Chord.parse(c)) for i, c in enumerate(("C", "Dm7b5", "Bb/D"))
    )
    save_midi(Song("Chart", AIR.time_map, chords=chords, tracks=AIR.tracks), tmp_path / "chart.mid")
    assert last_object(command("inspect", "chart.mid", "--json"))["chord_symbols"] == ["C", "Dm7b5", "Bb/D"]


def test_a_defect_in_listening_still_shows_the_notes(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("engine.analysis.hearing.hear", broken)
    record = last_object(command("inspect", "air.mid", "--json"))
    assert (record["notes"], record["warnings"]) == (40, [NOTHING_HEARD])


def test_listening_that_takes_too_long_is_left(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    def endless(*_: object) -> None:
        while True:
            pass

    monkeypatch.setattr("engine.analysis.hearing.hear", endless)
    monkeypatch.setattr("engine.commands.inspect._ALL_S", 1.0)
    record = last_object(command("inspect", "air.mid", "--json"))
    assert (record["notes"], record["warnings"]) == (40, [TOO_LONG])


@pytest.mark.parametrize(
    ("kind", "bars", "first", "last"),
    [("vary", "3-4", 8, 16), ("continue", "9-10", 32, 40), ("harmonise", "1-4", 0, 16)],
)
def test_suggest_json_files_and_seed(
    command: Command, tmp_path: Path, kind: str, bars: str, first: int, last: int
) -> None:
    words = ("suggest", "air.mid", "--kind", kind, "--bars", bars, "--takes", "2", "--seed", "7", "--json")
    record = last_object(command(*words, "--out", "ideas/new"))
    assert record.keys() >= {"kind", "seed", "model", "elapsed_s", "withheld", "takes"}
    assert (record["kind"], record["seed"], record["bars"]) == (kind, 7, bars)
    assert len(record["model"]["sha256"]) == 64
    assert json.loads((tmp_path / "ideas/new/suggestion.json").read_text()) == record
    assert 1 <= len(record["takes"]) <= 2
    for number, take in enumerate(record["takes"], 1):
        assert take.keys() >= {"file", "title", "reasons", "scores", "chords", "notes"}
        assert Path(take["file"]) == Path(f"ideas/new/take-{number}.mid")
        assert take["notes"] or take["chords"]
        assert all(first <= start and start + length <= last for start, length, _, _ in take["notes"])
        assert all(first <= c["start_beats"] < c["end_beats"] <= last for c in take["chords"])
        midi = mido.MidiFile(take["file"])
        onsets = sum(
            1 for track in midi.tracks for event in track if event.type == "note_on" and event.velocity
        )
        assert onsets == len(take["notes"]) if take["notes"] else onsets > 0
    again = last_object(command(*words))
    without_files = [
        {name: value for name, value in take.items() if name != "file"} for take in record["takes"]
    ]
    assert again["takes"] == without_files


def test_suggest_for_people(command: Command) -> None:
    text = command("suggest", "air.mid", "--kind", "vary", "--bars", "5-6", "--takes", "1")
    lines = text.splitlines()
    assert lines[0].startswith("Take 1  ")
    assert lines[1].split() == ["bar", "5", "6"]
    assert any(line.startswith("  - ") for line in lines)
    assert lines[-1].startswith("1 take in ")


def test_next_chord_for_scripts_and_people(command: Command) -> None:
    record = last_object(command("next-chord", "C | Am | F | G", "--key", "C", "--top", "5", "--json"))
    assert len(record["next"]) == 5
    chances = [item["p"] for item in record["next"]]
    assert chances == sorted(chances, reverse=True)
    assert 0 < sum(chances) <= 1
    assert all(Chord.parse(item["chord"]).harte() for item in record["next"])
    text = command("next-chord", "C:maj, A:min F % G7")
    assert text.startswith("After C  Am  F  F  G7\n")
    assert "%" in text


def test_next_chord_answers_line_by_line_and_goes_on_after_a_bad_one(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = "C | Am | F\nHm\n\nDm7 G7\n\xe9"
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(lines.encode("latin-1"))))
    records = [json.loads(line) for line in command("next-chord", "--stdin", "--top", "3").splitlines()]
    assert [list(record) for record in records] == [["next"], ["error"], ["error"], ["next"], ["error"]]
    assert [len(record["next"]) for record in records if "next" in record] == [3, 3]
    assert "Hm" in records[1]["error"]


def test_export_writes_the_song_whole_or_in_parts(command: Command, tmp_path: Path) -> None:
    assert command("export", "air.understudy", "--format", "midi", "--out", "out.mid") == "out.mid\n"
    record = last_object(command("inspect", "out.mid", "--json"))
    assert (record["title"], record["notes"], record["tracks"]) == ("Air", 40, 2)
    written = command("export", "air.mid", "--format", "parts", "--out", "stems").splitlines()
    assert len(written) == 2
    assert sorted(path.name for path in (tmp_path / "stems").iterdir()) == sorted(
        Path(p).name for p in written
    )


def test_whose_work_a_take_comes_near_is_told_with_its_licence() -> None:
    near = Originality(9, "Ash Grove", "traditional", "CC0-1.0")
    take = Take(0, "Idea", notes=AIR.tracks[0].notes[:4], originality=near)
    assert "“Ash Grove”, traditional (CC0-1.0)" in take_text(AIR, 0, 2, take)
    told = {"longest_run": 9, "work": "Ash Grove", "maker": "traditional", "licence": "CC0-1.0"}
    assert suggest._take_record(AIR, take, None)["originality"] == told


def test_credits_of_a_song_of_ones_own(command: Command) -> None:
    record = last_object(command("credits", "air.understudy", "--json"))
    assert record["notes"] == {"yours": 40, "accepted": 0, "edited": 0}
    assert record["ledger"]["whole"] is True
    assert "Yours 100%" in command("credits", "air.understudy")


def test_models_and_benches_are_listed(command: Command) -> None:
    models = last_object(command("models", "--json"))["models"]
    assert {model["name"] for model in models} >= {"chords", "melody"}
    assert "melody" in command("models")
    assert "engine" in command("bench", "--help")


def test_a_damaged_model_is_listed_with_what_it_means(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = ModelInfo("infill", "model", "", 0, trouble="The infill model is missing.")
    monkeypatch.setattr("engine.commands.models.installed_models", lambda: (broken, *installed_models()))
    said = command("models")
    assert "infill  The infill model is missing." in said and "understudy train" in said
    assert "interval-rhythm mixture" in said


@pytest.mark.parametrize(
    ("pitch", "key", "name"),
    [
        (60, Key(0), "C4"),
        (71, Key(3, Mode.MINOR), "C♭5"),
        (72, Key(1, Mode.MAJOR), "C5"),
        (60, Key(1, Mode.MINOR), "B♯3"),
        (0, Key(0), "C-1"),
    ],
)
def test_pitches_are_named_in_the_right_octave(pitch: int, key: Key, name: str) -> None:
    assert pitch_name(pitch, key) == name


@pytest.mark.parametrize(
    ("ticks", "name"),
    [
        (480, "1"),
        (240, "½"),
        (720, "1½"),
        (160, "⅓"),
        (1920, "4"),
        (460, "1"),
        (922, "2"),
        (60, "~0.12"),
        (202, "~0.42"),
        (360, "¾"),
    ],
)
def test_lengths_are_written_as_people_write_them(ticks: int, name: str) -> None:
    assert length_name(ticks) == name


def test_bars_stand_under_each_other_also_across_metres_and_pickups() -> None:
    time_map = TimeMap(metres=(MetreChange(0, Metre(3, 4)),), pickup_ticks=480)
    notes = (Note(1, 0, 480, 67), Note(2, 480, 960, 72), Note(3, 1920, 240, 71))
    chords = (ChordSpan(4, 480, 1440, Chord.parse("Fm7")),)
    assert bars_table(Song(time_map=time_map), 0, 3, chords, notes) == (
        "  bar     0   1     2\n  chords  -   Fm7   -\n  notes   G4  C5:2  B4:½"
    )


def test_nothing_from_a_file_reaches_the_terminal_raw() -> None:
    assert one_line("a\x1b[31mb\r\n\u202ec\ud800") == "a [31mb c?"
