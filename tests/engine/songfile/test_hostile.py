"""Files that are not songs, or no longer: one sentence each, nothing half-read, nothing touched."""

import random
import shutil
import sqlite3

import pytest

from engine.api.errors import BadFileError
from engine.formats.songfile import SongFile, peek, read_song
from engine.music import edits
from tests.engine.songfile.sessions import starting_song


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    """A closed song of twenty edits."""
    path = tmp_path_factory.mktemp("good") / "Good.understudy"
    file = SongFile.create(path, starting_song())
    for number in range(20):
        file.commit(f"Edit {number}", edits.transpose_notes(file.song, [3 + number], 1))
    file.close()
    return path


def sql(*statements):
    def change(path):
        connection = sqlite3.connect(path, isolation_level=None)
        for statement in statements:
            connection.execute(statement)
        connection.close()

    return change


def whole(data):
    return lambda path: path.write_bytes(data)


def cut_to(share):
    return lambda path: path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])


def a_page_of_zeros(path):
    """In the middle, where only earlier steps are."""
    data = bytearray(path.read_bytes())
    start = len(data) // 4096 // 2 * 4096
    data[start : start + 4096] = bytes(4096)
    path.write_bytes(data)


def foreign(path):
    path.unlink()
    sql("CREATE TABLE notes (text)", "INSERT INTO notes VALUES ('shopping')")(path)


NOT_OURS, NEWER, DAMAGED = "is not an Understudy song", "newer version", "is damaged"
WRITABLE = "PRAGMA writable_schema = ON"
HOSTILE = [
    ("no bytes", whole(b""), NOT_OURS),
    ("one byte", whole(b"S"), NOT_OURS),
    ("random bytes", whole(random.Random(1).randbytes(50_000)), NOT_OURS),
    ("text", whole(b"Dear diary" * 1000), NOT_OURS),
    ("a MIDI file", whole(b"MThd\x00\x00\x00\x06\x00\x01\x00\x02\x01\xe0" + bytes(200)), NOT_OURS),
    ("only SQLite's first words", whole(b"SQLite format 3\x00" + bytes(84)), NOT_OURS),
    ("someone else's database", foreign, NOT_OURS),
    ("another application's number", sql("PRAGMA application_id = 1"), NOT_OURS),
    ("a newer version", sql("PRAGMA user_version = 2"), NEWER),
    ("version nought", sql("PRAGMA user_version = 0"), DAMAGED),
    ("a trigger", sql("CREATE TRIGGER t AFTER INSERT ON step BEGIN DELETE FROM part; END"), DAMAGED),
    ("a view", sql("CREATE VIEW v AS SELECT * FROM part"), DAMAGED),
    ("a view in place of a table", sql("DROP TABLE take", "CREATE VIEW take AS SELECT 1"), DAMAGED),
    ("one more table", sql("CREATE TABLE more (x)"), DAMAGED),
    ("one more index", sql("CREATE INDEX i ON ledger (utc)"), DAMAGED),
    ("a table less", sql("DROP TABLE sketch"), DAMAGED),
    ("a column more", sql("ALTER TABLE step ADD COLUMN x TEXT"), DAMAGED),
    (
        "a changed schema text",
        sql(
            WRITABLE,
            "UPDATE sqlite_master SET sql = replace(sql, 'name TEXT', 'name ANY') WHERE name = 'step'",
        ),
        DAMAGED,
    ),
    ("no song in it", sql("DELETE FROM song"), DAMAGED),
    ("a step too many", sql("UPDATE song SET step = 99"), DAMAGED),
    ("a step before the first", sql("UPDATE song SET step = -1"), DAMAGED),
    ("steps that do not join", sql("UPDATE step SET after = before WHERE number = 7"), DAMAGED),
    ("a step missing", sql("DELETE FROM step WHERE number = 7"), DAMAGED),
    (
        "another song than the steps lead to",
        sql("UPDATE song SET content = (SELECT before FROM step)"),
        DAMAGED,
    ),
    ("a content that is not there", sql("UPDATE song SET content = 'abc'"), DAMAGED),
    ("no parts", sql("DELETE FROM part"), DAMAGED),
    (
        "parts of other text",
        sql("UPDATE part SET body = CAST(replace(CAST(body AS TEXT), '60', '61') AS BLOB)"),
        DAMAGED,
    ),
    ("parts of no text", sql("UPDATE part SET body = x'00ff'"), DAMAGED),
    ("a page of zeros among the undo steps", a_page_of_zeros, DAMAGED),
    ("cut in the middle", cut_to(0.5), DAMAGED),
    ("cut after the first page", cut_to(0.04), DAMAGED),
    ("cut near the end", cut_to(0.97), DAMAGED),
]


@pytest.mark.parametrize(("what", "harm", "sentence"), HOSTILE, ids=[row[0] for row in HOSTILE])
def test_one_sentence_says_what_is_wrong_and_the_file_stays_as_it_is(tmp_path, good, what, harm, sentence):
    path = tmp_path / "Bad.understudy"
    shutil.copy(good, path)
    harm(path)
    was = path.read_bytes()
    with pytest.raises(BadFileError) as refused:
        SongFile.open(path)
    said = str(refused.value)
    assert "“Bad.understudy”" in said
    assert sentence in said
    assert said.endswith(".")
    assert "\n" not in said
    assert path.read_bytes() == was
    assert [entry.name for entry in tmp_path.iterdir()] == ["Bad.understudy"]


@pytest.mark.parametrize("missing", ["Nowhere.understudy", "no/such/folder.understudy", "."])
def test_what_is_no_file_is_said_so(tmp_path, missing):
    for look in (SongFile.open, read_song, peek):
        with pytest.raises(BadFileError, match="is not an Understudy song"):
            look(tmp_path / missing)


def test_a_flipped_bit_is_refused_or_harms_nothing(tmp_path, good):
    """Anywhere in the file: either a sentence, or every song of every step is as it was."""
    path, whole_file, chance = tmp_path / "Flip.understudy", good.read_bytes(), random.Random(3)
    songs = songs_of_all_steps(good)
    outcomes = {"refused": 0, "whole": 0, "seen in the ledger": 0}
    for _ in range(120):
        data = bytearray(whole_file)
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        path.write_bytes(data)
        outcomes[_outcome(path, songs)] += 1
    assert min(outcomes.values()) > 3, outcomes


def _outcome(path, songs):
    try:
        found = songs_of_all_steps(path)
    except BadFileError:
        return "refused"
    assert [song.tracks for song in found] == [song.tracks for song in songs]
    reading = SongFile.open_reading(path)
    fault = reading.ledger_fault()
    reading.close()
    return "seen in the ledger" if fault else "whole"


def songs_of_all_steps(path):
    """Every song from the last step to the first, read from a copy so that looking leaves the file alone."""
    copy = path.with_suffix(".copy")
    shutil.copy(path, copy)
    file = SongFile.open(copy)
    try:
        songs = [file.song]
        while file.undo():
            songs.append(file.song)
        return songs
    finally:
        file.close()
        copy.unlink()
