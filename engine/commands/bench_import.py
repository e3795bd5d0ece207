"""How long does a file of a million MIDI events take to become a Song, and how much memory?

The file is made (seeded: sixteen tracks of notes, pedal and bend, running status) and read in a fresh
process by our reader; beside it, for scale, by other readers that happen to be installed, each into its own
kind of score.
"""

import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

EVENTS = 1_000_000
_CHANNELS = 16
COMPARES = ("symusic", "mido", "pretty_midi")


def run() -> dict[str, float]:
    """CPU seconds of the import, peak megabytes of its process and megabytes before it, for each reader."""
    numbers: dict[str, float] = {"events": EVENTS}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bench.mid"
        path.write_bytes(made_file())
        for reader in ("understudy", *(name for name in COMPARES if find_spec(name))):
            command = [sys.executable, "-m", "engine.commands.bench_import", reader, str(path)]
            told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            numbers |= {f"{reader}_{key}": value for key, value in json.loads(told).items()}
    return numbers


def made_file(events: int = EVENTS, seed: int = 1) -> bytes:
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
            body += bytes((*((0,) if index else ()), pitch, rng.randrange(1, 128), 0x81, 0x70, pitch, 0))
    return bytes(body + b"\0\xff\x2f\0")


def _measure(reader: str, path: Path) -> dict[str, float]:
    """Read the file in this process."""
    data = path.read_bytes()
    read = _reader(reader)
    before = _peak_mb()
    began = time.process_time()
    read(data, path)
    return {
        "cpu_s": round(time.process_time() - began, 3),
        "peak_mb": round(_peak_mb(), 1),
        "before_mb": round(before, 1),
    }


def _reader(name: str) -> Callable[[bytes, Path], object]:
    if name == "understudy":
        module = import_module("engine.formats.midi")
        return lambda data, path: module.read_midi(data, path.name)
    module = import_module(name)
    readers: dict[str, Callable[[bytes, Path], object]] = {
        "symusic": lambda data, path: module.Score.from_midi(data),
        "mido": lambda data, path: module.MidiFile(str(path)),
        "pretty_midi": lambda data, path: module.PrettyMIDI(str(path)),
    }
    return readers[name]


def _peak_mb() -> float:
    """Peak resident memory so far; the system counts in kilobytes, on macOS in bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**20 if sys.platform == "darwin" else 2**10)


if __name__ == "__main__":
    print(json.dumps(_measure(sys.argv[1], Path(sys.argv[2]))))
