"""When is each written bar of a score played, and in which metre, key and tempo?

Half bars around repeat signs are put together, a short first bar is a pickup; a bar that is longer or
shorter than its metre gets a metre of its own.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from engine.formats.midi.text import clean_text
from engine.formats.score.written import TICKS, Frame, WrittenScore, bar_ticks
from engine.music import Key, Marker, Metre, MetreChange, Tempo, TimeMap
from engine.music.note import TICKS_PER_QUARTER
from engine.music.timemap import KeyChange

_SCALE = TICKS // TICKS_PER_QUARTER
_MOST_QUARTERS, _STEP = 64, 30  # bars beyond are laid out in their metre; shortest unit of a metre of its own
_SLOWEST, _FASTEST = 5.0, 999.0


class Placed(NamedTuple):
    """A played bar: which written bar, and where it begins (song ticks)."""

    written: int
    start: int


@dataclass(slots=True)
class Plan:
    """The time of the song: where each written bar is played, metre changes, pickup, end (song ticks)."""

    placed: list[Placed] = field(default_factory=list)
    metres: list[tuple[int, Metre]] = field(default_factory=list)
    pickup: int = 0
    end: int = 0


def plan_of(score: WrittenScore, order: Sequence[int]) -> Plan:
    """Bars of the song one after the other; written bars that are halves of one bar stand in the same one."""
    metres = _metre_at(score)
    plan = Plan()
    groups = list(_whole_bars(score, order, metres))
    at = 0
    for index, group in enumerate(groups):
        metre = metres[group[0]]
        full, filled = (
            song_ticks(bar_ticks(metre)),
            song_ticks(sum(score.frames[bar].length for bar in group)),
        )
        length = _bar_length(score, group, full, filled, index == 0, index == len(groups) - 1)
        if index == 0 and 0 < length < full:
            plan.pickup = length
            plan.metres.append((0, metre))
        else:
            own = metre if length % full == 0 else _own_metre(length, metre)
            if not plan.metres or plan.metres[-1][1] != own:
                plan.metres.append((at, own))
            length = max(length, own.bar_ticks)
        offset = 0
        for bar in group:
            plan.placed.append(Placed(bar, at + offset))
            offset += song_ticks(score.frames[bar].length)
        at += length
    plan.end = at
    return plan


def _metre_at(score: WrittenScore) -> list[Metre]:
    now = Metre()
    metres = []
    for frame in score.frames:
        now = frame.metre or now
        metres.append(now)
    return metres


def _whole_bars(score: WrittenScore, order: Sequence[int], metres: Sequence[Metre]) -> Iterator[list[int]]:
    """Written bars in playing order, those that make one bar together in one list."""
    group: list[int] = []
    filled = 0
    is_first = True
    for bar in order:
        length, full = score.frames[bar].length, bar_ticks(metres[bar])
        joins = (
            bool(group)
            and 0 < filled < full
            and length > 0
            and filled + length <= full
            and metres[group[0]] == metres[bar]
            and (filled + length == full or not is_first)
        )
        if group and not joins:
            yield group
            group, filled, is_first = [], 0, False
        group.append(bar)
        filled += length
    if group:
        yield group


def _bar_length(
    score: WrittenScore, group: Sequence[int], full: int, filled: int, is_first: bool, is_last: bool
) -> int:
    """How long the bar is in song ticks: the metre's length unless it is a pickup, overfull or exact."""
    if filled == 0 or abs(filled - full) <= 2:
        return full
    if filled > _MOST_QUARTERS * TICKS_PER_QUARTER or any(score.frames[bar].is_free for bar in group):
        return -(-filled // full) * full
    if filled > full:
        return -(-filled // _STEP) * _STEP
    is_short = is_first or (not is_last and all(_is_exact(score.frames[bar]) for bar in group))
    return min(full, -(-filled // _STEP) * _STEP) if is_short else full


def _is_exact(frame: Frame) -> bool:
    """Bars beside repeat signs are as long as they are filled."""
    return frame.is_exact or frame.begins_repeat or bool(frame.plays) or bool(frame.endings)


def _own_metre(length: int, usual: Metre) -> Metre:
    """A metre whose bar is so long, in the usual beat where that fits.

    >>> _own_metre(1200, Metre(4, 4)).name
    '5/8'
    """
    for denominator in (usual.denominator, 4, 8, 16, 32, 64):
        beats, rest = divmod(length * denominator, 4 * TICKS_PER_QUARTER)
        if not rest and 1 <= beats <= 255:
            return Metre(beats, denominator)
    return usual


def song_ticks(ticks: int) -> int:
    return round(ticks / _SCALE)


def time_map_of(score: WrittenScore, plan: Plan) -> TimeMap:
    return TimeMap(
        tempos=tuple(_tempos(score, plan)),
        metres=tuple(MetreChange(tick, metre) for tick, metre in plan.metres) or (MetreChange(0),),
        keys=tuple(_keys(score, plan)),
        pickup_ticks=plan.pickup,
    )


def _tempos(score: WrittenScore, plan: Plan) -> list[Tempo]:
    found = {0: Tempo(0)}
    for bar, start in plan.placed:
        for offset, bpm in score.frames[bar].tempos:
            if _SLOWEST <= bpm <= _FASTEST:
                tick = start + max(0, song_ticks(offset))
                found[tick] = Tempo.of_bpm(tick, bpm)
    tempos = [found[tick] for tick in sorted(found)]
    return tempos[:1] + [
        after for before, after in pairwise(tempos) if after.us_per_quarter != before.us_per_quarter
    ]


def _keys(score: WrittenScore, plan: Plan) -> list[KeyChange]:
    written: list[Key | None] = []
    for frame in score.frames:
        written.append(frame.key or (written[-1] if written else None))
    changes: list[KeyChange] = []
    for bar, start in plan.placed:
        key = written[bar]
        if key is not None and (not changes or changes[-1].key != key):
            tick = start if changes else 0
            changes = [change for change in changes if change.tick < tick]
            changes.append(KeyChange(tick, key))
    return changes


def markers_of(score: WrittenScore, plan: Plan) -> tuple[Marker, ...]:
    marked = ((start, clean_text(score.frames[bar].marker)) for bar, start in plan.placed)
    return tuple(Marker(start, text) for start, text in marked if text)
