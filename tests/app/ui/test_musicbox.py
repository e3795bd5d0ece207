"""The box that tells what the engine was trained on and what ideas are compared with."""

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from shiboken6 import delete

from app.ideas.alsochecked import ONE_AT_A_TIME, STOPPED, AlsoChecked, folder_words
from app.ui.modelcard import SHOW
from app.ui.modelfacts import Sort, every_figure, set_line, shown_scores
from app.ui.musicbox import MusicBox
from engine.api.errors import Reason
from engine.api.messages import AddedFolder, AddFolder, Cancelled, Done, Failed, Folders, Progress
from engine.api.suggestion import ModelInfo
from engine.formats.midi import save_midi
from engine.service.models import installed_index, installed_listeners, installed_models
from tests.app.demo import harbour_lights
from tests.app.ui.conftest import named

MINE, AWAY = "Add my own songs…", "Add songs to stay away from…"


@pytest.fixture
def songs(tmp_path: Path) -> Path:
    folder = tmp_path / "My songs"
    folder.mkdir()
    save_midi(harbour_lights(), folder / "Harbour lights.mid")
    (folder / "torn.mid").write_bytes(b"noise")
    return folder


def opened(window, qtbot) -> MusicBox:
    window.actions_map["help.music"].trigger()
    box = next(each for each in window.findChildren(MusicBox) if each.isVisible())
    qtbot.waitUntil(lambda: box.is_complete and "Asking" not in box.texts(), timeout=20_000)
    return box


def test_every_model_and_the_index_are_told_with_licences_and_lines(window, qtbot):
    texts = opened(window, qtbot).texts()
    for model in (*installed_models(), *installed_index()):
        assert model.name in texts and ", ".join(model.licences) in texts
        assert all(line in texts for line in model.attributions)
        for words, value in shown_scores(model.scores):
            assert words in texts and value in texts


def test_every_set_is_told_with_its_licence_and_how_much_of_it(window, qtbot):
    texts = opened(window, qtbot).texts()
    for model in installed_models():
        assert model.sets
        for each in model.sets:
            assert set_line(each) in texts and each.attribution in texts
    assert "Progressions and melodies written for Understudy · CC0-1.0 · 549 pieces" in texts


@pytest.mark.parametrize("name", ["drummer", "harmoniser", "infill"])
def test_every_figure_is_shown_when_asked_for_and_put_away_again(window, qtbot, name):
    box = opened(window, qtbot)
    model = next(each for each in installed_models() if each.name == name)
    assert shown_scores(model.scores) and model.sha256 not in box.texts()
    more = named(box, f"{SHOW} of {name}")
    qtbot.mouseClick(more, Qt.MouseButton.LeftButton)
    texts = box.texts()
    assert model.sha256 in texts and "\nseed\n" in f"\n{texts}\n"
    for title, rows in every_figure(model):
        assert title in texts
        assert all(figure in texts and value in texts for figure, value in rows)
    assert box.area.horizontalScrollBar().maximum() == 0
    qtbot.mouseClick(more, Qt.MouseButton.LeftButton)
    assert more.text() == SHOW and more.accessibleName() == f"{SHOW} of {name}"


def test_a_model_that_cannot_be_used_is_a_sentence_among_the_others(window, qtbot):
    box = opened(window, qtbot)
    broken = ModelInfo("infill", "model", "", 0, trouble="The infill model is damaged; ideas are simpler.")
    box._show((broken, *installed_models()))
    qtbot.waitUntil(lambda: box.is_complete)
    assert broken.trouble in box.texts() and "Groove MIDI" in box.texts()


def test_the_models_that_listen_are_told_apart_from_those_that_write(window, qtbot):
    texts = opened(window, qtbot).texts()
    where = {sort: texts.index(sort.value) for sort in Sort}
    for model in installed_listeners():
        assert where[Sort.LISTENS] < texts.index(model.summary) < where[Sort.KNOWS]
        assert ", ".join(model.licences) in texts and "Trained: " in texts
    for model in installed_models():
        assert where[Sort.WRITES] < texts.index(model.summary) < where[Sort.LISTENS]
    assert all(where[Sort.KNOWS] < texts.index(model.summary) for model in installed_index())


def test_the_box_scrolls_by_key_and_keeps_tab_inside(window, qtbot):
    box = opened(window, qtbot)
    bar = box.area.verticalScrollBar()
    assert bar.maximum() > 0 and box.area.horizontalScrollBar().maximum() == 0
    qtbot.keyClick(box.area, Qt.Key.Key_PageDown)
    assert bar.value() > 0
    for key in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab):
        for _ in range(8):
            qtbot.keyClick(QApplication.focusWidget(), key)
            assert box.isAncestorOf(QApplication.focusWidget())
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Escape)
    assert box.isHidden()


