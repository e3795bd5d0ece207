"""Which ideas are offered, and in which order?

Candidates of several characters are drawn, judged, and chosen one by one for quality and difference
(maximal marginal
relevance, Carbonell & Goldstein 1998) by how many beats of harmony differ.
"""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from engine.api.suggestion import Scores, SuggestionRequest, Take
from engine.generation.chords.judge import Judgement, judged
from engine.generation.chords.melodyfit import MelodyFit
from engine.generation.chords.setting import Setting
from engine.generation.chords.words import Told, echoes, reasons, title
from engine.music import Chord, ChordSpan

_DIFFERENCE = 2.2
_LEAST_DIFFERENCE = 0.12
_GRID = 240


@dataclass(frozen=True)
class Idea:
    """A candidate: its spans, what it was made for, and its judgement."""

    spans: tuple[ChordSpan, ...]
    name: str
    known_reasons: tuple[str, ...]
    judgement: Judgement
    bonus: float = 0.0

    def worth(self, wanted_bits: float | None) -> float:
        return self.judgement.total(wanted_bits) + self.bonus


def wanted_bits(request: SuggestionRequest) -> float | None:
    """Bits a chord for the surprise asked for: 0 what everybody plays, 1 about five bits."""
    surprise = request.controls.surprise
    return None if surprise is None else 0.8 + 4.2 * surprise


def idea(
    setting: Setting,
    spans: tuple[ChordSpan, ...],
    fit: MelodyFit,
    name: str = "",
    known: Sequence[str] = (),
    bonus: float = 0.0,
    bits: Sequence[float] | None = None,
) -> Idea:
    """A candidate with its judgement; `bits` as for `judged`."""
    return Idea(spans, name, tuple(known), judged(setting, spans, fit, bits), bonus)


def chosen(
    pool: Sequence[Idea], count: int, wanted: float | None, taken: Sequence[Idea] = ()
) -> Iterator[Idea]:
    """Up to `count` ideas, best first, each clearly other than those before and than `taken`."""
    left = list(pool)
    shown = list(taken)
    given = 0
    while left and given < count:
        best = max(left, key=lambda one: one.worth(wanted) + _DIFFERENCE * _novelty(one, shown))
        left.remove(best)
        if _novelty(best, shown) < _LEAST_DIFFERENCE and shown:
            continue
        shown.append(best)
        given += 1
        yield best


def _novelty(one: Idea, shown: Sequence[Idea]) -> float:
    return min((difference(one.spans, other.spans) for other in shown), default=1.0)


def difference(a: Sequence[ChordSpan], b: Sequence[ChordSpan]) -> float:
    """Share of the time in which two ideas sound different chords; half for another colour or bass on the
    same root."""
    if not a:
        return 1.0
    start, end = a[0].start_ticks, a[-1].end_ticks
    edges = sorted({s.start_ticks for s in (*a, *b)} | {end})
    total = 0.0
    for low, high in itertools.pairwise(edges):
        if low >= start and high <= end:
            total += (high - low) * unlike(_at(a, low), _at(b, low))
    return total / max(1, end - start)


def unlike(a: Chord | None, b: Chord | None) -> float:
    """0 the same chord, 0.3 the same triad, 0.5 the same root, less than 1 with two tones in common."""
    if a == b:
        return 0.0
    if a is None or b is None or a.is_no_chord or b.is_no_chord:
        return 1.0
    if a.root == b.root:
        same_third = a.has_minor_third == b.has_minor_third
        return 0.3 if same_third else 0.6
    return 0.8 if len(a.pitch_classes & b.pitch_classes) >= 2 else 1.0


def _at(spans: Sequence[ChordSpan], tick: int) -> Chord | None:
    return next((span.chord for span in spans if span.start_ticks <= tick < span.end_ticks), None)


def take_of(setting: Setting, one: Idea, fit: MelodyFit, before: Sequence[Take] = ()) -> Take:
    """The playable answer with title (other than those before), reasons and scores."""
    request = setting.request
    told = Told(setting, one.spans, fit)
    echo = echoes(setting, one.spans)
    known = list(one.known_reasons)
    if echo and not any("echo" in text or "loop" in text for text in known):
        known.append(f"echoes {echo}")
    old = setting.inside
    return Take(
        index=len(before),
        title=one.name or title(told, [take.title for take in before]),
        reasons=reasons(told, known),
        chords=one.spans,
        scores=Scores(
            fit=None if one.judgement.fit is None else round(one.judgement.fit, 3),
            distance=round(difference(one.spans, old), 3) if old else None,
            surprise=round(one.judgement.surprise_bits, 2),
            novelty=round(1.0 - one.judgement.recall, 3),
        ),
        model=setting.model.ref,
        seed=request.seed,
        echoes=f"echoes {echo}" if echo else "",
    )
