"""Random sheets and questions of every kind, for properties."""

from random import Random
from typing import Any

from engine.generation.language.cells import normal_cell, sounding_pitch
from engine.generation.language.grid import (
    Cell,
    ChordEvent,
    NoteEvent,
    Sheet,
    SheetBar,
    Stream,
    full_length,
)
from engine.generation.language.question import Question, Reference
from engine.generation.language.vocabulary import CONTROL_CLASSES, QUALITIES, SECTIONS, STYLES, Relation
from engine.music import Mode

METRES = ((4, 4), (3, 4), (6, 8), (7, 8), (5, 4), (12, 8), (2, 2), (9, 16), (3, 2))


def random_line(rng: Random, length: int, before: int | None) -> Cell:
    notes = []
    tick = 0
    if before is not None and rng.random() < 0.4:
        tick = rng.randint(1, length)
        notes.append(NoteEvent(0, tick, before, True))
    while tick < length:
        duration = min(rng.choice((1, 3, 6, 8, 12, 24, 36, 48, 96, 120)), length - tick)
        if rng.random() < 0.75:
            notes.append(NoteEvent(tick, duration, rng.randint(30, 100)))
        tick += duration
    return tuple(notes)


def random_chords(rng: Random, length: int) -> Cell:
    chords = []
    tick = 0
    while tick < length:
        duration = min(rng.choice((24, 36, 48, 72, 96, 144)), length - tick)
        root = rng.randint(-1, 11)
        quality = rng.choice(QUALITIES) if root >= 0 else "N"
        bass = rng.choice((-1, -1, rng.randint(0, 11))) if root >= 0 else -1
        chords.append(ChordEvent(tick, duration, root, quality, bass))
        tick += duration
    return tuple(chords)


def random_voices(rng: Random, length: int, drums: bool) -> Cell:
    pitches = range(35, 82) if drums else range(36, 90)
    return tuple(
        NoteEvent(offset, 1 if drums else rng.randint(1, length - offset), pitch, not drums and offset == 0)
        for offset in rng.sample(range(length), min(length, rng.randint(0, 6)))
        for pitch in rng.sample(pitches, rng.randint(1, 3))
    )


def random_cell(rng: Random, stream: Stream, length: int, before: int | None) -> Cell:
    if stream is Stream.CHORDS:
        cell = random_chords(rng, length)
    elif stream.is_line:
        cell = random_line(rng, length, before)
    else:
        cell = random_voices(rng, length, stream is Stream.DRUMS)
    return normal_cell(stream, cell, length)


def random_sheet(rng: Random, most_bars: int = 12) -> Sheet:
    """A sheet in normal form."""
    streams = [stream for stream in Stream if rng.random() < 0.6] or [Stream.MELODY]
    metre = rng.choice(METRES)
    pickup = rng.random() < 0.3
    bars: list[SheetBar] = []
    before: dict[Stream, int | None] = {}
    for number in range(rng.randint(1, most_bars)):
        if rng.random() < 0.1:
            metre = rng.choice(METRES)
        full = full_length(metre)
        length = rng.randint(1, full - 1) if pickup and number == 0 else full
        present = [stream for stream in streams if rng.random() < 0.9]
        cells = {
            stream: ()
            if rng.random() < 0.1 and stream != 0
            else random_cell(rng, stream, length, before.get(stream))
            for stream in present
        }
        before = {s: sounding_pitch(cells[s], length) for s in present if s.is_line}
        bars.append(SheetBar(metre, length, cells, rng.choice(("", *SECTIONS))))
    first_full = 1 if pickup and len(bars) > 1 else 0
    return Sheet(
        tuple(bars), rng.choice(list(Mode)), 0, rng.choice(STYLES), rng.choice((0.0, 90.0, 200.0)), first_full
    )


def random_holes(rng: Random, sheet: Sheet) -> tuple[frozenset[Stream], ...]:
    bars = len(sheet.bars)
    streams = [stream for stream in Stream if sheet.has(stream)] or [Stream.MELODY]
    kind = rng.randrange(6)
    first, last = sorted((rng.randrange(bars), rng.randrange(bars)))
    chosen = frozenset(rng.sample(streams, rng.randint(1, len(streams))))
    if kind == 0:
        return tuple(frozenset(streams) for _ in range(bars))
    if kind == 1:
        return tuple(frozenset(streams) if bar >= first else frozenset() for bar in range(bars))
    if kind == 2:
        return tuple(chosen for _ in range(bars))
    if kind in (3, 4):
        return tuple(chosen if first <= bar <= last else frozenset() for bar in range(bars))
    holes = [frozenset(stream for stream in streams if rng.random() < 0.3) for _ in range(bars)]
    holes[first] = chosen
    return tuple(holes)


def random_question(rng: Random, sheet: Sheet) -> Question:
    """A question about the sheet, with controls, locks taken from it and references."""
    holes = random_holes(rng, sheet)
    fills = [bar for bar, hole in enumerate(holes) if hole]
    controls = {
        bar: {c: rng.randrange(n) for c, n in CONTROL_CLASSES.items() if rng.random() < 0.3} for bar in fills
    }
    locks: Any = {
        bar: {
            stream: tuple(event for event in sheet.bars[bar].cells.get(stream, ()) if rng.random() < 0.3)
            for stream in holes[bar]
        }
        for bar in fills
        if rng.random() < 0.3
    }
    references = {}
    for bar in fills:
        if rng.random() < 0.3:
            other = rng.randrange(len(sheet.bars))
            length = sheet.bars[bar].length
            own = {s: random_cell(rng, s, length, None) for s in holes[bar]} if rng.random() < 0.5 else {}
            references[bar] = Reference(rng.choice(list(Relation)), -1 if own else other, own)
    return Question(sheet, holes, controls, locks, references, rng.choice((-1, 0, 3)))
