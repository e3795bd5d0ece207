"""When is bar 9 beat 1, in ticks and in seconds?

Bars are 0-based. With a pickup, bar 0 is the short bar before the first full one and people read it as
bar 0; without, bar 0 is shown as 1. A metre change always begins a new bar, so the bar before a change
that comes early is cut short. All arithmetic is exact in ticks; only seconds are floats.

>>> TimeMap().position(480 * 5)
Position(bar=1, beat=1, tick=0)
"""

from bisect import bisect_right
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from engine.music.errors import MusicError
from engine.music.key import Key
from engine.music.note import TICKS_PER_QUARTER

DEFAULT_US_PER_QUARTER = 500_000
WRITTEN_IF_SET = "written if set"
"""Of a field that came later: left out of JSON at its default, so that what was stored stays as it is."""


@dataclass(frozen=True, slots=True)
class Tempo:
    """From this tick on a quarter lasts `us_per_quarter` microseconds (as in MIDI)."""

    tick: int
    us_per_quarter: int = DEFAULT_US_PER_QUARTER

    @property
    def bpm(self) -> float:
        return 60_000_000 / self.us_per_quarter

    @staticmethod
    def of_bpm(tick: int, bpm: float) -> "Tempo":
        return Tempo(tick, max(1, round(60_000_000 / bpm)))


@dataclass(frozen=True, slots=True)
class Metre:
    """A time signature; the denominator is a power of two up to 64."""

    numerator: int = 4
    denominator: int = 4

    def __post_init__(self) -> None:
        if not 1 <= self.numerator <= 255 or self.denominator not in (1, 2, 4, 8, 16, 32, 64):
            raise MusicError(f"{self.numerator}/{self.denominator} is not a metre this program can count.")

    @property
    def beat_ticks(self) -> int:
        """Ticks of the written beat (the denominator)."""
        return TICKS_PER_QUARTER * 4 // self.denominator

    @property
    def bar_ticks(self) -> int:
        return self.numerator * self.beat_ticks

    @property
    def is_compound(self) -> bool:
        return self.denominator >= 8 and self.numerator > 3 and self.numerator % 3 == 0

    @property
    def pulse_ticks(self) -> int:
        """Ticks of the felt beat: three written beats in 6/8, 9/8, 12/8."""
        return self.beat_ticks * (3 if self.is_compound else 1)

    @property
    def name(self) -> str:
        return f"{self.numerator}/{self.denominator}"

    @property
    def strong_offsets(self) -> tuple[int, ...]:
        """Ticks in the bar that carry metrical weight: 1 and 3 in 4/4, 1 in 3/4, the pulses of 6/8."""
        if self.is_compound:
            return tuple(range(0, self.bar_ticks, self.pulse_ticks))
        if self.numerator % 2 == 0 and self.numerator > 2:
            return tuple(range(0, self.bar_ticks, 2 * self.beat_ticks))
        return (0,)


@dataclass(frozen=True, slots=True)
class MetreChange:
    tick: int
    metre: Metre = Metre()


@dataclass(frozen=True, slots=True)
class KeyChange:
    tick: int
    key: Key = Key()


class Position(NamedTuple):
    """0-based bar, 0-based written beat in the bar, ticks into the beat."""

    bar: int
    beat: int
    tick: int


class _Stretch(NamedTuple):
    """Bars of one metre: the first starts at `tick` and is bar number `bar`."""

    tick: int
    bar: int
    metre: Metre
    first_bar_ticks: int  # shorter than the metre's bar only for a pickup


