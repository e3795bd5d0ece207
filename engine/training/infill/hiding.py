"""What is asked about a window: which cells are hidden?

One function for each task of the artist's day. A cell is hidden only where the sheet has it; a task that the
window cannot pose (no tune to harmonise) is never drawn.
"""

from collections.abc import Callable, Iterable, Set
from enum import IntEnum
from random import Random

from engine.generation.language.grid import Sheet, Stream
from engine.generation.language.question import Hole
from engine.training.infill.cutting import EXTRAS, parts_of

MOST_CONTINUED = 12
MOST_INFILLED = 8


class Task(IntEnum):
    CONTINUE = 0
    INFILL = 1
    HARMONISE = 2
    MELODISE = 3
    WRITE = 4
    VARY = 5
    CELLS = 6
    ACCOMPANY = 7


_PAIRED = {
    Task.CONTINUE: 20,
    Task.INFILL: 20,
    Task.HARMONISE: 20,
    Task.MELODISE: 15,
    Task.WRITE: 10,
    Task.VARY: 10,
    Task.CELLS: 5,
}
_SINGLE = {Task.CONTINUE: 35, Task.INFILL: 30, Task.WRITE: 13, Task.VARY: 12, Task.CELLS: 10}
_WITH_EXTRAS = _PAIRED | {Task.ACCOMPANY: 50}

Bars = Iterable[int]


def drawn_task(window: Sheet, random: Random) -> Task:
    """A task that the window can pose."""
    parts = parts_of(window)
    if {Stream.CHORDS, Stream.MELODY} <= parts:
        shares = _WITH_EXTRAS if parts & EXTRAS else _PAIRED
    else:
        shares = _SINGLE
    possible = [task for task in shares if len(window.bars) > 2 or task in (Task.WRITE, Task.CELLS)]
    return random.choices(possible, [shares[task] for task in possible])[0]


def drawn_holes(task: Task, window: Sheet, random: Random) -> tuple[Hole, ...]:
    """What the task hides; something is hidden as long as the window has a cell."""
    holes = _HIDERS[task](window, random)
    return holes if any(holes) else _everything(window, random)


def hidden(window: Sheet, bars: Bars, streams: Set[Stream]) -> tuple[Hole, ...]:
    """These parts in these bars, where they are."""
    asked = set(bars)
    return tuple(
        frozenset(bar.cells.keys() & streams) if number in asked else frozenset()
        for number, bar in enumerate(window.bars)
    )


def _continuation(window: Sheet, random: Random) -> tuple[Hole, ...]:
    bars = len(window.bars)
    count = random.randint(1, min(MOST_CONTINUED, bars - 2))
    return hidden(window, range(bars - count, bars), _some(window, random, all_share=0.8))


def _infill(window: Sheet, random: Random) -> tuple[Hole, ...]:
    bars = len(window.bars)
    count = random.randint(1, min(MOST_INFILLED, bars - 2))
    begin = random.randint(1, bars - count - 1)
    return hidden(window, range(begin, begin + count), _some(window, random, all_share=0.5))


def _some(window: Sheet, random: Random, all_share: float) -> set[Stream]:
    """All parts, or one of chords and tune."""
    parts = parts_of(window)
    core = sorted(parts - EXTRAS) or sorted(parts)
    if random.random() < all_share:
        return parts if random.random() < 0.5 else set(core)
    return {random.choice(core)}


def _harmonise(window: Sheet, random: Random) -> tuple[Hole, ...]:
    return hidden(window, _mostly_all(window, random), {Stream.CHORDS})


def _melodise(window: Sheet, random: Random) -> tuple[Hole, ...]:
    return hidden(window, _mostly_all(window, random), {Stream.MELODY})


def _accompany(window: Sheet, random: Random) -> tuple[Hole, ...]:
    extras = parts_of(window) & EXTRAS
    chosen = extras if random.random() < 0.5 else {random.choice(sorted(extras))}
    return hidden(window, _mostly_all(window, random), chosen)


def _mostly_all(window: Sheet, random: Random) -> range:
    """The whole window, or a stretch of it."""
    bars = len(window.bars)
    if random.random() < 0.6:
        return range(bars)
    count = random.randint(1, bars)
    begin = random.randint(0, bars - count)
    return range(begin, begin + count)


def _everything(window: Sheet, random: Random) -> tuple[Hole, ...]:
    return hidden(window, range(len(window.bars)), set(Stream))


def _variation(window: Sheet, random: Random) -> tuple[Hole, ...]:
    """A short run, of all parts or of one; what it varies is told by references."""
    bars = len(window.bars)
    count = random.randint(1, min(4, bars))
    begin = random.randint(0, bars - count)
    return hidden(window, range(begin, begin + count), _some(window, random, all_share=0.4))


def _cells(window: Sheet, random: Random) -> tuple[Hole, ...]:
    share = random.uniform(0.08, 0.6)
    return tuple(
        frozenset(stream for stream in sorted(bar.cells) if random.random() < share) for bar in window.bars
    )


_HIDERS: dict[Task, Callable[[Sheet, Random], tuple[Hole, ...]]] = {
    Task.CONTINUE: _continuation,
    Task.INFILL: _infill,
    Task.HARMONISE: _harmonise,
    Task.MELODISE: _melodise,
    Task.WRITE: _everything,
    Task.VARY: _variation,
    Task.CELLS: _cells,
    Task.ACCOMPANY: _accompany,
}
