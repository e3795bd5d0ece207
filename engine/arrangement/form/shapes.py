"""Which shapes can a song have?

Read from `assets/patterns/forms.txt`, which explains its own lines. A shape knows nothing of a sketch: its
sections say which of the sketch's music they are made of, how full they are, who plays and what is new.

>>> shape_named("a standard, AABA").label, len(shape_named("loop-build").sections)
('AABA', 9)
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache

from engine.api.errors import BadFileError
from engine.formats.patterns import PATTERNS
from engine.music import Role
from engine.music.section import SectionKind, guess_kind

FORMS_FILE = PATTERNS / "forms.txt"


class Music(StrEnum):
    """What a section is made of; see the head of the file."""

    SKETCH = "S"
    FIRST = "A"
    SECOND = "B"
    VERSE = "V"
    CHORUS = "C"
    NEW = "N"


class Change(StrEnum):
    """What is different in a section from the music it is made of."""

    INSTRUMENTAL = "instrumental"
    OPENING = "opening"
    CLOSING = "closing"
    VARIED = "varied"
    PLAINER = "plainer"
    DOUBLED = "doubled"
    REHARMONISED = "reharmonised"
    PEDAL = "pedal"
    TURNED = "turned"
    STRETCHED = "stretched"
    RAISED = "raised"
    SOLO = "solo"


class Ending(StrEnum):
    """How a section leads into the next."""

    NONE = "-"
    FILL = "fill"
    BUILD = "build"
    STOP = "stop"
    CUT = "cut"
    RING = "ring"
    END = "end"


@dataclass(frozen=True, slots=True)
class ShapeSection:
    """`length` in lengths of its music, negative for its last part; `level` at its beginning and end."""

    name: str
    length: Fraction
    music: Music
    level: tuple[float, float]
    players: tuple[Role, ...]
    changes: tuple[Change, ...]
    ending: Ending

    @property
    def kind(self) -> SectionKind:
        return _KINDS.get(self.name.rstrip(" 0123456789").lower(), guess_kind(self.name))


@dataclass(frozen=True, slots=True)
class Shape:
    """`bars`: fewest and most bars of a sketch it suits."""

    name: str
    label: str
    words: tuple[str, ...]
    styles: tuple[str, ...]
    bars: tuple[int, int]
    about: str
    sections: tuple[ShapeSection, ...]

    @property
    def has_two_parts(self) -> bool:
        """Whether it asks for a verse and a chorus."""
        return any(section.music is Music.VERSE for section in self.sections)


# What the sections of the shapes are for the players, where their names do not say so themselves.
_KINDS = {
    "theme": SectionKind.VERSE,
    "tune": SectionKind.VERSE,
    "head": SectionKind.VERSE,
    "a": SectionKind.VERSE,
    "groove": SectionKind.VERSE,
    "return": SectionKind.CHORUS,
    "summit": SectionKind.CHORUS,
    "drop": SectionKind.CHORUS,
    "hook": SectionKind.CHORUS,
    "head out": SectionKind.CHORUS,
    "b": SectionKind.BRIDGE,
    "away": SectionKind.BRIDGE,
    "strain": SectionKind.BRIDGE,
    "break": SectionKind.SOLO,
    "turn": SectionKind.VERSE,
    "build": SectionKind.PRE_CHORUS,
    "opening": SectionKind.INTRO,
    "tag": SectionKind.OUTRO,
    "coda": SectionKind.OUTRO,
    "close": SectionKind.OUTRO,
}


@lru_cache(maxsize=1)
def shapes() -> tuple[Shape, ...]:
    """All shapes in the order of the file. Raises BadFileError."""
    try:
        text = FORMS_FILE.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadFileError("The catalogue of song forms cannot be read.") from error
    return tuple(_shape(*block) for block in _blocks(text))


def shape_named(words: str) -> Shape | None:
    """The shape that the words mean; None for none or unknown ones."""
    text = " ".join(words.lower().replace("_", " ").split())
    if not text:
        return None
    for shape in shapes():
        if text in (shape.name, shape.name.replace("-", " "), shape.label.lower(), *shape.words):
            return shape
    hits = [
        (len(word), shape)
        for shape in shapes()
        for word in (shape.name, shape.name.replace("-", " "), shape.label.lower(), *shape.words)
        if re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text)
    ]
    return max(hits, key=lambda hit: hit[0])[1] if hits else None


def _blocks(text: str) -> Iterator[tuple[str, str, dict[str, str], list[str]]]:
    """Name, label, facts by their first word, and the lines of the sections."""
    found: list[tuple[str, str, dict[str, str], list[str]]] = []
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        if line[0] != " ":
            name, _, label = (part.strip() for part in line.partition(":"))
            found.append((name, label, {}, []))
        elif not found:
            raise BadFileError(f"{FORMS_FILE.name}: a line stands before the first shape.")
        elif "|" in line:
            found[-1][3].append(line)
        else:
            word, _, rest = line.strip().partition(" ")
            found[-1][2][word] = rest.strip()
    yield from found


def _shape(name: str, label: str, facts: dict[str, str], lines: list[str]) -> Shape:
    try:
        fewest, most = facts["bars"].split("-")
        return Shape(
            name,
            label,
            tuple(word.strip() for word in facts["words"].split(",")),
            tuple(facts["styles"].split()),
            (int(fewest), int(most)),
            facts["about"],
            tuple(map(_section, lines)),
        )
    except (KeyError, ValueError, ZeroDivisionError) as error:
        raise BadFileError(f"{FORMS_FILE.name}: the shape “{name}” is incomplete or misspelled.") from error


def _section(line: str) -> ShapeSection:
    name, length, music, level, players, changes, ending = (cell.strip() for cell in line.split("|"))
    low, _, high = level.partition(">")
    return ShapeSection(
        name,
        Fraction(length),
        Music(music),
        (float(low), float(high or low)),
        tuple(Role(word) for word in players.split()),
        tuple(Change(word) for word in changes.split() if word != "-"),
        Ending(ending),
    )