@pytest.mark.parametrize(("text", "whose"), [(MINE, "your own"), (AWAY, "to stay away from")])
def test_a_folder_is_added_told_and_removed(engine_at_home, make_window, qtbot, songs, text, whose):
    window = make_window()
    box = opened(window, qtbot)
    assert "No folder was added." in box.texts()
    window.picker.path = songs
    qtbot.mouseClick(named(box, text), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: f"{whose} · 1 work" in box.texts(), timeout=20_000)
    assert "One file was left out" in box.texts() and "torn.mid" in box.texts()
    qtbot.wait(50)
    qtbot.mouseClick(named(box, f"Remove My songs, {whose} · 1 work"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "No folder was added." in box.texts(), timeout=20_000)
    assert songs.exists() and "no longer compared with “My songs”" in box.texts()


def test_the_palette_adds_a_folder_and_shows_how_it_goes(engine_at_home, make_window, qtbot, songs):
    window = make_window()
    window.picker.path = songs / "nothing here"
    (songs / "nothing here").mkdir()
    window.actions_map["checked.own"].trigger()
    box = window.findChild(MusicBox)
    qtbot.waitUntil(lambda: "“nothing here” can be compared" in box.texts(), timeout=20_000)
    assert "Nothing in" in window.status.sentence


# the list without an engine ---------------------------------------------------------


class Link:
    def __init__(self):
        self.sent, self.cancelled = [], []

    def send(self, request, on_reply=None):
        self.sent.append((request, on_reply))
        return len(self.sent)

    def cancel(self, request_id):
        self.cancelled.append(request_id)


@pytest.fixture
def checked(qapp):
    made = AlsoChecked(Link())
    made.sentences = []
    made.said.connect(made.sentences.append)
    return made


def test_one_folder_is_read_at_a_time(checked):
    checked.add(Path("/a/Mine"), False)
    checked.add(Path("/a/Other"), True)
    assert [request for request, _ in checked._link.sent] == [AddFolder("/a/Mine", False)]
    assert checked.reading == "Mine" and checked.sentences == [ONE_AT_A_TIME]


@pytest.mark.parametrize(
    ("replies", "sentence", "count"),
    [
        ([Progress(0.5, "Reading"), Cancelled()], STOPPED, None),
        ([Failed(Reason.BAD_FILE, "Nothing in “Mine” can be compared with.")], "Nothing in", None),
        ([Folders((AddedFolder("/a/Mine", False, 3),)), Done(1.0)], "too.", 1),
        (
            [Folders((AddedFolder("/a/Mine", False, 3),), ("x.", "y.")), Done(1.0)],
            "2 files were left out: x.",
            1,
        ),
    ],
)
def test_how_reading_ends_is_said(checked, replies, sentence, count):
    checked.add(Path("/a/Mine"), False)
    for reply in replies:
        checked._link.sent[0][1](reply)
    assert sentence in checked.sentences[-1] and checked.reading == ""
    assert (len(checked.folders) if checked.folders else None) == count


def test_stopping_cancels_the_reading_only(checked):
    checked.stop()
    assert checked._link.cancelled == []
    checked.add(Path("/a/Mine"), False)
    checked.stop()
    assert checked._link.cancelled == [1]


def test_words_of_a_folder():
    folder = AddedFolder("/a", True, 1)
    assert folder_words(folder) == "to stay away from · 1 work"
    assert folder_words(replace(folder, is_reference=False, works=2)) == "your own · 2 works"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        (
            "songs_harmonise_both_bits_per_chord",
            "Doubt at each chord of songs it never saw, chords under a melody",
        ),
        ("tunes_both_bits_per_note", "Doubt at each note of folk tunes it never saw"),
        ("tunes_left_bits_per_note", None),
        ("anything_else", None),
    ],
)
def test_scores_of_an_infilling_model_in_words(name, words):
    assert shown_scores({name: 1.234}) == (((words, "1.23 bits"),) if words else ())


def test_an_answer_after_the_window_is_gone_is_for_nobody(checked):
    checked.add(Path("/a/Mine"), False)
    answer = checked._link.sent[0][1]
    delete(checked)
    answer(Progress(0.5, "Reading"))
    answer(Cancelled())
