"""Which events does the body of one MIDI track hold?

The walk only finds where each event begins; everything else is read column-wise with numpy. It never
fails: what cannot be read is skipped and counted. Source: Standard MIDI Files 1.0 (MMA, 1996).

>>> read_stream(bytes.fromhex("00 90 3c 40 60 3c 00 00 ff 2f 00"), 10, Problems()).ticks.tolist()
[0, 96, 96]
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.formats.midi.conventions import END_OF_TRACK, META
from engine.formats.midi.problems import Problem, Problems

_MAX_DELTA = 1 << 31
# Data bytes after each status; 0 for system messages, which are read one by one.
_DATA_BYTES = bytes(0 if s < 0x80 or s >= 0xF0 else 1 if 0xC0 <= s < 0xE0 else 2 for s in range(256))
_SYSTEM_BYTES = {0xF1: 1, 0xF2: 2, 0xF3: 1}


class Meta(NamedTuple):
    """A meta event: which row of the stream it is, its type and its content."""

    row: int
    kind: int
    content: bytes


class Stream(NamedTuple):
    """All events of one track: absolute source ticks, status and data bytes, meta events apart."""

    ticks: NDArray[np.int64]
    status: NDArray[np.uint8]
    data1: NDArray[np.uint8]
    data2: NDArray[np.uint8]
    metas: tuple[Meta, ...]
    length: int  # bytes used, up to and with the end mark
    has_end: bool
    is_over_limit: bool

    @property
    def events(self) -> int:
        return len(self.ticks)


def read_stream(body: bytes, limit: int, problems: Problems) -> Stream:
    """Read up to `limit` events of a track's body; stops at its end mark."""
    if not body:
        return _EMPTY
    walk = _Walk(body, problems)
    is_over_limit = walk.run(limit)
    ticks = np.cumsum(np.array(walk.deltas, dtype=np.int64))
    at = np.array(walk.places, dtype=np.int64)
    padded = np.frombuffer(body + b"\0\0", dtype=np.uint8)
    return Stream(
        ticks=ticks,
        status=np.frombuffer(bytes(walk.statuses), dtype=np.uint8),
        data1=padded[at],
        data2=padded[at + 1],
        metas=tuple(walk.metas),
        length=min(walk.position, len(body)),
        has_end=walk.has_end,
        is_over_limit=is_over_limit,
    )


_NO_TICKS, _NO_BYTES = np.zeros(0, np.int64), np.zeros(0, np.uint8)
_EMPTY = Stream(_NO_TICKS, _NO_BYTES, _NO_BYTES, _NO_BYTES, (), 0, False, False)


class _Walk:
    """Steps from event to event, noting for each its delta, status and the place of its data."""

    def __init__(self, body: bytes, problems: Problems) -> None:
        self.body = body
        self.problems = problems
        self.deltas: list[int] = []
        self.statuses = bytearray()
        self.places: list[int] = []
        self.metas: list[Meta] = []
        self.position = 0
        self.has_end = False

    def run(self, limit: int) -> bool:
        """Walk to the end mark or the end of the data; True if there was more than `limit` events."""
        try:
            is_over_limit = self._steps(limit)
        except IndexError:
            is_over_limit = False
            self._drop_cut_event()
        return is_over_limit

    def _steps(self, limit: int) -> bool:
        data = self.body
        add_delta, add_status, add_place = self.deltas.append, self.statuses.append, self.places.append
        position = running = size = 0
        for _ in range(limit):
            delta = data[position]
            position += 1
            if delta > 127:
                low = data[position]
                position += 1
                delta = (delta & 127) << 7 | low & 127
                if low > 127:
                    delta, position = _rest_of_number(data, position, delta)
            status = data[position]
            if status > 127 or not size:
                if status < 128:
                    position = self._skip_damage(position)
                    status = data[position]
                position += 1
                if not _DATA_BYTES[status]:
                    add_delta(delta)
                    add_status(status)
                    add_place(position)
                    position = self._system_event(status, position)
                    if self.has_end:
                        self.position = position
                        return False
                    continue
                running, size = status, _DATA_BYTES[status]
            add_delta(delta)
            add_status(running)
            add_place(position)
            position += size
        self.position = position
        return position < len(data)

    def _system_event(self, status: int, position: int) -> int:
        """Read one meta, exclusive or stray system event; running status is kept across it."""
        if status == META:
            kind = self.body[position]
            length, start = _number(self.body, position + 1)
            if start + length > len(self.body):
                raise IndexError
            self.metas.append(Meta(len(self.statuses) - 1, kind, self.body[start : start + length]))
            self.has_end = kind == END_OF_TRACK
            return start + length
        if status in (0xF0, 0xF7):
            length, start = _number(self.body, position)
            return start + length
        self.problems.add(Problem.DAMAGED)
        return position + _SYSTEM_BYTES.get(status, 0)

    def _skip_damage(self, position: int) -> int:
        """The next status byte, after data that belongs to no event."""
        self.problems.add(Problem.DAMAGED)
        while self.body[position] < 128:
            position += 1
        return position

    def _drop_cut_event(self) -> None:
        """Forget the last event if the data ends inside it."""
        self.position = len(self.body)
        if not self.places:
            return
        needed = _DATA_BYTES[self.statuses[-1]]
        if self.places[-1] + needed > len(self.body):
            self.deltas.pop()
            self.statuses.pop()
            self.places.pop()


def _number(data: bytes, position: int) -> tuple[int, int]:
    """A variable-length number and the place after it. IndexError where the data ends."""
    first = data[position]
    if first < 128:
        return first, position + 1
    return _rest_of_number(data, position + 1, first & 127)


def _rest_of_number(data: bytes, position: int, value: int) -> tuple[int, int]:
    while True:
        byte = data[position]
        position += 1
        value = min(value << 7 | byte & 127, _MAX_DELTA)
        if byte < 128:
            return value, position
