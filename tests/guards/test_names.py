"""Names come from strangers: none of them becomes a path, a command of the terminal, or markup."""

import json
import os
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import mido
import pytest
from PySide6.QtGui import Qt, QTextDocument
from PySide6.QtWidgets import QLabel, QWidget

from app.ui.mainwindow import MainWindow
from engine.cli import main
from engine.formats.midi import export_parts, read_midi, save_midi
from engine.formats.names import safe_name
from engine.formats.songfile import SongFile
from engine.music import Note, Role, Section, Song, Track
from engine.music.song import Marker

NAMES = {
    "separators": "../../etc/pass\\wd",
    "absolute": "/etc/passwd",
    "drive": "C:\\Windows\\notes",
    "reserved": "CON",
    "dots": "..",
    "empty": "",
    "spaces": "   ",
    "newlines": "two\nlines\r\tand a tab",
    "terminal": "\x1b[2J\x1b]0;title\x07red",
    "nul": "nul\x00nul",
    "c1": "a\x9b31mb\x85c",
    "bidi": "invoice\u202ecod.exe \u2066isolated",
    "invisible": "zero\u200bwidth\ufeff\u2028line",
    "long": "Long " * 60,
    "long letters": "é" * 300,
    "emoji": "🎹" * 80,
    "markup": "<img src=x onerror=y><b>bold</b> <a href='file:///etc/passwd'>link</a>",
    "entity": "Rock &amp; Roll &lt;b&gt;",
    "mnemonic": "R&B",
    "surrogate": "half \udce9 half",
    "format": "%s %n {0} {name} $HOME `ls`",
    "option": "--help",
    "combining": "Z" + "\u0335\u0336" * 100,
}
FORBIDDEN = set('/\\:*?"<>|') | {chr(code) for code in (*range(32), *range(127, 160))}


def song_named(name: str) -> Song:
    notes = tuple(Note(i + 10, i * 480, 480, 60 + i % 8) for i in range(16))
    return Song(
        name,
        tracks=(
            Track(1, name, Role.MELODY, notes=notes),
            Track(2, name, Role.BASS, 33, notes=(Note(90, 0, 1920, 40),)),
        ),
        sections=(Section(3, name, 0, 4),),
        markers=(Marker(0, name),),
        next_id=100,
    )


