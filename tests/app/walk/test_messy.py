"""Whatever people bring is opened, or refused in one sentence that names it."""

import pytest

from tests.app.walk import messy

OPENED = (
    "sixteen tracks",
    "type 0",
    "free piano",
    "drums only",
    "half an hour",
    "one note",
    "odd metres",
    "no names",
)
REFUSED = {
    "empty": "holds no notes",
    "text.mid": "is not a MIDI file",
    "nothing.mid": "is empty",
    "header only.mid": "holds no notes",
    "text.understudy": "is not an Understudy song",
    "picture.png": "no MIDI file, recording, score or song",
    "folder.mid": "is not there",
    "not there.mid": "is not there",
}


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return messy.write_all(tmp_path_factory.mktemp("messy"))


@pytest.mark.parametrize("name", [*OPENED, "cut off.mid", "twenty thousand notes"])
def test_a_messy_sketch_is_opened(window, qtbot, files, name):
    window.open_file(files[name])
    qtbot.waitUntil(lambda: window.page is not None, timeout=30_000)
    song = window.document.song
    assert sum(len(track.notes) for track in song.tracks) > 0
    assert window.page.roll.isVisible() and window.bar.position.text()
    assert window.document.sketches[0].data == files[name].read_bytes()
    said = window.banner.sentence if window.banner.isVisible() else ""
    assert not said or said.endswith(".")
    if name == "cut off.mid":
        assert "cut short" in said or "wrong length" in said


@pytest.mark.parametrize(("name", "why"), REFUSED.items())
def test_what_is_no_sketch_is_refused_in_a_sentence(window, qtbot, files, name, why):
    window.open_file(files[name])
    qtbot.waitUntil(lambda: why in window.banner.sentence, timeout=10_000)
    assert files[name].name in window.banner.sentence and window.banner.sentence.endswith(".")
    assert window.page is None
