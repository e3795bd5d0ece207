"""All allowed charts together, each with its part of the split."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from engine.training.chords import charts, leadsheets
from engine.training.chords.allow import AllowList
from engine.training.chords.piece import Piece
from engine.training.chords.split import Part, clusters, parts

READERS: dict[str, Callable[[AllowList], Iterator[Piece]]] = {
    "mcgill-billboard": charts.billboard,
    "rs200-harmony": charts.rolling_stone,
    "irb-jazz": charts.jazz_standards,
    "wjd-changes": charts.jazz_solos,
    "free-midi-chords": charts.loops,
    "neon-leadsheets": charts.early_songs,
    "openewld-pd": leadsheets.lead_sheets,
    "session-abc": leadsheets.session_tunes,
    "when-in-rome-new": leadsheets.art_songs,
}
_LEAST_CHORDS = 4


class Entry(NamedTuple):
    piece: Piece
    part: Part
    song: int


def gather(data_dir: Path, only: tuple[str, ...] = tuple(READERS)) -> list[Entry]:
    """Every chart with at least four chords, in a fixed order."""
    allowed = AllowList(data_dir)
    pieces = [piece for name in only for piece in READERS[name](allowed)]
    pieces = [piece for piece in pieces if len(piece.merged()) >= _LEAST_CHORDS]
    songs = clusters(pieces)
    return [Entry(*row) for row in zip(pieces, parts(pieces, songs), songs, strict=True)]
