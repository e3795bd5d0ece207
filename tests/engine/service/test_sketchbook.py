"""Sketches like this one are found in files and folders, with reasons; what cannot be read is counted."""

from pathlib import Path

import pytest

from engine.api.messages import Failed, FindSimilar, Similar
from engine.formats.midi import save_midi
from engine.service import sketchbook
from engine.service.engine import Engine
from tests.engine.analysis.test_likeness import OTHER, TUNE, sketch

MINE = sketch("C Am F G", TUNE)


@pytest.fixture
def book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(sketchbook, "_own_folders", lambda: ())
    (tmp_path / "all" / "inside").mkdir(parents=True)
    save_midi(MINE, tmp_path / "mine.mid")
    save_midi(sketch("C Am F G", TUNE, by=3, bpm=104), tmp_path / "all" / "inside" / "same.mid")
    save_midi(sketch("C Am F G", OTHER, by=5, bpm=180), tmp_path / "all" / "chords.mid")
    save_midi(sketch("Cm Ab Fm Bb", OTHER, bpm=170), tmp_path / "all" / "else.mid")
    (tmp_path / "all" / "broken.mid").write_bytes(b"MThd")
    (tmp_path / "all" / "letter.txt").write_text("hello")
    return tmp_path


def answer(request: FindSimilar) -> Similar | Failed:
    replies: list[object] = []
    Engine().handle(request, replies.append)
    return next(each for each in reversed(replies) if isinstance(each, Similar | Failed))


def test_the_most_alike_come_first_with_reasons(book: Path) -> None:
    told = answer(FindSimilar(MINE, "", (str(book / "all"),)))
    assert isinstance(told, Similar)
    assert [Path(each.path).stem for each in told.found][:2] == ["same", "chords"]
    assert (told.compared, told.left_out) == (3, 1)
    same, chords = told.found[:2]
    assert any("melody moves alike" in words for words in same.reasons)
    assert any("(100 and 104 bpm)" in words for words in same.reasons)
    assert any("chords" in words and "–" in words for words in chords.reasons)
    assert not any("melody" in words for words in chords.reasons)


def test_a_file_is_compared_with_others_once_and_never_with_itself(book: Path) -> None:
    mine, folder = str(book / "mine.mid"), str(book / "all")
    told = answer(FindSimilar(None, mine, (mine, folder, folder, str(book / "all/chords.mid"))))
    assert isinstance(told, Similar) and told.compared == 3
    assert mine not in {each.path for each in told.found}


def test_a_file_is_heard_again_only_when_it_has_changed(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[str] = []
    listen = sketchbook.listen_to
    monkeypatch.setattr(sketchbook, "listen_to", lambda file: heard.append(file.sha256) or listen(file))
    question = FindSimilar(MINE, "", (str(book / "all"),))
    answer(question)
    before = len(heard)
    answer(question)
    assert len(heard) == before
    save_midi(sketch("Dm G C C", OTHER, bpm=90), book / "all" / "else.mid")
    answer(question)
    assert len(heard) == before + 1


@pytest.mark.parametrize(
    ("request_", "says"),
    [
        (FindSimilar(None, "/nowhere/gone.mid", ()), "“gone.mid” is not there"),
        (FindSimilar(MINE, "", ("x",) * 201), "up to 200 places"),
        (FindSimilar(MINE, "", (), top=0), "Up to 100 sketches"),
    ],
)
def test_what_cannot_be_looked_for_is_refused_in_words(request_: FindSimilar, says: str) -> None:
    told = answer(request_)
    assert isinstance(told, Failed) and says in told.sentence
