"""Every voicing can be played, tells its chord, and the way through them is the cheapest there is."""

from itertools import pairwise, product
from statistics import fmean

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.arrangement.styles import Colour
from engine.arrangement.voicing import Instrument, Manner, Player, Step, player_for, voice
from engine.arrangement.voicing.costs import melody_costs, parallels
from engine.arrangement.voicing.path import way_costs
from engine.arrangement.voicing.players import STANDARD_TUNING, Build
from engine.arrangement.voicing.reach import shapes
from engine.arrangement.voicing.shapes import SILENT
from engine.commands import bench_voicing
from engine.music import Chord, Key
from engine.music.chord import common_qualities

PLAYERS = [
    player_for(Instrument.PIANO),
    player_for(Instrument.PIANO, has_bass=False),
    player_for(Instrument.EPIANO, Manner.ROOTLESS, Colour.EXTENDED),
    player_for(Instrument.EPIANO, Manner.DROP2),
    player_for(Instrument.ORGAN),
    player_for(Instrument.NYLON, register=0.9),
    player_for(Instrument.STEEL, has_bass=False),
    player_for(Instrument.CLEAN, Manner.UPPER),
    player_for(Instrument.CLEAN, Manner.DROP2, register=0.2),
    player_for(Instrument.CLEAN, Manner.POWER),
    player_for(Instrument.STRINGS, voices=5, has_bass=False),
    player_for(Instrument.STRINGS),
    player_for(Instrument.PAD, voices=3),
]
PROGRESSION = ("C", "G/B", "Am7", "F", "Dm9", "G13", "Cmaj9", "A7(b9)", "Bdim7", "Dm7b5", "G7alt", "Cm(maj7)")


def of(player: Player, *names: str, **rest):
    return voice([Step(Chord.parse(name)) for name in names], player, Key(0), **rest)


def assert_playable(voicing, player: Player) -> None:
    pitches = voicing.pitches
    assert list(pitches) == sorted(set(pitches)) or player.build is Build.FRETS
    if player.build is Build.HANDS:
        left, right = pitches[: voicing.left], pitches[voicing.left :]
        for hand, notes in ((player.left, left), (player.right, right)):
            assert not notes or max(notes) - min(notes) <= hand.span
            assert all(hand.low <= note <= hand.high for note in notes)
    elif player.build is Build.FRETS:
        sounding = [(s, f) for s, f in enumerate(voicing.frets) if f >= 0]
        assert sorted(STANDARD_TUNING[s] + f for s, f in sounding) == list(pitches)
        fretted = [f for _, f in sounding if f > 0]
        assert not fretted or max(fretted) - min(fretted) <= 3
        assert fingers(voicing.frets) <= 4
    else:
        assert len(pitches) == player.right.sizes[0] or len({p % 12 for p in pitches}) < 3
        assert all(player.right.low <= pitch <= player.right.high for pitch in pitches)


def fingers(frets: tuple[int, ...]) -> int:
    """Counted as a guitarist does: a barre is one finger where nothing under it is open or damped."""
    fretted = [f for f in frets if f > 0]
    first = [s for s, f in enumerate(frets) if fretted and f == min(fretted)]
    if len(first) > 1 and all(frets[s] > 0 for s in range(first[0], first[-1])):
        return len(fretted) - len(first) + 1
    return len(fretted)


@pytest.mark.parametrize("player", PLAYERS, ids=lambda p: f"{p.name}-{p.manner}")
def test_all_qualities_on_all_roots_can_be_played(player):
    for place, quality in enumerate(common_qualities()):
        chord = Chord((place * 5) % 12, quality)
        (voicing,) = voice([Step(chord)], player, Key(place % 12))
        assert voicing is not None and voicing.pitches, quality
        assert_playable(voicing, player)


@pytest.mark.parametrize("player", PLAYERS, ids=lambda p: f"{p.name}-{p.manner}")
def test_nothing_but_the_chord_sounds_and_third_and_seventh_do(player):
    for name, voicing in zip(PROGRESSION, of(player, *PROGRESSION), strict=True):
        chord = Chord.parse(name)
        heard = {pitch % 12 for pitch in voicing.pitches}
        extra = {(chord.root + 2) % 12, (chord.root + 9) % 12} if player.colour is Colour.EXTENDED else set()
        assert heard <= chord.pitch_classes | extra, name
        if player.manner is not Manner.POWER:
            steps = {interval % 12 for interval in chord.intervals}
            needed = {step for step in steps if step in (3, 4)} - ({3} if 4 in steps else set())
            needed |= {step for step in steps if step in (10, 11)}
            assert {(chord.root + step) % 12 for step in needed} <= heard, name


