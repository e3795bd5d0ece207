"""Which track carries the tune, and which of its notes are it?"""

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from engine.music.note import Note
from engine.music.song import Song
from engine.music.track import Role, Track

_TOGETHER_TICKS = 50
_LINE_SHARE = 0.7  # of a track's notes that its top line holds, where it is one voice
_FEWEST_NOTES, _FEWEST_STEPS, _FEWEST_ALONE = 8, 0.3, 0.3
_DUET = 2.1  # notes struck together, at most, where two voices sing in parallel


def tune_track(song: Song, apart_from: int = 0) -> Track | None:
    """The track whose job the melody is; else the highest of one voice that has no other job; else the
    highest that plays a tune over its own accompaniment, as a piano does. `apart_from`: id of a track that
    is not meant."""
    tracks = [track for track in song.tracks if track.notes and track.id != apart_from]
    if found := next((track for track in tracks if track.role is Role.MELODY), None):
        return found
    free = [track for track in tracks if track.role in (Role.OTHER, Role.COUNTER) and _is_line(track)]
    full = [track for track in tracks if track.role not in (Role.DRUMS, Role.BASS)]
    return _highest(free) or _highest([track for track in full if _has_tune_on_top(track)])


def _highest(tracks: Sequence[Track]) -> Track | None:
    return max(tracks, key=lambda track: median(note.pitch for note in track.notes), default=None)


def _is_line(track: Track) -> bool:
    return len(top_line(track.notes)) >= _LINE_SHARE * len(track.notes)


def _has_tune_on_top(track: Track) -> bool:
    """The upper voice goes in steps, and by itself between the chords or with one other voice: block chords
    do neither, broken ones leap."""
    line = top_line(track.notes)
    if len(line) < _FEWEST_NOTES or _is_line(track):
        return False
    moves = [abs(b.pitch - a.pitch) for a, b in pairwise(line)]
    struck = Counter(note.start_ticks for note in track.notes)
    alone = sum(struck[note.start_ticks] == 1 for note in line) / len(line)
    goes_in_steps = sum(1 <= move <= 2 for move in moves) >= _FEWEST_STEPS * len(moves)
    return goes_in_steps and (alone >= _FEWEST_ALONE or len(track.notes) <= _DUET * len(struck))


def top_line(notes: Sequence[Note]) -> list[Note]:
    """The highest voice: of notes struck together the highest, and none under a note that goes on
    sounding.
    """
    line: list[Note] = []
    for note in sorted(notes, key=lambda n: (n.start_ticks, -n.pitch)):
        last = line[-1] if line else None
        if last is not None and note.start_ticks - last.start_ticks < min(
            _TOGETHER_TICKS, last.duration_ticks
        ):
            if note.pitch > last.pitch:
                line[-1] = note
            continue
        if last is not None and note.pitch < last.pitch:
            left = last.end_ticks - note.start_ticks
            if left > 0.4 * last.duration_ticks and left > 0.5 * note.duration_ticks:
                continue
        line.append(note)
    return line
