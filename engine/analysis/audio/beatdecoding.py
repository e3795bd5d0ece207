"""Which chain of beats and bars explains the evidence best?

A semi-Markov form of the bar-pointer model (Whiteley, Cemgil & Godsill 2006; Böck, Krebs & Widmer, ISMIR
2016): a state is a beat of the bar and the length of the beat that begins there, so tempo changes at beats
only, and dearly. Chains for 2/4, 3/4, 4/4 and 6/8 run side by side; each ends in its own best path, so that
what else it could be is known. Everything is log likelihood ratios against "no beat here". An artist's taps,
beat one, tempo and metre are walls of the same search.

>>> evidence = BeatEvidence(np.tile([3.0] + [-3.0] * 24, 20), np.zeros(500), np.zeros(500))
>>> best = decode_beats(evidence)[0]
>>> np.diff(best.frames).tolist()[:3]
[25, 25, 25]
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from engine.music import Metre

FRAME_S = 0.02
FASTEST_BPM, SLOWEST_BPM = 216.0, 40.0
TWO_FOUR, THREE_FOUR, FOUR_FOUR, SIX_EIGHT = Metre(2, 4), Metre(3, 4), Metre(4, 4), Metre(6, 8)
METRES = (TWO_FOUR, THREE_FOUR, FOUR_FOUR, SIX_EIGHT)
_PULSES = (2, 3, 4, 2)
_LOOK_UP = 250
_ZONES = (
    (12, 23),
    (19, 34),
    (28, 50),
    (42, 75),
)  # frames a beat: fast, lively, moderate, slow; a path keeps to one
_BAND = 10  # frames by which a beat may be longer or shorter than the one before
_LEAST_ZONE = 3
_ROOM = 26  # frames after the longest first beat in which a path may still begin
_FORBIDDEN = np.float32(-1e9)
_TAP_FRAMES = 4
_FIRST_SHARE = 0.33  # of all beats; what a beat tells is weighed against the mean of both kinds
_FORCED = np.float32(60.0)
_SPLIT_AT = (1 / 6, 1 / 4, 1 / 3, 1 / 2, 2 / 3, 3 / 4, 5 / 6)


@dataclass(frozen=True)
class BeatWeights:
    """How dear a change of tempo is, which tempi are usual, what first beats and splits of the beat tell.

    simple, compound: how often something begins at 1/6, 1/4, 1/3, 1/2, 2/3, 3/4 and 5/6 of a beat of two or
    of three parts; anywhere: how often at any moment.
    """

    steadiness: float = 70.0
    usual_bpm: float = 105.0
    tempo_octaves: float = 0.9
    downbeat: float = 1.0
    split: float = 0.6
    tempo: float = 6.0
    simple: tuple[float, ...] = (0.151, 0.114, 0.116, 0.442, 0.157, 0.152, 0.19)
    compound: tuple[float, ...] = (0.068, 0.276, 0.666, 0.115, 0.735, 0.34, 0.077)
    anywhere: float = 0.295


@dataclass(frozen=True)
class BeatEvidence:
    """Log likelihood ratios, one each 20 ms.

    beat: (frames,) beat against none. downbeat: (frames,) given a beat, first of a bar against another.
    onset: (frames,) 0-1, how surely something begins there. metres: (4,) log shares of the whole, and tempi:
    of its tempo (`pulsenetwork.tempo_class`); none known when empty.
    """

    beat: np.ndarray
    downbeat: np.ndarray
    onset: np.ndarray
    metres: np.ndarray = field(default_factory=lambda: np.zeros(0))
    tempi: np.ndarray = field(default_factory=lambda: np.zeros(0))


@dataclass(frozen=True)
class BeatConstraints:
    """What the artist said: the range of tempo (felt beats a minute), moments that are beats, that are first
    beats, and the metre."""

    slowest_bpm: float = SLOWEST_BPM
    fastest_bpm: float = FASTEST_BPM
    beats_s: tuple[float, ...] = ()
    downbeats_s: tuple[float, ...] = ()
    metre: Metre | None = None


WEIGHTS, NO_CONSTRAINTS = BeatWeights(), BeatConstraints()


@dataclass(frozen=True)
class BeatPath:
    """The best chain of one metre: frames of the beats, each one's place in the bar, its log score."""

    metre: Metre
    frames: np.ndarray
    places: np.ndarray
    score: float


