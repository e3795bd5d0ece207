"""Bar by bar: what is new, what returns, and how?

People repeat: a quarter to a third of melody bars equal an earlier bar and as many again share its rhythm
(measured on the training tunes, see the model card). A small model does not learn to copy, so a plan says for
each bar where its material comes from, first of all from the artist's own bars, and the composer enforces it.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from math import exp

from engine.generation.melody.dice import Dice
from engine.generation.melody.scales import step_in
from engine.generation.melody.sketch import Sketch
from engine.generation.melody.structure import is_heavy

PHRASE_BARS = 4
_STEPS = {1: 2.0, 2: 2.5, -1: 2.0, -2: 1.5, 3: 0.8, -3: 0.8}
"""How people move a figure: scale steps and how willingly."""
_POOR_FIT = 0.5
_NEW_MIDDLE = 0.2
_RETURNS = 0.85


class Way(StrEnum):
    """How a bar gets its notes from its source bar."""

    NEW = "new"
    COPY = "copy"  # the same notes, fitted to the chords here
    SEQUENCE = "sequence"  # the same figure moved by scale steps
    MIRROR = "mirror"  # the same rhythm, the figure upside down
    RHYTHM = "rhythm"  # the same rhythm, other pitches


class Ending(StrEnum):
    """How a bar closes: in the middle of a phrase, open (half close), or closed (full close)."""

    NONE = "none"
    OPEN = "open"
    CLOSED = "closed"


class Character(StrEnum):
    """What a take is like as a whole; four takes of a request have different characters."""

    PARALLEL = "parallel"
    SEQUENCE = "sequence"
    RHYTHM = "rhythm"
    FRESH = "fresh"
    MIRROR = "mirror"


@dataclass(frozen=True, slots=True)
class BarPlan:
    """One bar: `source` is a bar by the line's count (with NEW: one not to repeat), `steps` scale steps for
    SEQUENCE; `phrase` counts phrases in the region and `place` is the bar's place in its phrase from 0 to
    1."""

    bar: int
    way: Way = Way.NEW
    source: int | None = None
    steps: int = 0
    ending: Ending = Ending.NONE
    phrase: int = 0
    place: float = 0.0


def plan_bars(
    sketch: Sketch, character: Character, context: list[int], leads_on: bool, dice: Dice
) -> list[BarPlan]:
    """The plan of the region. `context`: the artist's bars to take up, in order; `leads_on`: no close at the
    end.
    """
    plans: list[BarPlan] = []
    for phrase, bars in enumerate(phrases_of(list(sketch.region_bars))):
        steps = best_steps(sketch, list(zip(context, bars[:2], strict=False)), dice)
        for index, bar in enumerate(bars):
            source = _source(sketch, character, context, bars, index, phrase)
            way = _way(character, index, len(bars), phrase, dice)
            if source is None or not has_same_shape(sketch, source, bar):
                way, source = Way.NEW, context[index % len(context)] if context else None
            elif way is Way.COPY and moved_fit(sketch, source, bar, 0) < _POOR_FIT:
                way = Way.SEQUENCE
            plans.append(BarPlan(bar, way, source, steps, Ending.NONE, phrase, index / max(1, len(bars) - 1)))
        plans[-1] = _with_ending(plans[-1], bars[-1] == sketch.last_bar, leads_on)
    return plans


def phrases_of(bars: list[int]) -> list[list[int]]:
    """Bars in phrases of four; what is left over joins the last phrase if it is a single bar.

    >>> [len(phrase) for phrase in phrases_of(list(range(9)))], [len(p) for p in phrases_of([1, 2, 3])]
    ([4, 5], [3])
    """
    phrases = [bars[at : at + PHRASE_BARS] for at in range(0, len(bars), PHRASE_BARS)]
    if len(phrases) > 1 and len(phrases[-1]) == 1:
        last = phrases.pop()
        phrases[-1] += last
    return phrases


def _with_ending(plan: BarPlan, is_last: bool, leads_on: bool) -> BarPlan:
    if is_last:
        return replace(plan, ending=Ending.NONE if leads_on else Ending.CLOSED)
    return replace(plan, ending=Ending.OPEN)


def _source(
    sketch: Sketch, character: Character, context: list[int], bars: list[int], index: int, phrase: int
) -> int | None:
    """The bar this bar looks back to: the artist's phrase, or a phrase of the region itself."""
    first = sketch.first_bar
    if character is Character.FRESH:
        if index >= 2:
            return bars[index - 2]
        return first + index if phrase in (1, 3) and len(bars) > index else None
    if phrase == 0 or (phrase == 2 and context):
        return context[index % len(context)] if context else (bars[index - 2] if index >= 2 else None)
    if phrase % 4 == 2:
        return None if index < 2 else bars[index - 2]
    return first + index if index < PHRASE_BARS else bars[index - 2]


