from pathlib import Path

import pytest

from engine.ranking.originality import store
from engine.ranking.originality.symbols import progression_text
from tests.engine.originality.works import chords, entry, melody, write_index

CHANGES = "C Ab Em F#dim B Dm Eb Caug Db Gm A E Bbm F Ddim G"


@pytest.fixture
def known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An index with one melody and one progression in place of the shipped one, and a home of its own."""
    write_index(
        tmp_path / "index",
        [entry(melody())],
        [entry(progression_text(chords(CHANGES)), "Changes", maker="Somebody")],
    )
    monkeypatch.setattr(store, "SHIPPED", tmp_path / "index")
    monkeypatch.setenv("UNDERSTUDY_HOME", str(tmp_path / "home"))
    return tmp_path
