"""How long does hearing take: 10,000 notes of MIDI, and three minutes of a recording?

Both are made here, seeded. Beside the notes stands music21's key of the same notes, where it is installed:
one of the many things that are heard.
"""

import random
import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from engine.analysis.hearing import hear
from engine.formats.audio import read_audio
from engine.music import Note, Role, Song, Track
from engine.service.listening import listen_to_recording

COMPARES = ("music21",)
_NOTES, _ROUNDS = 10_000, 3
_SCALE = (0, 2, 4, 5, 7, 9, 11)
_LENGTH_S, _RATE_HZ = 180, 44_100
_QUARTER = 480


def run() -> dict[str, float]:
    """CPU seconds of the notes on a grid, of as many played freely, and of the recording beside its length;
    seconds to the recording's first notes; peak megabytes of this process, all of it included."""
    gridded, free = made_song(), made_song(looseness=0.1)
    hear(made_song(notes=100))
    results = {
        "10,000 notes, CPU s": _median_cpu_s(lambda: hear(gridded)),
        "10,000 notes played freely, CPU s": _median_cpu_s(lambda: hear(free)),
    }
    if find_spec("music21"):
        stream = _stream(gridded)
        results["their key by music21, CPU s"] = _median_cpu_s(lambda: stream.analyze("key"))
    results |= _recording()
    results["peak MB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return results


def made_song(notes: int = _NOTES, looseness: float = 0.0, seed: int = 1) -> Song:
    """Random lines in C: a melody, chord tones as fast, a bass at half the speed."""
    rng = random.Random(seed)
    parts = ((Role.MELODY, 60, 2, 0.4), (Role.CHORDS, 48, 2, 0.4), (Role.BASS, 36, 1, 0.2))
    tracks = []
    for index, (role, lowest, a_quarter, share) in enumerate(parts):
        count, step = int(notes * share), _QUARTER // a_quarter
        times = np.cumsum([step * (1 + looseness * rng.uniform(-1, 1)) for _ in range(count)]).astype(int)
        pitches = [lowest + rng.choice(_SCALE) + 12 * rng.randrange(2) for _ in range(count)]
        lined = enumerate(zip(times.tolist(), pitches, strict=True), start=index * notes + 10)
        played = tuple(Note(number, start, int(0.9 * step), pitch) for number, (start, pitch) in lined)
        tracks.append(Track(index + 1, role.value, role, notes=played))
    return Song("Bench", tracks=tuple(tracks), next_id=len(parts) * notes + 10)


def _recording() -> dict[str, float]:
    import soundfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bench.flac"
        soundfile.write(path, _made_sound(), _RATE_HZ)
        began, first = time.perf_counter(), [0.0]

        def report(_until_s: float, notes: object) -> None:
            if notes and not first[0]:
                first[0] = time.perf_counter() - began

        before = time.process_time()
        listen_to_recording("Bench", read_audio(path), report=report)
        took_s = time.process_time() - before
    return {
        "recording, first notes s": round(first[0], 2),
        "recording, CPU share": round(took_s / _LENGTH_S, 3),
    }


def _made_sound(seed: int = 1) -> np.ndarray:
    """(samples,) plucked chords and a tune of decaying partials, in four-bar loops of C Am F G."""
    rng = random.Random(seed)
    sound = np.zeros((_LENGTH_S + 2) * _RATE_HZ)
    for eighth in range(_LENGTH_S * 4):
        root = (48, 45, 41, 43)[eighth // 8 % 4]
        pitches = [root + step for step in (0, 7, 16)] if eighth % 4 == 0 else []
        for pitch in [*pitches, 60 + rng.choice(_SCALE)]:
            begins = eighth * _RATE_HZ // 4
            seconds = np.arange(_RATE_HZ) / _RATE_HZ
            hz = 440 * 2 ** ((pitch - 69) / 12)
            tone = sum(np.sin(2 * np.pi * hz * part * seconds) / part**1.5 for part in range(1, 7))
            sound[begins : begins + _RATE_HZ] += 0.08 * np.asarray(tone) * np.exp(-3 * seconds)
    return sound[: _LENGTH_S * _RATE_HZ]


def _median_cpu_s(work: Callable[[], object]) -> float:
    times = []
    for _ in range(_ROUNDS):
        before = time.process_time()
        work()
        times.append(time.process_time() - before)
    return round(statistics.median(times), 2)


def _stream(song: Song) -> Any:
    from music21 import note, stream

    whole: Any = stream.Stream()
    for track in song.tracks:
        for each in track.notes:
            told = note.Note(each.pitch, quarterLength=each.duration_ticks / _QUARTER)
            whole.insert(each.start_ticks / _QUARTER, told)
    return whole
