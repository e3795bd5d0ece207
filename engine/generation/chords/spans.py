"""From chords in slots to the chord spans of a take: bars full, locks untouched.

>>> [(s.start_ticks, s.end_ticks) for s in assembled([(0, 960, Chord(0)), (960, 1920, Chord(0))], ())]
[(0, 1920)]
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

from engine.music import Chord, ChordSpan, Origin


class Slot(NamedTuple):
    """A stretch that takes one chord."""

    start_ticks: int
    end_ticks: int
    chord: Chord


def assembled(slots: Iterable[tuple[int, int, Chord]], locked: Sequence[ChordSpan]) -> tuple[ChordSpan, ...]:
    """Spans with ids 1, 2, 3 ...: the slots outside the locks, equal neighbours joined, the locked spans as
    they are."""
    pieces: list[ChordSpan] = [replace(span, id=0) for span in locked]
    for start, end, chord in slots:
        for free_start, free_end in _outside(start, end, locked):
            pieces.append(ChordSpan(0, free_start, free_end - free_start, chord, Origin.TAKEN))
    joined: list[ChordSpan] = []
    for piece in sorted(pieces, key=lambda span: span.start_ticks):
        last = joined[-1] if joined else None
        joins = last is not None and last.chord == piece.chord and last.end_ticks == piece.start_ticks
        if last is not None and joins and not (last.locked or piece.locked):
            joined[-1] = replace(last, duration_ticks=last.duration_ticks + piece.duration_ticks)
        else:
            joined.append(piece)
    return tuple(replace(span, id=number) for number, span in enumerate(joined, 1))


def cut_at_locks(edges: Iterable[int], locked: Sequence[ChordSpan]) -> list[int]:
    """The slot edges and the edges of the locks together, sorted."""
    inside = set(edges)
    low, high = min(inside), max(inside)
    for span in locked:
        inside |= {edge for edge in (span.start_ticks, span.end_ticks) if low < edge < high}
    return sorted(inside)


def locked_at(tick: int, locked: Sequence[ChordSpan]) -> Chord | None:
    """The locked chord that sounds at the tick."""
    return next((span.chord for span in locked if span.start_ticks <= tick < span.end_ticks), None)


def _outside(start: int, end: int, locked: Sequence[ChordSpan]) -> list[tuple[int, int]]:
    free = [(start, end)]
    for span in locked:
        free = [
            part
            for a, b in free
            for part in ((a, min(b, span.start_ticks)), (max(a, span.end_ticks), b))
            if part[1] > part[0]
        ]
    return free
