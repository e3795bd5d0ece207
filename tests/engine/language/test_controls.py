"""Bars that every musician would call dense, high, syncopated, alike."""

import pytest

from engine.generation.language.controls import (
    Contour,
    bar_controls,
    chord_rate,
    contour,
    density,
    register,
    similarity,
    similarity_class,
    surprise_class,
    syncopation,
)
from engine.generation.language.grid import ChordEvent, NoteEvent, Sheet, SheetBar, Stream
from engine.generation.language.question import Reference
from engine.generation.language.vocabulary import CONTROL_CLASSES, Control, Relation


def line(*notes):
    return tuple(NoteEvent(*note) for note in notes)


def run(step, *pitches):
    return line(*((step * number, step, pitch) for number, pitch in enumerate(pitches)))


def chords(*roots):
    length = 96 // len(roots)
    return tuple(ChordEvent(length * number, length, root, "maj") for number, root in enumerate(roots))


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        ((), 0),
        (line((0, 96, 60)), 0),
        (line((0, 48, 60), (48, 48, 62)), 1),
        (run(24, 60, 62, 64, 65), 2),
        (run(12, *[60] * 6), 3),
        (run(12, *[60] * 8), 4),
        (line((0, 48, 60, True), (48, 48, 62)), 0),
        (line((0, 48, 60), (0, 48, 64), (0, 48, 67), (48, 48, 62)), 1),
    ],
)
def test_density_counts_what_is_struck(cell, found):
    assert density(cell, 96) == found


@pytest.mark.parametrize(
    ("pitches", "found"),
    [
        ((60, 62, 64, 65), Contour.RISING),
        ((65, 64, 62, 60), Contour.FALLING),
        ((60, 64, 67, 60), Contour.ARCH),
        ((60, 62, 60, 62), Contour.LEVEL),
        ((60,), None),
    ],
)
def test_contour(pitches, found):
    assert contour(run(24, *pitches)) == found


@pytest.mark.parametrize(
    ("metre", "cell", "found"),
    [
        ((4, 4), run(24, 60, 60, 60, 60), 0),
        ((4, 4), run(12, *[60] * 8), 0),
        ((4, 4), line((0, 12, 60), (12, 24, 62), (36, 12, 64), (48, 48, 65)), 1),
        ((4, 4), line((0, 36, 60), (36, 24, 62), (60, 36, 64)), 2),
        ((3, 4), line((0, 24, 60), (24, 48, 62)), 0),
        ((6, 8), run(12, *[60] * 6), 0),
        ((4, 4), (), 0),
        ((4, 4), line((0, 96, 60, True)), 0),
    ],
)
def test_syncopation_is_a_weak_note_held_over_a_strong_place(metre, cell, found):
    assert syncopation(SheetBar(metre, metre[0] * 96 // metre[1]), cell) == found


def test_a_note_held_over_the_barline_is_syncopated():
    bar = SheetBar((4, 4), 96)
    cell = line((0, 84, 60), (84, 12, 62))
    assert syncopation(bar, cell, goes_on=True) > syncopation(bar, cell)


def test_register_is_heard_in_its_own_part():
    assert register(line((0, 96, 60)), Stream.MELODY) == 0
    assert register(line((0, 96, 60)), Stream.BASS) == 4
    assert register((), Stream.MELODY) is None


def test_chord_rate_counts_changes():
    assert chord_rate(chords(0), chords(0)) == 0
    assert chord_rate(chords(0), chords(7)) == 1
    assert chord_rate(chords(0, 5)) == 2
    assert chord_rate(chords(0, 5, 7, 0)) == 3


@pytest.mark.parametrize(
    ("other", "found"),
    [
        (run(24, 60, 62, 64, 65), 1.0),
        (run(24, 60, 62, 64, 67), 0.875),
        (run(24, 72, 74, 76, 77), 0.5),
        (line((0, 96, 50)), 0.125),
        ((), 0.0),
    ],
)
def test_similarity(other, found):
    assert similarity(run(24, 60, 62, 64, 65), other) == found


def test_only_equal_bars_are_of_the_last_similarity():
    assert [similarity_class(value) for value in (0, 0.19, 0.2, 0.5, 0.99, 1.0)] == [0, 0, 1, 2, 4, 5]


def test_surprise_has_all_its_classes():
    assert {surprise_class(bits) for bits in (0.5, 2, 4, 9)} == set(range(CONTROL_CLASSES[Control.SURPRISE]))


def test_the_controls_of_a_hole_are_those_of_what_is_hidden():
    bar = SheetBar((4, 4), 96, {Stream.MELODY: run(24, 60, 62, 64, 65), Stream.CHORDS: chords(0, 7)})
    sheet = Sheet((bar, bar))
    only_chords = bar_controls(sheet, 1, {Stream.CHORDS}, Reference(Relation.SAME, 0))
    assert only_chords == {Control.CHORDRATE: 2, Control.SIMILARITY: 5}
    both = bar_controls(sheet, 1, {Stream.CHORDS, Stream.MELODY})
    assert set(both) == {
        Control.DENSITY,
        Control.REGISTER,
        Control.CONTOUR,
        Control.SYNCOPATION,
        Control.CHORDRATE,
    }
    assert all(0 <= value < CONTROL_CLASSES[control] for control, value in both.items())
