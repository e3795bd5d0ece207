"""How do hands keep to what the artist wrote, just as much as asked?

Each note of the artist pulls with its weight: the hand leans on its pitch where it begins, and on its length.
The pull is steered by how far the hand has gone at the last barline.
"""

from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum

import numpy as np

from engine.generation.infill.decoding import Pen
from engine.generation.infill.sampling import Ids
from engine.generation.language.controls import metrical_level
from engine.generation.language.grid import GRID, NoteEvent, Sheet
from engine.generation.language.question import Fill
from engine.generation.language.rules import CellGrammar
from engine.generation.language.vocabulary import (
    FIRST_CHORD,
    FIRST_DURATION,
    FIRST_PITCH,
    LONGEST,
    duration_token,
    pitch_token,
)
from engine.generation.melody.plan import Way
from engine.generation.search.asking import Part
from engine.generation.search.melody_guide import MelodyGuide, pitches_of
from engine.generation.search.melody_jury import MelodyJury
from engine.generation.search.melody_likeness import KnownWorks
from engine.generation.search.melody_material import PlannedBar
from engine.generation.search.melody_original import Original
from engine.generation.search.melody_pulls import Floats
from engine.ranking.originality.own import OwnMaterial

STRONGEST, STEERING, SPREAD = 5.0, 16.0, 0.45
_LEAST, _MOST = -5.0, 8.0
_NEUTRAL = 0.45
"""At this distance the model, told to vary, needs no pull."""
_MISSED = 20.0
_STRONG = -1


class Leaning(StrEnum):
    """What of the artist's notes a variation leans on."""

    SKELETON = "skeleton"  # the strong and long notes
    RHYTHM = "rhythm"  # every note's place and length
    OPENING = "opening"  # the first half
    ALL = "all"  # every note alike


class VariationJury:
    """A jury that also wants the distance asked."""

    def __init__(self, jury: MelodyJury, original: Original, chunk: range, target: float) -> None:
        self._jury, self._original, self._chunk, self.target = jury, original, chunk, target

    def partial(self, sheet: Sheet, end: int) -> float:
        missed = abs(self._original.gone(sheet, range(self._chunk.start, end)) - self.target)
        return self._jury.partial(sheet, end) - _MISSED * missed

    def final(self, sheet: Sheet) -> float:
        missed = abs(self._original.gone(sheet, self._chunk) - self.target)
        return self._jury.final(sheet) - _MISSED * max(0.0, missed - 0.03)


