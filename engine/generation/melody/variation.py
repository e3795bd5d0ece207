"""How far may a variation go, by which figures, and which of many is the best?

A variation starts from the artist's passage and takes one figure after another from a family until it is as
far away as asked (`distance`): so the distance is obeyed by construction. What must stay is never touched; a
variation keeps most of its skeleton until much distance is asked for.
"""

import itertools
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from engine.generation.melody import figures
from engine.generation.melody.dice import Dice
from engine.generation.melody.figures import Figure
from engine.generation.melody.judge import Verdict, judge
from engine.generation.melody.line import Event, Line
from engine.generation.melody.sketch import extend_line
from engine.generation.melody.structure import AWKWARD
from engine.generation.melody.tune import Passage, Tune, VNote

NEAREST, FARTHEST = 0.04, 0.62
_TOLERANCE = 0.02
_TRIES = 45


class Idea(StrEnum):
    """The character of a variation."""

    ORNAMENT = "ornament"
    PUSH = "push"
    RESHAPE = "reshape"
    SIMPLIFY = "simplify"
    INNER = "inner"
    SEQUENCE = "sequence"
    LIFT = "lift"
    ENDING = "ending"


_FAMILIES: dict[Idea, tuple[tuple[Figure, float], ...]] = {
    Idea.ORNAMENT: (
        (figures.neighbour, 2.0),
        (figures.passing, 3.0),
        (figures.turn, 1.0),
        (figures.appoggiatura, 2.0),
        (figures.repeated, 0.7),
    ),
    Idea.PUSH: ((figures.anticipate, 3.0), (figures.delay, 1.0), (figures.dotted, 1.5)),
    Idea.RESHAPE: (
        (figures.weak_note, 2.0),
        (figures.lifted_climax, 1.0),
        (figures.new_ending, 1.0),
        (figures.passing, 1.0),
        (figures.dotted, 0.7),
    ),
    Idea.SIMPLIFY: ((figures.simplify, 3.0), (figures.breath, 0.7), (figures.new_ending, 0.5)),
    Idea.INNER: ((figures.weak_note, 1.0),),
    Idea.SEQUENCE: ((figures.bar_in_sequence, 1.0), (figures.weak_note, 0.4)),
    Idea.LIFT: ((figures.lifted_climax, 1.0), (figures.weak_note, 0.7)),
    Idea.ENDING: ((figures.new_ending, 1.0), (figures.weak_note, 0.6)),
}
_SPARE_RHYTHM: tuple[tuple[Figure, float], ...] = (
    (figures.anticipate, 1.0),
    (figures.passing, 1.0),
    (figures.dotted, 1.0),
    (figures.simplify, 0.5),
)
_SPARE_PITCH: tuple[tuple[Figure, float], ...] = (
    (figures.weak_note, 1.0),
    (figures.bar_in_sequence, 0.6),
    (figures.any_note, 1.0),
)
FREE_IDEAS = (Idea.ORNAMENT, Idea.PUSH, Idea.RESHAPE, Idea.SIMPLIFY)
PITCH_IDEAS = (Idea.INNER, Idea.LIFT, Idea.SEQUENCE, Idea.ENDING)


@dataclass(frozen=True, slots=True)
class Variation:
    """A candidate: the changed tune, which figures were used in which bars, its distance and verdict."""

    idea: Idea
    tune: Tune
    figures: tuple[tuple[str, int], ...]
    distance: float
    verdict: Verdict
    line: Line


def target_of(asked: float) -> float:
    """The measured distance that a slider position asks for.

    >>> target_of(0.0), target_of(1.0)
    (0.04, 0.62)
    """
    return NEAREST + (FARTHEST - NEAREST) * min(1.0, max(0.0, asked))


def ideas_for(passage: Passage) -> tuple[Idea, ...]:
    """The characters that what is kept leaves possible."""
    return PITCH_IDEAS if passage.keep_rhythm else FREE_IDEAS


def vary_once(passage: Passage, idea: Idea, target: float, dice: Dice) -> Variation | None:
    """One variation as near to the target distance as its figures come; None if nothing could change."""
    spare = _SPARE_PITCH if passage.keep_rhythm else _SPARE_RHYTHM + _SPARE_PITCH
    walk = _Walk(passage, target, dice)
    walk.go(_FAMILIES[idea], _TRIES)
    if not walk.is_there:
        walk.go(_FAMILIES[idea] + spare, _TRIES)
    if walk.tune == passage.original:
        return None
    line, events = _sung(passage, walk.tune)
    leads_on = passage.sketch.next_after() is not None
    verdict = judge(passage.sketch, line, events, leads_on)
    return Variation(idea, walk.tune, tuple(walk.used), walk.distance, verdict, line)


