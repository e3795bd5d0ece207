"""All strokes of a part of the corpus as arrays a network can learn from."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.arrangement.drummer.features import MOMENT_SIZE, Moment, page_facts
from engine.training.drummer.corpus import Performance


@dataclass(frozen=True)
class Table:
    """One row a stroke; `page` in half precision (its facts are 0 or 1). `owner`: which performance."""

    page: np.ndarray
    moment: np.ndarray
    velocity: np.ndarray
    late_ms: np.ndarray
    group: np.ndarray
    sixteenth: np.ndarray
    loudness: np.ndarray
    owner: np.ndarray

    def __len__(self) -> int:
        return len(self.velocity)


def table_of(performances: Sequence[Performance]) -> Table:
    """Facts of the page and, from what was really played before, of the moment."""
    strokes = [p.strokes for p in performances]
    sizes = [len(s) for s in strokes]
    return Table(
        np.concatenate([page_facts(p.strokes, p.manner).astype(np.float16) for p in performances]),
        np.concatenate([_moments(p) for p in performances]),
        np.concatenate([p.velocity for p in performances]).astype(np.float32),
        np.concatenate([p.late_ms for p in performances]).astype(np.float32),
        np.concatenate([s.group for s in strokes]),
        np.concatenate([s.into * 4 // s.pulse_ticks for s in strokes]),
        np.concatenate([s.loudness for s in strokes]),
        np.repeat(np.arange(len(sizes)), sizes),
    )


def _moments(performance: Performance) -> np.ndarray:
    strokes, moment = performance.strokes, Moment()
    found = np.zeros((len(strokes), MOMENT_SIZE), np.float32)
    columns = (strokes.group, strokes.tick, strokes.pulse_ticks, strokes.bar_ticks)
    rows = zip(*(column.tolist() for column in columns), strict=True)
    touches = zip(performance.velocity.tolist(), performance.late_ms.tolist(), strict=True)
    for row, ((group, tick, pulse, bar), (velocity, late)) in enumerate(zip(rows, touches, strict=True)):
        found[row] = moment.facts(group, tick, pulse, bar)
        moment.remember(group, tick, velocity, late)
    return found
