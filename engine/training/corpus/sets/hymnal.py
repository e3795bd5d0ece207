"""Hymns in four voices in ABC: soprano melody, bass, alto as counter line, derived chords."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from engine.training.chords.allow import AllowList
from engine.training.chords.leadsheets import members, rows
from engine.training.corpus.piece import CorpusPiece
from engine.training.corpus.textures import Credits, pieces_of
from engine.training.corpus.voicelines import ensemble_lines
from engine.training.readers.abc import parse_abc_voices
from engine.training.readers.parts import score_of_voices

ID = "open-hymnal"
_CHOIR = 4
"""Voices of the choir; what follows them in a file plays along."""


def read(allow: AllowList, data: Path, skipped: Counter[str] | None = None) -> Iterator[CorpusPiece]:
    """Every hymn; `skipped` counts what was left out."""
    skipped = Counter() if skipped is None else skipped
    licence = allow.dataset(ID).licence
    files = members(allow.read(ID, "abc.tar.gz"))
    for row in rows(allow.read(ID, "index.csv")):
        text = files[row["file"]].decode("utf-8", "replace")
        for number, voices in enumerate(parse_abc_voices(text)):
            score = score_of_voices(voices[:_CHOIR])
            if score is None:
                skipped["bars of the voices differ"] += 1
                continue
            name = f"{ID}/{row['file']}" + (f"+{number}" if number else "")
            credits = Credits(name, ID, "hymn", row["title"], "", licence)
            yield from pieces_of(score, ensemble_lines(score), credits, skipped)
