"""The difference of two songs is all of it and nothing else."""

from dataclasses import replace

import pytest
from hypothesis import given, settings

from engine.music import Note, Song, Track, edits
from engine.provenance import difference
from engine.provenance.idranges import read_ids, write_ids
from tests.engine.music.strategies import songs


def placed(song):
    return {note.id: (track.id, note) for track in song.tracks for note in track.notes}


@settings(max_examples=40, deadline=None)
@given(songs(), songs())
def test_before_and_the_difference_give_after(before, after):
    found = difference(before, after)
    result = placed(before)
    for change in found.notes:
        if change.after is None:
            del result[change.before.id]
        else:
            result[change.after.id] = (change.to_track, change.after)
    assert result == placed(after)
    assert all((c.from_track, c.before) != (c.to_track, c.after) for c in found.notes)
    spans = {span.id: span for span in before.chords} | {c.after.id: c.after for c in found.chords if c.after}
    assert {span.id: span for span in after.chords}.items() <= spans.items()


LONG = Song(
    tracks=(Track(1, "Lead", notes=tuple(Note(i, i * 10, 10, i % 128) for i in range(1, 3001))),),
    next_id=3001,
)


@pytest.mark.parametrize(
    ("edit", "ids"),
    [
        (lambda s: s, []),
        (lambda s: edits.transpose_notes(s, [1], 1), [1]),
        (lambda s: edits.transpose_notes(s, [3000], 1), [3000]),
        (lambda s: edits.transpose_notes(s, [129, 2900], 1), [129, 2900]),
        (lambda s: edits.delete_notes(s, [700]), [700]),
        (lambda s: edits.insert_note(s, 1, 5, 10, 60), [3001]),
        (lambda s: edits.move_notes(s, [2], 20_000), [2]),
    ],
)
def test_only_what_changed_is_in_it_wherever_it_stands(edit, ids):
    found = difference(LONG, edit(LONG))
    assert [(change.before or change.after).id for change in found.notes] == ids


def test_equal_notes_in_another_order_of_making_are_no_difference():
    again = replace(
        LONG, tracks=(replace(LONG.tracks[0], notes=tuple(replace(n) for n in LONG.tracks[0].notes)),)
    )
    assert again.tracks[0].notes[5] is not LONG.tracks[0].notes[5]
    assert not difference(LONG, again).notes


@pytest.mark.parametrize(
    ("ids", "text"),
    [([], ""), ([4], "4"), ([1, 2, 3], "1-3"), ([9, 1, 2, 7, 2], "1-2,7,9"), ([5, 6, 8], "5-6,8")],
)
def test_many_ids_in_few_characters(ids, text):
    assert write_ids(ids) == text
    assert list(read_ids(text)) == sorted(set(ids))


@pytest.mark.parametrize("text", ["1-99999999999", "a", "1--3", "1,,2", "1-2-3"])
def test_a_text_that_names_no_ids_is_refused(text):
    with pytest.raises(ValueError):
        list(read_ids(text))
