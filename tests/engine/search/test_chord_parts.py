"""The parts of the chord search: forms, rhythms, leanings, the counting harmoniser, the next chord."""

from pathlib import Path

import numpy as np
import pytest

from engine.api.suggestion import Controls, Kind, SuggestionRequest
from engine.generation.chords import next_chords
from engine.generation.chords.ideas import idea
from engine.generation.chords.lattice import Lattice
from engine.generation.chords.loops import loop_through
from engine.generation.chords.melodyfit import MelodyFit
from engine.generation.chords.setting import setting_of
from engine.generation.infill.weights import random_weights
from engine.generation.language.grid import ChordEvent, Sheet, Stream
from engine.generation.language.question import with_cell
from engine.generation.language.vocabulary import QUALITIES
from engine.generation.search.chord_counted import Counted
from engine.generation.search.chord_hole import ChordHole, chord_hole
from engine.generation.search.chord_jury import ChordJury
from engine.generation.search.chord_leanings import Leaning, borrowed, leaning_of
from engine.generation.search.chord_next import heard, heard_in, load_next_chord
from engine.generation.search.chord_plan import Way, form_of, free_plan, goes_on_holding
from engine.generation.search.chord_rhythm import counted, rhythm_of
from engine.generation.search.models import models_from
from engine.music import Chord, ChordSpan, Key, Mode, Region, Role, Song
from tests.engine.chords.songs import HARBOUR, JAZZ, POP, ROCK, TUNE, song
from tests.engine.infill.small import write_model
from tests.engine.search.models import TOY


def hole_of(kind: Kind, of: Song, start: int, end: int, **controls: object) -> ChordHole:
    asked = Controls(**controls)  # type: ignore[arg-type]
    region = Region(start, end, chords=True)
    return chord_hole(setting_of(SuggestionRequest(kind, of, region, Role.CHORDS, controls=asked)))


@pytest.mark.parametrize(
    ("bars", "phrase", "kept", "form"),
    [
        (4, 4, 0, (None, None, None, None)),
        (8, 4, 1, (None, None, None, None, 0, 1, 2, None)),
        (6, 4, 0, (None, None, None, None, 0, None)),
        (16, 4, 0, (None,) * 4 + (0, 1, None, None) + (None,) * 4 + (0, 1, None, None)),
    ],
)
def test_forms_repeat_the_first_phrase_with_new_endings(
    bars: int, phrase: int, kept: int, form: tuple[int | None, ...]
) -> None:
    assert form_of(bars, phrase, kept) == form


def test_a_loop_is_planned_to_go_on() -> None:
    hole = hole_of(Kind.CONTINUE, POP, 8, 16)
    plan = free_plan(hole, 1, lambda: 0.1)
    assert {bar.way for bar in plan.bars.values()} == {Way.COLOUR} and len(plan.bars) == 8
    assert [hole.number(plan.bars[bar].source) for bar in hole.hole] == [4, 5, 6, 7] * 2
    assert free_plan(hole, 3, lambda: 0.1).avoided
    ended = free_plan(hole, 1, lambda: 0.9)
    assert sorted(hole.number(bar) for bar in ended.bars) == [8, 9, 10, 11, 12, 13]


@pytest.mark.parametrize(
    ("chords", "start", "end", "loop"),
    [
        ("G|Am|C|Em|D|Bm|F|F|-|-|-|-|D|Bm|F|F", 8, 12, [7, 9, 0, 4, 2, 11, 5, 5]),
        ("C|Am|F|G|-|-|F|G|C|Am", 4, 6, [0, 9, 5, 7]),
        ("C|C|C|C|-|-|C|C", 4, 6, [0]),
        ("C|Am|F|G|-|-|F|Am", 4, 6, []),
        ("C|Am|F|G|-|-", 4, 6, []),
        ("-|-|C|Am|F|G", 0, 2, []),
    ],
)
def test_a_loop_heard_on_both_sides_goes_through(chords: str, start: int, end: int, loop: list[int]) -> None:
    found = loop_through(hole_of(Kind.FILL, song(chords, key=Key(0)), start, end).setting)
    assert [bar[0][1].root for bar in (found.bars if found else ())] == loop


