"""What does a short excerpt tell of its key, seen from each of the twelve roots?

One row a root: which chords stand on it, for how long, at which places of the excerpt or of the loop it goes
round in, what they move to, and how much the root sounds and lies lowest. Seen from a tonic the rows are
turned so that its own comes first; a network that sees them like this hears every key alike.

>>> len(PLACES) * THIRDS + 2 * KINDS + MOVES + 2 == WIDTH
True
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.analysis.keycues import Sounding
from engine.analysis.keydegrees import OPEN, chord_class
from engine.analysis.pitchgrid import PitchGrid

KINDS, THIRDS = 6, 3  # classes of chords; major third, minor third, neither
PLACES = ("first", "first of loop", "last", "last of loop", "half way", "every four bars", "longest")
MOVES = 2 * 12 * 2
WIDTH = 2 * KINDS + len(PLACES) * THIRDS + MOVES + 2
FEATURES = 12 * WIDTH
_LONGEST_LOOP, _SAME_LOOP = 16, 0.8
_LEAST_THIRD = 0.04
_LONGEST_BARS = 2  # a chord counts no longer


@dataclass(frozen=True, slots=True)
class _Struck:
    """A chord from one slot to another. `third`: 0 major, 1 minor, 2 neither sounds."""

    root: int
    kind: int
    third: int
    first: int
    end: int

    @property
    def slots(self) -> int:
        return self.end - self.first


def key_inputs(grid: PitchGrid, chords: Sequence[Sounding]) -> np.ndarray:
    """(12, FEATURES) what the chords tell, seen from each tonic. At least one chord must sound."""
    struck = [_struck(chord, grid.chroma) for chord in chords if not chord.chord.is_no_chord]
    loop = loop_bars(grid, struck)
    rows = np.concatenate(
        [_standing(struck, grid), _places(struck, grid, loop), _moves(struck, loop > 0), _sound(grid)], axis=1
    )
    return np.array([np.roll(rows, -tonic, axis=0).ravel() for tonic in range(12)], np.float32)


def _struck(sounding: Sounding, chroma: np.ndarray) -> _Struck:
    """A chord whose third does not sound is open, whatever it was taken for."""
    chord = sounding.chord
    weight = chroma[sounding.first : sounding.end].sum(axis=0)
    thirds = weight[(chord.root + 3) % 12] + weight[(chord.root + 4) % 12]
    is_open = thirds < _LEAST_THIRD * max(1e-9, float(weight.sum()))
    kind = OPEN if is_open else chord_class(chord)
    third = 2 if kind == OPEN else 1 if chord.has_minor_third else 0 if chord.has_major_third else 2
    return _Struck(chord.root, kind, third, sounding.first, sounding.end)


def loop_bars(grid: PitchGrid, chords: Sequence[_Struck]) -> int:
    """Bars after which the roots come round again, beat by beat; 0 where they do not."""
    roots = np.full(grid.slots, -1)
    for chord in chords:
        roots[chord.first : chord.end] = chord.root
    starts = np.flatnonzero(grid.onbar == 2)
    if len({chord.root for chord in chords}) < 2:
        return 0
    for bars in range(1, min(_LONGEST_LOOP, len(starts) // 2) + 1):
        later = starts[bars] - starts[0]
        again = roots[starts[0] + later :] == roots[starts[0] : grid.slots - later]
        if again.mean() >= _SAME_LOOP:
            return bars
    return 0


def _standing(chords: Sequence[_Struck], grid: PitchGrid) -> np.ndarray:
    """(12, 2 * KINDS) the share of time and of different chords."""
    longest = _LONGEST_BARS * max(1.0, grid.slots / max(1, int((grid.onbar == 2).sum())))
    time = np.zeros((12, KINDS))
    for chord in chords:
        time[chord.root, chord.kind] += min(chord.slots, longest)
    seen = (time > 0).astype(float)
    return np.concatenate([time / time.sum(), 4 * seen / seen.sum()], axis=1)


def _places(chords: Sequence[_Struck], grid: PitchGrid, loop: int) -> np.ndarray:
    """(12, PLACES * THIRDS) which chords stand at the places that count."""
    table = np.zeros((len(PLACES), 12, THIRDS))
    ends = (("first", chords[0]), ("last", chords[-1]))
    for name, chord in ends:
        place = PLACES.index(name if name == "first" else "last of loop" if loop else "last")
        table[place, chord.root, chord.third] = 1
    if loop:
        table[PLACES.index("first of loop")] = table[PLACES.index("first")]
    starts = np.flatnonzero(grid.onbar == 2)
    table[PLACES.index("half way")] = _shares(chords, starts[_half_ways(len(starts), loop)])
    table[PLACES.index("every four bars")] = _shares(chords, starts[::4])
    time = np.zeros((12, THIRDS))
    for chord in chords:
        time[chord.root, chord.third] += chord.slots
    table[PLACES.index("longest")] = (time == time.max()) / (time == time.max()).sum()
    return table.transpose(1, 0, 2).reshape(12, -1)


def _half_ways(bars: int, loop: int) -> np.ndarray:
    """The bars in which the second half begins, of each round or of the whole."""
    period = loop or bars
    halves = np.arange(0, bars, period) + period // 2
    return halves[(halves < bars) & (period > 1)]


def _shares(chords: Sequence[_Struck], slots: np.ndarray) -> np.ndarray:
    """(12, THIRDS) the chords that sound in these slots, in shares of all of them."""
    table = np.zeros((12, THIRDS))
    for chord in chords:
        table[chord.root, chord.third] += ((slots >= chord.first) & (slots < chord.end)).sum()
    return table / max(1, len(slots))


def _moves(chords: Sequence[_Struck], goes_round: bool) -> np.ndarray:
    """(12, MOVES) where the chords on each root go: by their third, semitones up, third there."""
    table = np.zeros((12, THIRDS, 12, THIRDS))
    after = [*chords[1:], chords[0]] if goes_round else chords[1:]
    changes = 0
    for one, other in zip(chords, after, strict=False):
        if (one.root, one.third) != (other.root, other.third):
            table[one.root, one.third, (other.root - one.root) % 12, other.third] += 1
            changes += 1
    halved = table[:, :2] + table[:, 2:] / 2  # a chord without a third is half a major one
    halved = halved[..., :2] + halved[..., 2:] / 2
    return 2 * halved.reshape(12, MOVES) / max(3, changes)


def _sound(grid: PitchGrid) -> np.ndarray:
    """(12, 2) how much each pitch class sounds, and lies lowest."""
    sounding = np.minimum(grid.chroma, 1.0).sum(axis=0)
    lowest = (grid.bass * grid.trust[:, None]).sum(axis=0)
    columns = [3 * sounding / max(1e-9, sounding.sum()), 2 * lowest / max(1e-9, lowest.sum())]
    return np.column_stack(columns)
