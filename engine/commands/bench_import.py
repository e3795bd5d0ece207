"""How long does a file of a million MIDI events take to become a Song, and how much memory?

`run()` makes the file (seeded: sixteen channels, notes with pedal and bend, running status), reads it in this
process, and prints and returns CPU seconds and megabytes.
"""

import random
import resource
import time

from engine.formats.midi import read_midi

EVENTS = 1_000_000
_CHANNELS = 16


def run(events: int = EVENTS) -> dict[str, float]:
    """Import a made file of so many events. Keys: events, notes, bytes, cpu_s, wall_s, peak_mb."""
    data = million_event_file(events)
    cpu, wall = time.process_time(), time.perf_counter()
    result = read_midi(data, "bench.mid")
    numbers = {
        "events": float(events),
        "notes": float(sum(len(track.notes) for track in result.song.tracks)),
        "bytes": float(len(data)),
        "cpu_s": round(time.process_time() - cpu, 3),
        "wall_s": round(time.perf_counter() - wall, 3),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
    }
    print(" ".join(f"{name}={value:g}" for name, value in numbers.items()))
    return numbers


def million_event_file(events: int = EVENTS, seed: int = 1) -> bytes:
    """A type 1 file: in each of sixteen tracks 94 % note-ons and note-offs, the rest pedal and bend."""
    rng = random.Random(seed)
    tracks = [_track(rng, channel, events // _CHANNELS) for channel in range(_CHANNELS)]
    header = b"MThd\0\0\0\6\0\1" + len(tracks).to_bytes(2) + (480).to_bytes(2)
    return header + b"".join(b"MTrk" + len(track).to_bytes(4) + track for track in tracks)


def _track(rng: random.Random, channel: int, events: int) -> bytes:
    body = bytearray((0, 0xC0 | channel, rng.randrange(128)))
    for _ in range(events // 32):
        body += bytes((0, 0xB0 | channel, 64, 127, 10, 0xE0 | channel, rng.randrange(128), 64))
        body += bytes((0, 0x90 | channel))
        for index in range(15):
            pitch = rng.randrange(36, 96)
            body += bytes((*((0,) if index else ()), pitch, rng.randrange(1, 128), 0x83, 0x60, pitch, 0))
    return bytes(body + b"\0\xff\x2f\0")