@pytest.mark.parametrize(
    ("player", "name", "lowest"),
    [
        (player_for(Instrument.PIANO, has_bass=False), "C/E", 4),
        (player_for(Instrument.PIANO, has_bass=False), "C/D", 2),
        (player_for(Instrument.STRINGS, has_bass=False), "F/A", 9),
        (player_for(Instrument.STEEL), "G", 7),
        (player_for(Instrument.STEEL, has_bass=False), "D/F#", 6),
        (player_for(Instrument.CLEAN, Manner.POWER), "A/C#", 9),
    ],
)
def test_who_owes_the_bass_plays_it(player, name, lowest):
    (voicing,) = of(player, name)
    assert voicing.pitches[0] % 12 == lowest


@pytest.mark.parametrize(
    ("player", "names", "frets"),
    [
        (player_for(Instrument.STEEL), ("C", "Am7", "F"), ["x32010", "x02010", "xx3211"]),
        (player_for(Instrument.STEEL), ("G", "D7", "G"), ["320033", "xx0212", "320033"]),
        (player_for(Instrument.CLEAN, Manner.POWER), ("E5", "A5"), ["022xxx", "x02xxx"]),
    ],
)
def test_guitarists_know_these_grips(player, names, frets):
    found = ["".join("x" if f < 0 else str(f) for f in voicing.frets) for voicing in of(player, *names)]
    assert found == frets


def test_where_no_chord_is_nothing_sounds_and_the_neighbours_join():
    strings = player_for(Instrument.STRINGS)
    alone, rest, after = of(strings, "C", "N", "Am")
    assert rest is None
    assert (alone, after) == of(strings, "C", "Am")


def test_unknown_qualities_give_what_they_have():
    for quality in ("1", "maj(*3)", "(b9)", "nonsense"):
        (voicing,) = voice([Step(Chord(2, quality))], PLAYERS[0])
        assert voicing is not None and {p % 12 for p in voicing.pitches} <= {2, 9, 3}


def test_common_tones_are_held_and_the_rest_moves_little():
    first, second = of(player_for(Instrument.STRINGS), "C", "Am")
    assert len(set(first.pitches) & set(second.pitches)) >= 2
    assert abs(first.pitches[-1] - second.pitches[-1]) <= 2


def test_the_leading_note_is_not_doubled():
    for player in (PLAYERS[1], PLAYERS[4], PLAYERS[10], PLAYERS[11]):
        for voicing in of(player, "C", "G", "C", "E7", "Am", "G7", "C"):
            for leading, chord_tone in ((11, 7), (8, 4)):
                classes = [pitch % 12 for pitch in voicing.pitches]
                assert classes.count(leading) <= 1 or chord_tone not in classes


MELODIES = [(60,), (67,), (72, 74), (76,), (79, 77), (84,)]


@pytest.mark.parametrize("melody", MELODIES)
@pytest.mark.parametrize("player", PLAYERS, ids=lambda p: f"{p.name}-{p.manner}")
def test_a_held_melody_is_neither_doubled_nor_rubbed(player, melody):
    steps = [Step(Chord.parse(name), tuple((p, 1.0) for p in melody)) for name in ("C", "Fmaj7", "Am7", "G")]
    for step, voicing in zip(steps, voice(steps, player, Key(0)), strict=True):
        (alone,) = voice([Step(step.chord)], player, Key(0))
        hits = sum(abs(pitch - tone) <= 1 for pitch in voicing.pitches for tone, _ in step.melody)
        assert hits <= sum(abs(pitch - tone) <= 1 for pitch in alone.pitches for tone, _ in step.melody)
        if player.build is not Build.FRETS and player.manner is not Manner.DROP2 and min(melody) >= 67:
            assert hits == 0


def test_comping_stays_under_a_high_melody():
    steps = [Step(Chord.parse(name), ((69, 1.0),)) for name in ("F", "Dm", "F")]
    for voicing in voice(steps, player_for(Instrument.PIANO), Key(5)):
        assert max(voicing.pitches) < 69


