"""Which bars are variations of which? Stretches of two to eight bars that are alike but not the same.

Within a tune a phrase is compared with what stands a usual number of bars later (A and A'); across the pieces
of a cluster, settings of one tune are laid side by side where their intervals agree. Two bars are as alike as
they share notes: place in the bar and pitch class, both over the tonic, as a share of the fuller bar.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from engine.generation.language.grid import SheetBar, Stream
from engine.training.corpus.clusters import melody_notes, same_melody
from engine.training.corpus.piece import CorpusPiece

LEAST_BARS, MOST_BARS = 2, 8
LOW, HIGH = 0.4, 0.97
LAGS = (2, 4, 8, 12, 16, 24, 32)
_WORST_BAR = 0.2
_VOTING_RUN = 6
_LEAST_VOTES = 4
_FINGERPRINT = frozenset[tuple[int, int]]


class Passage(NamedTuple):
    """Written bars of a piece from `first` up to `end`."""

    piece: str
    first: int
    end: int


class Variation(NamedTuple):
    one: Passage
    other: Passage
    similarity: float


def variations_within(piece: CorpusPiece) -> list[Variation]:
    """Phrases of the piece that come back changed."""
    prints = _prints(piece)
    found: list[Variation] = []
    for lag in LAGS:
        found += _along(piece, prints, piece, prints, lag)
    return found


def variations_across(pieces: Sequence[CorpusPiece]) -> list[Variation]:
    """Passages of settings of the same tune, laid side by side."""
    found: list[Variation] = []
    prints: dict[int, list[_FINGERPRINT]] = {}
    for first, second in same_melody(pieces):
        one, other = pieces[first], pieces[second]
        for index in (first, second):
            prints.setdefault(index, _prints(pieces[index]))
        for lag in _alignments(one, other):
            found += _along(one, prints[first], other, prints[second], lag)
    return found


def _alignments(one: CorpusPiece, other: CorpusPiece) -> list[int]:
    """How many bars later the same intervals stand in the other piece: the two most frequent answers."""
    places: defaultdict[tuple[int, ...], list[int]] = defaultdict(list)
    for bar, run in _runs(one):
        places[run].append(bar)
    votes: Counter[int] = Counter()
    for bar, run in _runs(other):
        votes.update(bar - place for place in places.get(run, ()))
    return sorted(lag for lag, count in votes.most_common(2) if count >= _LEAST_VOTES)


def _runs(piece: CorpusPiece) -> Iterator[tuple[int, tuple[int, ...]]]:
    notes = [(bar, note.pitch) for bar, note in melody_notes(piece.sheet)]
    for start in range(len(notes) - _VOTING_RUN):
        window = notes[start : start + _VOTING_RUN + 1]
        yield window[0][0], tuple(pitch - window[0][1] for _, pitch in window[1:])


def _along(
    one: CorpusPiece,
    prints: Sequence[_FINGERPRINT],
    other: CorpusPiece,
    other_prints: Sequence[_FINGERPRINT],
    lag: int,
) -> Iterator[Variation]:
    """Runs of bars that are alike on one diagonal, cut into phrases of at most eight bars."""
    run: list[tuple[int, float]] = []
    for bar in range(max(0, -lag), min(len(prints), len(other_prints) - lag)):
        likeness = _likeness(prints[bar], other_prints[bar + lag])
        if likeness >= _WORST_BAR:
            run.append((bar, likeness))
        if likeness < _WORST_BAR or len(run) == MOST_BARS:
            yield from _passage(one, other, run, lag)
            run = []
    yield from _passage(one, other, run, lag)


def _passage(
    one: CorpusPiece, other: CorpusPiece, run: Sequence[tuple[int, float]], lag: int
) -> Iterator[Variation]:
    similarity = sum(likeness for _, likeness in run) / max(1, len(run))
    if len(run) >= LEAST_BARS and LOW <= similarity <= HIGH:
        first, end = run[0][0], run[-1][0] + 1
        here, there = Passage(one.id, first, end), Passage(other.id, first + lag, end + lag)
        yield Variation(here, there, round(similarity, 3))


def _prints(piece: CorpusPiece) -> list[_FINGERPRINT]:
    return [_print(bar) for bar in piece.sheet.bars]


def _print(bar: SheetBar) -> _FINGERPRINT:
    return frozenset((event[0], event[2] % 12) for event in bar.cells.get(Stream.MELODY, ()) if not event[3])


def _likeness(one: _FINGERPRINT, other: _FINGERPRINT) -> float:
    return len(one & other) / max(len(one), len(other)) if one and other else 0.0
