"""Roman-numeral analyses of songs and keyboard pieces: chords in the home key."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path, PurePosixPath

from engine.training.chords import leadsheets
from engine.training.chords.allow import AllowList
from engine.training.corpus.charts import KeyPlan, pieces_of_chart
from engine.training.corpus.piece import CorpusPiece

ID = "when-in-rome-new"


def read(allow: AllowList, data: Path) -> Iterator[CorpusPiece]:
    """Chord-only pieces; a movement known by its number only is named after its folders."""
    licence = allow.dataset(ID).licence
    index = leadsheets.rows(allow.read(ID, "index.csv"))
    for row, chart in zip(index, leadsheets.art_songs(allow), strict=True):
        is_named = re.search(r"[A-Za-z]{4}", row["title"]) is not None
        title = row["title"] if is_named else " ".join(PurePosixPath(row["file"]).parts[-3:-1])
        chart = replace(chart, title=title, maker=row["composer"])
        yield from pieces_of_chart(chart, licence, KeyPlan.HOME)
