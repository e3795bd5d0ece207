"""Lead sheets of songs first published up to 1930: melody, chords, tempo; repeats are written out."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

from engine.music import parse_key
from engine.training.chords.allow import AllowList
from engine.training.chords.charts import early_songs
from engine.training.corpus.charts import draft_of_chart
from engine.training.corpus.draft import sheet_of
from engine.training.corpus.homekey import home_key
from engine.training.corpus.piece import CorpusPiece

ID = "neon-leadsheets"


def read(allow: AllowList, data: Path) -> Iterator[CorpusPiece]:
    """One piece a lead sheet."""
    licence = allow.dataset(ID).licence
    lines = gzip.decompress(allow.read(ID, "leadsheets.jsonl.gz")).decode("utf-8").splitlines()
    for number, (line, piece) in enumerate(zip(lines, early_songs(allow), strict=True)):
        record = json.loads(line)
        draft = draft_of_chart(piece)
        key = home_key(draft, parse_key(f"{record['key']} {record['mode']}"))
        sheet = sheet_of(draft, key, "song", float(record["tempo"] or 0))
        yield CorpusPiece(f"{ID}/{number}", ID, "song", record["title"], record["composer"], licence, sheet)
