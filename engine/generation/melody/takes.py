"""How does a draft on the grid become notes of the song?

What stays is given back exactly as it was played. New notes lie on the song's grid, are as connected and as
loud as the artist plays on such beats, and never overlap what stays, what comes before or what comes after.
"""

from collections.abc import Iterable

from engine.generation.melody.line import GRID, SONG_TICKS, Event
from engine.generation.melody.sketch import Sketch
from engine.music import Note, Origin
from engine.music.note import note_order

SHORTEST_TICKS = 30


def song_notes(sketch: Sketch, events: Iterable[Event]) -> list[Note]:
    """New notes for the events (their ids are 0), cut so that nothing overlaps what stays."""
    busy = [(note.start_ticks, note.end_ticks) for note in sketch.fixed]
    busy.append((min(sketch.start, sketch.busy_until), sketch.busy_until))
    events = [event for event in events if event.pitch is not None]
    starts = [sketch.tick_of(event.bar, event.offset) for event in events]
    notes = []
    for place, event in enumerate(events):
        start = starts[place]
        following = starts[place + 1] if place + 1 < len(events) else sketch.end
        span = clear_span(start, min(start + event.duration * SONG_TICKS, following, sketch.end), busy)
        if span is None:
            continue
        start, end = span
        is_tied_on = end >= min(following, sketch.end)
        length = end - start
        if is_tied_on and sketch.legato < 0.97:
            length = max(SHORTEST_TICKS, round(length * sketch.legato))
        pitch = sketch.tonic + (event.pitch or 0)
        notes.append(Note(0, start, length, pitch, accent(sketch, event), Origin.TAKEN))
    return notes


def clear_span(start: int, end: int, busy: list[tuple[int, int]]) -> tuple[int, int] | None:
    """The part of start..end that nothing else occupies; None when too little is left."""
    for low, high in sorted(busy):
        if low <= start < high:
            start = high
    end = min([end] + [low for low, high in busy if start < high and low >= start and high > low])
    return (start, end) if end - start >= SHORTEST_TICKS else None


def accent(sketch: Sketch, event: Event) -> int:
    """The artist's loudness on such a place, a little more on the first beat."""
    strong, weak = sketch.accents
    velocity = strong if event.offset % GRID == 0 else weak
    return max(1, min(127, velocity + (3 if event.offset == 0 else 0)))


def numbered(notes: Iterable[Note]) -> tuple[Note, ...]:
    """The notes in order with ids 1, 2, 3 ..."""
    ordered = sorted(notes, key=note_order)
    return tuple(
        Note(
            place + 1,
            note.start_ticks,
            note.duration_ticks,
            note.pitch,
            note.velocity,
            note.origin,
            note.source,
            note.locked,
        )
        for place, note in enumerate(ordered)
    )
