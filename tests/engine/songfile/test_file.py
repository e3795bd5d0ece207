"""Working on a song file: edits, undo, sketches, ideas, ledger; all of it there again after closing."""

import json
import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from engine.api.suggestion import Take
from engine.formats.songfile import (
    Act,
    NoSuchTakeError,
    SketchSource,
    SongFile,
    SongNotWrittenError,
    TakeRef,
    TakeState,
    peek,
    read_song,
)
from engine.music import Aspect, Chord, Key, Mode, Origin, Section, Song, edits
from tests.engine.songfile.conftest import SKETCH
from tests.engine.songfile.sessions import BAR, a_request, a_take, starting_song


def reopened(file):
    file.close()
    return SongFile.open(file.path)


EVERY_EDIT = [
    ("Rename", lambda s: replace(s, title="Harbour lights"), {"aspects": ["title"]}),
    ("Tempo", lambda s: edits.set_tempo(s, 92.0), {"aspects": ["time_map", "corrected"]}),
    ("Key", lambda s: edits.set_key(s, Key(3, Mode.MAJOR)), {"aspects": ["time_map", "corrected"]}),
    ("Section", lambda s: edits.set_section(s, 0, 4, "Verse"), {"aspects": ["sections", "corrected"]}),
    ("Chord", lambda s: edits.set_chord(s, 0, BAR, Chord(0)), {"chords": {"added": [["drawn", "", "50"]]}}),
    ("Mute", lambda s: edits.set_mix(s, 1, muted=True), {"aspects": ["tracks"]}),
    ("Draw", lambda s: edits.insert_note(s, 1, 0, 1, 60), {"notes": {"added": [["drawn", "", "50"]]}}),
    ("Move", lambda s: edits.move_notes(s, [3, 4], 10), {"notes": {"changed": "3-4"}}),
    ("Delete", lambda s: edits.delete_notes(s, [3, 9]), {"notes": {"removed": "3,9"}}),
]


@pytest.mark.parametrize(("name", "edit", "recorded"), EVERY_EDIT, ids=[row[0] for row in EVERY_EDIT])
def test_every_kind_of_edit_is_a_step_on_disk_that_can_be_undone(file, name, edit, recorded):
    first, edited = file.song, edit(file.song)
    assert file.commit(name, edited)
    assert read_song(file.path) == file.song == edited
    payload = file.ledger()[-1].read_payload()
    payload.pop("difference", None)
    assert payload == {"step": name, **recorded}
    assert file.undo()
    assert read_song(file.path) == file.song == replace(first, next_id=edited.next_id)
    file = reopened(file)
    assert file.redo_name == name
    assert file.redo()
    assert file.song == edited
    assert (file.undo_name, file.redo_name, file.can_redo) == (name, "", False)
    file.close()


def test_nothing_happens_when_nothing_changes(file):
    rows = len(file.ledger())
    assert not file.commit("Nothing", file.song)
    assert not file.commit("Nothing", replace(file.song))
    assert not file.commit("Nothing", replace(file.song, tracks=tuple(replace(t) for t in file.song.tracks)))
    assert not file.undo()
    assert not file.redo()
    assert (file.history(), len(file.ledger())) == ([], rows)


def test_history_tells_where_the_song_stands_and_a_new_edit_takes_the_place_of_what_was_undone(file):
    for name in ("One", "Two", "Three"):
        file.commit(name, edits.insert_note(file.song, 1, 0, 10, 60))
    file.undo()
    file.undo()
    assert file.history() == [("One", True), ("Two", False), ("Three", False)]
    file.commit("Four", edits.insert_note(file.song, 1, 0, 10, 70))
    file = reopened(file)
    assert file.history() == [("One", False), ("Four", True)]
    assert not file.can_redo
    file.close()


def test_what_follows_from_an_edit_by_itself_is_part_of_its_step(file):
    first = file.song
    assert not file.amend(edits.set_tempo(first, 91.0))  # there is no step yet
    assert file.commit("Correct the key", edits.set_key(first, Key(3, Mode.MAJOR)), Act.CORRECT)
    more = edits.set_chord(file.song, 0, BAR, Chord(0))
    assert file.amend(more, Act.CORRECT) and not file.amend(file.song, Act.CORRECT)
    assert [row.act for row in file.ledger()][-2:] == [Act.CORRECT, Act.CORRECT]
    assert file.ledger_fault() is None
    file = reopened(file)
    assert file.history() == [("Correct the key", True)] and file.song.chords == more.chords
    assert file.undo() and file.song == replace(first, next_id=file.song.next_id)
    assert file.redo() and file.song.chords == more.chords and file.song.key == more.key
    file.close()


