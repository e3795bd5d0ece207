"""How dense, how high, how syncopated is a bar? Measured values as the classes of the control tokens.

The same functions label the training data and check whether a take does what was asked. The notes measured
are those of the first hidden stream that has notes (melody before bass before the others); chords have their
rate of change. SURPRISE is no measure of the notes alone: its class comes from bits a symbol under a model.

>>> bar = SheetBar((4, 4), 96, {Stream.MELODY: tuple(NoteEvent(24 * n, 24, 60 + 2 * n) for n in range(4))})
>>> found = bar_controls(Sheet((bar,)), 0, {Stream.MELODY})
>>> found[Control.DENSITY], Contour(found[Control.CONTOUR]).name, found[Control.SYNCOPATION]
(2, 'RISING', 0)
"""

from bisect import bisect_right
from collections.abc import Collection, Mapping, Sequence
from enum import IntEnum
from functools import lru_cache

from engine.generation.language.grid import (
    GRID,
    Cell,
    ChordEvent,
    NoteEvent,
    Sheet,
    SheetBar,
    Stream,
    full_length,
)
from engine.generation.language.question import Reference
from engine.generation.language.vocabulary import Control, Relation


class Contour(IntEnum):
    """The shape of a bar's line."""

    LEVEL = 0
    RISING = 1
    FALLING = 2
    ARCH = 3


DENSITY_LIMITS = (0.5, 1.0, 1.5, 2.0)
"""Onsets a quarter; about the fifths of the training melodies, each source counted alike."""
REGISTER_LIMITS: Mapping[Stream, tuple[int, ...]] = {
    Stream.MELODY: (66, 70, 73, 76),
    Stream.COUNTER: (60, 64, 68, 72),
    Stream.BASS: (36, 40, 44, 49),
    Stream.COMPING: (54, 58, 62, 66),
    Stream.PAD: (54, 58, 62, 66),
}
"""Mean pitch above tonic C, weighted by duration."""
SYNCOPATION_LIMITS = (1, 3)
SURPRISE_LIMITS = (1.5, 3.0, 4.5)
"""Bits a symbol."""
SIMILARITY_LIMITS = (0.2, 0.4, 0.6, 0.8, 1.0)
_MOST_CHANGES = 3
_TURN = 3  # semitones that make a direction
_NOTE_STREAMS = (Stream.MELODY, Stream.BASS, Stream.COUNTER, Stream.COMPING, Stream.PAD, Stream.DRUMS)


def bar_controls(
    sheet: Sheet, bar: int, hole: Collection[Stream], reference: Reference | None = None
) -> dict[Control, int]:
    """The classes of what stands in the bar's hole; what cannot be measured is left out."""
    found: dict[Control, int | None] = {}
    told = sheet.bars[bar]
    stream = next((s for s in _NOTE_STREAMS if s in hole and s in told.cells), None)
    if stream is not None:
        cell = told.cells[stream]
        found[Control.DENSITY] = density(cell, told.length)
        found[Control.REGISTER] = register(cell, stream)
        if stream.is_line:
            found[Control.CONTOUR] = contour(cell)
            found[Control.SYNCOPATION] = syncopation(told, cell, _goes_on(sheet, bar, stream))
    if Stream.CHORDS in hole and Stream.CHORDS in told.cells:
        before = sheet.bars[bar - 1].cells.get(Stream.CHORDS, ()) if bar else ()
        found[Control.CHORDRATE] = chord_rate(told.cells[Stream.CHORDS], before)
        stream = Stream.CHORDS if stream is None else stream
    if reference is not None and stream is not None and reference.relation is not Relation.NEW:
        found[Control.SIMILARITY] = _similarity_to(sheet, told.cells[stream], stream, reference)
    return {control: value for control, value in found.items() if value is not None}


def density(cell: Cell, length: int) -> int:
    """Class of the onsets a quarter (notes struck together count once)."""
    onsets = {event.offset for event in cell if not getattr(event, "tied", False)}
    return bisect_right(DENSITY_LIMITS, len(onsets) * GRID / length)


def register(cell: Cell, stream: Stream) -> int | None:
    """Class of the mean pitch; None without notes or pitch."""
    limits = REGISTER_LIMITS.get(stream)
    notes = [event for event in cell if isinstance(event, NoteEvent)]
    if limits is None or not notes:
        return None
    ticks = sum(note.duration for note in notes)
    return bisect_right(limits, sum(note.pitch * note.duration for note in notes) / ticks)


def contour(cell: Cell) -> int | None:
    """The shape of a line with at least two notes: an arch turns by a third on both sides."""
    pitches = [event.pitch for event in cell if isinstance(event, NoteEvent)]
    if len(pitches) < 2:
        return None
    first, last, top = pitches[0], pitches[-1], max(pitches)
    if top - max(first, last) >= _TURN:
        return Contour.ARCH
    if abs(last - first) < _TURN:
        return Contour.LEVEL
    return Contour.RISING if last > first else Contour.FALLING


