"""The command as a process: exit codes, broken pipes, Ctrl-C, poor terminals, and a quick start."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from engine import __version__
from engine.commands.desktop import open_desktop
from engine.formats.midi import save_midi
from engine.music import Chord, ChordSpan, Key, KeyChange, Note, Role, Song, TimeMap, Track

ROOT = Path(__file__).resolve().parents[3]
COMMAND = (sys.executable, "-P", "-m", "engine")
FLAT = Song(
    "Ballade ♭",
    TimeMap(keys=(KeyChange(0, Key(3)),)),
    chords=(ChordSpan(90, 0, 1920, Chord(3, "maj7")),),
    tracks=(
        Track(1, "Violon é", Role.MELODY, notes=tuple(Note(i + 2, i * 480, 480, 63 + i) for i in range(8))),
    ),
)


def start(*words: str, **options: Any) -> subprocess.Popen[bytes]:
    environment = os.environ | {"PYTHONPATH": str(ROOT)} | options.pop("env", {})
    return subprocess.Popen(
        (*COMMAND, *words), stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment, **options
    )


def test_help_and_version_are_quick_and_light() -> None:
    script = (
        "import sys; from engine.cli import main\n"
        "assert main(['--help']) == 0; assert main(['--version']) == 0\n"
        "heavy = {'numpy', 'torch', 'music21', 'PySide6', 'logging.handlers', 'sqlite3'} & set(sys.modules);"
        "sys.exit(str(heavy) if heavy else 0)"
    )
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        (sys.executable, "-P", "-c", script), capture_output=True, text=True, env=environment
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "understudy next-chord" in done.stdout
    assert done.stdout.endswith(f"understudy {__version__}\n")


def test_the_project_file_names_the_same_version() -> None:
    assert f'\nversion = "{__version__}"\n' in (ROOT / "pyproject.toml").read_text()


def test_a_terminal_that_knows_no_flats_gets_marks_instead(tmp_path: Path) -> None:
    path = tmp_path / "ballade.mid"
    save_midi(FLAT, path)
    process = start("inspect", str(path), env={"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"})
    out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, b"")
    assert out.isascii()
    assert b"melody" in out


def test_json_is_one_object_on_the_last_line_in_any_terminal(tmp_path: Path) -> None:
    path = tmp_path / "ballade.mid"
    save_midi(FLAT, path)
    out, _ = start("inspect", str(path), "--json", env={"LC_ALL": "C", "PYTHONUTF8": "0"}).communicate(
        timeout=60
    )
    record = json.loads(out.splitlines()[-1])
    assert record["roles"][0]["track"] == "Violon é"


def test_a_reader_that_goes_away_is_no_disaster() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run((*COMMAND, "--help"), stdout=writer, stderr=subprocess.PIPE, env=environment)
    os.close(writer)
    assert (done.returncode, done.stderr) == (141, b"")


def test_ctrl_c_ends_it_without_a_word(tmp_path: Path) -> None:
    process = start("next-chord", "--stdin", stdin=subprocess.PIPE)
    process.stdin.write(b"Hm\n")
    process.stdin.flush()
    assert b"error" in process.stdout.readline()  # it is at work
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (130, b"", b"")


def test_files_open_the_desktop_with_this_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []
    monkeypatch.setattr(os, "execve", lambda *arguments: seen.append(arguments))
    monkeypatch.setattr(os, "name", "posix")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: subprocess.CompletedProcess((), 0))
    open_desktop(["a b.mid"])
    program, command, environment = seen[0]
    assert program == sys.executable
    assert command == [sys.executable, "-P", "-m", "app", str(tmp_path / "a b.mid")]
    assert environment["PYTHONPATH"].split(os.pathsep)[0] == str(ROOT)
