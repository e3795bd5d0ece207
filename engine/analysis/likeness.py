"""Which of these sketches are like this one?

A sketch has a profile: its tempo (a doubled one is near), metre, mode, the chords it moves through counted
from the tonic, the contour and rhythm of its melody in threes of notes. Key counts nothing in the whole: the
same song in another key is the same song. Each part is compared on its own, 0-1, so that it can be said what
is alike.

>>> profile = profile_of(*_nothing())
>>> likeness(profile, profile).total
1.0
"""

from collections import Counter
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from math import log2, sqrt

from engine.analysis.phrases import top_line
from engine.music import Key, Note, Role, Song
from engine.music.analysis import Analysis

_WEIGHTS = {
    "chords": 0.34,
    "contour": 0.3,
    "rhythm": 0.14,
    "tempo": 0.12,
    "metre": 0.05,
    "mode": 0.05,
    "key": 0.0,
}
_RELATIVE, _PARALLEL, _NEIGHBOUR = 0.7, 0.5, 0.4
_UNIT_TICKS = 60
_LONGEST_MOVE = 7
_OCTAVE_OF_TEMPO = 0.7


@dataclass(frozen=True, slots=True)
class Profile:
    """What is compared of a sketch; counters are by chord move, by contour and by rhythm."""

    bpm: float
    metre: str
    key: Key
    chords: Mapping[Hashable, float]
    contour: Mapping[Hashable, float]
    rhythm: Mapping[Hashable, float]

    @property
    def is_minor(self) -> bool:
        return self.key.mode.is_minor


@dataclass(frozen=True, slots=True)
class Likeness:
    """`total` and what is alike, 0-1, in a musician's words; parts that neither has are left out."""

    total: float
    parts: tuple[tuple[str, float], ...]

    def reasons(self) -> tuple[str, ...]:
        """The parts that are really alike, the strongest first."""
        return tuple(name for name, value in sorted(self.parts, key=lambda part: -part[1]) if value >= 0.6)


def _nothing() -> tuple[Song, Analysis]:
    return Song(), Analysis()


def profile_of(song: Song, analysis: Analysis) -> Profile:
    """The profile of a song as it was heard."""
    key = analysis.keys[0].key if analysis.keys else song.key
    spans = [reading.span for reading in analysis.chords] or list(song.chords)
    degrees = [
        (song.key_at(span.start_ticks).relative(span.chord.root), span.chord.has_minor_third)
        for span in spans
        if not span.chord.is_no_chord
    ]
    moves: Counter[Hashable] = Counter(pair for pair in pairwise(degrees) if pair[0] != pair[1])
    moves.update(set(degrees))
    melody = song.track_in_role(Role.MELODY)
    line = top_line(melody) if melody is not None and melody.notes else []
    contour, rhythm = _figures(line)
    tempo = song.time_map.tempos[0].bpm
    return Profile(tempo, song.time_map.metres[0].metre.name, key, moves, contour, rhythm)


def _figures(line: list[Note]) -> tuple[Counter[Hashable], Counter[Hashable]]:
    """Pairs of moves, and pairs of times from note to note."""
    moves = [
        max(-_LONGEST_MOVE, min(_LONGEST_MOVE, after.pitch - before.pitch))
        for before, after in pairwise(line)
    ]
    gaps = [round((after.start_ticks - before.start_ticks) / _UNIT_TICKS) for before, after in pairwise(line)]
    return Counter(pairwise(moves)), Counter(pairwise(gaps))


def likeness(one: Profile, other: Profile) -> Likeness:
    """How alike two sketches are, part by part."""
    parts = {
        "chords": _cosine(one.chords, other.chords),
        "contour": _cosine(one.contour, other.contour),
        "rhythm": _cosine(one.rhythm, other.rhythm),
        "tempo": _tempo_likeness(one.bpm, other.bpm),
        "metre": float(one.metre == other.metre),
        "mode": float(one.is_minor == other.is_minor),
        "key": key_likeness(one.key, other.key),
    }
    known = {name: value for name, value in parts.items() if value is not None}
    weight = sum(_WEIGHTS[name] for name in known)
    total = sum(_WEIGHTS[name] * value for name, value in known.items()) / weight
    return Likeness(round(total, 3), tuple((name, round(value, 3)) for name, value in known.items()))


def key_likeness(one: Key, other: Key) -> float:
    """1 for the same key, less for its relative, its parallel and its neighbours, 0 for all others.

    >>> from engine.music import Mode
    >>> key_likeness(Key(0), Key(9, Mode.MINOR)), key_likeness(Key(0), Key(6))
    (0.7, 0.0)
    """
    if one == other:
        return 1.0
    if one.fifths == other.fifths:
        return _RELATIVE
    if one.tonic == other.tonic:
        return _PARALLEL
    is_neighbour = one.mode is other.mode and (one.tonic - other.tonic) % 12 in (5, 7)
    return _NEIGHBOUR if is_neighbour else 0.0


def _tempo_likeness(one: float, other: float) -> float:
    """1 at the same tempo, less at the double or half of it, 0 at half an octave."""
    apart = abs(log2(one / other))
    direct = max(0.0, 1 - 2 * apart)
    doubled = _OCTAVE_OF_TEMPO * max(0.0, 1 - 2 * abs(apart - 1))
    return max(direct, doubled)


def _cosine(one: Mapping[Hashable, float], other: Mapping[Hashable, float]) -> float | None:
    """None where neither has anything, 0 where one has."""
    if not one and not other:
        return None
    product = sum(value * other.get(name, 0) for name, value in one.items())
    lengths = sqrt(sum(v * v for v in one.values()) * sum(v * v for v in other.values()))
    return product / lengths if lengths else 0.0