def decode_beats(
    evidence: BeatEvidence,
    constraints: BeatConstraints = NO_CONSTRAINTS,
    weights: BeatWeights = WEIGHTS,
    checkpoint: Callable[[], None] = lambda: None,
) -> list[BeatPath]:
    """The best path of each metre and zone of tempo, best first; none for less evidence than a beat."""
    intervals, zones = _intervals(constraints)
    if len(evidence.beat) <= intervals.min():
        return []
    search = _Search(evidence, constraints, weights, intervals, zones)
    search.run(checkpoint)
    found = {(path.metre, path.frames.tobytes(), path.places.tobytes()): path for path in search.paths()}
    return sorted(found.values(), key=lambda path: -path.score)


def _intervals(constraints: BeatConstraints) -> tuple[np.ndarray, np.ndarray]:
    """Lengths of a beat in frames that the tempo range allows, zone after zone, and the zone of each."""
    shortest = max(4, int(np.floor(60 / constraints.fastest_bpm / FRAME_S)))
    longest = max(shortest + 2, int(np.ceil(60 / constraints.slowest_bpm / FRAME_S)))
    bounds = [(max(low, shortest), min(high, longest)) for low, high in _ZONES]
    whole = [(low, high) for low, high in bounds if high - low >= _LEAST_ZONE] or [(shortest, longest)]
    lengths = [np.arange(low, high + 1) for low, high in whole]
    zones = [np.full(len(piece), number) for number, piece in enumerate(lengths)]
    return np.concatenate(lengths), np.concatenate(zones)


