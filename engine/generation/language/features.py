"""What does the model know about the slot that comes next?

A Reader follows the tokens of one question and gives, after each, the rows of the embedding table that are
active (rows.py): the token itself, the place in the script, the tick in the bar, the harmony or melody that
sounds there, echoes of other bars, what followed the last time, locks and controls of the bar. It knows only
what has been told: visible cells once they are told, hidden ones once they are written.

>>> from engine.generation.language.question import Question, script
>>> from engine.generation.language.grid import Sheet, SheetBar
>>> question = Question(Sheet((SheetBar((4, 4), 96),)), (frozenset({Stream.MELODY}),))
>>> Reader(question).push(script(question)[0].tokens[0])[0]
1
"""

from bisect import bisect_left
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from engine.generation.language.cells import cell_tokens
from engine.generation.language.grid import ChordEvent, Stream, full_length
from engine.generation.language.memory import Memory
from engine.generation.language.rows import (
    BARS_LEFT,
    BASS_NOW,
    CHORD_BASS,
    CHORD_NOW,
    CHORD_TONE,
    CONTROL,
    ECHO_NOTHING,
    ECHO_OF,
    ECHOES,
    LAGS,
    LAST_PITCH,
    LOCKED_IN,
    LOCKED_VALUE,
    MATCH_LENGTH,
    MATCH_OF,
    MELODY_LONG,
    MELODY_NOW,
    MELODY_SOON,
    MODE,
    PHASE,
    PLACE,
    REFERENCE,
    RELATION,
    REMAINING,
    SECTION,
    SECTION_KINDS,
    SHAPE_LENGTH,
    SHAPE_OF,
    SLOT_KINDS,
    STYLE,
    TICK,
    TO_END,
    duration_class,
    pitch_row,
)
from engine.generation.language.vocabulary import (
    BAR,
    END,
    ENDREF,
    EOS,
    FILL,
    FIRST_BASS,
    FIRST_CELL,
    FIRST_CHORD,
    FIRST_DRUM,
    FIRST_DURATION,
    FIRST_OFFSET,
    FIRST_PITCH,
    HELD,
    LEFT,
    LOCK,
    LONGEST,
    MOST_TICKS,
    NO_CHORD,
    QUALITIES,
    REF,
    REST,
    RIGHT,
    SECTIONS,
    SPAN,
    STYLES,
    VOCABULARY_SIZE,
)
from engine.music import Mode
from engine.music.qualities import quality_intervals

if TYPE_CHECKING:
    from engine.generation.language.question import Question

# parts of the script, as rows.PLACE counts them
_HEADER, _RIGHT, _LEFT, _SPAN, _FILL, _RESTATED, _REFERENCE, _LOCKS = range(8)
_PART_OF = {RIGHT: _RIGHT, LEFT: _LEFT, SPAN: _SPAN, FILL: _FILL}
# slots
_MARK, _VALUE, _DURATION, _BASS, _OFFSET = range(5)
_NO_STREAM = len(Stream)
_MODES = tuple(Mode)
# kinds of tokens
_OTHER, _PITCH, _SILENT, _TIE, _CHORD, _SLASH, _TIME, _PLACE, _DRUM, _ENDS, _CELL, _BARLINE = range(12)

_CHORDS, _MELODY, _BASS_LINE, _DRUMS = Stream.CHORDS, Stream.MELODY, Stream.BASS, Stream.DRUMS
_SHAPE_INTERVAL = 128  # symbols of the shape memory: this plus the interval
_Starts = dict[int, tuple[Any, int]]  # by place: echo index of the value (of the voices) and the duration
_Sounding = list[tuple[int, int, int]]


def _kinds() -> tuple[int, ...]:
    kinds = [_OTHER] * VOCABULARY_SIZE
    for first, end, kind in (
        (FIRST_PITCH, FIRST_DURATION, _PITCH),
        (FIRST_DURATION, FIRST_CHORD, _TIME),
        (FIRST_CHORD, FIRST_BASS, _CHORD),
        (FIRST_BASS, FIRST_OFFSET, _SLASH),
        (FIRST_OFFSET, FIRST_DRUM, _PLACE),
        (FIRST_DRUM, VOCABULARY_SIZE, _DRUM),
        (FIRST_CELL, FIRST_CELL + len(Stream), _CELL),
    ):
        kinds[first:end] = [kind] * (end - first)
    kinds[REST], kinds[HELD], kinds[NO_CHORD], kinds[END], kinds[BAR] = _SILENT, _TIE, _CHORD, _ENDS, _BARLINE
    return tuple(kinds)


