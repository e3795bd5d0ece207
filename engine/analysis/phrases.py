"""Where does the melody breathe, and which phrases return?

A boundary is strong where the gap to the next note's start is long beside its neighbours and where a rest
follows (Cambouropoulos, The Local Boundary Detection Model, 2001), and is drawn to every second bar line.

>>> from engine.music import Note, Song, Track
>>> read_phrases(Song(), None)
()
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import chain, pairwise

import numpy as np

from engine.music import Note, Song, Track
from engine.music.analysis import Phrase

_SHORTEST_NOTES, _BAR_PULL, _REST_PULL = 3, 0.35, 0.8
_THRESHOLD = 0.9
_LONGEST_BARS = 4
_SAME_SHARE = 0.8
_MOST_COMPARED = 200


def read_phrases(song: Song, melody: Track | None) -> tuple[Phrase, ...]:
    """The phrases of the melody's top line, in order."""
    line = top_line(melody) if melody is not None else []
    if len(line) < 2:
        return tuple(Phrase(note.start_ticks, note.end_ticks) for note in line)
    cuts = _cuts(song, line, _boundary_strengths(song, line))
    groups = [line[first:last] for first, last in zip([0, *cuts], [*cuts, len(line)], strict=True)]
    repeats = _repeats([_shape(group) for group in groups])
    return tuple(
        Phrase(group[0].start_ticks, group[-1].end_ticks, earlier)
        for group, earlier in zip(groups, repeats, strict=True)
    )


def top_line(track: Track) -> list[Note]:
    """The highest note at each onset: the line one hears."""
    line: list[Note] = []
    for note in track.notes:
        if line and note.start_ticks - line[-1].start_ticks < 30:
            line[-1] = max(line[-1], note, key=lambda n: n.pitch)
        else:
            line.append(note)
    return line


def _boundary_strengths(song: Song, line: list[Note]) -> np.ndarray:
    """(notes - 1,) strength of a phrase end after each note but the last."""
    starts = np.array([note.start_ticks for note in line], dtype=float)
    ends = np.array([note.end_ticks for note in line], dtype=float)
    gaps = np.diff(starts)
    rests = np.maximum(0.0, starts[1:] - ends[:-1])
    local = np.maximum(np.median(gaps), 1.0)
    beat = song.time_map.metre_at(line[0].start_ticks).pulse_ticks
    strength: np.ndarray = 0.5 * np.log2(np.maximum(1.0, gaps / local))
    strength += _REST_PULL * np.minimum(1.0, rests / beat)
    bars = np.array([song.time_map.bar_of(note.start_ticks) for note in line])
    strength[np.diff(bars // 2) > 0] += _BAR_PULL
    return strength


def _cuts(song: Song, line: list[Note], strengths: np.ndarray) -> list[int]:
    """Indices of first notes of phrases: at strong places, and inside what is longer than four bars."""
    strong: list[int] = []
    for index in range(len(strengths)):
        is_far = not strong or index + 1 - strong[-1] >= _SHORTEST_NOTES
        if is_far and strengths[index] >= _THRESHOLD and _is_peak(strengths, index):
            strong.append(index + 1)
    cuts: list[int] = []
    for first, last in zip([0, *strong], [*strong, len(line)], strict=True):
        cuts += _halved(song, line, strengths, first, last)
        if last < len(line):
            cuts.append(last)
    return cuts


def _halved(song: Song, line: list[Note], strengths: np.ndarray, first: int, last: int) -> list[int]:
    """Cuts inside a stretch of notes that is too long for one breath."""
    bar_of = song.time_map.bar_of
    bars = bar_of(line[last - 1].start_ticks) - bar_of(line[first].start_ticks) + 1
    if bars <= _LONGEST_BARS or last - first < 2 * _SHORTEST_NOTES:
        return []
    inner = strengths[first + _SHORTEST_NOTES - 1 : last - _SHORTEST_NOTES]
    cut = first + _SHORTEST_NOTES + int(inner.argmax())
    return [*_halved(song, line, strengths, first, cut), cut, *_halved(song, line, strengths, cut, last)]


def _is_peak(strengths: np.ndarray, index: int) -> bool:
    return bool(strengths[index] >= strengths[max(0, index - 2) : index + 3].max())


def _shape(notes: list[Note]) -> list[tuple[int, int]]:
    """Interval and time to the next note: what makes a phrase itself, at any pitch."""
    return [
        (after.pitch - before.pitch, round((after.start_ticks - before.start_ticks) / 60))
        for before, after in pairwise(notes)
    ]


def _repeats(shapes: list[list[tuple[int, int]]]) -> list[int]:
    """For each phrase the first earlier one with nearly the same shape, -1 if there is none."""
    holders: dict[tuple[int, tuple[int, int]], list[int]] = defaultdict(list)
    found = []
    for index, shape in enumerate(shapes):
        same = Counter(chain.from_iterable(holders.get(move, ()) for move in enumerate(shape)))
        near = (other for other, moves in same.items() if _is_near(shape, shapes[other], moves))
        found.append(min(near, default=-1))
        if index < _MOST_COMPARED:
            for move in enumerate(shape):
                holders[move].append(index)
    return found


def _is_near(shape: Sequence[object], other: Sequence[object], same: int) -> bool:
    longest = max(len(shape), len(other))
    return longest >= 2 and same >= _SAME_SHARE * longest
