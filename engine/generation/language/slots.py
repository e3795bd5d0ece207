"""Which rows tell about the next slot of a cell, from what is known so far?

The base of features.Reader: what has been heard of each stream, and the rows made of it. Plain ints and local
names throughout: this runs for every token of training and decoding.

>>> sounding_class([(0, 24, 67)], 12), sounding_class([(0, 24, 67)], 24)
(7, 12)
"""

from bisect import bisect_left
from collections.abc import Iterable
from typing import Any

from engine.generation.language.grid import Stream
from engine.generation.language.memory import Memory
from engine.generation.language.rows import (
    BASS_NOW,
    CHORD_NEXT,
    ECHO_NOTHING,
    ECHO_OF,
    IN_QUARTER,
    LAST_PITCH,
    MATCH_LENGTH,
    MATCH_OF,
    MELODY_LONG,
    MELODY_NOW,
    MELODY_SOON,
    NEXT_PITCH,
    SHAPE_LENGTH,
    SHAPE_OF,
)
from engine.generation.language.tables import (
    ECHO_TIMES,
    KINDS,
    LAG_ROWS,
    LOCKED_IN_ROWS,
    NO_STREAM,
    PITCH_ROWS,
    PLACE_ROWS,
    REMAINING_ROWS,
    TICK_ROWS,
    Kind,
    Part,
    Slot,
)
from engine.generation.language.vocabulary import (
    FIRST_CHORD,
    FIRST_DRUM,
    FIRST_DURATION,
    FIRST_OFFSET,
    FIRST_PITCH,
    HELD,
    LONGEST,
    NO_CHORD,
    QUALITIES,
    REST,
)

Starts = dict[int, tuple[Any, int]]
"""By place in the bar: echo index of the value (of all voices) that starts there, and of its duration."""
Sounding = list[tuple[int, int, int]]
"""First tick, first tick after, pitch."""
SoundingChord = tuple[int, tuple[int, ...], int]
"""First tick, rows, root (12: no chord)."""
SHAPE_INTERVAL = 128
"""In a memory of shapes a pitch is this plus the interval from the one before."""

_QUALITIES = len(QUALITIES)
_CHORDS, _MELODY, _BASS = int(Stream.CHORDS), int(Stream.MELODY), int(Stream.BASS)
_PLAIN = (REST, HELD, NO_CHORD)
_VALUE, _DURATION, _OFFSET = int(Slot.VALUE), int(Slot.DURATION), int(Slot.OFFSET)