def is_clean(text: str) -> bool:
    """Nothing hidden, no half characters, one line."""
    return all(unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Zl", "Zp") for c in text)


@pytest.fixture(params=NAMES.values(), ids=NAMES.keys())
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def written_by_others(name: str, path: Path) -> Path:
    """A MIDI file whose track names, marker and text are this name, as another program would store it."""
    raw = name.encode("utf-8", "surrogatepass").decode("latin-1")
    conductor = mido.MidiTrack(
        [mido.MetaMessage("track_name", name=raw), mido.MetaMessage("marker", text=raw, time=5)]
    )
    played = [mido.MetaMessage("track_name", name=raw), mido.MetaMessage("instrument_name", name=raw)]
    for pitch in range(60, 76):
        played += [mido.Message("note_on", note=pitch), mido.Message("note_off", note=pitch, time=480)]
    file = mido.MidiFile(charset="latin-1")
    file.tracks += [conductor, mido.MidiTrack(played)]
    file.save(path)
    return path


def test_names_in_a_midi_file_come_in_clean(name: str, tmp_path: Path) -> None:
    path = written_by_others(name, tmp_path / "stranger.mid")
    song = read_midi(path.read_bytes(), "stranger").song
    words = [song.title, *(track.name for track in song.tracks), *(marker.text for marker in song.markers)]
    words += [section.name for section in song.sections]
    assert all(is_clean(word) and len(word) <= 500 for word in words)


def test_a_song_comes_back_from_a_song_file_whatever_it_is_called(name: str, tmp_path: Path) -> None:
    path = tmp_path / "song.understudy"
    song = song_named(name)
    SongFile.create(path, song).close()
    file = SongFile.open(path)
    assert file.song == song_named(name.encode("utf-8", "replace").decode())
    file.close()


def test_exported_files_stay_in_their_folder(name: str, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    written = export_parts(song_named(name), folder)
    assert len({path.name.casefold() for path in written}) == 2
    for path in written:
        assert path.parent == folder and path.is_file()
        assert not FORBIDDEN & set(path.name) and is_clean(path.name)
        assert path.name.endswith(".mid") and len(path.name.encode()) <= 255
        assert not path.name.startswith((".", " ", "-"))
    assert sorted(tmp_path.rglob("*")) == sorted([folder, *written])


def test_a_safe_name_is_safe(name: str) -> None:
    safe = safe_name(name)
    assert safe and is_clean(safe) and not FORBIDDEN & set(safe) and len(safe.encode()) <= 120
    assert safe_name(safe) == safe


def test_the_command_line_prints_it_on_its_lines(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("UNDERSTUDY_HOME", str(tmp_path / "home"))
    SongFile.create(tmp_path / "song.understudy", song_named(name)).close()
    written_by_others(name, tmp_path / "song.mid")
    for words in (
        ["inspect", "song.mid"],
        ["inspect", "song.understudy"],
        ["credits", "song.understudy"],
        ["verify", "song.understudy"],
        ["export", "song.understudy", "--format", "parts", "--out", "parts"],
        ["suggest", "song.mid", "--kind", "vary", "--bars", "1-1", "--takes", "1", "--out", "ideas"],
    ):
        assert main(words) == 0, words
        out, err = capsys.readouterr()
        assert err == ""
        assert all(is_clean(line) for line in out.split("\n")), words
    assert main(["inspect", "song.understudy", "--json"]) == 0
    assert is_clean(capsys.readouterr().out.rstrip("\n"))
    assert json.loads((tmp_path / "ideas" / "suggestion.json").read_text("utf-8"))["takes"]
    assert not (tmp_path / "home" / "log").exists()
    assert {path.name for path in tmp_path.iterdir()} == {"song.understudy", "song.mid", "parts", "ideas"}


def test_a_file_of_that_name_is_told_in_one_line(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("UNDERSTUDY_HOME", str(tmp_path / "home"))
    assert main(["inspect", f"{tmp_path}/nowhere/{name.replace('/', ' ')}.mid"]) == 2
    err = capfd.readouterr().err
    assert err.endswith(".\n") and err.count("\n") == 1 and is_clean(err[:-1])


def shown(window: QWidget) -> Iterator[tuple[QWidget, str]]:
    for widget in [window, *window.findChildren(QWidget)]:
        for text in (widget.toolTip(), widget.whatsThis(), widget.statusTip()):
            if text:
                yield widget, text


def as_read(text: str) -> str:
    """What a tooltip shows: Qt reads as markup whatever looks like it."""
    if not Qt.mightBeRichText(text):
        return text
    document = QTextDocument()
    document.setHtml(text)
    return document.toPlainText()


@pytest.mark.parametrize(
    "kind", ["markup", "entity", "bidi", "long letters", "terminal", "surrogate", "mnemonic"]
)
def test_the_window_shows_it_as_plain_text(window: MainWindow, qtbot, kind: str, tmp_path: Path) -> None:
    name = NAMES[kind]
    path = tmp_path / "song.understudy"
    SongFile.create(path, song_named(name)).close()
    window.open_file(path)
    qtbot.waitUntil(lambda: window.page is not None, timeout=20_000)
    page = window.page
    page.state.set_region((0, 2))
    page.state.select_track(1)
    window.banner.say(f"“{name}” is a name.")
    window.say(name)
    qtbot.wait(80)
    window.resize(920, 560)  # what has no room is cut and told in a tooltip
    window.grab()
    window.show_start()
    qtbot.wait(20)
    window.grab()
    labels = window.findChildren(QLabel)
    assert len(labels) > 10
    assert [label.text() for label in labels if label.textFormat() is not Qt.TextFormat.PlainText] == []
    for widget, text in shown(window):
        assert "<img" not in text or "<img" in as_read(text), (widget, text)


def test_a_file_whose_name_is_no_text_comes_in(window: MainWindow, qtbot, tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.mid"))
    save_midi(song_named(""), path)
    window.open_file(path)
    qtbot.waitUntil(lambda: window.page is not None, timeout=20_000)
    assert window.page.document.title.startswith("caf")
    assert [sketch.name for sketch in window.page.document.sketches] == ["caf?.mid"]
    window.show_start()
    assert any("caf" in label.text() for label in window.start.findChildren(QLabel))
