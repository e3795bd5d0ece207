"""Which pitches do these rhythms sing?

Goes through the slots of a region from left to right. A slot is forced (a note that stays), led (copied or
sequenced material that is fitted to the chord here) or free (drawn from the pitch stream). Free slots obey
hard rules (range, scale and chord, largest leap, reaching what comes next) and lean by soft ones, each a
small function named as the rule.
"""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.generation.melody.dice import Dice
from engine.generation.melody.harmony import ChordTone
from engine.generation.melody.line import GRID, Event, Line
from engine.generation.melody.model import MelodyModel
from engine.generation.melody.scales import clashes, nearest
from engine.generation.melody.sketch import Sketch
from engine.generation.melody.structure import AWKWARD, is_heavy
from engine.generation.melody.tables import PITCH_HIGH, PITCH_LOW, mix_pitch

_PITCHES = np.arange(PITCH_LOW, PITCH_HIGH + 1)
_CLASSES = _PITCHES % 12
_SECOND, _THIRD, _FOURTH = 2, 4, 5
_NOT_AGAIN = 2.0
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Slot:
    """A place for a note (or rest). `forced`: the pitch that stands; `led`: the pitch to take up if it fits;
    `avoid`: the pitch its source bar has here, which a new line should not simply repeat; `aim`: degrees
    (0-11) wanted here, as at a cadence; `curve`: the height the phrase's shape wants."""

    bar: int
    offset: int
    duration: int
    is_rest: bool = False
    forced: int | None = None
    led: int | None = None
    avoid: int | None = None
    aim: frozenset[int] = frozenset()
    curve: float | None = None

    @property
    def event(self) -> Event:
        return Event(self.bar, self.offset, self.duration, None if self.is_rest else 0)


class Manner(NamedTuple):
    """How to draw: temperature, mixing weights of which style, how far the shape pulls, and how much higher
    than the artist's melody it lies (both in semitones)."""

    temperature: float = 0.9
    style: int = 1
    spread: float = 5.0
    lift: float = 0.0


class Goal(NamedTuple):
    """A pitch that must be reached, and in how many notes."""

    pitch: int
    notes: int


@dataclass
class Singer:
    """Draws pitches for slots after a line, within the artist's range and the song's chords."""

    model: MelodyModel
    sketch: Sketch
    manner: Manner
    dice: Dice
    line: Line
    sung: list[Event] = field(default_factory=list)

    def sing(self, slots: list[Slot], after: int | None = None) -> list[Event]:
        """Events for the slots, rests included; `after`: the pitch of the note that follows the last slot."""
        for place, slot in enumerate(slots):
            aim = slots[place + 1].aim if place + 1 < len(slots) else frozenset()
            pitch = None if slot.is_rest else self._pitch(slot, _goal(slots, place, after), aim)
            event = Event(slot.bar, slot.offset, slot.duration, pitch)
            self.line.append(event)
            self.sung.append(event)
        return self.sung

    def _pitch(self, slot: Slot, goal: Goal | None, next_aim: frozenset[int]) -> int:
        if slot.forced is not None:
            return slot.forced
        chord = self.line.chord_under(slot.event)
        allowed = self.sketch.allowed(slot.bar, slot.offset)
        if slot.led is not None and (fitted := self._fitted(slot, slot.led, chord, allowed)) is not None:
            return fitted
        scores = self._drawn_scores(slot, chord) + leads_to(next_aim)
        mask = self._mask(slot, chord, allowed, goal)
        return int(_PITCHES[self.dice.index(np.where(mask, scores, -np.inf))])

    def _fitted(self, slot: Slot, led: int, chord: ChordTone | None, allowed: frozenset[int]) -> int | None:
        """The led pitch, moved to the nearest tone that agrees with the chord if it carries weight."""
        wanted = allowed
        if chord is not None and is_heavy(slot.event, self.line.bar_length) and led % 12 not in chord.tones:
            wanted = chord.tones
        if slot.aim:
            wanted = (slot.aim & wanted) or slot.aim
        lean = 0
        if self.line.pitches:
            lean = 1 if led > self.line.pitches[-1] else -1
        return nearest(led, wanted, self.sketch.low, self.sketch.high, lean)

    def _drawn_scores(self, slot: Slot, chord: ChordTone | None) -> Floats:
        line = self.line
        last = line.pitches[-1] if line.pitches else 0
        contexts = line.pitch_contexts(slot.bar, slot.offset, slot.duration)
        scores = mix_pitch(self.model.pitch, contexts, last, self.manner.style) / self.manner.temperature
        scores = scores + agreement(chord, is_heavy(slot.event, line.bar_length))
        if line.pitches:
            scores = scores + resolves_leap(line.pitches) + prefers_small_leaps(last)
            scores = scores + avoids_standing_still(line.pitches, self.sketch.repeats)
        if slot.avoid is not None:
            scores[slot.avoid == _PITCHES] -= _NOT_AGAIN
        if slot.curve is not None:
            scores = scores - 0.5 * ((_PITCHES - slot.curve) / self.manner.spread) ** 2
        return np.asarray(scores)

    def _mask(
        self, slot: Slot, chord: ChordTone | None, allowed: frozenset[int], goal: Goal | None
    ) -> NDArray[np.bool_]:
        """Hard rules, the dearest first; a rule that would leave nothing is passed over."""
        sketch, pitches = self.sketch, self.line.pitches
        mask = (sketch.low <= _PITCHES) & (sketch.high >= _PITCHES)
        rules = [of_degrees(allowed)]
        if goal is not None:
            rules.append(np.abs(_PITCHES - goal.pitch) <= sketch.max_leap * goal.notes)
        if slot.aim:
            rules.append(of_degrees(slot.aim))
        if pitches:
            rules.append(np.abs(_PITCHES - pitches[-1]) <= sketch.max_leap)
        if goal is not None:
            rules.append(np.abs(_PITCHES - goal.pitch) <= _THIRD * goal.notes + 1)
        if is_heavy(slot.event, self.line.bar_length) and slot.duration >= GRID:
            rules.append(without_clashes(chord))
        for rule in rules:
            if (mask & rule).any():
                mask = mask & rule
        return mask


