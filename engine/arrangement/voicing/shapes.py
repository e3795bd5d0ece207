"""What is a voicing, and what are the candidates of a chord?"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SILENT = -1
Pitches = NDArray[np.int16]
Costs = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Voicing:
    """Pitches from the lowest up; the first `left` are the left hand's. `frets`: one a string, low E first,
    -1 for a string that is not played; () where there are no strings."""

    pitches: tuple[int, ...]
    left: int = 0
    frets: tuple[int, ...] = ()


@dataclass(frozen=True, eq=False, slots=True)
class Shapes:
    """The candidates of one chord, a row each. `pitches`: highest first, SILENT where a row has fewer tones.
    `voices`: the same by what moves on as one voice: counted from the top, or by string. `mask`: a bit a
    pitch. `place`: the hand's fret, 0 where there is none.
    """

    pitches: Pitches
    voices: Pitches
    left: NDArray[np.int8]
    cost: Costs
    mask: NDArray[np.uint64]
    place: Costs
    frets: NDArray[np.int16] | None = None

    def __len__(self) -> int:
        return len(self.pitches)

    def voicing(self, row: int) -> Voicing:
        tones = tuple(int(pitch) for pitch in self.pitches[row][::-1] if pitch != SILENT)
        frets = () if self.frets is None else tuple(int(fret) for fret in self.frets[row])
        return Voicing(tones, int(self.left[row]), frets)
