"""Which next token keeps a bar of chords completable?

Chords fill the bar. Going backwards over its ticks one finds for every tick how many chords may have begun so
far (bits by count), given the places, durations, chords that are allowed and those that must stay.

>>> from engine.generation.language.vocabulary import NAMES
>>> bar = ChordBar(Rules(chords=((0, frozenset({(0, "maj")})),)), (), 96, "1")
>>> [NAMES[token] for token in numbers_of(bar.begin().allowed_bits())]
['C0:maj']
"""

from collections.abc import Sequence
from typing import Self

from engine.generation.language.grid import ChordEvent
from engine.generation.language.linegrammar import EXCLUDING
from engine.generation.language.rules import Rules, bits_of, duration_bits, impossible, numbers_of
from engine.generation.language.vocabulary import (
    FIRST_BASS,
    FIRST_CHORD,
    FIRST_DURATION,
    FIRST_OFFSET,
    HELD,
    LONGEST,
    NO_CHORD,
    QUALITIES,
    chord_token,
)

_ALL_CHORDS = bits_of((NO_CHORD, *range(FIRST_CHORD, FIRST_BASS)))
_ALL_BASSES = bits_of(range(12))


class ChordBar:
    """One hidden bar of chords."""

    def __init__(self, rules: Rules, locks: Sequence[ChordEvent], length: int, label: str) -> None:
        self.rules, self.length, self.label = rules, length, label
        self.locks = {lock.offset: lock for lock in _checked_locks(locks, length, label)}
        self.tokens = [0] * length
        self.lasting = [0] * length
        if rules.rhythm is None:
            self._lay_out()
        else:
            self._lay_rhythm()
        least, most = (0, 200) if rules.onsets is None else rules.onsets
        self.free = [0] * length + [bits_of(range(max(0, least), most + 1))]
        for tick in range(length - 1, -1, -1):
            if self.tokens[tick]:
                after = 0
                for ticks in numbers_of(self.lasting[tick]):
                    after |= self.free[tick + ticks]
                self.free[tick] = after >> 1
        if not self.free[0] & 1:
            raise impossible(label, EXCLUDING)

    def begin(self) -> "ChordGrammar":
        return ChordGrammar(self)

    def _lay_out(self) -> None:
        rules, length = self.rules, self.length
        ends = {offset + lock.duration for offset, lock in self.locks.items()}
        edges = {0, *self.locks, *ends}
        places = (
            bits_of(tick for tick in range(length) if tick in edges or rules.is_place(tick)) | 1 << length
        )
        for offset, locked in self.locks.items():
            places &= ~(((1 << locked.duration) - 2) << offset)
        fitting = bits_of(ticks for ticks in range(1, length + 1) if rules.fits(ticks))
        limit = length
        for tick in range(length - 1, -1, -1):
            lock = self.locks.get(tick)
            if lock is not None:
                self.tokens[tick] = 1 << chord_token(lock.root, lock.quality)
                self.lasting[tick] = 1 << lock.duration
                limit = tick
            elif places >> tick & 1:
                room = (places >> tick) & ((1 << (limit - tick + 1)) - 2)
                self.tokens[tick] = self._chords_at(tick)
                # a gap that must stay may be shorter than chords are asked to be
                self.lasting[tick] = room & fitting or room & 1 << (limit - tick)

    def _lay_rhythm(self) -> None:
        rhythm = self.rules.rhythm or ()
        starts = sorted({0, *(note.offset for note in rhythm)})
        for offset, end in zip(starts, [*starts[1:], self.length], strict=True):
            self.tokens[offset] = self._chords_at(offset)
            self.lasting[offset] = 1 << (end - offset)
        for offset, lock in self.locks.items():
            if not self.lasting[offset] >> lock.duration & 1:
                raise impossible(self.label, "a chord that must stay does not fit the rhythm")
            self.tokens[offset] = 1 << chord_token(lock.root, lock.quality)

    def _chords_at(self, tick: int) -> int:
        chords = self.rules.chords_at(tick)
        if chords is None:
            return _ALL_CHORDS
        return bits_of(chord_token(root, quality) for root, quality in chords)

    def basses(self, tick: int, token: int) -> int:
        """Bits of the basses a chord may stand over (its root is told by silence)."""
        if token == NO_CHORD:
            return 0
        root = (token - FIRST_CHORD) // len(QUALITIES)
        lock = self.locks.get(tick)
        if lock is not None:
            return 1 << lock.bass if lock.bass >= 0 else 0
        return _ALL_BASSES & ~(1 << root) if self.rules.slash_chords else 0