class _Walk:
    """A tune on its way to the target."""

    def __init__(self, passage: Passage, target: float, dice: Dice) -> None:
        self._passage, self._target, self._dice = passage, target, dice
        self.tune, self.distance = passage.in_range, passage.distance(passage.in_range)
        self.used: list[tuple[str, int]] = []
        self._overshoot: tuple[float, Tune, tuple[str, int]] | None = None

    @property
    def is_there(self) -> bool:
        return self.distance >= self._target - _TOLERANCE

    def go(self, family: tuple[tuple[Figure, float], ...], tries: int) -> None:
        """Takes figures of the family until the target is reached or the tries are used up."""
        found = [figure for figure, _ in family]
        weights = [weight for _, weight in family]
        for _ in range(tries):
            if self.is_there:
                return
            self._take(self._dice.weighted(found, weights))
        self._settle()

    def _take(self, figure: Figure) -> None:
        changed = figure(self._passage, self.tune, self._dice)
        if changed is None or changed == self.tune or not self._passage.is_valid(changed):
            return
        if worst_leap(changed) > max(self._passage.sketch.max_leap, worst_leap(self.tune)):
            return
        if awkward_leaps(changed) > awkward_leaps(self.tune):
            return
        reached = self._passage.distance(changed)
        step = (figure.__name__, self._passage.bar_of(_first_change(self.tune, changed)))
        if reached > self._target + _TOLERANCE:
            if self._overshoot is None or reached < self._overshoot[0]:
                self._overshoot = (reached, changed, step)
        elif reached > self.distance:
            self.tune, self.distance = changed, reached
            self.used.append(step)
            self._overshoot = None

    def _settle(self) -> None:
        """Takes the least overshoot if that is nearer to the target than where the walk stands."""
        if self._overshoot is None:
            return
        reached, changed, step = self._overshoot
        if reached - self._target < self._target - self.distance or not self.used:
            self.tune, self.distance = changed, reached
            self.used.append(step)


def worst_leap(tune: Tune) -> int:
    """The largest interval of the tune, in semitones."""
    return max((abs(b.pitch - a.pitch) for a, b in itertools.pairwise(tune)), default=0)


def awkward_leaps(tune: Tune) -> int:
    """How many tritones and sevenths the line has."""
    return sum(abs(b.pitch - a.pitch) in AWKWARD for a, b in itertools.pairwise(tune))


def _first_change(before: Tune, after: Tune) -> VNote:
    return next((new for old, new in zip(before, after, strict=False) if old != new), after[-1])


def _sung(passage: Passage, tune: Tune) -> tuple[Line, list[Event]]:
    """The line with the variation sung after what stands before it."""
    events = [passage.event(note) for note in tune]
    line = passage.sketch.before.copy()
    extend_line(line, events, passage.sketch)
    return line, events


def best_variation(
    passage: Passage,
    idea: Idea,
    target: float,
    dice: list[Dice],
    far_from: Callable[[Variation], float],
    checkpoint: Callable[[], None],
) -> Variation | None:
    """The best of several walks: near to the target first, then well made, then unlike the takes already
    given.
    """
    best: tuple[float, Variation] | None = None
    for one in dice:
        checkpoint()
        variation = vary_once(passage, idea, target, one)
        if variation is None:
            continue
        missed = max(0.0, abs(variation.distance - target) - _TOLERANCE)
        worth = variation.verdict.quality - 4.0 * missed + far_from(variation)
        if best is None or worth > best[0]:
            best = (worth, variation)
    return best[1] if best else None


_FIGURE_WORDS = {
    "neighbour": ("Neighbour note", "Neighbour notes"),
    "passing": ("Passing notes", "Passing notes"),
    "turn": ("A turn", "Turns"),
    "appoggiatura": ("An appoggiatura", "Appoggiaturas"),
    "repeated": ("A note struck again", "Notes struck again"),
    "anticipate": ("Pushed ahead of the beat", "Pushed ahead of the beat"),
    "delay": ("Held back behind the beat", "Held back behind the beat"),
    "dotted": ("Long and short exchanged", "Long and short exchanged"),
    "breath": ("A breath", "Breaths"),
    "simplify": ("A weak note left out", "Weak notes left out"),
    "weak_note": ("Another way between the main notes", "Other ways between the main notes"),
    "any_note": ("A new pitch", "New pitches"),
    "bar_in_sequence": ("The figure moved", "The figure moved"),
    "lifted_climax": ("The high point lifted", "The high point lifted"),
    "new_ending": ("A new ending", "A new ending"),
}


def figure_reasons(variation: Variation, label: Callable[[int], str]) -> list[str]:
    """`Passing notes in bars 2 and 3`, the most used figures first."""
    counts = Counter(name for name, _ in variation.figures)
    reasons = []
    for name, count in counts.most_common(3):
        bars = sorted({bar for used, bar in variation.figures if used == name})
        labels = [label(bar) for bar in bars]
        words = _FIGURE_WORDS[name][count > 1]
        listed = labels[0] if len(labels) == 1 else f"{', '.join(labels[:-1])} and {labels[-1]}"
        reasons.append(f"{words} in bar{'s' if len(labels) > 1 else ''} {listed}")
    return reasons
