"""Electronic demo projects: roles by the makers' names, else heard; drums by their samples' names."""

import gzip
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from engine.music import Metre, MetreChange, Note, Role, Song, Tempo, TimeMap, Track
from engine.training.chords.allow import AllowList
from engine.training.corpus.piece import CorpusPiece
from engine.training.corpus.played import pieces_of_song
from engine.training.corpus.textures import Credits
from engine.training.readers.abc import parse_metre

ID = "lmms-demos"
_DRUMS = {
    "kick": 36,
    "snare": 38,
    "clap": 39,
    "hat": 42,
    "hat_open": 46,
    "ride": 51,
    "crash": 49,
    "tom": 45,
    "perc": 76,
}
_TICKS = 480


def read(allow: AllowList, data: Path, skipped: Counter[str] | None = None) -> Iterator[CorpusPiece]:
    """Every project; `skipped` counts what was left out."""
    skipped = Counter() if skipped is None else skipped
    lines = gzip.decompress(allow.read(ID, "projects.jsonl.gz")).decode("utf-8").splitlines()
    for number, line in enumerate(lines):
        record = json.loads(line)
        credits = Credits(
            f"{ID}/{number}", ID, "electronic", record["title"], record["author"], record["licence"]
        )
        yield from pieces_of_song(_song(record), credits, skipped)


def _song(record: dict[str, Any]) -> Song:
    beats, kind = parse_metre(record["metre"])
    metre = Metre(4, 4) if kind == 1 else Metre(beats, kind)
    time_map = TimeMap((Tempo.of_bpm(0, record["bpm"]),), (MetreChange(0, metre),))
    tracks: list[Track] = []
    next_id = 1
    for written in record["tracks"]:
        notes = _notes(written, next_id + 1)
        if notes:
            tracks.append(Track(next_id, written["name"], _role(written["role"]), notes=notes))
            next_id += len(notes) + 1
    return Song(record["title"], time_map, tracks=tuple(tracks), next_id=next_id)


def _role(written: str) -> Role:
    if written.startswith("drum:"):
        return Role.DRUMS
    return Role.BASS if written == "bass" else Role.OTHER


def _notes(written: dict[str, Any], first_id: int) -> tuple[Note, ...]:
    drum = _DRUMS.get(written["role"].removeprefix("drum:")) if written["role"][:5] == "drum:" else None
    notes = [
        (round(start * _TICKS), max(1, round(length * _TICKS)), pitch if drum is None else drum)
        for start, length, pitch, _ in written["notes"]
        if start >= 0 and 0 <= pitch <= 127
    ]
    return tuple(Note(first_id + index, *note) for index, note in enumerate(sorted(notes)))
