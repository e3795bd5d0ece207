"""Where does a chord become another one because its bass goes elsewhere?

At a bar line where the bass goes to the third or seventh of the chord that sounds on, or leaves it: C, then
C/E. A bass that goes to the fifth and back is a pattern, not a chord.
"""

from collections.abc import Callable, Iterable
from itertools import pairwise

from engine.music import Chord

Piece = tuple[int, int, int | None]
"""First slot, slot after the last, and the bass; None where the chord is one piece."""


def pieces_by_bass(
    chord: Chord, first: int, last: int, bars: Iterable[int], told_bass: Callable[[int, int], int | None]
) -> list[Piece]:
    """The chord's slots cut where its bass changes for a bar. `bars`: slots in which bars begin. `told_bass`:
    the chord tone that is clearly the bass of these slots, None where none is."""
    edges = [first, *(int(bar) for bar in bars if first < bar < last), last]
    if chord.is_no_chord or len(edges) < 3:
        return [(first, last, None)]
    told = [told_bass(start, end) for start, end in pairwise(edges)]
    if None in told or len(set(told)) < 2 or (chord.root + 7) % 12 in told:
        return [(first, last, None)]
    cuts = [at for at in range(1, len(told)) if told[at] != told[at - 1]]
    return [(edges[start], edges[end], told[start]) for start, end in pairwise([0, *cuts, len(told)])]


def over(chord: Chord, bass: int) -> Chord:
    """The chord with this tone as its bass."""
    return Chord(chord.root, chord.quality, bass if bass != chord.root else None)
