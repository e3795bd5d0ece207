"""Which figures of three to six notes make the melody, and where do they return?

A figure is its steps in the scale and its rhythm from note to note. It returns at pitch, moved to another
degree, turned over (every step the other way) or stretched (twice or half as long). Longer figures and those
that return more often count more; plain repeated notes and even three-note runs are nobody's motif. After
Cambouropoulos, Musical Parallelism and Melodic Segmentation, 2006, without its inexact matches.

>>> read_motifs(Song(), [])
()
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from engine.music import Key, Note, Song
from engine.music.analysis import Motif, MotifForm, MotifReturn

SHORTEST, LONGEST = 3, 6
MOST_MOTIFS = 3
_MOST_NOTES = 2_000
_UNIT_TICKS = 60
_LONGEST_GAP_TICKS = 1_920
_SHARED = 6  # at most one note in so many may be another figure's too
_Shape = tuple[tuple[int, ...], tuple[int, ...]]


@dataclass(frozen=True)
class _Figure:
    """A candidate: index of its first note, notes, (index, form) of each return, and what it is worth."""

    first: int
    notes: int
    returns: tuple[tuple[int, MotifForm], ...]
    worth: float

    @property
    def places(self) -> tuple[int, ...]:
        """Where it stands, first and each time again."""
        return (self.first, *(at for at, _ in self.returns))


def read_motifs(song: Song, line: Sequence[Note]) -> tuple[Motif, ...]:
    """The best motifs of a single line, in the order they are first heard."""
    notes = list(line[:_MOST_NOTES])
    if len(notes) < 2 * SHORTEST:
        return ()
    steps = [scale_step(note.pitch, song.key_at(note.start_ticks)) for note in notes]
    gaps = [
        round((after.start_ticks - before.start_ticks) / _UNIT_TICKS) for before, after in pairwise(notes)
    ]
    figures = [
        figure for length in range(SHORTEST, LONGEST + 1) for figure in _figures(notes, steps, gaps, length)
    ]
    chosen = _best(figures)
    return tuple(_motif(notes, figure) for figure in sorted(chosen, key=lambda figure: figure.first))


def scale_step(pitch: int, key: Key) -> int:
    """The place of a pitch on the ladder of the scale, two rungs a degree; notes between lie between.

    >>> scale_step(62, Key()) - scale_step(60, Key()), scale_step(61, Key()) - scale_step(60, Key())
    (2, 1)
    """
    octave, above = divmod(pitch - key.tonic, 12)
    scale = key.mode.scale
    below = sum(degree <= above for degree in scale) - 1
    return 14 * octave + 2 * below + (scale[below] != above)


def _figures(notes: Sequence[Note], steps: Sequence[int], gaps: Sequence[int], length: int) -> list[_Figure]:
    """All figures of so many notes that return."""
    places: dict[_Shape, list[int]] = defaultdict(list)
    for first in range(len(notes) - length + 1):
        rhythm = tuple(gaps[first : first + length - 1])
        if max(rhythm) * _UNIT_TICKS <= _LONGEST_GAP_TICKS:
            moves = tuple(b - a for a, b in pairwise(steps[first : first + length]))
            places[moves, rhythm].append(first)
    found = []
    for shape, starts in places.items():
        if length == SHORTEST and len(starts) < 3:
            continue
        interest = _interest(shape)
        if interest > 0:
            returns = _returns(notes, places, shape, starts, length)
            if len(returns) >= (2 if length == SHORTEST else 1):
                worth = interest * (length - 1.5) * sum(_WORTH[form] for _, form in returns)
                found.append(_Figure(starts[0], length, returns, worth))
    return found


_WORTH = {MotifForm.SAME: 1.0, MotifForm.MOVED: 1.2, MotifForm.TURNED: 0.6, MotifForm.STRETCHED: 0.8}


def _interest(shape: _Shape) -> float:
    """0 for repeated notes and plain runs; more for a rhythm or a leap of its own."""
    moves, rhythm = shape
    if not any(moves):
        return 0.0
    has_rhythm, has_leap = len(set(rhythm)) > 1, any(abs(move) > 4 for move in moves)
    turns = any(a * b < 0 for a, b in pairwise(moves))
    if len(moves) == SHORTEST - 1:
        return float(has_rhythm and (has_leap or turns))
    return 0.4 + 0.3 * has_rhythm + 0.2 * has_leap + 0.1 * turns


def _returns(
    notes: Sequence[Note], places: dict[_Shape, list[int]], shape: _Shape, starts: Sequence[int], length: int
) -> tuple[tuple[int, MotifForm], ...]:
    """Where the figure comes back without overlapping itself."""
    moves, rhythm = shape
    first = starts[0]
    hits = [
        (at, MotifForm.SAME if notes[at].pitch == notes[first].pitch else MotifForm.MOVED)
        for at in starts[1:]
    ]
    if length > SHORTEST:
        turned = (tuple(-move for move in moves), rhythm)
        hits += [(at, MotifForm.TURNED) for at in places.get(turned, ()) if at > first]
        for other in (tuple(2 * gap for gap in rhythm), tuple(gap / 2 for gap in rhythm)):
            hits += [(at, MotifForm.STRETCHED) for at in places.get((moves, other), ()) if at > first]  # type: ignore[arg-type]
    kept: list[tuple[int, MotifForm]] = []
    end = first + length
    for at, form in sorted(hits):
        if at >= end:
            kept.append((at, form))
            end = at + length
    return tuple(kept)


def _best(figures: Sequence[_Figure]) -> list[_Figure]:
    """The figures worth most that are not heard already in a better one."""
    chosen: list[_Figure] = []
    for figure in sorted(figures, key=lambda figure: (-figure.worth, figure.first)):
        if not any(_overlaps(figure, better) or _goes_along(figure, better) for better in chosen):
            chosen.append(figure)
        if len(chosen) == MOST_MOTIFS:
            break
    return chosen


def _overlaps(figure: _Figure, better: _Figure) -> bool:
    """Whether more than a note here and there is in both."""
    covered = _covered(figure)
    return len(covered & _covered(better)) > len(covered) / _SHARED


def _covered(figure: _Figure) -> set[int]:
    return {note for at in figure.places for note in range(at, at + figure.notes)}


def _goes_along(figure: _Figure, better: _Figure) -> bool:
    """Whether it always comes at the same distance from the better one: both are one longer passage."""
    distances = [figure.first - other for other in better.places]
    return any(
        abs(distance) <= 2 * LONGEST and {at - distance for at in figure.places} <= set(better.places)
        for distance in distances
    )


def _motif(notes: Sequence[Note], figure: _Figure) -> Motif:
    def span(at: int) -> tuple[int, int]:
        return notes[at].start_ticks, notes[at + figure.notes - 1].end_ticks

    home = notes[figure.first].pitch
    returns = tuple(MotifReturn(*span(at), form, notes[at].pitch - home) for at, form in figure.returns)
    return Motif(*span(figure.first), figure.notes, returns)
