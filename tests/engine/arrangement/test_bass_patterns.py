"""Every bass figure of every style, laid on changing chords under a tune: playable and in the chords."""

from itertools import pairwise

import pytest

from engine.arrangement.bass.choosing import Manner, Plan
from engine.arrangement.bass.figures import felt_pulses, figures_for
from engine.arrangement.bass.line import BassLine, _note, _without_overlap
from engine.arrangement.bass.pitching import HIGHEST, LOWEST, Taste, compass_of, pitched
from engine.arrangement.bass.placing import placed
from engine.arrangement.brief import brief_of
from engine.arrangement.styles import player_styles
from engine.formats.partpatterns import Part, part_patterns
from engine.music import Metre, Role

from .basssongs import request_of, song_of

CHORDS = "C | Am7 D7 | F/G | G7sus4 G7 | Ebmaj7 | Bdim7 E7b9 | C/E | Fm6"
TUNE = "76 77 72 0 67 69 71 72 65 64"
CASES = [
    (style.name, metre)
    for style in player_styles()
    for metre in dict.fromkeys((*style.metres, Metre(3, 4), Metre(6, 8), Metre(7, 8), Metre(5, 4)))
]


def line_of(brief, figure) -> BassLine:
    plan = Plan(
        Manner.STYLE, {bar.number: figure for bar in brief.bars}, {b.number: b.number for b in brief.bars}
    )
    events = placed(brief, plan.figure_of)
    compass = compass_of(brief)
    pitches = pitched(events, brief, compass, Taste(), brief.dice(0))
    pairs = enumerate(zip(events, pitches, strict=True), 1)
    notes = [_note(number, event, pitch, brief) for number, (event, pitch) in pairs]
    return BassLine(plan, tuple(events), _without_overlap(tuple(notes), brief), compass)


@pytest.mark.parametrize(("style", "metre"), CASES, ids=lambda case: getattr(case, "name", case))
def test_every_figure_is_playable_and_in_its_chords(style: str, metre: Metre):
    song = song_of(CHORDS, (metre.numerator, metre.denominator), TUNE)
    brief = brief_of(request_of(song, style=style), Role.BASS)
    for figure in figures_for(style, metre):
        line = line_of(brief, figure)
        where = f"{style} {metre.name} {figure.key} {figure.title}"
        assert_one_string(line.notes, brief, where)
        assert_on_grid(line, brief, where)
        assert_in_chords(line, brief, where)


def assert_one_string(notes, brief, where) -> None:
    assert notes, where
    assert all(LOWEST <= note.pitch <= HIGHEST for note in notes), where
    assert all(a.end_ticks <= b.start_ticks for a, b in pairwise(notes)), where
    assert notes[-1].end_ticks <= brief.end_ticks, where


def assert_on_grid(line, brief, where) -> None:
    for event in line.events:
        bar = brief.bar_at(event.start_ticks)
        into = event.start_ticks - bar.start_ticks
        is_change = brief.harmony_at(event.start_ticks).start_ticks == event.start_ticks
        assert into % 120 == 0 or into % 80 == 0 or is_change, where


def assert_in_chords(line, brief, where) -> None:
    """Every change begins with its bass; written degrees on strong beats belong; no minor ninth over them."""
    strong = {tick for bar in brief.bars for tick in bar.strong_ticks}
    for event, note in zip(line.events, line.notes, strict=True):
        if event.is_dead or event.symbol in ("a", "w"):
            continue
        tune = brief.melody_at(event.start_ticks)
        rubs = tune is not None and (tune.pitch - note.pitch) % 12 == 1
        is_own = rubs and tune.pitch_class in event.chord.pitch_classes
        if event.opens and not rubs and event.chord.bass is None:
            assert note.pitch_class in event.chord.pitch_classes, (where, event)
        if event.opens and event.symbol == "1" and event.chord.bass is not None:
            assert note.pitch_class == event.chord.bass, (where, event)
        if event.start_ticks in strong and event.symbol in ("1", "3", "5", "8"):
            fifth = (event.chord.bass_pitch_class + 7) % 12
            assert note.pitch_class in event.chord.pitch_classes | {fifth}, (where, event)
            assert not rubs or is_own or event.chord.bass is not None, (where, event, note, tune)


def test_the_library_is_large_and_covers_each_style_at_three_intensities():
    patterns = part_patterns(Part.BASS)
    assert len(patterns) >= 400
    for style in player_styles():
        home = [p for p in part_patterns(Part.BASS, style.name) if p.metre == style.metres[0]]
        assert {p.intensity for p in home} == {1, 2, 3}, style.name
        assert len(home) >= 5, style.name
        assert all(p.title for p in home)
        assert all([voice.name for voice in p.voices] == ["bass"] for p in home), style.name


@pytest.mark.parametrize(
    ("metre", "pulses"),
    [
        ((4, 4), 4),
        ((6, 8), 2),
        ((7, 8), 3),
        ((5, 8), 2),
        ((9, 8), 3),
        ((15, 16), 5),
        ((2, 2), 2),
        ((1, 4), 1),
    ],
)
def test_bars_are_counted_as_players_count_and_filled(metre, pulses):
    found = felt_pulses(Metre(*metre))
    assert sum(found) == Metre(*metre).bar_ticks
    assert len(found) == pulses


@pytest.mark.parametrize("metre", [(5, 4), (7, 8), (9, 8), (2, 4), (11, 8)])
def test_figures_recast_in_other_metres_stay_inside_their_bars(metre):
    ticks = Metre(*metre).bar_ticks
    for style in ("funk", "reggae", "jazz-swing", "house"):
        for figure in figures_for(style, Metre(*metre)):
            starts = [step.start_ticks for bar in figure.bars for step in bar]
            assert all(0 <= start < ticks for start in starts), figure.key
            for bar in figure.bars:
                assert [s.start_ticks for s in bar] == sorted({s.start_ticks for s in bar}), figure.key