class ChordGrammar:
    """The tokens of one cell of chords, one after the other."""

    __slots__ = (
        "_asks",
        "_bar",
        "_bass",
        "_basses",
        "_count",
        "_last",
        "_needs_bass",
        "_told",
        "_totals",
        "tick",
    )

    def __init__(self, bar: ChordBar) -> None:
        self._bar = bar
        self.tick = 0
        self._count = 0
        self._last = self._bass = -1
        # the chord being told: its possible durations and basses (bits), how much of it is told
        self._totals = 0
        self._basses = 0
        self._needs_bass = False
        self._told = 0
        self._asks = False

    @property
    def is_done(self) -> bool:
        return self.tick >= self._bar.length

    def allowed_bits(self) -> int:
        if self._asks:
            if self._needs_bass:
                return self._basses << FIRST_BASS
            return self._basses << FIRST_BASS | duration_bits(self._totals, self._told)
        bits = 0
        if self._told == 0 or self._totals >> self._told & 1:
            bits = self._beginnings()
        if self._told and self._told % LONGEST == 0 and self._totals >> (self._told + 1):
            bits |= 1 << HELD
        return bits

    def push(self, token: int) -> None:
        if FIRST_BASS <= token < FIRST_OFFSET:
            self._bass = token - FIRST_BASS
            self._basses, self._needs_bass = 0, False
        elif FIRST_DURATION <= token < FIRST_CHORD:
            ticks = token - FIRST_DURATION + 1
            self._told += ticks
            self.tick += ticks
            self._asks, self._basses = False, 0
        elif token == HELD:
            self._asks = True
        else:
            self._count += 1
            self._told, self._asks = 0, True
            self._totals = self._lasting(self._count)
            self._set_basses(token)
            self._last, self._bass = token, -1

    def copy(self) -> Self:
        other = type(self).__new__(type(self))
        for name in ChordGrammar.__slots__:
            setattr(other, name, getattr(self, name))
        return other

    def _set_basses(self, token: int) -> None:
        """The same chord again must stand over another bass; what must stay stands over its own."""
        self._basses = self._bar.basses(self.tick, token)
        is_locked = self.tick in self._bar.locks
        is_again = token == self._last and not is_locked
        if is_again and self._bass >= 0:
            self._basses &= ~(1 << self._bass)
        self._needs_bass = bool(self._basses) and (is_locked or (is_again and self._bass < 0))

    def _lasting(self, count: int) -> int:
        bar, tick = self._bar, self.tick
        return bits_of(n for n in numbers_of(bar.lasting[tick]) if bar.free[tick + n] >> count & 1)

    def _beginnings(self) -> int:
        """Bits of the chords that may begin here; the one before only over another bass, or alone."""
        bar, tick = self._bar, self.tick
        if tick >= bar.length or not self._lasting(self._count + 1):
            return 0
        bits = bar.tokens[tick]
        if bar.rules.slash_chords and self._last != NO_CHORD:
            return bits
        others = bits & ~(1 << self._last) if self._last >= 0 else bits
        return others or bits


def _checked_locks(locks: Sequence[ChordEvent], length: int, label: str) -> list[ChordEvent]:
    found: list[ChordEvent] = []
    end = 0
    for lock in sorted(locks, key=lambda chord: chord.offset):
        if not 0 <= lock.offset < length:
            raise impossible(label, "a chord that must stay lies outside the bar")
        if lock.offset < end:
            raise impossible(label, "two chords that must stay overlap")
        duration = max(1, min(lock.duration, length - lock.offset))
        bass = -1 if lock.root < 0 or lock.bass == lock.root else lock.bass
        found.append(lock._replace(duration=duration, bass=bass))
        end = lock.offset + duration
    return found
