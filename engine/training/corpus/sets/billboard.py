"""Pop songs of the US charts: chords by section, one sheet for every key that lasts."""

from collections.abc import Iterator
from pathlib import Path

from engine.training.chords import charts
from engine.training.chords.allow import AllowList
from engine.training.corpus.charts import KeyPlan, pieces_of_chart
from engine.training.corpus.piece import CorpusPiece

ID = "mcgill-billboard"


def read(allow: AllowList, data: Path) -> Iterator[CorpusPiece]:
    """Chord-only pieces."""
    licence = allow.dataset(ID).licence
    for chart in charts.billboard(allow):
        yield from pieces_of_chart(chart, licence, KeyPlan.BY_SECTION)