def test_a_chord_held_over_the_barline_is_coloured_once() -> None:
    """C C F G: the second bar of C is what the first one became."""
    hole = hole_of(Kind.CONTINUE, song("|".join(["C", "C", "F", "G"] * 2), key=Key(0)), 8, 12)
    plan = free_plan(hole, 1, lambda: 0.1)
    assert [goes_on_holding(hole, plan, bar) for bar in hole.hole] == [False, True, False, False]


@pytest.mark.parametrize("wanted", [None, 1.0, 4.0])
def test_the_best_is_the_best_of_all_though_not_all_are_weighed(wanted: float | None) -> None:
    hole = hole_of(Kind.FILL, JAZZ, 2, 6)
    plan = free_plan(hole, 1, lambda: 0.1)

    def spans_of(written: Sheet, end: int) -> tuple[ChordSpan, ...]:
        return hole.spans(hole.slots(written, range(hole.hole.start, end)))

    dice = np.random.default_rng(1)
    sheets = {}
    for hand in range(30):
        sheets[hand] = hole.sheet
        for bar in hole.hole:
            chord = ChordEvent(
                0, 96, int(dice.choice((0, 2, 5, 7, 9))), str(dice.choice(("maj", "min", "7")))
            )
            sheets[hand] = with_cell(sheets[hand], bar, Stream.CHORDS, (chord,))
    jury = ChordJury(hole, hole.hole, hole.sheet, plan, wanted, None, spans_of)
    ideas = [idea(hole.setting, spans_of(sheet, hole.hole.stop), hole.fit) for sheet in sheets.values()]
    least = 0.0 if wanted is None else 0.5
    bits = [abs(one.judgement.surprise_bits - (wanted or 0.0)) for one in ideas]
    worths = [one.worth(wanted) - least * off for one, off in zip(ideas, bits, strict=True)]
    found = jury.best_unlike(sheets, [], False)
    assert found is not None
    assert found.idea.judgement == ideas[worths.index(max(worths))].judgement


@pytest.mark.parametrize(("middle", "is_told"), [("r:8", False), ("r:7 E4:1", True)])
def test_a_melody_not_written_yet_is_not_told_as_silence(middle: str, is_told: bool) -> None:
    """C Am, two bars to fill, F G: a rest through both is no interlude."""
    sketch = song("C|Am|-|-|F|G", f"C4:4 E4:4 {middle} F4:4 G4:4", key=Key(0))
    hole = hole_of(Kind.FILL, sketch, 2, 4)
    told = [Stream.MELODY in bar.cells for bar in hole.sheet.bars]
    assert told == [True, True, is_told, is_told, True, True]


def test_chords_go_there_and_back() -> None:
    hole = hole_of(Kind.REHARMONISE, HARBOUR, 0, 16)
    for span in HARBOUR.chords:
        event = hole.event(span.chord, 0, 96)
        assert hole.chord(event) == span.chord
    assert not any(Stream.CHORDS in bar.cells for bar in hole.sheet.bars)


def test_places_are_the_songs_own() -> None:
    own = rhythm_of(hole_of(Kind.CONTINUE, song("C|F|G C|F|G C|C|F|C", key=Key(0)), 8, 10))
    assert own.places[8] == {0, 48} and own.counts[8] == (1, 2)
    assert rhythm_of(hole_of(Kind.CONTINUE, ROCK, 8, 10)).places[8] == {0}
    assert rhythm_of(hole_of(Kind.PROGRESSION, song("", "", Key(0), (3, 4)), 0, 2)).places[0] == {0}


