"""How does it sound when a drummer plays this page?

Strokes are drawn one after the other, each knowing how those before it came out, so that a groove keeps its
own loudness and lag instead of trembling around the click. Draws come from the candidate's dice: the same
request gives the same performance.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from engine.arrangement.drummer.features import Moment, page_facts
from engine.arrangement.drummer.model import DrummerModel, Mixture
from engine.arrangement.drummer.strokes import Manner, Strokes
from engine.generation.melody.dice import Dice

MOST_LATE_MS = 35.0
_EDGE = 0.08
_CHECK_EVERY = 64


@dataclass(frozen=True, slots=True)
class Touch:
    """How a stroke came out: MIDI velocity, and milliseconds after (or before) where it is written."""

    velocity: int
    late_ms: float


def perform(
    model: DrummerModel,
    strokes: Strokes,
    manner: Manner,
    dice: Dice,
    freedom: float = 0.7,
    checkpoint: Callable[[], None] = lambda: None,
) -> list[Touch]:
    """A touch for every stroke. `freedom`: 0 plays the most likely way, 1 as freely as the drummers did."""
    pages = model.page_part(page_facts(strokes, manner))
    moment = Moment()
    touches = []
    columns = (strokes.group, strokes.tick, strokes.pulse_ticks, strokes.bar_ticks)
    for row, (group, tick, pulse, bar) in enumerate(zip(*(c.tolist() for c in columns), strict=True)):
        if row % _CHECK_EVERY == 0:
            checkpoint()
        facts = np.array(moment.facts(group, tick, pulse, bar), np.float32)
        loud, late = model.mixtures(pages[row], facts)
        velocity = min(127.0, max(1.0, _drawn(loud, dice, freedom)))
        offset = min(MOST_LATE_MS, max(-MOST_LATE_MS, _drawn(late, dice, freedom)))
        moment.remember(group, tick, velocity, offset)
        touches.append(Touch(round(velocity), offset))
    return touches


def _drawn(mixture: Mixture, dice: Dice, freedom: float) -> float:
    """A draw from one part of the mixture; less freedom prefers likely parts and narrows them."""
    weights = [math.exp(min(0.0, x) / max(freedom, 0.05)) for x in mixture.logits - mixture.logits.max()]
    part = dice.weighted(range(len(weights)), weights)
    point = min(1 - _EDGE, max(_EDGE, dice.chance()))
    width = math.exp(float(mixture.log_widths[part])) * freedom
    return float(mixture.middles[part]) + width * math.log(point / (1 - point))
