"""Chorales in four voices from the installed music21 package's scores: soprano, alto, bass, derived chords.

The package itself is not imported; the pieces of `exclude.tsv` are kept for evaluation and never read.
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from engine.training.chords.allow import AllowList
from engine.training.corpus.piece import CorpusPiece
from engine.training.corpus.textures import Credits, pieces_of
from engine.training.corpus.voicelines import choir_lines
from engine.training.melody.corpus import installed_corpus, reserved_pieces
from engine.training.readers.score import UnreadableScoreError
from engine.training.readers.scorexml import parse_full_score

ID = "music21-corpus"
LICENCE = "LicenseRef-PublicDomain"


def read(allow: AllowList, data: Path, skipped: Counter[str] | None = None) -> Iterator[CorpusPiece]:
    """Every chorale, in the order of the file names; `skipped` counts what was left out."""
    skipped = Counter() if skipped is None else skipped
    allow.dataset(ID)
    reserved = {name for name, number in reserved_pieces(data / ID / "exclude.tsv") if not number}
    corpus = installed_corpus()
    for path in sorted((corpus / "bach").iterdir()):
        name = path.relative_to(corpus).as_posix()
        if path.suffix not in (".mxl", ".xml") or name in reserved:
            continue
        try:
            score = parse_full_score(path.read_bytes())
        except UnreadableScoreError:
            skipped["unreadable"] += 1
            continue
        title = score.title if score.title and score.title != path.name else path.stem
        credits = Credits(f"{ID}/{name}", ID, "chorale", title, "Bach, Johann Sebastian", LICENCE)
        yield from pieces_of(score, choir_lines(score), credits, skipped)
