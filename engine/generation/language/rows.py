"""Which row of the embedding table says what about the next slot?

One table of FEATURE_COUNT rows. The first VOCABULARY_SIZE are the tokens themselves (tied with the output);
the others are side features, in named slices. The vector of a position is the sum of its active rows.

`ECHOES` are slices of one layout, one for each lag of bars (before and after) and one for the reference bar:
what started at the same place there, its value or its duration. Pitches are cut to 40..95 by octaves, drums
are grouped, chords keep their seventh class, durations 28 classes.

>>> ECHOES[-1].first < ECHOES[8].first < REFERENCE.first < FEATURE_COUNT
True
"""

from typing import NamedTuple

from engine.generation.chords.vocabulary import SEVENTH_NAMES, TRIAD_NAMES, seventh_class, triad_class
from engine.generation.language.grid import GRID, Stream
from engine.generation.language.vocabulary import (
    CONTROL_CLASSES,
    END,
    FIRST_BASS,
    FIRST_CHORD,
    FIRST_DRUM,
    FIRST_DURATION,
    FIRST_PITCH,
    HELD,
    HIGHEST_DRUM,
    LONGEST,
    LOWEST_DRUM,
    MOST_TICKS,
    NO_CHORD,
    QUALITIES,
    REST,
    SECTIONS,
    STYLES,
    VOCABULARY_SIZE,
    Control,
    Relation,
)
from engine.music import Mode


class Slice(NamedTuple):
    """Rows `first` to before `first + size`."""

    first: int
    size: int


LAGS = (-1, -2, -4, -8, 1, 2, 4, 8)
"""How many bars away an echo comes from; negative is earlier."""
SECTION_KINDS = 8  # header, right, left, span, fill, fill's visible cells, references, locks
SLOT_KINDS = 5  # mark, value, duration, bass or duration, place
LOW_PITCH, HIGH_PITCH = 40, 95
CLASS_TICKS = (
    *(1, 2, 3, 4, 6, 8, 9, 10, 12, 15, 16, 18, 21, 24),
    *(28, 30, 32, 36, 42, 48, 54, 60, 64, 66, 72, 84, 90, 96),
)
_PITCHES = HIGH_PITCH - LOW_PITCH + 1
_SEVENTHS = len(SEVENTH_NAMES)
_DRUM_GROUPS = (
    *((35, 36), (37,), (38, 40), (39,), (41,), (42,), (43,), (44,), (45,), (46,), (47,), (48,), (50,)),
    *((51, 59), (53,), (49, 57), (52, 55), (54,), (56,), (69, 70)),
)

# inside an echo slice
ECHO_REST = _PITCHES
ECHO_HELD = _PITCHES + 1
ECHO_NOTHING = _PITCHES + 2
ECHO_NO_CHORD = _PITCHES + 3
ECHO_CHORD = _PITCHES + 4
ECHO_DRUM = ECHO_CHORD + 12 * _SEVENTHS
ECHO_DURATION = ECHO_DRUM + len(_DRUM_GROUPS) + 1
ECHO_COUNT = ECHO_DURATION + len(CLASS_TICKS)

_next_row = VOCABULARY_SIZE


def _slice(count: int) -> Slice:
    global _next_row
    found = Slice(_next_row, count)
    _next_row += count
    return found


PLACE = _slice(SECTION_KINDS * (len(Stream) + 1) * SLOT_KINDS)
TICK = _slice(MOST_TICKS)
IN_QUARTER = _slice(GRID)
REMAINING = _slice(len(CLASS_TICKS) + 1)
PHASE = _slice(8)
BARS_LEFT = _slice(9)
TO_END = _slice(9)
METRE_BEATS = _slice(24)
METRE_UNIT = _slice(4)
STYLE = _slice(len(STYLES))
MODE = _slice(len(Mode))
SECTION = _slice(len(SECTIONS))
CONTROL = {control: _slice(CONTROL_CLASSES[control]) for control in Control}
RELATION = _slice(len(Relation))
CHORD_NOW = _slice(12 * len(QUALITIES) + 1)
CHORD_TONE = _slice(12)
CHORD_BASS = _slice(12)
MELODY_SOON = _slice(12)
MELODY_LONG = _slice(12)
MELODY_NOW = _slice(13)
BASS_NOW = _slice(13)
LAST_PITCH = _slice(_PITCHES)
NEXT_PITCH = _slice(_PITCHES)
CHORD_NEXT = _slice(13)
LOCKED_VALUE = _slice(_PITCHES)
LOCKED_IN = _slice(len(CLASS_TICKS) + 1)
ECHOES = {lag: _slice(ECHO_COUNT) for lag in LAGS}
REFERENCE = _slice(ECHO_COUNT)
# what followed the last time: the tokens themselves, and the shape moved to where the line is now
MATCH_PITCH = _slice(_PITCHES + 2)
MATCH_CHORD = _slice(12 * len(QUALITIES) + 1)
MATCH_DURATION = _slice(len(CLASS_TICKS))
MATCH_DRUM = _slice(len(_DRUM_GROUPS) + 1)
MATCH_BASS = _slice(12)
MATCH_END = _slice(1)
MATCH_LENGTH = _slice(8)
SHAPE_PITCH = _slice(_PITCHES + 2)
SHAPE_CHORD = _slice(12 * len(TRIAD_NAMES) + 1)
SHAPE_DURATION = _slice(len(CLASS_TICKS))
SHAPE_LENGTH = _slice(8)

