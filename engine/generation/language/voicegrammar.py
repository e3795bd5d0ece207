"""Which next token keeps a bar of several voices, or of drums, completable?

Places come in order, at a place the voices (or drums) from low to high. What must stay is cut into the pieces
the language tells (a note longer than D96 is told again at its 97th tick as going on), none is passed by.

>>> from engine.generation.language.rules import numbers_of
>>> from engine.generation.language.vocabulary import NAMES
>>> bar = VoiceBar(Rules(drums=frozenset({36}), places=frozenset({0, 48}), onsets=(2, 2)), (), 96, "1", True)
>>> [NAMES[token] for token in numbers_of(bar.begin(frozenset()).allowed_bits())]
['O0']
"""

from collections.abc import Collection, Sequence
from typing import NamedTuple, Self

from engine.generation.language.grid import NoteEvent
from engine.generation.language.linegrammar import EXCLUDING
from engine.generation.language.rules import Rules, bits_of, impossible
from engine.generation.language.vocabulary import (
    END,
    FIRST_DRUM,
    FIRST_DURATION,
    FIRST_OFFSET,
    FIRST_PITCH,
    HELD,
    HIGHEST_DRUM,
    LONGEST,
    LOWEST_DRUM,
)

_ALL_DRUMS = range(LOWEST_DRUM, HIGHEST_DRUM + 1)


class _Piece(NamedTuple):
    """Of a locked note: `is_held` goes on from before."""

    pitch: int
    duration: int
    is_held: bool


class VoiceBar:
    """One hidden bar of a part with several voices, or of drums."""

    def __init__(
        self, rules: Rules, locks: Sequence[NoteEvent], length: int, label: str, is_drums: bool
    ) -> None:
        self.rules, self.length, self.label, self.is_drums = rules, length, label, is_drums
        self.locks = self._pieces(locks)
        self.values = [self._values_at(tick) for tick in range(length)]
        """Bits of the pitches or drums that may begin freely at a tick."""
        self.places = [tick for tick in range(length) if tick in self.locks or self.values[tick]]
        self.least, self.most = rules.onsets or (0, length)
        if len(self.places) < self.least or len(self.locks) > self.most or self.least > self.most:
            raise impossible(label, EXCLUDING)

    def begin(self, sounding: Collection[int]) -> "VoiceGrammar":
        """`sounding`: the pitches that may be held over the barline."""
        return VoiceGrammar(self, bits_of(sounding) & self.values[0] if self.rules.ties else 0)

    def lasting(self, tick: int, pitch: int) -> int:
        """Bits of the durations a free note may have: inside the bar and not into one that must stay."""
        ends = [
            place for place, found in self.locks.items() if place > tick and pitch in {p.pitch for p in found}
        ]
        room = min(min(ends, default=self.length) - tick, LONGEST)
        return bits_of(ticks for ticks in range(1, room + 1) if self.rules.fits(ticks))

    def _values_at(self, tick: int) -> int:
        rules = self.rules
        if not rules.is_place(tick):
            return 0
        if self.is_drums:
            drums = _ALL_DRUMS if rules.drums is None else rules.drums
            return bits_of(drum for drum in drums if drum in _ALL_DRUMS)
        if not self.lasting(tick, -1):
            return 0
        return rules.pitches_at(tick) & ~bits_of(self._taken(tick))

    def _taken(self, tick: int) -> set[int]:
        """Pitches of what must stay that sound at the tick or come too soon for a free note before them."""
        pieces = [(place, piece) for place, found in self.locks.items() for piece in found]
        sounding = {piece.pitch for place, piece in pieces if place < tick < place + piece.duration}
        return sounding | {piece.pitch for _, piece in pieces if not self.lasting(tick, piece.pitch)}

    def _pieces(self, locks: Sequence[NoteEvent]) -> dict[int, list[_Piece]]:
        found: dict[int, list[_Piece]] = {}
        ends: dict[int, int] = {}
        for lock in sorted(locks):
            self._check_lock(lock)
            if ends.get(lock.pitch, 0) > lock.offset:
                raise impossible(self.label, "two notes that must stay overlap")
            offset, left = lock.offset, min(lock.duration, self.length - lock.offset)
            ends[lock.pitch] = offset + left
            is_held = lock.tied and offset == 0
            while left > 0:
                found.setdefault(offset, []).append(_Piece(lock.pitch, min(left, LONGEST), is_held))
                offset, left, is_held = offset + LONGEST, left - LONGEST, True
        for pieces in found.values():
            pieces.sort()
            if len(pieces) > self.rules.most_voices:
                raise impossible(self.label, "more notes must stay together than voices are allowed")
        return found

    def _check_lock(self, lock: NoteEvent) -> None:
        if not 0 <= lock.offset < self.length:
            raise impossible(self.label, "a note that must stay lies outside the bar")
        if self.is_drums and lock.pitch not in _ALL_DRUMS:
            raise impossible(self.label, "a drum that must stay is not one of the kit")
        if not self.is_drums and not self.rules.register >> lock.pitch & 1:
            raise impossible(self.label, "a note that must stay lies outside the range")


