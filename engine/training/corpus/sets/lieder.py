"""Songs of the nineteenth century: the voice is the melody, the piano's low line the bass."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from engine.training.chords.allow import AllowList
from engine.training.chords.leadsheets import members, rows
from engine.training.corpus.piece import CorpusPiece
from engine.training.corpus.textures import Credits, pieces_of
from engine.training.corpus.voicelines import song_lines
from engine.training.readers.score import UnreadableScoreError
from engine.training.readers.scorexml import parse_full_score

ID = "openscore-lieder"


def read(allow: AllowList, data: Path, skipped: Counter[str] | None = None) -> Iterator[CorpusPiece]:
    """Every song, a piece for each stretch of one key; `skipped` counts what was left out."""
    skipped = Counter() if skipped is None else skipped
    licence = allow.dataset(ID).licence
    files = members(allow.read(ID, "scores.tar.gz"))
    for row in rows(allow.read(ID, "index.csv")):
        try:
            score = parse_full_score(files[row["file"]])
        except (UnreadableScoreError, KeyError):
            skipped["unreadable"] += 1
            continue
        credits = Credits(f"{ID}/{row['file']}", ID, "lied", row["title"], row["composer"], licence)
        yield from pieces_of(score, song_lines(score), credits, skipped)