class Slots:
    """What is known, and the cell being told."""

    def __init__(self) -> None:
        self._part = int(Part.HEADER)
        self._bar = -1
        self._bar_rows: list[int] = []
        self._length = 0
        self._lead = 0
        # the cell being told
        self._stream = NO_STREAM
        self._place = PLACE_ROWS[Part.HEADER][NO_STREAM]
        self._is_line = False
        self._records = False
        self._tick = 0
        self._value = REST
        self._ties = False
        self._bass = -1
        self._pitch: int | None = None
        self._sounding: int | None = None
        self._root = 0
        self._around: list[int] = []
        self._echoes: list[tuple[int, tuple[Any, int]]] = []
        self._lags: list[tuple[int, Starts]] = []
        self._ahead = -1
        self._locked: list[tuple[int, int]] = []
        self._starts_here: Starts = {}
        # what is known, by stream and bar
        self._starts: list[dict[int, Starts]] = [{} for _ in Stream]
        self._ends: list[dict[int, tuple[int | None, int | None, int, int, int]]] = [{} for _ in Stream]
        self._chords: dict[int, list[SoundingChord]] = {}
        self._melody: dict[int, Sounding] = {}
        self._bass_line: dict[int, Sounding] = {}
        self._words = [Memory() for _ in Stream]
        self._shapes = [Memory() for _ in Stream]

    def _set_place(self, part: int, stream: int, slot: int = 0) -> None:
        self._place = PLACE_ROWS[part][stream] + slot

    # slots ---------------------------------------------------------------------

    def _value_rows(self, token: int) -> list[int]:
        """A line's or the chords' next symbol, or a mark when the bar is full."""
        tick = self._tick
        stream = self._stream
        if tick >= self._length:
            return self._leave_cell(token)
        around = self._around = self._situation(stream, tick)
        place = tick + self._lead
        rows = [token, PLACE_ROWS[self._part][stream] + _VALUE]
        rows += self._bar_rows
        rows += around
        echoes = self._echoes = []
        for row, starts in self._lags:
            entry = starts.get(place)
            if entry is None:
                rows.append(row + ECHO_NOTHING)
            else:
                rows.append(row + entry[0])
                echoes.append((row, entry))
        self._add_expected(rows, stream)
        if self._pitch is not None:
            rows.append(LAST_PITCH.first + PITCH_ROWS[self._pitch])
        if self._locked:
            self._add_lock(rows, tick)
        return rows

    def _duration_rows(self, token: int) -> list[int]:
        """How long the symbol lasts (for a chord also: over which bass)."""
        stream = self._stream
        rows = [token, PLACE_ROWS[self._part][stream] + _DURATION]
        rows += self._bar_rows
        rows += self._around
        for row, entry in self._echoes:
            rows.append(row + entry[1])
        self._add_expected(rows, stream)
        if self._locked:
            self._add_lock(rows, self._tick + 1)
        return rows

    def _offset_rows(self, token: int) -> list[int]:
        """The next place of a part with several voices, after `tick`."""
        stream, tick = self._stream, self._tick
        self._around = self._situation(stream, max(tick, 0))
        rows = [token, PLACE_ROWS[self._part][stream] + _OFFSET]
        rows += self._bar_rows
        rows += self._around
        place = tick + self._lead
        for row, starts in self._lags:
            later = [start for start in starts if start > place]
            rows.append(row + (ECHO_TIMES[min(later) - place] if later else ECHO_NOTHING))
        memory = self._words[stream]
        if memory.length:
            expected = memory.expected
            if FIRST_OFFSET <= expected < FIRST_DRUM:
                expected = FIRST_DURATION + min(max(expected - FIRST_OFFSET - tick - 1, 0), LONGEST - 1)
            rows += (MATCH_OF[expected], MATCH_LENGTH.first + memory.length - 1)
        if self._locked:
            self._add_lock(rows, tick)
        return rows

    def _voice_rows(self, token: int, slot: int) -> list[int]:
        """A voice or drum at the place (or the next place), or how long a voice lasts."""
        stream = self._stream
        rows = [token, PLACE_ROWS[self._part][stream] + slot]
        rows += self._bar_rows
        rows += self._around
        if slot == _VALUE:
            for row, entry in self._echoes:
                rows += [row + value for value in entry[0]]
        else:
            for row, entry in self._echoes:
                rows.append(row + entry[1])
        memory = self._words[stream]
        if memory.length and memory.expected in MATCH_OF:
            rows += (MATCH_OF[memory.expected], MATCH_LENGTH.first + memory.length - 1)
        return rows

    def _add_expected(self, rows: list[int], stream: int) -> None:
        memory = self._words[stream]
        if memory.length:
            rows += (MATCH_OF[memory.expected], MATCH_LENGTH.first + memory.length - 1)
        shape = self._shapes[stream]
        if shape.length:
            row = self._shape_row(shape.expected)
            if row >= 0:
                rows += (row, SHAPE_LENGTH.first + shape.length - 1)

    def _shape_row(self, symbol: int) -> int:
        """The row of a symbol of the shape memory, moved to where the stream is now; -1 outside MIDI."""
        if symbol >= FIRST_CHORD:
            root, quality = divmod(symbol - FIRST_CHORD, _QUALITIES)
            return SHAPE_OF[FIRST_CHORD + (root + self._root) % 12 * _QUALITIES + quality]
        if symbol >= FIRST_DURATION or symbol in _PLAIN:
            return SHAPE_OF[symbol]
        pitch = (self._pitch or 0) + symbol - SHAPE_INTERVAL
        return SHAPE_OF[FIRST_PITCH + pitch] if 0 <= pitch < 128 else -1

    def _add_lock(self, rows: list[int], tick: int) -> None:
        index = bisect_left(self._locked, (tick, -1))
        if index < len(self._locked):
            offset, row = self._locked[index]
            rows += (row, LOCKED_IN_ROWS[offset - self._tick])

    # what sounds -----------------------------------------------------------------

    def _situation(self, stream: int, tick: int) -> list[int]:
        """Place in the bar, and what the other streams sound there."""
        bar = self._bar
        place = tick + self._lead
        rows = [TICK_ROWS[place], IN_QUARTER.first + place % 24, REMAINING_ROWS[self._length - tick]]
        if stream == _CHORDS:
            if self._melody:
                self._add_melody_ahead(rows, bar, tick)
        else:
            if bar in self._chords:
                self._add_chord(rows, bar, tick)
            if stream != _MELODY and bar in self._melody:
                rows.append(MELODY_NOW.first + sounding_class(self._melody[bar], tick))
        if stream != _BASS and bar in self._bass_line:
            rows.append(BASS_NOW.first + sounding_class(self._bass_line[bar], tick))
        if self._ahead >= 0:
            rows.append(self._ahead)
        return rows

    def _add_chord(self, rows: list[int], bar: int, tick: int) -> None:
        """The chord that sounds, and the root of the next one."""
        now: tuple[int, ...] = ()
        for start, found, root in self._chords[bar]:
            if start > tick:
                rows.append(CHORD_NEXT.first + root)
                break
            now = found
        else:
            if self._chords.get(bar + 1):
                rows.append(CHORD_NEXT.first + self._chords[bar + 1][0][2])
        rows += now

    def _add_melody_ahead(self, rows: list[int], bar: int, tick: int) -> None:
        """The melody of the next two quarters: what sounds at all, and what sounds for one of them."""
        until = tick + 48
        soon: set[int] = set()
        long: set[int] = set()
        for shift, notes in ((0, self._melody.get(bar, ())), (self._length, self._melody.get(bar + 1, ()))):
            for start, end, pitch in notes:
                ticks = min(end + shift, until) - max(start + shift, tick)
                if ticks > 0:
                    (long if ticks >= 24 else soon).add(pitch % 12)
        rows += [MELODY_SOON.first + tone for tone in sorted(soon | long)]
        rows += [MELODY_LONG.first + tone for tone in sorted(long)]
        if bar in self._melody:
            rows.append(MELODY_NOW.first + sounding_class(self._melody[bar], tick))

    # the ends of a cell --------------------------------------------------------------

    def _begin_cell(self, token: int, stream: int) -> list[int]:
        bar = self._bar
        self._records = True
        self._is_line = stream < Stream.COMPING
        self._tick = 0
        self._ties = False
        known = self._starts[stream]
        self._starts_here = known[bar] = {}
        self._pitch, self._sounding, end, shape_end, self._root = self._ends[stream].get(
            bar - 1, (None, None, 0, 0, 0)
        )
        self._words[stream].go_on_after(end)
        self._shapes[stream].go_on_after(shape_end)
        self._lags += [(row, known[bar + lag]) for lag, row in LAG_ROWS if bar + lag in known]
        self._ahead = self._look_ahead(stream, bar + 1)
        if stream == _CHORDS:
            self._chords[bar] = []
        elif stream == _MELODY:
            self._melody[bar] = []
        elif stream == _BASS:
            self._bass_line[bar] = []
        if self._is_line:
            return self._value_rows(token)
        self._tick = -1
        return self._offset_rows(token)

    def _look_ahead(self, stream: int, bar: int) -> int:
        """The row of what the next bar begins with, where it is known already; else -1."""
        if stream == _CHORDS:
            chords = self._chords.get(bar)
            return CHORD_NEXT.first + chords[0][2] if chords else -1
        notes = self._melody.get(bar) if stream == _MELODY else None
        notes = self._bass_line.get(bar) if stream == _BASS else notes
        return NEXT_PITCH.first + PITCH_ROWS[notes[0][2]] if notes else -1

    def _leave_cell(self, token: int) -> list[int]:
        stream = self._stream
        self._ends[stream][self._bar] = (
            self._pitch,
            self._sounding,
            len(self._words[stream].history),
            len(self._shapes[stream].history),
            self._root,
        )
        self._records = False
        self._stream = NO_STREAM
        self._set_place(self._part, NO_STREAM)
        return [token, self._place, *self._bar_rows]


