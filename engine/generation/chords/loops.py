"""Does the song go round in a loop, and where do chords begin in the bars to come?

Two thirds of the loops heard twice in pop and rock are played again, so a loop is carried on bar by bar,
not drawn.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.generation.chords.lattice_counted import style_weights
from engine.generation.chords.metre import MetreClass, metre_class, pattern_offsets
from engine.generation.chords.setting import BarSlot, Setting
from engine.generation.chords.spans import Slot
from engine.music import Chord, ChordSpan, Song

_PERIODS = (1, 2, 3, 4, 6, 8)
_HEARD, _EVIDENCE = 32, 4
"""Bars looked at on each side; how many must be as a loop would have them."""

BarChords = tuple[tuple[int, Chord], ...]  # (ticks into the bar, chord)


@dataclass(frozen=True)
class Loop:
    """Bars that go round. `times`: how often they were heard one after the other; `first_bar` of the last
    round."""

    bars: tuple[BarChords, ...]
    times: int
    first_bar: int


def bar_chords(song: Song, spans: Sequence[ChordSpan], bar: int) -> BarChords:
    """What sounds in a bar, by offset; a chord held from the bar before stands at 0."""
    start, end = song.time_map.bar_start(bar), song.time_map.bar_start(bar + 1)
    return tuple(
        (max(span.start_ticks, start) - start, span.chord)
        for span in spans
        if span.start_ticks < end and span.end_ticks > start
    )


def loop_before(setting: Setting) -> Loop | None:
    """The loop or phrase that leads up to the region: the shortest one heard at least twice, else the last
    four bars."""
    first = setting.bars[0].number
    bars = [bar_chords(setting.song, setting.before, bar) for bar in range(max(0, first - 32), first)]
    while bars and not bars[0]:
        bars.pop(0)
    if not bars or not all(bars[-4:]):
        return None
    for period in _PERIODS:
        times = 1
        while len(bars) >= period * (times + 1) and _round(bars, period, times) == _round(bars, period, 0):
            times += 1
        if times >= 2 and (period > 1 or times >= 4) and len(set(_round(bars, period, 0))) >= min(period, 2):
            return Loop(tuple(_round(bars, period, 0)), times, first - period)
    for period in (4, 8):
        if len(bars) >= 2 * period and _alike(_round(bars, period, 0), _round(bars, period, 1)) >= 0.74:
            return Loop(tuple(bars[-2 * period :]), 2, first - 2 * period)
    phrase = min(4, len(bars))
    return Loop(tuple(bars[-phrase:]), 1, first - phrase) if phrase >= 2 else None


def loop_of(setting: Setting) -> Loop | None:
    """The loop that goes on through the region, else what leads up to it."""
    return loop_through(setting) or loop_before(setting)


def loop_through(setting: Setting) -> Loop | None:
    """The loop of which the region is a part: heard before, and after the region where it would be."""
    first, after = setting.bars[0].number, setting.bars[-1].number + 1
    song = setting.song
    before = [bar_chords(song, setting.before, bar) for bar in range(max(0, first - _HEARD), first)]
    follows = [bar_chords(song, setting.after, bar) for bar in range(after, after + _HEARD)]
    for period in _PERIODS:
        loop, repeated = before[-period:], _repeated(before, period)
        if len(loop) < period or not all(loop):
            return None
        if len(before) >= 2 * period and not repeated:
            continue
        there = follows[: max(period, _EVIDENCE)]
        there = there[: there.index(())] if () in there else there
        goes_on = all(bar == loop[(after - first + k) % period] for k, bar in enumerate(there))
        if there and goes_on and len(there) + repeated >= _EVIDENCE:
            return Loop(tuple(loop), 2, first - period)
    return None


def _repeated(bars: Sequence[BarChords], period: int) -> int:
    """How many bars, from the last one back, are as they were a period before."""
    count = 0
    while len(bars) > count + period and bars[-1 - count] == bars[-1 - count - period]:
        count += 1
    return count


def carried_on(setting: Setting, loop: Loop) -> list[Slot]:
    """The loop played on over the region's bars."""
    slots: list[Slot] = []
    for place, bar in enumerate(setting.bars):
        content = loop.bars[place % len(loop.bars)]
        length = bar.end_ticks - bar.start_ticks
        inside = [(offset, chord) for offset, chord in content if offset < length] or [content[0]]
        starts = [bar.start_ticks] + [bar.start_ticks + offset for offset, _ in inside[1:]]
        ends = [*starts[1:], bar.end_ticks]
        slots += [Slot(a, b, chord) for a, b, (_, chord) in zip(starts, ends, inside, strict=True)]
    return slots


def rhythm_plan(setting: Setting, random: np.random.Generator) -> list[int]:
    """Edges of the chord slots over the region, drawn from the song's own bars and the style's."""
    edges = [setting.start_ticks]
    own = setting.own_patterns
    held = 0
    for place, bar in enumerate(setting.bars):
        pattern = _pattern(setting, bar, place, own, held, random)
        offsets = pattern_offsets(pattern, bar.metre) if bar.is_full else (0,)
        held = held + 1 if not offsets else 0
        edges += [bar.start_ticks + offset for offset in offsets]
    return [*sorted(set(edges)), setting.end_ticks]


def _pattern(
    setting: Setting,
    bar: BarSlot,
    place: int,
    own: Sequence[int],
    held: int,
    random: np.random.Generator,
) -> int:
    kind = metre_class(bar.metre)
    weights = setting.model.tables["rhythm"][:, kind, place % 4].astype(float)
    counts = np.tensordot(style_weights(setting), weights, axes=1)
    counts = counts * _even_patterns(kind)
    counts = counts / max(1.0, float(counts.sum())) * 4.0
    if bar.metre == setting.bars[0].metre and own:
        counts = counts * (0.05 if len(own) >= 4 else 0.3) + np.bincount(
            np.array(own, dtype=np.int64), minlength=16
        )
        counts[own[-(4 - place % 4)] if len(own) >= 4 else own[-1]] += 0.5 * len(own)
    counts = counts * _density_weights(setting.request.controls.density)
    if held or not place:
        counts[0] = 0.0
    if counts.sum() <= 0:
        return 1
    return int(random.choice(16, p=counts / counts.sum()))


def _even_patterns(kind: MetreClass) -> np.ndarray:
    """In four, chords begin on one and three unless the song itself does otherwise."""
    odd = 0b1010 if kind is MetreClass.QUADRUPLE else 0
    return np.array([0.0 if pattern & odd and pattern != 15 else 1.0 for pattern in range(16)])


def _density_weights(density: float | None) -> np.ndarray:
    """Fewer or more chords a bar: 0 about one in two bars, 1 two and more a bar."""
    changes = np.array([pattern.bit_count() for pattern in range(16)], dtype=float)
    if density is None:
        return np.where(changes <= 2, 1.0, 0.25)
    wanted = 0.5 + 2.0 * density
    return np.exp(-1.5 * np.abs(changes - wanted))


def _alike(first: Sequence[BarChords], second: Sequence[BarChords]) -> float:
    """Share of bars that are the same, in rounds that may differ in their ending."""
    return sum(a == b for a, b in zip(first, second, strict=True)) / len(first)


def _round(bars: Sequence[BarChords], period: int, back: int) -> list[BarChords]:
    end = len(bars) - back * period
    return list(bars[end - period : end])
