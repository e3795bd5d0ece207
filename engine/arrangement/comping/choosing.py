"""Who plays the chords, in which manner, and which figure fits each section?

Figures are weighed by section, intensity and the density and syncopation of the sketch. The same kind of
section at the same intensity gets the same figure, so that a return is recognised; every fourth bar may turn.
"""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from enum import Enum
from itertools import groupby

from engine.arrangement.brief import BarBrief, Brief
from engine.arrangement.comping.figures import Figure, alikeness, figures_for, held_figure
from engine.arrangement.comping.own import own_figure
from engine.arrangement.figured import Figured
from engine.formats.partpatterns import Part
from engine.generation.melody.dice import Dice
from engine.music import Metre
from engine.music.section import SectionKind

_PHRASE_BARS = 8
_USUAL_DENSITY = 1.1  # onsets a beat of a tune that is neither slow nor busy


class Manner(Enum):
    """What a take is about."""

    OWN = "own"  # goes on as the artist's chords around the region
    STYLE = "style"  # the style's figure that fits best
    OTHER = "other"  # another of the style's figures, on the style's next instrument where there is one
    SIMPLE = "simple"  # leaves room
    ANSWERS = "answers"  # speaks where the melody rests
    BUSY = "busy"  # fuller than the section asks for


_Kind = tuple[Metre, SectionKind, int]


@dataclass
class Plan(Figured[Figure]):
    """The figure of every bar of a take."""

    manner: Manner
    instrument: str
    by_bar: dict[int, Figure] = field(default_factory=dict)
    turns: dict[int, Figure] = field(default_factory=dict)
    """Other figures for the last bars of phrases."""

    def figure_of(self, bar: BarBrief) -> tuple[Figure, int]:
        if bar.number in self.turns:
            return self.turns[bar.number], 0
        return self.by_bar[bar.number], bar.section_bar


def planned(
    brief: Brief, part: Part, manner: Manner, instrument: str, dice: Dice, avoid: Collection[Figure] = ()
) -> Plan:
    """A figure for each bar, as unlike those of the takes before (`avoid`) as the style allows."""
    plan = Plan(manner, instrument)
    chosen: dict[_Kind, Figure] = {}
    for kind, bars in groupby(
        brief.bars, key=lambda bar: (bar.metre, bar.kind, _intensity(bar, brief, manner))
    ):
        if kind not in chosen:
            chosen[kind] = _chosen(brief, part, kind, manner, instrument, dice, avoid)
        turn = _turn(brief, part, chosen[kind], instrument)
        for bar in bars:
            plan.by_bar[bar.number] = chosen[kind]
            if turn is not None and _ends_a_phrase(bar, brief):
                plan.turns[bar.number] = turn
    last = brief.bars[-1]
    if last.kind is SectionKind.OUTRO and last.ends_section and len(brief.bars) > 1:
        plan.by_bar[last.number] = held_figure(last.metre)
        plan.turns.pop(last.number, None)
    return plan


def _ends_a_phrase(bar: BarBrief, brief: Brief) -> bool:
    """Every eighth bar, and the last of a section of four or more, where the part goes on."""
    ends = bar.section_bar % _PHRASE_BARS == _PHRASE_BARS - 1 or (bar.ends_section and bar.section_bars >= 4)
    return ends and bar.number != brief.bars[-1].number


def _turn(brief: Brief, part: Part, figure: Figure, instrument: str) -> Figure | None:
    """The figure most like this one that is not the same: what a player does once a phrase."""
    if figure.key == "own" or part is not Part.COMPING:
        return None
    others = figures_for(part, brief.style.name, figure.metre, instrument)
    near = [
        other
        for other in others
        if abs(other.intensity - figure.intensity) <= 1 and 0.3 <= alikeness(figure, [other]) < 0.95
        if other.density >= 0.8 * figure.density
        if (other.strums, other.picks) == (figure.strums, figure.picks)
    ]
    return max(near, key=lambda other: alikeness(figure, [other]), default=None)


def _intensity(bar: BarBrief, brief: Brief, manner: Manner) -> int:
    asked = bar.intensity
    density = brief.request.controls.density
    if density is not None:
        asked = 1 + round(2 * density)
    shift = {Manner.SIMPLE: -1, Manner.ANSWERS: -1, Manner.BUSY: 1}.get(manner, 0)
    return min(3, max(1, asked + shift))


def _chosen(
    brief: Brief,
    part: Part,
    kind: _Kind,
    manner: Manner,
    instrument: str,
    dice: Dice,
    avoid: Collection[Figure],
) -> Figure:
    metre, section, intensity = kind
    own = own_figure(brief) if manner is Manner.OWN else None
    if own is not None and own.metre == metre:
        return own
    figures = figures_for(part, brief.style.name, metre, instrument)
    used = {figure.key for figure in avoid}
    figures = tuple(figure for figure in figures if figure.key not in used) or figures
    worth = {f.key: _worth(f, brief, section, intensity) + 0.8 * dice.chance() for f in figures}
    return max(figures, key=lambda figure: worth[figure.key] - 1.5 * alikeness(figure, avoid))


def _worth(figure: Figure, brief: Brief, section: SectionKind, intensity: int) -> float:
    """How well a figure fits; each part is at most about two."""
    worth = -1.7 * abs(figure.intensity - intensity)
    if section in figure.sections:
        worth += 1.0
    elif figure.sections and SectionKind.OTHER not in figure.sections:
        worth -= 0.6 if section is not SectionKind.OTHER else 0.2
    worth -= 0.5 * abs(figure.density - _wanted_density(brief, intensity))
    if brief.feel.syncopation is not None:
        worth -= 0.6 * abs(figure.syncopation - min(0.6, brief.feel.syncopation))
    if figure.feel in ("shuffle", "swing") and brief.swing <= 0.54:
        worth -= 1.5
    return worth


def _wanted_density(brief: Brief, intensity: int) -> float:
    """Strokes a beat: by intensity; a busy tune is left more room."""
    usual = {1: 0.5, 2: 1.2, 3: 2.2}[intensity]
    if brief.feel.density is None or brief.request.controls.density is not None:
        return usual
    return usual / min(1.4, max(0.75, math.sqrt(brief.feel.density / _USUAL_DENSITY)))


def densities(bars: Sequence[BarBrief], plan: Plan) -> float:
    """Strokes a felt beat over the bars."""
    return sum(plan.by_bar[bar.number].density for bar in bars) / max(1, len(bars))
