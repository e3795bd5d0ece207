"""The changes under recorded jazz solos; the key is found from the chords."""

from collections.abc import Iterator
from pathlib import Path

from engine.training.chords import charts
from engine.training.chords.allow import AllowList
from engine.training.corpus.charts import KeyPlan, pieces_of_chart
from engine.training.corpus.piece import CorpusPiece

ID = "wjd-changes"


def read(allow: AllowList, data: Path) -> Iterator[CorpusPiece]:
    """Chord-only pieces."""
    licence = allow.dataset(ID).licence
    for chart in charts.jazz_solos(allow):
        yield from pieces_of_chart(chart, licence, KeyPlan.HEARD)
