"""Old-time and session tunes in ABC with guitar chords."""

from collections.abc import Iterator
from pathlib import Path

from engine.training.chords.allow import AllowList
from engine.training.chords.leadsheets import members, rows
from engine.training.corpus.homekey import Trust
from engine.training.corpus.piece import CorpusPiece
from engine.training.corpus.scores import Origin, piece_of_part
from engine.training.readers.abc import parse_abc

ID = "session-abc"


def read(allow: AllowList, data: Path) -> Iterator[CorpusPiece]:
    """One piece a tune."""
    files = members(allow.read(ID, "tunes.tar.gz"))
    licence = allow.dataset(ID).licence
    for row in rows(allow.read(ID, "index.csv")):
        for part in parse_abc(files[row["file"]].decode("utf-8", "replace"))[:1]:
            origin = Origin(f"{ID}/{row['file']}", ID, "folk", row["title"], "", licence)
            piece = piece_of_part(part, origin, Trust.WORD)
            if piece is not None:
                yield piece