class _Search:
    """Scores of beats: frame x place x interval of the beat that begins there."""

    def __init__(
        self,
        evidence: BeatEvidence,
        constraints: BeatConstraints,
        weights: BeatWeights,
        intervals: np.ndarray,
        zones: np.ndarray,
    ) -> None:
        self._intervals, self._zones, self._frames = intervals, zones, len(evidence.beat)
        self._chain = np.repeat(np.arange(len(METRES)), _PULSES)
        self._place = np.concatenate([np.arange(pulses) for pulses in _PULSES])
        first = np.concatenate([[0], np.cumsum(_PULSES)[:-1]])
        self._before = first[self._chain] + (self._place - 1) % np.array(_PULSES)[self._chain]
        came_from = np.arange(len(intervals))[:, None] + np.arange(-_BAND, _BAND + 1)[None, :]
        within = np.clip(came_from, 0, len(intervals) - 1)
        ratio = intervals[:, None] / intervals[within]
        inside = (came_from == within) & (zones[within] == zones[:, None])
        self._change = np.where(inside, -weights.steadiness * np.abs(ratio - 1), _FORBIDDEN).astype(
            np.float32
        )
        off = np.log2(60 / (intervals * FRAME_S) / weights.usual_bpm) / weights.tempo_octaves
        self._prior = (-0.5 * weights.tempo * off**2).astype(np.float32)
        self._observed = _observations(evidence, constraints, weights, self._chain, self._place)
        kinds = (weights.simple, weights.compound)
        self._split = np.stack([_splits(evidence, intervals, weights, kind) for kind in kinds])
        self._kind = (self._chain == METRES.index(SIX_EIGHT)).astype(int)
        onsets = np.flatnonzero(evidence.onset > 0.2)
        self._first = int(onsets[0]) if len(onsets) else 0
        self._last = int(onsets[-1]) if len(onsets) else self._frames - 1
        self._begin_by = self._first + int(intervals.max()) + _ROOM
        self._walls = _walls(constraints, self._frames)

    def run(self, checkpoint: Callable[[], None]) -> None:
        """Fills the scores, as many frames at once as the shortest beat lasts: none leans on another."""
        frames, places, lengths = self._frames, len(self._chain), len(self._intervals)
        self._score = np.full((places, frames, lengths), _FORBIDDEN, np.float32)
        begin = slice(0, self._begin_by)
        self._score[:, begin] = self._observed.T[:, begin, None] + self._prior
        block = int(self._intervals.min())
        room = np.full((places, block, lengths + 2 * _BAND), _FORBIDDEN, np.float32)
        for first in range(block, frames, block):
            if first % _LOOK_UP < block:
                checkpoint()
            here = slice(first, min(first + block, frames))
            before = room[:, : here.stop - first]
            before[:, :, _BAND:-_BAND] = self._befores(np.arange(here.start, here.stop))[self._before]
            best = before[:, :, :lengths] + self._change[:, 0]
            option = np.empty_like(best)
            for step in range(1, 2 * _BAND + 1):
                np.add(before[:, :, step : step + lengths], self._change[:, step], out=option)
                np.maximum(best, option, out=best)
            best += self._observed.T[:, here, None]
            np.maximum(self._score[:, here], best, out=self._score[:, here])

    def _befores(self, frames: np.ndarray) -> np.ndarray:
        """(places, frames, intervals) the best score with a beat of each place and length that ends there."""
        back = frames[:, None] - self._intervals
        start, choices = np.maximum(back, 0), np.arange(len(self._intervals))
        before = self._score[:, start, choices] + self._passed(start, frames[:, None])
        before += self._split[:, start, choices][self._kind]
        before[:, back < 0] = _FORBIDDEN
        return np.asarray(before)

    def _passed(self, back: np.ndarray, frames: np.ndarray) -> np.ndarray:
        """The price of beats that begin at `back`, end at `frames` and jump over a moment said to be one."""
        opened, closed = self._walls
        return np.asarray(-_FORCED * np.maximum(0, closed[frames] - opened[back]), np.float32)

    def paths(self) -> list[BeatPath]:
        """The best way of each chain to the end of what sounds, for each zone of tempo."""
        ends = np.arange(max(0, self._last - int(self._intervals.max())), self._frames)
        reach = ends[:, None] + self._intervals[None, :] > self._last
        found = []
        for chain in range(len(METRES)):
            mine = np.flatnonzero(self._chain == chain)
            scores = self._score[mine][:, ends].transpose(1, 0, 2)
            final = np.where(reach[:, None, :], scores, _FORBIDDEN)
            for zone in range(int(self._zones[-1]) + 1):
                here = np.where(self._zones == zone, final, _FORBIDDEN)
                row, place, length = np.unravel_index(int(here.argmax()), here.shape)
                if here[row, place, length] > _FORBIDDEN / 2:
                    end = int(ends[row]), int(mine[place]), int(length)
                    found.append(self._traced(*end, float(here[row, place, length])))
        return found

    def _traced(self, frame: int, state: int, interval: int, score: float) -> BeatPath:
        chain = int(self._chain[state])
        frames, places = [frame], [int(self._place[state])]
        while (came := self._came(frame, state, interval)) >= 0:
            frame, state, interval = frame - int(self._intervals[came]), int(self._before[state]), came
            frames.append(frame)
            places.append(int(self._place[state]))
        return BeatPath(METRES[chain], np.array(frames[::-1]), np.array(places[::-1]), score)

    def _came(self, frame: int, state: int, interval: int) -> int:
        """The length of the beat before the one that begins there, -1 for the first beat."""
        near = np.clip(np.arange(interval - _BAND, interval + _BAND + 1), 0, len(self._intervals) - 1)
        back, place = frame - self._intervals[near], self._before[state]
        start = np.maximum(back, 0)
        before = self._score[place, start, near] + self._passed(start, np.array(frame))
        before += self._split[self._kind[place], start, near]
        options = np.where(back < 0, _FORBIDDEN, before) + self._change[interval]
        best = int(options.argmax())
        may_begin = frame < self._begin_by
        first = self._observed[frame, state] + self._prior[interval] if may_begin else _FORBIDDEN
        is_later = options[best] + self._observed[frame, state] > first
        return interval + best - _BAND if is_later else -1


