"""What may the hands write in each bar, where are they led, and who goes on at the barline?

The rules of the hole and the plan are hard (grammar). The rest is leaning: a little away from notes a
semitone above a chord tone on strong beats, the pitch a moved figure leads to, the register and contour asked
for. At barlines the jury decides who goes on; a hand that is in the middle of a known work does not.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np

from engine.api.errors import ImpossibleError
from engine.generation.infill.decoding import Pen
from engine.generation.infill.sampling import Chance, Ids
from engine.generation.language.controls import metrical_level
from engine.generation.language.grammar import Grammar
from engine.generation.language.grid import NoteEvent, Sheet, Stream
from engine.generation.language.question import Fill
from engine.generation.language.rules import CellGrammar, Rules
from engine.generation.language.vocabulary import (
    FIRST_CHORD,
    FIRST_DURATION,
    FIRST_PITCH,
    REST,
    VOCABULARY_SIZE,
    Control,
)
from engine.generation.melody.plan import Way
from engine.generation.search.asking import Part
from engine.generation.search.melody_hole import MelodyHole
from engine.generation.search.melody_likeness import KnownWorks
from engine.generation.search.melody_material import Led, PlannedBar, led
from engine.generation.search.melody_pulls import (
    Floats,
    along,
    at_height,
    held,
    leading,
    towards,
    turned,
)
from engine.generation.search.particles import survivors

_STRONG = -2
"""Metrical level from which a place is a strong one."""
HARSH = -0.3
AVOIDED = -1.5
_SHARPNESS = 1.0
_TOO_NEAR = 100.0
_OWN_CHANCE = 1 << 40


class Jury(Protocol):
    def partial(self, sheet: Sheet, end: int) -> float:
        """The worth of what is written up to bar `end`."""
        ...


class MelodyGuide:
    """Of one chunk of a hole that is written by several hands after one plan."""

    meets_at_barlines = True
    counts_costs = False

    def __init__(
        self,
        hole: MelodyHole,
        part: Part,
        plan: Mapping[int, PlannedBar],
        jury: Jury,
        works: KnownWorks,
        before: Sheet,
        seed: int,
    ) -> None:
        """`before`: the whole sheet with all that was written before the chunk."""
        self._hole, self._part, self._plan = hole, part, plan
        self._jury, self._works, self._before = jury, works, before
        self._chance = Chance(seed, _OWN_CHANCE)
        self._following = _first_pitch(before, hole.hole.stop)
        self._rules: dict[int, Rules] = {}
        self._grammar = self._opened()
        self.pens: dict[int, Pen] = {}
        self._led: dict[int, Led | None] = {}
        self._scores: dict[int, float] = {}
        self._leanings: dict[tuple[int, int], Floats] = {}

    # rules ------------------------------------------------------------------------------

    def _opened(self) -> Grammar:
        """The grammar under as many of the rules as what stays allows. Raises ImpossibleError."""
        question, first = self._part.question, self._part.first
        bars = [bar + first for bar in question.fills]
        ladders = [self._hole.loosened(bar, self._plan[bar].ending) for bar in bars]
        problem = ImpossibleError("These bars cannot be written as asked.")
        for step in zip(*ladders, strict=True):
            self._rules = dict(zip(bars, step, strict=True))
            rules = {(bar - first, Stream.MELODY): found for bar, found in self._rules.items()}
            try:
                return Grammar(question, rules, self._label)
            except ImpossibleError as error:
                problem = error
        raise problem

    def _label(self, bar: int) -> str:
        return self._hole.sketch.label(self._hole.of_sketch(bar + self._part.first))

    def grammar(self, pen: Pen, fill: Fill) -> CellGrammar:
        self.pens[pen.take] = pen
        bar = fill.bar + self._part.first
        found = None
        if not self._hole.locks(bar):
            found = led(self._hole, bar, self._plan[bar], self._whole(pen.written), self._rules[bar])
        self._led[pen.take] = found
        narrowed = None if found is None else found.rules
        return self._grammar.begin(fill.bar, fill.stream, pen.written, narrowed)

    def _whole(self, written: Sheet) -> Sheet:
        """The whole sheet with the chunk's bars as written."""
        return self._part.put_back(self._before, written)

    # leanings ---------------------------------------------------------------------------

    def bias(self, pen: Pen, allowed: Ids) -> Floats | None:
        assert pen.fill is not None
        tick = sum(t - FIRST_DURATION + 1 for t in pen.tokens if FIRST_DURATION <= t < FIRST_CHORD)
        bar = pen.fill.bar + self._part.first
        if pen.tokens and not FIRST_DURATION <= pen.tokens[-1] < FIRST_CHORD:
            is_end = self._hole.comes_to_rest(self._plan[bar].ending) and pen.tokens[-1] != REST
            return held(allowed, tick, pen.fill.length) if is_end else None
        leaning = self._leaning(bar, tick)[allowed]
        target = self._led.get(pen.take)
        if target is not None and tick in target.pitches:
            leaning = leaning + towards(target.pitches[tick])[allowed]
        if target is not None and tick in target.avoided:
            leaning = leaning + AVOIDED * (allowed == FIRST_PITCH + target.avoided[tick])
        asked = self._part.question.controls.get(pen.fill.bar, {})
        if Control.CONTOUR in asked:
            inside = tuple(t - FIRST_PITCH for t in pen.tokens if FIRST_PITCH <= t < FIRST_DURATION)
            is_late, hole = tick * 2 >= pen.fill.length, self._hole
            pull = turned(asked[Control.CONTOUR], inside, is_late, hole.low, hole.high)
            leaning = leaning + pull[allowed]
        height = self._hole.height(bar, tick)
        if height is not None:
            return np.asarray(leaning + along(height)[allowed])
        if self._following is not None and bar == self._hole.hole[-1] and tick * 2 >= pen.fill.length:
            leaning = leaning + leading(self._following)[allowed]
        if Control.REGISTER in asked:
            leaning = leaning + at_height(asked[Control.REGISTER])[allowed]
        return leaning

    def _leaning(self, bar: int, tick: int) -> Floats:
        """Of every token that may begin there, whatever came before."""
        found = self._leanings.get((bar, tick))
        if found is None:
            found = self._leanings[bar, tick] = self._leaning_anew(bar, tick)
        return found

    def _leaning_anew(self, bar: int, tick: int) -> Floats:
        hole, found = self._hole, np.zeros(VOCABULARY_SIZE)
        pitches = found[FIRST_PITCH : FIRST_PITCH + 128]
        chord = hole.chord(bar, tick)
        level = metrical_level(hole.sheet.bars[bar].metre, hole.base(bar) + tick)
        if chord is not None and level >= _STRONG:
            for degree in {(tone + 1) % 12 for tone in chord.tones} - chord.tones:
                pitches[degree::12] += HARSH
        pitches[: hole.low] = -np.inf
        pitches[hole.high + 1 :] = -np.inf
        return found

    # barlines ---------------------------------------------------------------------------

    def weigh(self, bar: int) -> int:
        """Judges all hands at the end of a bar of the part; the number of the best."""
        end = bar + self._part.first + 1
        for take, pen in self.pens.items():
            sheet = self._whole(pen.written)
            is_own = self._plan[end - 1].way is Way.COPY
            known = self._works.run(take, sheet, end - 1, is_own)
            self._scores[take] = float("-inf") if known else self._jury.partial(sheet, end)
        return max(self._scores, key=lambda take: self._scores[take])

    def at_barline(self, bar: int, pens: Sequence[Pen]) -> Sequence[int] | None:
        if bar == self._part.question.fills[-1]:
            return None
        scores = [self._scores.get(pen.take, 0.0) for pen in pens]
        indices = survivors(scores, _SHARPNESS, self._chance.at(bar))
        if indices is not None:
            self._works.resample([pen.take for pen in pens], indices)
        return indices

    def doubt(self, take: int) -> float:
        """What is taken off for nearness to a known work."""
        return _TOO_NEAR if self._scores.get(take) == float("-inf") else 0.0

    def whole(self, take: int) -> Sheet:
        """The whole sheet as this hand has written it so far."""
        return self._whole(self.pens[take].written)


def _first_pitch(sheet: Sheet, bar: int) -> int | None:
    """The first note of a bar, if it is there."""
    cell = sheet.bars[bar].cells.get(Stream.MELODY, ()) if bar < len(sheet.bars) else ()
    return next((note.pitch for note in cell if isinstance(note, NoteEvent)), None)


def pitches_of(sheet: Sheet, bar: int) -> list[int]:
    """Of the notes that begin in a bar."""
    cell = sheet.bars[bar].cells.get(Stream.MELODY, ())
    return [note.pitch for note in cell if isinstance(note, NoteEvent) and not note.tied]
