"""Where does a moment of a song fall when it is felt in another metre, in half or double time, or swung?

Each bar becomes one bar of the new metre; inside it beats are mapped so that what stood on the strong beats
stands on strong beats again: the second half of a bar in four becomes the last beat of a waltz, the first of
two beats the longer part of a lilting six-eight. In half time two bars become one, in double time one two.

>>> feel = Feel(metre=Metre(3, 4))
>>> mapped = mapping_of(Song(), 0, 1, feel)
>>> [mapped.tick(tick) for tick in (0, 480, 960, 1440, 1920)]
[0, 480, 960, 1200, 1440]
"""

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from engine.arrangement.form.strips import Bar
from engine.music import Metre, MusicError, Song

Points = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Feel:
    """What is asked for: a metre (None: as it is), time at half or double speed, swing 0.5-0.75 of a pair
    (None: as it is)."""

    metre: Metre | None = None
    scale: float = 1.0
    swing: float | None = None


@dataclass(frozen=True, slots=True)
class MappedBar:
    """An old bar and its place in the new song; `lead` ticks are missing at its front (upbeats)."""

    start: int
    lead: int
    new_start: int
    new_lead: int
    points: Points


@dataclass(frozen=True, slots=True)
class Mapping:
    """Old ticks to new ones; `bars` are the new full bars, before them an upbeat of `new_pickup` ticks."""

    mapped: tuple[MappedBar, ...]
    end: int
    new_end: int
    bars: tuple[Bar, ...]
    new_pickup: int = 0

    def tick(self, tick: int) -> int:
        if tick >= self.end:
            return self.new_end
        index = bisect_right(self.mapped, tick, key=lambda bar: bar.start) - 1
        bar = self.mapped[max(0, index)]
        return bar.new_start + _along(bar.points, max(0, tick - bar.start) + bar.lead) - bar.new_lead

    def bar_at(self, tick: int) -> int:
        """The new bar (counted from 0, an upbeat not) that an old tick falls into."""
        now, edges = self.tick(tick), self.edges
        return min(max(0, bisect_right(edges, now) - 1), len(self.bars))

    @property
    def edges(self) -> tuple[int, ...]:
        """Where the new bars begin, and the end."""
        return tuple(accumulate((bar.ticks for bar in self.bars), initial=self.new_pickup))


def _beats(old: int, old_half: int, new: int, new_half: int) -> Points:
    """Four beats with their off-beats, from one length to another."""
    halves = (
        p
        for beat in range(4)
        for p in ((old * beat, new * beat), (old * beat + old_half, new * beat + new_half))
    )
    return (*halves, (4 * old, 4 * new))


_TABLE: dict[tuple[str, str], Points] = {
    ("4/4", "3/4"): ((0, 0), (960, 960), (1920, 1440)),
    ("4/4", "6/8"): ((0, 0), (480, 480), (960, 720), (1440, 1200), (1920, 1440)),
    ("4/4", "12/8"): _beats(480, 240, 720, 480),
    ("12/8", "4/4"): _beats(720, 480, 480, 240),
    ("3/4", "4/4"): ((0, 0), (960, 960), (1440, 1920)),
    ("3/4", "6/8"): ((0, 0), (480, 480), (960, 720), (1440, 1440)),
    ("6/8", "4/4"): ((0, 0), (480, 480), (720, 960), (1200, 1440), (1440, 1920)),
    ("6/8", "3/4"): ((0, 0), (480, 480), (720, 960), (1440, 1440)),
    ("2/4", "3/4"): ((0, 0), (480, 960), (960, 1440)),
    ("2/4", "6/8"): ((0, 0), (240, 480), (480, 720), (720, 1200), (960, 1440)),
}


def mapping_of(song: Song, start_bar: int, end_bar: int, feel: Feel) -> Mapping:
    """The mapping for some bars of a song; new ticks count from 0."""
    time_map = song.time_map
    mapped: list[MappedBar] = []
    bars: list[Bar] = []
    now, pickup = 0, 0
    for number in range(start_bar, end_bar):
        start, ticks = time_map.bar_start(number), time_map.bar_ticks(number)
        metre = time_map.metre_at(start)
        lead = metre.bar_ticks - ticks if number == 0 and time_map.pickup_ticks else 0
        new_metre = feel.metre or metre
        points = _points(metre, new_metre, ticks + lead, feel.scale)
        new_lead = _along(points, lead)
        length = points[-1][1] - new_lead
        mapped.append(MappedBar(start, lead, now, new_lead, points))
        if lead:
            pickup = length
        else:
            bars.append(Bar(new_metre, length, number))
        now += length
    metres = metres_played(song, start_bar, end_bar)
    if feel.scale != 1.0 or (feel.metre is not None and all(_is_regrouped(m, feel.metre) for m in metres)):
        bars = _filled(feel.metre or metres[-1], now - pickup)
        now = pickup + sum(bar.ticks for bar in bars)
    return Mapping(tuple(mapped), time_map.bar_start(end_bar), now, tuple(bars), pickup)


