"""How is the corpus kept between runs? One compressed .npz of integer arrays and a JSON text, no pickle.

Most bars hold what other bars hold, so that each event and each cell is written once and told by its number.
`bars` (n, 5): metre, length, section, number of cells. `cells` (n, 2): stream, content. `contents` (n):
number of events of each content. `order` (n): their events, one content after the other. `events` (n, 5):
offset, duration, then pitch, -1 (tied: -2), 0 for a note; root, quality, bass for a chord.
"""

import gc
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from engine.generation.language.grid import Cell, ChordEvent, NoteEvent, Sheet, SheetBar, Stream
from engine.music import Mode
from engine.training.corpus.piece import CorpusPiece

FORMAT = b"2"
"""Changes when the arrays mean something else; files of another format are not looked at."""
T = TypeVar("T")


class _Numbers(dict[T, int]):
    """Numbers from 0 for what is asked for, in the order of asking."""

    def __missing__(self, key: T) -> int:
        number = self[key] = len(self)
        return number


def write_cache(path: Path, pieces: Sequence[CorpusPiece]) -> None:
    """Writes beside the file first, so that a cache is whole or not there."""
    with collector_paused():
        arrays = _arrays(pieces)
    beside = path.with_suffix(".part")
    with beside.open("wb") as file:
        np.savez_compressed(file, **arrays)  # type: ignore[arg-type]
    beside.replace(path)


def _arrays(pieces: Sequence[CorpusPiece]) -> dict[str, np.ndarray]:
    words: _Numbers[str] = _Numbers()
    contents: _Numbers[Cell] = _Numbers()
    events: _Numbers[NoteEvent | ChordEvent] = _Numbers()
    bars = [bar for piece in pieces for bar in piece.sheet.bars]
    rows = [(*bar.metre, bar.length, words[bar.section], len(bar.cells)) for bar in bars]
    cells = [(stream, contents[cell]) for bar in bars for stream, cell in bar.cells.items()]
    order = [events[event] for cell in contents for event in cell]
    events_written = [_row(event, words) for event in events]
    head = {"words": list(words), "pieces": [_described(piece) for piece in pieces]}
    return {
        "head": np.frombuffer(json.dumps(head).encode(), dtype=np.uint8),
        "bars": np.array(rows, np.int16).reshape(-1, 5),
        "cells": np.array(cells, np.int32).reshape(-1, 2),
        "contents": np.array([len(cell) for cell in contents], np.int16),
        "order": np.array(order, np.int32),
        "events": np.array(events_written, np.int16).reshape(-1, 5),
    }


def _row(event: NoteEvent | ChordEvent, words: "_Numbers[str]") -> tuple[int, int, int, int, int]:
    if isinstance(event, NoteEvent):
        return event.offset, event.duration, event.pitch, -1 - event.tied, 0
    return event.offset, event.duration, event.root, words[event.quality], event.bass


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
    with collector_paused(), np.load(path, allow_pickle=False) as arrays:
        head = json.loads(arrays["head"].tobytes())
        bars = _bars(arrays["bars"], arrays["cells"], _contents(arrays, head["words"]), head["words"])
        return [_piece(entry, bars) for entry in head["pieces"]]


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


def _contents(arrays: Mapping[str, np.ndarray], words: Sequence[str]) -> list[Cell]:
    """Every content of a cell; equal events are one object, which saves most of the memory."""
    events = [_event(row, words) for row in arrays["events"].tolist()]
    order: Iterator[Any] = iter([events[place] for place in arrays["order"].tolist()])
    return [tuple(islice(order, count)) for count in arrays["contents"].tolist()]


def _event(row: Sequence[int], words: Sequence[str]) -> NoteEvent | ChordEvent:
    offset, duration, height, kind, bass = row
    if kind < 0:
        return NoteEvent(offset, duration, height, kind < -1)
    return ChordEvent(offset, duration, height, words[kind], bass)


def _bars(
    bars: np.ndarray, cells: np.ndarray, contents: Sequence[Cell], words: Sequence[str]
) -> Iterator[SheetBar]:
    streams = list(Stream)
    filled = iter([(streams[stream], contents[number]) for stream, number in cells.tolist()])
    for numerator, denominator, length, section, count in bars.tolist():
        yield SheetBar((numerator, denominator), length, dict(islice(filled, count)), words[section])


def _piece(entry: dict[str, Any], bars: Iterator[SheetBar]) -> CorpusPiece:
    count, mode, shift, style, bpm, first_full = entry["sheet"]
    sheet = Sheet(tuple(islice(bars, count)), Mode(mode), shift, style, bpm, first_full)
    form = tuple((first, end) for first, end in entry["form"])
    id, source, style, title, maker, licence = entry["names"]
    return CorpusPiece(id, source, style, title, maker, licence, sheet, entry["derived"], form, entry["own"])
