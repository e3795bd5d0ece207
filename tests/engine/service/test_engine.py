"""The engine in this process: one last reply whatever happens; questions without sense are refused."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from engine.api.errors import Reason
from engine.api.messages import (
    Cancelled,
    Done,
    Failed,
    ImportSketch,
    ListModels,
    Models,
    Ping,
    PredictNextChord,
    Reply,
    Request,
    SketchImported,
    Suggest,
    TakeReady,
)
from engine.api.suggestion import Controls, Kind, SuggestionRequest
from engine.formats.midi import save_midi
from engine.formats.songfile import SongFile
from engine.generation import registry
from engine.music import Note, Region, Role, Song, Track
from engine.service.engine import UNEXPECTED, Engine, Interrupted
from engine.service.models import (
    LISTENING,
    MODELS,
    installed_index,
    installed_listeners,
    installed_models,
)
from tests.link import trouble_engine
from tests.link.asking import ask, names

EIGHT_BARS = Song(
    "Air",
    tracks=(Track(1, "Flute", Role.MELODY, notes=tuple(Note(i + 2, i * 1920, 960, 72) for i in range(8))),),
)


@pytest.fixture(autouse=True)
def _trouble(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("UNDERSTUDY_HOME", str(tmp_path))
    monkeypatch.setattr(registry, "_generators", registry._generators)  # put back afterwards
    trouble_engine.install()


def handle(request: Request, checkpoint=lambda: None) -> list[Reply]:
    replies: list[Reply] = []
    Engine().handle(request, replies.append, checkpoint)
    assert [name in ("Done", "Failed", "Cancelled") for name in names(replies)] == [False] * (
        len(replies) - 1
    ) + [True]
    return replies


def refusal(request: SuggestionRequest) -> str:
    (reply,) = handle(Suggest(request))
    assert isinstance(reply, Failed)
    assert reply.reason is Reason.BAD_REQUEST
    return reply.sentence


def question(**changes: object) -> SuggestionRequest:
    base = SuggestionRequest(
        Kind.RESTYLE, EIGHT_BARS, Region(0, 4), Role.OTHER, controls=Controls(style="steps")
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def test_takes_come_in_order_and_the_time_is_told() -> None:
    replies = handle(ask(takes=2))
    assert names(replies) == ["Progress", "Partial", "TakeReady"] * 2 + ["Done"]
    assert isinstance(replies[-1], Done)
    assert replies[-1].elapsed_s > 0.05


def test_a_checkpoint_that_interrupts_ends_the_work_with_cancelled() -> None:
    calls = 0

    def stop_at_the_third() -> None:
        nonlocal calls
        calls += 1
        if calls == 3:
            raise Interrupted

    replies = handle(ask(takes=4), stop_at_the_third)
    assert replies[-1] == Cancelled()
    assert not any(isinstance(reply, TakeReady) for reply in replies)


def test_what_is_no_work_and_what_nobody_serves_is_refused() -> None:
    assert isinstance(handle(Ping())[-1], Failed)
    registry._generators().clear()
    assert refusal(question()) == "This version cannot suggest “restyle” for the other part."


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"region": Region(4, 4)}, "at least one bar"),
        ({"region": Region(-1, 2)}, "at least one bar"),
        ({"region": Region(4, 9)}, "Bars 5 to 9 are not all in the song, which ends with bar 8."),
        ({"region": Region(8, 9)}, "Bar 9 are not"),
        ({"region": Region(9, 12), "kind": Kind.CONTINUE}, "leave a gap"),
        ({"region": Region(0, 1000)}, "1000 bars are too many"),
        ({"takes": 0}, "Between 1 and 16 takes"),
        ({"takes": 17}, "not 17"),
        ({"track_id": 5}, "not in this song"),
        ({"region": Region(0, 1, (9,))}, "not in this song"),
        ({"controls": Controls(surprise=1.5)}, "Surprise goes from 0 to 1, not 1.5."),
        ({"controls": Controls(distance=float("nan"))}, "Distance goes from 0 to 1"),
        ({"controls": Controls(density=-0.1)}, "Density goes from 0 to 1"),
        ({"controls": Controls(range=(70, 60))}, "holds no pitch"),
    ],
)
def test_nonsense_is_refused_in_words_people_count_with(changes: dict[str, object], words: str) -> None:
    assert words in refusal(question(**changes))


def test_bars_may_begin_right_after_the_end_for_what_goes_on() -> None:
    after = question(kind=Kind.CONTINUE, region=Region(8, 12))
    registry._generators()[(Kind.CONTINUE, Role.OTHER)] = trouble_engine  # type: ignore[assignment]
    assert isinstance(handle(Suggest(after))[-1], Done)


@pytest.mark.parametrize("suffix", [".mid", ".understudy"])
def test_a_sketch_is_imported_from_either_sort_of_file(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"air{suffix}"
    if suffix == ".mid":
        save_midi(EIGHT_BARS, path)
    else:
        SongFile.create(path, EIGHT_BARS).close()
    *_, imported, done = handle(ImportSketch(str(path)))
    assert isinstance(imported, SketchImported)
    assert isinstance(done, Done)
    assert [note.pitch for note in imported.song.notes()] == [72] * 8
    assert imported.song.tracks[0].role is Role.MELODY
    assert len(imported.sha256) == 64


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("missing.mid", None, "is not there"),
        ("empty.mid", b"", "is empty"),
        ("noise.mid", b"\x00\xff" * 500, "is not a MIDI file"),
        ("song.wav", b"RIFF\x00\x00\x00\x00WAVEfmt ", "is not a recording"),
        ("score.musicxml", b"<?xml version='1.0'?><score-partwise/>", "holds no notes"),
        ("fake.understudy", b"SQLite format 3\x00" + b"\x00" * 4000, "fake.understudy"),
        ("nul\x00.mid", None, "not a name a file can have"),
        ("x" * 400 + ".mid", None, "cannot be read"),
    ],
)
def test_a_file_without_music_is_refused_by_name(
    tmp_path: Path, name: str, content: bytes | None, words: str
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    *_, failed = handle(ImportSketch(str(path)))
    assert isinstance(failed, Failed)
    assert failed.sentence != UNEXPECTED
    assert words in failed.sentence
    assert name[:20].replace("\x00", "") in failed.sentence


def test_folders_and_pipes_are_not_waited_for(tmp_path: Path) -> None:
    import os

    os.mkfifo(tmp_path / "pipe.mid")
    for name, words in (("pipe.mid", "a pipe"), (".", "a folder")):
        *_, failed = handle(ImportSketch(str(tmp_path / name)))
        assert isinstance(failed, Failed)
        assert words in failed.sentence


@pytest.mark.parametrize(
    ("request_", "words"),
    [(PredictNextChord(("Cmaj7", "Hm")), "“Hm”"), (PredictNextChord(("C",), top=0), "Between 1 and 500")],
)
def test_next_chord_refuses_what_it_cannot_read(request_: PredictNextChord, words: str) -> None:
    (failed,) = handle(request_)
    assert isinstance(failed, Failed)
    assert words in failed.sentence


def test_models_are_listed_with_their_cards() -> None:
    models, _ = handle(ListModels())
    assert isinstance(models, Models)
    assert all(len(model.sha256) == 64 and model.bytes > 0 and model.attributions for model in models.models)


@pytest.mark.parametrize("card", [None, "{", "[]", "{}", '{"name":"x","kind":"y","sha256":"00"}'])
def test_a_model_that_is_not_its_cards_is_told_to_be_so(tmp_path: Path, card: str | None) -> None:
    (tmp_path / "x.safetensors").write_bytes(b"weights")
    if card is not None:
        (tmp_path / "x.json").write_text(card)
    (told,) = installed_models(tmp_path)
    assert told.name == "x" and told.trouble.startswith("The x model ")
    assert "missing" not in told.trouble.partition(";")[0]
    assert ("card" in told.trouble) and not told.attributions


def test_every_set_a_writing_model_learnt_from_is_told_whole() -> None:
    for card in MODELS.glob("*.json"):
        told = json.loads(card.read_text("utf-8"))
        for one in told["data"]:
            assert all(one[key] for key in ("title", "licence", "attribution", "url")), (card.name, one["id"])
            assert one.get("sha256") or one["files"], (card.name, one["id"])
            assert one["attribution"] in told["attributions"], (card.name, one["id"])


@pytest.mark.parametrize("lost", ["infill.safetensors", "infill.json"])
def test_a_damaged_model_hides_no_other(tmp_path: Path, lost: str) -> None:
    for file in (*MODELS.glob("infill.*"), *MODELS.glob("drummer.*")):
        shutil.copy(file, tmp_path / file.name)
    (tmp_path / lost).unlink()
    drummer, infill = installed_models(tmp_path)
    assert drummer.attributions and not drummer.trouble
    assert infill.trouble.endswith("melodies are simpler until Understudy is installed again.")
    assert ("missing" in infill.trouble) == lost.endswith("safetensors")


@pytest.mark.parametrize("ending", [".onnx", ".json"])
def test_a_damaged_listener_hides_no_other(tmp_path: Path, ending: str) -> None:
    for file in (*LISTENING.glob("pitch.*"), *LISTENING.glob("rhythm.*")):
        shutil.copy(file, tmp_path / file.name)
    (tmp_path / f"pitch{ending}").write_bytes(b"noise")
    pitch, rhythm = installed_listeners(tmp_path)
    assert "recordings are heard less well" in pitch.trouble and rhythm.summary


def test_a_damaged_index_is_told_in_its_place(tmp_path: Path) -> None:
    assert installed_index(tmp_path) == ()
    (tmp_path / "originality.json").write_text("{}")
    (told,) = installed_index(tmp_path)
    assert "list of known works" in told.trouble and told.kind == "index"
