"""The shipped file is the one its card describes; a small one is trained in seconds and remembers."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

from engine.api.errors import BadFileError, ModelError
from engine.generation.chords.listener import Listener
from engine.generation.chords.predict import weigh
from engine.generation.chords.store import MODELS, load_model, save_model
from engine.music import Chord
from engine.training.chords.allow import AllowList
from engine.training.chords.baselines import FiveGram, with_song_cache
from engine.training.chords.corpus import READERS, Entry
from engine.training.chords.mixing import gather_examples, train_mixer
from engine.training.chords.nextchord import score
from engine.training.chords.piece import Bar, ChartChord, Piece
from engine.training.chords.split import Part
from engine.training.chords.statistics import Spelling, count_model, tokens, with_mixer


def test_card_and_file_agree() -> None:
    card = json.loads((MODELS / "chords.json").read_text("utf-8"))
    content = (MODELS / "chords.safetensors").read_bytes()
    assert card["sha256"] == hashlib.sha256(content).hexdigest() == load_model().ref.sha256
    assert card["bytes"] == len(content) < 8_000_000
    assert {entry["id"] for entry in card["data"]} == set(READERS)
    assert len(card["attributions"]) == len(READERS) and all(card["attributions"])
    assert "wjd-changes" in card["share_alike"]


def test_a_changed_file_is_refused(tmp_path: Path) -> None:
    for name in ("chords.json", "chords.safetensors"):
        (tmp_path / name).write_bytes((MODELS / name).read_bytes())
    content = bytearray((tmp_path / "chords.safetensors").read_bytes())
    content[-1] ^= 1
    (tmp_path / "chords.safetensors").write_bytes(bytes(content))
    with pytest.raises(ModelError, match="does not match"):
        load_model(tmp_path)


def test_a_missing_model_is_said(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="missing"):
        load_model(tmp_path)


def test_only_listed_data_is_read(tmp_path: Path) -> None:
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "a.txt").write_bytes(b"chords")
    digest = hashlib.sha256(b"chords").hexdigest()
    entry = {
        "id": "set",
        "title": "",
        "licence": "CC0-1.0",
        "attribution": "",
        "url": "",
        "share_alike": False,
    }
    files = [{"path": "set/a.txt", "sha256": digest}]
    (tmp_path / "datasets.json").write_text(json.dumps({"datasets": [{**entry, "files": files}]}))
    allowed = AllowList(tmp_path)
    assert allowed.read("set", "a.txt") == b"chords"
    with pytest.raises(BadFileError, match="not on the list"):
        allowed.read("other", "a.txt")
    with pytest.raises(BadFileError, match="not listed"):
        allowed.read("set", "b.txt")
    (tmp_path / "set" / "a.txt").write_bytes(b"other")
    with pytest.raises(BadFileError, match="not the file"):
        allowed.read("set", "a.txt")


def _corpus() -> list[Entry]:
    """Songs that go round in loops of their own over common roots."""
    random = np.random.default_rng(3)
    entries = []
    for number in range(24):
        loop = [
            Chord(int(root), quality)
            for root, quality in zip(
                random.choice([0, 2, 4, 5, 7, 9], 4, replace=False), ["maj", "min", "maj", "7"], strict=True
            )
        ]
        chords = loop * 4
        events = tuple(ChartChord(i * 1920, 1920, chord, 0) for i, chord in enumerate(chords))
        bars = tuple(Bar(event.start_ticks, 1920) for event in events)
        piece = Piece(f"t/{number}", "t", "pop", f"t{number}", "", (4, 4), bars, events)
        entries.append(Entry(piece, Part.TRAIN if number < 18 else Part.TEST, number))
    return entries


def test_a_small_model_learns_to_remember(tmp_path: Path) -> None:
    entries = _corpus()
    training = [entry.piece for entry in entries if entry.part is Part.TRAIN]
    test = [entry.piece for entry in entries if entry.part is Part.TEST]
    counted = count_model(training)
    examples = gather_examples([entry for entry in entries if entry.part is Part.TRAIN], 1)
    mixer, history = train_mixer(examples, examples, 20, 1, (16, 8))
    assert history[-1][1] < 0.5 * history[0][0]
    model = with_mixer(counted, mixer)
    plain = FiveGram()
    for piece in training:
        plain.add(tokens(piece))
    table = score(model, plain, 0.6, test, Spelling.FULL)
    right = {who: row.top1 / row.asked for (who, which), row in table.items() if which == "known"}
    assert right["model"] > 0.9
    assert right["model"] > right["5-gram"]
    save_model(model, {}, tmp_path, {"kind": "chords"})
    back = load_model(tmp_path).chords
    for one in (model, back):
        listener = Listener.of(one)
        for chord in (event.chord for event in test[0].chords[:9]):
            listener.hear(chord)
        assert weigh(listener).chords[0] == test[0].chords[9].chord


def test_training_twice_gives_the_same_numbers() -> None:
    entries = _corpus()[:10]
    first, second = (train_mixer(e, e, 2, 5, (8, 4))[1] for e in (gather_examples(entries, 2),) * 2)
    assert first == second


def test_the_cache_follows_the_longest_match() -> None:
    heard = tokens(_corpus()[0].piece)[:9]
    guesses = with_song_cache({}, heard, 1.0)
    assert max(guesses, key=guesses.__getitem__) == (heard[5].chord.root, heard[5].chord.quality)
