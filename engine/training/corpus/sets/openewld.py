"""Songs of the early twentieth century in MusicXML: melody and printed chords.

The index's tonality is not believed; the signature is, as far as key or relative key.
"""

from collections.abc import Iterator
from pathlib import Path

from engine.training.chords.allow import AllowList
from engine.training.chords.leadsheets import members, rows
from engine.training.corpus.homekey import Trust
from engine.training.corpus.piece import CorpusPiece
from engine.training.corpus.scores import Origin, piece_of_part
from engine.training.readers.musicxml import parse_musicxml
from engine.training.readers.score import UnreadableScoreError

ID = "openewld-pd"


def read(allow: AllowList, data: Path) -> Iterator[CorpusPiece]:
    """One piece a lead sheet; `pd_life70` of the index does not matter here, `licence` is the set's."""
    files = members(allow.read(ID, "leadsheets.tar.gz"))
    licence = allow.dataset(ID).licence
    for row in rows(allow.read(ID, "index.csv")):
        try:
            parts = parse_musicxml(files[row["file"]])
        except (UnreadableScoreError, KeyError):
            continue
        part = next((part for part in parts if any(bar.chords for bar in part.bars)), None)
        if part is None:
            continue
        origin = Origin(f"{ID}/{row['file']}", ID, "song", row["title"], row["authors"], licence)
        piece = piece_of_part(part, origin, Trust.SIGNATURE)
        if piece is not None:
            yield piece