@dataclass(frozen=True, slots=True)
class TimeMap:
    """Tempo, metre and key changes of a song, each list sorted and beginning at tick 0.

    `first_beats`: where the artist has said that a bar begins, ticks in order; they hold when bars are laid
    anew.
    """

    tempos: tuple[Tempo, ...] = (Tempo(0),)
    metres: tuple[MetreChange, ...] = (MetreChange(0),)
    keys: tuple[KeyChange, ...] = ()
    pickup_ticks: int = 0
    first_beats: tuple[int, ...] = field(default=(), metadata={WRITTEN_IF_SET: True})
    _stretches: tuple[_Stretch, ...] = field(init=False, repr=False, compare=False, hash=False, default=())
    _seconds: tuple[float, ...] = field(init=False, repr=False, compare=False, hash=False, default=())

    def __post_init__(self) -> None:
        if not self.tempos or self.tempos[0].tick != 0 or not self.metres or self.metres[0].tick != 0:
            raise MusicError("A time map needs a tempo and a metre from the very beginning.")
        if not 0 <= self.pickup_ticks < self.metres[0].metre.bar_ticks:
            raise MusicError("A pickup is shorter than the first bar.")
        object.__setattr__(self, "_stretches", _lay_out_bars(self.metres, self.pickup_ticks))
        object.__setattr__(self, "_seconds", _tempo_seconds(self.tempos))

    # bars -----------------------------------------------------------------

    def bar_start(self, bar: int) -> int:
        """Tick at which the 0-based bar begins. Bars before the song raise MusicError."""
        if bar < 0:
            raise MusicError("Bars are counted from the beginning of the song.")
        index = bisect_right(self._stretches, bar, key=lambda stretch: stretch.bar) - 1
        stretch = self._stretches[index]
        if bar == stretch.bar:
            return stretch.tick
        return stretch.tick + stretch.first_bar_ticks + (bar - stretch.bar - 1) * stretch.metre.bar_ticks

    def bar_end(self, bar: int) -> int:
        return self.bar_start(bar + 1)

    def bar_ticks(self, bar: int) -> int:
        """Length of this very bar: short for a pickup or before an early metre change."""
        return self.bar_start(bar + 1) - self.bar_start(bar)

    def bar_of(self, tick: int) -> int:
        """The 0-based bar that holds the tick (ticks before 0 count as bar 0)."""
        stretch = self._stretch_at(tick)
        into = tick - stretch.tick
        if into < stretch.first_bar_ticks:
            return stretch.bar
        return stretch.bar + 1 + (into - stretch.first_bar_ticks) // stretch.metre.bar_ticks

    def nearest_bar_start(self, tick: int) -> int:
        """Where the bar begins that begins nearest to the tick."""
        bar = self.bar_of(tick)
        start, end = self.bar_start(bar), self.bar_end(bar)
        return start if tick - start <= end - tick else end

    def bars_in(self, end_ticks: int) -> int:
        """How many bars cover the half-open stretch from 0 to end_ticks."""
        return 0 if end_ticks <= 0 else self.bar_of(end_ticks - 1) + 1

    def bar_label(self, bar: int) -> str:
        """The number people read: 1-based, the pickup bar is 0."""
        return str(bar if self.pickup_ticks else bar + 1)

    def bar_from_label(self, number: int) -> int:
        """The 0-based bar for the number people read."""
        return number if self.pickup_ticks else number - 1

    def metre_at(self, tick: int) -> Metre:
        return self._stretch_at(tick).metre

    def position(self, tick: int) -> Position:
        """Bar, beat and rest of a tick. In a pickup the beats are the last of a full bar."""
        bar = self.bar_of(tick)
        metre = self.metre_at(tick)
        into = max(tick, 0) - self.bar_start(bar) + self._missing_in_pickup(bar)
        return Position(bar, into // metre.beat_ticks, into % metre.beat_ticks)

    def tick_of(self, bar: int, beat: int = 0, tick: int = 0) -> int:
        """The tick of a position; the inverse of `position`."""
        start = self.bar_start(bar)
        return start + beat * self.metre_at(start).beat_ticks + tick - self._missing_in_pickup(bar)

    def metrical_offset(self, tick: int) -> int:
        """Ticks after the (notional) downbeat of the tick's bar; a pickup counts from its end."""
        bar = self.bar_of(tick)
        return tick - self.bar_start(bar) + self._missing_in_pickup(bar)

    # keys -------------------------------------------------------------------

    def key_at(self, tick: int) -> Key | None:
        """The key written or heard there; None when nothing is known."""
        index = bisect_right(self.keys, tick, key=lambda change: change.tick) - 1
        return self.keys[index].key if index >= 0 else None

    # seconds ----------------------------------------------------------------

    def tempo_at(self, tick: int) -> Tempo:
        return self.tempos[max(0, bisect_right(self.tempos, tick, key=lambda tempo: tempo.tick) - 1)]

    def seconds_at(self, tick: float) -> float:
        """Seconds from the beginning to the tick."""
        index = max(0, bisect_right(self.tempos, tick, key=lambda tempo: tempo.tick) - 1)
        tempo = self.tempos[index]
        return self._seconds[index] + (tick - tempo.tick) * tempo.us_per_quarter / (1e6 * TICKS_PER_QUARTER)

    def tick_at(self, seconds: float) -> float:
        """The (fractional) tick that is reached after so many seconds."""
        index = max(0, bisect_right(self._seconds, seconds) - 1)
        tempo = self.tempos[index]
        return tempo.tick + (seconds - self._seconds[index]) * 1e6 * TICKS_PER_QUARTER / tempo.us_per_quarter

    def _stretch_at(self, tick: int) -> _Stretch:
        if len(self._stretches) == 1:
            return self._stretches[0]
        return self._stretches[
            max(0, bisect_right(self._stretches, tick, key=lambda stretch: stretch.tick) - 1)
        ]

    def _missing_in_pickup(self, bar: int) -> int:
        if bar == 0 and self.pickup_ticks:
            return self.metres[0].metre.bar_ticks - self.pickup_ticks
        return 0


def _lay_out_bars(metres: tuple[MetreChange, ...], pickup_ticks: int) -> tuple[_Stretch, ...]:
    first = metres[0].metre
    stretches = [_Stretch(0, 0, first, pickup_ticks or first.bar_ticks)]
    for change in metres[1:]:
        last = stretches[-1]
        if change.tick <= last.tick:
            raise MusicError("Metre changes must come in order, one at a time.")
        into = change.tick - last.tick - last.first_bar_ticks
        bars = 1 if into <= 0 else 1 + -(-into // last.metre.bar_ticks)
        stretches.append(_Stretch(change.tick, last.bar + bars, change.metre, change.metre.bar_ticks))
    return tuple(stretches)


def _tempo_seconds(tempos: tuple[Tempo, ...]) -> tuple[float, ...]:
    seconds = [0.0]
    for before, after in pairwise(tempos):
        if after.tick <= before.tick:
            raise MusicError("Tempo changes must come in order, one at a time.")
        seconds.append(
            seconds[-1] + (after.tick - before.tick) * before.us_per_quarter / (1e6 * TICKS_PER_QUARTER)
        )
    return tuple(seconds)
