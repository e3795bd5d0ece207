"""What have we written ourselves for the styles no free corpus holds?

The progressions and tunes of `assets/patterns` (own work, CC0) as pieces. An entry and its variants (A, A')
are one piece, one after the other, so that a return with a change is learnt too.

>>> next(iter(read())).licence
'CC0-1.0'
"""

import hashlib
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

from engine.formats.patterns import PATTERNS, Kind, Pattern, PatternBar, melodies, progressions
from engine.generation.language.grid import Cell, ChordEvent, NoteEvent, Sheet, SheetBar, Stream
from engine.music import Chord
from engine.training.chords.allow import AllowList
from engine.training.corpus.piece import CorpusPiece

ID = "understudy-patterns"
IS_OWN = True
_LICENCE = "CC0-1.0"
_KINDS = (Kind.PROGRESSION, Kind.MELODY)

_SECTIONS = {"prechorus": "pre-chorus", "turnaround": "other"}
_STYLES = {
    "ambient": "electronic",
    "bossa-nova": "latin",
    "cinematic": "game",
    "country": "folk",
    "drum-and-bass": "electronic",
    "gospel": "soul",
    "house": "electronic",
    "jazz-ballad": "jazz",
    "jazz-swing": "jazz",
    "lo-fi": "hip-hop",
    "musical-theatre": "song",
    "reggae": "pop",
    "samba": "latin",
    "ska": "rock",
    "synthwave": "electronic",
    "tango": "latin",
    "techno": "electronic",
}
"""The vocabulary's nearest style, where it has not the library's own."""


def read(allow: AllowList | None = None, data: Path | None = None) -> Iterator[CorpusPiece]:
    """Every entry in a fixed order; nothing of the data folder is needed."""
    for patterns in (progressions(), melodies()):
        for (style, _), group in groupby(patterns, key=lambda p: (p.style, p.variant_of or p.line)):
            yield _piece(style, list(group))


def described() -> dict[str, Any]:
    """What a card says about this set; the hash is over the hashes of its files, as for the listed sets."""
    files = (path for kind in _KINDS for path in (PATTERNS / kind).glob("*.txt"))
    hashes = sorted(hashlib.sha256(path.read_bytes()).hexdigest() for path in files)
    return {
        "id": ID,
        "title": "Progressions and melodies written for Understudy",
        "licence": _LICENCE,
        "maker": "Understudy",
        "attribution": "Understudy, progressions and melodies written for this product, CC0 1.0.",
        "url": "assets/patterns",
        "share_alike": False,
        "sha256": hashlib.sha256("".join(hashes).encode()).hexdigest(),
    }


def _piece(style: str, entries: list[Pattern]) -> CorpusPiece:
    first = entries[0]
    kind = "progression" if first.kind is Kind.PROGRESSION else "tune"
    name = f"{style} {first.section} {kind} {first.line}"
    return CorpusPiece(
        id=f"{ID}/{kind}-{style}-{first.line}",
        source=ID,
        style=_STYLES.get(style, style),
        title=name,
        maker="",
        licence=_LICENCE,
        sheet=_sheet(entries),
        is_own=True,
    )


def _sheet(entries: list[Pattern]) -> Sheet:
    first = entries[0]
    bars = tuple(_bar(entry, bar) for entry in entries for bar in entry.bars)
    return Sheet(
        bars=bars,
        mode=first.mode,
        style=_STYLES.get(first.style, first.style),
        bpm=first.bpm,
        first_full=int(first.has_pickup),
    )


def _bar(entry: Pattern, bar: PatternBar) -> SheetBar:
    chords = (_chord(span.offset, span.duration, span.chord) for span in bar.chords)
    cells: dict[Stream, Cell] = {Stream.CHORDS: tuple(chords)}
    if entry.kind is Kind.MELODY:
        cells[Stream.MELODY] = tuple(NoteEvent(*note) for note in bar.notes)
    return SheetBar(entry.metre, bar.length, cells, _SECTIONS.get(entry.section, entry.section))


def _chord(offset: int, duration: int, chord: Chord) -> ChordEvent:
    if chord.is_no_chord:
        return ChordEvent(offset, duration, -1, chord.quality)
    return ChordEvent(offset, duration, chord.root, chord.quality, -1 if chord.bass is None else chord.bass)