class VoiceGrammar:
    """The tokens of one cell of voices or drums, one after the other."""

    __slots__ = ("_bar", "_held", "_lowest", "_onsets", "_pitch", "_sounding", "_voices", "is_done", "tick")

    def __init__(self, bar: VoiceBar, sounding: int) -> None:
        self._bar = bar
        self._sounding = sounding
        self.tick = -1
        self.is_done = False
        self._onsets = 0
        # at the place: voices told, the lowest pitch or drum that may follow, and a voice half told
        self._voices = 0
        self._lowest = 0
        self._held = False
        self._pitch = -1

    def allowed_bits(self) -> int:
        if self._pitch >= 0:
            return self._durations() << FIRST_DURATION >> 1
        if self.tick < 0:
            return self._next_places()
        if self._held:
            return self._held_values() << FIRST_PITCH
        values = self._values()
        bits = values << FIRST_DRUM >> LOWEST_DRUM if self._bar.is_drums else values << FIRST_PITCH
        if self._held_values():
            bits |= 1 << HELD
        return bits if self._pending() or not self._voices else bits | self._next_places()

    def push(self, token: int) -> None:
        if token == END:
            self.is_done = True
        elif token == HELD:
            self._held = True
        elif FIRST_OFFSET <= token < FIRST_DRUM:
            self.tick = token - FIRST_OFFSET
            self._onsets += 1
            self._voices = self._lowest = 0
        elif token >= FIRST_DRUM:
            self._add_voice(token - FIRST_DRUM + LOWEST_DRUM)
        elif token < FIRST_DURATION:
            self._pitch = token - FIRST_PITCH
        else:
            self._add_voice(self._pitch)
            self._pitch, self._held = -1, False

    def copy(self) -> Self:
        other = type(self).__new__(type(self))
        for name in VoiceGrammar.__slots__:
            setattr(other, name, getattr(self, name))
        return other

    def _add_voice(self, value: int) -> None:
        self._voices += 1
        self._lowest = value + 1

    def _pending(self) -> list[_Piece]:
        """What must stay at this place and is not told yet."""
        return [piece for piece in self._bar.locks.get(self.tick, ()) if piece.pitch >= self._lowest]

    def _between(self, values: int) -> int:
        """Of the values those above what is told and below what must stay, while there is room."""
        pending = self._pending()
        if self._voices + len(pending) >= self._bar.rules.most_voices:
            return 0
        values = values >> self._lowest << self._lowest
        return values & ((1 << pending[0].pitch) - 1) if pending else values

    def _values(self) -> int:
        pending = self._pending()
        forced = 1 << pending[0].pitch if pending and not pending[0].is_held else 0
        return self._between(self._bar.values[self.tick]) | forced

    def _held_values(self) -> int:
        if self._bar.is_drums:
            return 0
        pending = self._pending()
        forced = 1 << pending[0].pitch if pending and pending[0].is_held else 0
        return self._between(self._sounding) | forced if self.tick == 0 else forced

    def _durations(self) -> int:
        pending = self._pending()
        if pending and pending[0].pitch == self._pitch:
            return 1 << pending[0].duration
        return self._bar.lasting(self.tick, self._pitch)

    def _next_places(self) -> int:
        """Bits of the places that may come next, and of the end."""
        bar = self._bar
        later = [place for place in bar.places if place > self.tick]
        locked = [place for place in bar.locks if place > self.tick]
        bits = 1 << END if not locked and self._onsets >= bar.least else 0
        limit = min(locked, default=bar.length)
        for number, place in enumerate(later):
            is_spare = self._onsets + 1 + len(locked) - (place in bar.locks) <= bar.most
            enough = self._onsets + len(later) - number >= bar.least
            if place <= limit and is_spare and enough:
                bits |= 1 << (FIRST_OFFSET + place)
        return bits
