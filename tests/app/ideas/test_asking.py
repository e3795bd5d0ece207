"""What is asked, about which bars, and what is refused before the engine is bothered."""

from dataclasses import replace

import pytest

from app.ideas.asking import Question, bars_for, bars_in_words, request_for
from app.ideas.nextchord import next_place
from engine.api.suggestion import Controls, Kind
from engine.music import EditError, Role, Song, edits
from tests.app.demo import BAR, harbour_lights

SONG = harbour_lights()
MELODY, PIANO = SONG.tracks[0], SONG.tracks[1]


@pytest.mark.parametrize(
    ("kind", "selected", "playhead", "bars"),
    [
        (Kind.VARY, (8, 12), 0, (8, 12)),
        (Kind.VARY, None, 0, (0, 4)),  # the intro
        (Kind.VARY, None, 9 * BAR, (4, 12)),  # the verse
        (Kind.CONTINUE, None, 0, (16, 20)),
        (Kind.ANSWER, None, 6 * BAR, (6, 10)),
        (Kind.HARMONISE, None, 99 * BAR, (12, 16)),
    ],
)
def test_the_bars_a_musician_would_mean(kind, selected, playhead, bars):
    assert bars_for(kind, SONG, selected, playhead) == bars


def test_a_melody_goes_on_over_chords_that_have_none_yet():
    chords_only = replace(SONG, tracks=SONG.tracks[1:])
    assert bars_for(Kind.CONTINUE, chords_only, None, 0) == (0, 16)
    assert bars_for(Kind.CONTINUE, replace(SONG, chords=SONG.chords[:12]), None, 0, Role.CHORDS) == (12, 16)


def test_fill_means_the_first_hole():
    hole = [n.id for n in MELODY.notes_in(9 * BAR, 11 * BAR)]
    assert bars_for(Kind.FILL, edits.delete_notes(SONG, hole), None, 0) == (9, 11)
    no_chords = edits.clear_chords(SONG, 4 * BAR, 5 * BAR)
    assert bars_for(Kind.FILL, no_chords, None, 0, Role.CHORDS) == (4, 5)
    assert bars_for(Kind.FILL, SONG, None, 9 * BAR) == (4, 12)


def test_an_empty_song_begins_at_its_first_bar():
    assert bars_for(Kind.CONTINUE, Song(), None, 0) == (0, 4)


@pytest.mark.parametrize(
    ("kind", "bars", "sentence"),
    [
        (Kind.VARY, (0, 4), "There is no melody in bars 1–4 to vary."),
        (Kind.HARMONISE, (0, 1), "There is no melody in bar 1 to harmonise."),
    ],
)
def test_hopeless_questions_are_refused_in_words(kind, bars, sentence):
    with pytest.raises(EditError, match=sentence):
        request_for(Question(kind, Role.MELODY), SONG, bars)


def test_reharmonising_needs_chords():
    with pytest.raises(EditError, match="no chords in bars 9–12"):
        request_for(Question(Kind.REHARMONISE, Role.CHORDS), replace(SONG, chords=()), (8, 12))


@pytest.mark.parametrize("selected", [MELODY.id, PIANO.id, 0])
def test_the_melody_is_asked_about_whatever_track_is_selected(selected):
    request = request_for(Question(Kind.VARY, Role.MELODY), SONG, (8, 12), selected)
    assert request.track_id == MELODY.id and request.region.track_ids == (MELODY.id,)


def test_selected_melody_notes_are_kept_by_a_variation_only():
    chosen = (MELODY.notes[0].id, PIANO.notes[0].id)
    vary = request_for(Question(Kind.VARY, Role.MELODY), SONG, (4, 8), MELODY.id, 1, chosen)
    fill = request_for(Question(Kind.FILL, Role.MELODY, Controls()), SONG, (4, 8), MELODY.id, 1, chosen)
    assert vary.controls.keep_note_ids == (MELODY.notes[0].id,)
    assert fill.controls.keep_note_ids == ()


def test_chord_questions_are_about_the_chord_lane():
    request = request_for(Question(Kind.CONTINUE, Role.CHORDS), SONG, (16, 20))
    assert request.region.chords and request.role is Role.CHORDS


def test_bars_in_words():
    assert bars_in_words(SONG, (8, 12)) == "bars 9–12"
    assert bars_in_words(SONG, (8, 9)) == "bar 9"


def test_the_next_chord_goes_after_the_selected_one_else_before_the_bars_else_at_the_playhead():
    eleventh = SONG.chords[10]
    assert next_place(SONG, (eleventh.id,), (0, 2), 0).start_ticks == 11 * BAR
    assert next_place(SONG, (eleventh.id,), (0, 2), 0).after == eleventh.chord
    assert next_place(SONG, (), (8, 12), 0).after == SONG.chords[7].chord
    assert next_place(SONG, (), None, 3 * BAR + 700).start_ticks == 3 * BAR
    assert next_place(SONG, (), None, 0).after is None
    assert next_place(SONG, (SONG.chords[15].id,), None, 0).duration_ticks == BAR