FEATURE_COUNT = _next_row


def duration_class(ticks: int) -> int:
    """Index of the nearest of CLASS_TICKS."""
    return _DURATION_CLASS[min(ticks, MOST_TICKS)]


def pitch_row(pitch: int) -> int:
    """Index of a pitch cut to 40..95 by octaves."""
    while pitch < LOW_PITCH:
        pitch += 12
    while pitch > HIGH_PITCH:
        pitch -= 12
    return pitch - LOW_PITCH


def _nearest_class(ticks: int) -> int:
    return min(
        range(len(CLASS_TICKS)), key=lambda n: max(ticks, 1) / CLASS_TICKS[n] + CLASS_TICKS[n] / max(ticks, 1)
    )


def _drum_group(drum: int) -> int:
    return next((n for n, group in enumerate(_DRUM_GROUPS) if drum in group), len(_DRUM_GROUPS))


def _echo_value() -> dict[int, int]:
    """Index inside an echo slice of every value and duration token."""
    found = {FIRST_PITCH + pitch: pitch_row(pitch) for pitch in range(128)}
    found |= {REST: ECHO_REST, HELD: ECHO_HELD, NO_CHORD: ECHO_NO_CHORD}
    for number in range(12 * len(QUALITIES)):
        root, quality = divmod(number, len(QUALITIES))
        found[FIRST_CHORD + number] = ECHO_CHORD + root * _SEVENTHS + seventh_class(QUALITIES[quality])
    for drum in range(LOWEST_DRUM, HIGHEST_DRUM + 1):
        found[FIRST_DRUM + drum - LOWEST_DRUM] = ECHO_DRUM + _drum_group(drum)
    for ticks in range(1, LONGEST + 1):
        found[FIRST_DURATION + ticks - 1] = ECHO_DURATION + _DURATION_CLASS[ticks]
    return found


def _match_rows() -> dict[int, int]:
    """The row that says: this token came next the last time."""
    found = {token: MATCH_PITCH.first + ECHO_OF[token] for token in (*_PITCH_TOKENS, REST, HELD)}
    found |= {FIRST_CHORD + n: MATCH_CHORD.first + n for n in range(MATCH_CHORD.size - 1)}
    found |= {FIRST_BASS + n: MATCH_BASS.first + n for n in range(12)}
    found |= {token: MATCH_DRUM.first + ECHO_OF[token] - ECHO_DRUM for token in _DRUM_TOKENS}
    found |= {token: MATCH_DURATION.first + ECHO_OF[token] - ECHO_DURATION for token in _DURATION_TOKENS}
    return found | {NO_CHORD: MATCH_CHORD.first + MATCH_CHORD.size - 1, END: MATCH_END.first}


def _shape_rows() -> dict[int, int]:
    """The row that says: the same shape would bring this token now."""
    found = {token: SHAPE_PITCH.first + ECHO_OF[token] for token in (*_PITCH_TOKENS, REST, HELD)}
    found |= {
        FIRST_CHORD + root * len(QUALITIES) + n: SHAPE_CHORD.first
        + root * len(TRIAD_NAMES)
        + triad_class(name)
        for root in range(12)
        for n, name in enumerate(QUALITIES)
    }
    found |= {token: SHAPE_DURATION.first + ECHO_OF[token] - ECHO_DURATION for token in _DURATION_TOKENS}
    return found | {NO_CHORD: SHAPE_CHORD.first + SHAPE_CHORD.size - 1}


_PITCH_TOKENS = range(FIRST_PITCH, FIRST_PITCH + 128)
_DURATION_TOKENS = range(FIRST_DURATION, FIRST_DURATION + LONGEST)
_DRUM_TOKENS = range(FIRST_DRUM, FIRST_DRUM + HIGHEST_DRUM - LOWEST_DRUM + 1)
_DURATION_CLASS = tuple(_nearest_class(ticks) for ticks in range(MOST_TICKS + 1))
ECHO_OF = _echo_value()
"""Index inside an echo slice by token."""
MATCH_OF = _match_rows()
SHAPE_OF = _shape_rows()
