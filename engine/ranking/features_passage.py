"""What sounds in these bars, ties joined, and under which chord?

The plain view of a grid of bars that ranking works on: absolute times in ticks, 24 to a quarter, from the
start of the first bar; pitches and roots above tonic C. Any sheet whose bars have `metre`, `length` and
`cells` (0: chords, 1: melody) will do.

>>> from types import SimpleNamespace as Bar
>>> bars = [Bar(metre=(4, 4), length=96, cells={1: [(0, 96, 60, False)]}),
...         Bar(metre=(4, 4), length=96, cells={1: [(0, 24, 60, True), (24, 72, 64, False)]})]
>>> [(tone.start, tone.duration, tone.pitch) for tone in Passage.of(bars, Mode.MAJOR).melody]
[(0, 120, 60), (120, 72, 64)]
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, NamedTuple, Protocol

from engine.music import TICKS_PER_QUARTER, Metre, Mode
from engine.music.qualities import quality_intervals

GRID = 24
CHORDS, MELODY = 0, 1
_TICKS = TICKS_PER_QUARTER // GRID


class BarLike(Protocol):
    """One bar of a sheet."""

    @property
    def metre(self) -> tuple[int, int]: ...
    @property
    def length(self) -> int: ...
    @property
    def cells(self) -> Any: ...


class SheetLike(Protocol):
    """Bars in order, and their mode."""

    @property
    def bars(self) -> Sequence[Any]: ...
    @property
    def mode(self) -> Mode: ...


class Tone(NamedTuple):
    """A note of the melody, ties joined; `bar` is where it begins."""

    start: int
    duration: int
    pitch: int
    bar: int

    @property
    def end(self) -> int:
        return self.start + self.duration


class Harmony(NamedTuple):
    """A chord as written in one bar; root -1: no chord."""

    start: int
    duration: int
    root: int
    quality: str
    bass: int
    bar: int

    @property
    def end(self) -> int:
        return self.start + self.duration

    @property
    def tones(self) -> frozenset[int]:
        """Pitch classes, the bass included."""
        return chord_tones(self.root, self.quality, self.bass)

    @property
    def name(self) -> tuple[int, str]:
        return self.root, self.quality


@lru_cache(maxsize=8_000)
def chord_tones(root: int, quality: str, bass: int = -1) -> frozenset[int]:
    """Pitch classes of a chord; empty for no chord.

    >>> sorted(chord_tones(7, "7"))
    [2, 5, 7, 11]
    """
    if root < 0:
        return frozenset()
    tones = {(root + interval) % 12 for interval in quality_intervals(quality)}
    return frozenset(tones | {bass} if bass >= 0 else tones)


@dataclass(frozen=True, slots=True)
class Passage:
    """`starts` has one entry more than there are bars: the end. `bar_notes` and `bar_chords` hold the cells
    as written (offset, duration, pitch, tied) and (offset, duration, root, quality, bass); None: no cell."""

    mode: Mode
    starts: tuple[int, ...]
    metres: tuple[tuple[int, int], ...]
    melody: tuple[Tone, ...]
    harmonies: tuple[Harmony, ...]
    bar_notes: tuple[tuple[Any, ...] | None, ...]
    bar_chords: tuple[tuple[Any, ...] | None, ...]
    _harmony_starts: tuple[int, ...] = ()

    @staticmethod
    def of(bars: Iterable[BarLike], mode: Mode) -> "Passage":
        bars = list(bars)
        starts = [0]
        for bar in bars:
            starts.append(starts[-1] + bar.length)
        notes = tuple(_cell(bar, MELODY) for bar in bars)
        chords = tuple(_cell(bar, CHORDS) for bar in bars)
        harmonies = tuple(
            Harmony(starts[number] + chord[0], chord[1], chord[2], chord[3], chord[4], number)
            for number, cell in enumerate(chords)
            for chord in cell or ()
        )
        return Passage(
            mode,
            tuple(starts),
            tuple(bar.metre for bar in bars),
            tuple(_joined(starts, notes)),
            harmonies,
            notes,
            chords,
            tuple(harmony.start for harmony in harmonies),
        )

    @staticmethod
    def of_sheet(sheet: SheetLike) -> "Passage":
        return Passage.of(sheet.bars, sheet.mode)

    def harmony_at(self, tick: int) -> Harmony | None:
        """The chord sounding there; None where none is written or it is "no chord"."""
        place = bisect_right(self._harmony_starts, tick) - 1
        if place < 0:
            return None
        found = self.harmonies[place]
        return found if tick < found.end and found.root >= 0 else None

    def harmonies_up_to(self, tick: int) -> tuple[Harmony, ...]:
        """The chords that begin before the tick."""
        return self.harmonies[: bisect_left(self._harmony_starts, tick)]

    def harmony_under(self, tone: Tone) -> Harmony | None:
        """The chord a note belongs to: one that comes early belongs to the beat it is held into."""
        into = (tone.start - self.starts[tone.bar]) % GRID
        early = into and into + tone.duration > GRID
        return self.harmony_at(tone.start - into + GRID if early else tone.start)

    def is_strong(self, tone: Tone) -> bool:
        """Does it begin where the metre carries weight (1 and 3 in 4/4, 1 in 3/4, the pulses of 6/8)?"""
        return tone.start - self.starts[tone.bar] in strong_offsets(self.metres[tone.bar])

    def tones_in(self, first: int, end: int) -> list[Tone]:
        """Notes that begin in bars `first` to before `end`."""
        return [tone for tone in self.melody if first <= tone.bar < end]

    def harmonies_in(self, first: int, end: int) -> list[Harmony]:
        """Chords as heard in the bars: the same chord going on is one."""
        return merged(harmony for harmony in self.harmonies if first <= harmony.bar < end)


@lru_cache(maxsize=64)
def strong_offsets(metre: tuple[int, int]) -> frozenset[int]:
    """Grid ticks of a bar that carry metrical weight.

    >>> sorted(strong_offsets((4, 4))), sorted(strong_offsets((6, 8)))
    ([0, 48], [0, 36])
    """
    return frozenset(offset // _TICKS for offset in Metre(*metre).strong_offsets)


def merged(harmonies: Iterable[Harmony]) -> list[Harmony]:
    """Neighbours of the same root, quality and bass joined."""
    found: list[Harmony] = []
    for harmony in harmonies:
        last = found[-1] if found else None
        if last is not None and last.end == harmony.start and last[2:5] == harmony[2:5]:
            found[-1] = last._replace(duration=last.duration + harmony.duration)
        else:
            found.append(harmony)
    return found


def _cell(bar: BarLike, stream: int) -> tuple[Any, ...] | None:
    found = bar.cells.get(stream)
    return None if found is None else tuple(found)


class Beginning:
    """Bars up to `first` that stay while the melody after them is written again and again: read once."""

    def __init__(self, sheet: SheetLike, first: int) -> None:
        self._whole, self._first = Passage.of_sheet(sheet), first
        self._notes = self._whole.bar_notes[:first]
        self._tones = _joined(self._whole.starts, self._notes)

    def passage(self, sheet: SheetLike) -> Passage:
        """The passage of a sheet that is another in the melody from the bar on."""
        notes = (*self._notes, *(_cell(bar, MELODY) for bar in sheet.bars[self._first :]))
        melody = _joined(self._whole.starts, notes, self._first, self._tones)
        return replace(self._whole, bar_notes=notes, melody=tuple(melody))


def _joined(
    starts: Sequence[int],
    cells: Sequence[tuple[Any, ...] | None],
    first: int = 0,
    before: Sequence[Tone] = (),
) -> list[Tone]:
    """The notes of the cells from bar `first` on, after those `before`."""
    tones = list(before)
    for number in range(first, len(cells)):
        base = starts[number]
        for offset, duration, pitch, tied in cells[number] or ():
            start = base + offset
            if tied and tones and tones[-1].pitch == pitch and tones[-1].end == start:
                tones[-1] = tones[-1]._replace(duration=tones[-1].duration + duration)
            else:
                tones.append(Tone(start, duration, pitch, number))
    return tones
