"""Loop progressions, a chord a bar, played twice so that they are loops."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from engine.training.chords import charts
from engine.training.chords.allow import AllowList
from engine.training.corpus.charts import KeyPlan, pieces_of_chart
from engine.training.corpus.piece import CorpusPiece

ID = "free-midi-chords"


def read(allow: AllowList, data: Path) -> Iterator[CorpusPiece]:
    """Chord-only pieces."""
    licence = allow.dataset(ID).licence
    for chart in charts.loops(allow):
        yield from pieces_of_chart(replace(chart, style="pop"), licence, KeyPlan.HOME)
