"""A song in other clothes: what becomes of its beats, its tune, its chords and the bars around."""

from dataclasses import replace
from functools import cache

import pytest

from engine.api.errors import BadRequestError, ImpossibleError
from engine.api.suggestion import Controls, Kind, Take
from engine.arrangement.restyle.recolour import Colouring, recoloured, rubs
from engine.arrangement.restyle.timing import Feel, mapping_of
from engine.arrangement.restyle.tracing import traced
from engine.arrangement.styles import player_style
from engine.music import ChordSpan, Key, Metre, Note, Origin, Role, Song, TimeMap
from tests.engine.arrangement.asking import asked, assert_sound, sounding, take_of, takes_of
from tests.engine.arrangement.sketches import chords_of, folk_tune, jazz_ballad, notes_of, pop_loop

SKETCHES = {"folk": folk_tune, "pop": pop_loop, "ballad": jazz_ballad}


@cache
def restyled(sketch: str, **controls: object) -> Take:
    return take_of(Kind.RESTYLE, SKETCHES[sketch](), Controls(**controls))


STYLES = ["bossa-nova", "jazz-swing", "waltz", "rock", "drum-and-bass", "reggae", "lo-fi", "ambient"]


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("sketch", ["folk", "pop"])
def test_the_tune_is_recognised_in_every_style(sketch, style):
    song, take = SKETCHES[sketch](), restyled(sketch, style=style)
    assert_sound(take, song)
    assert 1 - take.scores.distance >= 0.95
    old, new = song.tracks[0].notes, take.song.track(1).notes
    assert [n.pitch for n in new] == [n.pitch for n in old]
    assert [n.id for n in new] == [n.id for n in old]


def test_freely_sung_it_is_still_recognised():
    take = restyled("ballad", style="bossa nova", distance=0.9)
    assert 0.6 <= 1 - take.scores.distance < 1
    assert any("come early" in reason for reason in take.reasons)


@pytest.mark.parametrize(
    ("old", "new", "places"),
    [
        ("4/4", "3/4", {0: 0, 480: 480, 960: 960, 1440: 1200}),
        ("4/4", "6/8", {0: 0, 480: 480, 960: 720, 1440: 1200}),
        ("4/4", "12/8", {0: 0, 240: 480, 480: 720, 960: 1440}),
        ("3/4", "4/4", {0: 0, 480: 480, 960: 960, 1200: 1440}),
        ("6/8", "4/4", {0: 0, 240: 240, 480: 480, 720: 960}),
        ("6/8", "3/4", {0: 0, 480: 480, 720: 960}),
        ("2/4", "4/4", {0: 0, 480: 480}),
        ("7/8", "4/4", {0: 0}),
    ],
)
def test_beats_find_their_places_in_another_metre(old, new, places):
    metre = Metre(*map(int, old.split("/")))
    song = Song(time_map=TimeMap(metres=(replace(TimeMap().metres[0], metre=metre),)))
    mapping = mapping_of(song, 0, 2, Feel(metre=Metre(*map(int, new.split("/")))))
    assert {tick: mapping.tick(tick) for tick in places} == places
    assert all(mapping.tick(a) < mapping.tick(b) for a, b in ((0, 400), (400, metre.bar_ticks)))


def test_strong_beats_stay_strong():
    for sketch in ("folk", "pop"):
        take = restyled(sketch, style="waltz")
        strong = 0
        downbeats = [n for n in SKETCHES[sketch]().tracks[0].notes if _into(SKETCHES[sketch](), n) == 0]
        for note in downbeats:
            now = next(n for n in take.song.track(1).notes if n.id == note.id)
            strong += _into(take.song, now) == 0
        assert strong == len(downbeats)


def _into(song: Song, note: Note) -> int:
    return song.time_map.metrical_offset(note.start_ticks)


def test_in_double_time_each_half_of_a_bar_becomes_a_bar_of_the_new_metre():
    mapping = mapping_of(Song(), 0, 2, Feel(metre=Metre(3, 4), scale=2.0))
    assert [mapping.tick(tick) for tick in (0, 480, 960, 1440, 1920)] == [0, 960, 1440, 2400, 2880]
    assert len(mapping.bars) == 4


