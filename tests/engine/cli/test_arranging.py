"""Parts, forms, restylings and soundscapes on the command line: text, JSON, MIDI files, refusals."""

import json
from pathlib import Path

import pytest

from engine.cli import main
from engine.commands.output import drums_table, struck_text
from engine.formats.midi import read_midi
from engine.music import Key, Note, Song

SKETCH = Path(__file__).parents[2] / "data" / "sketches" / "pop-loop.mid"


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("UNDERSTUDY_HOME", str(tmp_path / "home"))

    def ran(words: str) -> tuple[int, str, str]:
        code = main(["suggest", str(SKETCH), *words.split()])
        out, err = capsys.readouterr()
        return code, out, err

    return ran


def _song(path: Path) -> Song:
    return read_midi(path.read_bytes()).song


@pytest.mark.parametrize(
    ("words", "roles"),
    [
        ("--kind form --shape strophic --style folk", {"Voice", "Piano", "Bass"}),
        ("--kind restyle --style reggae", {"Voice", "Piano", "Drums"}),
        ("--kind soundscape --bars 1-12", {"Pad", "Voice", "Ground"}),
        ("--kind bass --style funk", {"Bass"}),
        ("--kind drums --bars 5-8", {"Drums"}),
    ],
)
def test_a_midi_file_a_take_with_everybody_in_it(run, tmp_path, words, roles):
    code, out, _ = run(f"{words} --takes 1 --json --out there")
    record = json.loads(out.splitlines()[-1])
    take = record["takes"][0]
    assert code == 0 and take["parts"]
    song = _song(tmp_path / take["file"])
    assert roles <= {track.name for track in song.tracks if track.notes}
    heard = {part["name"]: len(part["notes"]) for part in take["parts"]}
    assert all(count > 0 for count in heard.values())
    if "plan" in take:
        assert song.bars >= take["bars"] - 1 and take["plan"][0]["start_bar"] == 1
        assert sum(section["bars"] for section in take["plan"]) == take["bars"]


def test_the_plan_is_printed_a_line_a_section(run):
    code, out, _ = run("--kind form --shape aaba --takes 1")
    assert code == 0
    lines = out.splitlines()
    assert lines[0] == "Take 1  AABA" and lines[1].split() == ["bars", "section", "full", "players", "new"]
    assert any(line.split()[:3] == ["5-12", "A", "1"] for line in lines)


def test_intensity_shape_and_tempo_reach_the_engine(run):
    _, out, _ = run(
        "--kind form --shape aaba --intensity 0.1,0.2,0.3,0.4,0.5,0.6 --tempo 90 --takes 1 --json"
    )
    take = json.loads(out.splitlines()[-1])["takes"][0]
    assert [section["intensity"] for section in take["plan"]] == [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]
    assert take["bpm"] == 90


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("--kind form --shape sonata", "no form that is known"),
        ("--kind restyle --style qwertz", "no style that is known"),
        ("--kind form --intensity 0.2,3", "not a number from 0 to 1"),
        ("--kind restyle --tempo 5000", "A tempo must lie between 20 and 400"),
        ("--kind restyle --bars 5-20", "not all in the song"),
        ("--kind soundscape --bars 1-9999", "too many for one idea"),
    ],
)
def test_what_makes_no_sense_is_said_in_a_sentence(run, words, sentence):
    try:
        code, _, err = run(words)
    except SystemExit:
        pytest.fail("the parser must not leave the program")
    assert code == 2 and sentence in err and len(err.strip().splitlines()) == 1


def test_drums_and_chords_are_written_as_musicians_read_them():
    notes = [Note(1, 0, 60, 36, 110), Note(2, 480, 60, 38, 90), Note(3, 960, 60, 38, 30)]
    text = drums_table(Song(), 0, 1, notes)
    assert "kick   X..............." in text and "snare  ....x...o......." in text
    assert struck_text([Note(1, 0, 960, 60), Note(2, 0, 480, 64)], Key()) == "C4+E4:2"
