"""How is one bar made from another: the same, its rhythm, a sequence, a variation?

Compared are the cells of one part; the strictest relation that holds is told.

>>> first = (NoteEvent(0, 48, 60), NoteEvent(48, 24, 62), NoteEvent(72, 24, 64))
>>> relation(first, tuple(note._replace(pitch=note.pitch + 2) for note in first)).name
'SEQUENCE'
>>> relation(first, (*first[:2], NoteEvent(72, 24, 67))).name
'RHYTHM'
>>> relation(first, (*first[:2], NoteEvent(72, 12, 67), NoteEvent(84, 12, 65))).name
'VARY'
"""

from collections.abc import Sequence

from engine.generation.language.grid import Cell, ChordEvent, NoteEvent
from engine.generation.language.vocabulary import Relation

LEAST_SHARED = 0.5
"""Of the events of both bars, how many a variation keeps."""
_FEWEST = 2
"""A single note is nobody's rhythm."""


def relation(first: Cell, second: Cell) -> Relation:
    """What the second cell is to the first; NEW when nothing."""
    if not first or not second:
        return Relation.NEW
    here, there = _plain(first), _plain(second)
    if here == there:
        return Relation.SAME
    if len(here) >= _FEWEST and _times(here) == _times(there):
        return Relation.SEQUENCE if _moved(here, there) else Relation.RHYTHM
    return Relation.VARY if shared(here, there) >= LEAST_SHARED else Relation.NEW


def shared(first: Sequence[tuple[object, ...]], second: Sequence[tuple[object, ...]]) -> float:
    """Events that are in both (place and pitch or chord), as a share of the longer."""
    common = {event[::2] for event in first} & {event[::2] for event in second}
    return len(common) / max(len(first), len(second))


def _plain(cell: Cell) -> list[tuple[int, int, tuple[object, ...]]]:
    """Place, duration and what sounds."""
    return [(event.offset, event.duration, _sound(event)) for event in cell]


def _sound(event: NoteEvent | ChordEvent) -> tuple[object, ...]:
    if isinstance(event, ChordEvent):
        return event.root, event.quality, event.bass
    return (event.pitch,)


def _times(plain: Sequence[tuple[int, int, tuple[object, ...]]]) -> list[tuple[int, int]]:
    return [(offset, duration) for offset, duration, _ in plain]


def _moved(
    first: Sequence[tuple[int, int, tuple[object, ...]]],
    second: Sequence[tuple[int, int, tuple[object, ...]]],
) -> bool:
    """Is every sound moved by the same interval, its kind kept?"""
    steps = set()
    for (_, _, here), (_, _, there) in zip(first, second, strict=True):
        root, other = here[0], there[0]
        assert isinstance(root, int) and isinstance(other, int)
        is_chord = len(here) > 1
        steps.add(
            (
                (other - root) % 12 if is_chord else other - root,
                *(here[1:2] if here[1:2] != there[1:2] else ()),
            )
        )
    return len(steps) == 1 and len(next(iter(steps))) == 1
