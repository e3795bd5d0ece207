"""Chords and pads that are asked for: takes that differ, obey, leave room, and join what stands."""

from dataclasses import replace
from itertools import pairwise

import pytest

from engine.api.errors import EngineError
from engine.api.suggestion import Kind, Take
from engine.arrangement.brief import brief_of
from engine.arrangement.comping import ideas_for
from engine.arrangement.comping.choosing import Manner
from engine.arrangement.comping.parts import Idea, comping
from engine.arrangement.kinds import comping as comping_kind
from engine.arrangement.kinds import pad as pad_kind
from engine.arrangement.styles import Instrument, player_styles
from engine.generation.registry import generator_for
from engine.music import Chord, ChordSpan, Note, Role, Song, Track
from tests.engine.arrangement.songs import JAZZ, POP, asked, song

KINDS = {Kind.COMPING: comping_kind, Kind.PAD: pad_kind}
ROLES = {Kind.COMPING: Role.CHORDS, Kind.PAD: Role.PAD}


def takes(kind: Kind, of: Song, bars=None, **rest) -> list[Take]:
    answers = KINDS[kind].suggest(asked(kind, of, bars, **rest), lambda: None)
    return [answer for answer in answers if isinstance(answer, Take)]


def shape(take: Take) -> list[tuple[int, int, int]]:
    return [(note.start_ticks, note.duration_ticks, note.pitch) for note in take.notes]


@pytest.mark.parametrize("kind", KINDS)
def test_the_registry_finds_the_players(kind):
    assert generator_for(kind, ROLES[kind]) is not None


@pytest.mark.parametrize("style", [style.name for style in player_styles()])
@pytest.mark.parametrize("kind", KINDS)
def test_four_takes_differ_and_say_why(kind, style):
    found = takes(kind, song(JAZZ if style.startswith("jazz") else POP), style=style)
    assert len(found) == 4
    assert len({take.title for take in found}) >= 3
    for one in found:
        assert one.reasons and all(reason.endswith(".") for reason in one.reasons)
        assert one.parts[0].role is ROLES[kind] and one.parts[0].notes == one.notes
        assert len({note.id for note in one.notes}) == len(one.notes)
    shapes = [set(shape(take)) for take in found]
    for place, mine in enumerate(shapes):
        for theirs in shapes[:place]:
            assert len(mine & theirs) < 0.9 * max(len(mine), len(theirs))


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_request_gives_the_same_takes_and_another_seed_others(kind):
    once, again = takes(kind, song(), seed=3), takes(kind, song(), seed=3)
    assert once == again
    assert [shape(t) for t in takes(kind, song(), seed=4)] != [shape(t) for t in once]


@pytest.mark.parametrize(
    "metre", [(4, 4), (3, 4), (6, 8), (12, 8), (5, 4), (2, 4), (9, 8), (7, 8), (5, 8), (7, 4)]
)
@pytest.mark.parametrize("kind", KINDS)
def test_all_metres_are_filled(kind, metre):
    of = song(POP[:4], metre=metre)
    for style in ("reggae", "jazz-waltz", "pop"):
        for take in takes(kind, of, style=style, takes=2):
            bars = {of.time_map.bar_of(note.start_ticks + 20) for note in take.notes}
            assert len(bars) >= (2 if kind is Kind.PAD else 3)
            assert all(0 <= note.start_ticks < note.end_ticks <= of.end_ticks for note in take.notes)


@pytest.mark.parametrize("bpm", [30, 300])
@pytest.mark.parametrize("kind", KINDS)
def test_slow_and_fast(kind, bpm):
    for take in takes(kind, song(bpm=bpm), style="folk"):
        assert all(note.duration_ticks > 0 for note in take.notes)


BAD = [
    pytest.param(Song(), (0, 4), id="nothing"),
    pytest.param(song(("C",)), (0, 1), id="one bar"),
    pytest.param(song(POP, tune=()), None, id="no melody"),
    pytest.param(replace(song(POP), chords=()), None, id="no chords"),
    pytest.param(song(("C", "Fmaj7(#11)", "G(b9,#9)", "Bb:sus2(*5)")), None, id="odd chords"),
    pytest.param(
        replace(song(POP[:1]), chords=(ChordSpan(1, 0, 1920, Chord(0, "nonsense")),)), (0, 1), id="unknown"
    ),
    pytest.param(song(POP * 25), None, id="200 bars"),
]


@pytest.mark.parametrize(("of", "bars"), BAD)
@pytest.mark.parametrize("kind", KINDS)
def test_whatever_comes_there_is_a_part(kind, of, bars):
    found = takes(kind, of, bars, takes=1)
    assert found and found[0].notes


