"""Which pieces are practised how often?

A tune with chords as people wrote them is rare and teaches most; chords found by analysis, tunes alone and
charts alone are many. So each kind of piece has a share of its own. The rare kind is learnt by heart while
the rate falls: there it comes less often. Inside a kind a larger source counts for more, but less than its
size says; inside a source a piece counts by its bars.

>>> sum(STABLE.values()), sum(FALLING.values())
(100, 100)
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from enum import StrEnum

from engine.generation.language.grid import Stream
from engine.training.corpus.piece import CorpusPiece
from engine.training.infill.cutting import parts_of

SOURCE_POWER = 0.7
"""Of a source's bars, the weight of the source."""


class Kind(StrEnum):
    """What a piece can teach."""

    SONGS = "songs"
    ANALYSED = "analysed"
    TUNES = "tunes"
    CHARTS = "charts"
    OTHER = "other"


STABLE = {Kind.SONGS: 24, Kind.ANALYSED: 30, Kind.TUNES: 20, Kind.CHARTS: 22, Kind.OTHER: 4}
FALLING = {Kind.SONGS: 20, Kind.ANALYSED: 32, Kind.TUNES: 20, Kind.CHARTS: 24, Kind.OTHER: 4}
CHORDS_ONLY = {Kind.CHARTS: 85, Kind.ANALYSED: 15}


def kind_of(piece: CorpusPiece) -> Kind:
    """SONGS: tune and chords as written by people; ANALYSED: the chords were found; then what is there."""
    parts = parts_of(piece.sheet)
    if Stream.CHORDS in parts:
        if piece.has_derived_chords:
            return Kind.ANALYSED
        return Kind.SONGS if Stream.MELODY in parts else Kind.CHARTS
    return Kind.TUNES if Stream.MELODY in parts else Kind.OTHER


def piece_weights(pieces: Sequence[CorpusPiece], shares: Mapping[Kind, float]) -> list[float]:
    """How often each piece is drawn, up to a factor; a kind without a share never."""
    kinds = [kind_of(piece) for piece in pieces]
    bars: Counter[tuple[Kind, str]] = Counter()
    for kind, piece in zip(kinds, pieces, strict=True):
        bars[kind, piece.source] += len(piece.sheet.bars)
    totals: defaultdict[Kind, float] = defaultdict(float)
    for (kind, _), count in bars.items():
        totals[kind] += count**SOURCE_POWER
    return [
        shares.get(kind, 0)
        / totals[kind]
        * bars[kind, piece.source] ** (SOURCE_POWER - 1)
        * len(piece.sheet.bars)
        for kind, piece in zip(kinds, pieces, strict=True)
    ]
