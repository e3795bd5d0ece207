"""Sliders are measured as a musician would hear them; figures are kept, taken over and held against goals."""

import argparse
import json
from pathlib import Path

import pytest

from engine.api.errors import BadFileError, BadRequestError, ImpossibleError
from engine.api.suggestion import Contour, Controls
from engine.generation.language.grid import NoteEvent, Sheet, Stream
from engine.generation.melody.distance import Sounding
from engine.generation.melody.way import way_of
from engine.training.infill.evaluation import table as questions
from engine.training.infill.evaluation.contenders import Contender, people
from engine.training.infill.evaluation.harmonisers import template
from engine.training.infill.evaluation.holes import Hole, Shape, draw_holes
from engine.training.infill.evaluation.reach import MODEL, PRODUCT, Goal, reached
from engine.training.infill.evaluation.stage import CHORDS, MELODY, Stage
from engine.training.infill.evaluation.table import Table
from engine.training.infill.evaluation.telling import figures_of, questions_of, told
from engine.training.infill.evaluation.wishes import (
    granted,
    instant_asked,
    range_of,
    surprised,
    wish_of,
    wishes_of,
)
from tests.engine.ranking.pieces import piece

PIECES = [piece(seed, bars=32) for seed in range(16)]
HOLES = draw_holes(PIECES, Shape(4, 4, 4), MELODY, 8, "songs")


def line(*pitches: int) -> list[Sounding]:
    return [Sounding(24 * place, 24 * place + 24, pitch) for place, pitch in enumerate(pitches)]


@pytest.mark.parametrize(
    ("pitches", "shape"),
    [
        ((60, 62, 64, 65, 67, 69), Contour.RISING),
        ((69, 67, 65, 64, 62, 60), Contour.FALLING),
        ((60, 60, 67, 67, 60, 60), Contour.ARCH),
        ((60, 62, 60, 62, 60, 62), Contour.LEVEL),
        ((), None),
        ((60,), None),
    ],
)
def test_the_way_of_a_melody_is_heard_in_its_thirds(pitches: tuple[int, ...], shape: Contour | None) -> None:
    assert way_of(line(*pitches)) is shape


def of_pitch(hole: Hole, pitch: int, notes: int) -> Sheet:
    """The same note again and again."""
    length = 96 // notes
    cell = tuple(NoteEvent(length * number, length, pitch) for number in range(notes))
    return hole.filled([{Stream.MELODY: cell}] * (hole.end - hole.first))


def test_a_wish_is_obeyed_by_what_was_asked_and_not_by_its_contrary() -> None:
    for place, hole in enumerate(HOLES):
        low, high = range_of(hole)
        for name, extremes in {
            "density": ((of_pitch(hole, 64, 1), 0.0), (of_pitch(hole, 64, 16), 1.0)),
            "register": ((of_pitch(hole, low, 4), 0.0), (of_pitch(hole, high, 4), 1.0)),
        }.items():
            wish = wish_of(name, hole, place)
            asked = getattr(wish.controls, name)
            for sheet, end in extremes:
                if abs(asked - end) > 0.5:
                    assert not any(wish.obeyed(sheet)), name
                if abs(asked - end) < 0.2:
                    assert all(wish.obeyed(sheet)), name


def test_one_note_outside_the_range_is_not_within() -> None:
    wish = wish_of("range", HOLES[0], 0)
    assert wish.controls.range is not None
    low, high = wish.controls.range
    assert wish.obeyed(of_pitch(HOLES[0], high, 4)) == [True]
    assert wish.obeyed(of_pitch(HOLES[0], high + 1, 4)) == [False]
    assert wish.obeyed(of_pitch(HOLES[0], low - 1, 4)) == [False]


def test_refusals_are_counted_and_free_answers_measured_too() -> None:
    def refuses(hole: Hole, controls: Controls, seed: int) -> Sheet:
        if hole is HOLES[0]:
            raise ImpossibleError("no")
        return hole.sheet

    found = granted(HOLES, "density", refuses, [hole.sheet for hole in HOLES])
    assert found["refused"] == 1
    assert found["obeyed"] == found["free"]


def test_the_instant_generators_answer_every_slider() -> None:
    chords = draw_holes(PIECES, Shape(4, 4, 4), CHORDS, 1, "songs")
    for hole in (HOLES[0], chords[0]):
        for name in wishes_of(hole):
            found = granted([hole], name, instant_asked, [None])
            assert found["refused"] == 0
            assert 0 <= found["obeyed"] <= 1


