"""Whatever is typed, the answer is a result or one clear line and exit code 2; never a traceback."""

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.cli import main
from engine.formats.midi import save_midi
from engine.formats.songfile import SongFile
from engine.music import Note, Role, Song, TimeMap, Track

AIR = Song(
    "Air",
    tracks=(
        Track(1, "Flute", Role.MELODY, notes=tuple(Note(i + 2, i * 480, 480, 60 + i % 8) for i in range(32))),
    ),
)


PYTHON = re.compile(
    r"Traceback|\w(Error|Exception)\b|NoneType|\b(int|str|float|bytes|dict|bool) |<class|object at 0x"
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with files good and bad."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("UNDERSTUDY_HOME", str(tmp_path / "home"))
    save_midi(AIR, tmp_path / "air.mid")
    SongFile.create(tmp_path / "air.understudy", AIR).close()
    (tmp_path / "air.copy").write_bytes((tmp_path / "air.understudy").read_bytes()[:9000])
    (tmp_path / "empty.mid").touch()
    (tmp_path / "noise.mid").write_bytes(bytes(range(256)) * 8)
    (tmp_path / "header.mid").write_bytes(b"MThd\x00\x00\x00\x06\x00\x01\x00\x01\x01\xe0MTrk\x00\x00\x00\x00")
    (tmp_path / "page.mid").write_bytes(b"<!DOCTYPE html><html></html>")
    (tmp_path / "song.wav").write_bytes(b"RIFF\x00\x00\x00\x00WAVE")
    (tmp_path / "bad\x1b[31m\nname.mid").write_bytes(b"x")
    (tmp_path / "folder.mid").mkdir()
    os.mkfifo(tmp_path / "pipe.mid")
    (tmp_path / "a-file").write_text("in the way")
    pickup = Song("Up", TimeMap(pickup_ticks=480), tracks=AIR.tracks)
    SongFile.create(tmp_path / "pickup.understudy", pickup).close()
    return tmp_path


@pytest.fixture
def refused(folder: Path, capfd: pytest.CaptureFixture[str]) -> Callable[..., str]:
    def run(*words: str) -> str:
        assert main(list(words)) == 2
        out, err = capfd.readouterr()
        assert out == ""
        assert err.startswith("understudy")
        assert err.count("\n") == 1
        assert err.endswith("\n")
        assert all(character.isprintable() for character in err[:-1])
        assert err.endswith((".\n", "?\n"))
        assert not PYTHON.search(err), err
        assert not (folder / "home" / "log").exists()  # a refusal is no defect
        return err

    return run


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("nowhere.mid", "there is no file “nowhere.mid”"),
        ("inspekt", "did you mean “inspect”"),
        ("--frobnicate", "unrecognized arguments: --frobnicate"),
        ("inspect", "required: file"),
        ("inspect air.mid extra", "unrecognized arguments: extra"),
        ("inspect air.mid --jsn", "unrecognized arguments: --jsn"),
        ("inspect nowhere.mid", "“nowhere.mid” is not there"),
        ("inspect a-file/x.mid", "“x.mid” cannot be read: not a directory"),
        ("inspect empty.mid", "“empty.mid” is empty"),
        ("inspect noise.mid", "“noise.mid” is not a MIDI file"),
        ("inspect header.mid", "“header.mid” holds no notes"),
        ("inspect page.mid", "“page.mid” is a web page"),
        ("inspect song.wav", "“song.wav” is not a recording this version can read"),
        ("inspect folder.mid --json", "“folder.mid” is a folder"),
        ("inspect pipe.mid", "“pipe.mid” is a device or a pipe"),
        ("inspect air.copy", "“air.copy”"),
        ("inspect /dev/zero", "“zero” is a device"),
        ("suggest air.mid", "required: --kind"),
        ("suggest air.mid --kind sing", "invalid choice: 'sing'"),
        ("suggest nowhere.mid --kind vary", "“nowhere.mid” is not there"),
        ("suggest air.mid --kind vary --bars 5-", "'5-' is no range of bars"),
        ("suggest air.mid --kind vary --bars five", "'five' is no range of bars"),
        ("suggest air.mid --kind vary --bars 8-5", "8-5: the first bar comes after the last"),
        ("suggest air.mid --kind vary --bars 0-1", "bar 0 does not exist: the song begins with bar 1"),
        (
            "suggest air.mid --kind vary --bars 7-9",
            "Bars 7 to 9 are not all in the song, which ends with bar 8.",
        ),
        ("suggest pickup.understudy --kind vary --bars 8-9", "Bars 8 to 9 are not all in the song"),
        ("suggest air.mid --kind continue --bars 20-24", "would leave a gap: the song ends with bar 8"),
        ("suggest air.mid --kind vary --bars 99999999999999999999", "not all in the song"),
        ("suggest air.mid --kind vary --takes 0", "Between 1 and 16 takes can be asked for, not 0."),
        ("suggest air.mid --kind vary --takes many", "'many' is not a whole number."),
        ("suggest air.mid --kind vary --seed x", "'x' is not a whole number."),
        ("suggest air.mid --kind vary --surprise 2", "'2' is not a number from 0 to 1"),
        ("suggest air.mid --kind vary --distance nan", "'nan' is not a number from 0 to 1"),
        ("suggest air.mid --kind vary --density loud", "'loud' is not a number from 0 to 1"),
        ("suggest air.mid --kind vary --keep rhythm,soul", "what can be kept is strong-beats"),
        ("suggest air.mid --kind vary --role sousaphone", "invalid choice: 'sousaphone'"),
        ("next-chord", "give either a progression"),
        ("next-chord C --stdin", "give either a progression"),
        ("next-chord |", "no chords in this progression"),
        ("next-chord C|Hm", "“Hm” is not a chord"),
        ("next-chord C --key X", "'X' is not a key"),
        ("next-chord C --top 0", "between 1 and 500"),
        ("export air.mid", "required: --format, --out"),
        ("export air.mid --format wav --out x.wav", "invalid choice: 'wav'"),
        ("export nowhere.understudy --format midi --out x.mid", "“nowhere.understudy” is not there"),
        ("export air.mid --format midi --out nowhere/x.mid", "“x.mid” could not be written"),
        ("export air.mid --format midi --out folder.mid", "“folder.mid” is a folder"),
        ("export air.mid --format midi --out air.mid", "is the song itself"),
        ("export air.mid --format parts --out a-file", "“a-file” could not be written"),
        ("models now", "unrecognized arguments: now"),
        ("credits air.mid", "“air.mid”"),
        ("credits nowhere.understudy", "“nowhere.understudy”"),
        ("train", "required: NAME"),
        ("train opera --data .", "invalid choice: 'opera'"),
        ("evaluate opera", "invalid choice: 'opera'"),
        ("bench nothing", "invalid choice: 'nothing'"),
    ],
)
def test_one_line_says_what_is_wrong(refused: Callable[..., str], words: str, says: str) -> None:
    assert says in refused(*words.split())


