"""How is one cell told in tokens, and read back?

`normal_cell` is the form that survives the way there and back: sorted, inside the bar, lines without
overlaps, chord cells without gaps (no chord where nothing is known), no chord twice in a row.

>>> from engine.generation.language.vocabulary import NAMES
>>> tokens = cell_tokens(Stream.MELODY, (NoteEvent(24, 24, 60),), 48)
>>> [NAMES[token] for token in tokens], read_cell(Stream.MELODY, tokens, 48)[0].offset
(['R', 'D24', 'P60', 'D24'], 24)
"""

from collections.abc import Iterable, Sequence

from engine.generation.language.grid import Cell, ChordEvent, NoteEvent, Stream
from engine.generation.language.vocabulary import (
    END,
    FIRST_BASS,
    FIRST_CHORD,
    FIRST_DRUM,
    FIRST_DURATION,
    FIRST_OFFSET,
    FIRST_PITCH,
    HELD,
    HIGHEST_DRUM,
    LONGEST,
    LOWEST_DRUM,
    NO_CHORD,
    REST,
    bass_token,
    chord_of,
    chord_token,
    drum_token,
    duration_token,
    duration_tokens,
    offset_token,
    pitch_token,
    told_quality,
)

NO_CHORD_QUALITY = "N"


def normal_cell(stream: Stream, cell: Iterable[NoteEvent | ChordEvent], length: int) -> Cell:
    """The cell as the language can tell it."""
    if stream is Stream.CHORDS:
        return _normal_chords([event for event in cell if isinstance(event, ChordEvent)], length)
    notes = [event for event in cell if isinstance(event, NoteEvent) and 0 <= event.offset < length]
    if stream is Stream.DRUMS:
        drums = {(n.offset, min(max(n.pitch, LOWEST_DRUM), HIGHEST_DRUM)) for n in notes}
        return tuple(NoteEvent(offset, 1, drum) for offset, drum in sorted(drums))
    return _normal_line(notes, length) if stream.is_line else _normal_voices(notes, length)


def _normal_line(notes: list[NoteEvent], length: int) -> tuple[NoteEvent, ...]:
    line: list[NoteEvent] = []
    end = length
    for note in sorted(notes, key=lambda n: (-n.offset, -n.pitch)):
        if line and line[-1].offset == note.offset:
            continue
        duration = max(1, min(note.duration, end - note.offset))
        line.append(NoteEvent(note.offset, duration, note.pitch, note.tied and note.offset == 0))
        end = note.offset
    return tuple(reversed(line))


def _normal_voices(notes: list[NoteEvent], length: int) -> tuple[NoteEvent, ...]:
    voices: list[NoteEvent] = []
    ends: dict[int, int] = {}
    for note in sorted(notes, key=lambda n: (-n.offset, -n.pitch, -n.duration)):
        end = ends.get(note.pitch, length)
        if end > note.offset:
            duration = max(1, min(note.duration, end - note.offset))
            voices.append(NoteEvent(note.offset, duration, note.pitch, note.tied and note.offset == 0))
            ends[note.pitch] = note.offset
    return tuple(reversed(voices))


def _normal_chords(chords: list[ChordEvent], length: int) -> tuple[ChordEvent, ...]:
    found: list[ChordEvent] = []
    end = length
    for chord in sorted(chords, key=lambda c: -c.offset):
        offset = max(chord.offset, 0)
        if offset >= end:
            continue
        until = min(end, chord.offset + max(chord.duration, 1))
        if until < end:
            _lay_before(found, ChordEvent(until, end - until, -1, NO_CHORD_QUALITY))
        _lay_before(found, _told_chord(chord, offset, until - offset))
        end = offset
    if end > 0:
        _lay_before(found, ChordEvent(0, end, -1, NO_CHORD_QUALITY))
    return tuple(reversed(found))


def _told_chord(chord: ChordEvent, offset: int, duration: int) -> ChordEvent:
    if chord.root < 0:
        return ChordEvent(offset, duration, -1, NO_CHORD_QUALITY)
    bass = -1 if chord.bass < 0 or chord.bass % 12 == chord.root % 12 else chord.bass % 12
    return ChordEvent(offset, duration, chord.root % 12, told_quality(chord.quality), bass)


def _lay_before(found: list[ChordEvent], chord: ChordEvent) -> None:
    """Puts a chord before those found (kept last first), as one with the same chord after it."""
    if found and found[-1][2:] == chord[2:]:
        chord = chord._replace(duration=chord.duration + found.pop().duration)
    found.append(chord)


def sounding_pitch(cell: Sequence[NoteEvent | ChordEvent] | None, length: int) -> int | None:
    """The pitch of a line that sounds up to the barline; None for a rest or an unknown bar."""
    last = cell[-1] if cell else None
    if isinstance(last, NoteEvent) and last.offset + last.duration >= length:
        return last.pitch
    return None


def cell_tokens(stream: Stream, cell: Cell, length: int, sounding: int | None = None) -> list[int]:
    """The tokens after the CELL mark. `sounding`: the pitch a line brings over the barline, if it is told."""
    cell = normal_cell(stream, cell, length)
    if stream is Stream.CHORDS:
        return _chord_tokens([event for event in cell if isinstance(event, ChordEvent)])
    notes = [event for event in cell if isinstance(event, NoteEvent)]
    if stream.is_line:
        return _line_tokens(notes, length, sounding)
    return _drum_tokens(notes) if stream is Stream.DRUMS else _voice_tokens(notes)


