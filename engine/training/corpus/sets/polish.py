"""Dances and songs with piano from Poland, 1800-1935: the top line or the voice over the left hand's bass."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from engine.training.chords.allow import AllowList
from engine.training.chords.leadsheets import members, rows
from engine.training.corpus.piece import CorpusPiece
from engine.training.corpus.textures import Credits, pieces_of
from engine.training.corpus.voicelines import song_lines
from engine.training.readers.kern import parse_kern
from engine.training.readers.score import UnreadableScoreError

ID = "polish-dances"


def read(allow: AllowList, data: Path, skipped: Counter[str] | None = None) -> Iterator[CorpusPiece]:
    """Every dance and song; `skipped` counts what was left out."""
    skipped = Counter() if skipped is None else skipped
    licence = allow.dataset(ID).licence
    files = members(allow.read(ID, "scores.tar.gz"))
    for row in rows(allow.read(ID, "index.csv")):
        try:
            score = parse_kern(files[row["file"]].decode("utf-8", "replace"))
        except (UnreadableScoreError, KeyError):
            skipped["unreadable"] += 1
            continue
        style = "lied" if row["kind"] == "song" else "dance"
        credits = Credits(f"{ID}/{row['file']}", ID, style, row["title"], row["composer"], licence)
        yield from pieces_of(score, song_lines(score), credits, skipped)
