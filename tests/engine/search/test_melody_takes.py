"""Whatever is asked, a model that learnt nothing writes valid, repeatable takes, and keeps to the plan."""

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import fmean

import numpy as np
import pytest

from engine.api.errors import EngineError, ImpossibleError
from engine.api.messages import Partial
from engine.api.suggestion import Contour, Controls, Keep, Kind, SuggestionRequest, Take
from engine.formats.patterns import rhythms
from engine.generation.infill.decoding import Asked, Event
from engine.generation.language.controls import Contour as Shape
from engine.generation.language.controls import contour, density
from engine.generation.language.grid import NoteEvent
from engine.generation.registry import Answer, Remark, generator_for
from engine.generation.search import melody_takes
from engine.generation.search.models import Checkpoint, Infiller, instant_alone, load_infiller, models_from
from engine.music import Note, Region, Role, Song
from engine.ranking.features import Part
from engine.ranking.reranker import Curves, Reranker
from tests.engine.infill.small import write_model
from tests.engine.melody.sketches import jig_song, pop_song, random_song, song_of
from tests.engine.melody.test_takes import KINDS, check_valid
from tests.engine.search.models import write_toy


def answers(
    song: Song, kind: Kind, start: int, end: int, seed: int = 1, takes: int = 3, **controls: object
) -> list[Answer]:
    request = SuggestionRequest(
        kind,
        song,
        Region(start, end, (1,) if song.tracks else ()),
        Role.MELODY,
        controls=Controls(**controls),  # type: ignore[arg-type]
        seed=seed,
        takes=takes,
    )
    return list(generator_for(kind, Role.MELODY).suggest(request, lambda: None))


def takes_in(found: Iterable[Answer]) -> list[Take]:
    return [answer for answer in found if isinstance(answer, Take)]


def written(found: Iterable[Answer]) -> list[Take]:
    """The model's takes."""
    return [take for take in takes_in(found) if take.model.name == "infill"]


@pytest.mark.parametrize("seed", range(32))
def test_any_request_gets_valid_takes_or_one_sentence(seed: int) -> None:
    song, chance = random_song(seed), random.Random(seed)
    start = chance.randint(0, 8)
    end = start + chance.choice((1, 2, 3, 5, 9, 12))
    asked = {
        "distance": chance.random(),
        "keep": tuple(k for k in (Keep.RHYTHM, Keep.CONTOUR, Keep.STRONG_BEATS) if chance.random() < 0.2),
        "density": chance.choice((None, chance.random())),
        "register": chance.choice((None, chance.random())),
        "contour": chance.choice((None, *Contour)),
    }
    try:
        found = takes_in(answers(song, KINDS[seed % 4], start, end, seed, 2, **asked))
    except EngineError as error:
        assert str(error).endswith(".") and "\n" not in str(error)
        return
    assert [take.index for take in found] == [0, 1]
    for take in found:
        check_valid(song, take, start, end)


@pytest.mark.parametrize("kind", KINDS)
def test_the_instant_take_comes_first_and_the_model_writes_the_others(kind: Kind) -> None:
    start, end = (0, 4) if kind is Kind.VARY else (4, 8)
    found = answers(pop_song(), kind, start, end)
    with instant_alone():
        instant = takes_in(answers(pop_song(), kind, start, end))
    assert found[0] == instant[0]
    assert [take.index for take in takes_in(found)] == [0, 1, 2]
    assert len(written(found)) == 2
    assert all(take.model == load_infiller().ref for take in written(found))
    assert not any(isinstance(answer, Remark) for answer in found)


