"""Requests as questions: what is told, what is left out, what is asked."""

from dataclasses import replace

import pytest

from engine.api.errors import ImpossibleError
from engine.api.suggestion import Contour as Shape
from engine.api.suggestion import Controls
from engine.generation.language.controls import Contour
from engine.generation.language.grid import Stream
from engine.generation.language.question import Question, Reference, with_cell
from engine.generation.language.vocabulary import STYLES, Control, Relation
from engine.generation.search.asking import (
    asked_controls,
    chunks_of,
    language_style,
    needed_tokens,
    part_of,
    surroundings,
)
from engine.music import Key, Tempo
from engine.music.styles import STYLES as ASKABLE
from tests.engine.melody.sketches import pop_song

MELODY = frozenset({Stream.MELODY})


def whole(first: int, end: int) -> Question:
    song = pop_song()
    around = surroundings(song, range(first, end), {Stream.MELODY: song.tracks[0]}, Key())
    holes = tuple(MELODY if bar in around.hole else frozenset() for bar in range(len(around.sheet.bars)))
    return Question(around.sheet, holes)


@pytest.mark.parametrize(("bpm", "told"), [(None, 0.0), (90, 90.0)])
def test_a_tempo_nobody_set_is_not_told(bpm: int | None, told: float) -> None:
    song = pop_song()
    tempos = (Tempo(0),) if bpm is None else (Tempo(0, 60_000_000 // bpm),)
    song = replace(song, time_map=replace(song.time_map, tempos=tempos))
    around = surroundings(song, range(2, 4), {Stream.MELODY: song.tracks[0]}, Key())
    assert around.sheet.bpm == pytest.approx(told, abs=0.01)


def test_a_sketch_that_stops_is_not_told_to_end() -> None:
    song = pop_song()
    tracks = {Stream.MELODY: song.tracks[0]}
    assert surroundings(song, range(song.bars - 1, song.bars), tracks, Key()).reading.bars_left == -1


def test_every_style_that_can_be_asked_is_one_of_the_language() -> None:
    assert all(language_style(style.label) in STYLES[1:] for style in ASKABLE)
    assert language_style("") == language_style("nothing known") == ""


@pytest.mark.parametrize(
    ("bars", "lengths"),
    [(1, [1]), (8, [8]), (9, [9]), (10, [8, 2]), (16, [8, 8]), (17, [8, 9]), (64, [8] * 8)],
)
def test_long_regions_are_written_in_chunks(bars: int, lengths: list[int]) -> None:
    chunks = chunks_of(range(5, 5 + bars))
    assert [len(chunk) for chunk in chunks] == lengths
    assert [bar for chunk in chunks for bar in chunk] == list(range(5, 5 + bars))


def test_the_bars_around_the_region_are_told() -> None:
    song = pop_song()
    around = surroundings(song, range(4, 8), {Stream.MELODY: song.tracks[0]}, Key())
    assert around.hole == range(4, 8)
    assert len(around.sheet.bars) == 16 and around.sheet.bars[3].cells[Stream.MELODY]


def test_a_later_chunk_hears_what_was_written_and_nothing_after_it() -> None:
    question = whole(4, 16)
    cell = question.sheet.bars[0].cells[Stream.MELODY]
    written = with_cell(question.sheet, 11, Stream.MELODY, cell)
    first, second = (part_of(question, written, chunk, 768) for chunk in (range(4, 12), range(12, 16)))
    assert len(first.question.holes) == 12
    assert second.question.is_visible(11 - second.first, Stream.MELODY)
    assert second.question.sheet.bars[11 - second.first].cells[Stream.MELODY] == cell
    assert second.put_back(written, second.question.sheet).bars == written.bars


def test_the_farthest_bars_are_left_out_first() -> None:
    question = whole(4, 8)
    full = needed_tokens(question)
    part = part_of(question, question.sheet, range(4, 8), full - 60)
    assert needed_tokens(part.question) <= full - 60
    assert part.question.fills == tuple(range(4 - part.first, 8 - part.first))
    assert part.question.holes[-1] == frozenset() and len(part.question.holes) < 16
    with pytest.raises(ImpossibleError):
        part_of(question, question.sheet, range(4, 8), 20)


def test_a_reference_left_out_is_told_with_its_notes() -> None:
    question = replace(whole(8, 10), references={8: Reference(Relation.SAME, 0), 9: Reference(Relation.NEW)})
    part = part_of(question, question.sheet, range(8, 10), 130)
    assert part.first > 0
    told = part.question.references[8 - part.first]
    assert told.bar == -1 and told.cells[Stream.MELODY] == question.sheet.bars[0].cells[Stream.MELODY]
    assert part.question.references[9 - part.first] == Reference(Relation.NEW)


def test_only_what_was_asked_is_told() -> None:
    assert asked_controls(Controls(), Stream.MELODY, 60, 72, 2) == [{}, {}]
    told = (Controls(register=place, density=place) for place in (0, 1))
    low, high = (asked_controls(controls, Stream.MELODY, 60, 84, 1)[0] for controls in told)
    assert low[Control.REGISTER] < high[Control.REGISTER] and low[Control.DENSITY] < high[Control.DENSITY]


@pytest.mark.parametrize(
    ("shape", "bars", "told"),
    [
        (Shape.RISING, 2, [Contour.RISING] * 2),
        (Shape.ARCH, 1, [Contour.ARCH]),
        (Shape.ARCH, 2, [Contour.RISING, Contour.FALLING]),
        (Shape.ARCH, 3, [Contour.RISING, Contour.ARCH, Contour.FALLING]),
    ],
)
def test_a_contour_goes_over_the_whole_region(shape: Shape, bars: int, told: list[Contour]) -> None:
    asked = asked_controls(Controls(contour=shape), Stream.MELODY, 60, 72, bars)
    assert [one[Control.CONTOUR] for one in asked] == told
