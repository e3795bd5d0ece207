"""The open song as the window uses it."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from app.document.core import GestureError
from app.document.document import SongDocument
from app.document.drafts import discard_draft, recent_drafts
from engine.formats.songfile import (
    Act,
    SketchSource,
    SongFileError,
    SongInUseError,
    TakeRef,
    TakeState,
    read_song,
)
from engine.music import Song, edits
from tests.engine.songfile.sessions import BAR, a_request, a_take, starting_song

ROOT = Path(__file__).resolve().parents[3]


def drawn(document, pitch=60):
    return edits.insert_note(document.song, 1, 0, 10, pitch)


def signals(document):
    """Every signal from now on, by name."""
    heard = []
    for name in ("song_changed", "history_changed", "suggestions_changed", "path_changed"):
        getattr(document, name).connect(lambda name=name: heard.append(name))
    return heard


def test_an_edit_is_shown_named_and_on_disk(document):
    heard = signals(document)
    assert document.commit("Draw a note", drawn(document))
    assert heard == ["song_changed", "history_changed"]
    assert read_song(document.path) == document.song
    assert (document.can_undo, document.undo_name) == (True, "Draw a note")
    assert document.shares.sentence == "Yours 100% · accepted 0% · edited ideas 0%"
    assert document.history() == [("Draw a note", True)]
    assert document.undo()
    assert (document.can_undo, document.redo_name) == (False, "Draw a note")
    assert document.redo()
    assert not document.redo()


def test_nothing_is_said_when_nothing_changed(document):
    heard = signals(document)
    assert not document.commit("Nothing", replace(document.song))
    assert not document.undo()
    assert heard == []


def test_a_drag_is_one_step_and_only_its_end_is_on_disk(document):
    before, heard = document.song, signals(document)
    document.begin_gesture("Move a note")
    for semitones in range(1, 6):
        document.preview(edits.transpose_notes(before, [3], semitones))
        assert document.song.tracks[0].notes[0].pitch == 60 + semitones
        assert read_song(document.path) == before
    assert heard == ["song_changed"] * 5
    assert document.end_gesture()
    assert document.song.tracks[0].notes[0].pitch == 65
    assert document.history() == [("Move a note", True)]
    assert read_song(document.path) == document.song


def test_a_drag_can_be_called_off_or_lead_nowhere(document):
    before = document.song
    document.begin_gesture("Move a note")
    document.preview(edits.transpose_notes(before, [3], 1))
    document.cancel_gesture()
    assert (document.song, document.is_in_gesture) == (before, False)
    document.begin_gesture("Move a note")
    document.preview(edits.transpose_notes(before, [3], 1))
    document.preview(before)
    heard = signals(document)
    assert not document.end_gesture()
    assert heard == []
    document.begin_gesture("Nothing shown")
    assert not document.end_gesture()
    assert document.history() == []


def test_undo_in_the_middle_of_a_drag_takes_back_only_the_drag(document):
    document.commit("Draw", drawn(document))
    now = document.song
    document.begin_gesture("Move")
    document.preview(edits.transpose_notes(now, [3], 1))
    assert document.undo()
    assert document.song == now
    assert document.undo_name == "Draw"


def test_an_edit_in_the_middle_of_a_drag_takes_its_place(document):
    before = document.song
    document.begin_gesture("Move")
    document.preview(edits.transpose_notes(before, [3], 1))
    document.commit("Delete", edits.delete_notes(before, [9]))
    assert not document.is_in_gesture
    assert [name for name, _ in document.history()] == ["Delete"]
    assert document.song.tracks[0].notes[0].pitch == 60


def test_a_new_drag_keeps_the_one_before(document):
    document.begin_gesture("First")
    document.preview(edits.transpose_notes(document.song, [3], 1))
    document.begin_gesture("Second")
    document.preview(edits.transpose_notes(document.song, [4], 1))
    document.end_gesture()
    assert [name for name, _ in document.history()] == ["First", "Second"]


def test_a_preview_needs_a_gesture(document):
    with pytest.raises(GestureError):
        document.preview(document.song)


def accept(document):
    name = document.add_suggestion(a_request(document.song))
    document.add_take(name, a_take())
    ref = TakeRef(name, 0)
    song = edits.replace_notes(document.song, 1, 2 * BAR, 3 * BAR, a_take().notes, source=str(ref))
    assert document.commit("Accept “Steps down”", song, act=Act.ACCEPT, take=ref)
    return ref


def test_ideas_are_kept_with_the_song_and_follow_undo(document):
    heard = signals(document)
    accept(document)
    assert heard.count("suggestions_changed") == 3
    assert document.suggestions[0].takes[0].state is TakeState.ACCEPTED
    assert document.shares.sentence == "Yours 80% · accepted 20% · edited ideas 0%"
    document.undo()
    assert document.suggestions[0].takes[0].state is TakeState.OFFERED
    document.set_take_state(TakeRef("s1", 0), TakeState.REJECTED)
    document.set_withheld("s1", 2)
    path = document.path
    document.close()
    again = SongDocument.open(path)
    assert (again.suggestions[0].takes[0].state, again.suggestions[0].withheld) == (TakeState.REJECTED, 2)
    assert again.ledger_fault() is None
    again.close()


def test_changing_a_taken_note_makes_it_an_edited_idea(document):
    accept(document)
    taken = [note.id for note in document.song.notes() if note.origin == "taken"]
    document.begin_gesture("Move a note")
    document.preview(edits.transpose_notes(document.song, taken[:2], 1))
    document.end_gesture()
    assert document.shares.edited == 2
    assert document.ledger()[-1].act == "edit-of-accepted"
    document.undo()
    assert document.shares.edited == 0


def test_auditions_and_exports_are_in_the_ledger_only(document):
    document.record(Act.EXPORT, {"sha256": "a" * 64})
    document.add_sketch(SketchSource("hum.wav", b"RIFF"))
    assert [row.act for row in document.ledger()] == ["import", "export", "import"]
    assert [sketch.name for sketch in document.sketches] == ["riff.mid", "hum.wav"]
    assert not document.can_undo


def test_save_as_goes_on_in_the_new_place_with_all_undo_steps(document, tmp_path):
    document.commit("Draw", drawn(document))
    first, heard = document.path, signals(document)
    assert document.save_as(tmp_path / "Copy")
    assert heard == ["path_changed"]
    assert (document.path.name, document.undo_name) == ("Copy.understudy", "Draw")
    document.undo()
    assert read_song(document.path).tracks == starting_song().tracks
    assert len(list(read_song(first).notes())) == 37
    assert document.save_as(tmp_path / "Copy.understudy")
    assert heard.count("path_changed") == 1


def test_what_cannot_be_saved_is_said_and_the_song_stays(document, tmp_path):
    before, place = document.song, document.path
    assert not document.save_as(tmp_path / "no" / "folder" / "a")
    (tmp_path / "folder.understudy").mkdir()
    assert not document.save_as(tmp_path / "folder")
    assert document.refused == [
        "“a.understudy” could not be saved: its folder is missing or read-only.",
        "“folder.understudy” could not be saved: a folder has that name.",
    ]
    assert document.path == place
    document.set_take_state(TakeRef("s4", 0), TakeState.KEPT)
    assert document.refused[-1] == "That idea is not in this song."
    connection = document._open.file._store.connection
    connection.execute("PRAGMA query_only = ON")
    heard = signals(document)
    document.begin_gesture("Move")
    document.preview(edits.transpose_notes(before, [3], 1))
    assert not document.end_gesture()
    assert not document.commit("Draw", drawn(document))
    assert "could not be saved" in document.refused[-1]
    assert document.song == before
    assert heard == ["song_changed", "song_changed"]  # the preview, and back
    connection.execute("PRAGMA query_only = OFF")
    assert document.commit("Draw", drawn(document))


def test_a_second_window_is_told(document):
    with pytest.raises(SongInUseError):
        SongDocument.open(document.path)


def test_an_edit_is_flushed_to_the_disk_itself_soon_after(document, qtbot, tmp_path):
    document.commit("Draw", drawn(document))
    alone = tmp_path / "alone.understudy"

    def is_flushed():
        subprocess.run(["cp", document.path, alone], check=True)
        assert read_song(alone) == document.song

    with pytest.raises(AssertionError):
        is_flushed()
    qtbot.waitUntil(is_flushed, timeout=8_000)


def test_a_draft_is_a_song_file_until_it_is_saved(qapp, tmp_path):
    document = SongDocument.create(None, Song(), SketchSource("hum.wav", b"RIFF"))
    assert (document.is_draft, document.title) == (True, "Untitled")
    document.commit("Title", replace(document.song, title="Low tide"))
    assert document.title == "Low tide"
    assert recent_drafts() == []  # it is open
    draft = document.path
    document.close()
    assert [(item.path, item.title) for item in recent_drafts()] == [(draft, "Low tide")]
    document = SongDocument.open(draft)
    assert document.save_as(tmp_path / "Low tide.understudy")
    assert (document.is_draft, draft.exists(), recent_drafts()) == (False, False, [])
    document.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["Low tide.understudy", "home"]


def test_an_empty_draft_leaves_nothing_behind_but_one_with_a_note_stays(qapp):
    SongDocument.create(None, Song("New")).close()
    assert recent_drafts() == []
    SongDocument.create(None, starting_song()).close()
    (draft,) = recent_drafts()
    discard_draft(draft.path)
    assert recent_drafts() == []


def test_only_drafts_nobody_has_open_can_be_thrown_away(document, qapp, tmp_path):
    with pytest.raises(SongFileError, match="is not a draft"):
        discard_draft(document.path)
    draft = SongDocument.create(None, starting_song())
    with pytest.raises(SongInUseError):
        discard_draft(draft.path)
    draft.close()


CRASH = """
import os
from app.document.core import OpenSong
from engine.formats.songfile import Act, TakeState
from engine.music import edits
from tests.engine.songfile.sessions import starting_song
song = OpenSong.create(None, starting_song(), None)
for number in range(5):
    edited = edits.insert_note(song.song, 1, number, 10, 60 + number)
    song.commit(f"Draw {number}", edited, Act.EDIT, None, None, TakeState.ACCEPTED)
os.kill(os.getpid(), 9)
"""


def test_a_draft_is_found_again_after_a_crash_with_every_edit(qapp):
    assert subprocess.run([sys.executable, "-c", CRASH], cwd=ROOT, check=False).returncode == -9
    (draft,) = recent_drafts()
    assert draft.title == "Harbour"
    document = SongDocument.open(draft.path)
    assert [name for name, _ in document.history()] == [f"Draw {number}" for number in range(5)]
    assert len(list(document.song.notes())) == 41
    while document.undo():
        pass
    assert document.song.tracks == starting_song().tracks
    document.close()


def test_what_lies_among_the_drafts_and_is_none_is_left_alone(qapp, home):
    (home / "data" / "drafts").mkdir(parents=True)
    stranger = home / "data" / "drafts" / "x.understudy"
    stranger.write_bytes(b"not a song")
    assert recent_drafts() == []
    assert stranger.exists()


def test_closing_twice_is_harmless(document):
    document.commit("Draw", drawn(document))
    document.close()
    document.close()
    assert document.refused == []
