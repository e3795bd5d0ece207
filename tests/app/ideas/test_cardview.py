"""What a card says."""

from dataclasses import replace

import pytest

from app.ideas.cardview import ANOTHER_TAKEN, BARS_CHANGED, card_view, sentence, withheld_sentence
from engine.api.suggestion import Originality
from engine.formats.songfile import TakeState
from engine.music import edits
from tests.app.demo import harbour_lights
from tests.app.ideas.test_board import chord_entry, melody_entry


def test_a_melody_card_says_what_is_in_the_take():
    song = harbour_lights()
    entry, take = melody_entry(song)
    view = card_view(entry, take, song, 1)
    assert view.title == "Lift to the ninth" and view.where == "bars 9–12"
    assert view.scores == (("Fit", "0.86"), ("Distance", "0.41"))
    assert view.original == "✓ original · longest match 4 notes"
    assert len(view.kept_notes) == 4 and not view.chords and view.is_open


def test_a_chord_card_says_surprise_in_bits():
    song = harbour_lights()
    entry, take = chord_entry(song)
    take = replace(take, scores=replace(take.scores, fit=0.88, surprise=2.31), echoes="echoes bar 14")
    view = card_view(entry, take, song, 2)
    assert view.scores == (("Melody fit", "0.88"), ("Surprise", "2.3 bits"))
    assert view.remark == "echoes bar 14" and not view.original
    assert [chord.lead_sheet(view.key) for _, chord in view.chords] == ["Cm9", "A♭m6", "E♭/B♭", "B♭13"]


def test_a_stale_card_and_a_decided_one():
    song = harbour_lights()
    entry, take = melody_entry(song)
    changed = edits.delete_notes(song, [take.kept_note_ids[0]])
    assert card_view(entry, take, changed, 1).stale_words == BARS_CHANGED
    taken = entry.with_state(1, TakeState.ACCEPTED)
    assert card_view(taken, take, changed, 1).stale_words == ANOTHER_TAKEN
    assert card_view(entry, take, song, 1).stale_words == ""
    kept = card_view(entry.with_state(0, TakeState.KEPT), take, song, 1)
    assert kept.is_kept and kept.is_open
    assert not card_view(entry.with_state(0, TakeState.ACCEPTED), take, song, 1).is_open


def test_whose_work_the_longest_run_is_shared_with():
    song = harbour_lights()
    entry, take = melody_entry(song)
    like = replace(take, originality=Originality(6, "The Ash Grove", "trad.", "public domain"))
    assert card_view(entry, like, song, 1).original_detail == (
        "The longest run it shares is with “The Ash Grove” by trad. (public domain)."
    )
    assert card_view(entry, like, song, 1).original_work == "“The Ash Grove” by trad. (public domain)"
    own = card_view(entry, replace(take, originality=Originality(14, "Old Song", "yours")), song, 1)
    assert own.original == "✓ like your own · longest match 14 notes"
    assert own.original_detail == "The longest run it shares is with “Old Song”, your own."


def test_where_no_work_is_named_the_longest_run_is_told():
    entry, take = melody_entry(harbour_lights())
    assert card_view(entry, take, harbour_lights(), 1).original_detail == (
        "Nothing longer than 4 notes in common with any known work."
    )


@pytest.mark.parametrize(
    ("reasons", "text"),
    [
        ((), ""),
        (("climbs to E♭",), "Climbs to E♭."),
        (("I–vi–IV", "A full close", "IV–V–I", "Comes home"), "I–vi–IV; a full close; IV–V–I; comes home."),
        (("ii–V–I into bar 3",), "ii–V–I into bar 3."),
        (("Climbs to B", "A4 is the top", "E♭ returns"), "Climbs to B; A4 is the top; E♭ returns."),
        (
            ("Climbs to E♭ over Cm7,  lands well.", "answers bar 9"),
            "Climbs to E♭ over Cm7,  lands well; answers bar 9.",
        ),
    ],
)
def test_reasons_are_one_sentence(reasons, text):
    assert sentence(reasons) == text


def test_withheld_takes_are_counted_in_words():
    assert withheld_sentence(0) == ""
    assert withheld_sentence(1).startswith("1 idea was left out")
    assert withheld_sentence(3).startswith("3 ideas were left out")


@pytest.mark.parametrize(
    ("run", "melody", "chords"),
    [
        (0, "✓ original · no match", "✓ original · no match"),
        (2, "✓ original · no match", "✓ original · no match"),
        (3, "✓ original · longest match 3 notes", "✓ original · longest match 3 chords"),
    ],
)
def test_the_longest_match_in_words(run, melody, chords):
    song = harbour_lights()
    for (entry, take), words in ((melody_entry(song), melody), (chord_entry(song), chords)):
        view = card_view(entry, replace(take, originality=Originality(run)), song, 1)
        assert view.original == words and view.original_detail.endswith("any known work.")


@pytest.mark.parametrize(
    ("novelty", "echoes", "remark"),
    [
        (1.0, "", "new to this song"),
        (0.1, "", "song memory"),
        (0.5, "", ""),
        (0.1, "echoes bar 14", "echoes bar 14"),
        (None, "", ""),
    ],
)
def test_chords_say_what_they_have_of_the_song(novelty, echoes, remark):
    song = harbour_lights()
    entry, take = chord_entry(song)
    take = replace(take, echoes=echoes, scores=replace(take.scores, novelty=novelty))
    assert card_view(entry, take, song, 1).remark == remark