def _chord_rows() -> dict[int, tuple[int, ...]]:
    """The rows of a sounding chord by its token: the chord itself and its tones."""
    rows: dict[int, tuple[int, ...]] = {NO_CHORD: (CHORD_NOW.first + CHORD_NOW.size - 1,)}
    for number in range(12 * len(QUALITIES)):
        root, quality = divmod(number, len(QUALITIES))
        tones = sorted({(root + tone) % 12 for tone in quality_intervals(QUALITIES[quality])})
        rows[FIRST_CHORD + number] = (CHORD_NOW.first + number, *(CHORD_TONE.first + tone for tone in tones))
    return rows


_KINDS = _kinds()
_CHORD_ROWS = _chord_rows()
_ECHO_OF, _MATCH_OF, _SHAPE_OF = ECHO_OF, MATCH_OF, SHAPE_OF
_LAG_ROWS = tuple((lag, ECHOES[lag].first) for lag in LAGS)
_PITCH_ROWS = tuple(pitch_row(pitch) for pitch in range(128))
_REMAINING = tuple(REMAINING.first + (1 + duration_class(t) if t else 0) for t in range(MOST_TICKS + 1))
_LOCKED_IN = tuple(LOCKED_IN.first + (1 + duration_class(t) if t else 0) for t in range(MOST_TICKS + 1))
_PLACES = tuple(
    tuple(PLACE.first + (part * (_NO_STREAM + 1) + stream) * SLOT_KINDS for stream in range(_NO_STREAM + 1))
    for part in range(SECTION_KINDS)
)
_TICKS = tuple(TICK.first + min(t, TICK.size - 1) for t in range(2 * MOST_TICKS))


