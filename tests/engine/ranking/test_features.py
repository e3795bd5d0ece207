"""Each remark on bars where a musician can hear what it should be."""

from collections.abc import Sequence

import pytest

from engine.generation.language.grid import Sheet, Stream
from engine.ranking.features import Part, context_of, remarks
from engine.ranking.features_melody import Value
from engine.ranking.features_passage import Beginning, Passage
from tests.engine.ranking.sheets import sheet

MELODY, CHORDS = (Stream.MELODY,), (Stream.CHORDS,)


def on(
    song: Sheet, first: int, end: int, streams: Sequence[Stream] = MELODY, **more: object
) -> dict[str, Value]:
    part = Part.CHORDS if streams == CHORDS else Part.MELODY
    return remarks(context_of(song, first, end, streams), song, **more)[part]


@pytest.mark.parametrize(
    ("melody", "chords", "name", "expected"),
    [
        ("C D E F|C E G E", "C|C", "strong_chord_tones", 1.0),
        ("C D E F|D E F E", "C|C", "strong_chord_tones", 0.0),
        ("C D E F|D E F E", "C|C", "resolved", 1.0),
        ("C D E F|F2 C2", "C|C", "clashes", 0.5),  # F held over C, then a leap
        ("C D E F|F2 E2", "C|C", "clashes", 0.0),  # the suspension resolves
        ("C D E F|C D E F", "C|C", "motifs_at_pitch", 1.0),
        ("C D E F|D E F# G", "C|C", "motifs_at_pitch", 0.0),
        ("C D E F|c G E C", "C|C", "motifs_moved", 0.0),
        ("C D E F|C D E F", "C|C", "song_bars", 1.0),
        ("C D E F|G G G G", "C|C", "song_rhythms", 1.0),
        ("C D E F|G2 G2", "C|C", "song_rhythms", 0.0),
        ("C D E F|G2 G2", "C|C", "seam_in", 2.0),
        ("C D E F|C E G c", "C|C", "range", 12.0),
        ("C D E F|C E G c", "C|C", "peak_place", 1.0),
        ("C D E F|C D E F", "C|C", "steps", 1.0),
        ("C D E F|C C C C", "C|C", "repeated_notes", 1.0),
        ("C D E F|C G F E", "C|C", "leaps_answered", 1.0),
        ("C D E F|C# D# F# G#", "C|C", "in_scale", 0.0),
        ("C D E F|C2 -2", "C|C", "rest_change", 0.5),
        ("C D E F|C0.5 E F G C0.5", "C|C", "syncopation_change", 0.6),
        ("C D E F|E D C2", "C|C", "ending_home", 2.0),
        ("C D E F|E D C2", "C|C", "ending_length", 2.0),
    ],
)
def test_remarks_on_a_bar_of_melody(melody: str, chords: str, name: str, expected: float) -> None:
    assert on(sheet(melody, chords), 1, 2)[name] == pytest.approx(expected)


@pytest.mark.parametrize(
    ("melody", "chords", "name", "expected"),
    [
        ("C4|G4|E4", "C|G|C", "melody_in_chords", 1.0),
        ("C4|F4|E4", "C|C|C", "clashes_a_bar", 0.0),  # the F goes to E
        ("C4|F4|C4", "C|C|C", "melody_in_chords", 0.0),
        ("C4|D4|E4", "C|D:min G:7|C", "falling_fifths", 0.5),
        ("C4|D4|E4", "C|D:min G:7|C", "leads_out", 1.0),
        ("C4|D4|E4", "C|G F|C", "functions_backwards", 0.5),
        ("C4|D4|E4", "C|G C|F", "closes", 0.5),
        ("C4|D4|E4", "C|C|F", "stays_at_seam_in", 1.0),
        ("C4|D4|E4", "C|G A:min|F", "time_at_home", 0.5),
        ("C4|D4|E4", "C|D:7 G|F", "outside_scale", 0.5),
        ("C4|D4|E4", "C|C:maj7 G|F", "sevenths_change", 0.5),
        ("C4|D4|E4", "C|C/E G|F", "slash_chords", 0.5),
        ("C4|D4|E4", "C|F C|F", "song_chords", 1.0),
        ("C4|D4|E4", "C|C G|F", "changes_a_bar", 2.0),
    ],
)
def test_remarks_on_a_bar_of_chords(melody: str, chords: str, name: str, expected: float) -> None:
    assert on(sheet(melody, chords), 1, 2, CHORDS)[name] == pytest.approx(expected)