def test_a_take_grows_bar_by_bar() -> None:
    found = answers(pop_song(), Kind.CONTINUE, 4, 8, takes=2)
    growing = [answer.take for answer in found if isinstance(answer, Partial)]
    assert [take.index for take in growing] == [1] * 4
    last_bars = [max(note.start_ticks for note in take.notes) // 1920 for take in growing]
    assert last_bars == sorted(last_bars) and last_bars[-1] <= 7


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_request_gives_the_same_answers(kind: Kind) -> None:
    start, end = (0, 4) if kind is Kind.VARY else (4, 8)
    first = answers(jig_song(), kind, start, end)
    answers(pop_song(), kind, start, end, seed=5)
    assert answers(jig_song(), kind, start, end) == first
    assert written(answers(jig_song(), kind, start, end, seed=2)) != written(first)
    assert takes_in(answers(jig_song(), kind, start, end, takes=2)) == takes_in(first)[:2]


@pytest.mark.parametrize("kind", KINDS)
def test_takes_are_the_same_where_their_lines_cannot_be_written_together(
    kind: Kind, monkeypatch: pytest.MonkeyPatch
) -> None:
    start, end = (0, 4) if kind is Kind.VARY else (4, 8)
    together = takes_in(answers(pop_song(), kind, start, end))
    run, most = Infiller.run_together, []

    def alone(self: Infiller, asked: Sequence[Asked], checkpoint: Checkpoint) -> Iterator[tuple[int, Event]]:
        most.append(len(asked))
        if len(asked) > 1:
            raise ImpossibleError("One of these cannot be written.")
        yield from run(self, asked, checkpoint)

    monkeypatch.setattr(Infiller, "run_together", alone)
    assert takes_in(answers(pop_song(), kind, start, end)) == together
    assert max(most) > 1


@pytest.mark.parametrize("kind", (Kind.CONTINUE, Kind.FILL, Kind.ANSWER))
def test_nothing_oversteps_the_range(kind: Kind) -> None:
    found = written(answers(pop_song(), kind, 4, 8, range=(60, 69)))
    assert found
    assert all(60 <= note.pitch <= 69 for take in found for note in take.notes)


def test_only_what_stands_over_chords_fits_them() -> None:
    song = pop_song()
    start = song.time_map.bar_start(4)
    before = replace(song, chords=tuple(span for span in song.chords if span.end_ticks <= start))
    fits = [[take.scores.fit for take in takes_in(answers(of, Kind.CONTINUE, 4, 8))] for of in (song, before)]
    assert None not in fits[0] and set(fits[1]) == {None}


@pytest.mark.parametrize("asked", [{}, {"contour": Contour.ARCH}, {"contour": Contour.LEVEL}])
def test_from_a_note_held_high_above_the_range_a_line_leaps_into_it(asked: dict[str, object]) -> None:
    song = pop_song()
    start = song.time_map.bar_start(4)
    held = Note(900, start - 240, 480, 96)
    before = tuple(note for note in song.tracks[0].notes if note.end_ticks <= start - 240)
    song = replace(song, tracks=(replace(song.tracks[0], notes=(*before, held)),), next_id=901)
    found = written(answers(song, Kind.CONTINUE, 4, 8, range=(48, 64), **asked))
    new = [note.pitch for take in found for note in take.notes if note.start_ticks >= held.end_ticks]
    assert len(found) > 1 and new and min(new) >= 48 and max(new) <= 64


@pytest.mark.parametrize("asked", [0.1, 0.5, 0.9])
def test_the_density_asked_for_is_written(asked: float) -> None:
    for take in written(answers(pop_song(), Kind.CONTINUE, 4, 8, density=asked)):
        for bar in range(4, 8):
            assert abs(density(bar_of(take, bar), 96) - min(4, int(asked * 5))) <= 1


def test_the_contours_asked_for_are_written() -> None:
    obeyed = []
    for asked in (Contour.RISING, Contour.FALLING, Contour.LEVEL):
        for take in written(answers(pop_song(), Kind.CONTINUE, 4, 8, contour=asked)):
            shapes = [contour(bar_of(take, bar)) for bar in range(4, 8)]
            obeyed += [shape == Shape[asked.name] for shape in shapes if shape is not None]
    assert len(obeyed) >= 12 and fmean(obeyed) >= 0.75


def bar_of(take: Take, bar: int) -> tuple[NoteEvent, ...]:
    notes = [note for note in take.notes if note.start_ticks // 1920 == bar]
    return tuple(NoteEvent(note.start_ticks % 1920 // 20, 1, note.pitch) for note in notes)


def test_the_register_asked_for_is_written() -> None:
    low, high = (written(answers(pop_song(), Kind.CONTINUE, 4, 8, register=place)) for place in (0.0, 1.0))
    assert mean_pitch(low) + 4 < mean_pitch(high)


def mean_pitch(takes: list[Take]) -> float:
    return fmean(note.pitch for take in takes for note in take.notes)


def test_notes_that_stay_stand_in_every_take() -> None:
    song = song_of((*pop_bars(), *pop_bars()))
    kept = (12, 16, 19)
    for take in written(answers(song, Kind.FILL, 4, 7, keep_note_ids=kept)):
        assert set(kept) <= set(take.kept_note_ids)
        check_valid(song, take, 4, 7)


def pop_bars() -> tuple[str, ...]:
    return ("C4/1 E4/1 G4/1 E4/1", "F4/2 A4/2", "G4/1 B4/1 D5/1 B4/1", "C5/4")


@pytest.mark.parametrize("distance", [0.1, 0.4, 0.7, 1.0])
def test_a_variation_goes_as_far_as_asked(distance: float) -> None:
    asked = 0.04 + 0.58 * distance
    found = written(answers(pop_song(), Kind.VARY, 0, 4, distance=distance))
    assert found
    for take in found:
        assert take.scores.distance is not None
        assert abs(take.scores.distance - asked) <= 0.1
        assert any("notes stay exactly" in reason for reason in take.reasons) or distance == 1.0


@pytest.mark.parametrize("bars", [1, 64])
def test_short_and_long_regions(bars: int) -> None:
    found = answers(pop_song(), Kind.CONTINUE, 4, 4 + bars, takes=2)
    assert len(written(found)) == 1
    check_valid(pop_song(), written(found)[0], 4, 4 + bars)
    assert max(note.start_ticks for note in written(found)[0].notes) >= (3 + bars) * 1920


def test_an_empty_song_gets_a_melody() -> None:
    assert len(written(answers(Song(), Kind.CONTINUE, 0, 4))) == 2


def test_a_first_melody_over_chords_sings_in_every_bar() -> None:
    song = replace(pop_song(), tracks=())
    for take in written(answers(song, Kind.CONTINUE, 0, 4)):
        bars = [song.time_map.bar_of(note.start_ticks) for note in take.notes]
        assert set(bars) == {0, 1, 2, 3} and len(bars) >= 6


def test_a_named_style_is_sung_in_its_rhythms() -> None:
    """Every second take has the onsets of a rhythm of the style, in its bars that no phrase ends in."""
    song = replace(pop_song(), tracks=())
    known = {
        tuple(note.offset * 20 for note in bar.notes if not note.tied)
        for pattern in rhythms("funk", (4, 4))
        for bar in pattern.bars
    }
    found = written(answers(song, Kind.CONTINUE, 0, 4, style="funk"))
    onsets = [
        tuple(n.start_ticks % 1920 for n in take.notes if song.time_map.bar_of(n.start_ticks) == bar)
        for take in found
        for bar in (0, 2)
    ]
    assert onsets[0] in known and onsets[1] in known


@pytest.mark.parametrize("asked", [{}, {"density": 0.5}, {"register": 0.8}, {"contour": Contour.FALLING}])
def test_what_only_the_model_obeys_is_not_answered_by_the_instant_take(asked: dict[str, object]) -> None:
    song = song_of(pop_bars(), ("C", "F", "G", "C") * 2)
    takes = takes_in(answers(song, Kind.CONTINUE, 4, 8, **asked))
    assert [take.index for take in takes] == [0, 1, 2]
    assert (takes[0].model.name == "infill") is bool(asked)


def test_a_falling_melody_ends_lower_than_it_begins() -> None:
    song = song_of(pop_bars(), ("C", "F", "G", "C") * 2)
    for take in written(answers(song, Kind.CONTINUE, 4, 8, contour=Contour.FALLING)):
        heights = [note.pitch for note in take.notes]
        third = max(1, len(heights) // 3)
        assert fmean(heights[:third]) > fmean(heights[-third:])


def rests_at_home(take: Take) -> bool:
    """On the tonic, for at least half of the last bar."""
    return take.notes[-1].pitch % 12 == 0 and take.notes[-1].start_ticks <= 7 * 1920 + 960


def test_an_answer_comes_to_rest_on_the_tonic_and_a_continuation_may() -> None:
    song = song_of(pop_bars(), ("C", "F", "G", "C") * 2)
    assert all(map(rests_at_home, written(answers(song, Kind.ANSWER, 4, 8, takes=4))))
    at_home = [rests_at_home(take) for take in written(answers(song, Kind.CONTINUE, 4, 8, takes=8))]
    assert 0 < sum(at_home) < len(at_home)


@pytest.mark.parametrize("kind", KINDS)
def test_without_the_model_the_instant_takes_go_on_and_it_is_said(kind: Kind, tmp_path: Path) -> None:
    start, end = (0, 4) if kind is Kind.VARY else (4, 8)
    with models_from(tmp_path):
        found = answers(pop_song(), kind, start, end)
    assert [take.index for take in takes_in(found)] == [0, 1, 2]
    assert not written(found)
    remarks = [answer for answer in found if isinstance(answer, Remark)]
    assert len(remarks) == 1 and "infill model is missing" in remarks[0].notice


def test_a_model_that_is_not_its_cards_is_not_used(tmp_path: Path) -> None:
    weights = write_toy(tmp_path) / "infill.safetensors"
    weights.write_bytes(weights.read_bytes()[:-2] + b"\0\1")
    with models_from(tmp_path):
        found = answers(pop_song(), Kind.CONTINUE, 4, 8)
    assert len(takes_in(found)) == 3 and not written(found)
    assert any(isinstance(a, Remark) and "does not match its card" in a.notice for a in found)


def test_a_model_of_another_language_is_not_used(tmp_path: Path) -> None:
    from tests.engine.infill.small import SMALL, weights_of

    write_model(tmp_path, "infill", weights_of(SMALL))
    with models_from(tmp_path):
        found = answers(pop_song(), Kind.CONTINUE, 4, 8)
    assert len(takes_in(found)) == 3 and not written(found)


def test_cancelling_stops_the_model_at_once_and_frees_it() -> None:
    class Stopped(Exception):
        pass

    def stop() -> None:
        raise Stopped

    calls = 0

    def later() -> None:
        nonlocal calls
        calls += 1
        if calls > 40:
            stop()

    request = SuggestionRequest(Kind.CONTINUE, pop_song(), Region(4, 12, (1,)), Role.MELODY)
    with pytest.raises(Stopped):
        list(generator_for(Kind.CONTINUE, Role.MELODY).suggest(request, later))
    assert len(written(answers(pop_song(), Kind.CONTINUE, 4, 8))) == 2


def ranking_for(sign: float) -> Reranker:
    """Wants (sign 1) or shuns wide melodies."""
    curves = Curves(("range",), np.array([[0.0, 24.0]]), np.array([[0.0, 40.0 * sign]]), np.array([0.0]))
    return Reranker({Part.MELODY: curves, Part.CHORDS: curves})


def test_the_learnt_ranking_decides_where_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def span(sign: float) -> float:
        monkeypatch.setattr(melody_takes, "load_reranker", lambda: ranking_for(sign))
        takes = written(answers(pop_song(), Kind.CONTINUE, 4, 8))
        return fmean(max(n.pitch for n in t.notes) - min(n.pitch for n in t.notes) for t in takes)

    assert span(-1.0) < span(1.0)
