"""Each figure of the table on cases where it is known beforehand."""

import random
from dataclasses import replace

import pytest

from engine.generation.language.grid import NoteEvent, Sheet, Stream
from engine.ranking.harmony_metrics import NAMES
from engine.training.chords.baselines import FiveGram
from engine.training.infill.evaluation.harmonies import harmonies, human_harmonies, nearer
from engine.training.infill.evaluation.holes import Hole, Shape, draw_holes
from engine.training.infill.evaluation.judge import Exhibit, area, judge
from engine.training.infill.evaluation.nextchords import (
    CountedGuesses,
    Remembering,
    asked_chords,
    best_weight,
    next_chords,
)
from engine.training.infill.evaluation.stage import CHORDS, MELODY
from engine.training.infill.evaluation.structure import bars_come_again, is_looped, loops_kept
from engine.training.infill.evaluation.surprisal import BestNGram, bits_an_event, count_of, symbols_of
from engine.training.infill.evaluation.variations import measured
from tests.engine.ranking.pieces import piece
from tests.engine.ranking.sheets import sheet

PIECES = [piece(seed) for seed in range(60)]


# real or not -------------------------------------------------------------------------


def wild(hole: Hole, seed: int) -> Sheet:
    """Quarter notes from anywhere."""
    chance = random.Random(seed)
    cell = [tuple(NoteEvent(24 * n, 24, chance.randrange(55, 85)) for n in range(4)) for _ in range(4)]
    return hole.filled([{Stream.MELODY: notes} for notes in cell])


def test_the_judge_tells_noise_and_not_the_same_hand() -> None:
    holes = draw_holes(PIECES, Shape(4, 4, 4), MELODY, 60, "songs")
    noise = judge([Exhibit(hole, (wild(hole, n),)) for n, hole in enumerate(holes)])
    others = draw_holes([piece(1000 + n) for n in range(60)], Shape(4, 4, 4), MELODY, 60, "songs")
    same = judge([Exhibit(one, (other.sheet,)) for one, other in zip(holes, others, strict=True)])
    assert noise.area > 0.95
    assert 0.3 < same.area < 0.7
    assert same.low <= same.area <= same.high
    assert noise.holes == 60


@pytest.mark.parametrize(
    ("real", "generated", "expected"),
    [([2, 3], [0, 1], 1.0), ([0, 1], [2, 3], 0.0), ([1, 1], [1], 0.5), ([1, 3], [2], 0.5), ([], [1], 0.5)],
)
def test_area(real: list[float], generated: list[float], expected: float) -> None:
    assert area(real, generated) == expected


# structure ------------------------------------------------------------------------------

LOOP = "C|G|A:min|F"


def looped(third: str) -> Hole:
    return Hole("p", "pop", sheet("", f"{LOOP}|{LOOP}|{third}"), 8, 12, CHORDS)


@pytest.mark.parametrize(
    ("third", "expected"),
    [(LOOP, 1.0), ("C|G|A:min|G", 0.0), ("C:maj7|G:7|A:min7|F", 1.0), ("C|G|A:min|F C", 0.0)],
)
def test_a_loop_is_kept_bar_for_bar_by_its_triads(third: str, expected: float) -> None:
    hole = looped(third)
    assert is_looped(hole.sheet, 8, 12)
    assert loops_kept([hole], [hole.sheet]) == expected


def test_what_is_no_loop() -> None:
    assert not is_looped(sheet("", f"{LOOP}|C|G|A:min|G|{LOOP}"), 8, 12)
    assert not is_looped(sheet("", "|".join(["C"] * 12)), 8, 12)


def test_bars_that_come_again() -> None:
    song = sheet("C D E F|G2 G2|C D E F|E F G A|G2 -2|c4")
    hole = Hole("p", "folk", song, 2, 6, MELODY)
    found = bars_come_again([hole], [song])
    assert found == {"equal_bars": 0.25, "rhythm_bars": 0.25}


# harmonies -----------------------------------------------------------------------------


def test_people_agree_with_themselves() -> None:
    holes = draw_holes(PIECES, Shape(0, 8, 0), CHORDS, 8, "songs")
    human = human_harmonies(holes)
    assert human["root_agreement"] == 1.0
    assert all(human[f"{name}_off"] == human[f"{name}_apart"] == 0 for name in NAMES)


