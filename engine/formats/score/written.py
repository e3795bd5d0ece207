"""What stands in a score, whatever format it came in?

A score is a row of bars as they are written. What rules all parts (metre, key, tempo, repeat signs) is in
the frames, one a bar; each part has its notes bar by bar, counted from the start of their bar in ticks of
10,080 to a quarter (exact for triplets, quintuplets and septuplets). A bar is what stands between two bar
lines: it may be a pickup or half a bar cut by a repeat sign.
"""

from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple

from engine.music import Chord, Key, Metre, Song

TICKS = 10_080


class WrittenNote(NamedTuple):
    """`tied`: it continues the note before at its pitch. `voice`: staff and voice as the file names them."""

    start: int
    duration: int
    pitch: int
    tied: bool = False
    voice: tuple[int, str] = (0, "1")
    velocity: int = 80


class WrittenChord(NamedTuple):
    """A chord symbol as it is written, and what it means (None: it could not be read)."""

    start: int
    text: str
    chord: Chord | None


class Jump(Enum):
    DA_CAPO = "D.C."
    DAL_SEGNO = "D.S."


@dataclass(slots=True)
class Frame:
    """What rules one bar in all parts.

    `length`: ticks that are filled. `is_exact`: the bar is as long as it is filled, even where the metre asks
    for more. `plays`: how often a repeat that ends here is played (0: none ends). `endings`: the volta
    numbers this bar belongs to.
    """

    length: int = 0
    metre: Metre | None = None
    is_free: bool = False
    key: Key | None = None
    tempos: list[tuple[int, float]] = field(default_factory=list)
    marker: str = ""
    is_exact: bool = True
    begins_repeat: bool = False
    plays: int = 0
    endings: frozenset[int] = frozenset()
    is_segno: bool = False
    is_coda: bool = False
    to_coda: bool = False
    is_fine: bool = False
    jump: Jump | None = None


@dataclass(slots=True)
class WrittenPart:
    """One instrument or voice; `bars` run beside the frames, missing ones are silent. `staves`: how many."""

    name: str = ""
    program: int = 0
    is_drums: bool = False
    staves: int = 1
    bars: list[list[WrittenNote]] = field(default_factory=list)


@dataclass(slots=True)
class WrittenScore:
    title: str = ""
    frames: list[Frame] = field(default_factory=list)
    parts: list[WrittenPart] = field(default_factory=list)
    chords: list[list[WrittenChord]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ScoreImport:
    """A song and what was found around it: warnings in words, chord symbols as written, in order."""

    song: Song
    warnings: tuple[str, ...]
    format: str
    chord_symbols: tuple[str, ...] = ()


def bar_ticks(metre: Metre) -> int:
    """Ticks of a full bar.

    >>> bar_ticks(Metre(6, 8)) // TICKS
    3
    """
    return 4 * TICKS * metre.numerator // metre.denominator
