"""What did real drummers play to a click, and how did each stroke come out?

Reads the Groove MIDI Dataset through the allow-list. Each beat is written on the grid (sixteenths, triplets
or thirty-seconds) that explains it best; a performance's own swing is measured and belongs to what is
written, so that what is left is touch. Of strokes of one drum at one place the loudest counts.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine.api.errors import EngineError
from engine.arrangement.drummer.strokes import UNKNOWN, Group, Manner, Strokes, metre_columns
from engine.formats.midi import read_midi
from engine.music import Metre, Note, Song
from engine.training.chords.allow import AllowList
from engine.training.chords.leadsheets import members, rows

ID = "groove-midi"
PARTS = ("train", "validation", "test")
_GROUPS = {
    **dict.fromkeys((35, 36), Group.KICK),
    **dict.fromkeys((38, 40), Group.SNARE),
    37: Group.RIM,
    **dict.fromkeys((22, 42), Group.HAT),
    44: Group.PEDAL,
    **dict.fromkeys((26, 46), Group.OPEN),
    **dict.fromkeys((51, 59), Group.RIDE),
    53: Group.BELL,
    **dict.fromkeys((49, 52, 55, 57), Group.CRASH),
    **dict.fromkeys((48, 50), Group.TOM1),
    **dict.fromkeys((45, 47), Group.TOM2),
    **dict.fromkeys((41, 43, 58), Group.TOM3),
}
"""The player's kit, edges and rims among them, by the drum they belong to."""
_GRIDS = ((120, 0.0), (80, 12.0), (60, 15.0))
"""Steps of a beat in ticks, and how many ticks of mean deviation a rarer grid has to save."""
_SOFT, _ACCENT = 0.6, 0.95
"""Against the loud strokes (90th percentile) of the same drum in the same performance."""


@dataclass(frozen=True)
class Performance:
    """What is written, and how it came out: velocity, and milliseconds after the written place."""

    name: str
    part: str
    strokes: Strokes
    manner: Manner
    velocity: np.ndarray
    late_ms: np.ndarray


def performances(data: Path) -> Iterator[Performance]:
    """Every performance in a fixed order. Raises BadFileError for data that is not allowed."""
    allow = AllowList(data)
    files = members(allow.read(ID, "groove-midi.tar.gz"))
    for row in rows(allow.read(ID, "info.csv")):
        listed = row["midi_filename"]
        try:
            song = read_midi(files[listed if listed in files else f"{ID}/{listed}"]).song
        except (EngineError, KeyError):
            continue
        found = _performance(song, row)
        if len(found.strokes):
            yield found


def _performance(song: Song, row: dict[str, str]) -> Performance:
    metre = Metre(*(int(number) for number in row["time_signature"].split("-")))
    bpm = float(row["bpm"])
    notes = sorted((n for t in song.tracks for n in t.notes if n.pitch in _GROUPS), key=_order)
    played = np.array([note.start_ticks for note in notes], np.int64)
    written = _written(played)
    keep = _loudest(notes, written)
    notes, played, written = [notes[i] for i in keep], played[keep], written[keep]
    group = np.array([_GROUPS[note.pitch] for note in notes], np.int64)
    order = np.lexsort((group, written))
    group, played, written = group[order], played[order], written[order]
    velocity = np.array([note.velocity for note in notes], np.int64)[order]
    swung = written + _swing(played - written, written)
    late_ms = (played - swung) * 60_000 / (bpm * 480)
    bars = swung // metre.bar_ticks
    strokes = Strokes(
        group,
        written,
        written % metre.bar_ticks,
        bars,
        *metre_columns(len(group), metre.bar_ticks, metre.pulse_ticks),
        _loudness(group, velocity),
        np.full(len(group), int(row["beat_type"] == "fill"), np.int64),
    )
    manner = Manner(row["style"].split("/")[0].split("-")[0], bpm)
    return Performance(row["id"], row["split"], strokes, manner, velocity, late_ms)


def _order(note: Note) -> tuple[int, int, int]:
    return (note.start_ticks, note.pitch, note.id)


def _written(played: np.ndarray) -> np.ndarray:
    """Places on the grid that explains each beat best."""
    beat = (played + 40) // 480
    written = np.zeros_like(played)
    for number in np.unique(beat):
        mine = beat == number
        best = min(
            _GRIDS, key=lambda grid: np.abs(played[mine] - _rounded(played[mine], grid[0])).mean() + grid[1]
        )
        written[mine] = _rounded(played[mine], best[0])
    return np.asarray(np.maximum(written, 0))


def _rounded(ticks: np.ndarray, step: int) -> np.ndarray:
    return np.asarray((ticks + step // 2) // step * step)


def _loudest(notes: list[Note], written: np.ndarray) -> list[int]:
    """Rows that stay when each drum is struck once at a place."""
    best: dict[tuple[int, int], int] = {}
    for row, (note, tick) in enumerate(zip(notes, written.tolist(), strict=True)):
        key = (_GROUPS[note.pitch], tick)
        if key not in best or note.velocity > notes[best[key]].velocity:
            best[key] = row
    return sorted(best.values())


def _swing(late: np.ndarray, written: np.ndarray) -> np.ndarray:
    """The performance's mean lateness at the off-beats that swing: third triplets and odd sixteenths."""
    shift = np.zeros(len(late), np.int64)
    phase = written % 480
    for places in ((320,), (120, 360)):
        mine = np.isin(phase, places)
        if mine.sum() >= 8:
            shift[mine] = round(float(late[mine].mean()))
    return shift


def _loudness(group: np.ndarray, velocity: np.ndarray) -> np.ndarray:
    """Soft, plain or accent among strokes of the same drum; unknown for drums struck less than 4 times."""
    found = np.full(len(group), UNKNOWN, np.int64)
    for number in np.unique(group):
        mine = group == number
        if mine.sum() >= 4:
            loud = np.percentile(velocity[mine], 90)
            found[mine] = 1 + (velocity[mine] >= _ACCENT * loud) - (velocity[mine] < _SOFT * loud)
    return found
