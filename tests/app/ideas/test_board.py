"""What accepting does to the song, and when it is refused."""

from dataclasses import replace

import pytest

from app.ideas.asking import Question, request_for
from app.ideas.board import (
    Board,
    Entry,
    Progress,
    Shelf,
    StaleError,
    accepted_song,
    digest_of,
    song_with_take,
)
from engine.api.suggestion import Kind, Take
from engine.formats.songfile import TakeState
from engine.music import Chord, Origin, Role, Song, edits
from tests.app.demo import BAR, borrowed_light, harbour_lights, lift_to_the_ninth


@pytest.fixture
def song() -> Song:
    return harbour_lights()


def melody_entry(song: Song) -> tuple[Entry, Take]:
    take, _ = lift_to_the_ninth(song)
    request = request_for(Question(Kind.VARY, Role.MELODY), song, (8, 12), song.tracks[0].id)
    return Entry("s1", request, digest_of(song, request)).with_take(take), take


def chord_entry(song: Song) -> tuple[Entry, Take]:
    take, _ = borrowed_light(song)
    request = request_for(Question(Kind.REHARMONISE, Role.CHORDS), song, (8, 12), song.tracks[0].id)
    return Entry("s2", request, digest_of(song, request)).with_take(take), take


def test_accepting_a_melody_keeps_the_kept_notes_and_marks_the_rest_as_taken(song):
    entry, take = melody_entry(song)
    accepted = accepted_song(song, entry, take)
    notes = accepted.tracks[0].notes_in(8 * BAR, 12 * BAR)
    assert [n.id for n in notes if n.origin is Origin.PLAYED] == list(take.kept_note_ids)
    assert all(n.source == "s1/0" for n in notes if n.origin is Origin.TAKEN)
    assert {(n.start_ticks, n.pitch) for n in notes} == {(n.start_ticks, n.pitch) for n in take.notes}
    assert accepted.tracks[0].notes_in(0, 8 * BAR) == song.tracks[0].notes_in(0, 8 * BAR)


@pytest.mark.parametrize(
    ("bars", "changed"), [((8,), {8}), ((8, 10), {8, 10}), ((10, 11), {10, 11}), ((), {8, 9, 10, 11})]
)
def test_only_the_chosen_bars_change(song, bars, changed):
    entry, take = melody_entry(song)
    accepted = song_with_take(song, entry, take, bars)
    before, after = song.tracks[0], accepted.tracks[0]
    differing = {
        bar
        for bar in range(16)
        if before.notes_in(bar * BAR, (bar + 1) * BAR) != after.notes_in(bar * BAR, (bar + 1) * BAR)
    }
    assert differing == changed


def test_accepting_chords_replaces_only_the_chords_of_the_region(song):
    entry, take = chord_entry(song)
    accepted = song_with_take(song, entry, take)
    labels = [span.chord.lead_sheet(song.key) for span in accepted.chords]
    assert labels[8:12] == ["Cm9", "A♭m6", "E♭/B♭", "B♭13"]
    assert accepted.chords[:8] == song.chords[:8] and accepted.chords[12:] == song.chords[12:]
    assert accepted.tracks == song.tracks


@pytest.mark.parametrize(
    ("edit", "is_stale"),
    [
        (
            lambda song: edits.transpose_notes(song, [song.tracks[0].notes_in(8 * BAR, 9 * BAR)[0].id], 1),
            True,
        ),
        (lambda song: edits.change_chord(song, song.chords[9].id, Chord.parse("G")), True),
        (lambda song: edits.transpose_notes(song, [song.tracks[0].notes[0].id], 1), False),
        (lambda song: edits.set_mix(song, song.tracks[0].id, muted=True), False),
        (lambda song: edits.rename_track(song, song.tracks[0].id, "Voice"), False),
    ],
)
def test_a_take_is_stale_when_its_bars_changed_and_only_then(song, edit, is_stale):
    entry, take = melody_entry(song)
    changed = edit(song)
    assert entry.is_stale(changed) is is_stale
    if is_stale:
        with pytest.raises(StaleError):
            accepted_song(changed, entry, take)
    else:
        assert accepted_song(changed, entry, take) != changed


def test_a_song_without_a_melody_track_gets_one(song):
    take, _ = lift_to_the_ninth(song)
    bare = replace(song, tracks=song.tracks[1:])
    request = request_for(Question(Kind.CONTINUE, Role.MELODY), bare, (8, 12))
    entry = Entry("s1", request, digest_of(bare, request)).with_take(replace(take, kept_note_ids=()))
    accepted = accepted_song(bare, entry, entry.takes[0])
    assert accepted.tracks[0].role is Role.MELODY and len(accepted.tracks[0].notes) == len(take.notes)


def test_the_board_tells_newest_kept_and_waiting(song):
    entry, take = melody_entry(song)
    chords, _ = chord_entry(song)
    two = entry.with_take(replace(take, index=1)).with_state(1, TakeState.KEPT)
    board = Board([two, chords])
    assert board.latest(Shelf.MELODY) is two and board.latest(Shelf.CHORDS) is chords
    assert [entry.id for entry in board.kept_entries()] == ["s1"]
    assert board.waiting() == 3
    board.put(two.with_state(0, TakeState.REJECTED))
    assert board.waiting() == 2
    assert [t.index for t in board.get("s1").shown()] == [1]


def test_a_fuller_take_replaces_the_partial_one(song):
    entry, take = melody_entry(song)
    fuller = entry.with_take(replace(take, title="Whole"))
    assert [t.title for t in fuller.takes] == ["Whole"]
    assert fuller.progress is Progress.ASKED
