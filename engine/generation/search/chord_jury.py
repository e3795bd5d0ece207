"""Which of the progressions that were written would a musician keep, and which is unlike those already shown?

The readable judgement of the instant generator and, where it is there, the learnt ranking together;
likelihood takes no part beyond how surprising the chords are, which should be as asked. Of harmonisations
that are to be sure the one counts most that agrees with most others (minimum Bayes risk).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

from engine.api.suggestion import Take
from engine.generation.chords.ideas import Idea, difference, idea
from engine.generation.language.grid import ChordEvent, Sheet, Stream
from engine.generation.search.chord_hole import CHORDS, ChordHole
from engine.generation.search.chord_plan import ChordPlan
from engine.music import ChordSpan
from engine.ranking.features import context_of
from engine.ranking.reranker import Reranker

LEAST_DIFFERENCE = 0.12
_AGREED, _BITS = 8.0, 0.5
_SAME_TRIAD = 0.3


class Weights(NamedTuple):
    """Of the readable judgement, of the learnt ranking, of being unlike the takes before."""

    readable: float
    ranked: float
    novelty: float


OVER_MELODY, ALONE = Weights(1.0, 2.0, 2.2), Weights(0.15, 2.0, 0.7)
"""Where nothing is sung the ranking knows better than the rules what people write. Chosen on valid."""


@dataclass(frozen=True)
class Candidate:
    """What one hand wrote, and its worth."""

    sheet: Sheet
    idea: Idea
    worth: float


class ChordJury:
    """Of one chunk; `spans_of` gives the spans of a written sheet, `near` adds to their worth what the kind
    asks for."""

    def __init__(
        self,
        hole: ChordHole,
        chunk: range,
        written: Sheet,
        plan: ChordPlan,
        wanted_bits: float | None,
        reranker: Reranker | None,
        spans_of: Callable[[Sheet, int], tuple[ChordSpan, ...]],
        near: Callable[[Sequence[ChordSpan]], float] = lambda spans: 0.0,
    ) -> None:
        self._hole, self._chunk, self._plan = hole, chunk, plan
        self._wanted, self._reranker = wanted_bits, reranker
        self._spans_of, self._near = spans_of, near
        self.weights = OVER_MELODY if hole.fit or reranker is None else ALONE
        self._context = (
            None if reranker is None else context_of(written, chunk.start, chunk.stop, map(int, CHORDS))
        )

    def candidates(self, sheets: Mapping[int, Sheet], is_sure: bool) -> list[Candidate]:
        """Every different progression, with its worth; `is_sure`: agreement with the others counts."""
        agreed = _agreement(sheets, self._chunk) if is_sure and len(sheets) > 1 else {}
        found: list[Candidate] = []
        seen = set()
        for hand in sorted(sheets):
            spans = self._spans_of(sheets[hand], self._chunk.stop)
            told = tuple((span.start_ticks, span.chord) for span in spans)
            if told not in seen:
                seen.add(told)
                made = idea(self._hole.setting, spans, self._hole.fit, self._plan.name, self._plan.reasons)
                worth = self._worth(sheets[hand], made) + _AGREED * agreed.get(hand, 0.0)
                found.append(Candidate(sheets[hand], made, worth))
        return found

    def _worth(self, sheet: Sheet, made: Idea) -> float:
        worth = self.weights.readable * made.worth(self._wanted) + self._near(made.spans)
        if self._wanted is not None:
            worth -= _BITS * abs(made.judgement.surprise_bits - self._wanted)
        if self._reranker is not None and self._context is not None:
            worth += self.weights.ranked * self._reranker.mark(self._context, sheet, self._chunk.stop)
        return worth


def best_unlike(found: Sequence[Candidate], given: Sequence[Take], weight: float) -> Candidate | None:
    """The worthiest one that is clearly unlike the takes before (this counts `weight`); None where all are
    like one of them."""
    others = [take.chords for take in given]

    def novelty(one: Candidate) -> float:
        return min((difference(one.idea.spans, other) for other in others), default=1.0)

    fresh = [(one, novelty(one)) for one in found]
    fresh = [pair for pair in fresh if pair[1] >= LEAST_DIFFERENCE]
    return max(fresh, key=lambda pair: pair[0].worth + weight * pair[1])[0] if fresh else None


def _agreement(sheets: Mapping[int, Sheet], chunk: range) -> dict[int, float]:
    """For every hand in how much of the time the others have its root (a little more: its triad)."""
    told = {hand: [_by_tick(sheet, bar) for bar in chunk] for hand, sheet in sheets.items()}
    shares = dict.fromkeys(sheets, 0.0)
    for one, other in combinations(sorted(sheets), 2):
        same = ticks = 0.0
        for first, second in zip(told[one], told[other], strict=True):
            ticks += len(first)
            same += sum(
                (a[0] == b[0]) * (1 - _SAME_TRIAD + _SAME_TRIAD * (a == b))
                for a, b in zip(first, second, strict=True)
            )
        for hand in (one, other):
            shares[hand] += same / ticks / (len(sheets) - 1)
    return shares


_STEP = 12


def _by_tick(sheet: Sheet, bar: int) -> list[tuple[int, str]]:
    """Root and quality at every eighth."""
    told = sheet.bars[bar]
    found = []
    cell = [e for e in told.cells.get(Stream.CHORDS, ()) if isinstance(e, ChordEvent)]
    for tick in range(0, told.length, _STEP):
        under = [e for e in cell if e.offset <= tick]
        found.append((under[-1].root, under[-1].quality) if under else (-1, ""))
    return found
