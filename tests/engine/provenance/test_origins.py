"""What becomes of an idea's notes when the artist edits them."""

from dataclasses import replace

import pytest

from engine.music import Chord, ChordSpan, Note, Origin, Song, Track, edits
from engine.provenance import Act, settle_origins

TAKEN = Note(10, 0, 480, 60, 80, Origin.TAKEN, "s1/0")
EDITED = Note(11, 480, 480, 62, 80, Origin.EDITED, "s1/0")
RULE = Note(12, 960, 480, 64, 80, Origin.RULE, "s2/1")
DRAWN = Note(13, 1440, 480, 65, 80, Origin.DRAWN)
SONG = Song(
    chords=(
        ChordSpan(20, 0, 1920, Chord(0), Origin.TAKEN, "s1/0"),
        ChordSpan(21, 1920, 1920, Chord(5), Origin.HEARD),
    ),
    tracks=(Track(1, "Lead", notes=(TAKEN, EDITED, RULE, DRAWN)), Track(2, "Two")),
    next_id=30,
)
ALL = [10, 11, 12, 13]


def origins(song):
    return {item.id: item.origin.value for item in (*song.notes(), *song.chords) if item.id != 21}


KEPT = {10: "taken", 11: "edited", 12: "rule", 13: "drawn", 20: "taken"}
CHANGED = {10: "edited", 11: "edited", 12: "edited", 13: "drawn", 20: "taken"}


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        (lambda s: edits.transpose_notes(s, ALL, 2), CHANGED),
        (lambda s: edits.move_notes(s, ALL, 120), CHANGED),
        (lambda s: edits.resize_notes(s, ALL, 60), CHANGED),
        (lambda s: edits.set_velocities(s, dict.fromkeys(ALL, 50)), CHANGED),
        (lambda s: edits.lock_notes(s, ALL), KEPT),
        (lambda s: edits.transpose_notes(s, [13], 2), KEPT),
        (lambda s: edits.rename_track(s, 1, "Voice"), KEPT),
        (lambda s: edits.split_notes(s, [10], 240), KEPT | {10: "edited", 30: "edited"}),
        (lambda s: edits.duplicate_notes(s, [10, 13], 1920), KEPT | {30: "taken", 31: "drawn"}),
        (lambda s: edits.duplicate_notes(s, [10, 12], 1920, 12), KEPT | {30: "edited", 31: "edited"}),
        (lambda s: edits.paste_notes(s, 2, [TAKEN, RULE], 4000), KEPT | {30: "taken", 31: "rule"}),
        (lambda s: edits.change_chord(s, 20, Chord(2)), KEPT | {20: "edited"}),
        (lambda s: edits.move_chord(s, 20, 480, 960), KEPT | {20: "edited"}),
    ],
)
def test_an_idea_that_is_changed_is_an_edited_idea(edit, expected):
    song, found = settle_origins(SONG, edit(SONG), Act.EDIT)
    heard = {item.id: item for item in (*song.notes(), *song.chords)}
    assert origins(song) == expected
    assert all(change.after is None or heard[change.after.id] == change.after for change in found.changes())


def test_a_copy_at_another_pitch_is_not_the_idea_as_it_was_taken():
    song, _ = settle_origins(SONG, edits.paste_notes(SONG, 2, [replace(TAKEN, pitch=72)], 0), Act.EDIT)
    assert origins(song)[30] == "edited"


def test_moving_a_note_to_another_track_keeps_its_origin():
    tracks = (
        replace(SONG.tracks[0], notes=SONG.tracks[0].notes[1:]),
        replace(SONG.tracks[1], notes=(TAKEN,)),
    )
    song, found = settle_origins(SONG, replace(SONG, tracks=tracks), Act.EDIT)
    assert origins(song) == KEPT
    assert [(c.from_track, c.to_track, c.before == c.after) for c in found.notes] == [(1, 2, True)]


@pytest.mark.parametrize("claimed", [Origin.DRAWN, Origin.PLAYED, Origin.RULE])
def test_no_edit_makes_an_idea_the_artists_own(claimed):
    laundered = replace(TAKEN, origin=claimed, source="")
    tracks = (replace(SONG.tracks[0], notes=(laundered, EDITED, RULE, DRAWN)), SONG.tracks[1])
    song, found = settle_origins(SONG, replace(SONG, tracks=tracks), Act.EDIT)
    assert song == SONG
    assert not found.notes


def test_an_accepted_idea_comes_in_as_taken_and_an_artists_correction_is_theirs():
    accepted = edits.replace_notes(SONG, 2, 0, 1920, [Note(1, 0, 960, 70)], source="s3/2")
    song, _ = settle_origins(SONG, accepted, Act.ACCEPT)
    assert origins(song)[30] == "taken"
    heard = edits.change_chord(SONG, 21, Chord(7))
    song, _ = settle_origins(SONG, heard, Act.EDIT)
    assert song.chords[1].origin is Origin.DRAWN