def test_a_loop_is_kept_at_four_or_eight_bars() -> None:
    song = sheet("", "|".join(["C", "G", "A:min", "F"] * 2 + ["C", "G", "D:min", "F"]))
    assert on(song, 8, 12, CHORDS)["loop_kept"] == 0.75
    assert on(song, 0, 4, CHORDS)["loop_kept"] is None


def test_what_stands_in_the_hole_is_not_context() -> None:
    song, other = sheet("C D E F|C C C C|E D C2"), sheet("C D E F|G# A2 B|E D C2")
    assert context_of(song, 1, 2, MELODY) == context_of(other, 1, 2, MELODY)


def test_a_melody_in_the_hole_is_context_for_its_chords() -> None:
    song = sheet("C D E F|C C C C|E D C2", "C|C|C")
    assert context_of(song, 1, 2, CHORDS).pitch != context_of(song, 1, 2, (*CHORDS, *MELODY)).pitch


@pytest.mark.parametrize("streams", [MELODY, CHORDS])
def test_nothing_around_and_nothing_inside_is_no_error(streams: Sequence[Stream]) -> None:
    empty = sheet("-4|-4", "N|N")
    for first, end in ((0, 2), (0, 1), (1, 2)):
        found = on(empty, first, end, streams)
        assert all(value is None or value == value for value in found.values())


def test_a_growing_candidate_is_judged_by_the_bars_it_has() -> None:
    song = sheet("C D E F|C D E F|G# G# G# G#|E D C2")
    growing = remarks(context_of(song, 1, 3, MELODY), song, end=2)[Part.MELODY]
    assert growing["in_scale"] == 1.0
    assert growing["seam_out"] is None
    assert on(song, 1, 3)["in_scale"] == 0.5


def test_surprise_is_a_remark_when_it_is_known() -> None:
    song = sheet("C D E F|C D E F")
    assert on(song, 1, 2)["mean_surprise"] is None
    found = on(song, 1, 2, surprises=(1.0, 3.0))
    assert (found["mean_surprise"], found["greatest_surprise"]) == (2.0, 3.0)


def test_transposed_motifs_are_found_where_motifs_at_pitch_are_not() -> None:
    found = on(sheet("C2 E2 F2 G2|-8|F2 A2 A#2 c2".replace("8", "4"), ""), 2, 3)
    assert found["motifs_at_pitch"] == 0.0
    assert found["motifs_moved"] == pytest.approx(1 / 2)


def test_ties_over_the_barline_are_one_note() -> None:
    song = sheet("C2 E2|~E2 D2|C4")
    assert [tone.duration for tone in Passage.of_sheet(song).melody] == [48, 96, 48, 96]


@pytest.mark.parametrize("melody", ["C D E F|E2 E2|C4", "C4|~C2 D2|~D4", "|G A B c|-4", "C4|~C4|~C4"])
def test_a_melody_that_grows_is_read_as_the_whole_is(melody: str) -> None:
    song, grown = sheet("C D E C|~C4|~C D", "C|F|G"), sheet(melody, "C|F|G")
    for first in range(4):
        bars = (*song.bars[:first], *grown.bars[first:])
        mixed = Sheet(bars, song.mode)
        assert Beginning(song, first).passage(mixed) == Passage.of_sheet(mixed)


def test_every_remark_has_words() -> None:
    from engine.ranking.reranker_words import said

    song = sheet("C D E F|C D E F|G2 G2", "C|F|G")
    both = remarks(context_of(song, 1, 2, (*MELODY, *CHORDS)), song)
    assert set(both) == set(Part)
    assert all(said(name, True) for found in both.values() for name in found)
    assert min(map(len, both.values())) >= 24
