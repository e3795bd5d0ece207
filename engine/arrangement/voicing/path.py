"""Which voicing for each chord, so that all together cost least?

Dynamic programming (Viterbi) over the candidates of `reach.py` under the costs of `costs.py`: the answer is
the best of all ways through these candidates. What stands before and after joins in as chords with one
candidate.

>>> from engine.music import Chord
>>> from engine.arrangement.voicing import player_for
>>> from engine.arrangement.voicing.players import Instrument
>>> steps = [Step(Chord.parse(name)) for name in ("C", "F", "C")]
>>> [voicing.frets for voicing in voice(steps, player_for(Instrument.STEEL)) if voicing]
[(-1, 3, 2, 0, 1, 0), (1, 3, 3, 2, 1, 1), (-1, 3, 2, 0, 1, 0)]
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from engine.arrangement.voicing.costs import between_costs, melody_costs, register_costs
from engine.arrangement.voicing.players import Player
from engine.arrangement.voicing.reach import fixed_shape, shapes
from engine.arrangement.voicing.shapes import Costs, Shapes, Voicing
from engine.music import Chord, Key

_REMEMBERED = 6


@dataclass(frozen=True, slots=True)
class Step:
    """One chord to voice. `melody`: pitches that sound over it with a weight of 0-1 each; `pitches`: a
    voicing that stands already and is not to change; `key`: of this place, where the song's key changes;
    `lift`: semitones that the top likes to be above its usual place."""

    chord: Chord
    melody: tuple[tuple[int, float], ...] = ()
    pitches: tuple[int, ...] = ()
    key: Key | None = None
    lift: int = 0


def voice(
    steps: Sequence[Step],
    player: Player,
    key: Key | None = None,
    before: Sequence[int] = (),
    after: Sequence[int] = (),
) -> tuple[Voicing | None, ...]:
    """A voicing for each step, None where no chord sounds. `before` and `after`: the neighbours' pitches."""
    found = [_candidates(step, player, key) for step in steps]
    places = [place for place, one in enumerate(found) if one is not None]
    trellis = [one for one in found if one is not None]
    alone = [
        one.cost + melody_costs(one.pitches, steps[place].melody) + _lift(one, steps[place], player)
        for place, one in zip(places, trellis, strict=True)
    ]
    rows = _cheapest_way(trellis, alone, player, _neighbour(before), _neighbour(after))
    chosen: list[Voicing | None] = [None] * len(steps)
    for place, one, row in zip(places, trellis, rows, strict=True):
        chosen[place] = Voicing(steps[place].pitches) if steps[place].pitches else one.voicing(row)
    return tuple(chosen)


def _lift(one: Shapes, step: Step, player: Player) -> Costs | float:
    """What it adds to have the top elsewhere."""
    if not step.lift or step.pitches:
        return 0.0
    tops = one.pitches[:, 0]
    return register_costs(player.top + step.lift)[tops] - register_costs(player.top)[tops]


def _candidates(step: Step, player: Player, key: Key | None) -> Shapes | None:
    if step.pitches:
        return fixed_shape(step.pitches, _REMEMBERED)
    return shapes(step.chord, player, step.key or key)


def _neighbour(pitches: Sequence[int]) -> Shapes | None:
    return fixed_shape(pitches, _REMEMBERED) if pitches else None


def _cheapest_way(
    trellis: Sequence[Shapes],
    alone: Sequence[Costs],
    player: Player,
    before: Shapes | None,
    after: Shapes | None,
) -> list[int]:
    """The row of each chord on the way that costs least."""
    if not trellis:
        return []
    total = alone[0] + (way_costs(before, trellis[0], player)[0] if before is not None else 0)
    came_from: list[NDArray[np.int64]] = []
    for place in range(1, len(trellis)):
        through = total[:, None] + way_costs(trellis[place - 1], trellis[place], player)
        came_from.append(through.argmin(axis=0))
        total = through.min(axis=0) + alone[place]
    if after is not None:
        total = total + way_costs(trellis[-1], after, player)[:, 0]
    rows = [int(total.argmin())]
    for back in reversed(came_from):
        rows.append(int(back[rows[-1]]))
    return rows[::-1]


@lru_cache(maxsize=4_000)
def way_costs(first: Shapes, second: Shapes, player: Player) -> Costs:
    """What every way between two chords' candidates costs; chords come back, so it is kept."""
    return between_costs(first, second, player)
