"""Drum performances to a click: quantised to the subdivision of each bar, General MIDI drums, style, tempo.

Single fills are left out; of a long groove the first bars are kept, the rest says the same again.
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from engine.api.errors import EngineError
from engine.formats.midi import read_midi
from engine.generation.language.grid import SONG_TICKS, Cell, NoteEvent, Sheet, SheetBar, Stream
from engine.generation.language.grid import full_length as full_bar
from engine.music import Song
from engine.training.chords.allow import AllowList
from engine.training.chords.leadsheets import members, rows
from engine.training.corpus.piece import CorpusPiece
from engine.training.corpus.played import quantised_onsets

ID = "groove-midi"
MOST_BARS, FEWEST_BARS = 48, 2
_FROM_KIT = {22: 42, 26: 46, 40: 38, 48: 50, 45: 47, 58: 43, 55: 49, 52: 57, 59: 51}
"""Rims, edges and bows of the player's kit as the General MIDI drum that sounds like them."""
_STYLES = {
    "rock": "rock",
    "punk": "rock",
    "funk": "funk",
    "neworleans": "funk",
    "soul": "soul",
    "gospel": "soul",
    "jazz": "jazz",
    "blues": "blues",
    "pop": "pop",
    "country": "folk",
    "hiphop": "hip-hop",
    "dance": "electronic",
    "latin": "latin",
    "afrocuban": "latin",
    "afrobeat": "latin",
    "reggae": "latin",
    "highlife": "latin",
}


def read(allow: AllowList, data: Path, skipped: Counter[str] | None = None) -> Iterator[CorpusPiece]:
    """Every beat of two bars or more; `skipped` counts what was left out."""
    skipped = Counter() if skipped is None else skipped
    licence = allow.dataset(ID).licence
    files = members(allow.read(ID, "groove-midi.tar.gz"))
    for row in rows(allow.read(ID, "info.csv")):
        if row["beat_type"] != "beat":
            skipped["fill"] += 1
            continue
        try:
            song = read_midi(files[_name(files, row["midi_filename"])]).song
        except (EngineError, KeyError):
            skipped["unreadable"] += 1
            continue
        beats, kind = (int(number) for number in row["time_signature"].split("-"))
        sheet = _sheet(song, (beats, kind), _style(row["style"]), float(row["bpm"]))
        if len(sheet.bars) < FEWEST_BARS:
            skipped["stretch too short"] += 1
            continue
        title = f"{row['style']} {row['bpm']}"
        yield CorpusPiece(f"{ID}/{row['id']}", ID, sheet.style, title, row["drummer"], licence, sheet)


def _name(files: dict[str, bytes], listed: str) -> str:
    """The member of the archive, which may stand under the archive's own folder."""
    return listed if listed in files else f"{ID}/{listed}"


def _style(written: str) -> str:
    """The vocabulary's style of "funk/groove1", "" for what it has no name for."""
    words = written.replace("-", "/").replace("_", "/").split("/")
    return next((_STYLES[word] for word in words if word in _STYLES), "")


def _sheet(song: Song, metre: tuple[int, int], style: str, bpm: float) -> Sheet:
    length = full_bar(metre)
    notes = [note for track in song.tracks for note in track.notes]
    places = np.array([note.start_ticks for note in notes]) / SONG_TICKS
    bars = np.floor_divide(places + 1, length).astype(np.int64)
    offsets = np.maximum(0, quantised_onsets(np.maximum(0.0, places - bars * length), bars))
    hits: dict[int, set[tuple[int, int]]] = {}
    for bar, offset, note in zip(bars.tolist(), offsets.tolist(), notes, strict=True):
        bar, offset = (bar + 1, 0) if offset >= length else (bar, offset)
        hits.setdefault(bar, set()).add((offset, _FROM_KIT.get(note.pitch, note.pitch)))
    count = min(MOST_BARS, max(hits, default=-1) + 1)
    written = [SheetBar(metre, length, {Stream.DRUMS: _cell(hits.get(bar, set()))}) for bar in range(count)]
    while written and not written[-1].cells[Stream.DRUMS]:
        written.pop()
    return Sheet(tuple(written), style=style, bpm=bpm)


def _cell(hits: set[tuple[int, int]]) -> Cell:
    return tuple(NoteEvent(offset, 1, pitch) for offset, pitch in sorted(hits) if 35 <= pitch <= 81)
