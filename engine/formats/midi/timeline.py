"""When does each event sound, at 480 ticks to a quarter, and which tempo, metre and key rule there?

Source ticks are rescaled by exact rounding, halves up: files of 480 or a divisor of it are untouched.
Film-frame (SMPTE) files are laid on the grid of their first tempo. Metre changes inside a bar start a new
bar.
"""

from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple, TypeVar

import numpy as np

from engine.formats.midi.conventions import KEY_SIGNATURE, SET_TEMPO, TIME_SIGNATURE
from engine.formats.midi.pairing import Column
from engine.formats.midi.problems import Problem, Problems
from engine.formats.midi.stream import Stream
from engine.music import Key, KeyChange, Metre, MetreChange, Mode, Tempo, TimeMap
from engine.music.note import TICKS_PER_QUARTER
from engine.music.timemap import DEFAULT_US_PER_QUARTER

MAX_TICKS = 1_000_000 * TICKS_PER_QUARTER
_NTSC = Fraction(30_000, 1_001)

Change = TypeVar("Change", Tempo, MetreChange, KeyChange)


class TimedMeta(NamedTuple):
    """A meta event at its tick (480 to a quarter), with the number of its track."""

    tick: int
    track: int
    kind: int
    content: bytes


def song_ticks(stream: Stream, division: int, us_per_quarter: int) -> Column:
    """Event times of a stream at 480 to a quarter, capped just after the last tick a song may have."""
    ratio = ticks_ratio(division, us_per_quarter)
    cap = (MAX_TICKS + 1) * ratio.denominator // ratio.numerator + 1
    ticks = np.minimum(stream.ticks, cap)
    if division < 0:
        return np.floor(ticks * float(ratio) + 0.5).astype(np.int64)
    return (ticks * (2 * ratio.numerator) + ratio.denominator) // (2 * ratio.denominator)


def ticks_ratio(division: int, us_per_quarter: int) -> Fraction:
    """Song ticks per source tick."""
    if division > 0:
        return Fraction(TICKS_PER_QUARTER, division)
    frames = -(division >> 8)
    per_second = (_NTSC if frames == 29 else Fraction(frames)) * (division & 0xFF)
    return TICKS_PER_QUARTER * Fraction(1_000_000, us_per_quarter) / per_second


def first_tempo(streams: Sequence[Stream]) -> int:
    """Microseconds a quarter at the very beginning, for files that are timed in frames."""
    for stream in streams:
        for meta in stream.metas:
            tempo = _tempo(0, meta.content) if meta.kind == SET_TEMPO else None
            if tempo is not None and stream.ticks[meta.row] == 0:
                return tempo.us_per_quarter
    return DEFAULT_US_PER_QUARTER


def build_time_map(metas: Sequence[TimedMeta], has_steady_tempo: bool, problems: Problems) -> TimeMap:
    """Tempo, metre and key from the meta events of all tracks, sorted by tick."""
    tempos = _changes(metas, SET_TEMPO, _tempo, Problem.TEMPO_ZERO, problems)
    tempos = _last_of_each_tick(tempos[:1] if has_steady_tempo else tempos, Problem.TEMPO_TWICE, problems)
    metres = _changes(metas, TIME_SIGNATURE, _metre, Problem.BAD_METRE, problems)
    metres = _last_of_each_tick(metres, Problem.METRE_TWICE, problems)
    problems.add(Problem.FAR_KEY, sum(_is_far_key(meta) for meta in metas))
    keys = _changes(metas, KEY_SIGNATURE, _key, Problem.BAD_KEY, problems)
    keys = _last_of_each_tick(keys, Problem.KEY_TWICE, problems)
    if not tempos or tempos[0].tick > 0:
        tempos = [Tempo(0), *tempos]
    if not metres or metres[0].tick > 0:
        metres = [MetreChange(0), *metres]
    problems.add(Problem.METRE_INSIDE_BAR, _count_inside_bars(metres))
    return TimeMap(tuple(tempos), tuple(metres), tuple(keys))


def _changes(
    metas: Sequence[TimedMeta],
    kind: int,
    read: Callable[[int, bytes], Change | None],
    fault: Problem,
    problems: Problems,
) -> list[Change]:
    found = [read(meta.tick, meta.content) for meta in metas if meta.kind == kind]
    problems.add(fault, found.count(None))
    return [change for change in found if change is not None]


def _tempo(tick: int, content: bytes) -> Tempo | None:
    us = int.from_bytes(content[:3]) if len(content) >= 3 else 0
    return Tempo(tick, us) if us else None


def _metre(tick: int, content: bytes) -> MetreChange | None:
    if len(content) < 2 or content[0] == 0 or content[1] > 6:
        return None
    return MetreChange(tick, Metre(content[0], 1 << content[1]))


def _key(tick: int, content: bytes) -> KeyChange | None:
    if len(content) < 2 or content[1] > 1 or not -12 < _sharps(content) < 12:
        return None
    is_minor = content[1] == 1
    tonic = (_sharps(content) * 7 + (9 if is_minor else 0)) % 12
    return KeyChange(tick, Key(tonic, Mode.MINOR if is_minor else Mode.MAJOR))


def _sharps(content: bytes) -> int:
    return int.from_bytes(content[:1], signed=True)


def _is_far_key(meta: TimedMeta) -> bool:
    return meta.kind == KEY_SIGNATURE and len(meta.content) > 1 and 7 < abs(_sharps(meta.content)) < 12


def _last_of_each_tick(changes: list[Change], fault: Problem, problems: Problems) -> list[Change]:
    """One change a tick. Equal ones written by several tracks are no fault."""
    last: dict[int, Change] = {}
    clashes: set[int] = set()
    for change in changes:
        if last.get(change.tick, change) != change:
            clashes.add(change.tick)
        last[change.tick] = change
    problems.add(fault, len(clashes))
    return [last[tick] for tick in sorted(last)]


def _count_inside_bars(metres: list[MetreChange]) -> int:
    """How many changes do not stand on a bar line."""
    pairs = pairwise(metres)
    return sum((after.tick - before.tick) % before.metre.bar_ticks != 0 for before, after in pairs)
