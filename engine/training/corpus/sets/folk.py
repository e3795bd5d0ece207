"""Folk tunes of four printed collections, from the ABC files of the installed music21 package.

The pieces of `exclude.tsv` are kept for evaluation and never read.
"""

from collections.abc import Iterator
from pathlib import Path

from engine.training.chords.allow import AllowList
from engine.training.corpus.homekey import Trust
from engine.training.corpus.piece import CorpusPiece
from engine.training.corpus.scores import Origin, piece_of_part
from engine.training.melody.corpus import folk_files, installed_corpus, reserved_pieces
from engine.training.readers.abc import parse_abc

ID = "music21-corpus"
LICENCE = "LicenseRef-PublicDomain"


def read(allow: AllowList, data: Path) -> Iterator[CorpusPiece]:
    """One piece a tune, in the order of the books."""
    allow.dataset(ID)
    reserved = reserved_pieces(data / ID / "exclude.tsv")
    corpus = installed_corpus()
    for path in folk_files(corpus):
        name = path.relative_to(corpus).as_posix()
        seen: set[str] = set()
        for part in parse_abc(path.read_text("utf-8", errors="ignore")):
            number = part.number.lstrip("0")
            if (name, number) in reserved or (name, "") in reserved:
                continue
            again = "" if number not in seen else f"+{len(seen)}"
            seen.add(number)
            origin = Origin(f"{ID}/{name}#{part.number}{again}", ID, "folk", part.title, "", LICENCE)
            piece = piece_of_part(part, origin, Trust.WORD)
            if piece is not None:
                yield piece
