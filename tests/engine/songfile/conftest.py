"""A song file on disk, and a user to whom folders can be read-only (the tests may run as root)."""

import os
import shutil
import tempfile
from pathlib import Path

import pytest

from engine.formats.songfile import SketchSource, SongFile
from tests.engine.songfile.sessions import starting_song

SKETCH = SketchSource("riff.mid", bytes(range(256)) * 4, owner="Ada", source="file")


@pytest.fixture
def file(tmp_path):
    opened = SongFile.create(tmp_path / "Harbour.understudy", starting_song(), SKETCH)
    yield opened
    opened.close()


@pytest.fixture
def ordinary_user():
    """A folder of an ordinary user's, and that user."""
    folder = Path(tempfile.mkdtemp(prefix="understudy-"))
    if os.getuid() == 0:
        os.chown(folder, 65534, 65534)
        os.seteuid(65534)
    yield folder
    if os.getuid() == 0:
        os.seteuid(0)
    folder.chmod(0o755)
    shutil.rmtree(folder)
