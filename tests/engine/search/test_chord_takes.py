"""Whatever is asked, a model that learnt nothing writes valid, repeatable chords, and keeps to the plan."""

import random
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from engine.api.errors import EngineError, ImpossibleError
from engine.api.messages import Partial
from engine.api.suggestion import Controls, Keep, Kind, SuggestionRequest, Take
from engine.generation.chords.ideas import difference
from engine.generation.chords.loops import bar_chords
from engine.generation.chords.vocabulary import triad_class
from engine.generation.harmoniser.store import harmoniser_from
from engine.generation.registry import Answer, Remark, generator_for
from engine.generation.search.models import MODELS, instant_alone, load_infiller, models_from
from engine.music import Key, Metre, MetreChange, Mode, Region, Role, Song, TimeMap
from engine.music.timemap import KeyChange
from tests.engine.chords.songs import HARBOUR, JAZZ, POP, ROCK, TUNE, song
from tests.engine.chords.test_takes import KINDS, check, random_song

CASES = (
    (Kind.PROGRESSION, song("", "", Key(7)), 0, 8),
    (Kind.CONTINUE, POP, 8, 16),
    (Kind.CONTINUE, JAZZ, 8, 16),
    (Kind.FILL, HARBOUR, 3, 6),
    (Kind.HARMONISE, TUNE, 0, 8),
    (Kind.REHARMONISE, HARBOUR, 0, 8),
)


def answers(
    kind: Kind, of: Song, start: int, end: int, seed: int = 1, takes: int = 3, **controls: object
) -> list[Answer]:
    request = SuggestionRequest(
        kind,
        of,
        Region(start, end, chords=True),
        Role.CHORDS,
        controls=Controls(**controls),  # type: ignore[arg-type]
        seed=seed,
        takes=takes,
    )
    return list(generator_for(kind, Role.CHORDS).suggest(request, lambda: None))


def takes_in(found: Iterable[Answer]) -> list[Take]:
    return [answer for answer in found if isinstance(answer, Take)]


def written(found: Iterable[Answer]) -> list[Take]:
    """The model's takes."""
    return [take for take in takes_in(found) if take.model.name == "infill"]


@pytest.mark.parametrize("seed", range(100, 124))
def test_any_request_gets_valid_takes_or_one_sentence(seed: int) -> None:
    dice = random.Random(seed)
    of, kind = random_song(dice), KINDS[seed % 5]
    start = dice.randrange(0, of.bars)
    end = start + dice.choice((1, 2, 3, 6))
    try:
        found = takes_in(
            answers(
                kind,
                of,
                start,
                end,
                seed,
                2,
                surprise=dice.choice((None, 0.0, 0.5, 1.0)),
                density=dice.choice((None, 0.0, 0.5, 1.0)),
                style=dice.choice(("", "jazz", "folk waltz", "hymn")),
                keep=dice.choice(((), (Keep.CADENCE,), (Keep.BASS_LINE,))),
            )
        )
    except EngineError as error:
        assert str(error).endswith(".") and "\n" not in str(error)
        return
    check(of, start, end, found)


@pytest.mark.parametrize(("kind", "of", "start", "end"), CASES)
def test_the_instant_take_comes_first_and_the_model_writes_others(
    kind: Kind, of: Song, start: int, end: int
) -> None:
    found = answers(kind, of, start, end)
    with instant_alone(), harmoniser_from(MODELS):
        instant = takes_in(answers(kind, of, start, end, takes=1))
    assert found[0] == instant[0]
    takes = takes_in(found)
    check(of, start, end, takes)
    assert len(takes) == 3 and len(written(found)) >= 1
    assert all(take.model == load_infiller().ref for take in written(found))
    assert not any(isinstance(answer, Remark) for answer in found)
    pairs = [(a, b) for number, a in enumerate(takes) for b in takes[:number]]
    assert all(difference(a.chords, b.chords) > 0.1 for a, b in pairs)
    assert takes_in(answers(kind, of, start, end)) == takes


def test_partial_takes_grow_bar_by_bar() -> None:
    found = answers(Kind.CONTINUE, JAZZ, 8, 12, takes=2)
    partial = [answer.take for answer in found if isinstance(answer, Partial) and answer.take.index == 1]
    ends = [take.chords[-1].end_ticks for take in partial]
    assert ends[:3] == [JAZZ.time_map.bar_start(bar) for bar in range(9, 12)]
    assert all(take.chords[0].start_ticks == JAZZ.time_map.bar_start(8) for take in partial)


@pytest.mark.parametrize("seed", range(6))
def test_locked_chords_stay_exactly(seed: int) -> None:
    of = song("C|Am|F G|C|Dm7/F|G13(#11)|Am|F", key=Key(0), locked=(2, 5, 6))
    kind = (Kind.PROGRESSION, Kind.FILL, Kind.REHARMONISE)[seed % 3]
    found = answers(kind, of, 0, 8, seed, 3)
    check(of, 0, 8, takes_in(found))
    assert written(found)