@pytest.mark.parametrize("kind", KINDS)
def test_where_no_chord_sounds_there_is_a_reason(kind):
    with pytest.raises(EngineError, match="no chord sounds"):
        takes(kind, song(("N", "N")))


@pytest.mark.parametrize("kind", KINDS)
def test_parts_rest_where_no_chord_is_written(kind):
    of = song(("C", "N", "F", "G"))
    for take in takes(kind, of):
        assert not [note for note in take.notes if note.start_ticks + 40 < 3600 and note.end_ticks > 1980]


def with_part(of: Song, role: Role, notes: tuple[Note, ...], program: int = 0) -> Song:
    return replace(of, tracks=(*of.tracks, Track(7, "Mine", role, program, notes)))


def block(start: int, pitches, first_id: int, locked: bool = False, length: int = 960) -> list[Note]:
    return [Note(first_id + i, start, length, p, 80, locked=locked) for i, p in enumerate(pitches)]


@pytest.mark.parametrize("kind", KINDS)
def test_locked_chords_stay_and_nothing_else_sounds_with_them(kind):
    kept = block(1920, (55, 62, 67, 71), 500, locked=True)
    of = with_part(song(), ROLES[kind], tuple(kept + block(3840, (57, 60, 64), 510)))
    for take in takes(kind, of, track_id=7):
        assert set(kept) <= set(take.notes)
        assert set(take.kept_note_ids) == {note.id for note in kept}
        beside = [n for n in take.notes if n not in kept and n.start_ticks < 2850 and n.end_ticks > 1930]
        assert not beside
        assert not [
            note for note in take.notes if note.id in (510, 511, 512) and note not in kept and note.locked
        ]


def test_a_new_bar_joins_its_neighbours():
    high = block(0, (64, 67, 72, 76), 500) + block(3840, (65, 69, 72, 77), 510)
    low = block(0, (48, 52, 55, 60), 500) + block(3840, (48, 53, 57, 60), 510)
    tops = []
    for around in (high, low):
        of = with_part(song(("C", "Am", "F", "C"), tune=()), Role.PAD, tuple(around), 48)
        take = takes(Kind.PAD, of, (1, 2), track_id=7)[0]
        tops.append(max(note.pitch for note in take.notes))
    assert tops[0] > tops[1] + 4


