"""What can be said about a filled hole, in numbers a musician can read?

Remarks on the melody (`features_melody`) and on the chords (`features_harmony`) of bars `first` to before
`end`, held against the song around them (`features_context`). They are for ranking: each candidate for a
hole is scored by how much its remarks look like those on what people wrote there (`reranker`).

>>> from types import SimpleNamespace as Bar
>>> bars = [Bar(metre=(4, 4), length=96, cells={1: [(0, 96, 60 + n, False)]}) for n in range(3)]
>>> sheet = Bar(bars=bars, mode=Mode.MAJOR)
>>> remarks(context_of(sheet, 1, 2, {1}), sheet)[Part.MELODY]["seam_in"]
1.0
"""

from collections.abc import Iterable, Sequence
from enum import StrEnum

from engine.music import Mode
from engine.ranking.features_context import HoleContext
from engine.ranking.features_harmony import harmony_features
from engine.ranking.features_melody import Value, melody_features
from engine.ranking.features_passage import Passage, SheetLike

__all__ = ["HoleContext", "Mode", "Part", "Remarks", "context_of", "remarks", "remarks_on"]


class Part(StrEnum):
    """What was written into a hole."""

    MELODY = "melody"
    CHORDS = "chords"


Remarks = dict[str, Value]


def context_of(sheet: SheetLike, first: int, end: int, streams: Iterable[int]) -> HoleContext:
    """The habits of the song around the hole; what stands inside it is not looked at."""
    return HoleContext.of(Passage.of_sheet(sheet), first, end, streams)


def remarks(
    context: HoleContext,
    sheet: SheetLike,
    end: int | None = None,
    surprises: Sequence[float] = (),
) -> dict[Part, Remarks]:
    """All remarks on the filled sheet. `end`: only so far into the hole (for a candidate still growing).

    `surprises`: bits of each symbol of the hole, where the writer knows them.
    """
    return remarks_on(context, Passage.of_sheet(sheet), end, surprises)


def remarks_on(
    context: HoleContext,
    passage: Passage,
    end: int | None = None,
    surprises: Sequence[float] = (),
) -> dict[Part, Remarks]:
    """As `remarks`, for a passage already read."""
    end = context.end if end is None else end
    found: dict[Part, Remarks] = {}
    if context.writes_melody:
        found[Part.MELODY] = melody_features(context, passage, end) | _surprise(surprises)
    if context.writes_chords:
        found[Part.CHORDS] = harmony_features(context, passage, end) | _surprise(surprises)
    return found


def _surprise(surprises: Sequence[float]) -> Remarks:
    if not surprises:
        return {"mean_surprise": None, "greatest_surprise": None}
    return {
        "mean_surprise": sum(surprises) / len(surprises),
        "greatest_surprise": max(surprises),
    }