@pytest.mark.parametrize(
    "words",
    [
        ("inspect", ""),
        ("inspect", "bad\x1b[31m\nname.mid"),
        ("inspect", "x" * 5000),
        ("inspect", "nul\x00.mid"),
        ("inspect", "half\udce9.mid"),
        ("next-chord", "C | \x1b[2J"),
        ("next-chord", "C\u202e"),
        ("next-chord", "C " * 2001),
        ("\x00",),
        ("-",),
        ("suggest", "air.mid", "--kind", "va\nry"),
    ],
)
def test_control_characters_and_giants_are_refused_as_well(
    refused: Callable[..., str], words: tuple[str, ...]
) -> None:
    assert len(refused(*words)) < 6000


def test_a_folder_that_takes_no_files_is_refused(refused: Callable[..., str]) -> None:
    assert "could not be written" in refused("export", "air.mid", "--format", "midi", "--out", "/proc/x.mid")
    assert "“/proc/ideas”" in refused(
        "suggest", "air.mid", "--kind", "vary", "--bars", "1-2", "--out", "/proc/ideas"
    )


def test_a_defect_of_ours_is_one_line_and_a_log(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def broken(_: object) -> int:
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr("engine.commands.models.run", broken)
    assert main(["models"]) == 2
    out, err = capfd.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert "something went wrong inside the program" in err
    assert str(folder / "home" / "log") in err


def test_out_of_memory_and_ctrl_c(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def raising(error: BaseException) -> Callable[[object], int]:
        def run(_: object) -> int:
            raise error

        return run

    monkeypatch.setattr("engine.commands.models.run", raising(MemoryError()))
    assert main(["models"]) == 2
    assert capfd.readouterr().err == "understudy models: there is not enough memory for this.\n"
    monkeypatch.setattr("engine.commands.models.run", raising(KeyboardInterrupt()))
    assert main(["models"]) == 130
    assert capfd.readouterr() == ("", "")