def test_the_plan_of_a_restyling_names_who_is_heard():
    take = restyled("ballad", style="waltz")
    first, last = take.plan[0], take.plan[-1]
    assert set(first.players) < set(last.players)
    for section in take.plan:
        assert set(section.players) <= set(sounding(take.song, section.start_bar, section.end_bar))


def test_a_waltz_has_three_beats_and_as_many_bars():
    take = restyled("pop", style="waltz")
    assert {change.metre.name for change in take.song.time_map.metres} == {"3/4"}
    assert take.song.bars == pop_loop().bars


@pytest.mark.parametrize(("words", "bars", "factor"), [("half-time", 4, 0.5), ("double-time", 16, 2.0)])
def test_half_and_double_time_count_otherwise_and_last_as_long(words, bars, factor):
    song, take = pop_loop(), restyled("pop", shape=words)
    assert take.song.bars == bars
    assert take.song.time_map.tempos[0].bpm == pytest.approx(108 * factor, rel=0.01)
    ends = [each.time_map.seconds_at(each.track(1).notes[-1].start_ticks) for each in (song, take.song)]
    assert ends[0] == pytest.approx(ends[1], abs=0.02)


def test_swing_moves_the_off_beats_and_straight_moves_them_back():
    swung = restyled("pop", shape="swing").song
    places = {note.start_ticks % 480 for note in swung.track(1).notes}
    assert 240 not in places and any(290 <= place <= 330 for place in places)
    again = take_of(Kind.RESTYLE, swung, Controls(shape="straight")).song
    assert {round(n.start_ticks % 480 / 240) * 240 for n in again.track(1).notes} <= {0, 240, 480}
    assert all(abs(n.start_ticks % 240 - 0) <= 6 or n.start_ticks % 240 >= 234 for n in again.track(1).notes)


def test_only_feel_or_tempo_leaves_the_chords_alone():
    for controls in ({"shape": "6/8"}, {"tempo": 70.0}):
        take = restyled("ballad", **controls)
        assert [span.chord for span in take.song.chords] == [span.chord for span in jazz_ballad().chords]
    assert restyled("ballad", tempo=70.0).song.time_map.tempos[0].bpm == pytest.approx(70, abs=0.1)


def test_accompaniment_is_the_styles_and_locked_notes_stay():
    song = pop_loop()
    piano = song.track(2)
    locked = replace(piano, notes=tuple(replace(n, locked=n.id < 303) for n in piano.notes))
    song = replace(song, tracks=(song.tracks[0], locked))
    take = take_of(Kind.RESTYLE, song, Controls(style="funk"))
    left = [n for n in take.song.track(2).notes if n.origin is Origin.PLAYED]
    assert [n.id for n in left] == [300, 301, 302]
    assert {part.role for part in take.parts} >= {Role.DRUMS, Role.BASS, Role.CHORDS}


def test_some_bars_are_restyled_and_the_others_are_as_they_were():
    song = jazz_ballad()
    take = take_of(Kind.RESTYLE, song, Controls(style="bossa nova", tempo=66.0), bars=(4, 8))
    whole = take.song
    assert_sound(take, song)
    before, after = song.time_map.bar_start(4), song.time_map.bar_start(8)
    shift = whole.bars - song.bars
    assert [n for n in whole.track(1).notes if n.start_ticks < before] == [
        n for n in song.tracks[0].notes if n.start_ticks < before
    ]
    moved = whole.time_map.bar_start(8 + shift) - after
    late = [n for n in song.tracks[0].notes if n.start_ticks >= after]
    assert [n.start_ticks - moved for n in whole.track(1).notes if n.start_ticks >= after + moved] == [
        n.start_ticks for n in late
    ]
    for part in take.parts:
        assert all(before - 60 <= n.start_ticks < after + moved for n in part.notes), part.name


def _colouring(style: str, text: str, tune: str = "", amount: float = 0.5, surprise: float = 0.0):
    spans = chords_of(text, 1, 1920)
    how = Colouring(
        Key(0), player_style(style, Song()), amount, surprise, TimeMap(), notes_of(tune, 100) if tune else ()
    )
    return [span.chord.lead_sheet(Key(0)) for span in recoloured(spans, how).spans]


