"""`understudy verify`: a song's record is whole (0), not as written (1), or cannot be read at all (2)."""

import json
import sqlite3
from pathlib import Path

import pytest

from engine.cli import main
from engine.formats.songfile import Act, SongFile
from engine.music import Note, Role, Song, Track

AIR = Song("Air", tracks=(Track(1, "Flute", Role.MELODY, notes=(Note(2, 0, 480, 72),)),), next_id=3)
ROWS = 251  # the first, and more than two pages of the check


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("song") / "air.understudy"
    file = SongFile.create(path, AIR)
    for number in range(ROWS - 1):
        file.record(Act.AUDITION, {"take": number})
    file.close()
    return path.read_bytes()


@pytest.fixture
def song(original: bytes, tmp_path: Path) -> Path:
    path = tmp_path / "air.understudy"
    path.write_bytes(original)
    return path


def tamper(path: Path, statement: str) -> None:
    connection = sqlite3.connect(path)
    assert connection.execute(statement).rowcount
    connection.commit()
    connection.close()


def test_a_whole_record(song: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = song.read_bytes()
    assert main(["verify", str(song)]) == 0
    said = capsys.readouterr()
    assert said == (f"“air.understudy”: the record is whole; all {ROWS} entries are as written.\n", "")
    assert song.read_bytes() == before


@pytest.mark.parametrize(
    ("statement", "first_wrong"),
    [
        ("UPDATE ledger SET payload = '{}' WHERE seq = 7", 7),
        ("UPDATE ledger SET actor = 'engine' WHERE seq = 101", 101),
        ("UPDATE ledger SET utc = '2001-01-01T00:00:00Z' WHERE seq = 1", 1),
        ("UPDATE ledger SET payload = CAST(x'ff' AS TEXT) WHERE seq = 150", 150),
        ("DELETE FROM ledger WHERE seq = 200", 200),
        ("DELETE FROM ledger WHERE seq > 240", 241),
        ("DELETE FROM ledger", 1),
        ("UPDATE ledger SET seq = -3 WHERE seq = 1", 1),
        ("UPDATE song SET ledger = 'abc'", ROWS + 1),
    ],
)
def test_every_change_is_found(
    song: Path, capsys: pytest.CaptureFixture[str], statement: str, first_wrong: int
) -> None:
    tamper(song, statement)
    assert main(["verify", str(song), "--json"]) == 1
    record = json.loads(capsys.readouterr().out)
    assert (record["whole"], record["first_wrong"]) == (False, first_wrong)
    assert main(["verify", str(song)]) == 1
    out, err = capsys.readouterr()
    assert f"entry {first_wrong}" in out and out.endswith(".\n") and out.count("\n") == 1
    assert err == ""


def test_the_check_goes_in_small_steps(song: Path) -> None:
    file = SongFile.open_reading(song)
    assert list(file.ledger_check()) == [0, 0, 0, None]
    file.close()
