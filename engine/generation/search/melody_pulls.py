"""Where is a note pulled, beside what the model thinks?

Each pull is added to the logits of the tokens that may come next: none is a rule, all are mild beside what
the model is sure of.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from engine.generation.infill.sampling import Ids
from engine.generation.language.controls import REGISTER_LIMITS, Contour
from engine.generation.language.grid import Stream
from engine.generation.language.vocabulary import FIRST_DURATION, FIRST_PITCH, VOCABULARY_SIZE

_HELD, _LEADING = 0.4, -0.12
_LED, _LED_AWAY = -0.9, -4.0
_HEIGHT = 0.5
_ALONG, _BESIDE = 2.0, 2
"""What a semitone costs that is farther than so many from the line of a contour."""
_AGAINST = -100.0
"""Against the contour; what the compass forbids weighs more."""
_TURN = 3  # semitones that make a direction, see engine.generation.language.controls
_ROOM = 5

Floats = NDArray[np.float64]
Pitches = NDArray[np.int_]
Claims = NDArray[np.bool_]


def held(allowed: Ids, tick: int, length: int) -> Floats:
    """The last note of a phrase is held."""
    ends = tick + allowed - FIRST_DURATION + 1
    return np.where(ends * 3 >= 2 * length, _HELD, 0.0)


def _over_pitches(values: Floats) -> Floats:
    found = np.zeros(VOCABULARY_SIZE)
    found[FIRST_PITCH : FIRST_PITCH + 128] = values
    return found


@lru_cache(maxsize=256)
def towards(pitch: int) -> Floats:
    return _over_pitches(np.maximum(_LED * np.abs(np.arange(128) - pitch), _LED_AWAY))


@lru_cache(maxsize=256)
def leading(pitch: int) -> Floats:
    """Towards a note that follows."""
    return _over_pitches(_LEADING * np.maximum(np.abs(np.arange(128) - pitch) - 2, 0))


@lru_cache(maxsize=4096)
def turned(contour: int, inside: tuple[int, ...], is_late: bool, low: int, high: int) -> Floats:
    """What a note must do for the contour asked of a bar, after the notes `inside` it so far; `is_late`: in
    its second half. Where nothing can do it the pull has no effect."""
    pitches = np.arange(128)
    if not inside:
        return _over_pitches(np.where(_leaves_room(contour, pitches, low, high), 0.0, _AGAINST))
    return _over_pitches(np.where(_keeps(contour, pitches, inside, is_late), 0.0, _AGAINST))


def _leaves_room(contour: int, pitches: Pitches, low: int, high: int) -> Claims:
    """First notes from which the bar can still go its way."""
    if contour == Contour.FALLING:
        return pitches >= min(low + _ROOM, high)
    return pitches <= (127 if contour == Contour.LEVEL else max(high - _ROOM, low))


def _keeps(contour: int, pitches: Pitches, inside: tuple[int, ...], is_late: bool) -> Claims:
    first, last = inside[0], inside[-1]
    if contour == Contour.LEVEL:
        return np.abs(pitches - first) < _TURN
    if contour == Contour.RISING:
        return (pitches >= last) & (pitches >= first + _TURN * is_late)
    if contour == Contour.FALLING:
        return (pitches <= last) & (pitches <= first - _TURN * is_late)
    top = max(inside)
    return pitches <= top - _TURN if is_late and top >= first + _TURN else pitches >= first + _TURN


@lru_cache(maxsize=256)
def along(height: int) -> Floats:
    """Towards the line of a contour."""
    return _over_pitches(-_ALONG * np.maximum(np.abs(np.arange(128) - height) - _BESIDE, 0))


@lru_cache(maxsize=16)
def at_height(register: int) -> Floats:
    """Towards the middle of a register's class."""
    limits = REGISTER_LIMITS[Stream.MELODY]
    edges = (limits[0] - 4, *limits, limits[-1] + 4)
    middle = (edges[register] + edges[register + 1]) / 2
    return _over_pitches(-_HEIGHT * np.maximum(np.abs(np.arange(128) - middle) - 1.5, 0.0))
