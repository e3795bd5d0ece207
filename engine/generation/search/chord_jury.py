"""Which of the progressions that were written would a musician keep, and which is unlike those already shown?

The readable judgement of the instant generator and, where it is there, the learnt ranking together;
likelihood takes no part beyond how surprising the chords are, which should be as asked. Of harmonisations
that are to be sure the one counts most that agrees with most others (minimum Bayes risk).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import NamedTuple

from engine.api.suggestion import Take
from engine.generation.chords.ideas import Idea, difference, idea
from engine.generation.chords.judge import USUAL_BITS, surprised
from engine.generation.chords.stylecolours import style_colours
from engine.generation.chords.vocabulary import seventh_class
from engine.generation.language.grid import ChordEvent, Sheet, Stream
from engine.generation.search.chord_hole import CHORDS, ChordHole
from engine.generation.search.chord_plan import ChordPlan
from engine.music import ChordSpan
from engine.ranking.features import context_of
from engine.ranking.reranker import Reranker

LEAST_DIFFERENCE = 0.12
_AGREED, _BITS, _STYLED = 8.0, 0.5, 2.0
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
    """What one hand wrote; `mark`: what speaks for it beside the readable judgement of the idea."""

    sheet: Sheet
    idea: Idea
    mark: float


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
        self._colours = style_colours(hole.setting.request.controls.style)
        self._spans_of, self._near = spans_of, near
        self.weights = OVER_MELODY if hole.fit or reranker is None else ALONE
        self._context = (
            None if reranker is None else context_of(written, chunk.start, chunk.stop, map(int, CHORDS))
        )

    def best_unlike(
        self, sheets: Mapping[int, Sheet], given: Sequence[Take], is_sure: bool
    ) -> Candidate | None:
        """The worthiest one that is clearly unlike the takes before; None where all are like one of them.
        `is_sure`: agreement with the others counts.

        How surprising a progression is only takes away from its worth, and is found out only of those that
        would be the best if it were as surprising as wanted.
        """
        others = [take.chords for take in given]
        best: tuple[float, int] | None = None
        found = None
        drafts = [(one, self._novelty(one, others)) for one in self._drafts(sheets, is_sure)]
        fresh = [(self._worth(one) + new, -place) for place, (one, new) in enumerate(drafts) if new >= 0]
        for hoped, place in sorted(fresh, reverse=True):
            if best is not None and (hoped, place) < best:
                break
            draft, new = drafts[-place]
            judgement = surprised(self._hole.setting, draft.idea.spans, draft.idea.judgement)
            one = replace(draft, idea=replace(draft.idea, judgement=judgement))
            worth = (self._worth(one) + new, place)
            if best is None or worth > best:
                best, found = worth, one
        return found

    def _novelty(self, one: Candidate, others: Sequence[Sequence[ChordSpan]]) -> float:
        """What being unlike the takes before is worth; below 0 where it is too like one of them."""
        new = min((difference(one.idea.spans, other) for other in others), default=1.0)
        return self.weights.novelty * new if new >= LEAST_DIFFERENCE else -1.0

    def _drafts(self, sheets: Mapping[int, Sheet], is_sure: bool) -> Iterator[Candidate]:
        """Every different progression, as if it were as surprising as wanted."""
        agreed = _agreement(sheets, self._chunk) if is_sure and len(sheets) > 1 else {}
        bits = [USUAL_BITS if self._wanted is None else self._wanted]
        seen = set()
        for hand in sorted(sheets):
            spans = self._spans_of(sheets[hand], self._chunk.stop)
            told = tuple((span.start_ticks, span.chord) for span in spans)
            if told not in seen:
                seen.add(told)
                name, reasons = self._plan.name, self._plan.reasons
                made = idea(self._hole.setting, spans, self._hole.fit, name, reasons, bits=bits)
                yield Candidate(
                    sheets[hand], made, self._mark(sheets[hand]) + _AGREED * agreed.get(hand, 0.0)
                )

    def _mark(self, sheet: Sheet) -> float:
        if self._reranker is None or self._context is None:
            return 0.0
        return self.weights.ranked * self._reranker.mark(self._context, sheet, self._chunk.stop)

    def _colour(self, spans: Sequence[ChordSpan]) -> float:
        """How well the chords have the colours of a style that is asked for by name, over their time."""
        if not self._colours.any():
            return 0.0
        sounding = [span for span in spans if not span.chord.is_no_chord]
        total = sum(span.duration_ticks for span in sounding)
        said = sum(self._colours[seventh_class(s.chord.quality)] * s.duration_ticks for s in sounding)
        return _STYLED * float(said / total) if total else 0.0

    def _worth(self, one: Candidate) -> float:
        worth = self.weights.readable * one.idea.worth(self._wanted) + self._near(one.idea.spans)
        worth += self._colour(one.idea.spans)
        if self._wanted is not None:
            worth -= _BITS * abs(one.idea.judgement.surprise_bits - self._wanted)
        return worth + one.mark


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