def sounding_class(notes: Sounding, tick: int) -> int:
    """Pitch class that sounds at the tick, 12 for none."""
    for start, end, pitch in notes:
        if start <= tick < end:
            return pitch % 12
    return 12


def add_voice(starts: Starts, place: int, value: int, duration: int) -> None:
    """Notes a voice or drum that starts at the place beside the others."""
    voices = starts[place][0] if place in starts else ()
    starts[place] = ((*voices, ECHO_OF[value]), duration)


def starts_of(tokens: Iterable[int], stream: int, lead: int) -> Starts:
    """What starts where in a cell that stands nowhere in the sheet, as echoes."""
    found: Starts = {}
    tick, value = 0, REST
    for token in tokens:
        kind = KINDS[token]
        if kind == Kind.OFFSET:
            tick = token - FIRST_OFFSET
        elif kind == Kind.DRUM:
            add_voice(found, tick + lead, token, ECHO_NOTHING)
        elif kind == Kind.DURATION and stream < Stream.COMPING:
            found[tick + lead] = (ECHO_OF[value], ECHO_OF[token])
            tick += token - FIRST_DURATION + 1
        elif kind == Kind.DURATION:
            add_voice(found, tick + lead, value, ECHO_OF[token])
        elif kind in (Kind.PITCH, Kind.REST, Kind.CHORD, Kind.HELD):
            value = token
    return found
