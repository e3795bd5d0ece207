"""Which shape suits a sketch, and how else can the same shape be read?"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from engine.arrangement.form.material import Material
from engine.arrangement.form.shapes import Change, Ending, Music, Shape, ShapeSection, shapes
from engine.music import Role
from engine.music.section import SectionKind

_AWAY = frozenset({SectionKind.BRIDGE, SectionKind.SOLO, SectionKind.BREAKDOWN})
_BARER = 0.12


@dataclass(frozen=True, slots=True)
class Reading:
    """A shape as it is to be laid out, and what is particular about it."""

    shape: Shape
    title: str
    reason: str = ""


def readings(material: Material, style: str, asked: Shape | None, count: int) -> list[Reading]:
    """So many different ones: of the shape asked for, else of the shapes that suit best."""
    if asked is not None:
        own = list(_readings_of(asked))
        return [own[number % len(own)] for number in range(count)]
    ranked = sorted(shapes(), key=lambda shape: -suits(shape, material, style))
    plain = [Reading(shape, shape.label) for shape in ranked]
    more = (reading for shape in ranked for reading in list(_readings_of(shape))[1:])
    return [*plain, *more][:count]


def suits(shape: Shape, material: Material, style: str) -> float:
    """How well a shape fits the sketch and the style."""
    bars = material.whole.from_bars
    fewest, most = shape.bars
    score = 0.0 if fewest <= bars <= most else -2.0
    if style in shape.styles:
        score += 3.0 - 0.15 * shape.styles.index(style)
    if shape.has_two_parts:
        score += 0.8 if material.second is not None else -0.1
    if any(section.music is Music.SECOND for section in shape.sections):
        score += 0.4 if material.second is not None else 0.0
    if material.melody is None:
        score -= 1.0 * sum(Role.MELODY in s.players for s in shape.sections) / len(shape.sections)
    return score


def _readings_of(shape: Shape) -> Iterator[Reading]:
    yield Reading(shape, shape.label)
    yield Reading(
        _bare(shape), f"{shape.label}, a bare beginning", "The drums wait until the song has begun to tell."
    )
    yield Reading(
        _short(shape), f"{shape.label}, straight in", "No detours: it begins at once and has no middle part."
    )
    yield Reading(
        _raised(shape), f"{shape.label}, raised at the end", "The last time everything stands a tone higher."
    )


def _bare(shape: Shape) -> Shape:
    early = max(1, len(shape.sections) // 3)
    sections = [
        _barer(section) if number <= early else section for number, section in enumerate(shape.sections)
    ]
    return replace(shape, sections=tuple(sections))


def _barer(section: ShapeSection) -> ShapeSection:
    players = tuple(role for role in section.players if role is not Role.DRUMS) or (Role.CHORDS,)
    low, high = section.level
    return replace(section, players=players, level=(max(0.1, low - _BARER), max(0.1, high - _BARER)))


def _short(shape: Shape) -> Shape:
    kept = [s for s in shape.sections if s.kind not in _AWAY and s.kind is not SectionKind.INTRO]
    return replace(shape, sections=tuple(kept)) if len(kept) >= 3 else shape


def _raised(shape: Shape) -> Shape:
    """The last full section, and what follows it, a tone higher; a stop before it makes room."""
    sections = list(shape.sections)
    loud = [n for n, s in enumerate(sections) if Role.MELODY in s.players and s.ending is not Ending.END]
    if not loud or loud[-1] == 0:
        return shape
    last = loud[-1]
    if Change.RAISED not in sections[last].changes:
        sections[last] = replace(sections[last], changes=(*sections[last].changes, Change.RAISED))
    if sections[last - 1].ending is Ending.FILL:
        sections[last - 1] = replace(sections[last - 1], ending=Ending.STOP)
    return replace(shape, sections=tuple(sections))