class Reader:
    """Follows one question token by token. `copy` forks it (particles of one prefix)."""

    def __init__(self, question: "Question") -> None:
        self.question = question
        sheet = question.sheet
        self._bars = sheet.bars
        self._piece_rows = [MODE.first + _MODES.index(sheet.mode)]
        if sheet.style in STYLES[1:]:
            self._piece_rows.append(STYLE.first + STYLES.index(sheet.style))
        self._told = question.told_bars
        self._bars_told = 0
        self._part = _HEADER
        self._in_fill = False
        self._bar = -1
        self._bar_rows = self._piece_rows
        self._length = 0
        self._lead = 0
        # the cell being told
        self._stream = _NO_STREAM
        self._place = _PLACES[_HEADER][_NO_STREAM]
        self._is_line = False
        self._records = False
        self._tick = 0
        self._value = REST
        self._ties = False
        self._bass = -1
        self._pitch: int | None = None
        self._sounding: int | None = None
        self._last_root = 0
        self._around: list[int] = []
        self._echoes: list[tuple[int, tuple[Any, int]]] = []
        self._lags: list[tuple[int, _Starts]] = []
        self._locked: list[tuple[int, int]] = []
        self._starts_here: _Starts = {}
        # what is known, by stream and bar
        self._starts: list[dict[int, _Starts]] = [{} for _ in Stream]
        self._ends: list[dict[int, tuple[int | None, int | None, int, int, int]]] = [{} for _ in Stream]
        self._chords: dict[int, list[tuple[int, tuple[int, ...]]]] = {}
        self._melody: dict[int, _Sounding] = {}
        self._bass_line: dict[int, _Sounding] = {}
        self._words = [Memory() for _ in Stream]
        self._shapes = [Memory() for _ in Stream]

    def read(self, tokens: Iterable[int]) -> tuple[list[int], list[int]]:
        """Row ids of all the tokens in one list, and where each token's begin (one more at the end)."""
        ids: list[int] = []
        offsets = [0]
        push = self.push
        for token in tokens:
            ids += push(token)
            offsets.append(len(ids))
        return ids, offsets

    def push(self, token: int) -> list[int]:
        """Hears one token; the rows of its position, which tell about the slot after it."""
        kind = _KINDS[token]
        if self._records:
            if kind == _TIME:
                return self._after_duration(token)
            if kind == _PITCH:
                return self._after_pitch(token)
            return self._after_rarer(token, kind)
        if kind == _BARLINE:
            self._enter_bar()
        elif kind == _CELL:
            return self._enter_cell(token)
        else:
            self._hear_mark(token, kind)
        return [token, self._place, *self._bar_rows]

    # the script around the cells ----------------------------------------------

    def _set_place(self, part: int, stream: int, slot: int = _MARK) -> None:
        self._place = _PLACES[part][stream] + slot

    def _hear_mark(self, token: int, kind: int) -> None:
        if token in _PART_OF:
            self._part = _PART_OF[token]
            self._in_fill = self._part == _FILL
            self._bar_rows = self._piece_rows
        elif token == REF:
            self._part = _REFERENCE
        elif token == LOCK:
            self._part = _LOCKS
        elif token in (ENDREF, EOS):
            self._part = _FILL if self._in_fill else _HEADER
        elif self._stream != _NO_STREAM and kind != _OTHER:
            slot = _DURATION if kind in (_PITCH, _SILENT, _CHORD, _TIE, _SLASH) else _VALUE
            self._set_place(self._part, self._stream, slot)
            return
        self._stream = _NO_STREAM
        self._set_place(self._part, _NO_STREAM)

    def _enter_bar(self) -> None:
        bar = self._bar = self._told[self._bars_told]
        sheet = self.question.sheet
        told = self._bars[bar]
        self._bars_told += 1
        self._part = _FILL if self._in_fill else self._part
        self._stream = _NO_STREAM
        self._set_place(self._part, _NO_STREAM)
        self._length = told.length
        self._lead = max(0, full_length(told.metre) - told.length) if bar < sheet.first_full else 0
        rows = self._bar_rows = [*self._piece_rows, PHASE.first + (bar - sheet.first_full) % 8]
        if told.section:
            rows.append(SECTION.first + SECTIONS.index(told.section if told.section in SECTIONS else "other"))
        if self.question.bars_left >= 0:
            rows.append(
                TO_END.first + min(self.question.bars_left + len(self._bars) - 1 - bar, TO_END.size - 1)
            )
        if self._in_fill:
            self._ask_of_bar(bar, rows)

    def _ask_of_bar(self, bar: int, rows: list[int]) -> None:
        question = self.question
        left = len(self._told) - self._bars_told
        rows.append(BARS_LEFT.first + min(left, BARS_LEFT.size - 1))
        rows += [CONTROL[control].first + value for control, value in question.controls.get(bar, {}).items()]
        if bar in question.references:
            rows.append(RELATION.first + question.references[bar].relation)

    def _enter_cell(self, token: int) -> list[int]:
        before = self._stream
        stream = self._stream = token - FIRST_CELL
        part = self._part
        if part == _LOCKS and before != _NO_STREAM:
            part = _FILL  # the list of locks has ended
        if part in (_FILL, _RESTATED):
            hidden = stream in self.question.holes[self._bar]
            part = self._part = _FILL if hidden else _RESTATED
        elif part in (_LOCKS, _REFERENCE):
            self._set_place(part, stream, _OFFSET if part == _LOCKS else _VALUE)
            return [token, self._place, *self._bar_rows]
        if part == _RESTATED or (part != _FILL and stream in self.question.holes[self._bar]):
            self._set_place(part, stream, _VALUE)
            return [token, self._place, *self._bar_rows]
        return self._begin_cell(token, stream)

    def _begin_cell(self, token: int, stream: int) -> list[int]:
        bar = self._bar
        self._records = True
        self._is_line = stream < Stream.COMPING
        self._tick = 0
        self._starts_here = self._starts[stream][bar] = {}
        self._pitch, self._sounding, end, shape_end, self._last_root = self._ends[stream].get(
            bar - 1, (None, None, 0, 0, 0)
        )
        self._words[stream].go_on_after(end)
        self._shapes[stream].go_on_after(shape_end)
        known = self._starts[stream]
        self._lags = [(row, known[bar + lag]) for lag, row in _LAG_ROWS if bar + lag in known]
        self._locked = []
        if self._in_fill:
            self._set_reference(bar, stream)
            self._set_locks(bar, stream)
        if stream == _CHORDS:
            self._chords[bar] = []
        elif stream == _MELODY:
            self._melody[bar] = []
        elif stream == _BASS_LINE:
            self._bass_line[bar] = []
        if self._is_line:
            return self._value_rows(token)
        return self._offset_rows(token)

    def _set_reference(self, bar: int, stream: int) -> None:
        reference = self.question.references.get(bar)
        if reference is None:
            return
        cell = reference.cells.get(Stream(stream))
        if cell is not None:
            starts = _starts_of(cell_tokens(Stream(stream), cell, self._length), stream, self._lead)
            self._lags.append((REFERENCE.first, starts))
        elif reference.bar != bar and reference.bar in self._starts[stream]:
            self._lags.append((REFERENCE.first, self._starts[stream][reference.bar]))

    def _set_locks(self, bar: int, stream: int) -> None:
        for event in self.question.locks.get(bar, {}).get(Stream(stream), ()):
            if isinstance(event, ChordEvent):
                value = max(event.root, 0)
            else:
                value = _PITCH_ROWS[event.pitch]
            self._locked.append((event.offset, LOCKED_VALUE.first + value))
        self._locked.sort()

    # slots ---------------------------------------------------------------------

    def _value_rows(self, token: int) -> list[int]:
        """A line's or the chords' next symbol, or a mark when the bar is full."""
        tick = self._tick
        stream = self._stream
        if tick >= self._length:
            return self._leave_cell(token)
        around = self._around = self._situation(stream, tick)
        place = tick + self._lead
        rows = [token, _PLACES[self._part][stream] + _VALUE]
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
            rows.append(LAST_PITCH.first + _PITCH_ROWS[self._pitch])
        if self._locked:
            self._add_lock(rows, tick)
        return rows

    def _duration_rows(self, token: int) -> list[int]:
        stream = self._stream
        rows = [token, _PLACES[self._part][stream] + _DURATION]
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
        self._around = self._situation(stream, tick)
        rows = [token, _PLACES[self._part][stream] + _OFFSET]
        rows += self._bar_rows
        rows += self._around
        place = tick + self._lead
        for row, starts in self._lags[:3]:
            later = [start for start in starts if start > place or start == place == self._lead]
            rows.append(row + (_ECHO_TIME[min(later) - place] if later else ECHO_NOTHING))
        memory = self._words[stream]
        if memory.length:
            expected = memory.expected
            if FIRST_OFFSET <= expected < FIRST_DRUM:
                expected = FIRST_DURATION + min(max(expected - FIRST_OFFSET - tick - 1, 0), LONGEST - 1)
            rows += (_MATCH_OF[expected], MATCH_LENGTH.first + memory.length - 1)
        if self._locked:
            self._add_lock(rows, tick)
        return rows

    def _voice_rows(self, token: int, slot: int) -> list[int]:
        """A voice or drum at the place, or how long it lasts."""
        stream = self._stream
        rows = [token, _PLACES[self._part][stream] + slot]
        rows += self._bar_rows
        rows += self._around
        if slot == _VALUE:
            for row, entry in self._echoes:
                rows += [row + value for value in entry[0]]
        else:
            for row, entry in self._echoes:
                rows.append(row + entry[1])
        memory = self._words[stream]
        if memory.length and memory.expected in _MATCH_OF:
            rows += (_MATCH_OF[memory.expected], MATCH_LENGTH.first + memory.length - 1)
        return rows

    def _add_expected(self, rows: list[int], stream: int) -> None:
        memory = self._words[stream]
        if memory.length:
            rows += (_MATCH_OF[memory.expected], MATCH_LENGTH.first + memory.length - 1)
        shape = self._shapes[stream]
        if shape.length:
            row = self._shape_row(shape.expected, stream)
            if row >= 0:
                rows += (row, SHAPE_LENGTH.first + shape.length - 1)

    def _shape_row(self, symbol: int, stream: int) -> int:
        """The row of a symbol of the shape memory, moved to where the line is now."""
        if symbol >= FIRST_CHORD:
            root, quality = divmod(symbol - FIRST_CHORD, len(QUALITIES))
            return _SHAPE_OF[FIRST_CHORD + (root + self._last_root) % 12 * len(QUALITIES) + quality]
        if symbol >= FIRST_DURATION or symbol in (REST, HELD, NO_CHORD):
            return _SHAPE_OF[symbol]
        pitch = (self._pitch or 0) + symbol - _SHAPE_INTERVAL
        return _SHAPE_OF[FIRST_PITCH + pitch] if 0 <= pitch < 128 else -1

    def _add_lock(self, rows: list[int], tick: int) -> None:
        index = bisect_left(self._locked, (tick, -1))
        if index < len(self._locked):
            offset, row = self._locked[index]
            rows += (row, _LOCKED_IN[offset - self._tick])

    # what sounds -----------------------------------------------------------------

    def _situation(self, stream: int, tick: int) -> list[int]:
        """Place in the bar, and what the other streams sound there."""
        bar = self._bar
        rows = [_TICKS[tick + self._lead], _REMAINING[self._length - tick]]
        if stream == _CHORDS:
            if self._melody:
                self._add_melody_ahead(rows, bar, tick)
        else:
            for start, found in reversed(self._chords.get(bar, ())):
                if start <= tick:
                    rows += found
                    break
            if stream != _MELODY and bar in self._melody:
                rows.append(MELODY_NOW.first + _sounding_class(self._melody[bar], tick))
        if stream != _BASS_LINE and bar in self._bass_line:
            rows.append(BASS_NOW.first + _sounding_class(self._bass_line[bar], tick))
        return rows

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
            rows.append(MELODY_NOW.first + _sounding_class(self._melody[bar], tick))

    # hearing a cell ---------------------------------------------------------------

    def _after_pitch(self, token: int) -> list[int]:
        stream = self._stream
        self._words[stream].push(token)
        if not self._is_line:
            self._value = token
            return self._voice_rows(token, _DURATION)
        pitch = token - FIRST_PITCH
        if self._ties:
            self._value = HELD
        else:
            self._value = token
            before = self._pitch
            self._shapes[stream].push(_SHAPE_INTERVAL + (0 if before is None else pitch - before))
        self._pitch = self._sounding = pitch
        return self._duration_rows(token)

    def _after_duration(self, token: int) -> list[int]:
        stream = self._stream
        ticks = token - FIRST_DURATION + 1
        self._words[stream].push(token)
        start = self._tick
        value = self._value
        place = start + self._lead
        if not self._is_line:
            _add_voice(self._starts_here, place, value, _ECHO_OF[token])
            self._ties = False
            return self._voice_rows(token, _VALUE)
        self._shapes[stream].push(token)
        self._starts_here[place] = (_ECHO_OF[value], _ECHO_OF[token])
        self._tick = start + ticks
        if stream == _CHORDS:
            self._note_chord(start)
        elif self._sounding is not None:
            if stream == _MELODY:
                self._melody[self._bar].append((start, self._tick, self._sounding))
            elif stream == _BASS_LINE:
                self._bass_line[self._bar].append((start, self._tick, self._sounding))
        self._ties = False
        return self._value_rows(token)

    def _note_chord(self, start: int) -> None:
        if self._ties:
            return
        rows = _CHORD_ROWS[self._value]
        if self._value != NO_CHORD:
            root = (self._value - FIRST_CHORD) // len(QUALITIES)
            self._last_root = root
            rows = (*rows, CHORD_BASS.first + (self._bass if self._bass >= 0 else root))
        self._chords[self._bar].append((start, rows))

    def _after_rarer(self, token: int, kind: int) -> list[int]:
        """Chords, rests, ties, places, drums, and the ends of cells."""
        stream = self._stream
        if kind == _CHORD:
            self._words[stream].push(token)
            self._value, self._bass = token, -1
            if token == NO_CHORD:
                self._shapes[stream].push(token)
            else:
                root, quality = divmod(token - FIRST_CHORD, len(QUALITIES))
                self._shapes[stream].push(
                    FIRST_CHORD + (root - self._last_root) % 12 * len(QUALITIES) + quality
                )
            rows = self._duration_rows(token)
            rows[1] += _BASS - _DURATION
            return rows
        if kind == _SLASH:
            self._bass = token - FIRST_BASS
            return self._duration_rows(token)
        if kind in (_SILENT, _TIE):
            return self._after_silence_or_tie(token, kind)
        if kind == _PLACE:
            self._words[stream].push(token)
            self._tick = token - FIRST_OFFSET
            self._around = self._situation(stream, self._tick)
            place = self._tick + self._lead
            self._echoes = [(row, starts[place]) for row, starts in self._lags if place in starts]
            return self._voice_rows(token, _VALUE)
        if kind == _DRUM:
            self._words[stream].push(token)
            _add_voice(self._starts_here, self._tick + self._lead, token, ECHO_NOTHING)
            return self._voice_rows(token, _VALUE)
        if token == END:
            self._words[stream].push(token)
        return self._leave_cell(token)

    def _after_silence_or_tie(self, token: int, kind: int) -> list[int]:
        stream = self._stream
        self._words[stream].push(token)
        if not self._is_line:
            self._ties = True
            return self._voice_rows(token, _VALUE)
        self._shapes[stream].push(token)
        self._ties = kind == _TIE
        if kind == _SILENT:
            self._value, self._sounding = token, None
        elif stream != _CHORDS:
            self._value = token
        return self._duration_rows(token)

    def _leave_cell(self, token: int) -> list[int]:
        stream = self._stream
        self._ends[stream][self._bar] = (
            self._pitch,
            self._sounding,
            len(self._words[stream].history),
            len(self._shapes[stream].history),
            self._last_root,
        )
        self._records = False
        self._stream = _NO_STREAM
        self._set_place(self._part, _NO_STREAM)
        return [token, self._place, *self._bar_rows]

    def copy(self) -> "Reader":
        """A reader that goes on alone from here."""
        other = Reader.__new__(Reader)
        other.__dict__.update(self.__dict__)
        other._starts = [dict(bars) for bars in self._starts]
        other._ends = [dict(bars) for bars in self._ends]
        other._chords, other._melody = dict(self._chords), dict(self._melody)
        other._bass_line = dict(self._bass_line)
        other._words = [memory.copy() for memory in self._words]
        other._shapes = [memory.copy() for memory in self._shapes]
        other._own_current_bar()
        return other

    def _own_current_bar(self) -> None:
        """What grows while the current cell is told is this copy's own."""
        if self._records:
            self._starts_here = self._starts[self._stream][self._bar] = dict(self._starts_here)
        if self._bar in self._chords:
            self._chords[self._bar] = list(self._chords[self._bar])
        for lines in (self._melody, self._bass_line):
            if self._bar in lines:
                lines[self._bar] = list(lines[self._bar])


