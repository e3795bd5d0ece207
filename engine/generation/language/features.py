"""What does the model know about the slot that comes next?

A Reader follows the tokens of one question and gives, after each, the rows of the embedding table that are
active (rows.py): the token itself, the place in the script, the tick in the bar, the harmony or melody that
sounds there, echoes of other bars, what followed the last time, locks and controls of the bar. It knows only
what has been told: visible cells once they are told, hidden ones once they are written.

>>> from engine.generation.language.grid import Sheet, SheetBar
>>> from engine.generation.language.question import Question, script
>>> question = Question(Sheet((SheetBar((4, 4), 96),)), (frozenset({Stream.MELODY}),))
>>> Reader(question).push(script(question)[0].tokens[0])[0]
1
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from engine.generation.language.cells import cell_tokens
from engine.generation.language.grid import ChordEvent, Stream, full_length
from engine.generation.language.rows import (
    BARS_LEFT,
    CHORD_BASS,
    CONTROL,
    ECHO_NOTHING,
    ECHO_OF,
    LOCKED_VALUE,
    METRE_BEATS,
    METRE_UNIT,
    MODE,
    PHASE,
    REFERENCE,
    RELATION,
    SECTION,
    STYLE,
    TO_END,
)
from engine.generation.language.slots import SHAPE_INTERVAL, Slots, add_voice, starts_of
from engine.generation.language.tables import CHORD_ROWS, KINDS, NO_STREAM, PITCH_ROWS, Kind, Part, Slot
from engine.generation.language.vocabulary import (
    ENDREF,
    EOS,
    FILL,
    FIRST_BASS,
    FIRST_CELL,
    FIRST_CHORD,
    FIRST_DENOMINATOR,
    FIRST_DURATION,
    FIRST_MODE,
    FIRST_NUMERATOR,
    FIRST_OFFSET,
    FIRST_PITCH,
    FIRST_SECTION,
    FIRST_STYLE,
    HELD,
    LEFT,
    LOCK,
    MOST_TICKS,
    NO_CHORD,
    QUALITIES,
    REF,
    RIGHT,
    SPAN,
    metre_tokens,
    mode_token,
    section_token,
    style_token,
)

if TYPE_CHECKING:
    from engine.generation.language.question import Question

_PART_OF = {RIGHT: Part.RIGHT, LEFT: Part.LEFT, SPAN: Part.SPAN, FILL: Part.FILL}
_CHORDS, _MELODY, _BASS_LINE = int(Stream.CHORDS), int(Stream.MELODY), int(Stream.BASS)
_PITCH, _REST, _HELD, _CHORD, _BASS, _DURATION, _OFFSET, _DRUM, _END, _CELL, _BAR = map(
    int,
    (
        Kind.PITCH,
        Kind.REST,
        Kind.HELD,
        Kind.CHORD,
        Kind.BASS,
        Kind.DURATION,
        Kind.OFFSET,
        Kind.DRUM,
        Kind.END,
        Kind.CELL,
        Kind.BAR,
    ),
)
_BEFORE_DURATION = (_PITCH, _REST, _CHORD, _HELD, _BASS)
_QUALITIES = len(QUALITIES)


class Reader(Slots):
    """Follows one question token by token. `copy` forks it (particles of one prefix)."""

    def __init__(self, question: "Question") -> None:
        super().__init__()
        self.question = question
        sheet = question.sheet
        self._bars = sheet.bars
        self._piece_rows = [MODE.first + mode_token(sheet.mode) - FIRST_MODE]
        style = style_token(sheet.style) - FIRST_STYLE
        if style:
            self._piece_rows.append(STYLE.first + style)
        self._bar_rows = self._piece_rows
        self._told = question.told_bars
        self._bars_told = 0
        self._in_fill = False

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
        kind = KINDS[token]
        if self._records:
            if kind == _DURATION:
                return self._after_duration(token)
            if kind == _PITCH:
                return self._after_pitch(token)
            return self._after_rarer(token, kind)
        if kind == _CELL:
            return self._enter_cell(token)
        if kind == _BAR:
            self._enter_bar()
        else:
            self._hear_mark(token, kind)
        return [token, self._place, *self._bar_rows]

    # the script around the cells ----------------------------------------------

    def _hear_mark(self, token: int, kind: int) -> None:
        if token in _PART_OF:
            self._part = _PART_OF[token]
            self._in_fill = token == FILL
            self._bar_rows = self._piece_rows
        elif token == REF:
            self._part = Part.REFERENCE
        elif token == LOCK:
            self._part = Part.LOCKS
        elif token in (ENDREF, EOS):
            self._part = Part.FILL if self._in_fill else Part.HEADER
        elif self._stream != NO_STREAM and kind != Kind.OTHER:
            slot = Slot.DURATION if kind in _BEFORE_DURATION else Slot.VALUE
            self._set_place(self._part, self._stream, slot)
            return
        self._stream = NO_STREAM
        self._set_place(self._part, NO_STREAM)

    def _enter_bar(self) -> None:
        question = self.question
        bar = self._bar = self._told[self._bars_told]
        told = self._bars[bar]
        self._bars_told += 1
        if self._in_fill:
            self._part = Part.FILL
        self._stream = NO_STREAM
        self._set_place(self._part, NO_STREAM)
        self._length = told.length
        first = question.sheet.first_full
        self._lead = max(0, min(full_length(told.metre), MOST_TICKS) - told.length) if bar < first else 0
        beats, unit = metre_tokens(told.metre, told.length)[:2]
        rows = [*self._piece_rows, PHASE.first + (bar - first) % PHASE.size]
        rows += (METRE_BEATS.first + beats - FIRST_NUMERATOR, METRE_UNIT.first + unit - FIRST_DENOMINATOR)
        if told.section:
            rows.append(SECTION.first + section_token(told.section) - FIRST_SECTION)
        if question.bars_left >= 0:
            rows.append(TO_END.first + min(question.bars_left + len(self._bars) - 1 - bar, TO_END.size - 1))
        self._bar_rows = rows
        if self._in_fill:
            self._ask_of_bar(bar, rows)

    def _ask_of_bar(self, bar: int, rows: list[int]) -> None:
        question = self.question
        rows.append(BARS_LEFT.first + min(len(self._told) - self._bars_told, BARS_LEFT.size - 1))
        rows += [CONTROL[control].first + value for control, value in question.controls.get(bar, {}).items()]
        if bar in question.references:
            rows.append(RELATION.first + question.references[bar].relation)

    def _enter_cell(self, token: int) -> list[int]:
        before = self._stream
        stream = self._stream = token - FIRST_CELL
        if self._part == Part.LOCKS and before != NO_STREAM:
            self._part = Part.FILL  # the list of locks has ended
        hidden = stream in self.question.holes[self._bar]
        if self._part in (Part.FILL, Part.RESTATED):
            self._part = Part.FILL if hidden else Part.RESTATED
        if self._part != Part.FILL and (hidden or self._part > Part.FILL):
            self._set_place(self._part, stream, Slot.OFFSET if self._part == Part.LOCKS else Slot.VALUE)
            return [token, self._place, *self._bar_rows]
        self._lags = []
        self._locked = []
        if self._in_fill:
            self._set_reference(self._bar, stream)
            self._set_locks(self._bar, stream)
        return self._begin_cell(token, stream)

    def _set_reference(self, bar: int, stream: int) -> None:
        reference = self.question.references.get(bar)
        if reference is None:
            return
        cell = reference.cells.get(Stream(stream))
        if cell is not None:
            tokens = cell_tokens(Stream(stream), cell, self._length)
            self._lags.append((REFERENCE.first, starts_of(tokens, stream, self._lead)))
        elif reference.bar != bar and reference.bar in self._starts[stream]:
            self._lags.append((REFERENCE.first, self._starts[stream][reference.bar]))

    def _set_locks(self, bar: int, stream: int) -> None:
        for event in self.question.locks.get(bar, {}).get(Stream(stream), ()):
            value = max(event.root, 0) if isinstance(event, ChordEvent) else PITCH_ROWS[event.pitch]
            self._locked.append((event.offset, LOCKED_VALUE.first + value))
        self._locked.sort()

    # hearing a cell ---------------------------------------------------------------

    def _after_pitch(self, token: int) -> list[int]:
        stream = self._stream
        self._words[stream].push(token)
        if not self._is_line:
            self._value = token
            return self._voice_rows(token, Slot.DURATION)
        pitch = token - FIRST_PITCH
        if self._ties:
            self._value = HELD
        else:
            self._value = token
            before = self._pitch
            self._shapes[stream].push(SHAPE_INTERVAL + (0 if before is None else pitch - before))
        self._pitch = self._sounding = pitch
        return self._duration_rows(token)

    def _after_duration(self, token: int) -> list[int]:
        stream = self._stream
        self._words[stream].push(token)
        start = self._tick
        if not self._is_line:
            add_voice(self._starts_here, start + self._lead, self._value, ECHO_OF[token])
            self._ties = False
            return self._voice_rows(token, Slot.VALUE)
        self._shapes[stream].push(token)
        self._starts_here[start + self._lead] = (ECHO_OF[self._value], ECHO_OF[token])
        end = self._tick = start + token - FIRST_DURATION + 1
        if stream == _CHORDS:
            if not self._ties:
                self._note_chord(start)
        elif self._sounding is not None:
            if stream == _MELODY:
                self._melody[self._bar].append((start, end, self._sounding))
            elif stream == _BASS_LINE:
                self._bass_line[self._bar].append((start, end, self._sounding))
        self._ties = False
        return self._value_rows(token)

    def _note_chord(self, start: int) -> None:
        rows = CHORD_ROWS[self._value]
        root = 12
        if self._value != NO_CHORD:
            root = self._root = (self._value - FIRST_CHORD) // _QUALITIES
            rows = (*rows, CHORD_BASS.first + (self._bass if self._bass >= 0 else root))
        self._chords[self._bar].append((start, rows, root))

    def _after_rarer(self, token: int, kind: int) -> list[int]:
        """Chords, rests, ties, places, drums, and the ends of cells."""
        stream = self._stream
        words = self._words[stream]
        words.push(token)
        if kind == _CHORD:
            return self._after_chord(token)
        if kind == _BASS:
            self._bass = token - FIRST_BASS
            return self._duration_rows(token)
        if kind in (_REST, _HELD):
            return self._after_rest_or_tie(token, kind)
        if kind == _OFFSET:
            tick = self._tick = token - FIRST_OFFSET
            self._around = self._situation(stream, tick)
            place = tick + self._lead
            self._echoes = [(row, starts[place]) for row, starts in self._lags if place in starts]
            return self._voice_rows(token, Slot.VALUE)
        if kind == _DRUM:
            add_voice(self._starts_here, self._tick + self._lead, token, ECHO_NOTHING)
            return self._voice_rows(token, Slot.VALUE)
        return self._leave_cell(token)

    def _after_chord(self, token: int) -> list[int]:
        shapes = self._shapes[self._stream]
        self._value, self._bass = token, -1
        if token == NO_CHORD:
            shapes.push(token)
        else:
            root, quality = divmod(token - FIRST_CHORD, _QUALITIES)
            shapes.push(FIRST_CHORD + (root - self._root) % 12 * _QUALITIES + quality)
        rows = self._duration_rows(token)
        rows[1] += Slot.BASS - Slot.DURATION
        return rows

    def _after_rest_or_tie(self, token: int, kind: int) -> list[int]:
        if not self._is_line:
            self._ties = True
            return self._voice_rows(token, Slot.VALUE)
        self._shapes[self._stream].push(token)
        self._ties = kind == _HELD
        if kind == _REST:
            self._value, self._sounding = token, None
        elif self._stream != _CHORDS:
            self._value = token
        return self._duration_rows(token)

    # forking ----------------------------------------------------------------------

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
        bar = self._bar
        if self._records:
            self._starts_here = self._starts[self._stream][bar] = dict(self._starts_here)
        if bar in self._chords:
            self._chords[bar] = list(self._chords[bar])
        for lines in (self._melody, self._bass_line):
            if bar in lines:
                lines[bar] = list(lines[bar])