def _observations(
    evidence: BeatEvidence,
    constraints: BeatConstraints,
    weights: BeatWeights,
    chain: np.ndarray,
    place: np.ndarray,
) -> np.ndarray:
    """(frames, places) what a beat there in that place of the bar is worth."""
    frames = len(evidence.beat)
    first, other = _first_and_other(evidence, weights)
    table = evidence.beat[:, None] + np.where(place[None, :] == 0, first[:, None], other[:, None])
    for moment in constraints.downbeats_s:
        near = _near(moment, frames)
        table[near] += np.where(place == 0, _FORCED, -_FORCED)
    if constraints.metre in METRES:
        table[:, chain != METRES.index(constraints.metre)] = _FORBIDDEN
    return np.asarray(table, np.float32)


def _first_and_other(evidence: BeatEvidence, weights: BeatWeights) -> tuple[np.ndarray, np.ndarray]:
    """(frames,) each: what a beat there is worth as a first one, and as another."""
    ratio = weights.downbeat * np.clip(evidence.downbeat, -4, 4)
    usual = np.log(1 - _FIRST_SHARE + _FIRST_SHARE * np.exp(ratio))
    return ratio - usual, -usual


def with_other_beginnings(
    paths: Sequence[BeatPath], evidence: BeatEvidence, weights: BeatWeights = WEIGHTS
) -> list[BeatPath]:
    """The paths, and each with its bars begun on every other beat of theirs."""
    first, other = _first_and_other(evidence, weights)
    gain = first - other
    found = list(paths)
    for path in paths:
        pulses = _PULSES[METRES.index(path.metre)]
        told = gain[path.frames]
        for step in range(1, pulses):
            places = (path.places + step) % pulses
            more = float(told[places == 0].sum() - told[path.places == 0].sum())
            found.append(replace(path, places=places, score=path.score + more))
    return found


def _splits(
    evidence: BeatEvidence, intervals: np.ndarray, weights: BeatWeights, shares: tuple[float, ...]
) -> np.ndarray:
    """(frames, intervals) how well what begins inside the beat from there on fits a beat of this kind."""
    frames = len(evidence.onset)
    wide = evidence.onset.copy()
    wide[1:] = np.maximum(wide[1:], evidence.onset[:-1])
    wide[:-1] = np.maximum(wide[:-1], evidence.onset[1:])
    total = np.zeros((frames, len(intervals)))
    for place, share in zip(_SPLIT_AT, shares, strict=True):
        where = np.arange(frames)[:, None] + np.round(place * intervals).astype(int)
        begins = np.log(share / weights.anywhere)
        silent = np.log((1 - share) / (1 - weights.anywhere))
        total += silent + (begins - silent) * wide[np.minimum(where, frames - 1)]
    return np.asarray(weights.split * total, np.float32)


def _near(moment_s: float, frames: int) -> slice:
    middle = round(moment_s / FRAME_S)
    return slice(max(0, middle - _TAP_FRAMES), max(0, min(frames, middle + _TAP_FRAMES + 1)))


def _walls(constraints: BeatConstraints, frames: int) -> tuple[np.ndarray, np.ndarray]:
    """(frames,) windows of said beats that have begun by each frame, and that have ended before it."""
    moments = sorted({*constraints.beats_s, *constraints.downbeats_s})
    windows = [window for moment in moments if (window := _near(moment, frames)).stop > window.start]
    opened, closed = np.zeros(frames + 1), np.zeros(frames + 1)
    for window in windows:
        opened[window.start :] += 1
        closed[window.stop :] += 1
    return opened, closed
