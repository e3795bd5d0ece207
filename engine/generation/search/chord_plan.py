"""Which bars of chords return, which are new, and how do the bars end?

The form is drawn, not left to the model: a loop heard twice goes on in more than half of the takes (people
keep two of three in pop and rock), over another bass, in another colour or as the model likes. Where nothing
is sung, the phrase before may be answered with a new ending, and inside the region a phrase is played again
with another end. A bar that returns is written as it was, where the melody can bear it.

>>> form_of(8, 4, 0)
(None, None, None, None, 0, 1, None, None)
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum

from engine.generation.chords.loops import Loop, loop_of
from engine.generation.chords.setting import Setting
from engine.generation.language.grid import Stream
from engine.generation.search.chord_hole import ChordHole, chords_of_bar
from engine.generation.search.chord_leanings import Leaning
from engine.music import Chord

KEPT = {"colour": (0.74, 0.24), "bass": (0.72, 0.12)}
"""How often the loop goes on, in a new colour and over a singing bass: in most styles, in jazz."""
_ANSWERED = 0.3
"""How often a phrase that was heard once comes again with a new ending, where nothing is sung."""
ALL = 2
_RARELY_LOOPED = ("jazz", "classical")
_AGAIN = {"jazz": 0.4, "classical": 0.4}
_USUALLY_AGAIN = 0.5
"""In regions that are written anew: how often the first phrase comes again. Under a melody people go on: of
that the model knows more than a plan."""


class Way(Enum):
    """What is planned for a bar."""

    NEW = "new"
    COPY = "copy"
    COLOUR = "colour"
    """The chords of the other bar, every second one in another colour, as the model likes."""
    BASS = "bass"
    """The chords of the other bar, every second one turned over."""


class Close(Enum):
    """How the region ends."""

    ONWARD = "onward"
    HOME = "home"
    REST = "rest"
    """Home, if the melody lets it."""
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class BarPlan:
    """`source`: a bar of the sheet, before the region or in it."""

    way: Way = Way.NEW
    source: int = -1


@dataclass(frozen=True)
class ChordPlan:
    """`bars` by bar of the sheet, those not named are new. `avoided`: which bar a new one should not be like.
    `name` and `reasons` go onto the card; `turn`: at which of two chords colour or bass changes (0 or 1), or
    at all of them (ALL)."""

    bars: Mapping[int, BarPlan] = field(default_factory=dict)
    avoided: Mapping[int, int] = field(default_factory=dict)
    close: Close = Close.ONWARD
    leaning: Leaning = Leaning.PLAIN
    name: str = ""
    reasons: tuple[str, ...] = ()
    turn: int = 1

    def bar(self, bar: int) -> BarPlan:
        return self.bars.get(bar, BarPlan())


Chance = Callable[[], float]
_LEANINGS = (Leaning.PLAIN, Leaning.FRESH, Leaning.BORROWED, Leaning.FIFTHS, Leaning.RICH)


def free_plan(hole: ChordHole, index: int, chance: Chance, attempt: int = 0) -> ChordPlan:
    """The plan of take `index` (1: the first after the instant one) for bars without chords of their own.
    `attempt` above 0: what was planned came out like a take before."""
    loop = loop_of(hole.setting)
    turn = (index - 1) % 3
    if attempt > 1:
        return _fresh(hole, loop, index + attempt, chance)
    if loop is not None and loop.times >= 2 and _fits(hole, loop):
        plan = _of_loop(hole, loop, turn, chance)
        if plan is not None:
            return plan if not attempt else replace(plan, turn=ALL if turn == 0 else 0)
    if loop is not None and turn == 0:
        is_end = hole.setting.chord_after is None
        is_again = chance() < _ANSWERED and not hole.sheet.has(Stream.MELODY)
        if (loop.times > 1 and is_end) or is_again:
            return _answered(hole, loop, chance)
    return _fresh(hole, loop, index, chance)


def _fits(hole: ChordHole, loop: Loop) -> bool:
    """Does the loop lead into what follows the region, if anything does?"""
    setting = hole.setting
    if setting.chord_after is None:
        return True
    following = chords_of_bar(hole, setting.bars[-1].number + 1)
    return bool(following) and following == loop.bars[len(setting.bars) % len(loop.bars)]


def _of_loop(hole: ChordHole, loop: Loop, turn: int, chance: Chance) -> ChordPlan | None:
    """The loop in a new colour, over a singing bass, or with a new ending; None: leave it."""
    is_rare = (hole.setting.style or hole.setting.listener.style) in _RARELY_LOOPED
    drawn = chance()
    if turn == 0 and drawn < KEPT["colour"][is_rare]:
        reason = f"your loop of {_bars(hole.setting, loop)} goes on in another colour"
        again = _again(hole, loop, Way.COLOUR)
        name = "The loop in another light"
        return ChordPlan(again, leaning=Leaning.COLOUR, name=name, reasons=(reason,), turn=int(2 * chance()))
    if turn == 1 and drawn < KEPT["bass"][is_rare]:
        reason = f"your loop of {_bars(hole.setting, loop)} goes on over another bass"
        again = _again(hole, loop, Way.BASS)
        return ChordPlan(again, leaning=Leaning.BASS, name="The loop turned over", reasons=(reason,))
    if turn == 0 and hole.setting.chord_after is None:
        return _answered(hole, loop, chance)
    return None


def _again(hole: ChordHole, loop: Loop, way: Way) -> dict[int, BarPlan]:
    """Every bar of the region after the loop's."""
    first = hole.setting.bars[0].number
    found = {}
    for bar in hole.hole:
        source = hole.whole_bar(loop.first_bar + (hole.number(bar) - first) % len(loop.bars))
        if source is not None and _is_alike(hole, bar, source):
            found[bar] = BarPlan(way, source)
    return found


