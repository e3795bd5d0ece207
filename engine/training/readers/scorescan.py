"""What moves the time in a part of a MusicXML score, and what do its notes say?

`scanned` gives a row for each measure and each element in it that matters, in the order of the file. In
machine code where there is a compiler (scorescan.c); what is written unusually, and all where there is none,
in Python.

>>> text = b"<measure><note><rest/><duration>4</duration><voice>1</voice></note></measure>"
>>> scanned(text, 0, len(text))[:, Column.DURATION].tolist()
[0.0, 4.0]
"""

import ctypes
import re
from collections.abc import Iterator
from enum import IntEnum, IntFlag
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.generation.infill.building import built_library
from engine.training.readers.score import UnreadableScoreError

NO_PITCH = -1000
"""The pitch of a rest."""
FIRST_VOICE = ord("1")
Rows = NDArray[np.float64]
"""(n, columns) whole numbers, but for durations."""


class Column(IntEnum):
    """START and STOP are places in the text, of the content or, for directions, of the element. PITCH is as
    written, DURATION in divisions; STAFF and VOICE (see `voice_name`) are 0 where none is written."""

    KIND = 0
    START = 1
    STOP = 2
    PITCH = 3
    DURATION = 4
    STAFF = 5
    VOICE = 6
    FLAGS = 7


class Kind(IntEnum):
    MEASURE = 0
    NOTE = 1
    BACKUP = 2
    FORWARD = 3
    ATTRIBUTES = 4
    DIRECTION = 5


class Flag(IntFlag):
    """Of a note; ornaments are grace and cue notes."""

    IN_CHORD = 1
    IS_TIED = 2
    IS_ORNAMENT = 4
    IS_SUNG = 8


_KINDS = {
    b"note": Kind.NOTE,
    b"backup": Kind.BACKUP,
    b"forward": Kind.FORWARD,
    b"attributes": Kind.ATTRIBUTES,
    b"direction": Kind.DIRECTION,
    b"sound": Kind.DIRECTION,
}
_MEASURE = re.compile(rb"<(measure)(?=[\s>/])[^>]*>")
_MOVING = re.compile(rb"<(" + b"|".join(_KINDS) + rb")(?=[\s>/])[^>]*>")
_TIE = re.compile(rb"<tie\s[^>]*>")
_NATURAL = {b"C": 0, b"D": 2, b"E": 4, b"F": 5, b"G": 7, b"A": 9, b"B": 11}
_SHORTEST_ELEMENT = len(b"<note/>")
_VOICE_BYTES = 6


def scanned(data: bytes, start: int, end: int) -> Rows:
    """The rows of the part that stands there. Raises UnreadableScoreError."""
    library = _library()
    if library is not None:
        rows = np.empty(((end - start) // _SHORTEST_ELEMENT + 1, len(Column)))
        count = library.scan(data, start, end, rows.ctypes.data)
        if count >= 0:
            return rows[:count]
    return np.array(list(_looked_through(data, start, end)), dtype=np.float64).reshape(-1, len(Column))


def voice_name(number: int) -> str:
    """The name of a voice, whose letters are the bytes of the number."""
    return number.to_bytes(_VOICE_BYTES, "little").rstrip(b"\0").decode()


@cache
def _library() -> ctypes.CDLL | None:
    library = built_library([Path(__file__).with_suffix(".c")], "scorescan")
    if library is not None:
        library.scan.argtypes = [ctypes.c_char_p, ctypes.c_int64, ctypes.c_int64, ctypes.c_void_p]
        library.scan.restype = ctypes.c_int64
    return library


def inside(
    data: bytes, opening: re.Pattern[bytes], start: int, end: int
) -> Iterator[tuple[re.Match[bytes], int]]:
    """The elements whose tag is matched, one after the other, and where their content ends."""
    found = opening.search(data, start, end)
    while found is not None:
        stop = found.end()
        if data[stop - 2 : stop] != b"/>":
            stop = data.find(b"</" + found[1] + b">", stop, end)
        if stop < 0:
            raise UnreadableScoreError("The score is not well-formed XML: it ends in the middle.")
        yield found, stop
        found = opening.search(data, stop, end)


def _looked_through(data: bytes, start: int, end: int) -> Iterator[tuple[float, ...]]:
    for measure, close in inside(data, _MEASURE, start, end):
        yield Kind.MEASURE, measure.end(), close, 0, 0, 0, 0, 0
        for found, stop in inside(data, _MOVING, measure.end(), close):
            kind = _KINDS[found[1]]
            begin = found.start() if kind is Kind.DIRECTION else found.end()
            yield kind, begin, stop, *(_said(data[begin:stop]) if kind < Kind.ATTRIBUTES else [0] * 5)


def _said(text: bytes) -> tuple[float, ...]:
    """Pitch, duration, staff, voice and flags of a note, or a move."""
    step, alter, octave = (_text(text, tag) for tag in (b"<step>", b"<alter>", b"<octave>"))
    flags = Flag.IN_CHORD if b"<chord" in text else Flag(0)
    flags |= Flag.IS_TIED if any(b"stop" in tie for tie in _TIE.findall(text)) else Flag(0)
    flags |= Flag.IS_ORNAMENT if b"<grace" in text or b"<cue" in text else Flag(0)
    flags |= Flag.IS_SUNG if b"<lyric" in text else Flag(0)
    height = round(float(alter or 0)) + 12 * (int(octave or 4) + 1)
    return (
        _NATURAL[step] + height if step else NO_PITCH,
        float(_text(text, b"<duration>") or 0),
        int(_text(text, b"<staff>") or 0),
        int.from_bytes(_text(text, b"<voice>")[:_VOICE_BYTES], "little"),
        flags,
    )


def _text(data: bytes, tag: bytes) -> bytes:
    """What stands in the first element of this tag; nothing where there is none."""
    start = data.find(tag)
    if start < 0:
        return b""
    start += len(tag)
    return data[start : data.find(b"<", start)].strip()
