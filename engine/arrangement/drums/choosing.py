"""Which groove fits this section of this song, for this kind of take?

Weighed by section and intensity, tempo (what hands can do, half or double pace), swing, and how the kick
falls on the song's own accents. The same kind of section at the same intensity gets the same groove, so that
a return is recognised.
"""

import math
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from enum import Enum
from itertools import groupby

from engine.arrangement.brief import BarBrief, Brief
from engine.arrangement.drums.accents import kick_agreement
from engine.arrangement.drums.grooves import PACED_FEELS, Groove, Hit, grooves_for
from engine.arrangement.drums.own import own_groove
from engine.arrangement.figured import Figured
from engine.arrangement.styles import Kit, Swung
from engine.generation.melody.dice import Dice
from engine.music import Metre
from engine.music.drumkit import DrumVoice
from engine.music.section import SectionKind


class Manner(Enum):
    """What a take is about."""

    OWN = "own"  # goes on as the artist's drums around the region
    STYLE = "style"  # the style's groove that fits best
    ACCENTS = "accents"  # the kick takes the song's accents
    LEANER = "leaner"  # leaves room
    FULLER = "fuller"  # more than the section asks for
    PACE = "pace"  # in half or double time
    FILL = "fill"  # a fill for the one bar asked
    OTHER = "other"  # another of the style's grooves


_USUAL_SECTIONS = frozenset({SectionKind.VERSE, SectionKind.CHORUS})
SWUNG_FEELS = ("swing", "shuffle")
_LEAST_SWING = 0.56
_HAND_S = 0.085
"""One hand's shortest time between two strokes that still sound like playing."""
_LEAST_GAIN = 0.3
_DERIVED_COST = 1.5
_USED_COST = 2.2
"""A groove of a take before is taken again only where the others suit much less; each time the more so."""


def manners_for(brief: Brief) -> tuple[Manner, ...]:
    """What the takes of a request are about, the surest first."""
    own = (Manner.OWN,) if own_groove(brief) is not None else ()
    fill = (Manner.FILL,) if own and len(brief.bars) == 1 else ()
    has_pace = any(
        groove.pattern.feel in PACED_FEELS for groove in grooves_for(brief.style.name, brief.bars[0].metre)
    )
    pace = (Manner.PACE,) if has_pace else (Manner.OTHER,)
    return (*own, *fill, Manner.STYLE, Manner.ACCENTS, Manner.LEANER, Manner.FULLER, *pace, Manner.OTHER)


@dataclass
class Plan(Figured[Groove]):
    """The groove of every bar, and how it is paced: 2 stretches a bar of the pattern over two of the song."""

    manner: Manner
    pace: float = 1.0
    by_bar: dict[int, Groove] = field(default_factory=dict)
    places: dict[int, int] = field(default_factory=dict)

    def hits(self, bar: BarBrief) -> list[Hit]:
        """What the groove writes into this bar of the song."""
        return paced(self.by_bar[bar.number], self.places[bar.number], self.pace)


