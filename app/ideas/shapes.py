"""Which forms can a song be given, how long would they be, and how full is each of their sections?

Read from `assets/patterns/forms.txt`, the catalogue the engine plans by; only what the window shows of it.
Lengths there are in lengths of the sketch's music; how many bars that is, is told for a sketch.

>>> len(choosable_shapes()[0].sections), facts_of([4, 8, 8], 2.5)
(8, '20 bars · 0:50')
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache
from math import ceil
from pathlib import Path

from engine.music import Song
from engine.music.section import SectionKind

SHAPES_FILE = Path(__file__).resolve().parents[2] / "assets" / "patterns" / "forms.txt"
_FIRST, _SECOND = "AV", "BC"
_SHORT, _FULL = 4, 8  # loops of up to four bars are heard until they fill eight
_FRAMES = frozenset({SectionKind.INTRO, SectionKind.OUTRO})


@dataclass(frozen=True, slots=True)
class ShapeSection:
    """`length` in lengths of its music (a letter, see the file); `level`: how full it is, 0-1."""

    name: str
    length: Fraction
    music: str
    level: float


@dataclass(frozen=True, slots=True)
class Shape:
    """`name` goes into the question, `label` and `about` are for people; `styles` it is at home in."""

    name: str
    label: str
    styles: tuple[str, ...] = ()
    about: str = ""
    sections: tuple[ShapeSection, ...] = ()


@cache
def choosable_shapes(path: Path = SHAPES_FILE) -> tuple[Shape, ...]:
    """Every shape of the catalogue, in its order; none when it is not there."""
    try:
        lines = path.read_text("utf-8").splitlines()
    except OSError:
        return ()
    found: list[Shape] = []
    for line in lines:
        if line[:1].isalnum() and ":" in line:
            name, _, label = line.partition(":")
            found.append(Shape(name.strip(), label.strip()))
        elif found and line[:1].isspace():
            found[-1] = _with_line(found[-1], line.strip())
    return tuple(found)


def _with_line(shape: Shape, line: str) -> Shape:
    if "|" in line:
        return replace(shape, sections=(*shape.sections, _section(line)))
    fact, _, value = line.partition(" ")
    if fact == "styles":
        return replace(shape, styles=tuple(value.split()))
    return replace(shape, about=value.strip()) if fact == "about" else shape


def _section(line: str) -> ShapeSection:
    name, length, music, level, *_ = (cell.strip() for cell in line.split("|"))
    levels = [float(each) for each in level.split(">")]
    return ShapeSection(name, abs(Fraction(length)), music, round(sum(levels) / len(levels), 2))


def shape_named(name: str, style: str = "") -> Shape | None:
    """The shape of the name; without one the first that is at home in the style, else the first of all."""
    shapes = choosable_shapes()
    named = [shape for shape in shapes if shape.name == name]
    at_home = [shape for shape in shapes if not name and style in shape.styles]
    return next(iter([*named, *at_home, *shapes]), None)


def bars_of(shape: Shape, song: Song, bars: tuple[int, int]) -> tuple[int, ...]:
    """About how many bars each section would have, made of these bars of the song."""
    whole = max(1, bars[1] - bars[0])
    first, second = _verse_and_chorus(song, bars) or (whole, whole)
    lengths = {"S": whole} | dict.fromkeys(_FIRST, first) | dict.fromkeys(_SECOND, second)
    heard = {music: _FULL if length <= _SHORT else length for music, length in lengths.items()}
    return tuple(
        max(1, ceil(each.length * heard.get(each.music, max(heard["A"], heard["B"]))))
        for each in shape.sections
    )


def _verse_and_chorus(song: Song, bars: tuple[int, int]) -> tuple[int, int] | None:
    """Bars of the two different sections of the sketch, if it has them."""
    inside = [
        (section.kind, min(section.end_bar, bars[1]) - max(section.start_bar, bars[0]))
        for section in song.sections
        if section.start_bar < bars[1] and section.end_bar > bars[0]
    ]
    inside = [each for each in inside if each[0] not in _FRAMES] or inside
    kinds = [kind for kind, _ in inside]
    if len(set(kinds)) < 2:
        return None
    first = kinds.index(SectionKind.VERSE) if SectionKind.VERSE in kinds else 0
    others = [place for place, kind in enumerate(kinds) if kind is not kinds[first]]
    second = next((place for place in others if kinds[place] is SectionKind.CHORUS), others[0])
    return inside[first][1], inside[second][1]


def facts_of(bars: Sequence[int], bar_s: float) -> str:
    """So many bars, and in minutes at so many seconds a bar."""
    seconds = round(sum(bars) * bar_s)
    return f"{sum(bars)} bars · {seconds // 60}:{seconds % 60:02d}" if bars else ""