def syncopation(bar: SheetBar, cell: Cell, goes_on: bool = False) -> int:
    """Class of the syncopation of a line, after Longuet-Higgins and Lee (1984): every note that begins on a
    weak place and is still sounding (or silent) on a stronger one adds the difference of their levels.

    `goes_on`: the last note is held over the barline.
    """
    places = sorted({event.offset for event in cell if isinstance(event, NoteEvent) and not event.tied})
    lead = max(0, full_length(bar.metre) - bar.length)
    levels = _levels(bar.metre)
    full = len(levels)
    total = 0
    for number, place in enumerate(places):
        after = places[number + 1] if number + 1 < len(places) else bar.length + goes_on
        stronger = max((levels[(tick + lead) % full] for tick in range(place + 1, after)), default=-9)
        total += max(0, stronger - levels[(place + lead) % full])
    return bisect_right(SYNCOPATION_LIMITS, total)


def metrical_level(metre: tuple[int, int], tick: int) -> int:
    """Weight of a place in the bar: 0 the downbeat, -1 half bars, -2 beats, then halves (or thirds) down.

    >>> [metrical_level((4, 4), tick) for tick in (0, 48, 24, 12, 6, 8, 1, 96)]
    [0, -1, -2, -3, -4, -4, -5, 0]
    """
    numerator, denominator = metre
    beat = 4 * GRID // denominator
    is_compound = denominator >= 8 and numerator > 3 and numerator % 3 == 0
    pulse = 3 * beat if is_compound else beat
    tick %= full_length(metre)
    pulses = full_length(metre) // pulse
    if tick == 0:
        return 0
    if pulses % 2 == 0 and tick * 2 == full_length(metre):
        return -1
    if tick % pulse == 0:
        return -2
    if tick % beat == 0 or tick % (GRID // 2) == 0:
        return -3
    return -4 if tick % 6 == 0 or tick % 8 == 0 else -5


@lru_cache(maxsize=256)
def _levels(metre: tuple[int, int]) -> tuple[int, ...]:
    return tuple(metrical_level(metre, tick) for tick in range(full_length(metre)))


def chord_rate(cell: Cell, before: Cell = ()) -> int:
    """How many chords begin in the bar, 3 or more as 3; a chord held over the barline does not."""
    chords = [event for event in cell if isinstance(event, ChordEvent)]
    held = bool(before) and bool(chords) and before[-1][2:] == chords[0][2:]
    return min(len(chords) - held, _MOST_CHANGES)


def similarity(cell: Cell, other: Cell) -> float:
    """1 minus the edit distance of two cells over the longer: a note moved in pitch or in time alone costs
    half a note.

    >>> similarity((NoteEvent(0, 24, 60),), (NoteEvent(0, 24, 62),))
    0.5
    """
    here, there = _words(cell), _words(other)
    if not here or not there:
        return float(here == there)
    row = [float(n) for n in range(len(there) + 1)]
    for number, (place, sound) in enumerate(here, 1):
        diagonal, row[0] = row[0], float(number)
        for index, (other_place, other_sound) in enumerate(there, 1):
            change = ((place != other_place) + (sound != other_sound)) / 2
            best = min(diagonal + change, row[index] + 1, row[index - 1] + 1)
            diagonal, row[index] = row[index], best
    return 1 - row[-1] / max(len(here), len(there))


def similarity_class(value: float) -> int:
    """Class of a similarity; the last one is equality."""
    return bisect_right(SIMILARITY_LIMITS, value)


def surprise_class(bits: float) -> int:
    """Class of the mean bits a symbol of the bar under a model."""
    return bisect_right(SURPRISE_LIMITS, bits)


def _words(cell: Cell) -> Sequence[tuple[int, tuple[object, ...]]]:
    return [(event[0], event[2:3] if isinstance(event, NoteEvent) else event[2:]) for event in cell]


def _similarity_to(sheet: Sheet, cell: Cell, stream: Stream, reference: Reference) -> int | None:
    if stream in reference.cells:
        return similarity_class(similarity(cell, reference.cells[stream]))
    if not 0 <= reference.bar < len(sheet.bars):
        return None
    other = sheet.bars[reference.bar].cells.get(stream)
    return None if other is None else similarity_class(similarity(cell, other))


def _goes_on(sheet: Sheet, bar: int, stream: Stream) -> bool:
    following = sheet.bars[bar + 1].cells.get(stream) if bar + 1 < len(sheet.bars) else None
    return bool(following) and bool(getattr(following[0], "tied", False))  # type: ignore[index]
