"""What does a stroke's loudness and timing depend on?

Two kinds of facts. Those of the page (which drum, where in beat and bar, what sounds beside, before and
after it, style, tempo, marked soft or loud) are columns made at once. Those of the moment (how the strokes
before it came out) are made stroke by stroke, in training and in playing by the same `Moment`.
"""

from collections import deque
from typing import Any

import numpy as np

from engine.arrangement.drummer.strokes import Group, Manner, Strokes

Floats = np.ndarray[Any, np.dtype[np.float32]]

STYLES = (
    "rock", "funk", "hiphop", "latin", "jazz", "soul", "punk", "neworleans", "afrocuban", "country", "pop",
    "reggae", "gospel", "afrobeat", "dance", "blues",
)  # fmt: skip
VELOCITY_UNIT, OFFSET_UNIT_MS = 40.0, 15.0
MIDDLE_VELOCITY = 70.0
_PHASES = (0, 80, 120, 160, 240, 320, 360, 400)
_FAMILIES = (
    (Group.KICK,),
    (Group.SNARE, Group.RIM),
    (Group.HAT, Group.PEDAL, Group.OPEN),
    (Group.RIDE, Group.BELL),
    (Group.CRASH,),
    (Group.TOM1, Group.TOM2, Group.TOM3),
)
_FAMILY = np.array([next(i for i, f in enumerate(_FAMILIES) if g in f) for g in Group])
_DISTANCES = (0, 90, 130, 170, 250, 490, 970)
"""Bounds of the classes of how far away another stroke is, in ticks."""
_TEMPI = (0, 80, 100, 125, 160)
_NEVER = 1 << 20
SIXTEENTHS = 16


def page_size() -> int:
    """How many facts of the page there are."""
    some = np.zeros(1, np.int64)
    beat = np.full(1, 480, np.int64)
    page = Strokes(some, some, some, some, 4 * beat, beat, some, some)
    return int(page_facts(page, Manner("", 100)).shape[1])


def page_facts(strokes: Strokes, manner: Manner) -> Floats:
    """Facts of the page, a row a stroke, each 0 or 1 but the tempo."""
    phase = strokes.into % strokes.pulse_ticks * 480 // strokes.pulse_ticks
    beat = strokes.into // strokes.pulse_ticks
    columns = [
        _one_hot(strokes.group, len(Group)),
        _one_hot(_nearest(phase), len(_PHASES)),
        _one_hot(np.minimum(beat, 4), 5),
        _sixteenth(strokes),
        np.stack([strokes.bar % 2, strokes.bar % 4 == 3, strokes.is_fill], 1),
        _around(strokes),
        _one_hot(np.full(len(strokes), _place(STYLES, manner.style)), len(STYLES)),
        _one_hot(np.full(len(strokes), np.searchsorted(_TEMPI, manner.bpm) - 1), len(_TEMPI)),
        np.full((len(strokes), 1), np.log2(max(manner.bpm, 1) / 110)),
        _one_hot(strokes.loudness, 3),
    ]
    return np.concatenate(columns, 1).astype(np.float32)


def _place(names: tuple[str, ...], name: str) -> int:
    return names.index(name) if name in names else -1


def _one_hot(values: np.ndarray, size: int) -> np.ndarray:
    """A column a value; a row of zeros for what lies outside."""
    return np.asarray(values[:, None] == np.arange(size))


def _nearest(phase: np.ndarray) -> np.ndarray:
    """The nearest of the usual places in a beat, going round."""
    away = np.abs(phase[:, None] - np.array(_PHASES))
    return np.asarray(np.minimum(away, 480 - away).argmin(1))


def _sixteenth(strokes: Strokes) -> np.ndarray:
    """The sixteenth of a bar in four, where the stroke is on one."""
    is_on = (strokes.bar_ticks == 1920) & (strokes.into % 120 == 0)
    return _one_hot(np.where(is_on, strokes.into // 120, -1), SIXTEENTHS)


def _around(strokes: Strokes) -> np.ndarray:
    """What is struck together with it, and how near the strokes before and after are, family by family."""
    family = _FAMILY[strokes.group]
    ticks = strokes.tick
    columns = []
    for number in range(len(_FAMILIES)):
        there = np.unique(ticks[family == number])
        columns.append(np.isin(ticks, there)[:, None])
        if number < 3:
            columns += [_distance(ticks, there, -1), _distance(ticks, there, 1)]
    for group in Group:
        mine = strokes.group == group
        near = np.stack([_distance_class(ticks, np.unique(ticks[mine]), way) for way in (-1, 1)], 1)
        if group == 0:
            own = np.zeros((len(ticks), 2), np.int64)
        own[mine] = near[mine]
    columns += [_one_hot(own[:, 0], len(_DISTANCES)), _one_hot(own[:, 1], len(_DISTANCES))]
    return np.concatenate(columns, 1)


def _distance(ticks: np.ndarray, there: np.ndarray, way: int) -> np.ndarray:
    return _one_hot(_distance_class(ticks, there, way), len(_DISTANCES))


def _distance_class(ticks: np.ndarray, there: np.ndarray, way: int) -> np.ndarray:
    """Class of the distance to the last (way -1) or next (1) of other strokes."""
    if way < 0:
        edged = np.concatenate([[-_NEVER], there])
        away = ticks - edged[np.searchsorted(edged, ticks, "left") - 1]
    else:
        edged = np.concatenate([there, [_NEVER << 1]])
        away = edged[np.searchsorted(edged, ticks, "right")] - ticks
    return np.asarray(np.searchsorted(_DISTANCES, away, "right") - 1)


MOMENT_SIZE = 20
_LAST, _WINDOW = 16, 8


class Moment:
    """How the strokes so far came out, as the facts for the next one."""

    def __init__(self) -> None:
        self._previous: tuple[int, float, float] | None = None
        self._at: dict[tuple[int, int], tuple[float, float]] = {}
        self._own: dict[int, deque[tuple[float, float]]] = {}
        self._recent: deque[tuple[float, float]] = deque(maxlen=_LAST)

    def facts(self, group: int, tick: int, pulse: int, bar: int) -> list[float]:
        """In units of a usual difference; each memory is followed by whether there is one."""
        row: list[float] = []
        previous = self._previous
        if previous is None:
            row += [0.0, 0.0, 0.0, 0.0]
        else:
            is_together = previous[0] == tick
            row += [previous[1], previous[2], 1.0, float(is_together)]
        own = self._own.get(group)
        row += _told(own[-1] if own else None)
        row += _told(self._at.get((group, tick - pulse)))
        row += _told(self._at.get((group, tick - 2 * pulse)))
        row += _told(self._at.get((group, tick - bar)))
        recent = self._recent
        row.append(sum(r[1] for r in recent) / len(recent) if recent else 0.0)
        row.append(sum(r[0] for r in recent) / len(recent) if recent else 0.0)
        row.append(sum(o[0] for o in own) / len(own) if own else 0.0)
        row.append(sum(o[1] for o in own) / len(own) if own else 0.0)
        return row

    def remember(self, group: int, tick: int, velocity: float, offset_ms: float) -> None:
        loud, late = (velocity - MIDDLE_VELOCITY) / VELOCITY_UNIT, offset_ms / OFFSET_UNIT_MS
        self._previous = (tick, loud, late)
        self._at[group, tick] = (loud, late)
        self._own.setdefault(group, deque(maxlen=_WINDOW)).append((loud, late))
        self._recent.append((loud, late))


def _told(memory: tuple[float, float] | None) -> list[float]:
    return [0.0, 0.0, 0.0] if memory is None else [memory[0], memory[1], 1.0]