def _points(old: Metre, new: Metre, ticks: int, scale: float) -> Points:
    """A bar in its new metre and time; in double time each half of it becomes a bar of the new metre."""
    is_halved = scale == 2.0 and old.name != new.name and old.numerator % 2 == 0
    if not is_halved or ticks != old.bar_ticks:
        return _scaled(points_between(old, new, ticks), scale)
    half = points_between(Metre(old.numerator // 2, old.denominator), new, ticks // 2)
    second = ((x + ticks // 2, y + half[-1][1]) for x, y in half[1:])
    return (*half, *second)


def _is_regrouped(old: Metre, new: Metre) -> bool:
    """Whether the new metre only counts more (or fewer) of the same beats to a bar: 2/4 as 4/4."""
    few, many = sorted((old.numerator, new.numerator))
    return old.denominator == new.denominator and few != many and many % few == 0 and not new.is_compound


def points_between(old: Metre, new: Metre, ticks: int) -> Points:
    """How a bar of the old metre lies in one of the new; `ticks` is its real length."""
    if old.name == new.name or _is_regrouped(old, new):
        return (0, 0), (ticks, ticks)
    known = _TABLE.get((old.name, new.name))
    if known is not None and ticks == old.bar_ticks:
        return known
    return (0, 0), (ticks, new.bar_ticks)


def swung(tick: int, bar_start: int, old: float, new: float, pair: int = 480) -> int:
    """A tick whose off-beat came after `old` of a pair, now after `new` of it."""
    into = (tick - bar_start) % pair
    was, now = round(pair * old), round(pair * new)
    if into <= was:
        moved = into * now / was
    else:
        moved = now + (into - was) * (pair - now) / (pair - was)
    return tick - into + round(moved)


_FEELS = (
    (re.compile(r"half[- ]?time"), 0.5),
    (re.compile(r"double[- ]?time"), 2.0),
)
_METRE = re.compile(r"(?<!\d)(\d{1,2})\s*/\s*(\d{1,2})(?!\d)")


def asked_feel(words: str) -> tuple[Feel, str]:
    """The feel that words ask for, and the words that are left. Raises MusicError for an odd metre.

    >>> asked_feel("6/8 swing")[0].metre.name, asked_feel("half-time rock")[1]
    ('6/8', 'rock')
    """
    text = words.lower()
    metre, scale, swing = None, 1.0, None
    if found := _METRE.search(text):
        if int(found[2]) not in (2, 4, 8, 16):
            raise MusicError(f"{found[0]} is not a metre this program can count.")
        metre = Metre(int(found[1]), int(found[2]))
        text = text.replace(found[0], " ")
    for pattern, factor in _FEELS:
        if pattern.search(text):
            scale, text = factor, pattern.sub(" ", text)
    for word, share in (("straight", 0.5), ("swung", 0.64), ("shuffle", 0.66)):
        if re.search(rf"\b{word}\b", text):
            swing, text = share, re.sub(rf"\b{word}\b", " ", text)
    if text.strip() == "swing":
        swing, text = 0.64, ""
    if re.search(r"\bwaltz\b", text) and metre is None:
        metre = Metre(3, 4)
    return Feel(metre, scale, swing), " ".join(text.split())


def _along(points: Points, tick: int) -> int:
    """Straight between the points."""
    index = min(bisect_right(points, tick, key=lambda point: point[0]), len(points) - 1)
    (x0, y0), (x1, y1) = points[index - 1], points[index]
    return y0 + round((tick - x0) * (y1 - y0) / (x1 - x0))


def _scaled(points: Points, scale: float) -> Points:
    return tuple((x, round(y * scale)) for x, y in points)


def _filled(metre: Metre, ticks: int) -> list[Bar]:
    """Whole bars that cover the ticks."""
    return [Bar(metre, metre.bar_ticks) for _ in range(-(-ticks // metre.bar_ticks))]


def metres_played(song: Song, start_bar: int, end_bar: int) -> Sequence[Metre]:
    """The metres of the bars, each once."""
    time_map = song.time_map
    found = (time_map.metre_at(time_map.bar_start(bar)) for bar in range(start_bar, end_bar))
    return tuple(dict.fromkeys(found))
