"""Which channel does each part play on?

Drums play on channel 10, other parts on the fifteen others in order. In a file of many tracks, parts
beyond those begin again on the next MIDI port (meta event 21 hex), so that no two share a channel;
programs that know no ports still see one track a part. A file of one track has no ports: parts beyond
share the channel of a part with their sound, else of the part with the fewest notes, and sound like it.
"""

from collections.abc import Sequence
from typing import NamedTuple

from engine.formats.midi.conventions import DRUM_CHANNEL, MELODIC_CHANNELS
from engine.music import Role, Track


class Seat(NamedTuple):
    port: int
    channel: int


def seats_by_port(tracks: Sequence[Track]) -> list[Seat]:
    """A seat for each part of a file of many tracks."""
    seats = []
    melodic = 0
    for track in tracks:
        if track.role is Role.DRUMS:
            seats.append(Seat(0, DRUM_CHANNEL))
            continue
        port, place = divmod(melodic, len(MELODIC_CHANNELS))
        seats.append(Seat(port & 127, MELODIC_CHANNELS[place]))
        melodic += 1
    return seats


def seats_shared(tracks: Sequence[Track]) -> list[Seat]:
    """A seat for each part of a file of one track."""
    taken: dict[int, Track] = {}
    seats = []
    for track in tracks:
        channel = DRUM_CHANNEL if track.role is Role.DRUMS else _free_or_shared(track, taken)
        taken.setdefault(channel, track)
        seats.append(Seat(0, channel))
    return seats


def _free_or_shared(track: Track, taken: dict[int, Track]) -> int:
    free = [channel for channel in MELODIC_CHANNELS if channel not in taken]
    if free:
        return free[0]
    others = [channel for channel in taken if channel != DRUM_CHANNEL]
    alike = [channel for channel in others if taken[channel].program == track.program]
    return min(alike or others, key=lambda channel: len(taken[channel].notes))
