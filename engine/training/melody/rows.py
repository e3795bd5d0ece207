"""What did every expert see before every event of the corpus?

Replays each tune and writes down, before each event, the contexts of `Line`; arrays for counting, mixing and
scoring.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.generation.melody.line import PITCH_FIELDS, RHYTHM_FIELDS, Line, rhythm_symbol
from engine.generation.melody.tables import PITCH_HIGH, PITCH_LOW
from engine.training.melody.tunes import Tune

Ints = NDArray[np.int64]
STYLES = ("folk", "song")
_STYLE_OF = {"folk": 0, "song": 1, "hymn": 1}


@dataclass(frozen=True, slots=True)
class Rows:
    """contexts (rows, fields); outcome (rows,); last (rows,) the pitch before; style and tune index
    (rows,).
    """

    contexts: Ints
    outcome: Ints
    last: Ints
    style: Ints
    tune: Ints

    def where(self, chosen: NDArray[np.bool_]) -> "Rows":
        return Rows(
            self.contexts[chosen],
            self.outcome[chosen],
            self.last[chosen],
            self.style[chosen],
            self.tune[chosen],
        )


def rows_of(tunes: list[Tune]) -> tuple[Rows, Rows]:
    """Rhythm rows (one an event) and pitch rows (one a note) of the tunes."""
    rhythm: list[tuple[int, ...]] = []
    pitch: list[tuple[int, ...]] = []
    for index, tune in enumerate(tunes):
        _replay(tune.line, (_STYLE_OF[tune.style], index), rhythm, pitch)
    return _rows(rhythm, len(RHYTHM_FIELDS)), _rows(pitch, len(PITCH_FIELDS))


def _replay(
    line: Line, tail: tuple[int, int], rhythm: list[tuple[int, ...]], pitch: list[tuple[int, ...]]
) -> None:
    grown = line.emptied()
    for event in line.events:
        rhythm.append((*grown.rhythm_contexts(event.bar, event.offset), rhythm_symbol(event), 0, *tail))
        if event.pitch is not None and PITCH_LOW <= event.pitch <= PITCH_HIGH:
            last = grown.pitches[-1] if grown.pitches else 0
            contexts = grown.pitch_contexts(event.bar, event.offset, event.duration)
            pitch.append((*contexts, event.pitch - PITCH_LOW, last, *tail))
        grown.append(event)


def _rows(rows: list[tuple[int, ...]], fields: int) -> Rows:
    array = np.array(rows, dtype=np.int64).reshape(len(rows), fields + 4)
    return Rows(array[:, :fields], *(array[:, fields + k] for k in range(4)))
