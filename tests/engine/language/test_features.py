"""The rows beside a token say what stands around the next slot."""

from random import Random

import pytest

from engine.generation.language.features import Reader
from engine.generation.language.grid import ChordEvent, NoteEvent, Sheet, SheetBar, Stream
from engine.generation.language.question import Question, Reference, encode
from engine.generation.language.rows import (
    CHORD_NEXT,
    CHORD_NOW,
    CHORD_TONE,
    CONTROL,
    ECHO_OF,
    ECHOES,
    MATCH_OF,
    MELODY_LONG,
    NEXT_PITCH,
    REFERENCE,
    SHAPE_OF,
    Slice,
)
from engine.generation.language.vocabulary import (
    Control,
    Relation,
    chord_token,
    duration_token,
    pitch_token,
)
from engine.training.infill.evaluation.randomsheets import random_question, random_sheet


def quarters(*pitches):
    return tuple(NoteEvent(24 * number, 24, pitch) for number, pitch in enumerate(pitches))


def melody_bar(*pitches, chords=()):
    cells = {Stream.MELODY: quarters(*pitches)}
    return SheetBar((4, 4), 96, {**cells, Stream.CHORDS: chords} if chords else cells)


def rows_before(encoded, question, stream, number):
    """The rows that tell about the answer's symbol `number` in a stream (0 is the first)."""
    places = [i for i, mark in enumerate(encoded.loss.tolist()) if mark == 1 + stream]
    at = places[number] - 1
    return set(encoded.feature_ids[encoded.feature_offsets[at] : encoded.feature_offsets[at + 1]].tolist())


def inside(rows, part: Slice):
    return {row - part.first for row in rows if part.first <= row < part.first + part.size}


MELODY_HOLE = frozenset({Stream.MELODY})


def test_a_melody_hears_its_echoes_on_both_sides_and_what_comes_next():
    sheet = Sheet((melody_bar(60, 62, 64, 65), melody_bar(67, 67, 67, 67), melody_bar(72, 71, 69, 67)))
    question = Question(sheet, (frozenset(), MELODY_HOLE, frozenset()))
    rows = rows_before(encode(question, sheet), question, Stream.MELODY, 2)
    assert ECHOES[-1].first + ECHO_OF[pitch_token(62)] in rows
    assert ECHOES[1].first + ECHO_OF[pitch_token(71)] in rows
    assert ECHOES[-2].first not in rows
    assert inside(rows, NEXT_PITCH) == {72 - 40}
    durations = rows_before(encode(question, sheet), question, Stream.MELODY, 3)
    assert ECHOES[-1].first + ECHO_OF[duration_token(24)] in durations


def test_a_melody_hears_the_chord_under_it_and_the_next_root():
    chords = (ChordEvent(0, 48, 0, "maj"), ChordEvent(48, 48, 7, "7"))
    sheet = Sheet((melody_bar(60, 62, 64, 65, chords=chords),))
    question = Question(sheet, (MELODY_HOLE,))
    encoded = encode(question, sheet)
    first = rows_before(encoded, question, Stream.MELODY, 0)
    assert inside(first, CHORD_TONE) == {0, 4, 7} and inside(first, CHORD_NEXT) == {7}
    third = rows_before(encoded, question, Stream.MELODY, 4)
    assert inside(third, CHORD_TONE) == {7, 11, 2, 5} and not inside(third, CHORD_NEXT)
    assert len(inside(third, CHORD_NOW)) == 1


def test_a_chord_hears_the_melody_of_the_next_two_quarters():
    sheet = Sheet((melody_bar(60, 62, 64, 65, chords=(ChordEvent(0, 96, 0, "maj"),)),))
    question = Question(sheet, (frozenset({Stream.CHORDS}),))
    rows = rows_before(encode(question, sheet), question, Stream.CHORDS, 0)
    assert inside(rows, MELODY_LONG) == {0, 2}


def test_what_followed_the_last_time_is_expected_also_at_another_height():
    sheet = Sheet((melody_bar(60, 62, 64, 65), melody_bar(60, 62, 64, 65), melody_bar(70, 72, 74, 75)))
    question = Question(sheet, (frozenset(), MELODY_HOLE, MELODY_HOLE))
    encoded = encode(question, sheet)
    again = rows_before(encoded, question, Stream.MELODY, 4)
    assert MATCH_OF[pitch_token(64)] in again
    higher = rows_before(encoded, question, Stream.MELODY, 14)
    assert SHAPE_OF[pitch_token(75)] in higher


def test_a_reference_and_the_controls_stand_beside_every_slot_of_their_bar():
    sheet = Sheet((melody_bar(60, 62, 64, 65),))
    reference = Reference(Relation.VARY, cells={Stream.MELODY: quarters(72, 74, 76, 77)})
    question = Question(sheet, (MELODY_HOLE,), {0: {Control.DENSITY: 3}}, references={0: reference})
    encoded = encode(question, sheet)
    for number in range(0, 8, 2):
        rows = rows_before(encoded, question, Stream.MELODY, number)
        assert REFERENCE.first + ECHO_OF[pitch_token((72, 74, 76, 77)[number // 2])] in rows
        assert CONTROL[Control.DENSITY].first + 3 in rows


def test_a_reference_bar_of_the_sheet_is_heard_where_it_stands():
    sheet = Sheet((melody_bar(60, 62, 64, 65), melody_bar(60, 60, 60, 60)))
    question = Question(sheet, (frozenset(), MELODY_HOLE), references={1: Reference(Relation.SAME, 0)})
    rows = rows_before(encode(question, sheet), question, Stream.MELODY, 2)
    assert REFERENCE.first + ECHO_OF[pitch_token(62)] in rows


def test_a_chord_expects_the_loop_to_go_on():
    chords = [(ChordEvent(0, 96, root, "maj"),) for root in (0, 7, 9, 5, 0, 7, 9, 5)]
    bars = tuple(SheetBar((4, 4), 96, {Stream.CHORDS: cell}) for cell in chords)
    holes = tuple(frozenset({Stream.CHORDS}) if bar >= 5 else frozenset() for bar in range(8))
    question = Question(Sheet(bars), holes)
    rows = rows_before(encode(question, Sheet(bars)), question, Stream.CHORDS, 2)
    assert MATCH_OF[chord_token(9, "maj")] in rows


@pytest.mark.parametrize("seed", range(60))
def test_a_copy_goes_on_alone(seed):
    rng = Random(seed)
    sheet = random_sheet(rng)
    question = random_question(rng, sheet)
    encoded = encode(question, sheet)
    tokens = encoded.tokens.tolist()
    middle = rng.randrange(len(tokens))
    reader = Reader(question)
    for token in tokens[:middle]:
        reader.push(token)
    copies = [reader.copy(), reader.copy()]
    expected, offsets = encoded.feature_ids.tolist(), encoded.feature_offsets.tolist()
    for at in range(middle, len(tokens)):
        want = expected[offsets[at] : offsets[at + 1]]
        assert all(one.push(tokens[at]) == want for one in copies)
    fork = reader.copy()
    for at in range(middle, len(tokens)):
        assert fork.push(tokens[at]) == expected[offsets[at] : offsets[at + 1]]