_ECHO_TIME = tuple(ECHO_OF[FIRST_DURATION + min(max(t, 1), 96) - 1] for t in range(2 * MOST_TICKS))


def _sounding_class(notes: _Sounding, tick: int) -> int:
    """Pitch class that sounds at the tick, 12 for none."""
    for start, end, pitch in notes:
        if start <= tick < end:
            return pitch % 12
    return 12


def _add_voice(starts: _Starts, place: int, value: int, duration: int) -> None:
    voices = starts[place][0] if place in starts else ()
    starts[place] = ((*voices, _ECHO_OF[value]), duration)


def _starts_of(tokens: Iterable[int], stream: int, lead: int) -> _Starts:
    """What starts where in a cell that stands nowhere in the sheet, as echoes."""
    found: _Starts = {}
    tick, value = 0, REST
    for token in tokens:
        kind = _KINDS[token]
        if kind == _PLACE:
            tick = token - FIRST_OFFSET
        elif kind == _DRUM:
            _add_voice(found, tick + lead, token, ECHO_NOTHING)
        elif kind == _TIME and stream < Stream.COMPING:
            found[tick + lead] = (_ECHO_OF[value], _ECHO_OF[token])
            tick += token - FIRST_DURATION + 1
        elif kind == _TIME:
            _add_voice(found, tick + lead, value, _ECHO_OF[token])
        elif kind in (_PITCH, _SILENT, _CHORD, _TIE):
            value = token
    return found
