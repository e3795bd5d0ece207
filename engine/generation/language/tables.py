"""Which kind of word is a token, and which rows belong to it? Looked up at every step, so made once.

>>> KINDS[FIRST_PITCH] == Kind.PITCH, len(CHORD_ROWS[FIRST_CHORD])
(True, 4)
"""

from enum import IntEnum

from engine.generation.language.grid import Stream
from engine.generation.language.rows import (
    CHORD_NOW,
    CHORD_TONE,
    ECHO_OF,
    ECHOES,
    LAGS,
    LOCKED_IN,
    PLACE,
    REMAINING,
    SECTION_KINDS,
    SLOT_KINDS,
    TICK,
    duration_class,
    pitch_row,
)
from engine.generation.language.vocabulary import (
    BAR,
    END,
    FIRST_BASS,
    FIRST_CELL,
    FIRST_CHORD,
    FIRST_DRUM,
    FIRST_DURATION,
    FIRST_OFFSET,
    FIRST_PITCH,
    HELD,
    LONGEST,
    MOST_TICKS,
    NO_CHORD,
    QUALITIES,
    REST,
    VOCABULARY_SIZE,
)
from engine.music.qualities import quality_intervals


class Kind(IntEnum):
    """Sorts of tokens, as a Reader tells them apart."""

    OTHER = 0
    PITCH = 1
    REST = 2
    HELD = 3
    CHORD = 4
    BASS = 5
    DURATION = 6
    OFFSET = 7
    DRUM = 8
    END = 9
    CELL = 10
    BAR = 11


class Part(IntEnum):
    """Parts of the script, as rows.PLACE counts them."""

    HEADER = 0
    RIGHT = 1
    LEFT = 2
    SPAN = 3
    FILL = 4
    RESTATED = 5
    REFERENCE = 6
    LOCKS = 7


class Slot(IntEnum):
    """What comes next, as rows.PLACE counts it."""

    MARK = 0
    VALUE = 1
    DURATION = 2
    BASS = 3
    OFFSET = 4


NO_STREAM = len(Stream)


def _kinds() -> tuple[int, ...]:
    kinds = [int(Kind.OTHER)] * VOCABULARY_SIZE
    for first, end, kind in (
        (FIRST_PITCH, FIRST_DURATION, Kind.PITCH),
        (FIRST_DURATION, FIRST_CHORD, Kind.DURATION),
        (FIRST_CHORD, FIRST_BASS, Kind.CHORD),
        (FIRST_BASS, FIRST_OFFSET, Kind.BASS),
        (FIRST_OFFSET, FIRST_DRUM, Kind.OFFSET),
        (FIRST_DRUM, VOCABULARY_SIZE, Kind.DRUM),
        (FIRST_CELL, FIRST_CELL + len(Stream), Kind.CELL),
    ):
        kinds[first:end] = [int(kind)] * (end - first)
    rare = {REST: Kind.REST, HELD: Kind.HELD, NO_CHORD: Kind.CHORD, END: Kind.END, BAR: Kind.BAR}
    for token, kind in rare.items():
        kinds[token] = int(kind)
    return tuple(kinds)


def _chord_rows() -> dict[int, tuple[int, ...]]:
    rows: dict[int, tuple[int, ...]] = {NO_CHORD: (CHORD_NOW.first + CHORD_NOW.size - 1,)}
    for number in range(12 * len(QUALITIES)):
        root, quality = divmod(number, len(QUALITIES))
        tones = sorted({(root + tone) % 12 for tone in quality_intervals(QUALITIES[quality])})
        rows[FIRST_CHORD + number] = (CHORD_NOW.first + number, *(CHORD_TONE.first + tone for tone in tones))
    return rows


KINDS = _kinds()
"""Kind of every token."""
CHORD_ROWS = _chord_rows()
"""Rows of a sounding chord by its token: the chord itself and its tones."""
LAG_ROWS = tuple((lag, ECHOES[lag].first) for lag in LAGS)
PITCH_ROWS = tuple(pitch_row(pitch) for pitch in range(128))
REMAINING_ROWS = tuple(
    REMAINING.first + (1 + duration_class(ticks) if ticks else 0) for ticks in range(MOST_TICKS + 1)
)
LOCKED_IN_ROWS = tuple(
    LOCKED_IN.first + (1 + duration_class(ticks) if ticks else 0) for ticks in range(MOST_TICKS + 1)
)
TICK_ROWS = tuple(TICK.first + min(ticks, TICK.size - 1) for ticks in range(2 * MOST_TICKS))
ECHO_TIMES = tuple(
    ECHO_OF[FIRST_DURATION + min(max(ticks, 1), LONGEST) - 1] for ticks in range(2 * MOST_TICKS)
)
"""Index inside an echo slice of a distance in ticks."""
PLACE_ROWS = tuple(
    tuple(PLACE.first + (part * (NO_STREAM + 1) + stream) * SLOT_KINDS for stream in range(NO_STREAM + 1))
    for part in range(SECTION_KINDS)
)
"""First row (slot MARK) of a part of the script and a stream."""