def test_the_artists_rhythm_goes_on():
    mine = [
        n
        for bar in range(2)
        for at in (0, 720, 1440)
        for n in block(bar * 1920 + at, (60, 64, 67), 500 + bar * 20 + at // 80, length=240)
    ]
    of = with_part(song(), Role.CHORDS, tuple(mine))
    own = takes(Kind.COMPING, of, (2, 8), track_id=7)[0]
    assert own.reasons[0] == "Takes up the rhythm of the chords around it."
    places = {round(note.start_ticks / 120) * 120 % 1920 for note in own.notes}
    assert places <= {0, 720, 1440}


def test_density_and_intensity_fill_the_bars():
    counts = [
        len({n.start_ticks // 60 for n in takes(Kind.COMPING, song(), takes=1, density=d)[0].notes})
        for d in (0.0, 1.0)
    ]
    assert counts[1] > 1.5 * counts[0]
    soft, loud = (takes(Kind.COMPING, song(), takes=1, intensity=(level,))[0].notes for level in (0.1, 0.95))
    assert max(n.velocity for n in loud) > max(n.velocity for n in soft)


def test_sections_sound_different_and_returns_alike():
    of = song(
        POP[:4] * 4, sections=(("verse", 0, 4), ("chorus", 4, 4), ("verse", 8, 4), ("chorus", 12, 4)), tune=()
    )
    take = takes(Kind.COMPING, of, style="rock", takes=1)[0]
    parts = [
        [
            (round((n.start_ticks - 7680 * k) / 120), n.pitch)
            for n in take.notes
            if 7680 * k <= n.start_ticks < 7680 * (k + 1)
        ]
        for k in range(4)
    ]
    rhythm = [{place for place, _ in part} for part in parts]
    assert len(rhythm[0] ^ rhythm[2]) <= 2 and len(rhythm[1] ^ rhythm[3]) <= 2
    assert len(rhythm[0] ^ rhythm[1]) > 4


@pytest.mark.parametrize("kind", KINDS)
def test_register_moves_the_part_and_range_is_never_overstepped(kind):
    means = []
    for register in (0.1, 0.9):
        notes = takes(kind, song(tune=()), takes=1, register=register)[0].notes
        means.append(sum(n.pitch for n in notes) / len(notes))
    assert means[1] > means[0] + 3
    for take in takes(kind, song(), range=(57, 70)):
        assert take.notes and all(57 <= note.pitch <= 70 for note in take.notes)


@pytest.mark.parametrize(
    ("words", "program"),
    [
        ("Rhodes", 4),
        ("acoustic guitar", 25),
        ("Hammond organ", 16),
        ("grand piano", 0),
        ("distorted guitar", 29),
    ],
)
def test_who_is_asked_plays(words, program):
    assert {take.parts[0].program for take in takes(Kind.COMPING, song(), instrument=words)} == {program}


def test_a_push_brings_the_chord_early():
    spans = song(JAZZ).chords
    told, early = 0, 0
    for take in takes(Kind.COMPING, song(JAZZ), style="jazz-swing"):
        told += any("early" in reason for reason in take.reasons)
        for before, span in pairwise(spans):
            own = span.chord.pitch_classes - before.chord.pitch_classes
            places = [span.start_ticks - note.start_ticks for note in take.notes if note.pitch % 12 in own]
            early += any(100 < ahead <= 240 for ahead in places)
    assert told and early >= told


def test_rests_of_the_melody_are_answered():
    tune = (72, 74, 76, 0, 0, 0, 0, 0)
    brief = brief_of(asked(Kind.COMPING, song(POP, tune), style="soul"), Role.CHORDS)
    idea = Idea(Manner.ANSWERS, Instrument("epiano", 4))
    spoken, silent = (comping(brief, replace(idea, manner=m), 0) for m in (Manner.ANSWERS, Manner.STYLE))
    answers = [s for s in spoken.strokes if s.is_answer]
    assert answers and not [s for s in silent.strokes if s.is_answer]
    assert all(brief.melody_at(stroke.start_ticks) is None for stroke in answers)
    assert any("Answers the melody" in reason for reason in spoken.reasons)


def test_a_busy_melody_gets_more_room():
    brief = brief_of(asked(Kind.COMPING, song(tune=()), style="soul"), Role.CHORDS)
    busy = tuple(Note(i, i * 120, 120, 72 + i % 5) for i in range(128))
    idea = next(idea for idea in ideas_for(brief) if idea.manner is Manner.STYLE)
    still, moving = comping(brief, idea, 0), comping(replace(brief, melody=busy), idea, 0)
    assert len(moving.strokes) < len(still.strokes)


def test_strums_go_from_string_to_string():
    brief = brief_of(asked(Kind.COMPING, song(), style="folk", density=1.0), Role.CHORDS)
    made = comping(brief, Idea(Manner.STYLE, Instrument("steel", 25)), 0)
    downs = [
        [s for s in made.sounds if s.stroke == stroke] for stroke in made.strokes if stroke.symbol == "D"
    ]
    assert downs
    for chord in downs:
        starts = [s.start_ticks for s in sorted(chord, key=lambda s: s.string)]
        assert starts == sorted(starts)
        assert starts[-1] - starts[0] <= 112


def test_pads_hold_what_both_chords_have():
    of = song(("C", "Am", "F", "C"), tune=())
    take = takes(Kind.PAD, of, style="cinematic", takes=1)[0]
    assert any(note.start_ticks < 1900 and note.end_ticks > 2400 for note in take.notes)
    assert max(note.duration_ticks for note in take.notes) <= 4 * 1920


def test_solo_keys_bring_the_bass():
    of = song(("C/E", "F", "G/B", "C"), bass=False, tune=())
    for take in takes(Kind.COMPING, of, style="pop", instrument="piano", density=0.5, takes=2):
        lowest = min(n.pitch for n in take.notes if n.start_ticks < 200)
        assert lowest % 12 == 4


def test_a_chorus_lies_higher_and_phrases_end_otherwise():
    of = song(("C", "Am", "F", "G") * 4, tune=(), sections=(("verse", 0, 8), ("chorus", 8, 8)))
    brief = brief_of(asked(Kind.COMPING, of, style="soul"), Role.CHORDS)
    made = comping(brief, Idea(Manner.STYLE, Instrument("epiano", 4)), 0)
    tops = [[v.pitches[-1] for v in made.laid.voicings[k : k + 8] if v] for k in (0, 8)]
    assert sum(tops[1]) > sum(tops[0])
    assert set(made.plan.turns) == {7}
    assert any("last bar of a phrase" in reason for reason in made.reasons)
    by_bar = [
        {round(n.start_ticks / 120) % 16 for n in made.notes if round(n.start_ticks / 120) // 16 == bar}
        for bar in (4, 5, 7)
    ]
    assert by_bar[0] == by_bar[1] != by_bar[2]


def test_bars_with_rests_between_still_tell_the_rhythm():
    mine = [note for bar in (0, 2, 4) for note in block(bar * 1920, (60, 64, 67), 500 + 10 * bar)]
    of = with_part(song(POP), Role.CHORDS, tuple(mine))
    assert (
        takes(Kind.COMPING, of, (6, 8), track_id=7, takes=1)[0].reasons[0].startswith("Takes up the rhythm")
    )