class LeaningGuide(MelodyGuide):
    """Of one chunk that is varied."""

    def __init__(
        self,
        original: Original,
        part: Part,
        chunk: range,
        jury: VariationJury,
        before: Sheet,
        seed: int,
        leaning: Leaning,
        hands: Sequence[int],
    ) -> None:
        plan = dict.fromkeys(chunk, PlannedBar(Way.NEW))
        works = KnownWorks(None, before, chunk.start, hands, OwnMaterial(original.hole.request.song))
        super().__init__(original.hole, part, plan, jury, works, before, seed)
        self._original, self._chunk, self._leaning_on = original, chunk, leaning
        self._target = jury.target
        middle = (len(hands) - 1) / 2
        self._spread = {hand: SPREAD * (place - middle) for place, hand in enumerate(hands)}
        self._pull: dict[int, float] = {}

    def grammar(self, pen: Pen, fill: Fill) -> CellGrammar:
        self.pens[pen.take] = pen
        bar = fill.bar + self._part.first
        self._pull[pen.take] = self._pull_of(pen, bar)
        rules = self._rules[bar]
        narrowed = None
        if self._leaning_on is Leaning.RHYTHM or self._original.passage.keep_rhythm:
            narrowed = replace(rules, rhythm=self._original.cell(bar), onsets=None)
        return self._grammar.begin(fill.bar, fill.stream, pen.written, narrowed)

    def _pull_of(self, pen: Pen, bar: int) -> float:
        """Stronger the nearer the target, and when the hand has gone too far already."""
        pull = STRONGEST * (1 - self._target / _NEUTRAL) + self._spread[pen.take]
        if bar > self._chunk.start:
            done = range(self._chunk.start, bar)
            pull += STEERING * (self._original.gone(self._whole(pen.written), done) - self._target)
        return min(_MOST, max(_LEAST, pull))

    def bias(self, pen: Pen, allowed: Ids) -> Floats | None:
        assert pen.fill is not None
        bar = pen.fill.bar + self._part.first
        tick = sum(t - FIRST_DURATION + 1 for t in pen.tokens if FIRST_DURATION <= t < FIRST_CHORD)
        is_value = not pen.tokens or FIRST_DURATION <= pen.tokens[-1] < FIRST_CHORD
        own = next((note for note in self._original.cell(bar) if note.offset == tick), None)
        if not is_value:
            return self._on_length(bar, tick, own, allowed, self._pull[pen.take])
        leaning = super().bias(pen, allowed)
        if own is not None and leaning is not None and not own.tied:
            pull = self._pull[pen.take] * self._weight(bar, own)
            leaning = leaning + pull * (allowed == pitch_token(own.pitch))
            leaning = _within_contour(leaning, allowed, self._direction(bar, own), self._last_pitches(pen))
        return leaning

    def _on_length(
        self, bar: int, tick: int, own: NoteEvent | None, allowed: Ids, pull: float
    ) -> Floats | None:
        """Leans on the artist's length, else on what leads to the artist's next note."""
        wanted = own.duration if own is not None else self._until_next(bar, tick)
        if wanted is None or wanted > LONGEST:
            return None
        weight = 1.0 if own is None else self._weight(bar, own)
        found: Floats = pull * weight * (allowed == duration_token(wanted))
        return found

    def _until_next(self, bar: int, tick: int) -> int | None:
        return next((n.offset - tick for n in self._original.cell(bar) if n.offset > tick), None)

    def _weight(self, bar: int, note: NoteEvent) -> float:
        """How much a note counts for what is leant on."""
        hole = self._original.hole
        if self._leaning_on is Leaning.OPENING:
            return 1.6 if bar < self._chunk.start + (len(self._chunk) + 1) // 2 else 0.5
        if self._leaning_on is Leaning.SKELETON:
            level = metrical_level(hole.sheet.bars[bar].metre, hole.base(bar) + note.offset)
            return 1.5 if level >= _STRONG or note.duration >= 2 * GRID else 0.6
        return 1.0

    def _last_pitches(self, pen: Pen) -> list[int]:
        """The last notes before the place, as far as they are near."""
        pitches = [t - FIRST_PITCH for t in pen.tokens if FIRST_PITCH <= t < FIRST_DURATION]
        assert pen.fill is not None
        bar = pen.fill.bar - 1
        while len(pitches) < 3 and bar >= max(0, pen.fill.bar - 2):
            pitches = pitches_of(pen.written, bar) + pitches
            bar -= 1
        return pitches[-3:]

    def _direction(self, bar: int, note: NoteEvent) -> int | None:
        """Which way the artist's line comes to this note, where its contour is to be kept."""
        if not self._original.passage.keep_contour:
            return None
        earlier = [n.pitch for b in range(self._chunk.start, bar) for n in self._original.cell(b)]
        earlier += [n.pitch for n in self._original.cell(bar) if n.offset < note.offset]
        return int(np.sign(note.pitch - earlier[-1])) if earlier else None


def _within_contour(leaning: Floats, allowed: Ids, direction: int | None, last: Sequence[int]) -> Floats:
    if direction is None or not last:
        return leaning
    moves = np.sign(allowed - FIRST_PITCH - last[-1])
    is_pitch = (allowed >= FIRST_PITCH) & (allowed < FIRST_DURATION)
    kept: Floats = np.where(is_pitch & (moves != direction), -np.inf, leaning)
    return kept
