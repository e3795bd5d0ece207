"""Which grips of a chord lie under a guitarist's left hand?

Six strings in standard tuning, one note a string, four frets under the hand, open strings anywhere, at most
four fingers, of which the first may lie across. A grip is a row of six frets, low E first: -1 not played,
0 open.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from engine.arrangement.voicing.costs import WEIGHTS
from engine.arrangement.voicing.players import FRET_SPAN, LAST_FRET, STANDARD_TUNING, Manner, Player
from engine.arrangement.voicing.shapes import SILENT, Costs, Pitches

Frets = NDArray[np.int16]
_TUNING = np.array(STANDARD_TUNING, dtype=np.int16)
_FINGERS = 4
_STRINGS = len(STANDARD_TUNING)
_OPTIONS = FRET_SPAN + 3  # damped, open, or under one of the frets of the hand


@dataclass(frozen=True, eq=False, slots=True)
class Forms:
    """What a hand can hold anywhere on the neck: -1 damped, 0 open, 1 the first finger's fret to 4; each also
    as one word with a bit for what every string does, and what it costs the hand."""

    rows: Frets
    words: NDArray[np.uint64]
    cost: Costs


@lru_cache(maxsize=1_000)
def grips(classes: frozenset[int], player: Player) -> tuple[Frets, Pitches, Costs]:
    """Every grip of these pitch classes, its pitches highest first, and what it costs the hand."""
    forms = _forms(player.right.sizes, player.manner)
    places = range(1, LAST_FRET - FRET_SPAN + 1)
    fits = [_fitting(forms, place, classes, player) for place in places]
    frets = np.concatenate(
        [_moved_to(place, forms.rows[fit]) for place, fit in zip(places, fits, strict=True)]
    )
    cost = np.concatenate([forms.cost[fit] + _high(place) for place, fit in zip(places, fits, strict=True)])
    if not len(frets):
        frets = _one_string(classes)
        cost = np.zeros(len(frets), np.float32)
    sounding = np.where(frets < 0, SILENT, frets + _TUNING)
    return frets, -np.sort(-sounding, axis=1).astype(np.int16), cost


def _high(place: int) -> np.float32:
    return np.float32(WEIGHTS.high_position * max(place - 3, 0))


def _fitting(forms: Forms, place: int, classes: frozenset[int], player: Player) -> NDArray[np.int64]:
    """Which forms, with the first finger at this fret, sound nothing but these tones in the register."""
    wrong = 0
    for string, open_pitch in enumerate(STANDARD_TUNING):
        for option in range(_OPTIONS - 1):
            pitch = open_pitch + (option + place - 1 if option else 0)
            if pitch % 12 not in classes or not player.right.low <= pitch <= player.right.high:
                wrong |= 1 << (string * _OPTIONS + option + 1)
    fits = np.flatnonzero((forms.words & np.uint64(wrong)) == 0)
    return fits if place == 1 else fits[(forms.rows[fits] > 0).any(axis=1)]


def _moved_to(place: int, rows: Frets) -> Frets:
    return np.asarray(np.where(rows > 0, rows + np.int16(place - 1), rows), np.int16)


@lru_cache(maxsize=16)
def _forms(sizes: tuple[int, ...], manner: Manner) -> Forms:
    """Every form of so many strings that fingers can hold."""
    options = np.arange(-1, FRET_SPAN + 2, dtype=np.int16)
    grid = np.meshgrid(*[options] * _STRINGS, indexing="ij")
    rows = np.stack([axis.ravel() for axis in grid], axis=1)
    count = (rows >= 0).sum(axis=1)
    begins = (rows == 1).any(axis=1) | ~(rows > 0).any(axis=1)
    rows = rows[begins & (count >= min(sizes)) & (count <= max(sizes))]
    rows = rows[_muted_inside(rows) <= (0 if manner is Manner.POWER else 1)]
    rows = rows[_is_held(rows)]
    bits = (rows + 1 + np.arange(_STRINGS) * _OPTIONS).astype(np.uint64)
    words = np.bitwise_or.reduce(np.left_shift(np.uint64(1), bits), axis=1)
    return Forms(rows, words, _form_costs(rows, max(sizes), manner))


def _is_held(frets: Frets) -> NDArray[np.bool_]:
    """Four fingers are enough, the first across several strings where none in between is open or damped."""
    fretted = frets > 0
    first = np.where(fretted, frets, 99).min(axis=1)
    at_first = frets == first[:, None]
    others = (fretted & ~at_first).sum(axis=1)
    alone = others + at_first.sum(axis=1) <= _FINGERS
    return np.asarray(alone | ((others + 1 <= _FINGERS) & _can_lie_across(frets, at_first)), np.bool_)


def _can_lie_across(frets: Frets, at_first: NDArray[np.bool_]) -> NDArray[np.bool_]:
    strings = np.arange(_STRINGS)
    low = np.where(at_first, strings, _STRINGS).min(axis=1)
    high = np.where(at_first, strings, -1).max(axis=1)
    between = (strings > low[:, None]) & (strings < high[:, None])
    return np.asarray(~((frets <= 0) & between).any(axis=1), np.bool_)


def _muted_inside(frets: Frets) -> NDArray[np.int64]:
    sounding = frets >= 0
    strings = np.arange(_STRINGS)
    low = np.where(sounding, strings, _STRINGS).min(axis=1)
    high = np.where(sounding, strings, -1).max(axis=1)
    inside = ~sounding & (strings > low[:, None]) & (strings < high[:, None])
    return np.asarray(inside.sum(axis=1), np.int64)


def _one_string(classes: frozenset[int]) -> Frets:
    """Where no grip is, one tone on the string that has it lowest."""
    rows = [
        [fret if string == place else -1 for place in range(_STRINGS)]
        for string, open_pitch in enumerate(STANDARD_TUNING)
        for fret in range(LAST_FRET)
        if (open_pitch + fret) % 12 in classes
    ]
    return np.array(rows, dtype=np.int16)


def _form_costs(rows: Frets, most: int, manner: Manner) -> Costs:
    """What a form costs the hand, wherever it is."""
    fretted = rows > 0
    at_first = (rows == 1).sum(axis=1)
    lies_across = (at_first > 1) & (fretted.sum(axis=1) > _FINGERS - 1)
    fingers = fretted.sum(axis=1) - np.where(lies_across, at_first - 1, 0)
    cost = WEIGHTS.finger * fingers + WEIGHTS.barre * lies_across + WEIGHTS.stretch * (rows.max(axis=1) > 3)
    if manner is not Manner.FINGERS:  # fingers pluck strings apart, a strum has to damp between
        cost = cost + WEIGHTS.muted_inside * _muted_inside(rows)
    if manner in (Manner.UPPER, Manner.DROP2):
        cost = cost + WEIGHTS.open_in_a_chop * (rows == 0).sum(axis=1)
    if manner in (Manner.OPEN, Manner.POWER):
        cost = cost + WEIGHTS.string_missing * (most - (rows >= 0).sum(axis=1))
    if manner is Manner.OPEN:
        cost = cost + WEIGHTS.open_string * (rows == 0).sum(axis=1)
    return np.asarray(cost, np.float32)


def hand_place(frets: Frets) -> Costs:
    """The fret of the first finger; 1 where all strings are open."""
    first = np.where(frets > 0, frets, 99).min(axis=1)
    return np.where(first == 99, 1, first).astype(np.float32)
