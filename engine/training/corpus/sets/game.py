"""Free game music as MIDI: melody, bass, drums and derived chords of multi-track songs."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from engine.api.errors import EngineError
from engine.formats.midi import read_midi
from engine.training.chords.allow import AllowList
from engine.training.chords.leadsheets import members, rows
from engine.training.corpus.piece import CorpusPiece
from engine.training.corpus.played import pieces_of_song
from engine.training.corpus.textures import Credits

ID = "game-midi"
_WITHOUT_BARS = "Blasphemer"
"""The project whose files were written on a clock, not in bars."""


def read(allow: AllowList, data: Path, skipped: Counter[str] | None = None) -> Iterator[CorpusPiece]:
    """Every track that was played to its bars; `skipped` counts what was left out."""
    skipped = Counter() if skipped is None else skipped
    files = members(allow.read(ID, "midi.tar.gz"))
    for row in rows(allow.read(ID, "index.csv")):
        if row["project"] == _WITHOUT_BARS:
            skipped["not played to its bars"] += 1
            continue
        try:
            song = read_midi(files[row["file"]]).song
        except (EngineError, KeyError):
            skipped["unreadable"] += 1
            continue
        credits = Credits(f"{ID}/{row['file']}", ID, "game", row["title"], row["credit"], row["licence"])
        yield from pieces_of_song(song, credits, skipped)
