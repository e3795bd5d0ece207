"""How is the corpus kept between runs? One compressed .npz of integer arrays and a JSON text, no pickle.

`bars` (n, 5): metre, length, section, number of cells. `cells` (n, 2): stream, number of events.
`events` (n, 5): offset, duration, then pitch, tied, 0 for a note; root, quality, bass for a chord.
"""

import gc
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from engine.generation.language.grid import Cell, ChordEvent, NoteEvent, Sheet, SheetBar, Stream
from engine.music import Mode
from engine.training.corpus.piece import CorpusPiece

FORMAT = b"1"
"""Changes when the arrays mean something else; files of another format are not looked at."""
_Row = tuple[int, int, int, int, int]


class _Names:
    """Words by number."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}

    def number(self, word: str) -> int:
        return self.numbers.setdefault(word, len(self.numbers))


def write_cache(path: Path, pieces: Sequence[CorpusPiece]) -> None:
    """Writes beside the file first, so that a cache is whole or not there."""
    words = _Names()
    bars: list[_Row] = []
    cells: list[tuple[int, int]] = []
    events: list[_Row] = []
    for piece in pieces:
        for bar in piece.sheet.bars:
            bars.append((*bar.metre, bar.length, words.number(bar.section), len(bar.cells)))
            for stream, cell in bar.cells.items():
                cells.append((stream, len(cell)))
                events += [_row(event, words) for event in cell]
    head = {"words": list(words.numbers), "pieces": [_described(piece) for piece in pieces]}
    arrays = {
        "head": np.frombuffer(json.dumps(head).encode(), dtype=np.uint8),
        "bars": np.array(bars, dtype=np.int16).reshape(-1, 5),
        "cells": np.array(cells, dtype=np.int16).reshape(-1, 2),
        "events": np.array(events, dtype=np.int16).reshape(-1, 5),
    }
    beside = path.with_suffix(".part")
    with beside.open("wb") as file:
        np.savez_compressed(file, **arrays)  # type: ignore[arg-type]
    beside.replace(path)


def _row(event: NoteEvent | ChordEvent, words: _Names) -> _Row:
    if isinstance(event, NoteEvent):
        return event.offset, event.duration, event.pitch, int(event.tied), 0
    return event.offset, event.duration, event.root, words.number(event.quality), event.bass


def _described(piece: CorpusPiece) -> dict[str, Any]:
    sheet = piece.sheet
    return {
        "names": [piece.id, piece.source, piece.style, piece.title, piece.maker, piece.licence],
        "derived": piece.has_derived_chords,
        "own": piece.is_own,
        "form": piece.form,
        "sheet": [len(sheet.bars), sheet.mode.value, sheet.shift, sheet.style, sheet.bpm, sheet.first_full],
    }


def read_cache(path: Path) -> list[CorpusPiece]:
    """The pieces as they were written."""
    with np.load(path, allow_pickle=False) as arrays:
        head = json.loads(arrays["head"].tobytes())
        reader = _Reader(arrays["bars"], arrays["cells"], arrays["events"], head["words"])
    with collector_paused():
        return [reader.piece(entry) for entry in head["pieces"]]


@contextmanager
def collector_paused() -> Iterator[None]:
    """Millions of tuples hold no cycles; looking for them takes longer than making them."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


class _Reader:
    """Walks the arrays; equal events are one object, which saves most of the memory."""

    def __init__(self, bars: np.ndarray, cells: np.ndarray, events: np.ndarray, words: list[str]) -> None:
        self._bars = iter(bars.tolist())
        self._cells = iter(cells.tolist())
        self._events: Iterator[list[int]] = iter(events.tolist())
        self._words = words
        self._notes: dict[tuple[int, ...], NoteEvent] = {}
        self._chords: dict[tuple[int, ...], ChordEvent] = {}

    def piece(self, entry: dict[str, Any]) -> CorpusPiece:
        count, mode, shift, style, bpm, first_full = entry["sheet"]
        bars = tuple(self._bar() for _ in range(count))
        sheet = Sheet(bars, Mode(mode), shift, style, bpm, first_full)
        form = tuple((first, end) for first, end in entry["form"])
        id, source, style, title, maker, licence = entry["names"]
        return CorpusPiece(
            id, source, style, title, maker, licence, sheet, entry["derived"], form, entry["own"]
        )

    def _bar(self) -> SheetBar:
        numerator, denominator, length, section, count = next(self._bars)
        cells = {}
        for _ in range(count):
            stream, events = next(self._cells)
            cells[Stream(stream)] = self._cell(stream, events)
        return SheetBar((numerator, denominator), length, cells, self._words[section])

    def _cell(self, stream: int, count: int) -> Cell:
        if stream == Stream.CHORDS:
            return tuple(self._chord(tuple(next(self._events))) for _ in range(count))
        return tuple(self._note(tuple(next(self._events))) for _ in range(count))

    def _note(self, row: tuple[int, ...]) -> NoteEvent:
        note = self._notes.get(row)
        if note is None:
            note = self._notes[row] = NoteEvent(row[0], row[1], row[2], bool(row[3]))
        return note

    def _chord(self, row: tuple[int, ...]) -> ChordEvent:
        chord = self._chords.get(row)
        if chord is None:
            chord = ChordEvent(row[0], row[1], row[2], self._words[row[3]], row[4])
            self._chords[row] = chord
        return chord
