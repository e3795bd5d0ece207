"""Which rhythm fills this bar?

Draws events from the rhythm stream under a grammar with completability look-ahead: a duration is allowed only
if what is left of the bar can still be filled, tuplets are completed, and the song's own durations and places
are preferred. A bar always fills exactly, in any metre.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.generation.melody.dice import Dice
from engine.generation.melody.line import GRID, Event, Line
from engine.generation.melody.model import MelodyModel
from engine.generation.melody.tables import mix_rhythm

_STRANGE_DURATION, _STRANGE_PLACE, _STRANGE_REST = 3.5, 1.2, 2.5
_TRIES = 5
_DENSITY = 2.5


class Beat(NamedTuple):
    """What begins at an offset of the bar: a note, or a rest."""

    offset: int
    duration: int
    is_rest: bool = False


@dataclass(frozen=True, slots=True)
class RhythmWish:
    """What is wanted of a bar's rhythm.

    `durations`, `offsets`, `rests`: the artist's note values, and where in the bar notes and rests begin
    (None: unknown). `density` over 0 asks for more notes, under 0 for fewer; 1 is as far as it goes.
    """

    durations: frozenset[int] = frozenset()
    offsets: frozenset[int] = frozenset()
    rests: frozenset[int] | None = None
    density: float = 0.0
    temperature: float = 0.9
    ends_phrase: bool = False
    style: int = 1


def draw_bar(
    model: MelodyModel, line: Line, bar: int, start: int, end: int, wish: RhythmWish, dice: Dice
) -> list[Beat]:
    """Beats that fill the bar from grid offset `start` to `end` exactly."""
    best: list[Beat] = []
    for _ in range(_TRIES):
        best = _draw_once(model, line.copy(), bar, start, end, wish, dice)
        if not wish.ends_phrase or comes_to_rest(best):
            return best if any(not beat.is_rest for beat in best) else [Beat(start, end - start)]
    return rested(best, start, end)


def comes_to_rest(beats: list[Beat]) -> bool:
    """Whether the bar ends like a phrase: a long last note, or a rest after a note of some length."""
    if not beats:
        return False
    if beats[-1].is_rest:
        return len(beats) > 1 and beats[-1].duration >= GRID // 2 and beats[-2].duration >= GRID // 2
    return beats[-1].duration >= GRID * 3 // 2


def rested(beats: list[Beat], start: int, end: int) -> list[Beat]:
    """The same bar brought to rest: its later notes give way to one long note."""
    notes = [beat for beat in beats if not beat.is_rest]
    middle = start + (end - start) // 2
    strong = [beat for beat in notes if beat.offset <= middle and beat.offset % GRID == 0]
    anchor = strong[-1] if strong else (notes[0] if notes else Beat(start, end - start))
    kept = [beat for beat in beats if beat.offset < anchor.offset]
    return [*kept, Beat(anchor.offset, end - anchor.offset)]


def as_dense(beats: list[Beat], density: float, finest: int, dice: Dice) -> list[Beat]:
    """Taken-over beats thinned out (density under 0) or filled up (over 0); the bar stays as long
    as it was.
    """
    changed: list[Beat] = []
    for beat in beats:
        last = changed[-1] if changed else None
        is_weak = beat.offset % (2 * GRID) != 0 and not beat.is_rest
        if density < 0 and is_weak and last and not last.is_rest and dice.chance() < -0.6 * density:
            changed[-1] = Beat(last.offset, last.duration + beat.duration)
        elif density > 0 and _divides(beat, finest) and dice.chance() < 0.6 * density:
            half = beat.duration // 2
            changed += [Beat(beat.offset, half), Beat(beat.offset + half, beat.duration - half)]
        else:
            changed.append(beat)
    return changed


def _divides(beat: Beat, finest: int) -> bool:
    half = beat.duration // 2
    return not beat.is_rest and half >= finest and half % 6 == 0 and keeps_tuplets(beat.offset, half)


def _draw_once(
    model: MelodyModel, line: Line, bar: int, start: int, end: int, wish: RhythmWish, dice: Dice
) -> list[Beat]:
    beats: list[Beat] = []
    at = start
    taste = _taste(model, wish)
    while at < end:
        allowed = _allowed(model, at, end - at, wish)
        if not allowed.any():
            beat = Beat(at, end - at)
        else:
            logits = mix_rhythm(model.rhythm, line.rhythm_contexts(bar, at), wish.style) / wish.temperature
            logits = np.where(allowed, logits + taste, -np.inf)
            logits = logits - _STRANGE_PLACE * _strange_landing(
                tuple(model.durations.tolist()), at, line.bar_length, wish.offsets
            )
            if wish.rests is not None and at not in wish.rests:
                logits = logits - _STRANGE_REST * model.rests
            symbol = dice.index(logits)
            beat = Beat(at, int(model.durations[symbol]), bool(model.rests[symbol]))
        beats.append(beat)
        line.append(Event(bar, beat.offset, beat.duration, None if beat.is_rest else 0))
        at += beat.duration
    return beats


def _taste(model: MelodyModel, wish: RhythmWish) -> NDArray[np.float64]:
    durations = model.durations
    taste = -_DENSITY * wish.density * np.log2(durations / (GRID / 2))
    if wish.durations:
        taste = taste - _STRANGE_DURATION * ~np.isin(durations, list(wish.durations))
    return np.asarray(taste - 1.5 * (model.rests & (durations < 6)))


@lru_cache(maxsize=5000)
def _strange_landing(
    durations: tuple[int, ...], at: int, bar_length: int, offsets: frozenset[int]
) -> NDArray[np.bool_]:
    """Which durations lead to a place in the bar where the artist never begins a note."""
    landing = (at + np.array(durations)) % max(1, bar_length)
    return ~np.isin(landing, [*offsets, 0]) if offsets else np.zeros(len(durations), dtype=bool)


def _allowed(model: MelodyModel, at: int, left: int, wish: RhythmWish) -> NDArray[np.bool_]:
    """Which rhythm symbols may begin at the offset such that the rest of the bar can be filled."""
    return _allowed_mask(tuple(model.durations.tolist()), at % GRID, left, wish.durations)


@lru_cache(maxsize=20_000)
def _allowed_mask(
    durations: tuple[int, ...], phase: int, left: int, own: frozenset[int]
) -> NDArray[np.bool_]:
    steps = _vocabulary(durations, own)
    fits = [
        duration in steps
        and duration <= left
        and keeps_tuplets(phase, duration)
        and fillable(left - duration, (phase + duration) % GRID, steps)
        for duration in durations
    ]
    return np.array(fits, dtype=bool)


@lru_cache(maxsize=256)
def _vocabulary(durations: tuple[int, ...], own: frozenset[int]) -> tuple[int, ...]:
    """Durations worth drawing: plain values, and finer or tuplet ones only if the artist uses them."""
    fine = {duration for duration in own if duration % 6}
    plain = {duration for duration in durations if duration % 6 == 0}
    return tuple(sorted(plain | (fine & set(durations))))


def keeps_tuplets(at: int, duration: int) -> bool:
    """Whether the duration leaves the beat's subdivision whole: triplets stay among triplets, 32nds come in
    pairs.

    >>> keeps_tuplets(0, 8), keeps_tuplets(8, 6), keeps_tuplets(12, 8)
    (True, False, False)
    """
    before, after = at % GRID, (at + duration) % GRID
    if before % 6 == 0 and after % 6 == 0:
        return True
    if before % 4 == 0 and after % 4 == 0 and (before % 12 or before == 0) and (after % 12 or after == 0):
        return True
    return before % 3 == 0 and after % 3 == 0 and duration % 3 == 0


@lru_cache(maxsize=100_000)
def fillable(left: int, phase: int, steps: tuple[int, ...]) -> bool:
    """Whether `left` ticks can be filled exactly with the durations from that place in the beat.

    >>> fillable(30, 0, (12, 24)), fillable(36, 0, (12, 24))
    (False, True)
    """
    if left <= 0:
        return left == 0
    if left > 2 * GRID:
        left = 2 * GRID + left % GRID
    return any(
        step <= left and keeps_tuplets(phase, step) and fillable(left - step, (phase + step) % GRID, steps)
        for step in steps
    )
