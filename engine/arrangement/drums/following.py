"""How does the kick go with the song?

Where the song puts weight and the groove has no drum, the kick joins in; a kick between the beats that meets
nothing makes room for it. What carries the groove stays: the first beat, kicks that run on every beat, and
the backbeat; some styles keep their kick whatever is sung.
"""

from collections.abc import Sequence

from engine.arrangement.brief import BarBrief, Brief
from engine.arrangement.drums.accents import STRONG
from engine.arrangement.drums.choosing import Manner, Plan
from engine.arrangement.drums.grooves import BACKS, Hit
from engine.arrangement.drums.stroke import Stroke
from engine.formats.partpatterns import Loudness
from engine.music.drumkit import DrumVoice

_FIXED_KICKS = frozenset(
    {"reggae", "samba", "bossa-nova", "latin", "march", "tango", "waltz", "techno", "house", "ambient"}
)
_MOST_NEW = {Manner.STYLE: 1, Manner.ACCENTS: 3, Manner.LEANER: 1, Manner.FULLER: 2}
_CLOSE_TICKS = 110
"""Two kicks are not nearer than a sixteenth."""


def grooving(brief: Brief, plan: Plan, accents: dict[int, float]) -> list[Stroke]:
    """The strokes of all grooves, the kick going with the song's accents."""
    strokes: list[Stroke] = []
    for bar in brief.bars:
        if bar.lead_ticks and not bar.is_full and len(brief.bars) > 1:
            continue  # in a pickup the tune is alone
        strokes += _bar(bar, brief, plan, accents)
    return strokes


def _bar(bar: BarBrief, brief: Brief, plan: Plan, accents: dict[int, float]) -> list[Stroke]:
    origin = bar.start_ticks - bar.lead_ticks
    hits = plan.hits(bar)
    feel = plan.by_bar[bar.number].pattern.feel
    strokes = [
        Stroke(origin + hit.into, hit.voice, hit.loudness, feel == "straight" or hit.is_triplet)
        for hit in hits
    ]
    if _kick_is_free(brief, plan, bar, hits):
        strokes = _with_accents(strokes, bar, plan, accents)
    return [stroke for stroke in strokes if bar.start_ticks <= stroke.tick < bar.end_ticks]


def _kick_is_free(brief: Brief, plan: Plan, bar: BarBrief, hits: Sequence[Hit]) -> bool:
    groove = plan.by_bar[bar.number]
    has_kick = any(hit.voice is DrumVoice.KICK for hit in hits)
    return (
        plan.manner in _MOST_NEW
        and has_kick
        and brief.style.name not in _FIXED_KICKS
        and not groove.is_four_on_the_floor
        and plan.pace == 1
    )


def _with_accents(
    strokes: list[Stroke], bar: BarBrief, plan: Plan, accents: dict[int, float]
) -> list[Stroke]:
    """One bar's strokes with kicks moved to strong accents, the weightiest first."""
    kicks = {s.tick for s in strokes if s.voice is DrumVoice.KICK}
    backs = {s.tick for s in strokes if s.voice in BACKS and s.loudness is not Loudness.SOFT}
    grid = 120 if not bar.metre.is_compound else bar.metre.beat_ticks
    wanted = sorted(
        (-weight, tick)
        for tick, weight in accents.items()
        if bar.start_ticks <= tick < bar.end_ticks
        and weight >= STRONG
        and tick not in kicks | backs
        and (tick - bar.start_ticks) % grid == 0
    )
    new: set[int] = set()
    for _, tick in wanted:
        if len(new) < _MOST_NEW[plan.manner] and all(abs(tick - k) > _CLOSE_TICKS for k in kicks | new):
            new.add(tick)
    idle = _idle(kicks, bar, accents)[: len(new)]
    kept = [s for s in strokes if not (s.voice is DrumVoice.KICK and s.tick in idle)]
    loud = Loudness.PLAIN
    return kept + [Stroke(tick, DrumVoice.KICK, loud, is_answer=True) for tick in sorted(new)]


def _idle(kicks: set[int], bar: BarBrief, accents: dict[int, float]) -> list[int]:
    """Kicks between the beats that meet nothing of the song."""
    pulse = bar.metre.pulse_ticks
    return sorted(
        tick for tick in kicks if (tick - bar.start_ticks + bar.lead_ticks) % pulse and tick not in accents
    )
