"""How long does a song of half a million notes take on the wire, and how long is the longest single step?"""

import gc
import time
from collections.abc import Iterable
from typing import TypeVar

from engine.api.lines import LineReader, reply_lines
from engine.api.messages import Analysed
from engine.music import Note, Origin, Role, Song, Track
from engine.music.analysis import Analysis

T = TypeVar("T")

_NOTES = 500_000


def run() -> dict[str, float]:
    """Seconds for all lines, milliseconds for the longest; the collector rests, as in the window's link."""
    notes = tuple(
        Note(index + 1, index * 30, 25, 36 + index % 60, 80, Origin.IMPORTED, "sketch")
        for index in range(_NOTES)
    )
    reply = Analysed(Song(tracks=(Track(1, "All", Role.OTHER, notes=notes),)), Analysis())
    gc.collect()
    gc.disable()
    try:
        lines, encoding = _timed(reply_lines(1, reply))
        reader = LineReader("reply")
        read, decoding = _timed(reader.read(line) for line in lines)
    finally:
        gc.enable()
    assert read[-1] == (1, reply)
    return {
        "megabytes": round(sum(map(len, lines)) / 1e6, 1),
        "lines": len(lines),
        "encode_s": round(sum(encoding), 2),
        "encode_longest_ms": round(max(encoding) * 1000, 1),
        "decode_s": round(sum(decoding), 2),
        "decode_longest_ms": round(max(decoding) * 1000, 1),
    }


def _timed(steps: Iterable[T]) -> tuple[list[T], list[float]]:
    """Everything the steps give, and how long each took."""
    results: list[T] = []
    times: list[float] = []
    iterator = iter(steps)
    while True:
        started = time.perf_counter()
        try:
            results.append(next(iterator))
        except StopIteration:
            return results, times
        times.append(time.perf_counter() - started)
