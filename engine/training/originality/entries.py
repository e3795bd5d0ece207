"""What of a piece of the corpus goes into the index of known works?

Every melody and counter-melody once as written (ties joined), every progression, each under the name of its
work. Pieces of our own are nobody's to be taken from and stay out.

>>> from engine.generation.language.grid import NoteEvent, Sheet, SheetBar
>>> bars = [SheetBar((4, 4), 96, {Stream.MELODY: (NoteEvent(0, 96, 60),)}),
...         SheetBar((4, 4), 96, {Stream.MELODY: (NoteEvent(0, 48, 60, True), NoteEvent(48, 48, 62))})]
>>> line_in(Sheet(tuple(bars)), Stream.MELODY)
([0, 144], [60, 62])
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from engine.generation.language.grid import ChordEvent, NoteEvent, Sheet, Stream
from engine.music import NO_CHORD, Chord
from engine.ranking.originality.index import Entry, Work
from engine.ranking.originality.symbols import STRIDE, melody_text, progression_text
from engine.training.corpus.piece import CorpusPiece

_FEWEST = 4
_LONGEST_TITLE = 80
_FOLK = ("music21-corpus", "session-abc")


class Entries(NamedTuple):
    """What an index is made of."""

    melodies: list[Entry]
    progressions: list[Entry]


def entries_of(pieces: Sequence[CorpusPiece], clusters: Sequence[str]) -> Entries:
    """The lines and progressions of the pieces; `clusters` names the cluster of each piece."""
    found = Entries([], [])
    for piece, cluster in zip(pieces, clusters, strict=True):
        if piece.is_own:
            continue
        work = work_of(piece)
        for stream in (Stream.MELODY, Stream.COUNTER):
            text = melody_text(*line_in(piece.sheet, stream))
            if len(text) >= _FEWEST * STRIDE:
                found.melodies.append((work, cluster, text))
        text = progression_text(list(chords_in(piece.sheet)))
        if len(text) >= _FEWEST * STRIDE:
            found.progressions.append((work, cluster, text))
    return found


def work_of(piece: CorpusPiece) -> Work:
    """Title, maker and licence as people read them."""
    maker = re.sub(r"^\[(.*)\]$", r"\1", piece.maker.strip())
    if maker.lower() in ("", "trad", "trad.", "traditional"):
        maker = "traditional" if maker or piece.source in _FOLK else ""
    title = " ".join(piece.title.split())[:_LONGEST_TITLE]
    return Work(title or piece.id.rpartition("/")[2], maker, piece.licence)


def line_in(sheet: Sheet, stream: Stream) -> tuple[list[int], list[int]]:
    """Starts (grid ticks) and pitches of a line, ties joined."""
    starts: list[int] = []
    pitches: list[int] = []
    for begin, event in _events(sheet, stream):
        if isinstance(event, NoteEvent) and not (event.tied and pitches and pitches[-1] == event.pitch):
            starts.append(begin + event.offset)
            pitches.append(event.pitch)
    return starts, pitches


def chords_in(sheet: Sheet) -> Iterator[Chord]:
    """The chords in order, those held over a barline more than once."""
    for _, event in _events(sheet, Stream.CHORDS):
        if isinstance(event, ChordEvent):
            yield Chord(event.root, event.quality) if event.root >= 0 else NO_CHORD


def _events(sheet: Sheet, stream: Stream) -> Iterator[tuple[int, NoteEvent | ChordEvent]]:
    begin = 0
    for bar in sheet.bars:
        for event in bar.cells.get(stream, ()):
            yield begin, event
        begin += bar.length