def test_more_surprise_costs_more() -> None:
    def asked(hole: Hole, controls: Controls, seed: int) -> Sheet:
        return of_pitch(hole, 60 + round(10 * (controls.surprise or 0)), 4)

    def strange_when_high(holes: list[Hole]) -> list[dict[Stream, float]]:
        cells = [hole.sheet.bars[hole.first].cells[Stream.MELODY] for hole in holes]
        return [{Stream.MELODY: float(cell[0].pitch)} for cell in cells if isinstance(cell[0], NoteEvent)]

    found = surprised(HOLES, asked, strange_when_high)
    assert found["ordered"] == 1.0
    assert found["bits_at_0.1"] < found["bits_at_0.5"] < found["bits_at_0.9"]


def test_known_lines_are_not_asked_again_and_still_count() -> None:
    def never(hole: Hole, seed: int, count: int) -> list[Sheet]:
        raise AssertionError

    stage = Stage(PIECES, windows=8)
    first = Table(stage, [Contender("people", people), Contender("template", template)], print)
    questions.harmonise(first)
    again = Table(stage, [Contender("template", never), Contender("people", people)], print, 1, first.found)
    questions.harmonise(again)
    assert again.found == first.found


def test_the_n_gram_is_asked_once_and_the_share_is_of_its_bits() -> None:
    def twice(holes: list[Hole]) -> list[dict[Stream, float]]:
        return [{hole.streams[0]: 2.0} for hole in holes]

    def once(holes: list[Hole]) -> list[dict[Stream, float]]:
        return [{hole.streams[0]: 1.0} for hole in holes]

    table = Table(Stage(PIECES, windows=8), [Contender("model", bits=once)], print)
    questions.bits(table, lambda stratum, stream: Contender("3-gram", bits=twice))
    assert table.found["bits | songs | n-gram | order"] == 3
    shares = [value for place, value in table.found.items() if place.endswith("of_ngram")]
    assert len(shares) >= 3
    assert all(share == pytest.approx(0.5, abs=1e-3) for share in shares)


def test_what_falls_short_is_marked() -> None:
    goals = [
        Goal("loop kept", "pop", PRODUCT, "kept", "as people", lambda v, other: v <= other("people")),
        Goal("bits", "folk", MODEL, "of_ngram", "< 1", lambda v, _: v < 1),
        Goal("next", "x", "infill + cache", "top1", "> 0", lambda v, _: v > 0),
        Goal("never", "x", MODEL, "measured", "", lambda v, _: True),
    ]
    figures = {
        "loop kept | pop | people | kept": 0.6,
        "loop kept | pop | infill, in the product | kept": 0.9,
        "bits | folk | infill | of_ngram": 0.5,
        "next | x | infill + cache 0.5 | top1": 0.2,
    }
    _, *lines = reached(figures, goals)
    assert len(lines) == 3
    assert [line.endswith("SHORT") for line in lines] == [True, False, False]
    assert "0.6" in lines[0]


def test_figures_are_kept_and_taken_over(tmp_path: Path) -> None:
    out = tmp_path / "figures.json"
    args = argparse.Namespace(
        data=tmp_path, seed=1, cache=None, windows=8, only="loops,valid", beside=None, out=out
    )
    seen: list[object] = []

    def evaluate(*given: object) -> dict[str, float]:
        seen.extend(given)
        return {"loop kept | pop | people | kept": 0.5, **dict(given[-1])}  # type: ignore[call-overload]

    told(args, evaluate, "models")
    assert seen[1] == "models"
    assert seen[-2:] == [("loops", "valid"), {}]
    args.beside, args.out = out, None
    assert told(args, evaluate)["loop kept | pop | people | kept"] == 0.5
    assert seen[-1] == {"loop kept | pop | people | kept": 0.5}
    args.windows = 9
    with pytest.raises(BadRequestError, match="another seed"):
        told(args, evaluate)


@pytest.mark.parametrize("content", ["", "[]", '{"seed": 1}', '{"seed":1,"windows":8,"figures":{"a":"b"}}'])
def test_a_file_without_figures_is_told(tmp_path: Path, content: str) -> None:
    path = tmp_path / "figures.json"
    path.write_text(content)
    with pytest.raises(BadFileError, match="no figures"):
        figures_of(path, 1, 8)
    assert json.dumps(questions_of(None))
    with pytest.raises(BadRequestError, match="no question"):
        questions_of("bits,luck")