def paced(groove: Groove, place: int, pace: float) -> list[Hit]:
    """The strokes of one bar of the song, `place` bars after the groove began."""
    length = groove.metre.bar_ticks
    start = round(place * length / pace)
    end = round((place + 1) * length / pace)
    found = []
    for bar in range(start // length, -(-end // length)):
        for hit in groove.bars[bar % len(groove.bars)]:
            tick = bar * length + hit.into
            if start <= tick < end:
                found.append(Hit(round((tick - start) * pace), hit.voice, hit.loudness))
    return found


def pace_for(brief: Brief, metre: Metre) -> float:
    """2 where the song is counted twice as fast as the style is played, 0.5 where half as fast."""
    low, high = brief.style.tempo_bpm
    paced_feels = {groove.pattern.feel for groove in grooves_for(brief.style.name, metre)}

    def miss(pace: float) -> float:
        bpm = brief.bpm / pace
        return max(0.0, math.log2(low / bpm), math.log2(bpm / high))

    best = min((1.0, 2.0, 0.5), key=miss)
    if best == 1.0 or miss(1.0) - miss(best) < _LEAST_GAIN:
        return 1.0
    has_own_way = ("half-time" if best > 1 else "double-time") in paced_feels
    return 1.0 if has_own_way and miss(1.0) < 0.8 else best


_Kind = tuple[Metre, SectionKind, int]


def planned(
    brief: Brief, manner: Manner, accents: dict[int, float], dice: Dice, avoid: Collection[Groove] = ()
) -> Plan:
    """A groove for each bar, seldom one of those before (`avoid`)."""
    plan = Plan(manner, pace_for(brief, brief.bars[0].metre) if manner is not Manner.OWN else 1.0)
    chosen: dict[_Kind, Groove] = {}
    kinds = groupby(brief.bars, key=lambda bar: (bar.metre, bar.kind, _intensity(bar, brief, manner)))
    stretches = [(kind, list(bars)) for kind, bars in kinds]
    for kind, bars in stretches:
        if kind not in chosen:
            alike = [bar for other, found in stretches if other == kind for bar in found]
            chosen[kind] = _chosen(brief, kind, alike, plan, accents, dice, avoid)
        for bar in bars:
            plan.by_bar[bar.number] = chosen[kind]
            plan.places[bar.number] = bar.number if chosen[kind].key == "own" else bar.section_bar
    return plan


def _intensity(bar: BarBrief, brief: Brief, manner: Manner) -> int:
    density = brief.request.controls.density
    asked = bar.intensity if density is None else 1 + round(2 * density)
    shift = {Manner.LEANER: -1, Manner.FULLER: 1}.get(manner, 0)
    return min(3, max(1, asked + shift))


def _chosen(
    brief: Brief,
    kind: _Kind,
    bars: Sequence[BarBrief],
    plan: Plan,
    accents: dict[int, float],
    dice: Dice,
    avoid: Collection[Groove],
) -> Groove:
    metre, section, intensity = kind
    own = own_groove(brief) if plan.manner is Manner.OWN else None
    if own is not None and own.metre == metre:
        return own
    grooves = grooves_for(brief.style.name, metre)
    if plan.manner is Manner.PACE:
        grooves = tuple(g for g in grooves if g.pattern.feel in PACED_FEELS) or grooves
    used = Counter(groove.key for groove in avoid)
    worth = {}
    for groove in grooves:
        fit = _fit(groove, brief, section, intensity, plan)
        fit += (3.0 if plan.manner is Manner.ACCENTS else 1.5) * _agreement(groove, bars, accents, plan.pace)
        if plan.manner is Manner.ACCENTS and groove.is_four_on_the_floor:
            fit -= 1.5  # a kick that cannot go anywhere
        worth[groove.key] = fit + 0.7 * dice.chance() - _USED_COST * used[groove.key]
    return max(grooves, key=lambda groove: worth[groove.key])


def _fit(groove: Groove, brief: Brief, section: SectionKind, intensity: int, plan: Plan) -> float:
    """How well a groove suits section, intensity, tempo and feel; each part is at most a few points."""
    pattern = groove.pattern
    worth = -2.0 * abs(pattern.intensity - intensity) - _DERIVED_COST * groove.is_derived
    asked = {section} if section is not SectionKind.OTHER else _USUAL_SECTIONS
    if asked & pattern.sections:
        worth += 1.2
    elif pattern.sections:
        worth -= 0.8
    return worth + _feel_fit(groove, brief) + _tempo_fit(groove, brief, plan)


def _feel_fit(groove: Groove, brief: Brief) -> float:
    feel, style = groove.pattern.feel, brief.style
    swings = brief.swing >= _LEAST_SWING and style.swung is Swung.EIGHTHS
    if feel in SWUNG_FEELS and not swings:
        return -4.0
    if feel == "straight" and swings:
        return -2.0
    is_fine = any(hit.into % 240 not in (0, 160, 80) and hit.into % 120 == 0 for hit in groove.bars[0])
    if swings and feel not in SWUNG_FEELS and is_fine:
        return -1.5  # sixteenths in a song that swings its eighths
    if brief.feel.syncopation is not None and DrumVoice.KICK in {hit.voice for hit in groove.bars[0]}:
        return -0.6 * abs(_off_beat_kicks(groove) - min(0.7, brief.feel.syncopation))
    return 0.0


def _off_beat_kicks(groove: Groove) -> float:
    """Share of kicks between the beats."""
    places = [place for bar in groove.kicks for place in bar]
    return sum(place % 480 != 0 for place in places) / max(1, len(places))


def _tempo_fit(groove: Groove, brief: Brief, plan: Plan) -> float:
    """What hands can play; half-time where the song is fast for its style, double-time where it is slow."""
    seconds = groove.shortest_ticks * plan.pace * 60 / (brief.bpm * 480)
    worth = 0.0
    if brief.style.kit is not Kit.ELECTRONIC and seconds < _HAND_S:
        worth -= 3.0 * (_HAND_S - seconds) / _HAND_S + 0.5
    low, high = brief.style.tempo_bpm
    bpm = brief.bpm / plan.pace
    feel, own = groove.pattern.feel, groove.pattern.tempo_bpm
    if own is not None:
        outside = max(0.0, math.log2(own[0] / bpm), math.log2(bpm / own[1]))
        return worth - (2.0 + 4.0 * outside if outside else -0.3)
    if feel in PACED_FEELS and plan.manner is not Manner.PACE:
        is_called_for = bpm > 1.15 * high if feel == "half-time" else bpm < 0.9 * low
        worth += 2.0 if is_called_for else (-1.0 if feel == "half-time" else -2.0)
    elif feel not in PACED_FEELS and bpm > 1.25 * high:
        worth -= 1.0
    return worth


def _agreement(groove: Groove, bars: Sequence[BarBrief], accents: dict[int, float], pace: float) -> float:
    """How the kick meets the accents of the first bars of this kind."""
    if not accents:
        return 0.0
    kicks: list[int] = []
    here: dict[int, float] = {}
    for bar in bars[:16]:
        origin = bar.start_ticks - bar.lead_ticks
        kicks += [
            origin + hit.into for hit in paced(groove, bar.section_bar, pace) if hit.voice is DrumVoice.KICK
        ]
        here |= {tick: accents[tick] for tick in accents if bar.start_ticks <= tick < bar.end_ticks}
    return kick_agreement(kicks, here)
