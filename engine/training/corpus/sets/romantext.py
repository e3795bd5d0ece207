"""Roman-numeral analyses of songs and keyboard pieces: chords in the home key."""

from collections.abc import Iterator
from pathlib import Path

from engine.training.chords import leadsheets
from engine.training.chords.allow import AllowList
from engine.training.corpus.charts import KeyPlan, pieces_of_chart
from engine.training.corpus.piece import CorpusPiece

ID = "when-in-rome-new"


def read(allow: AllowList, data: Path) -> Iterator[CorpusPiece]:
    """Chord-only pieces."""
    licence = allow.dataset(ID).licence
    for chart in leadsheets.art_songs(allow):
        yield from pieces_of_chart(chart, licence, KeyPlan.HOME)
