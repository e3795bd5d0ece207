"""Every comping figure and pad of every style: on the grid, in range, playable, clear of the tune."""

from itertools import pairwise

import pytest

from engine.api.suggestion import Kind
from engine.arrangement.brief import Brief, brief_of
from engine.arrangement.comping.choosing import Manner, Plan
from engine.arrangement.comping.figures import Figure, figures_for
from engine.arrangement.comping.parts import Idea, played
from engine.arrangement.comping.touch import Sound
from engine.arrangement.comping.who import padders
from engine.arrangement.pads import PadIdea, held
from engine.arrangement.styles import player_styles
from engine.arrangement.voicing import Player
from engine.arrangement.voicing.players import STANDARD_TUNING, Build
from engine.formats.partpatterns import Part, part_patterns
from engine.music import Role
from tests.engine.arrangement.songs import JAZZ, POP, asked, song

STYLES = {style.name: style for style in player_styles()}
LATEST_TICKS = 32  # late players, jitter and the roll of a hand, besides swing
STRUM_TICKS = 112


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("part", [Part.COMPING, Part.PADS])
def test_there_are_figures_for_every_intensity_at_home(part, style):
    home = STYLES[style].metres[0]
    assert {p.intensity for p in part_patterns(part, style) if p.metre == home} == {1, 2, 3}
    assert {p.metre for p in part_patterns(part, style)} >= set(STYLES[style].metres)
    if part is Part.COMPING:
        for sound in STYLES[style].comping:
            own = [p for p in part_patterns(part, style) if sound.word in p.instruments and p.metre == home]
            assert {p.intensity for p in own} == {1, 2, 3}, sound.word


@pytest.mark.parametrize("style", STYLES)
def test_every_comping_figure_can_be_played(style):
    sounds_of = {sound.word: sound for sound in STYLES[style].comping}
    for metre in {p.metre for p in part_patterns(Part.COMPING, style)}:
        brief = _brief(Kind.COMPING, style, (metre.numerator, metre.denominator))
        for word, sound in sounds_of.items():
            for figure in figures_for(Part.COMPING, style, metre, word):
                plan = Plan(Manner.STYLE, word, {bar.number: figure for bar in brief.bars})
                made = played(brief, Idea(Manner.STYLE, sound), plan, brief.dice(0))
                check(made.sounds, made.laid.player, brief, figure)
                assert made.notes and made.title


@pytest.mark.parametrize("style", STYLES)
def test_every_pad_can_be_played(style):
    for pattern in part_patterns(Part.PADS, style):
        metre = pattern.metre
        brief = _brief(Kind.PAD, style, (metre.numerator, metre.denominator))
        sound = padders(brief)[0]
        word = pattern.instruments[0] if pattern.instruments else ""
        figure = next(f for f in figures_for(Part.PADS, style, metre, word) if f.key == pattern.key)
        plan = Plan(Manner.STYLE, sound.word, {bar.number: figure for bar in brief.bars})
        made = held(brief, PadIdea(Manner.STYLE, sound, 4), plan, brief.dice(0))
        check(made.sounds, made.laid.player, brief, figure)
        assert len({s.pitch for s in made.sounds}) > 1


def _brief(kind: Kind, style: str, metre: tuple[int, int]) -> Brief:
    chords = JAZZ[:4] if STYLES[style].colour == "extended" else POP[:4]
    request = asked(kind, song(chords, metre=metre), style=style)
    return brief_of(request, Role.CHORDS if kind is Kind.COMPING else Role.PAD)


def check(sounds: tuple[Sound, ...], player: Player, brief: Brief, figure: Figure) -> None:
    assert sounds, figure.key
    for sound in sounds:
        assert brief.start_ticks <= sound.start_ticks < brief.end_ticks
        assert sound.end_ticks > sound.start_ticks and 1 <= sound.velocity <= 127
        assert 36 <= sound.pitch <= 84, figure.key
        assert_on_grid(sound, brief, player, figure)
    assert_clear_of_the_tune(sounds, brief, figure)
    if player.build is Build.FRETS:
        assert_one_note_a_string(sounds, figure)
    elif player.build is Build.HANDS:
        assert_two_hands(sounds, figure)
    assert_keys_sound_once(sounds, figure)


def assert_on_grid(sound: Sound, brief: Brief, player: Player, figure: Figure) -> None:
    bar = brief.bar_at(sound.stroke.start_ticks)
    into = sound.stroke.start_ticks - bar.start_ticks
    assert into % 60 == 0 or into % 80 == 0, figure.key
    written = brief.swung(sound.stroke.start_ticks, is_triplet=into % 120 != 0)
    late = sound.start_ticks - written
    assert -LATEST_TICKS <= late <= (STRUM_TICKS + LATEST_TICKS), figure.key


def assert_clear_of_the_tune(sounds: tuple[Sound, ...], brief: Brief, figure: Figure) -> None:
    strong = {tick for bar in brief.bars for tick in bar.strong_ticks}
    for sound in sounds:
        note = brief.melody_at(sound.stroke.start_ticks)
        if note is not None and sound.stroke.start_ticks in strong:
            assert abs(sound.pitch - note.pitch) not in (1, 13), figure.key


def assert_one_note_a_string(sounds: tuple[Sound, ...], figure: Figure) -> None:
    by_string: dict[int, list[Sound]] = {}
    for sound in sounds:
        assert 0 <= sound.string < len(STANDARD_TUNING), figure.key
        assert 0 <= sound.pitch - STANDARD_TUNING[sound.string] <= 14
        by_string.setdefault(sound.string, []).append(sound)
    for same in by_string.values():
        ordered = sorted(same, key=lambda s: s.start_ticks)
        assert all(a.end_ticks <= b.start_ticks for a, b in pairwise(ordered)), figure.key


def assert_two_hands(sounds: tuple[Sound, ...], figure: Figure) -> None:
    """What is struck together fits under two hands of an octave and a bit each, ten fingers in all."""
    groups: dict[int, set[int]] = {}
    for sound in sounds:
        groups.setdefault(sound.stroke.start_ticks, set()).add(sound.pitch)
    for group in groups.values():
        pitches = sorted(group)
        splits = [(pitches[:cut], pitches[cut:]) for cut in range(len(pitches) + 1)]
        assert len(pitches) <= 10
        assert any(_reach(left) <= 12 and _reach(right) <= 16 for left, right in splits), (
            figure.key,
            pitches,
        )


def _reach(hand: list[int]) -> int:
    return hand[-1] - hand[0] if hand else 0


def assert_keys_sound_once(sounds: tuple[Sound, ...], figure: Figure) -> None:
    by_pitch: dict[int, list[Sound]] = {}
    for sound in sounds:
        by_pitch.setdefault(sound.pitch, []).append(sound)
    for same in by_pitch.values():
        ordered = sorted(same, key=lambda s: s.start_ticks)
        assert all(a.end_ticks <= b.start_ticks for a, b in pairwise(ordered)), figure.key
