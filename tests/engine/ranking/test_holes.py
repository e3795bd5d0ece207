"""Holes are drawn by hash and answers are checked."""

from dataclasses import replace

import pytest

from engine.generation.language.grid import ChordEvent, NoteEvent, Sheet, Stream
from engine.training.infill.evaluation.contenders import Contender, people
from engine.training.infill.evaluation.harmonisers import Hmm, template
from engine.training.infill.evaluation.holes import (
    Hole,
    Shape,
    draw_holes,
    in_first_half,
    is_valid,
    pool_holes,
)
from engine.training.infill.evaluation.instant import instant, song_of
from engine.training.infill.evaluation.stage import BOTH, CHORDS, MELODY, Stage
from tests.engine.ranking.pieces import piece
from tests.engine.ranking.sheets import sheet

PIECES = [piece(seed) for seed in range(12)]
SHAPE = Shape(4, 4, 4)


def test_the_same_holes_in_any_order_of_pieces() -> None:
    one = draw_holes(PIECES, SHAPE, MELODY, 8, "songs")
    other = draw_holes(PIECES[::-1], SHAPE, MELODY, 8, "songs")
    assert one == other
    assert len(one) == 8
    assert len({hole.piece for hole in one}) == 8


def test_windows_of_one_piece_do_not_overlap_unless_pooled() -> None:
    long = [piece(3, bars=40)]
    assert len(draw_holes(long, SHAPE, MELODY, 99, "songs")) <= 3
    pooled = pool_holes(long, SHAPE, MELODY, 99, "songs", lambda sheet, first, end: True)
    assert len(pooled) == 40 - 12 + 1


def test_both_halves_have_pieces_and_no_piece_is_in_both() -> None:
    holes = draw_holes(PIECES, SHAPE, MELODY, 24, "songs")
    halves = {hole.piece: in_first_half(hole) for hole in holes}
    assert set(halves.values()) == {True, False}


def test_odd_bars_and_empty_streams_are_no_windows() -> None:
    waltz = replace(PIECES[0], sheet=sheet("C D E|F G A|B A G|C3", metre=(3, 4)))
    bars = (*PIECES[0].sheet.bars[:2], *waltz.sheet.bars)
    mixed = replace(PIECES[0], sheet=Sheet(bars))
    assert not draw_holes([mixed], Shape(1, 2, 1), MELODY, 9, "songs")[1:]
    silent = replace(PIECES[0], sheet=sheet("-4|-4|-4|-4"))
    assert draw_holes([silent], Shape(1, 2, 1), MELODY, 9, "songs") == []
    assert draw_holes([piece(1, chords=False)], Shape(1, 2, 1), CHORDS, 9, "songs") == []


def a_hole() -> Hole:
    return draw_holes(PIECES, SHAPE, BOTH, 1, "songs")[0]


def test_people_are_valid_and_what_is_hidden_is_hidden() -> None:
    hole = a_hole()
    assert is_valid(hole, hole.sheet)
    for number, bar in enumerate(hole.opened().bars):
        assert bool(bar.cells) == (not hole.first <= number < hole.end)
    assert not is_valid(hole, hole.opened())


@pytest.mark.parametrize(
    ("stream", "cell"),
    [
        (Stream.MELODY, (NoteEvent(0, 48, 60), NoteEvent(24, 24, 62))),  # overlap
        (Stream.MELODY, (NoteEvent(72, 48, 60),)),  # over the barline
        (Stream.CHORDS, (ChordEvent(0, 48, 0, "maj"),)),  # half a bar
        (Stream.CHORDS, ()),
    ],
)
def test_cells_that_do_not_fill_their_bar_are_not_valid(stream: Stream, cell: tuple) -> None:
    hole = a_hole()
    cells = [dict(bar.cells) for bar in hole.sheet.bars[hole.first : hole.end]]
    cells[1][stream] = cell
    assert not is_valid(hole, hole.filled(cells))


def test_changing_what_stands_around_is_not_valid() -> None:
    hole = a_hole()
    bars = (hole.sheet.bars[1], *hole.sheet.bars[1:])
    assert not is_valid(hole, replace(hole.sheet, bars=bars))


@pytest.mark.parametrize("streams", [MELODY, CHORDS, BOTH])
@pytest.mark.parametrize("shape", [SHAPE, Shape(8, 4, 0)])
def test_instant_answers_are_valid(streams: tuple[Stream, ...], shape: Shape) -> None:
    contender = Contender("instant", instant)
    for hole in draw_holes(PIECES[:2], shape, streams, 2, "songs"):
        assert contender.answers(hole, count=2)
    assert contender.tally.valid == contender.tally.given == 4


def test_the_window_as_a_song_keeps_every_note_and_chord() -> None:
    hole = a_hole()
    song = song_of(hole.sheet)
    sung = sum(not n.tied for bar in hole.sheet.bars for n in bar.cells[Stream.MELODY])
    assert len(song.tracks[0].notes) == sung
    assert song.chords[-1].end_ticks == song.time_map.bar_start(len(hole.sheet.bars))


def test_plain_harmonisers_answer_every_bar() -> None:
    holes = draw_holes(PIECES, Shape(0, 8, 0), CHORDS, 4, "songs")
    counted = Hmm([one.sheet for one in PIECES])
    for hole in holes:
        for write in (counted.write, template):
            assert all(is_valid(hole, answer) for answer in write(hole, 1, 1))


def test_the_counted_harmoniser_learns_what_goes_with_what() -> None:
    learnt = Hmm([sheet("C E G C|D F A D|B D G B|C E G C", "C|D:min|G|C")] * 20)
    hole = Hole("p", "songs", sheet("E G C E|A F D A|G B D B|C G E C", "C|C|C|C"), 0, 4, CHORDS)
    chords = [bar.cells[Stream.CHORDS][0][2:4] for bar in learnt.write(hole, 1, 1)[0].bars]
    assert chords == [(0, "maj"), (2, "min"), (7, "maj"), (0, "maj")]


def test_the_template_takes_the_triad_that_shares_most() -> None:
    hole = Hole("p", "songs", sheet("E G C E|A F D A|G B D B|-4", "C|C|C|C"), 0, 4, CHORDS)
    roots = [bar.cells[Stream.CHORDS][0].root for bar in template(hole, 1, 1)[0].bars]
    assert roots == [0, 5, 7, 7]  # A and F: before ii comes IV; silence keeps what sounds


def test_the_stage_draws_from_the_right_pieces() -> None:
    folk = [piece(100 + seed, "folk", chords=False) for seed in range(4)]
    derived = replace(piece(200), has_derived_chords=True)
    own = replace(piece(201), is_own=True)
    stage = Stage([*PIECES, *folk, derived, own], windows=50)
    assert {hole.piece for hole in stage.continuations["folk"]} == {one.id for one in folk}
    assert {hole.piece for hole in stage.harmonise} == {one.id for one in PIECES}
    assert all(Stream.CHORDS not in bar.cells for hole in stage.bits["songs"] for bar in hole.sheet.bars)


def test_people_fill_with_what_they_wrote() -> None:
    hole = a_hole()
    assert Contender("people", people).first_answers([hole]) == [hole.sheet]
