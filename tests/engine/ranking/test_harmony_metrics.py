"""The six measures on cases worked out by hand."""

from math import log, sqrt

import pytest

from engine.ranking.features_passage import Passage
from engine.ranking.harmony_metrics import (
    NAMES,
    SungOver,
    chord_histogram_entropy,
    chord_tonal_distance,
    chord_tone_ratio,
    harmony_metrics,
    melody_chord_tonal_distance,
    pitch_consonance_score,
    tonal_centroid,
    tonal_distance,
    triad_slots,
)
from tests.engine.ranking.sheets import sheet

C, G = frozenset({0, 4, 7}), frozenset({7, 11, 2})


@pytest.mark.parametrize(
    ("chords", "expected"),
    [("C", 0.0), ("CG", log(2)), ("CCCG", -(0.75 * log(0.75) + 0.25 * log(0.25))), ("CDEF", log(4))],
)
def test_entropy_of_the_histogram(chords: str, expected: float) -> None:
    assert chord_histogram_entropy(chords) == pytest.approx(expected)


def test_a_single_tone_lies_on_the_three_circles() -> None:
    assert tonal_centroid({0}) == pytest.approx((0, 1, 0, 1, 0, 0.5))
    assert tonal_centroid({7}) == pytest.approx((0.5, sqrt(3) / 2, 1, 0, sqrt(3) / 4, -0.25))


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (0, 0.0),
        (6, 2 * sqrt(2)),  # opposite on the fifths and the minor thirds, the same major third
        (7, sqrt(0.25 + (sqrt(3) / 2 - 1) ** 2 + 2 + 3 / 16 + 0.75**2)),
        (4, sqrt(3 + 3 / 4)),  # a third of the way round fifths and major thirds; minor thirds agree
    ],
)
def test_distance_of_two_tones(other: int, expected: float) -> None:
    assert tonal_distance({0}, {other}) == pytest.approx(expected)


def test_distance_is_symmetric_and_kept_by_transposition() -> None:
    for step in range(12):
        moved = [frozenset((tone + step) % 12 for tone in chord) for chord in (C, G)]
        assert tonal_distance(*moved) == pytest.approx(tonal_distance(G, C))
    assert chord_tonal_distance([C, C, G]) == pytest.approx(tonal_distance(C, G) / 2)
    assert chord_tonal_distance([C]) == 0.0


@pytest.mark.parametrize(
    ("pitch", "following", "expected"),
    [
        (64, 65, 1.0),  # a chord tone
        (62, 64, 1.0),  # D moves to E: proper
        (62, 67, 0.0),  # D leaps
        (62, None, 0.0),  # D is the last
    ],
)
def test_non_chord_tones_count_when_left_by_step(pitch: int, following: int | None, expected: float) -> None:
    assert chord_tone_ratio([SungOver(pitch, following, 24, C)]) == expected


@pytest.mark.parametrize(
    ("pitch", "expected"),
    [
        (60, (1 + 1 + 0) / 3),  # over C: unison, E below is a minor sixth, G below is a fourth
        (64, (1 + 1 + 1) / 3),
        (66, (-1 - 1 - 1) / 3),  # a tritone, a second and a major seventh
    ],
)
def test_consonance_with_the_chord_tones(pitch: int, expected: float) -> None:
    assert pitch_consonance_score([SungOver(pitch, None, 24, C)]) == pytest.approx(expected)


def test_longer_notes_weigh_more() -> None:
    long, short = SungOver(60, 66, 72, C), SungOver(66, None, 24, C)
    assert pitch_consonance_score([long, short]) == pytest.approx((3 * 2 / 3 - 1) / 4)
    apart = [tonal_distance({0}, C), tonal_distance({6}, C)]
    expected = (3 * apart[0] + apart[1]) / 4
    assert melody_chord_tonal_distance([long, short]) == pytest.approx(expected)


def test_chords_are_read_as_triads_every_half_bar() -> None:
    passage = Passage.of_sheet(sheet("C4|D4|E4", "C G:7|D:min7|N"))
    triads = [triad for _, _, triad in triad_slots(passage, 0, 3)]
    assert triads == [(0, "maj"), (7, "maj"), (2, "min"), (2, "min"), None, None]
    assert len(triad_slots(Passage.of_sheet(sheet("C3", "C", metre=(3, 4))), 0, 1)) == 1


def test_all_six_of_a_little_song() -> None:
    found = harmony_metrics(Passage.of_sheet(sheet("E2 D2|D4", "C|G")))
    assert tuple(found) == NAMES
    assert found["CHE"] == pytest.approx(log(2))
    assert found["CC"] == 2
    assert found["CTD"] == pytest.approx(tonal_distance(C, G) / 3)
    assert found["CTnCTR"] == 1.0  # D over C goes to D: within two semitones
    assert found["PCS"] == pytest.approx((8 * 1 + 8 * (-1 - 1 + 1) / 3 + 16 * 1) / 32)
    assert harmony_metrics(Passage.of_sheet(sheet("C4", "N"))) == {}


def test_a_note_held_over_a_change_counts_under_both_chords() -> None:
    found = harmony_metrics(Passage.of_sheet(sheet("E4", "C G")))
    assert found["CTnCTR"] == 0.5
    assert harmony_metrics(Passage.of_sheet(sheet("E4", "C C")))["CTnCTR"] == 1.0