def _chord_tokens(chords: list[ChordEvent]) -> list[int]:
    tokens = []
    for chord in chords:
        tokens.append(chord_token(chord.root, chord.quality))
        if chord.bass >= 0:
            tokens.append(bass_token(chord.bass))
        tokens += duration_tokens(chord.duration)
    return tokens


def _line_tokens(notes: list[NoteEvent], length: int, sounding: int | None) -> list[int]:
    tokens = []
    tick = 0
    for note in notes:
        if note.offset > tick:
            tokens += _rest_tokens(note.offset - tick)
        if note.tied:
            tokens.append(HELD)
        if not note.tied or note.pitch != sounding:
            tokens.append(pitch_token(note.pitch))
        tokens += duration_tokens(note.duration)
        tick = note.offset + note.duration
    return tokens + (_rest_tokens(length - tick) if tick < length else [])


def _rest_tokens(ticks: int) -> list[int]:
    return [REST, *duration_tokens(ticks)]


def _voice_tokens(notes: list[NoteEvent]) -> list[int]:
    pieces = []
    for note in notes:
        offset, left, tied = note.offset, note.duration, note.tied
        while left > 0:
            pieces.append((offset, note.pitch, min(left, LONGEST), tied))
            offset, left, tied = offset + LONGEST, left - LONGEST, True
    tokens = []
    place = -1
    for offset, pitch, duration, tied in sorted(pieces):
        if offset != place:
            tokens.append(offset_token(offset))
            place = offset
        tokens += [HELD] * tied + [pitch_token(pitch), duration_token(duration)]
    return [*tokens, END]


def _drum_tokens(notes: list[NoteEvent]) -> list[int]:
    tokens = []
    place = -1
    for note in notes:
        if note.offset != place:
            tokens.append(offset_token(note.offset))
            place = note.offset
        tokens.append(drum_token(note.pitch))
    return [*tokens, END]


def read_cell(stream: Stream, tokens: Iterable[int], length: int, sounding: int | None = None) -> Cell:
    """The cell told by the tokens after its mark."""
    if stream is Stream.CHORDS:
        return normal_cell(stream, _read_chords(tokens), length)
    if stream.is_line:
        return _read_line(tokens, sounding)
    return normal_cell(
        stream, _read_drums(tokens) if stream is Stream.DRUMS else _read_voices(tokens), length
    )


def _read_chords(tokens: Iterable[int]) -> list[ChordEvent]:
    chords: list[ChordEvent] = []
    tick, root, quality, bass = 0, -1, NO_CHORD_QUALITY, -1
    for token in tokens:
        if token == NO_CHORD or FIRST_CHORD <= token < FIRST_BASS:
            (root, quality), bass = chord_of(token), -1
        elif FIRST_BASS <= token < FIRST_OFFSET:
            bass = token - FIRST_BASS
        elif FIRST_DURATION <= token < FIRST_CHORD:
            ticks = token - FIRST_DURATION + 1
            chords.append(ChordEvent(tick, ticks, root, quality, bass))
            tick += ticks
    return chords


def _read_line(tokens: Iterable[int], sounding: int | None) -> tuple[NoteEvent, ...]:
    notes: list[NoteEvent] = []
    tick, pitch, held = 0, sounding, False
    for token in tokens:
        if FIRST_PITCH <= token < FIRST_DURATION:
            pitch = token - FIRST_PITCH
        elif token == REST:
            pitch, held = None, False
        elif token == HELD:
            held = True
        elif FIRST_DURATION <= token < FIRST_CHORD:
            ticks = token - FIRST_DURATION + 1
            if pitch is not None and held and tick > 0 and notes:
                notes[-1] = notes[-1]._replace(duration=notes[-1].duration + ticks)
            elif pitch is not None:
                notes.append(NoteEvent(tick, ticks, pitch, held))
            tick, held = tick + ticks, False
    return tuple(notes)


def _read_voices(tokens: Iterable[int]) -> list[NoteEvent]:
    notes: list[NoteEvent] = []
    sounding: dict[int, int] = {}
    offset, pitch, held = 0, 0, False
    for token in tokens:
        if FIRST_OFFSET <= token < FIRST_DRUM:
            offset = token - FIRST_OFFSET
        elif token == HELD:
            held = True
        elif FIRST_PITCH <= token < FIRST_DURATION:
            pitch = token - FIRST_PITCH
        elif FIRST_DURATION <= token < FIRST_CHORD:
            ticks = token - FIRST_DURATION + 1
            before = sounding.get(pitch)
            if held and offset > 0 and before is not None:
                notes[before] = notes[before]._replace(duration=offset + ticks - notes[before].offset)
            else:
                sounding[pitch] = len(notes)
                notes.append(NoteEvent(offset, ticks, pitch, held))
            held = False
    return notes


def _read_drums(tokens: Iterable[int]) -> list[NoteEvent]:
    notes = []
    offset = 0
    for token in tokens:
        if FIRST_OFFSET <= token < FIRST_DRUM:
            offset = token - FIRST_OFFSET
        elif token >= FIRST_DRUM:
            notes.append(NoteEvent(offset, 1, token - FIRST_DRUM + LOWEST_DRUM))
    return notes