@pytest.mark.parametrize(
    ("style", "amount", "surprise", "chords", "expected"),
    [
        ("jazz swing", 0.5, 0.0, "C | Am | Dm | G", "Cmaj9 Am9 Dm9 G13"),
        ("hip-hop", 0.5, 0.0, "C | Am | F | G", "Cmaj7 Am7 Fmaj7 G7"),
        ("folk", 0.5, 0.0, "Cmaj7 | Am7 | Dm7 | G7", "C Am Dm G"),
        ("rock", 0.5, 0.0, "C | Am | F | G7", "C5 A5 F5 G"),
        ("pop", 0.5, 0.0, "Cmaj7 | Am7 | F | G7", "Cmaj7 Am7 F G7"),
        ("blues", 0.5, 0.0, "C | F | C | G", "C7 F7 C7 G7"),
        ("jazz swing", 0.0, 0.0, "C | Am | Dm | G", "C Am Dm G"),
        ("jazz swing", 0.5, 0.7, "C | C | Am | Am | Dm | F | C | C", None),
    ],
)
def test_chords_take_on_the_colour_of_the_style(style, amount, surprise, chords, expected):
    found = _colouring(style, chords, amount=amount, surprise=surprise)
    if expected is not None:
        assert found == expected.split()
    else:
        assert any(label.startswith(("E7", "A7", "G7", "B♭7", "E♭7", "Bm7")) for label in found)


def test_a_dominant_that_falls_may_come_from_the_other_side():
    assert _colouring("bossa nova", "C | C | Dm | G7 | C", amount=0.0, surprise=0.8)[-2:] == ["D♭7", "C"]


def test_no_colour_rubs_with_a_held_note():
    assert _colouring("hip-hop", "C", "C5:4")[0] == "C6"  # no major seventh under the root
    span = chords_of("Cmaj7", 1, 1920)[0]
    assert rubs(span.chord, span, notes_of("C5:4", 1)) == 1 and not rubs(
        span.chord, span, notes_of("E5:4", 1)
    )


def test_locked_chords_stay_as_they_are():
    spans = [replace(span, locked=True) for span in chords_of("C | Am | Dm | G", 1, 1920)]
    how = Colouring(Key(0), player_style("jazz swing", Song()), 1.0, 1.0, TimeMap(), ())
    assert [s.chord for s in recoloured(spans, how).spans] == [s.chord for s in spans]


def test_recognition_hears_other_steps_and_other_places():
    tune = notes_of("C5 D5 E5 F5 G5 A5 B5 C6", 1)
    places = [n.start_ticks for n in tune]
    assert traced(tune, tune, places) == 1
    turned = [replace(n, pitch=144 - n.pitch) for n in tune]
    assert traced(tune, turned, places) < 0.65
    late = [replace(n, start_ticks=n.start_ticks + 200) for n in tune]
    assert 0.45 <= traced(tune, late, places) <= 0.55
    assert traced(tune, (), places) == 0
    up = [replace(n, pitch=n.pitch + 5) for n in tune]
    assert traced(tune, up, places) >= 0.9  # another key, the same tune


def test_without_a_style_takes_are_different_styles_and_the_same_question_gives_the_same():
    request = asked(Kind.RESTYLE, pop_loop(), takes=3)
    first = takes_of(request)
    assert len({take.title for take in first}) == 3
    assert takes_of(request)[0] == first[0]


@pytest.mark.parametrize(
    ("song", "controls", "error", "sentence"),
    [
        (Song(), Controls(style="rock"), ImpossibleError, "nothing to restyle"),
        (pop_loop(), Controls(style="zyxwv"), BadRequestError, "no style that is known"),
        (pop_loop(), Controls(shape="5/7"), BadRequestError, "not a metre"),
    ],
)
def test_what_makes_no_sense_gets_a_sentence(song, controls, error, sentence):
    with pytest.raises(error, match=sentence):
        take_of(Kind.RESTYLE, song, controls)


@pytest.mark.parametrize("metre", ["5/4", "7/8"])
def test_odd_metres_are_played_somehow(metre):
    take = restyled("pop", shape=metre)
    assert_sound(take, pop_loop())
    assert {change.metre.name for change in take.song.time_map.metres} == {metre}


def test_spans_of_chords_cover_the_song():
    take = restyled("folk", style="bossa nova")
    spans: tuple[ChordSpan, ...] = take.song.chords
    assert sum(s.duration_ticks for s in spans) >= 0.95 * take.song.time_map.bar_start(take.song.bars)
