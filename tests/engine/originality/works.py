"""A few invented works, their index, and lines to ask about."""

import hashlib
import json
import random
from collections.abc import Sequence
from pathlib import Path

from engine.music import Chord, Note
from engine.ranking.originality.index import Entry, Work, melody_index, progression_index
from engine.ranking.originality.store import (
    CARD,
    FILES,
    FORMAT,
    melody_arrays,
    progression_arrays,
    write_arrays,
)
from engine.ranking.originality.surprise import MelodyTable, ProgressionTable
from engine.ranking.originality.symbols import CLASSES, INTERVALS, LENGTHS, MOTIONS, melody_text

# every interval 3 bits, every length 1 bit, every chord 4 bits
TABLE = MelodyTable(bytes([48] * INTERVALS**3), bytes([16] * LENGTHS**2))
CHORD_TABLE = ProgressionTable(bytes([64] * (MOTIONS * CLASSES) ** 2 * CLASSES))

TUNE = (60, 64, 62, 67, 65, 69, 60, 71, 72, 67, 64, 66, 62, 59, 60, 68)
RHYTHM = (480, 240, 240, 960, 480, 480, 720, 240, 480, 480, 240, 240, 240, 240, 960, 960)


def melody(pitches: Sequence[int] = TUNE, lengths: Sequence[int] = RHYTHM) -> bytes:
    return melody_text(starts_of(lengths), pitches)


def starts_of(lengths: Sequence[int]) -> list[int]:
    return [sum(lengths[:index]) for index in range(len(lengths))]


def notes(pitches: Sequence[int] = TUNE, lengths: Sequence[int] = RHYTHM, at: int = 0) -> tuple[Note, ...]:
    rows = zip(starts_of(lengths), pitches, lengths, strict=False)
    return tuple(Note(i, at + start, length, pitch) for i, (start, pitch, length) in enumerate(rows, 1))


def wandering(seed: int, count: int = 40) -> tuple[list[int], list[int]]:
    """Starts and pitches of a line nobody has written."""
    dice = random.Random(seed)
    starts, pitches = [0], [60]
    for _ in range(count - 1):
        starts.append(starts[-1] + dice.choice((120, 240, 240, 480, 480, 720, 960)))
        pitches.append(min(84, max(48, pitches[-1] + dice.choice((-7, -5, -3, -2, -1, 0, 1, 2, 4, 5, 8)))))
    return starts, pitches


def chords(labels: str) -> list[Chord]:
    return [Chord.parse(label) for label in labels.split()]


def entry(text: bytes, title: str = "Air", cluster: str = "", maker: str = "traditional") -> Entry:
    return Work(title, maker, "CC0-1.0"), cluster or title, text


def write_index(folder: Path, melodies: Sequence[Entry], progressions: Sequence[Entry]) -> None:
    """An index and its card, as the product ships them."""
    arrays = (
        melody_arrays(melody_index(melodies, TABLE)),
        progression_arrays(progression_index(progressions, CHORD_TABLE)),
    )
    files = []
    for name, own in zip(FILES, arrays, strict=True):
        content = write_arrays(folder / name, own)
        files.append({"name": name, "sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)})
    (folder / CARD).write_text(json.dumps({"format": FORMAT, "files": files}))
