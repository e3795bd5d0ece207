"""How does one section lead into the next?

A fill only into a new section, a build before a lift, now and then a stop; after any of them a crash on the
one where the style has crashes. Where no sections are known, eight bars are taken for one. The last bar of
the song ends on its one.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from engine.arrangement.brief import BarBrief, Brief
from engine.arrangement.drums.choosing import SWUNG_FEELS, Manner, Plan
from engine.arrangement.drums.grooves import PACED_FEELS, Groove, grooves_for
from engine.arrangement.drums.stroke import Stroke
from engine.arrangement.styles import Kit, Swung
from engine.formats.partpatterns import Entry, Loudness
from engine.generation.melody.dice import Dice
from engine.music.drumkit import DrumVoice, Limb
from engine.music.section import SectionKind

_PHRASE_BARS = 8
_LIFT = 0.15
_QUIET = frozenset({"ambient", "bossa-nova", "lo-fi", "tango", "jazz-ballad", "waltz"})
"""Styles that do not crash into a section."""
_BUILDERS = frozenset({"house", "techno", "drum-and-bass", "synthwave", "cinematic"})
_HAND_S = 0.05
_CYMBALS = frozenset({DrumVoice.HAT, DrumVoice.OPEN, DrumVoice.RIDE, DrumVoice.BELL, DrumVoice.PEDAL})


@dataclass(frozen=True, slots=True)
class Ending:
    """What is played before bar `into_bar`: strokes between the ticks replace the groove."""

    groove: Groove
    start_ticks: int
    end_ticks: int
    into_bar: int
    into_level: float


def endings_of(brief: Brief, plan: Plan, dice: Dice) -> list[Ending]:
    """The fills, builds and stops of the region."""
    if plan.manner is Manner.FILL:
        return [_asked_fill(brief, dice)]
    found = []
    for bar in brief.bars:
        after = _after(bar, brief)
        if after is not None:
            ending = _ending(bar, after, brief, plan, dice)
            if ending is not None:
                found.append(ending)
    return found


@dataclass(frozen=True, slots=True)
class _Next:
    kind: SectionKind
    level: float
    is_known: bool


def _after(bar: BarBrief, brief: Brief) -> _Next | None:
    """The section that begins after this bar; None inside a section and at the end of the song."""
    number = bar.number + 1
    inside = next((other for other in brief.bars if other.number == number), None)
    section = brief.song.section_at_bar(number)
    if bar.section_bars:
        if not bar.ends_section or (section is None and inside is None):
            return None
    elif number % _PHRASE_BARS or number >= brief.song.bars:
        return None
    if inside is not None:
        return _Next(inside.kind, inside.level, section is not None)
    lifts = section is not None and section.kind is SectionKind.CHORUS
    return _Next(section.kind if section else bar.kind, 0.85 if lifts else bar.level, section is not None)


def _ending(bar: BarBrief, after: _Next, brief: Brief, plan: Plan, dice: Dice) -> Ending | None:
    entry = _entry(bar, after, brief, plan, dice)
    level = max(bar.level, after.level) if after.level >= bar.level - _LIFT else after.level
    intensity = 1 if level < 0.4 else 2 if level < 0.75 else 3
    if plan.manner is Manner.LEANER or not after.is_known:
        intensity = max(1, intensity - 1)
    most = _room(bar, brief, entry)
    choices = [
        g for g in _choices(brief, bar, entry, plan) if len(g.bars) * plan.pace <= most or plan.pace > 1
    ]
    if not choices:
        choices = list(_choices(brief, bar, Entry.FILL, plan))
    if not choices:
        return None
    worth = {g.key: -1.5 * abs(g.pattern.intensity - intensity) + dice.chance() for g in choices}
    groove = max(choices, key=lambda g: worth[g.key])
    return _placed(groove, bar, brief, plan, most, after.level)


def _entry(bar: BarBrief, after: _Next, brief: Brief, plan: Plan, dice: Dice) -> Entry:
    """A build where it lifts, a stop now and then before a chorus, else a fill."""
    chance = dice.chance()
    lifts = after.kind is SectionKind.CHORUS and after.level > bar.level + _LIFT / 3
    is_long = bar.section_bars >= 8 or bar.kind is SectionKind.PRE_CHORUS
    if lifts and (is_long or (brief.style.name in _BUILDERS and bar.section_bars >= 4)):
        builds = 0.9 if brief.style.name in _BUILDERS else 0.5 if bar.kind is SectionKind.PRE_CHORUS else 0.25
        if chance < builds:
            return Entry.BUILD
        if chance > 0.8 and plan.manner in (Manner.ACCENTS, Manner.FULLER, Manner.OTHER):
            return Entry.STOP
    return Entry.FILL


def _room(bar: BarBrief, brief: Brief, entry: Entry) -> float:
    """How many bars may be taken for it: at most half a section, all of them in the region."""
    if entry is not Entry.BUILD:
        return 1
    first = max(brief.bars[0].number, bar.number - bar.section_bar)
    return max(1, min(bar.number + 1 - first, bar.section_bars // 2))


def _choices(brief: Brief, bar: BarBrief, entry: Entry, plan: Plan) -> Sequence[Groove]:
    """Those that go with how the song swings and how fast it is."""
    swings = brief.swing >= 0.56 and brief.style.swung is Swung.EIGHTHS
    groove = plan.by_bar[bar.number]
    found = [
        g
        for g in grooves_for(brief.style.name, bar.metre, entry)
        if (g.pattern.feel not in SWUNG_FEELS or swings)
        and (g.pattern.feel not in PACED_FEELS or g.pattern.feel == groove.pattern.feel)
    ]
    matching = [g for g in found if (g.pattern.feel in PACED_FEELS) == (groove.pattern.feel in PACED_FEELS)]
    found = matching or found
    found = [g for g in found if _is_in_tempo(g, brief.bpm / plan.pace)] or found
    if brief.style.kit is Kit.ELECTRONIC:
        return found
    seconds = {g.key: g.shortest_ticks * plan.pace * 60 / (brief.bpm * 480) for g in found}
    return [g for g in found if seconds[g.key] >= _HAND_S] or sorted(found, key=lambda g: -seconds[g.key])[:1]


def _is_in_tempo(groove: Groove, bpm: float) -> bool:
    own = groove.pattern.tempo_bpm
    return own is None or own[0] <= bpm <= own[1]


def _placed(
    groove: Groove, bar: BarBrief, brief: Brief, plan: Plan, most_bars: float, level: float
) -> Ending:
    length = round(len(groove.bars) * groove.metre.bar_ticks * plan.pace)
    allowed = round(most_bars * groove.metre.bar_ticks)
    start = max(bar.end_ticks - min(length, allowed), brief.start_ticks)
    return Ending(groove, start, bar.end_ticks, bar.number + 1, level)


def _asked_fill(brief: Brief, dice: Dice) -> Ending:
    """A fill for the one bar that is asked for."""
    bar = brief.bars[-1]
    plan = Plan(Manner.FILL, 1.0, {bar.number: grooves_for(brief.style.name, bar.metre)[0]}, {})
    choices = _choices(brief, bar, Entry.FILL, plan) or grooves_for(brief.style.name, bar.metre)
    worth = {g.key: -abs(g.pattern.intensity - bar.intensity) + dice.chance() for g in choices}
    groove = max(choices, key=lambda g: worth[g.key])
    return Ending(groove, bar.start_ticks, bar.end_ticks, bar.number + 1, bar.level)


def with_endings(strokes: list[Stroke], endings: Sequence[Ending], brief: Brief, pace: float) -> list[Stroke]:
    """Grooves give way to what leads on."""
    for ending in endings:
        strokes = [s for s in strokes if not ending.start_ticks <= s.tick < ending.end_ticks]
        strokes += _strokes(ending, pace)
    return strokes


def _strokes(ending: Ending, pace: float) -> list[Stroke]:
    groove = ending.groove
    length = groove.metre.bar_ticks
    origin = ending.end_ticks - round(len(groove.bars) * length * pace)
    feel = groove.pattern.feel
    strokes = [
        Stroke(origin + round((number * length + hit.into) * pace), hit.voice, hit.loudness,
               feel == "straight" or hit.is_triplet, ending=True)
        for number, bar in enumerate(groove.bars)
        for hit in bar
    ]  # fmt: skip
    return [s for s in strokes if ending.start_ticks <= s.tick < ending.end_ticks]


def with_crashes(
    strokes: list[Stroke], endings: Sequence[Ending], brief: Brief, manner: Manner
) -> tuple[list[Stroke], list[int]]:
    """A crash on the one after what led there, and where a full section begins; and the bars they are in."""
    if brief.style.name in _QUIET or manner is Manner.OWN:
        return strokes, []
    led = {ending.into_bar: ending for ending in endings}
    bars = []
    for bar in brief.bars:
        begins_full = bar.section_bars > 0 and bar.section_bar == 0 and bar.level >= 0.7
        if begins_full or (bar.number in led and bar.level >= 0.4):
            bars.append(bar)
    for bar in bars:
        strokes = _crashing(strokes, bar)
    return strokes, [bar.number for bar in bars]


def _crashing(strokes: list[Stroke], bar: BarBrief) -> list[Stroke]:
    """The crash takes the place of the time-keeping cymbal; the kick is under it."""
    tick = bar.start_ticks
    here = [s for s in strokes if s.tick == tick]
    if any(s.voice in (DrumVoice.CRASH, DrumVoice.CRASH2, DrumVoice.CHINA) for s in here):
        return strokes
    loud = Loudness.ACCENT if bar.level >= 0.7 else Loudness.PLAIN
    kept = [s for s in strokes if s.tick != tick or s.voice not in _CYMBALS]
    hands = [s for s in kept if s.tick == tick and s.voice.limb is Limb.HAND]
    if len(hands) > 1:
        kept.remove(min(hands, key=lambda s: s.loudness))
    if not any(s.voice is DrumVoice.KICK for s in here):
        kept.append(Stroke(tick, DrumVoice.KICK, Loudness.PLAIN, is_even=True))
    return [*kept, Stroke(tick, DrumVoice.CRASH, loud, is_even=True)]


def with_last_bar(strokes: list[Stroke], brief: Brief) -> tuple[list[Stroke], bool]:
    """An outro's last bar ends on its one; and whether it did."""
    bar = brief.bars[-1]
    is_last = bar.number + 1 >= brief.song.bars and bar.kind is SectionKind.OUTRO
    if not is_last or bar.section_bars < 4:
        return strokes, False
    kept = [s for s in strokes if s.tick < bar.start_ticks]
    loud = Loudness.PLAIN if bar.level < 0.7 else Loudness.ACCENT
    last = [Stroke(bar.start_ticks, DrumVoice.KICK, loud, is_even=True)]
    if brief.style.name not in _QUIET:
        last.append(Stroke(bar.start_ticks, DrumVoice.CRASH, loud, is_even=True))
    return kept + last, True
