"""Which track is the melody, which the chords, the bass, the drums?

Each track gets a score for each role from what it plays (register, voices at once, how much it moves,
note lengths) and from what it is called; the best reading of all tracks together wins. A written role
(drums from channel 10) stays.

>>> from engine.music import Note, Role, Song, Track
>>> song = Song(tracks=(Track(1, "Bass", notes=(Note(2, 0, 480, 36),)),))
>>> read_roles(song)[0].role
<Role.BASS: 'bass'>
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import exp

import numpy as np

from engine.music import Role, Song, Track
from engine.music.analysis import RoleReading

_NAMES = {
    Role.MELODY: r"melod|vocal|voice|lead|sing|vox|solo|sopran|theme|tune|topline|fiddle",
    Role.BASS: r"\bbass\b|bass guitar|sub|^bs$",
    Role.DRUMS: r"drum|perc|kit|beat|conga|shaker",
    Role.CHORDS: r"chord|piano|guitar|keys|comp|rhodes|organ|ep\b|strum|accomp",
    Role.PAD: r"pad|string|choir|ambient|atmos",
    Role.COUNTER: r"counter|harmony|second|descant|fill",
}
_BASS_PROGRAMS, _PAD_PROGRAMS = range(32, 40), (*range(48, 55), *range(88, 96))
_CHORD_PROGRAMS, _LEAD_PROGRAMS = (*range(8), *range(16, 32)), (*range(56, 88), 40, 41, 42)


@dataclass(frozen=True, slots=True)
class TrackTraits:
    """What a track plays: mean pitch, notes sounding at once while it plays, share of time it plays,
    notes a quarter, number of different pitches, mean note length in quarters, and how much it is a broken
    chord: even notes in leaps (0-1)."""

    mean_pitch: float
    voices: float
    coverage: float
    density: float
    pitches: int
    length_quarters: float
    brokenness: float


def track_traits(track: Track, song_end_ticks: int) -> TrackTraits:
    """The traits of a track with notes."""
    notes = track.notes
    durations = [note.duration_ticks for note in notes]
    total = sum(durations)
    busy = sounding_ticks(track)
    return TrackTraits(
        mean_pitch=sum(note.pitch * note.duration_ticks for note in notes) / total,
        voices=total / busy,
        coverage=min(1.0, busy / max(1, song_end_ticks)),
        density=len({note.start_ticks for note in notes}) / max(1.0, busy / 480),
        pitches=len({note.pitch for note in notes}),
        length_quarters=total / len(notes) / 480,
        brokenness=_brokenness(track),
    )


def _brokenness(track: Track) -> float:
    """0-1: steady notes, one after the other, that go mostly in leaps."""
    moves = [
        (abs(after.pitch - before.pitch), round((after.start_ticks - before.start_ticks) / 60))
        for before, after in pairwise(track.notes)
    ]
    if len(moves) < 6:
        return 0.0
    leaps = sum(interval >= 3 for interval, _ in moves) / len(moves)
    steady = Counter(gap for _, gap in moves).most_common(1)[0][1] / len(moves)
    return _ramp(leaps, 0.5, 0.75) * _ramp(steady, 0.6, 0.85)


def sounding_ticks(track: Track) -> int:
    """Ticks in which at least one note of the track sounds."""
    if not track.notes:
        return 1
    starts = np.array([note.start_ticks for note in track.notes])
    ends = np.array([note.end_ticks for note in track.notes])
    reach = np.maximum.accumulate(ends)
    covered = ends - np.maximum(starts, np.append(0, reach[:-1]))
    return max(1, int(np.maximum(0, covered).sum()))


def read_roles(song: Song) -> tuple[RoleReading, ...]:
    """A role and how sure it is for each track, in the order of the tracks."""
    pitched = [track for track in song.tracks if track.notes and track.role is not Role.DRUMS]
    end = max((track.end_ticks for track in pitched), default=0)
    scores = {track.id: _scores(track, track_traits(track, end)) for track in pitched}
    chosen = _assign(pitched, scores)
    return tuple(_reading(track, scores.get(track.id), chosen.get(track.id)) for track in song.tracks)


def _scores(track: Track, traits: TrackTraits) -> dict[Role, float]:
    mono = max(0.0, 1.0 - (traits.voices - 1.0) / 0.6)
    low = _ramp(traits.mean_pitch, 55, 43)
    high = _ramp(traits.mean_pitch, 55, 68)
    long_notes = _ramp(traits.length_quarters, 1.0, 3.0)
    moving = _ramp(traits.pitches, 2, 6)
    broken = traits.brokenness * (1.0 - low)
    score = {
        Role.MELODY: 1.6 * mono
        + 1.3 * high
        + 0.8 * traits.coverage
        + 0.6 * moving
        - 1.5 * low
        - 1.5 * broken,
        Role.BASS: 1.4 * mono + 2.6 * low - 1.0 * high,
        Role.CHORDS: 1.9 * _ramp(traits.voices, 1.3, 2.4)
        + 2.4 * broken
        + 0.6 * traits.coverage
        + 0.4 * moving,
        Role.PAD: 1.0 * _ramp(traits.voices, 1.3, 2.4) + 0.9 * long_notes,
        Role.COUNTER: 1.2 * mono + 0.7 * high,
        Role.DRUMS: 0.0,
    }
    for role, pattern in _NAMES.items():
        if re.search(pattern, track.name.lower()):
            score[role] += 2.0
    for role, programs in _PROGRAM_HINTS.items():
        score[role] += 0.8 if track.program in programs else 0.0
    return score


_PROGRAM_HINTS: dict[Role, Sequence[int]] = {
    Role.BASS: _BASS_PROGRAMS,
    Role.PAD: _PAD_PROGRAMS,
    Role.CHORDS: _CHORD_PROGRAMS,
    Role.MELODY: _LEAD_PROGRAMS,
}


def _assign(tracks: Sequence[Track], scores: dict[int, dict[Role, float]]) -> dict[int, Role]:
    """One melody and one bass at most; every other track takes the best role left to it."""
    chosen: dict[int, Role] = {}
    for role, least in ((Role.BASS, 2.6), (Role.MELODY, 1.6)):
        free = [track for track in tracks if track.id not in chosen]
        best = max(
            free, key=lambda track: scores[track.id][role] - _best_other(scores[track.id], role), default=None
        )
        if best is not None and scores[best.id][role] >= least and _wins(scores[best.id], role, len(tracks)):
            chosen[best.id] = role
    for track in tracks:
        if track.id not in chosen:
            open_roles = [Role.CHORDS, Role.PAD, Role.COUNTER, Role.DRUMS]
            chosen[track.id] = max(open_roles, key=lambda role: scores[track.id][role])
    return chosen


def _wins(score: dict[Role, float], role: Role, tracks: int) -> bool:
    """A single track is the melody unless it plays chords; among several the role must lead or nearly."""
    slack = 0.8 if role is Role.MELODY and tracks > 1 else 0.0
    return score[role] >= _best_other(score, role) - slack


def _best_other(score: dict[Role, float], role: Role) -> float:
    """The strongest claim of the other roles that a track could take instead."""
    return max(value for other, value in score.items() if other not in (role, Role.COUNTER))


def _reading(track: Track, score: dict[Role, float] | None, role: Role | None) -> RoleReading:
    if score is None or role is None:
        return RoleReading(track.id, track.role, 1.0 if track.role is Role.DRUMS else 0.0)
    weights = {other: exp(value) for other, value in score.items()}
    return RoleReading(track.id, role, weights[role] / sum(weights.values()))


def _ramp(value: float, zero: float, one: float) -> float:
    """0 at `zero`, 1 at `one`, straight between, held beyond."""
    return min(1.0, max(0.0, (value - zero) / (one - zero)))
