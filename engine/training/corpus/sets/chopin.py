"""Chopin's works for piano in their first editions: the top line over the left hand's bass.

Only the genres whose texture is a melody with accompaniment; dances keep the style of dances.
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from engine.training.chords.allow import AllowList
from engine.training.chords.leadsheets import members, rows
from engine.training.corpus.piece import CorpusPiece
from engine.training.corpus.textures import Credits, pieces_of
from engine.training.corpus.voicelines import piano_lines
from engine.training.readers.kern import parse_kern
from engine.training.readers.score import UnreadableScoreError

ID = "chopin-first-editions"
_DANCES = ("Mazurka", "Waltz", "Polonaise", "Ecossaise", "Krakowiak", "Bolero", "March")
_SONGFUL = ("Nocturne", "Prelude", "Berceuse", "Ballade", "Impromptu", "Baracolle")


def read(allow: AllowList, data: Path, skipped: Counter[str] | None = None) -> Iterator[CorpusPiece]:
    """Dances and songful pieces; `skipped` counts what was left out."""
    skipped = Counter() if skipped is None else skipped
    licence = allow.dataset(ID).licence
    files = members(allow.read(ID, "scores.tar.gz"))
    for row in rows(allow.read(ID, "index.csv")):
        if row["genre"] not in _DANCES + _SONGFUL:
            skipped["no melody texture"] += 1
            continue
        try:
            score = parse_kern(files[row["file"]].decode("utf-8", "replace"))
        except (UnreadableScoreError, KeyError):
            skipped["unreadable"] += 1
            continue
        style = "dance" if row["genre"] in _DANCES else "classical"
        credits = Credits(f"{ID}/{row['file']}", ID, style, row["title"], "Chopin, Fryderyk", licence)
        yield from pieces_of(score, piano_lines(score), credits, skipped)
