"""Which notes of the melody come early? In many styles long notes on strong beats are sung ahead of them."""

from collections.abc import Sequence
from dataclasses import replace

from engine.arrangement.restyle.readings import Reading
from engine.arrangement.restyle.timing import Mapping
from engine.generation.chords.dice import dice
from engine.music import Note, Origin

_PUSHES_FROM = 0.7
_SHARE = 0.45
_PUSHING = frozenset(
    {
        "bossa-nova",
        "samba",
        "latin",
        "jazz-swing",
        "jazz-ballad",
        "soul",
        "funk",
        "pop",
        "reggae",
        "gospel",
        "lo-fi",
    }
)


def pushed(
    notes: Sequence[Note], mapping: Mapping, reading: Reading, seed: int
) -> tuple[tuple[Note, ...], int]:
    """The melody with some long notes half a beat early, and how many. Locked notes never move."""
    if reading.style.name not in _PUSHING or reading.amount < _PUSHES_FROM:
        return tuple(notes), 0
    random = dice(seed, 29)
    found: list[Note] = []
    count = 0
    for note in notes:
        by = _early(note, found[-1] if found else None, mapping)
        if by and not note.locked and random.random() < _SHARE:
            before = found[-1]
            start = note.start_ticks - by
            found[-1] = replace(before, duration_ticks=min(before.duration_ticks, start - before.start_ticks))
            note = replace(
                note,
                id=0,
                start_ticks=start,
                duration_ticks=note.duration_ticks + by,
                origin=Origin.TAKEN,
                source="",
            )
            count += 1
        found.append(note)
    return tuple(found), count


def _early(note: Note, before: Note | None, mapping: Mapping) -> int:
    """How much earlier it may come, 0 for not at all: half a beat, with room left for the note before."""
    edges = mapping.edges
    bar = max(0, sum(edge <= note.start_ticks for edge in edges[:-1]) - 1)
    metre = mapping.bars[min(bar, len(mapping.bars) - 1)].metre
    into = note.start_ticks - edges[min(bar, len(edges) - 1)]
    by = metre.pulse_ticks // 2
    is_strong = min((abs(into - strong) for strong in metre.strong_offsets), default=99) <= 30
    if before is None or metre.is_compound or not is_strong or note.duration_ticks < metre.pulse_ticks:
        return 0
    return by if note.start_ticks - by - before.start_ticks >= by else 0