@pytest.mark.parametrize("density", [0.0, 0.25, 0.5, 1.0])
def test_the_mean_number_of_chords_is_as_asked(density: float) -> None:
    assert sum(counted(density, bar) for bar in range(40)) / 40 == pytest.approx(0.5 + 2 * density, abs=0.05)


def test_leanings_lean_where_they_say() -> None:
    fifths = leaning_of(Leaning.FIFTHS, False, 2)
    assert fifths[7].min() > fifths[0].max()
    few, many = borrowed(False, 0, 8), borrowed(False, 2, 8)
    assert few.max() > 0 > many.min() and few.min() == 0


def test_the_counting_harmoniser_knows_what_comes() -> None:
    """Step by step after the likeliest chord, the melody is led home."""
    hole = hole_of(Kind.HARMONISE, TUNE, 0, 8)
    heard_by = Counted(hole, {bar: frozenset({0}) for bar in hole.hole})
    before = None
    for bar in hole.hole:
        logs = heard_by.chords(bar, 0, before)
        assert logs.shape == (12, 28) and np.exp(logs[:, :16]).sum() <= 1.2
        root, quality = np.unravel_index(int(logs[:, :16].argmax()), (12, 16))
        before = ChordEvent(0, 96, int(root), QUALITIES[int(quality)])
        stays, moves = heard_by.holding(bar, 0, before) if bar else (0.0, 0.0)
        assert stays <= 0.0 and moves <= 0.0
    assert before is not None and before.root == 0


def test_the_outlook_sums_to_one() -> None:
    request = SuggestionRequest(Kind.HARMONISE, TUNE, Region(0, 4, chords=True), Role.CHORDS)
    setting = setting_of(request)
    fit = MelodyFit(setting.melody, TUNE.time_map, setting.model.tables["fit"])
    outlook = Lattice(setting, [bar.start_ticks for bar in setting.bars] + [setting.end_ticks], fit).outlook()
    for slot, before in ((0, None), (2, Chord(0)), (3, Chord(7, "7"))):
        assert 0.9 < np.exp(outlook.chords(slot, before)).sum() < 1.3


def test_the_rhythm_of_the_song_is_heard() -> None:
    told = heard_in(JAZZ, JAZZ.time_map.bar_start(4) + 960)
    assert len(told.bars) == 4 and [event.root for event in told.begun] == [2]
    assert [len(bar.cells[Stream.CHORDS]) for bar in heard([Chord(0), Chord(7)]).bars] == [1, 1]


def test_the_chord_model_is_asked_for_the_next_chord(tmp_path: Path) -> None:
    write_model(tmp_path, "progressions", random_weights(TOY, 5, spread=0.15))
    chords = [span.chord for span in JAZZ.chords]
    alone = next_chords(chords, Key(10), 8, JAZZ)
    with models_from(tmp_path):
        model = load_next_chord()
        assert model is not None
        found = model.expected(heard(chords), Key(10))
        minor = model.expected(heard(chords), Key(10, Mode.MINOR))
        moved = model.expected(heard([chord.transposed(3) for chord in chords]), Key(1))
        mixed = next_chords(chords, Key(10), 500, JAZZ)
        begun = next_chords(chords[:3], None, 8, JAZZ)
        untimed = next_chords(chords, Key(10), 8)
    assert found.shape == (12, 28) and found.sum() == pytest.approx(1.0)
    assert found[10, QUALITIES.index("maj6")] == 0.0
    assert np.allclose(np.roll(found, 3, axis=0), moved) and not np.allclose(found, minor)
    assert sum(answer.probability for answer in mixed) == pytest.approx(1.0, abs=0.05)
    assert mixed[:8] != alone and begun != next_chords(chords[:3], None, 8, JAZZ)
    assert untimed == next_chords(chords, Key(10), 8)


def test_without_the_chord_model_the_counting_one_goes_on_alone() -> None:
    assert load_next_chord() is None
    assert next_chords([Chord(0), Chord(7)], Key(0), 3)
