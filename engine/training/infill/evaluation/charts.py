"""Pop, rock and jazz charts as they are played, every round of a loop there.

The corpus keeps a vamp's rounds in moderation so that it does not teach to stay; whether people keep a
loop can only be seen where all of it stands. Only charts of the test part, by the ids of their pieces.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from engine.generation.language.grid import Sheet
from engine.training.chords import charts
from engine.training.chords.allow import AllowList
from engine.training.chords.piece import Piece
from engine.training.corpus.charts import draft_of_chart, key_parts
from engine.training.corpus.draft import sheet_of
from engine.training.corpus.homekey import chart_key

_READERS = {
    "mcgill-billboard": charts.billboard,
    "rs200-harmony": charts.rolling_stone,
    "irb-jazz": charts.jazz_standards,
}


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart (the part of it in one key), whole. `id` as its piece's in the corpus."""

    id: str
    style: str
    sheet: Sheet


def played_charts(data: Path, ids: Iterable[str]) -> list[Chart]:
    """The charts whose pieces have these ids."""
    wanted = {id.partition("~")[0] for id in ids}
    allow = AllowList(data)
    found: list[Chart] = []
    for source, read in _READERS.items():
        if allow.lists(source) and any(id.startswith(f"{source}/") for id in wanted):
            for chart in read(allow):
                id = f"{source}/{chart.id.partition('/')[2]}"
                if id in wanted:
                    found += _parts(id, chart)
    return found


def _parts(id: str, chart: Piece) -> list[Chart]:
    draft = draft_of_chart(chart)
    if not draft.bars:
        return []
    found = []
    for number, (part, tonic) in enumerate(key_parts(chart, draft)):
        sheet = sheet_of(part, chart_key(part, tonic), chart.style)
        found.append(Chart(f"{id}~{number}" if number else id, chart.style, sheet))
    return found
