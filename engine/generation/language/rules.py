"""What must a hidden cell obey, whatever the model prefers?

Rules are the hard side of a request: range, scale or chord tones, rhythm, leaps, cadence, which chords. Sets
of tokens and of pitches are ints with one bit each (a pitch's bit is 1 << pitch, a token's 1 << its id).

>>> Rules(low=60, high=64).pitches_at(0) == bits_of(range(60, 65))
True
>>> int(token_mask(1 << 7)[7]), token_mask(0).any()
(1, np.False_)
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol, Self

import numpy as np
import numpy.typing as npt

from engine.api.errors import ImpossibleError
from engine.generation.language.grid import NoteEvent
from engine.generation.language.vocabulary import FIRST_DURATION, LONGEST, VOCABULARY_SIZE

ALL_PITCHES = (1 << 128) - 1
ALL_CLASSES = (1 << 12) - 1
_CLASS_PITCHES = tuple(sum(1 << pitch for pitch in range(tone, 128, 12)) for tone in range(12))
_BYTES = -(-VOCABULARY_SIZE // 8)

Chords = frozenset[tuple[int, str]]
"""Root above the tonic (-1: no chord) and quality."""


@dataclass(frozen=True, slots=True)
class Rules:
    """For one hidden cell; the defaults allow everything the language can tell. Pitches are those of the
    sheet, ticks from the start of the bar.

    `tones`: (first tick, bits of pitch classes), what may begin from there on. `chords`: (first tick, set).
    `places`: where notes, chords and rests may begin; `durations` and `shortest` are of notes and chords.
    `rhythm`: the notes' times, exactly (pitches ignored; gaps are rests). `pitches`: the notes' pitches, in
    order. `onsets`: least and most places where a note (or chord) begins. `final`: bits of the pitch classes
    the last note may have. `holds`: the pitch that must sound up to the barline. `ties`: a note may be held
    over the barline before. Locked notes need not keep to `tones`, `chords`, `places` and `durations`.

    Lines know all of them except chords; chords know places, durations, onsets, chords and rhythm; several
    voices and drums range, tones, places, durations, onsets, most_voices and drums.
    """

    low: int = 0
    high: int = 127
    tones: tuple[tuple[int, int], ...] = ()
    max_leap: int = 127
    places: frozenset[int] | None = None
    durations: frozenset[int] | None = None
    shortest: int = 1
    rests: bool = True
    ties: bool = True
    rhythm: tuple[NoteEvent, ...] | None = None
    pitches: tuple[int, ...] | None = None
    onsets: tuple[int, int] | None = None
    final: int = ALL_CLASSES
    holds: int | None = None
    chords: tuple[tuple[int, Chords], ...] = ()
    slash_chords: bool = True
    drums: frozenset[int] | None = None
    most_voices: int = 128

    @property
    def register(self) -> int:
        """Bits of the pitches inside the range."""
        return bits_of(range(max(0, self.low), min(127, self.high) + 1))

    def pitches_at(self, tick: int) -> int:
        """Bits of the pitches a free note may have that begins at the tick."""
        tones = ALL_CLASSES
        for first, classes in self.tones:
            if first > tick:
                break
            tones = classes
        return self.register & pitches_of(tones)

    def chords_at(self, tick: int) -> Chords | None:
        """The chords that may begin at the tick; None for all."""
        found = None
        for first, chords in self.chords:
            if first > tick:
                break
            found = chords
        return found

    def is_place(self, tick: int) -> bool:
        return self.places is None or tick in self.places

    def fits(self, ticks: int) -> bool:
        """Whether a free note or chord may last so long."""
        return ticks >= self.shortest and (self.durations is None or ticks in self.durations)


class CellGrammar(Protocol):
    """Which tokens may come next in one hidden cell. `copy` forks it."""

    @property
    def is_done(self) -> bool: ...

    def allowed_bits(self) -> int:
        """Bits of the tokens that may come next and leave the cell completable; never 0 before it is done."""
        ...

    def push(self, token: int) -> None: ...

    def copy(self) -> Self: ...


def bits_of(numbers: Iterable[int]) -> int:
    """An int with these bits."""
    bits = 0
    for number in numbers:
        bits |= 1 << number
    return bits


def numbers_of(bits: int) -> Iterator[int]:
    """The places of the bits, lowest first."""
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest


def pitches_of(classes: int) -> int:
    """Bits of all pitches of the pitch classes."""
    if classes == ALL_CLASSES:
        return ALL_PITCHES
    bits = 0
    for tone in numbers_of(classes):
        bits |= _CLASS_PITCHES[tone]
    return bits


def token_mask(bits: int) -> npt.NDArray[np.bool_]:
    """The tokens of the bits as a mask over the vocabulary."""
    packed = np.frombuffer(bits.to_bytes(_BYTES, "little"), np.uint8)
    return np.unpackbits(packed, count=VOCABULARY_SIZE, bitorder="little").view(np.bool_)


@lru_cache(maxsize=4_000)
def allowed_ids(bits: int) -> npt.NDArray[np.intp]:
    """The tokens of the bits; the same sets are asked for again and again."""
    ids = np.flatnonzero(token_mask(bits))
    ids.flags.writeable = False
    return ids


def duration_bits(totals: int, told: int) -> int:
    """Bits of the duration tokens that may be told next for one of the total durations (bits by ticks), when
    `told` ticks of it have been told."""
    left = totals >> (told + 1)
    bits = left & ((1 << LONGEST) - 1)
    if left >> LONGEST:
        bits |= 1 << (LONGEST - 1)
    return bits << FIRST_DURATION


def impossible(label: str, why: str) -> ImpossibleError:
    return ImpossibleError(f"Bar {label} cannot be written as asked: {why}.")