def goes_on_holding(hole: ChordHole, plan: ChordPlan, bar: int) -> bool:
    """Does a bar of the loop that is coloured or turned over hold the chord of the bar before it?"""
    before, own = plan.bar(bar - 1), plan.bar(bar)
    is_next = before.way is own.way and before.source + 1 == own.source
    if own.way not in (Way.COLOUR, Way.BASS) or not is_next:
        return False
    earlier, here = hole.cell(hole.sheet, before.source), hole.cell(hole.sheet, own.source)
    return len(here) == 1 and bool(earlier) and earlier[-1][2:] == here[0][2:]


def _answered(hole: ChordHole, loop: Loop, chance: Chance) -> ChordPlan:
    """The loop or phrase once more, with a new ending."""
    setting = hole.setting
    count = len(setting.bars)
    new = max(1, min(count // 2, 2 if len(loop.bars) <= 4 else 4))
    edge = setting.bars[count - new].number
    again = _again(hole, loop, Way.COPY)
    kept = {bar: plan for bar, plan in again.items() if hole.number(bar) < edge}
    label = setting.song.time_map.bar_label
    what = "loop" if loop.times > 1 else "phrase"
    reason = f"your {what} from bar {label(loop.first_bar)} again, with a new ending from bar {label(edge)}"
    close = Close.HOME if setting.ends_section and chance() < 0.6 else Close.OPEN
    if setting.chord_after is not None:
        close = Close.ONWARD
    avoided = {bar: plan.source for bar, plan in again.items() if bar not in kept}
    return ChordPlan(kept, avoided, close, name="Same road, another end", reasons=(reason,) if kept else ())


def _fresh(hole: ChordHole, loop: Loop | None, index: int, chance: Chance) -> ChordPlan:
    """New bars, every third time unlike the loop's; of more than four the first phrase comes again."""
    setting = hole.setting
    style = setting.style or setting.listener.style
    usually = 0.0 if hole.sheet.has(Stream.MELODY) else _USUALLY_AGAIN
    again = chance() < _AGAIN.get(style, usually)
    phrase = 8 if style in _AGAIN else 4
    form = form_of(len(hole.hole), phrase, int(chance() * 2)) if again else (None,) * len(hole.hole)
    bars = {}
    for bar, back in zip(hole.hole, form, strict=True):
        source = None if back is None else hole.hole[back]
        if source is not None and _is_alike(hole, bar, source):
            bars[bar] = BarPlan(Way.COPY, source)
    if setting.chord_after is not None:
        close = Close.ONWARD
    else:
        close = Close.HOME if setting.ends_section and index % 2 else Close.OPEN
    again_as = {} if loop is None or (index - 1) % 3 < 2 else _again(hole, loop, Way.COPY)
    avoided = {bar: plan.source for bar, plan in again_as.items() if bar not in bars}
    return ChordPlan(bars, avoided, close, _LEANINGS[(index - 1) % len(_LEANINGS)])


def form_of(bars: int, phrase: int, kept: int) -> tuple[int | None, ...]:
    """For every bar which bar before it comes again: later phrases begin as the first did and end anew;
    of four phrases the third is another. `kept`: bars of the ending that come again too (0 or 1)."""
    found: list[int | None] = []
    for bar in range(bars):
        number, place = divmod(bar, phrase)
        is_ending = place >= phrase - max(1, phrase // 2 - kept) or bar == bars - 1
        is_other = number % 4 == 2 and bars >= 4 * phrase
        found.append(None if number == 0 or is_ending or is_other else place)
    return tuple(found)


def harmonising_plan(hole: ChordHole, leaning: Leaning) -> ChordPlan:
    """Where the melody repeats two bars or more, so do the chords."""
    closes = hole.setting.ends_section and hole.setting.chord_after is None
    bars = dict(_returning(hole))
    if closes:
        bars.pop(hole.hole[-1], None)
    return ChordPlan(bars, {}, Close.REST if closes else Close.ONWARD, leaning)


def _returning(hole: ChordHole) -> Iterable[tuple[int, BarPlan]]:
    """Bars whose melody stood before in the region, together with a neighbour's."""
    cells, bars = hole.melody_cells, hole.hole
    for bar in bars:
        if hole.locks(bar) or not cells[bar]:
            continue
        for source in range(bars.start, bar):
            before = source > bars.start and cells[source - 1] == cells[bar - 1]
            after = bar + 1 in bars and source + 1 < bar and cells[source + 1] == cells[bar + 1]
            if cells[source] == cells[bar] and (before or after) and _is_alike(hole, bar, source):
                yield bar, BarPlan(Way.COPY, source)
                break


def _is_alike(hole: ChordHole, bar: int, source: int) -> bool:
    """Of one length and metre, and free of chords that must stay."""
    first, second = hole.sheet.bars[bar], hole.sheet.bars[source]
    same = (first.length, first.metre) == (second.length, second.metre)
    return same and not hole.locks(bar) and (source in hole.hole or bool(hole.cell(hole.sheet, source)))


def _bars(setting: Setting, loop: Loop) -> str:
    label = setting.song.time_map.bar_label
    last = loop.first_bar + len(loop.bars) - 1
    if last == loop.first_bar:
        return f"bar {label(last)}"
    return f"bars {label(loop.first_bar)}–{label(last)}"


def is_home(chord: Chord, setting: Setting) -> bool:
    """The tonic, of the key's mode."""
    return chord.root == setting.key.tonic and chord.has_minor_third == setting.key.mode.is_minor
