"""Which figure fits this section of this song, for this kind of take?

Figures are weighed by section and intensity, by the density and syncopation of the sketch, and by how often
they meet the kick of the drums that are there. The same kind of section at the same intensity gets the same
figure, so that a return is recognised.
"""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from enum import Enum
from itertools import groupby
from statistics import median

from engine.arrangement.bass.figures import Figure, felt_pulses, figures_for, kick_figure, stepping
from engine.arrangement.bass.kicks import Kicks, kicks_by_bar, snares_by_bar
from engine.arrangement.bass.own import own_figure
from engine.arrangement.bass.pedal import pedal_tone
from engine.arrangement.brief import BarBrief, Brief
from engine.arrangement.figured import Figured
from engine.generation.melody.dice import Dice
from engine.music import Metre
from engine.music.section import SectionKind

_USUAL_DENSITY = 1.1  # onsets a beat of a tune that is neither slow nor busy
_SAME_RHYTHM = 0.95


class Manner(Enum):
    """What a take is about."""

    OWN = "own"  # goes on as the artist's bass around the region
    STYLE = "style"  # the style's figure that fits best
    KICK = "kick"  # the rhythm of the kick
    SIMPLE = "simple"  # leaves room
    WALKING = "walking"  # a line from chord to chord
    BUSY = "busy"  # fuller than the section asks for
    PEDAL = "pedal"  # one note under all chords
    OTHER = "other"  # another of the style's figures


_WALKERS = {
    "jazz-swing",
    "jazz-ballad",
    "jazz-waltz",
    "blues",
    "gospel",
    "country",
    "folk",
    "ska",
    "musical-theatre",
    "waltz",
    "march",
    "lo-fi",
}


# Where the bass keeps the time and the bass drum only comments.
_TIMEKEEPERS = {"jazz-swing", "jazz-ballad", "jazz-waltz", "tango", "ambient"}
_PEDALLERS = {"cinematic", "ambient", "techno", "synthwave", "drum-and-bass"}
_KICK_WEIGHT, _COMMENT_WEIGHT = 2.5, 0.5


def manners_for(brief: Brief) -> tuple[Manner, ...]:
    """What the takes of a request are about, the surest first."""
    lively = Manner.WALKING if brief.style.name in _WALKERS else Manner.BUSY
    own = (Manner.OWN,) if own_figure(brief) is not None else ()
    kick = (Manner.KICK,) if _has_telling_kicks(brief) else (Manner.OTHER,)
    pedal = (Manner.PEDAL,) if pedal_tone(brief) is not None else ()
    if pedal and brief.style.name in _PEDALLERS:
        return (*own, Manner.STYLE, *kick, *pedal, Manner.SIMPLE, lively, Manner.OTHER)
    return (*own, Manner.STYLE, *kick, lively, Manner.SIMPLE, *pedal, Manner.OTHER)


def _has_telling_kicks(brief: Brief) -> bool:
    """Whether the bass drum has a rhythm to follow: more than one a bar, and not every beat."""
    if brief.style.name in _TIMEKEEPERS:
        return False
    kicks = kicks_by_bar(brief)
    total = sum(map(len, kicks.values()))
    on_beats = sum(
        place % bar.metre.pulse_ticks == 0 for bar in brief.bars for place in kicks.get(bar.number, ())
    )
    beats = sum(len(felt_pulses(bar.metre)) for bar in brief.bars)
    return total >= 1.5 * len(brief.bars) and not (on_beats == total and total >= 0.9 * beats)


@dataclass
class Plan(Figured[Figure]):
    """The figure of every bar of a take."""

    manner: Manner
    by_bar: dict[int, Figure] = field(default_factory=dict)
    places: dict[int, int] = field(default_factory=dict)

    def figure_of(self, bar: BarBrief) -> tuple[Figure, int]:
        return self.by_bar[bar.number], self.places[bar.number]


_Kind = tuple[Metre, SectionKind, int]


