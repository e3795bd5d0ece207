"""A document in a home of its own."""

import pytest

from app.document.document import SongDocument
from engine.formats.songfile import SketchSource
from tests.engine.songfile.sessions import starting_song


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("UNDERSTUDY_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def document(tmp_path, qapp):
    opened = SongDocument.create(
        tmp_path / "Harbour.understudy", starting_song(), SketchSource("riff.mid", b"MThd")
    )
    opened.refused = []
    opened.failed.connect(opened.refused.append)
    yield opened
    opened.close()
