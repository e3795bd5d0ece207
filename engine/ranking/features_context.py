"""What does the song around a hole do by habit? Computed once for a hole, used for every candidate.

Only what lies outside the hole counts, stream by stream: for chords to be written under a melody the melody
inside the hole is context too. Figures that a song without that stream cannot give are None.

>>> habit([2.0, 4.0]), habit([])
(Habit(mean=3.0, spread=1.0), None)
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import log2, sqrt
from typing import Any, NamedTuple

from engine.ranking.features_passage import CHORDS, GRID, MELODY, Harmony, Passage, Tone

Motif = tuple[tuple[int, int], ...]
Shape = tuple[tuple[int, int], ...]
_MOTIF = 3  # intervals


class Habit(NamedTuple):
    """Mean and spread (standard deviation) of a figure, bar by bar or note by note."""

    mean: float
    spread: float

    def z(self, value: float, least_spread: float) -> float:
        """How far the value is from the mean, in spreads; the spread is taken as at least so much."""
        return (value - self.mean) / max(self.spread, least_spread)


def habit(values: Sequence[float]) -> Habit | None:
    if not values:
        return None
    mean = sum(values) / len(values)
    return Habit(mean, sqrt(sum((value - mean) ** 2 for value in values) / len(values)))


@dataclass(frozen=True, slots=True)
class HoleContext:
    """A hole (bars `first` to before `end` of the streams) and the habits of the song around it."""

    first: int
    end: int
    streams: frozenset[int]
    scale: frozenset[int]
    before: Tone | None
    after: Tone | None
    motifs_at_pitch: frozenset[Motif]
    motifs: frozenset[Motif]
    shapes: frozenset[Shape]
    contents: frozenset[tuple[Any, ...]]
    pitch: Habit | None
    density: Habit | None
    syncopation: Habit | None
    rest: Habit | None
    rhythm_entropy: float | None
    chord_before: Harmony | None
    chord_after: Harmony | None
    chord_names: frozenset[tuple[int, str]]
    chord_moves: frozenset[tuple[int, ...]]
    chord_bars: frozenset[tuple[Any, ...]]
    changes: Habit | None
    sevenths: float | None

    @property
    def writes_melody(self) -> bool:
        return MELODY in self.streams

    @property
    def writes_chords(self) -> bool:
        return CHORDS in self.streams

    @staticmethod
    def of(passage: Passage, first: int, end: int, streams: Iterable[int]) -> "HoleContext":
        """The context of a hole; what stands in the hole itself is not looked at."""
        streams = frozenset(int(stream) for stream in streams)
        bars = len(passage.metres)
        outside = [*range(first), *range(end, bars)]
        notes = [passage.tones_in(0, first), passage.tones_in(end, bars)]
        if MELODY not in streams:
            notes = [passage.tones_in(0, bars)]
        sung = [bar for bar in outside if passage.bar_notes[bar]]
        chords = [passage.harmonies_in(0, first), passage.harmonies_in(end, bars)]
        everything = [tone for part in notes for tone in part]
        harmonised = [bar for bar in outside if passage.bar_chords[bar]]
        return HoleContext(
            first,
            end,
            streams,
            scale_of(passage),
            next((tone for tone in reversed(passage.tones_in(0, first))), None),
            next(iter(passage.tones_in(end, bars)), None),
            frozenset(m for part in notes for m in motifs_at_pitch(part)),
            frozenset(m for part in notes for m in motifs(part)),
            frozenset(shape_of(passage.bar_notes[bar] or ()) for bar in sung),
            frozenset(passage.bar_notes[bar] or () for bar in sung),
            habit([float(tone.pitch) for tone in everything]),
            habit([float(len(passage.bar_notes[bar] or ())) for bar in sung]),
            habit([syncopation(passage, bar) for bar in sung]),
            habit([rest_share(passage, bar) for bar in sung]),
            entropy(tone.duration for tone in everything) if everything else None,
            next((chord for chord in reversed(chords[0])), None),
            next(iter(chords[1]), None),
            frozenset(chord.name for part in chords for chord in part),
            frozenset(move for part in chords for move in chord_moves(part)),
            frozenset(passage.bar_chords[bar] or () for bar in harmonised),
            habit([float(len(passage.bar_chords[bar] or ())) for bar in harmonised]),
            share(is_seventh(chord) for part in chords for chord in part),
        )


def scale_of(passage: Passage) -> frozenset[int]:
    """Pitch classes of the mode; minor knows both sevenths and both sixths."""
    steps = set(passage.mode.scale)
    return frozenset(steps | {9, 11} if passage.mode.is_minor else steps)


def motifs_at_pitch(notes: Sequence[Tone]) -> list[Motif]:
    """Runs of (pitch, duration)."""
    pairs = [(note.pitch, note.duration) for note in notes]
    return [tuple(pairs[at : at + _MOTIF]) for at in range(len(pairs) - _MOTIF + 1)]


def motifs(notes: Sequence[Tone]) -> list[Motif]:
    """Runs of (interval, duration), wherever they stand.

    >>> motifs([Tone(24 * n, 24, 60 + n, 0) for n in range(4)])
    [((1, 24), (1, 24), (1, 24))]
    """
    pairs = [(b.pitch - a.pitch, a.duration) for a, b in pairwise(notes)]
    return [tuple(pairs[at : at + _MOTIF]) for at in range(len(pairs) - _MOTIF + 1)]


def shape_of(cell: Iterable[Any]) -> Shape:
    """The rhythm of a bar: where notes begin and how long they are."""
    return tuple((event[0], event[1]) for event in cell)


def chord_moves(chords: Sequence[Harmony]) -> list[tuple[int, ...]]:
    """Neighbouring pairs of roots."""
    return [(a.root, b.root) for a, b in pairwise(chords)]


def syncopation(passage: Passage, bar: int) -> float:
    """Share of the bar's notes that begin off the beat and are held into the next."""
    cell = [event for event in passage.bar_notes[bar] or () if not event[3]]
    held = sum(event[0] % GRID > 0 and event[0] % GRID + event[1] > GRID for event in cell)
    return held / len(cell) if cell else 0.0


def rest_share(passage: Passage, bar: int) -> float:
    """Share of the bar that is silent."""
    sounding = sum(int(event[1]) for event in passage.bar_notes[bar] or ())
    return 1.0 - sounding / max(1, passage.starts[bar + 1] - passage.starts[bar])


def entropy(values: Iterable[Any]) -> float:
    """Bits of a histogram.

    >>> entropy([1, 2, 1, 2])
    1.0
    """
    counts = Counter(values)
    total = sum(counts.values())
    return -sum(count / total * log2(count / total) for count in counts.values()) + 0.0


def is_seventh(chord: Harmony) -> bool:
    """More than a triad."""
    return len(chord.tones - {chord.bass}) > 3


def share(claims: Iterable[bool]) -> float | None:
    """How many of the claims hold; None when there is none.

    >>> share([True, False]), share([])
    (0.5, None)
    """
    found = list(claims)
    return sum(found) / len(found) if found else None
