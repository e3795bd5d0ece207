"""Whoever else has the song, and whatever the disk refuses: a clear sentence, and the song as it was."""

import resource
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from engine.commands.bench_songfile import judge_survivor, killed_writer
from engine.formats.songfile import (
    SongFile,
    SongInUseError,
    SongNotWrittenError,
    is_in_use,
    peek,
    read_song,
    remove_song,
)
from engine.formats.songfile.lock import lock_path
from engine.music import Song, edits
from tests.engine.songfile.sessions import starting_song

ROOT = Path(__file__).resolve().parents[3]
HOLDER = """
import sys, time
from pathlib import Path
from engine.formats.songfile import SongFile
file = SongFile.open(Path(sys.argv[1]))
print("open", flush=True)
time.sleep(60)
"""


def drawn(file, pitch=60):
    return edits.insert_note(file.song, 1, 0, 10, pitch)


def test_a_second_window_is_told_and_the_first_works_on(file):
    for _ in range(2):
        with pytest.raises(SongInUseError, match=r"“Harbour.understudy” is already open in another window"):
            SongFile.open(file.path)
    assert is_in_use(file.path)
    assert file.commit("Draw", drawn(file))
    assert read_song(file.path) == file.song
    file.close()
    assert not is_in_use(file.path)


def test_readers_see_the_last_edit_and_cannot_write(file):
    file.commit("Draw", drawn(file))
    reading = SongFile.open_reading(file.path)
    assert reading.song == file.song
    with pytest.raises(SongNotWrittenError, match=r"read-only"):
        reading.commit("Draw", drawn(reading, 70))
    assert file.commit("Draw", drawn(file, 61))
    reading.close()


def test_the_lock_of_a_killed_window_is_taken_over(tmp_path):
    path = tmp_path / "a.understudy"
    SongFile.create(path, starting_song()).close()
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    assert holder.stdout.readline() == "open\n"
    with pytest.raises(SongInUseError):
        SongFile.open(path)
    with pytest.raises(SongInUseError):
        remove_song(path)
    other = SongFile.create(tmp_path / "b.understudy", Song())
    with pytest.raises(SongInUseError):
        other.copy_to(path)
    other.close()
    holder.kill()
    holder.wait()
    holder.stdout.close()
    assert lock_path(path).exists()
    file = SongFile.open(path)
    assert file.commit("Draw", drawn(file))
    file.close()
    assert not lock_path(path).exists()


@pytest.mark.parametrize("after_s", [0.0, 0.02, 0.05, 0.1, 0.15, 0.3])
def test_nothing_acknowledged_is_lost_when_the_program_is_killed(tmp_path, after_s):
    path = tmp_path / "a.understudy"
    told = killed_writer(path, after_s)
    assert told
    assert judge_survivor(path, told) == {"edits_lost": 0, "wrong": 0}


def test_a_lost_edit_would_be_noticed(tmp_path):
    path = tmp_path / "a.understudy"
    told = killed_writer(path, 0.05)
    SongFile.open(path).close()
    connection = sqlite3.connect(path)
    with connection:
        connection.execute("DELETE FROM ledger WHERE seq > ?", (int(told[-1].split()[0]) - 1,))
    connection.close()
    assert judge_survivor(path, told) == {"edits_lost": 1, "wrong": 1}


def test_a_full_disk_refuses_the_edit_and_keeps_the_song(file):
    file.commit("Draw", drawn(file))
    before, rows = file.song, len(file.ledger())
    connection = file._store.connection
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count = {pages}")
    many = edits.duplicate_notes(before, [note.id for note in before.notes()], 100_000)
    for _ in range(6):
        many = edits.duplicate_notes(many, [note.id for note in many.notes()], 100_000)
    with pytest.raises(
        SongNotWrittenError, match=r"“Harbour.understudy” could not be saved: the disk is full"
    ):
        file.commit("Too much", many)
    assert (file.song, len(file.ledger()), file.undo_name) == (before, rows, "Draw")
    connection.execute("PRAGMA max_page_count = 1000000")
    assert file.commit("Now", many)
    assert file.ledger_fault() is None
    path = file.path
    file.close()
    assert read_song(path).tracks == many.tracks


def test_save_as_onto_a_full_disk_keeps_what_was_there(file, tmp_path):
    target = tmp_path / "Other.understudy"
    SongFile.create(target, Song("Other")).close()
    was = target.read_bytes()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, hard))
    try:
        with pytest.raises(SongNotWrittenError, match=r"“Other.understudy” could not be saved"):
            file.copy_to(target)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert target.read_bytes() == was
    assert {path.name for path in tmp_path.iterdir()} >= {"Other.understudy", "Harbour.understudy"}
    assert not list(tmp_path.glob("*.new"))
    assert not list(tmp_path.glob(".*.new"))
    assert read_song(target).title == "Other"


def test_a_read_only_folder_is_said_so_and_can_still_be_read(ordinary_user):
    path = ordinary_user / "a.understudy"
    file = SongFile.create(path, starting_song())
    ordinary_user.chmod(0o555)
    with pytest.raises(
        SongNotWrittenError, match=r"“b.understudy” could not be saved: its folder is missing or"
    ):
        file.copy_to(ordinary_user / "b.understudy")
    ordinary_user.chmod(0o755)
    file.close()
    ordinary_user.chmod(0o555)
    with pytest.raises(
        SongNotWrittenError, match=r"“a.understudy” could not be saved: its folder is missing or"
    ):
        SongFile.open(path)
    with pytest.raises(SongNotWrittenError, match=r"“c.understudy” could not be saved"):
        SongFile.create(ordinary_user / "c.understudy", Song())
    assert read_song(path) == starting_song()
    assert peek(path)[0] == "Harbour"
    assert [entry.name for entry in ordinary_user.iterdir()] == ["a.understudy"]


def test_a_read_only_file_is_said_so(ordinary_user):
    path = ordinary_user / "a.understudy"
    SongFile.create(path, starting_song()).close()
    path.chmod(0o444)
    with pytest.raises(SongNotWrittenError, match=r"“a.understudy” could not be saved: .*read-only"):
        SongFile.open(path)
    assert read_song(path) == starting_song()


@pytest.mark.parametrize("target", ["no/such/folder/b.understudy", "folder"])
def test_save_as_where_nothing_can_be_is_said_so(file, tmp_path, target):
    (tmp_path / "folder").mkdir()
    with pytest.raises(
        SongNotWrittenError, match=r"could not be saved: (its folder is missing|a folder has)"
    ):
        file.copy_to(tmp_path / target)
    assert file.commit("Draw", drawn(file))


def test_a_song_whose_file_was_moved_away_with_its_log_is_whole_there(file, tmp_path):
    file.commit("Draw", drawn(file))
    moved = tmp_path / "moved"
    moved.mkdir()
    for path in tmp_path.glob("Harbour.understudy*"):
        shutil.copy(path, moved)
    assert read_song(moved / "Harbour.understudy") == file.song


def test_settling_puts_everything_into_the_one_file(file, tmp_path):
    file.commit("Draw", drawn(file))
    file.settle()
    alone = tmp_path / "alone.understudy"
    shutil.copy(file.path, alone)
    assert read_song(alone) == file.song