def test_neighbours_pull():
    piano = player_for(Instrument.PIANO)
    high, low = (57, 74, 77, 81), (45, 57, 60, 64)
    tops = [of(piano, "F", before=near)[0].pitches[-1] for near in (high, low)]
    assert tops[0] > tops[1]
    assert of(piano, "Dm", "F", after=high)[1].pitches[-1] > of(piano, "Dm", "F", after=low)[1].pitches[-1]


def test_what_stands_stays():
    stands = (48, 55, 64, 71)
    steps = [Step(Chord.parse("C")), Step(Chord.parse("Cmaj7"), pitches=stands), Step(Chord.parse("F"))]
    assert voice(steps, PLAYERS[0])[1].pitches == stands


CHORDS = st.tuples(
    st.integers(0, 11), st.sampled_from(["maj", "min", "7", "min7", "maj7", "dim7", "sus4", "9"])
)
FEW = [PLAYERS[0], PLAYERS[2], PLAYERS[6], PLAYERS[7], PLAYERS[11]]


@settings(max_examples=25, deadline=None)
@given(st.lists(CHORDS, min_size=2, max_size=3), st.sampled_from(FEW), st.integers(60, 80))
def test_no_other_way_is_cheaper(chords, player, melody):
    """Every way through the candidates, added up one by one."""
    steps = [Step(Chord(*chord), ((melody, 0.5),)) for chord in chords]
    found = [shapes(step.chord, player) for step in steps]
    alone = [(f.cost + melody_costs(f.pitches, s.melody)).tolist() for f, s in zip(found, steps, strict=True)]
    between = [way_costs(a, b, player).tolist() for a, b in pairwise(found)]

    def price(rows) -> float:
        own = sum(costs[row] for costs, row in zip(alone, rows, strict=True))
        return own + sum(table[a][b] for table, (a, b) in zip(between, pairwise(rows), strict=True))

    limit = 64 if len(steps) == 2 else 14  # rows beyond have higher own costs but are compared pairwise too
    best = min(price(rows) for rows in product(*(range(min(limit, len(f))) for f in found)))
    rows = [
        next(r for r in range(len(f)) if f.voicing(r) == v)
        for f, v in zip(found, voice(steps, player), strict=True)
    ]
    assert price(rows) <= best + 1e-3


def naive_parallels(first: list[int], second: list[int]) -> int:
    count = 0
    for i in range(len(first)):
        for j in range(i):
            if SILENT in (first[i], first[j], second[i], second[j]):
                continue
            before, after = abs(first[i] - first[j]) % 12, abs(second[i] - second[j]) % 12
            up = (second[i] > first[i]) and (second[j] > first[j])
            down = (second[i] < first[i]) and (second[j] < first[j])
            count += before == after and before in (0, 7) and (up or down)
    return count


ROWS = st.lists(st.sampled_from([SILENT, *range(40, 80)]), min_size=4, max_size=4).map(
    lambda row: sorted(row, reverse=True)
)


@settings(max_examples=120, deadline=None)
@given(ROWS, ROWS)
def test_parallels_are_counted_as_by_hand(first, second):
    before, after = np.array([first], np.int16), np.array([second], np.int16)
    moves = np.where((before == SILENT) | (after == SILENT), 0, after - before)[:, None, :].astype(np.int16)
    assert int(parallels(before, after, moves)[0, 0]) == naive_parallels(first, second)


def test_the_same_question_has_the_same_answer():
    names = ("Dm9", "G13", "Cmaj9", "A7(b9)") * 3
    once = of(PLAYERS[2], *names)
    shapes.cache_clear()
    way_costs.cache_clear()
    assert of(PLAYERS[2], *names) == once


def test_four_parts_are_led_without_parallels_and_move_little():
    tasks = bench_voicing._tasks()[:10]
    led, blocks = ([maker(task) for task in tasks] for maker in (bench_voicing._ours, bench_voicing._blocks))
    assert sum(map(bench_voicing.parallels, led)) == 0 < sum(map(bench_voicing.parallels, blocks))
    assert fmean(map(bench_voicing.movement, led)) < 0.5 * fmean(map(bench_voicing.movement, blocks))