def test_a_loop_goes_on_in_more_than_half_of_the_takes() -> None:
    kept = asked = 0
    for of, seed in ((POP, 1), (POP, 2), (ROCK, 3), (POP, 4), (POP, 5), (POP, 6)):
        loop = [_plain(of, of.chords, bar) for bar in range(4)]
        for take in takes_in(answers(Kind.CONTINUE, of, 8, 12, seed, 4)):
            asked += 1
            kept += [_plain(of, take.chords, bar) for bar in range(8, 12)] == loop
    assert 0.4 <= kept / asked <= 0.75


def _plain(of: Song, spans: tuple, bar: int) -> list[tuple[int, int, int]]:
    """Places, roots and triads of a bar."""
    return [(tick, chord.root, triad_class(chord.quality)) for tick, chord in bar_chords(of, spans, bar)]


def test_a_phrase_that_returns_in_the_melody_has_its_chords_again() -> None:
    twice = "E5:2 D5:2 C5:4 F5:2 D5:2 B4:4 E5:2 D5:2 C5:4 G4:2 B4:2 C5:4"
    of = song("", twice, Key(0))
    for take in written(answers(Kind.HARMONISE, of, 0, 8, takes=2)):
        first, second = ([_plain(of, take.chords, bar + n) for n in range(2)] for bar in (0, 4))
        assert first == second


def test_the_last_chord_is_home_where_a_song_ends() -> None:
    take = written(answers(Kind.PROGRESSION, song("", "", Key(9, Mode.MINOR)), 0, 8, takes=2))[0]
    assert take.chords[-1].chord.root == 9 and take.chords[-1].chord.has_minor_third


def test_density_says_how_many_chords_begin() -> None:
    def begun(density: float) -> float:
        takes = written(answers(Kind.PROGRESSION, song("", "", Key(0)), 0, 8, takes=2, density=density))
        return sum(len(take.chords) for take in takes) / len(takes) / 8

    few, some, many = begun(0.0), begun(0.4), begun(1.0)
    assert 0.3 <= few <= 0.8 and 0.9 <= some <= 1.6 and many >= 1.9


def test_what_is_to_change_changes_and_what_is_kept_stays() -> None:
    for take in written(answers(Kind.REHARMONISE, HARBOUR, 0, 4, surprise=0.7, keep=(Keep.BASS_LINE,))):
        for span in take.chords:
            old = next(s for s in HARBOUR.chords if s.start_ticks <= span.start_ticks < s.end_ticks)
            assert span.chord.bass_pitch_class == old.chord.bass_pitch_class
    ended = written(answers(Kind.REHARMONISE, JAZZ, 4, 8, surprise=0.9, keep=(Keep.CADENCE,)))
    assert ended
    for take in ended:
        assert [s.chord for s in take.chords][-1] == JAZZ.chords[-1].chord
    far, near = (
        [
            take.scores.distance or 0.0
            for take in written(answers(Kind.REHARMONISE, JAZZ, 0, 8, distance=asked))
        ]
        for asked in (1.0, 0.1)
    )
    assert min(near) > 0.0 and sum(near) / len(near) < sum(far) / len(far)


def test_long_regions_odd_metres_and_key_changes() -> None:
    metres = (MetreChange(0, Metre(7, 8)), MetreChange(4, Metre(11, 4)), MetreChange(5, Metre(3, 4)))
    keys = (KeyChange(0, Key(2)), KeyChange(4 * 1680 + 5280, Key(8, Mode.MINOR)))
    of = replace(song("D|G|A|D"), time_map=TimeMap(metres=metres, keys=keys), chords=())
    check(of, 0, 8, takes_in(answers(Kind.PROGRESSION, of, 0, 8, takes=2)))
    long = takes_in(answers(Kind.PROGRESSION, song("C|F", "", Key(0)), 2, 66, takes=2))
    check(song("C|F", "", Key(0)), 2, 66, long)
    assert long[1].model.name == "infill"
    one = takes_in(answers(Kind.FILL, POP, 3, 4, takes=2))
    check(POP, 3, 4, one)


def test_without_the_model_the_instant_takes_come_alone_with_a_notice(tmp_path: Path) -> None:
    with models_from(tmp_path):
        found = answers(Kind.CONTINUE, POP, 8, 16)
    with instant_alone():
        instant = takes_in(answers(Kind.CONTINUE, POP, 8, 16))
    assert takes_in(found) == instant
    remarks = [answer for answer in found if isinstance(answer, Remark)]
    assert len(remarks) == 1 and remarks[0].notice.endswith(".")


def test_what_cannot_be_done_is_said_at_once() -> None:
    with pytest.raises(ImpossibleError, match="no melody"):
        answers(Kind.HARMONISE, POP, 0, 4)
    with pytest.raises(ImpossibleError, match="locked"):
        answers(Kind.PROGRESSION, song("C|F", key=Key(0), locked=(0, 1)), 0, 2)


def test_a_checkpoint_stops_the_model() -> None:
    class Stop(Exception):
        pass

    asked = 0

    def stop() -> None:
        nonlocal asked
        asked += 1
        if asked > 60:
            raise Stop

    request = SuggestionRequest(
        Kind.CONTINUE, JAZZ, Region(8, 16, chords=True), Role.CHORDS, seed=1, takes=16
    )
    with pytest.raises(Stop):
        list(generator_for(Kind.CONTINUE, Role.CHORDS).suggest(request, stop))