def test_more_than_a_thousand_steps_are_kept(file):
    for number in range(1_100):
        file.commit(f"Step {number}", edits.transpose_notes(file.song, [3], 1 if number % 2 else -1))
    file = reopened(file)
    assert len(file.history()) == 1_100
    steps = 0
    while file.undo():
        steps += 1
    assert (steps, file.song) == (1_100, starting_song())
    file.close()


def test_an_id_is_not_given_out_again_after_undo(file):
    file.commit("Draw", edits.insert_note(file.song, 1, 0, 10, 60))
    file.undo()
    file = reopened(file)
    edited = edits.insert_note(file.song, 1, 0, 10, 61)
    file.commit("Draw again", edited)
    assert [note.id for note in file.song.notes() if note.pitch == 61 and note.duration_ticks == 10] == [51]
    file.close()


def test_a_song_with_too_low_a_next_id_gets_a_free_one(tmp_path):
    file = SongFile.create(tmp_path / "a.understudy", replace(starting_song(), next_id=1))
    assert file.song.next_id == 44
    file.commit("Track", replace(file.song, tracks=(replace(file.song.tracks[0], id=70),)))
    file.commit("Section", replace(file.song, sections=(Section(90, "A", 0, 4),)))
    assert file.song.next_id == 91
    file.close()


def test_sketches_are_kept_byte_for_byte(file):
    more = SketchSource("hum.wav", b"\x00RIFF" * 1000, owner="Bo", source="recording")
    file.add_sketch(more)
    file.add_sketch(more)
    file = reopened(file)
    assert file.sketches() == (SKETCH, more)
    first = file.ledger()[0]
    assert (first.actor, first.act) == ("import", "import")
    assert first.read_payload()["sketch"] == {
        "bytes": 1024,
        "name": "riff.mid",
        "owner": "Ada",
        "sha256": SKETCH.sha256,
        "source": "file",
    }
    file.close()


def test_a_suggestion_and_its_takes_are_there_again(file):
    request = replace(a_request(file.song), takes=2)
    takes = (a_take(0), a_take(1, 55))
    name = file.add_suggestion(request)
    for take in takes:
        file.add_take(name, take)
    file.set_withheld(name, 3)
    file.set_take_state(TakeRef(name, 0), TakeState.KEPT)
    file.set_take_state(TakeRef(name, 1), TakeState.REJECTED)
    file = reopened(file)
    (stored,) = file.suggestions()
    assert (stored.id, stored.request, stored.withheld) == ("s1", request, 3)
    assert [(item.take, item.state.value) for item in stored.takes] == [
        (takes[0], "kept"),
        (takes[1], "rejected"),
    ]
    assert [row.act for row in file.ledger()[1:]] == ["ask", "offer", "offer", "offer", "keep", "reject"]
    asked = file.ledger()[1].read_payload()["request"]
    assert (asked["kind"], asked["seed"], "song" in asked) == ("vary", 7, False)
    assert file.ledger()[2].read_payload()["model"]["sha256"] == "f" * 64
    assert file.add_suggestion(request) == "s2"
    file.close()


def test_a_suggestion_is_stale_once_its_bars_changed(file):
    file.add_suggestion(a_request(file.song))
    (stored,) = file.suggestions()
    assert not stored.is_stale(edits.transpose_notes(file.song, [3], 1))
    assert stored.is_stale(edits.transpose_notes(file.song, [3 + 8], 1))


def accepted(file):
    name = file.add_suggestion(a_request(file.song))
    take = a_take()
    file.add_take(name, take)
    ref = TakeRef(name, 0)
    song = edits.replace_notes(file.song, 1, 2 * BAR, 3 * BAR, take.notes, source=str(ref))
    file.commit("Accept “Steps down”", song, Act.ACCEPT, {"bars": [2, 3]}, ref)
    return ref


def state(file):
    return file.suggestions()[0].takes[0].state


def test_accepting_is_one_step_with_the_takes_state_and_undo_brings_the_card_back(file):
    ref = accepted(file)
    taken = [note for note in file.song.notes() if note.origin is Origin.TAKEN]
    assert {note.source for note in taken} == {"s1/0"} == {str(ref)}
    assert state(file) is TakeState.ACCEPTED
    row = file.ledger()[-1]
    assert row.act == "accept"
    assert row.read_payload()["take"] == "s1/0"
    assert row.read_payload()["detail"] == {"bars": [2, 3]}
    assert row.read_span()["bars"] == [2, 3]
    file.undo()
    assert state(file) is TakeState.OFFERED
    file = reopened(file)
    file.redo()
    assert state(file) is TakeState.ACCEPTED
    file.close()


