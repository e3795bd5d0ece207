"""A model that is missing, damaged or not its card's: one sentence everywhere, and the window lives."""

import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from safetensors.numpy import load_file, save_file

from app.document.document import SongDocument
from app.enginelink.link import EngineLink, EngineState
from app.playback.qtplayer import QtPlayer
from app.settings import settings
from app.ui.mainwindow import MainWindow
from engine.formats.midi import save_midi
from engine.music import Note, Role, Song, Track
from tests.guards.house import ROOT, child

AIR = Song(
    "Air",
    tracks=(
        Track(1, "Flute", Role.MELODY, notes=tuple(Note(i + 2, i * 480, 480, 60 + i % 8) for i in range(32))),
    ),
    next_id=100,
)
# what each of the commands and the engine say when asked for an idea of this model
ASK = """
import json, sys
from pathlib import Path
from engine.cli import main
from engine.api.messages import ListModels, PredictNextChord, Suggest
from engine.api.suggestion import Kind, SuggestionRequest
from engine.formats.midi import read_midi
from engine.music import Region, Role
from engine.service.engine import Engine
file = sys.argv[1]
song = read_midi(Path(file).read_bytes(), "air").song
track = song.tracks[0].id
codes = [
    main(["suggest", file, "--kind", "harmonise", "--bars", "1-4"]),
    main(["next-chord", "C | Am"]),
    main(["suggest", file, "--kind", "vary", "--bars", "1-4"]),
]
replies = []
for request in (
    Suggest(SuggestionRequest(Kind.HARMONISE, song, Region(0, 4, (track,), chords=True), Role.CHORDS, track)),
    PredictNextChord(("C", "Am")),
    Suggest(SuggestionRequest(Kind.VARY, song, Region(0, 4, (track,)), Role.MELODY, track)),
    ListModels(),
):
    Engine().handle(request, replies.append)
ends = [reply for reply in replies if type(reply).__name__ in ("Done", "Failed")]
print(json.dumps([codes, [[getattr(end, "reason", ""), getattr(end, "sentence", "")] for end in ends]]))
"""


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the engine with models of its own."""
    folder = tmp_path_factory.mktemp("copy")
    shutil.copytree(ROOT / "engine", folder / "engine")
    shutil.copytree(ROOT / "assets" / "hearing", folder / "assets" / "hearing")
    save_midi(AIR, folder / "air.mid")
    return folder


@pytest.fixture
def models(copy: Path) -> Path:
    """The models of the copy, as they are shipped."""
    folder = copy / "assets" / "models"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(ROOT / "assets" / "models", folder)
    return folder


def missing(file: Path) -> None:
    file.unlink()


def without_card(file: Path) -> None:
    file.with_suffix(".json").unlink()


def card_of_another_form(file: Path) -> None:
    file.with_suffix(".json").write_text("[1, 2]")


def wrong_hash(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)


def truncated(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-1000])
    _tell_the_card(file)


def pickled(file: Path) -> None:
    file.write_bytes(b"\x80\x04cos\nsystem\n(S'touch broken-into'\ntR.")
    _tell_the_card(file)


def wrong_shape(file: Path) -> None:
    def cut(name: str, array: np.ndarray) -> np.ndarray:
        return array[..., :-1] if name in ("pairs", "pitch.weights") else array

    _change(file, cut)


def other_symbols(file: Path) -> None:
    def raised(name: str, array: np.ndarray) -> np.ndarray:
        return array | 0xF0 if name in ("degrees.2.symbols", "rhythm.symbols") else array

    _change(file, raised)


def cut_short(file: Path) -> None:
    def short(name: str, array: np.ndarray) -> np.ndarray:
        return array[:-3] if name in ("motion.1.ends", "pitch.keys") else array

    _change(file, short)


def not_numbers(file: Path) -> None:
    def spoilt(name: str, array: np.ndarray) -> np.ndarray:
        array = array.copy()
        if name in ("mixer.1.weight", "rhythm.weights"):
            array.flat[7] = np.nan
        return array

    _change(file, spoilt)


def other_kind_of_numbers(file: Path) -> None:
    def other(name: str, array: np.ndarray) -> np.ndarray:
        return array.astype(np.float64) if name in ("triads.0.keys", "pitch.counts") else array

    _change(file, other)


def _change(file: Path, change: Callable[[str, np.ndarray], np.ndarray]) -> None:
    before = load_file(file)
    after = {name: np.ascontiguousarray(change(name, array)) for name, array in before.items()}
    save_file(after, file)
    _tell_the_card(file)


def _tell_the_card(file: Path) -> None:
    card = json.loads(file.with_suffix(".json").read_text("utf-8"))
    card |= {"sha256": hashlib.sha256(file.read_bytes()).hexdigest(), "bytes": file.stat().st_size}
    file.with_suffix(".json").write_text(json.dumps(card))


BREAKS = (missing, without_card, card_of_another_form, wrong_hash, truncated, pickled)
BREAKS += (wrong_shape, other_symbols, cut_short, not_numbers, other_kind_of_numbers)


def ask(copy: Path, folder: Path) -> tuple[list[int], list[list[str]], list[str]]:
    """Exit codes of harmonise, next-chord and vary; (reason, sentence) of the same and of the list of
    models from the engine; what the commands said."""
    python, environment = child(folder / "home", copy)
    command = [*python, "-c", ASK, str(copy / "air.mid")]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=folder, check=True)
    codes, ends = json.loads(done.stdout.splitlines()[-1])
    assert not (folder / "home" / "log").exists()  # a refusal is no defect
    return codes, ends, [line.partition(": ")[2] for line in done.stderr.splitlines()]


@pytest.mark.parametrize("spoil", BREAKS)
def test_a_spoilt_model_is_one_sentence(
    copy: Path, models: Path, tmp_path: Path, spoil: Callable[[Path], None]
) -> None:
    for name in ("chords", "melody"):
        spoil(models / f"{name}.safetensors")
    codes, ends, said = ask(copy, tmp_path)
    assert codes == [2, 2, 2]
    assert len(said) == 3
    for name, sentence in zip(("chords", "chords", "melody"), said, strict=True):
        assert sentence.startswith(f"The {name} model ") and sentence.endswith(".")
    assert ends[:3] == [["model", sentence] for sentence in said]
    assert ends[3][0] == ""  # the list of models tells what it can
    assert not (tmp_path / "broken-into").exists()


@pytest.mark.parametrize(("name", "codes"), [("chords", [2, 2, 0]), ("melody", [0, 0, 2]), ("", [0, 0, 0])])
def test_one_model_that_is_missing_does_not_stop_the_other(
    copy: Path, models: Path, tmp_path: Path, name: str, codes: list[int]
) -> None:
    if name:
        missing(models / f"{name}.safetensors")
    found, ends, _ = ask(copy, tmp_path)
    assert found == codes
    assert [reason for reason, _ in ends] == ["model" if code else "" for code in codes] + [""]


def test_the_window_lives_without_models(
    copy: Path, models: Path, qtbot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.rmtree(models)
    monkeypatch.setenv("UNDERSTUDY_HOME", str(tmp_path))
    serve = f"import sys; sys.path.insert(0, {str(copy)!r}); sys.argv = ['engine', 'serve']; import runpy; "
    serve += "runpy.run_module('engine', run_name='__main__')"
    link = EngineLink(command=(sys.executable, "-P", "-c", serve))
    window = MainWindow(lambda: link, QtPlayer, settings.load())
    qtbot.addWidget(window)
    window.resize(1440, 900)
    window.show()
    window.wake()
    qtbot.waitUntil(lambda: link.state is EngineState.READY, timeout=20_000)
    window.opening.opened.emit(SongDocument.create(None, AIR), None)
    page = window.page
    page.state.set_region((0, 4))
    window.actions_map["ideas.suggest"].trigger()
    said = [cards.said for cards in page.panel.lists.values()]
    qtbot.waitUntil(lambda: any("model is missing" in label.text() for label in said), timeout=20_000)
    assert all(label.textFormat() is Qt.TextFormat.PlainText for label in said)
    assert link.state is EngineState.READY
    assert page.document.song == AIR
    window.close()
