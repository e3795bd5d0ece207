"""Which next token keeps a line completable?

A line is events: notes and rests that fill the bar. Going backwards over its ticks one finds, for every
tick, the states from which the rest of the bar (and of the hidden bars after it) can still be written. A
state is the last pitch and how many notes have begun, so range, leaps, locks, cadence and counts are exact; a
set of states is an int with one bit a state, in blocks of 256 for each count. With the pitches given in order
the state is how many of them have been played.

>>> grammar = LineBar(Rules(low=60, high=62, rests=False), (), 24, "1").begin(None, None)
>>> [number - FIRST_PITCH for number in numbers_of(grammar.allowed_bits())]
[60, 61, 62]
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Self

from engine.generation.language.grid import NoteEvent
from engine.generation.language.rules import (
    ALL_CLASSES,
    Rules,
    bits_of,
    duration_bits,
    impossible,
    numbers_of,
    pitches_of,
)
from engine.generation.language.vocabulary import (
    FIRST_CHORD,
    FIRST_DURATION,
    FIRST_PITCH,
    HELD,
    LONGEST,
    REST,
)

NO_PITCH = 128
"""The state of a line that has had no note yet."""
ANY_STATE = (1 << 129) - 1
_BLOCK = 256
EXCLUDING = "what must stay, the range, the rhythm and the other limits exclude each other"


class LineBar:
    """One hidden bar of a line. `ends`: last pitches from which the bars after it can be written."""

    def __init__(
        self, rules: Rules, locks: Sequence[NoteEvent], length: int, label: str, ends: int = ANY_STATE
    ) -> None:
        self.rules, self.length, self.label = rules, length, label
        self.locks = _checked_locks(rules, locks, length, label)
        is_tied = bool(self.locks) and self.locks[0].tied
        self.states = _Ordered(rules.pitches) if rules.pitches is not None else _Pitches(rules, is_tied)
        self.pitches = [0] * length
        self.notes = [0] * length
        self.silences = [0] * length
        self.rooms = [-1] * length
        """All places after a free one, where they reach to the end of the bar."""
        self.holds = 0
        self.must_hold: int | None = None
        if rules.rhythm is None:
            self._lay_out()
        else:
            self._lay_rhythm(rules.rhythm)
        self._look_back(self.states.ends(_final(ends, rules)))
        self.starts = self.states.starts(self.free[0])
        """Last pitches before the bar from which it can be written (without a tie)."""

    def begin(self, last: int | None, sounding: int | None) -> "LineGrammar":
        """`last`: the pitch before; `sounding`: the pitch that may be held over the barline."""
        return LineGrammar(self, NO_PITCH if last is None else last, sounding)

    # what may begin where, and how long it may last (bits by ticks) ---------------------

    def _lay_out(self) -> None:
        rules, length = self.rules, self.length
        locked = {lock.offset: lock for lock in self.locks}
        edges = {0, length, *locked, *(lock.offset + lock.duration for lock in self.locks)}
        places = (
            bits_of(tick for tick in range(length) if tick in edges or rules.is_place(tick)) | 1 << length
        )
        for lock in self.locks:
            places &= ~(((1 << lock.duration) - 2) << lock.offset)
        fitting = bits_of(ticks for ticks in range(1, length + 1) if rules.fits(ticks))
        limit = length
        for tick in range(length - 1, -1, -1):
            if tick in locked:
                self.pitches[tick] = 1 << locked[tick].pitch
                self.notes[tick] = 1 << locked[tick].duration
                limit = tick
            elif places >> tick & 1:
                room = (places >> tick) & ((1 << (limit - tick + 1)) - 2)
                self.pitches[tick] = rules.pitches_at(tick)
                self.notes[tick] = room & fitting
                self.silences[tick] = room if rules.rests else 0
                self.holds = room if tick == 0 else 0
                self.rooms[tick] = room if limit == length else -1
        first = locked.get(0)
        if first is not None and first.tied:
            self.must_hold, self.holds = first.pitch, 1 << first.duration

    def _lay_rhythm(self, rhythm: Sequence[NoteEvent]) -> None:
        tick = 0
        locked = {lock.offset: lock for lock in self.locks}
        for note in rhythm:
            if note.offset > tick:
                self.silences[tick] = 1 << (note.offset - tick)
            lock = locked.pop(note.offset, None)
            if lock is not None and lock.duration != note.duration:
                raise impossible(self.label, "a note that must stay does not fit the rhythm")
            self.pitches[note.offset] = 1 << lock.pitch if lock else self.rules.pitches_at(note.offset)
            self.notes[note.offset] = 1 << note.duration
            if note.offset == 0 and note.tied and self.rules.ties:
                self.must_hold, self.holds = lock.pitch if lock else -1, 1 << note.duration
            tick = note.offset + note.duration
        if locked:
            raise impossible(self.label, "a note that must stay does not fit the rhythm")
        if tick < self.length:
            self.silences[tick] = 1 << (self.length - tick)

    def _look_back(self, ends: int) -> None:
        """`free[t]`: states the line may be in at tick t; `bound[t]`: those after a rest, when a note must
        follow; `after_note[t]`: those some note from t leads to; `before_rest[t]`: those that may rest."""
        states, holds = self.states, self.rules.holds
        self.free = [0] * self.length + [ends if holds is None else states.holding(ends, holds)]
        self.bound = [0] * self.length + [ends if holds is None else 0]
        self.after_note = [0] * self.length
        self.before_rest = [0] * self.length
        any_free, any_bound = self.free[-1], self.bound[-1]
        for tick in range(self.length - 1, -1, -1):
            room = self.rooms[tick]
            after = any_free if self.notes[tick] == room else _united(self.notes[tick], self.free, tick)
            is_all = self.silences[tick] == room
            silent = any_bound if is_all else _united(self.silences[tick], self.bound, tick)
            self.after_note[tick], self.before_rest[tick] = after, silent
            self.bound[tick] = states.before_note(after, self.pitches[tick], tick) if after else 0
            self.free[tick] = self.bound[tick] | silent
            any_free |= self.free[tick]
            any_bound |= self.bound[tick]


@lru_cache(maxsize=64)
def line_bar(
    rules: Rules, locks: tuple[NoteEvent, ...], length: int, label: str, ends: int = ANY_STATE
) -> LineBar:
    """The takes of one request ask for the same bars again and again."""
    return LineBar(rules, locks, length, label, ends)


def _united(durations: int, later: Sequence[int], tick: int) -> int:
    """All the states that one of the durations (bits) leads to."""
    found = 0
    for ticks in numbers_of(durations):
        found |= later[tick + ticks]
    return found


class LineGrammar:
    """The tokens of one cell of a line, one after the other."""

    __slots__ = ("_asks", "_bar", "_is_rest", "_last", "_sounding", "_state", "_told", "_totals", "tick")

    def __init__(self, bar: LineBar, last: int, sounding: int | None) -> None:
        self._bar = bar
        self._sounding = sounding
        self._last = last
        self._state = bar.states.first(last)
        self.tick = 0
        # the event being told: its possible durations (bits), how much of it is told, is that to go on
        self._totals = 0
        self._told = 0
        self._asks = False
        self._is_rest = False
        if not self.allowed_bits():
            raise impossible(bar.label, EXCLUDING)

    @property
    def is_done(self) -> bool:
        return self.tick >= self._bar.length

    def allowed_bits(self) -> int:
        if self._asks:
            return duration_bits(self._totals, self._told)
        bits = 0
        if self._told == 0 or self._totals >> self._told & 1:
            bits = self._beginnings()
        if self._told and self._told % LONGEST == 0 and self._totals >> (self._told + 1):
            bits |= 1 << HELD
        return bits

    def push(self, token: int) -> None:
        if FIRST_DURATION <= token < FIRST_CHORD:
            ticks = token - FIRST_DURATION + 1
            self._told += ticks
            self.tick += ticks
            self._asks = False
            return
        self._asks = True
        if token == HELD and self.tick:
            return
        self._told = 0
        self._is_rest = token == REST
        bar = self._bar
        if token == REST:
            self._totals = self._kept(bar.silences[self.tick], bar.bound)
        elif token == HELD:
            self._totals = self._kept(bar.holds, bar.free)
        else:
            self._last = token - FIRST_PITCH
            self._state = bar.states.after_note(self._state, self._last, self.tick)
            self._totals = self._kept(bar.notes[self.tick], bar.free)

    def copy(self) -> Self:
        other = type(self).__new__(type(self))
        for name in LineGrammar.__slots__:
            setattr(other, name, getattr(self, name))
        return other

    def _kept(self, durations: int, later: list[int]) -> int:
        """The durations after which the rest can be written from the state."""
        here, tick, kept = 1 << self._state, self.tick - 1, 0
        while durations:
            lowest = durations & -durations
            if later[tick + lowest.bit_length()] & here:
                kept |= lowest
            durations ^= lowest
        return kept

    def _beginnings(self) -> int:
        """Bits of the notes, rest or tie that may begin here."""
        bar, tick = self._bar, self.tick
        if tick >= bar.length:
            return 0
        if tick == 0 and self._may_hold() and self._kept(bar.holds, bar.free):
            if bar.must_hold is not None:
                return 1 << HELD
            bits = 1 << HELD
        else:
            bits = 0
        if bar.after_note[tick]:
            found = bar.states.choices(self._state, bar.after_note[tick], bar.pitches[tick], tick)
            bits |= found << FIRST_PITCH
        if not self._is_rest and bar.before_rest[tick] >> self._state & 1:
            bits |= 1 << REST
        return bits

    def _may_hold(self) -> bool:
        bar = self._bar
        if self._sounding is None or not bar.holds:
            return False
        if bar.must_hold is not None:
            return bar.must_hold in (-1, self._sounding)
        return bar.rules.ties


class _Pitches:
    """States by last pitch, in blocks by count where notes are counted."""

    def __init__(self, rules: Rules, first_is_tied: bool) -> None:
        self._leap = rules.max_leap
        counts = rules.onsets if rules.rhythm is None else None
        self._counts = counts
        self._uncounted = 0 if first_is_tied else -1
        blocks = 1 if counts is None else max(0, counts[1]) + 1
        self._ones = sum(1 << _BLOCK * block for block in range(blocks))
        self._playable = self._ones * ((1 << 128) - 1)

    def ends(self, ends: int) -> int:
        if self._counts is None:
            return ends
        return sum(ends << _BLOCK * count for count in range(max(0, self._counts[0]), self._counts[1] + 1))

    def holding(self, ends: int, pitch: int) -> int:
        return ends & self._ones << pitch

    def starts(self, free: int) -> int:
        return free & ANY_STATE

    def first(self, last: int) -> int:
        return last

    def _step(self, tick: int) -> int:
        return 0 if self._counts is None or tick == self._uncounted else _BLOCK

    def before_note(self, after: int, pitches: int, tick: int) -> int:
        """The states from which one of the pitches leads into a state of `after`."""
        landing = (after & self._ones * pitches) >> self._step(tick)
        if not landing:
            return 0
        reached = landing
        left = min(self._leap, 127)
        step = 1
        while left > 0:
            step = min(step, left)
            reached = (reached | reached << step | reached >> step) & self._playable
            left -= step
            step *= 2
        # a line without a note before may begin anywhere
        return reached | self._occupied(landing) << NO_PITCH

    def _occupied(self, states: int) -> int:
        """The lowest bit of every block that has one."""
        if self._counts is None:
            return 1
        found = 0
        for count in range(self._counts[1] + 1):
            if states >> _BLOCK * count & ((1 << _BLOCK) - 1):
                found |= 1 << _BLOCK * count
        return found

    def after_note(self, state: int, pitch: int, tick: int) -> int:
        return state // _BLOCK * _BLOCK + self._step(tick) + pitch

    def choices(self, state: int, after: int, pitches: int, tick: int) -> int:
        """Bits of the pitches that lead from the state into `after`."""
        last = state % _BLOCK
        base = state - last + self._step(tick)
        found = after >> base & pitches
        if last != NO_PITCH and self._leap < 127:
            low = max(0, last - self._leap)
            found &= ((1 << (last + self._leap + 1)) - 1) >> low << low
        return found


class _Ordered:
    """States by how many of the given pitches have been played; leaps are as given, notes are not counted."""

    def __init__(self, pitches: Sequence[int]) -> None:
        self._pitches = tuple(pitches)
        self._ends = ANY_STATE

    def ends(self, ends: int) -> int:
        self._ends = ends
        is_fine = ends >> self._pitches[-1] & 1 if self._pitches else ends
        return 1 << len(self._pitches) if is_fine else 0

    def holding(self, ends: int, pitch: int) -> int:
        return ends if self._pitches and self._pitches[-1] == pitch else 0

    def starts(self, free: int) -> int:
        if not free & 1:
            return 0
        return ANY_STATE if self._pitches else self._ends

    def first(self, last: int) -> int:
        return 0

    def before_note(self, after: int, pitches: int, tick: int) -> int:
        return after >> 1 & bits_of(n for n, pitch in enumerate(self._pitches) if pitches >> pitch & 1)

    def after_note(self, state: int, pitch: int, tick: int) -> int:
        return state + 1

    def choices(self, state: int, after: int, pitches: int, tick: int) -> int:
        if state >= len(self._pitches) or not after >> (state + 1) & 1:
            return 0
        return 1 << self._pitches[state] & pitches


def _final(ends: int, rules: Rules) -> int:
    return ends if rules.final == ALL_CLASSES else ends & pitches_of(rules.final)


def _checked_locks(
    rules: Rules, locks: Sequence[NoteEvent], length: int, label: str
) -> tuple[NoteEvent, ...]:
    """The locked notes in order, cut at the barline."""
    found = []
    end = 0
    for lock in sorted(locks):
        if not 0 <= lock.offset < length:
            raise impossible(label, "a note that must stay lies outside the bar")
        if lock.offset < end:
            raise impossible(label, "two notes that must stay overlap")
        if not rules.register >> lock.pitch & 1:
            raise impossible(label, "a note that must stay lies outside the range")
        duration = max(1, min(lock.duration, length - lock.offset))
        found.append(NoteEvent(lock.offset, duration, lock.pitch, lock.tied and lock.offset == 0))
        end = lock.offset + duration
    return tuple(found)