def test_an_edit_of_accepted_notes_is_told_apart_with_the_notes_themselves(file):
    accepted(file)
    note = next(note for note in file.song.notes() if note.origin is Origin.TAKEN)
    file.commit("Move a note", edits.transpose_notes(file.song, [note.id], 5))
    row = file.ledger()[-1]
    assert row.act == "edit-of-accepted"
    ((from_track, before, to_track, after),) = row.read_payload()["difference"]
    assert (from_track, to_track, before[3], after[3], before[5], after[5]) == (
        *(1, 1, note.pitch, note.pitch + 5),
        *("taken", "edited"),
    )


def test_what_changes_nothing_is_only_written_into_the_ledger(file):
    file.record(Act.AUDITION, {"take": "s1/0", "seconds": 4.5})
    file.record(Act.EXPORT, {"sha256": "c" * 64, "notes": 3, "step": 1})
    rows = file.ledger()[-2:]
    assert [(row.actor, row.act) for row in rows] == [("artist", "audition"), ("artist", "export")]
    assert rows[1].read_payload()["detail"]["sha256"] == "c" * 64
    assert rows[1].after == file.content_hash
    assert not file.history()


def test_a_correction_is_a_step_under_its_own_act(file):
    song = edits.set_key(file.song, Key(9, Mode.MINOR))
    file.commit("Key is A minor", song, Act.CORRECT)
    assert file.ledger()[-1].act == "correct"
    assert Aspect.KEY in file.song.corrected


@pytest.mark.parametrize("ref", [TakeRef("s9", 0), TakeRef("s1", 4), TakeRef("x", 0), TakeRef("s²", 0)])
def test_a_take_that_is_not_there_is_said_so(file, ref):
    file.add_take(file.add_suggestion(a_request(file.song)), Take(0, "One"))
    rows = len(file.ledger())
    with pytest.raises(NoSuchTakeError, match="not in this song"):
        file.set_take_state(ref, TakeState.KEPT)
    assert len(file.ledger()) == rows


def test_when_it_was_saved_is_known(file):
    file.commit("Draw", edits.insert_note(file.song, 1, 0, 10, 60))
    assert abs(datetime.now(UTC) - file.saved_at) < timedelta(seconds=20)
    saved_at = file.saved_at
    file.close()
    assert peek(file.path) == ("Harbour", saved_at)


def test_it_is_one_file_when_closed_and_a_copy_is_a_whole_song(file, tmp_path):
    file.commit("Draw", edits.insert_note(file.song, 1, 0, 10, 60))
    target = tmp_path / "elsewhere" / "Copy.understudy"
    target.parent.mkdir()
    file.copy_to(target)
    song = file.song
    file.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["Harbour.understudy", "elsewhere"]
    assert [path.name for path in target.parent.iterdir()] == ["Copy.understudy"]
    copy = SongFile.open(target)
    assert (copy.song, copy.undo_name, copy.sketches()) == (song, "Draw", (SKETCH,))
    assert copy.ledger_fault() is None
    copy.undo()
    assert copy.song.tracks == starting_song().tracks
    copy.close()


def test_a_copy_takes_the_place_of_a_song_with_its_log(file, tmp_path):
    other = SongFile.create(tmp_path / "Other.understudy", Song("Other"))
    other.commit("Rename", replace(other.song, title="Old"))
    log = tmp_path / "Other.understudy-wal"
    kept = log.read_bytes()
    other.close()
    log.write_bytes(kept)  # as after a crash
    file.copy_to(other.path)
    assert read_song(other.path) == file.song
    assert not log.exists()


def test_a_new_song_does_not_take_the_place_of_a_file(file):
    file.close()
    was = file.path.read_bytes()
    with pytest.raises(
        SongNotWrittenError, match=r"“Harbour.understudy” could not be saved: a file of that name"
    ):
        SongFile.create(file.path, Song())
    assert file.path.read_bytes() == was


def test_anyone_can_read_the_file_with_sqlite(file):
    file.commit("Draw", edits.insert_note(file.song, 1, 0, 10, 60))
    connection = sqlite3.connect(file.path)
    names = [json.loads(row[0]).get("step") for row in connection.execute("SELECT payload FROM ledger")]
    assert names[-1] == "Draw"
    connection.close()


def test_a_file_with_too_low_a_next_id_does_not_give_one_out_twice(file):
    file.close()
    connection = sqlite3.connect(file.path)
    with connection:
        connection.execute("UPDATE song SET next_id = 2")
    connection.close()
    file = SongFile.open(file.path)
    assert file.song.next_id == 44
    file.close()
