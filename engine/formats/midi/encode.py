"""How do timed events become the bytes of a track?

Events of one tick are ordered by rank: names and other meta events, note-offs, settings, note-ons; equal
ranks keep the order they came in.
"""

from collections.abc import Iterable
from enum import IntEnum
from typing import NamedTuple

from engine.formats.midi.conventions import END_OF_TRACK, META
from engine.music.track import ControlEvent, ControlKind


class Rank(IntEnum):
    NAME = 0
    META = 1
    NOTE_OFF = 2
    SETTING = 3
    NOTE_ON = 4


class Event(NamedTuple):
    tick: int
    rank: Rank
    data: bytes


_STATUS = {
    ControlKind.KEY_PRESSURE: 0xA0,
    ControlKind.CONTROL: 0xB0,
    ControlKind.PROGRAM: 0xC0,
    ControlKind.PRESSURE: 0xD0,
    ControlKind.BEND: 0xE0,
}


def number(value: int) -> bytes:
    """A variable-length number: seven bits a byte, highest first."""
    groups = [value & 127]
    while value := value >> 7:
        groups.append(value & 127 | 128)
    return bytes(reversed(groups))


def meta(tick: int, kind: int, content: bytes, rank: Rank = Rank.META) -> Event:
    return Event(tick, rank, bytes((META, kind)) + number(len(content)) + content)


def control(event: ControlEvent, channel: int) -> Event:
    """A control event on a channel."""
    status = _STATUS[event.kind] | channel
    if event.kind is ControlKind.BEND:
        bend = min(max(event.value + 8192, 0), 16383)
        return Event(event.tick, Rank.SETTING, bytes((status, bend & 127, bend >> 7)))
    value = min(max(event.value, 0), 127)
    if event.kind in (ControlKind.PROGRAM, ControlKind.PRESSURE):
        return Event(event.tick, Rank.SETTING, bytes((status, value)))
    return Event(event.tick, Rank.SETTING, bytes((status, event.number & 127, value)))


def chunk(events: Iterable[Event], end_ticks: int, ticks_factor: int = 1) -> bytes:
    """A whole track block; its end mark stands at `end_ticks`."""
    body = bytearray()
    now = 0
    for event in sorted(events, key=lambda item: item[:2]):
        tick = max(event.tick, 0) * ticks_factor
        body += number(tick - now) + event.data
        now = tick
    end = max(end_ticks * ticks_factor, now)
    body += number(end - now) + bytes((META, END_OF_TRACK, 0))
    return b"MTrk" + len(body).to_bytes(4) + bytes(body)