def _goal(slots: list[Slot], place: int, after: int | None) -> Goal | None:
    """The next forced pitch within reach of attention (eight notes)."""
    notes = 0
    for slot in slots[place + 1 : place + 9]:
        if slot.is_rest:
            continue
        notes += 1
        if slot.forced is not None:
            return Goal(slot.forced, notes)
    left = len(slots) - place - 1
    return Goal(after, notes + 1) if after is not None and left <= 8 else None


@lru_cache(maxsize=1000)
def of_degrees(degrees: frozenset[int]) -> NDArray[np.bool_]:
    """Which pitches have one of the degrees (0-11 above the tonic)."""
    return np.isin(_CLASSES, list(degrees))


@lru_cache(maxsize=1000)
def without_clashes(chord: ChordTone | None) -> NDArray[np.bool_]:
    """Which pitches are no minor ninth over a tone of the chord."""
    return np.array([not clashes(int(degree), chord) for degree in _CLASSES])


@lru_cache(maxsize=1000)
def agreement(chord: ChordTone | None, heavy: bool) -> Floats:
    """Chord tones where the melody carries weight; a mild lean, people sing four in five."""
    if chord is None:
        return np.zeros(len(_PITCHES))
    inside, outside = (0.3, -0.8) if heavy else (0.1, 0.0)
    return np.where(of_degrees(chord.tones), inside, outside)


@lru_cache(maxsize=256)
def prefers_small_leaps(last: int) -> Floats:
    """Beyond a fourth every semitone costs; tritones and sevenths are hard to sing."""
    sizes = np.abs(_PITCHES - last)
    return np.asarray(-0.25 * np.maximum(0, sizes - _FOURTH) - 0.8 * np.isin(sizes, AWKWARD))


@lru_cache(maxsize=1000)
def leads_to(aim: frozenset[int]) -> Floats:
    """Before a close: a step away from where the phrase will end, not yet there."""
    scores = np.zeros(len(_PITCHES))
    if aim and len(aim) < 4:
        near = frozenset((degree + step) % 12 for degree in aim for step in (-2, -1, 1, 2))
        scores += np.where(of_degrees(near), 0.7, 0.0) - np.where(of_degrees(aim), 0.9, 0.0)
    return scores


def resolves_leap(pitches: list[int]) -> Floats:
    """After a leap of more than a fourth the line turns back, by step if it can."""
    scores = np.zeros(len(_PITCHES))
    if len(pitches) < 2 or abs(pitches[-1] - pitches[-2]) <= _FOURTH:
        return scores
    back = -1 if pitches[-1] > pitches[-2] else 1
    moves = (_PITCHES - pitches[-1]) * back
    scores[(moves > 0) & (moves <= _SECOND)] += 0.9
    scores[moves < -_SECOND] -= 2.0
    return scores


def avoids_standing_still(pitches: list[int], repeats: float) -> Floats:
    """Repeated notes as rare as the artist's (`repeats`, a share), no endless rocking between two notes."""
    scores = np.zeros(len(_PITCHES))
    scores[pitches[-1] == _PITCHES] -= 6.0 * max(0.0, 0.25 - repeats)
    if len(pitches) >= 2 and pitches[-1] == pitches[-2]:
        scores[pitches[-1] == _PITCHES] -= 3.0
    if len(pitches) >= 3 and pitches[-1] == pitches[-3]:
        scores[pitches[-2] == _PITCHES] -= 1.2
    return scores