def planned(brief: Brief, manner: Manner, dice: Dice, avoid: Collection[Figure] = ()) -> Plan:
    """A figure for each bar, as unlike those of the takes before (`avoid`) as the style allows."""
    plan = Plan(manner)
    kicks = kicks_by_bar(brief)
    chosen: dict[_Kind, Figure] = {}
    kinds = groupby(brief.bars, key=lambda bar: (bar.metre, bar.kind, _intensity(bar, brief, manner)))
    stretches = [(kind, list(bars)) for kind, bars in kinds]
    for kind, bars in stretches:
        if kind not in chosen:
            alike = [bar for other, found in stretches if other == kind for bar in found]
            chosen[kind] = _chosen(brief, kind, alike, manner, dice, avoid, kicks)
        for bar in bars:
            plan.by_bar[bar.number] = chosen[kind]
            plan.places[bar.number] = bar.number if chosen[kind].key == "own" else bar.section_bar
    if manner is Manner.KICK:
        _follow_kicks(plan, brief, kicks)
    return plan


def _intensity(bar: BarBrief, brief: Brief, manner: Manner) -> int:
    asked = bar.intensity
    density = brief.request.controls.density
    if density is not None:
        asked = 1 + round(2 * density)
    shift = {Manner.SIMPLE: -1, Manner.PEDAL: -1, Manner.BUSY: 1, Manner.WALKING: 1}.get(manner, 0)
    return min(3, max(1, asked + shift))


def _chosen(
    brief: Brief,
    kind: _Kind,
    bars: Sequence[BarBrief],
    manner: Manner,
    dice: Dice,
    avoid: Collection[Figure],
    kicks: Kicks,
) -> Figure:
    metre, section, intensity = kind
    own = own_figure(brief) if manner is Manner.OWN else None
    if own is not None and own.metre == metre:
        return own
    figures = figures_for(brief.style.name, metre)
    if manner is Manner.WALKING:
        figures = _walking(figures, metre, avoid)
    elif manner in (Manner.SIMPLE, Manner.PEDAL) or any(figure.walks for figure in avoid):
        figures = tuple(figure for figure in figures if not figure.walks) or figures
    density = _wanted_density(brief, figures_for(brief.style.name, metre), intensity)
    used = {figure.key for figure in avoid}
    figures = tuple(figure for figure in figures if figure.key not in used) or figures
    worth = {
        figure.key: _worth(figure, brief, section, intensity, density, bars, kicks) + 0.8 * dice.chance()
        for figure in figures
    }
    contrast = 1.0 if manner is Manner.WALKING else 2.5
    return max(figures, key=lambda figure: worth[figure.key] - contrast * _nearest(figure, avoid))


def _walking(figures: tuple[Figure, ...], metre: Metre, avoid: Collection[Figure]) -> tuple[Figure, ...]:
    """The style's walking figures; fuller ones of another kind where a take before walks in that rhythm."""
    walking = tuple(figure for figure in figures if figure.walks) or (plain_walk(metre),)
    walked = [figure for figure in avoid if figure.walks]
    fresh = tuple(f for f in walking if all(_shared_onsets(f, other) < _SAME_RHYTHM for other in walked))
    return fresh or tuple(figure for figure in figures if not figure.walks) or walking


def _shared_onsets(one: Figure, other: Figure) -> float:
    """Share of the notes of both that begin at the same places."""
    bars = range(max(len(one.bars), len(other.bars)))
    shared = sum(len(one.onsets(bar) & other.onsets(bar)) for bar in bars)
    return 2 * shared / sum(len(one.onsets(bar)) + len(other.onsets(bar)) for bar in bars)


def _nearest(figure: Figure, others: Collection[Figure]) -> float:
    """How much of the figure's rhythm and degrees the most similar of the others shares, 0-1."""
    return max((alikeness(figure, other) for other in others), default=0.0)


