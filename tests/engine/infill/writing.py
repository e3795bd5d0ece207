"""Questions, plain rules and guides for the decoder's tests."""

from collections.abc import Sequence

import numpy as np

from engine.generation.infill.decoding import Pen
from engine.generation.infill.sampling import Ids
from engine.generation.infill.weights import Sizes, Weights, random_weights
from engine.generation.language.grid import ChordEvent, NoteEvent, Sheet, SheetBar, Stream
from engine.generation.language.question import Fill, Question
from engine.generation.language.rows import FEATURE_COUNT
from engine.generation.language.rules import bits_of
from engine.generation.language.vocabulary import (
    FIRST_DURATION,
    REST,
    VOCABULARY_SIZE,
    chord_token,
    pitch_token,
)

C, M = Stream.CHORDS, Stream.MELODY
TOY = Sizes(d=64, layers=2, heads=2, ff=64, vocabulary=VOCABULARY_SIZE, features=FEATURE_COUNT, context=512)
PITCHES = [pitch_token(pitch) for pitch in (55, 60, 62, 64, 65, 67, 69, 71, 72)]
CHORDS = [chord_token(root, quality) for root, quality in ((0, "maj"), (5, "maj"), (7, "7"), (9, "min"))]
TICKS = (6, 12, 24, 48)


def toy_weights() -> Weights:
    """Spread so that tokens differ much in likelihood."""
    return random_weights(TOY, 3, spread=0.15)


def sheet(bars: int, seed: int = 1) -> Sheet:
    """Quarters of melody over a chord a bar."""
    generator = np.random.default_rng(seed)
    made = []
    for _ in range(bars):
        notes = tuple(NoteEvent(24 * n, 24, int(generator.integers(60, 73))) for n in range(4))
        made.append(
            SheetBar((4, 4), 96, {C: (ChordEvent(0, 96, int(generator.integers(12)), "maj"),), M: notes})
        )
    return Sheet(tuple(made), style="pop", bpm=120)


def question(of: Sheet, *hidden: tuple[int, Stream]) -> Question:
    holes = [frozenset(s for b, s in hidden if b == bar) for bar in range(len(of.bars))]
    return Question(of, tuple(holes))


class PlainGrammar:
    """Values and durations in turn until the bar is full; no chord and no rest twice in a row."""

    def __init__(self, fill: Fill) -> None:
        self.values = sorted(CHORDS if fill.stream is C else [REST, *PITCHES])
        self.left, self.is_value, self.last = fill.length, True, -1

    @property
    def is_done(self) -> bool:
        return self.left == 0

    def allowed_bits(self) -> int:
        if self.is_value:
            return bits_of(value for value in self.values if value != self.last or value in PITCHES)
        return bits_of(FIRST_DURATION + ticks - 1 for ticks in TICKS if ticks <= self.left)

    def copy(self) -> "PlainGrammar":
        raise AssertionError("nobody forks inside a cell")

    def push(self, token: int) -> None:
        assert self.allowed_bits() >> token & 1
        if not self.is_value:
            self.left -= token - FIRST_DURATION + 1
        else:
            self.last = token
        self.is_value = not self.is_value


class PlainGuide:
    """Wants nothing."""

    meets_at_barlines = False
    counts_costs = True

    def grammar(self, pen: Pen, fill: Fill) -> PlainGrammar:
        return PlainGrammar(fill)

    def bias(self, pen: Pen, allowed: Ids) -> np.ndarray | None:
        return None

    def at_barline(self, bar: int, pens: Sequence[Pen]) -> Sequence[int] | None:
        raise AssertionError("nobody meets")


class OnePitch(PlainGuide):
    """Every note is G3, by bias."""

    def bias(self, pen: Pen, allowed: Ids) -> np.ndarray | None:
        wanted = np.isin(allowed, [pitch_token(55), *range(FIRST_DURATION, FIRST_DURATION + 96)])
        return np.where(wanted, 0.0, -np.inf)


class Meeting(PlainGuide):
    """Takes meet; at the first barline all go on as one of them."""

    meets_at_barlines = True

    def __init__(self, leader: int) -> None:
        self.leader = leader
        self.bars: list[int] = []

    def at_barline(self, bar: int, pens: Sequence[Pen]) -> Sequence[int] | None:
        self.bars.append(bar)
        return [self.leader] * len(pens) if len(self.bars) == 1 else None
