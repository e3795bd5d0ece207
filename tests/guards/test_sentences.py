"""What people are told when something cannot be done: whole sentences, in their words, naming the file."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.playback.errors import PlaybackError
from app.playback.midi import MidiInput
from app.playback.synth import Bank
from engine.api.errors import EngineError
from engine.api.messages import Failed, ImportSketch, PredictNextChord, Request, Suggest
from engine.api.suggestion import Controls, Kind, SuggestionRequest
from engine.formats.midi import export_parts, read_midi, save_midi
from engine.formats.songfile import SongFile
from engine.music import Note, Region, Role, Song, Track
from engine.service.engine import Engine
from engine.service.sketch import read_sketch
from tests.guards.house import shown, sources

PYTHON = re.compile(
    r"Traceback|\w(Error|Exception)\b|NoneType|\b(int|str|float|bytes|dict|bool|tuple|errno)\b|<class"
)
NOT_FOR_PEOPLE = {"ValueError", "TypeError", "KeyError", "SystemExit", "argparse.ArgumentTypeError"}
# words are put around these
PARTS_OF_SENTENCES = {"DamagedSongError", "SongNotWrittenError", "ChordSyntaxError", "_PatternError"}
AIR = Song(
    "Air",
    tracks=(
        Track(1, "Flute", Role.MELODY, notes=tuple(Note(i + 2, i * 480, 480, 60 + i % 8) for i in range(32))),
    ),
    next_id=100,
)


def is_sentence(text: str) -> bool:
    """One line, begun with a capital or a name, ended with a full stop, nothing of Python in it."""
    return (
        bool(re.match(r"[A-Z“\d]", text))
        and text.endswith(".")
        and not text.endswith("..")
        and text.isprintable()
        and not PYTHON.search(text)
    )


def raised(path: Path) -> Iterator[tuple[int, str]]:
    """Line and text of every sentence that is raised in a file; `…` stands for what is filled in."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if not (isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and node.exc.args):
            continue
        kind, first = ast.unparse(node.exc.func), node.exc.args[0]
        if kind in NOT_FOR_PEOPLE | PARTS_OF_SENTENCES:
            continue
        if isinstance(first, ast.Constant) and isinstance(first.value, str):
            yield node.lineno, first.value
        elif isinstance(first, ast.JoinedStr):
            yield node.lineno, "".join(v.value if isinstance(v, ast.Constant) else "…" for v in first.values)


@pytest.mark.parametrize("path", [p for p in sources("app", "engine") if list(raised(p))], ids=shown)
def test_everything_that_is_raised_is_a_sentence(path: Path) -> None:
    wrong = [
        f"{line}: {text}"
        for line, text in raised(path)
        if not text.endswith((".", "?")) or PYTHON.search(text.replace("…", ""))
    ]
    assert wrong == []


def ask(kind: Kind = Kind.VARY, start: int = 0, end: int = 4, **changes: object) -> Suggest:
    changes = {"song": AIR, "role": Role.MELODY, "track_id": 1} | changes
    return Suggest(SuggestionRequest(kind=kind, region=Region(start, end, (1,)), **changes))


@pytest.mark.parametrize(
    "request_",
    [
        ask(start=4, end=4),
        ask(start=-1),
        ask(end=99),
        ask(end=999),
        ask(Kind.CONTINUE, 40, 44),
        ask(takes=0),
        ask(takes=99),
        ask(track_id=77),
        ask(controls=Controls(distance=3.0)),
        ask(controls=Controls(surprise=float("nan"))),
        ask(controls=Controls(range=(90, 20))),
        ask(controls=Controls(range=(60, 61))),
        ask(Kind.FORM, controls=Controls(shape="sonata")),
        ask(Kind.RESTYLE, controls=Controls(style="qwertz")),
        ask(Kind.RESTYLE, controls=Controls(tempo=float("nan"))),
        ask(Kind.FORM, controls=Controls(intensity=(0.2, 2.0))),
        ask(Kind.SOUNDSCAPE, song=Song("Empty"), start=0, end=1),
        ask(Kind.REHARMONISE, role=Role.CHORDS),
        ask(song=Song("Empty", tracks=(Track(1, "Flute", Role.MELODY),)), start=0, end=1),
        PredictNextChord(("C", "H♭", "")),
        PredictNextChord(("C",), top=0),
        ImportSketch(""),
        ImportSketch("nowhere.mid"),
        ImportSketch("/dev/null"),
        ImportSketch("bad\x00name.mid"),
        ImportSketch("x" * 5000),
    ],
    ids=str,
)
def test_the_engine_refuses_in_sentences(request_: Request) -> None:
    replies: list[object] = []
    Engine().handle(request_, replies.append)
    last = replies[-1]
    assert isinstance(last, Failed)
    assert last.reason != "internal"
    assert is_sentence(last.sentence), last.sentence


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Files good and bad."""
    save_midi(AIR, tmp_path / "air.mid")
    SongFile.create(tmp_path / "air.understudy", AIR).close()
    whole = (tmp_path / "air.understudy").read_bytes()
    (tmp_path / "half.understudy").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "noise.understudy").write_bytes(b"noise" * 999)
    (tmp_path / "empty.mid").touch()
    (tmp_path / "noise.mid").write_bytes(bytes(range(256)) * 8)
    (tmp_path / "noise.sf2").write_bytes(bytes(range(256)) * 8)
    (tmp_path / "folder.mid").mkdir()
    (tmp_path / "page.mid").write_bytes(b"<!DOCTYPE html><html></html>")
    (tmp_path / "song.wav").write_bytes(b"RIFF\x00\x00\x00\x00WAVE")
    return tmp_path


@pytest.mark.parametrize(
    ("name", "act"),
    [
        ("empty.mid", read_sketch),
        ("noise.mid", read_sketch),
        ("folder.mid", read_sketch),
        ("page.mid", read_sketch),
        ("song.wav", read_sketch),
        ("nowhere.mid", read_sketch),
        ("empty.mid", lambda path: read_midi(path.read_bytes(), path.name)),
        ("half.understudy", SongFile.open),
        ("noise.understudy", SongFile.open),
        ("nowhere.understudy", SongFile.open),
        ("noise.understudy", SongFile.open_reading),
        ("folder.mid", SongFile.open),
        ("air.understudy", lambda path: SongFile.create(path, AIR)),
        ("air.mid", lambda path: SongFile.create(path, AIR)),
        ("x.understudy", lambda path: SongFile.create(path.parent / "nowhere" / path.name, AIR)),
        ("folder.mid", lambda path: save_midi(AIR, path)),
        ("x.mid", lambda path: save_midi(AIR, path.parent / "nowhere" / path.name)),
        ("air.mid", lambda path: export_parts(AIR, path)),
        ("noise.sf2", lambda path: Bank.load(path, 48_000)),
        ("nowhere.sf2", lambda path: Bank.load(path, 48_000)),
        ("Nobody's keyboard", lambda path: MidiInput.open(path.name, print)),
    ],
)
def test_a_file_that_cannot_be_used_is_named(folder: Path, name: str, act) -> None:
    with pytest.raises((EngineError, PlaybackError)) as caught:
        act(folder / name)
    sentence = str(caught.value)
    assert name in sentence
    assert is_sentence(sentence), sentence