def _way(character: Character, index: int, length: int, phrase: int, dice: Dice) -> Way:
    """What happens in a bar of a phrase: the opening shows the character, the end is free for its close."""
    if index == length - 1 and length > 1:
        return Way.RHYTHM
    opening = index < max(1, length // 2)
    if phrase:
        return Way.COPY if dice.chance() < (_RETURNS if opening else _RETURNS / 2) else Way.RHYTHM
    if not opening and dice.chance() < _NEW_MIDDLE:
        return Way.NEW
    if character is Character.PARALLEL:
        return Way.COPY if opening or dice.chance() < _RETURNS / 3 else Way.RHYTHM
    if character is Character.SEQUENCE:
        return Way.SEQUENCE if opening or dice.chance() < 0.4 else Way.RHYTHM
    if character is Character.MIRROR:
        return Way.MIRROR if opening else Way.RHYTHM
    if character is Character.FRESH:
        return Way.SEQUENCE if dice.chance() < 0.6 else Way.RHYTHM
    return Way.RHYTHM


def best_steps(sketch: Sketch, pairs: list[tuple[int, int]], dice: Dice) -> int:
    """Scale steps of a sequence (source bar, bar here): those that suit the chords here and stay in the
    range.
    """
    pitches = [p.event.pitch or 0 for source, _ in pairs for p in sketch.by_bar.get(source, ())]
    options = [
        steps
        for steps in _STEPS
        if max(pitches, default=0) + 2 * steps <= sketch.high + 1
        and min(pitches, default=0) + 2 * steps >= sketch.low - 1
    ] or [1]
    fits = [
        sum(moved_fit(sketch, source, bar, steps) for source, bar in pairs) / max(1, len(pairs))
        for steps in options
    ]
    return dice.weighted(
        options, [_STEPS.get(steps, 1) * exp(5 * fit) for steps, fit in zip(options, fits, strict=True)]
    )


def moved_fit(sketch: Sketch, source: int, bar: int, steps: int) -> float:
    """Share of the source bar's weighty notes that are chord tones here when moved by scale steps;
    1 if none.
    """
    judged = []
    for placed in sketch.by_bar.get(source, ()):
        event = placed.event
        chord = sketch.before.chord_at(bar, event.offset)
        if chord is not None and is_heavy(event, sketch.before.bar_length):
            judged.append(step_in(sketch.scale, event.pitch or 0, steps) % 12 in chord.tones)
    return sum(judged) / len(judged) if judged else 1.0


def has_same_shape(sketch: Sketch, source: int, bar: int) -> bool:
    """Whether both bars have the same length and upbeat."""
    if source not in sketch.bars or source >= bar + 64:
        return False
    a, b = sketch.bars[source], sketch.bars[bar]
    return a.lead == b.lead and a.ticks == b.ticks


def context_before(sketch: Sketch, length: int, dice: Dice) -> list[int]:
    """The artist's bars that the region parallels: the last phrase, or the one before it when there
    are two.
    """
    first = sketch.first_bar
    sounding = set(sketch.bars_with_notes(first - 16, first))
    options = []
    for back in (8, 4, 2, 1):
        bars = list(range(first - back, min(first, first - back + max(length, 1))))
        if bars and bars[0] in sounding and len(sounding & set(bars)) * 2 >= len(bars):
            options.append((back, bars))
    if not options:
        return sorted(sounding)[-length:]
    wanted = [(back, bars) for back, bars in options if back >= min(length, PHRASE_BARS)] or options[:1]
    return dice.pick([bars for _, bars in wanted])