def test_other_chords_are_further_away() -> None:
    holes = draw_holes(PIECES, Shape(0, 8, 0), CHORDS, 8, "songs")
    static = [hole.filled([{Stream.CHORDS: hole.sheet.bars[0].cells[Stream.CHORDS]}] * 8) for hole in holes]
    found, human = harmonies(holes, static), human_harmonies(holes)
    assert found["distinct"] == 1.0
    assert found["CHE"] == 0.0
    assert nearer(human, [found]) >= 4
    assert harmonies(holes, [None] * 8) == {"holes": 0.0}


# bits ------------------------------------------------------------------------------------


def test_symbols_fill_the_bar() -> None:
    bars = sheet("C2 -1 D1|~D1 E3").bars
    assert symbols_of(bars, Stream.MELODY) == [
        *("|", 60, "d48", "R", "d24", 62, "d24"),
        *("|", "H", "d24", 64, "d72"),
    ]
    assert count_of(Hole("p", "folk", Sheet(bars), 0, 2, MELODY)) == {Stream.MELODY: 3}


def test_an_ngram_expects_what_it_has_heard() -> None:
    learn = [one.sheet for one in PIECES[:40]]
    gram = BestNGram.of(Stream.MELODY, learn, [one.sheet for one in PIECES[40:44]])
    holes = draw_holes(PIECES[44:], Shape(4, 4, 0), MELODY, 8, "songs")
    own = bits_an_event(holes, gram.bits)[Stream.MELODY]
    strange = [replace(hole, sheet=wild(hole, n)) for n, hole in enumerate(holes)]
    assert 0 < own < 6 < bits_an_event(strange, gram.bits)[Stream.MELODY]


# next chords ----------------------------------------------------------------------------


def test_asked_chords_leave_out_repeats_basses_and_silence() -> None:
    song = sheet("", "C C/E|N G|G:7|C")
    assert [chord.name for chord in asked_chords(song)] == [(0, "maj"), (7, "maj"), (7, "7"), (0, "maj")]


def test_a_guesser_that_knows_is_always_right() -> None:
    song = sheet("", f"{LOOP}|{LOOP}")
    right = next_chords([song], lambda s: [[chord.name] for chord in asked_chords(s)[1:]])
    assert (right["all_top1"], right["all_asked"], right["new_asked"]) == (1.0, 7.0, 5.0)
    wrong = next_chords([song], lambda s: [[(1, "dim")] for _ in asked_chords(s)[1:]])
    assert wrong["all_top5"] == 0.0


def test_the_cache_follows_the_song() -> None:
    learn = [sheet("", "C|F|G|C|F|G|C")] * 4
    plain: FiveGram = CountedGuesses.of(learn)
    song = sheet("", "|".join(["C|F|A:min|C|F|A:min|C|F|A:min"]))
    assert next_chords([song], CountedGuesses(plain, 0.0))["all_top1"] < 0.7
    assert next_chords([song], CountedGuesses(plain, 0.7))["all_top1"] >= 0.7


# variation ------------------------------------------------------------------------------


def test_distance_is_of_the_hole_alone() -> None:
    song = sheet("C D E F|G A B c|C D E F")
    hole = Hole("p", "folk", song, 1, 2, MELODY)
    assert measured(hole, song) == 0.0
    other = sheet("C D E F|G A B d|C2 G2")
    assert measured(hole, other) == pytest.approx(0.125)


def test_chances_mixed_with_the_song_s_memory() -> None:
    song = sheet("", "|".join(["C|F|A:min"] * 4))

    def flat(asked: Sheet) -> list[dict[tuple[int, str], float]]:
        return [{(7, "maj"): 0.6, chord.name: 0.4} for chord in asked_chords(asked)[1:]]

    alone, mixed = (next_chords([song], Remembering(flat, weight))["all_top1"] for weight in (0.0, 0.5))
    assert alone == 0.0
    assert mixed > 0.6
    assert best_weight(lambda weight: Remembering(flat, weight), [song]) >= 0.3
