"""Which forms can a song be given, and how full is each of their sections?

Read from `assets/patterns/shapes.txt`, the catalogue the engine plans by; only what the window shows of it.

>>> shape_facts(Shape("loop", "Loop", (ShapeSection("A", 8, 0.5), ShapeSection("B", 8, 0.7))), 2.5)
'16 bars · 0:40'
"""

from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

SHAPES_FILE = Path(__file__).resolve().parents[2] / "assets" / "patterns" / "shapes.txt"


@dataclass(frozen=True, slots=True)
class ShapeSection:
    """A section of a shape: its name, its bars, and how full it is (0-1)."""

    name: str
    bars: int
    level: float


@dataclass(frozen=True, slots=True)
class Shape:
    """`name` goes into the question, `label` is for people."""

    name: str
    label: str
    sections: tuple[ShapeSection, ...] = ()

    @property
    def bars(self) -> int:
        return sum(section.bars for section in self.sections)


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
        elif found and line.strip().startswith("sections "):
            found[-1] = replace(found[-1], sections=_sections(line.strip().removeprefix("sections ")))
    return tuple(found)


def _sections(text: str) -> tuple[ShapeSection, ...]:
    """`Intro 4 0.2, Verse 8 0.4` as sections."""
    rows = [item.rsplit(None, 2) for item in text.split(",")]
    return tuple(ShapeSection(name.strip(), int(bars), float(level)) for name, bars, level in rows)


def shape_facts(shape: Shape, bar_s: float) -> str:
    """How long the shape is in bars and, at so many seconds a bar, in minutes."""
    seconds = round(shape.bars * bar_s)
    return f"{shape.bars} bars · {seconds // 60}:{seconds % 60:02d}" if shape.sections else ""