def alikeness(one: Figure, other: Figure) -> float:
    """Share of notes that stand at the same place, half for each with another degree."""
    if one.metre != other.metre or not one.bars or not other.bars:
        return 0.0
    score = total = 0.0
    for bar in range(max(len(one.bars), len(other.bars))):
        mine = {step.start_ticks: step.symbol for step in one.bars[bar % len(one.bars)]}
        theirs = {step.start_ticks: step.symbol for step in other.bars[bar % len(other.bars)]}
        shared = mine.keys() & theirs.keys()
        score += sum(1.0 if mine[tick] == theirs[tick] else 0.5 for tick in shared)
        total += (len(mine) + len(theirs)) / 2
    return score / total if total else 0.0


def plain_walk(metre: Metre) -> Figure:
    """Root, walking notes and an approach, one a felt beat."""
    pulses = felt_pulses(metre)
    symbols = ["1", *["w"] * max(0, len(pulses) - 2), "a"] if len(pulses) > 1 else ["1"]
    return Figure("walk", "Walks from chord to chord", (stepping(pulses, symbols),), metre, 2)


def _worth(
    figure: Figure,
    brief: Brief,
    section: SectionKind,
    intensity: int,
    density: float,
    bars: Sequence[BarBrief],
    kicks: Kicks,
) -> float:
    """How well a figure fits; each part is at most about two."""
    worth = -1.6 * abs(figure.intensity - intensity)
    if section in figure.sections:
        worth += 1.0
    elif figure.sections and SectionKind.OTHER not in figure.sections:
        worth -= 0.6 if section is not SectionKind.OTHER else 0.2
    worth -= 1.4 * abs(figure.density - density)
    if brief.feel.syncopation is not None:
        worth -= 0.8 * abs(figure.syncopation - min(0.6, brief.feel.syncopation))
    weight = _COMMENT_WEIGHT if brief.style.name in _TIMEKEEPERS else _KICK_WEIGHT
    worth += weight * kick_agreement(figure, bars, kicks)
    worth -= 0.8 * figure.is_recast
    if figure.feel in ("shuffle", "swing") and brief.swing <= 0.54:
        worth -= 1.5
    return worth


def _wanted_density(brief: Brief, figures: Sequence[Figure], intensity: int) -> float:
    """Notes a beat: as the style plays at this intensity, moved towards the artist's own."""
    usual = median([f.density for f in figures if f.intensity == intensity] or [0.5 * intensity])
    if brief.feel.density is None or brief.request.controls.density is not None:
        return usual
    return usual * min(1.5, max(0.6, math.sqrt(brief.feel.density / _USUAL_DENSITY)))


def kick_agreement(figure: Figure, bars: Sequence[BarBrief], kicks: Kicks) -> float:
    """Of the figure's notes and the kicks of these bars, how many meet (F measure, 0-1; 0 without kicks)."""
    met = struck = played = 0
    for bar in bars[:16]:
        here = kicks.get(bar.number, frozenset())
        onsets = figure.onsets(bar.section_bar)
        if here:
            met += len(here & onsets)
            struck += len(here)
            played += len(onsets)
    return 2 * met / (struck + played) if struck and played else 0.0


def _follow_kicks(plan: Plan, brief: Brief, kicks: Kicks) -> None:
    """The bars that have kicks get their rhythm."""
    snares = snares_by_bar(brief)
    for bar in brief.bars:
        here = kicks.get(bar.number)
        if not here:
            continue
        figure = plan.by_bar[bar.number]
        has_octaves = any(step.symbol == "8" for steps in figure.bars for step in steps)
        leads = figure.leads and bar.section_bar % 2 == 1
        backbeats = sorted(snares.get(bar.number, ()))
        steps = kick_figure(sorted(here), backbeats, bar.metre, leads, has_octaves)
        plan.by_bar[bar.number] = Figure("kick", "Locked to the kick", (steps,), bar.metre, bar.intensity)
        plan.places[bar.number] = 0
