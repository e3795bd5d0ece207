"""Can a stranger tell what people wrote from what was generated? An independent judge, 0.5: no.

The judge looks at other things than the re-ranker: hashed n-grams of intervals, durations, degrees and
places, of chords and of melody over chords (logistic regression), and plain statistics (boosted stumps,
Friedman 2001). It learns on holes of the valid part and of one half of the test pieces, and is tested on the
other half, then the other way round, for several ways of halving; the figure is the share of (real,
generated) pairs told apart in the right order (area under the ROC curve), with a 95 % interval from drawing
whole holes again and again.

>>> area([2.0, 3.0], [1.0, 2.0])
0.875
"""

import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean

import numpy as np
from numpy.typing import NDArray

from engine.generation.language.grid import Sheet
from engine.ranking.features_passage import GRID, Harmony, Passage, Tone
from engine.training.infill.evaluation.holes import Hole, in_first_half

Floats = NDArray[np.float64]
_BUCKETS = 1024
_ROUNDS, _RATE = 60, 0.15
_DRAWS = 300
SPLITS = 6
"""Ways of halving the pieces: with one alone the figure of 48 holes moves by five points with the halving."""


@dataclass(frozen=True, slots=True)
class Exhibit:
    """A hole with what people wrote (the hole itself) and what was generated in it."""

    hole: Hole
    generated: tuple[Sheet, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The judge's figure with its interval, its two experts alone, and how many holes it saw."""

    area: float
    low: float
    high: float
    ngrams: float
    statistics: float
    holes: int


def judge(exhibits: Sequence[Exhibit], more: Sequence[Exhibit] = (), seed: int = 1) -> Verdict:
    """How well the judge tells real from generated on holes of pieces it has not learnt from.

    `more` are holes of other pieces that are only learnt from; those without generated fills show what people
    write.
    """
    shown = [_seen(exhibit) for exhibit in exhibits if exhibit.generated]
    if not shown:
        return Verdict(0.5, 0.0, 1.0, 0.5, 0.5, 0)
    learnt = [_seen(exhibit) for exhibit in more]
    splits = [_scores(shown, learnt, f"judge {seed + number}") for number in range(SPLITS)]
    places = np.arange(len(shown))
    areas = [_mean_area(splits, places, expert) for expert in range(3)]
    chance = np.random.Generator(np.random.Philox(seed))
    draws = [_mean_area(splits, chance.integers(0, len(places), len(places)), 0) for _ in range(_DRAWS)]
    low, high = np.quantile(draws, [0.025, 0.975])
    return Verdict(areas[0], float(low), float(high), areas[1], areas[2], len(shown))


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the two experts see of a hole's real fill (first row) and of the generated ones."""

    hole: Hole
    ngrams: Floats
    statistics: Floats


def _seen(exhibit: Exhibit) -> _Seen:
    sheets = (exhibit.hole.sheet, *exhibit.generated)
    ngrams = np.array([hashed(exhibit.hole, sheet) for sheet in sheets])
    return _Seen(exhibit.hole, ngrams, np.array([statistics(exhibit.hole, sheet) for sheet in sheets]))


@dataclass(frozen=True, slots=True)
class _Scored:
    """Scores of the real and the generated fills of one hole (experts: both, n-grams, statistics)."""

    fold: bool
    real: Floats
    generated: Floats


def _scores(shown: Sequence[_Seen], learnt: Sequence[_Seen], salt: str) -> list[_Scored]:
    """Each hole by the judge that has learnt from the other half of the pieces."""
    halves = [in_first_half(one.hole, salt) for one in shown]
    experts = {
        half: _learn([*(one for one, own in zip(shown, halves, strict=True) if own is not half), *learnt])
        for half in set(halves)
    }
    return [experts[half](one, half) for one, half in zip(shown, halves, strict=True)]


def _learn(seen: Sequence[_Seen]) -> Callable[[_Seen, bool], _Scored]:
    """A judge that has seen these; one that has seen none cannot tell anything."""
    if not seen:
        return lambda one, fold: _Scored(fold, np.zeros(3), np.zeros((len(one.ngrams) - 1, 3)))
    real = np.concatenate([np.arange(len(one.ngrams)) == 0 for one in seen]).astype(float)
    weight = np.where(real > 0, 0.5 / max(1.0, real.sum()), 0.5 / max(1.0, (1 - real).sum()))
    rows = np.concatenate([one.ngrams for one in seen]), np.concatenate([one.statistics for one in seen])
    ngrams, stumps = logistic(rows[0], real, weight), boosted_stumps(rows[1], real, weight)
    spread = float(ngrams(rows[0]).std()) + 1e-9, float(stumps(rows[1]).std()) + 1e-9

    def score(one: _Seen, fold: bool) -> _Scored:
        words, counts = ngrams(one.ngrams) / spread[0], stumps(one.statistics) / spread[1]
        told = np.stack([words + counts, words, counts], axis=1)
        return _Scored(fold, told[0], told[1:])

    return score


def _mean_area(splits: Sequence[Sequence[_Scored]], places: NDArray[np.int64], expert: int) -> float:
    """The mean over the splits, of these holes. The areas of two folds are weighted by their holes; scores of
    different folds do not compare."""
    return fmean(_folds_area([scored[place] for place in places], expert) for scored in splits)


def _folds_area(scored: Sequence[_Scored], expert: int) -> float:
    total = 0.0
    for fold in {s.fold for s in scored}:
        own = [s for s in scored if s.fold == fold]
        real = [float(s.real[expert]) for s in own]
        generated = [float(value) for s in own for value in s.generated[:, expert]]
        total += len(own) * area(real, generated)
    return total / max(1, len(scored))


def area(real: Sequence[float], generated: Sequence[float]) -> float:
    """Share of pairs in the right order; ties count half."""
    if not real or not generated:
        return 0.5
    ordered = np.sort(np.array(generated))
    below = np.searchsorted(ordered, real, side="left")
    level = np.searchsorted(ordered, real, side="right") - below
    return float((below + 0.5 * level).sum() / (len(real) * len(generated)))


# what the judge sees -------------------------------------------------------------------


def hashed(hole: Hole, sheet: Sheet) -> Floats:
    """Signed hashed counts of the n-grams, of length one."""
    row = np.zeros(_BUCKETS)
    for gram in grams(hole, Passage.of_sheet(sheet)):
        code = zlib.crc32(repr(gram).encode())
        row[code % _BUCKETS] += 1.0 if code & 0x80000000 else -1.0
    row = np.sign(row) * np.sqrt(np.abs(row))
    return row / max(1e-9, float(np.linalg.norm(row)))


Gram = tuple[object, ...]


def grams(hole: Hole, passage: Passage) -> Iterator[Gram]:
    """Runs of one to three of everything there is in the hole, led in by the bar before it."""
    notes = passage.tones_in(max(0, hole.first - 1), hole.end + 1)
    words = [_word(passage, a, b) for a, b in pairwise(notes)]
    chords = passage.harmonies_in(max(0, hole.first - 1), hole.end + 1)
    moves = [("c", (b.root - a.root) % 12, a.quality, b.quality) for a, b in pairwise(chords)]
    yield from _runs(words, 3)
    yield from _runs([("d", tone.pitch % 12) for tone in notes], 3)
    yield from _runs([("r", tone.start % GRID, tone.duration) for tone in notes], 4)
    yield from _runs(moves, 2)
    yield from _runs([("h", chord.root, chord.quality) for chord in chords], 2)
    yield from _runs([("l", chord.duration) for chord in chords], 3)
    for tone in notes:
        under = passage.harmony_at(tone.start)
        place = tone.start - passage.starts[tone.bar]
        yield "p", place, tone.duration
        yield "o", (tone.pitch - under.root) % 12 if under else None, place % 48, tone.duration >= GRID


def _word(passage: Passage, one: Tone, other: Tone) -> Gram:
    return "m", other.pitch - one.pitch, other.start - one.start


def _runs(words: Sequence[Gram], longest: int) -> Iterator[Gram]:
    for length in range(1, longest + 1):
        for at in range(len(words) - length + 1):
            yield length, *words[at : at + length]


def statistics(hole: Hole, sheet: Sheet) -> Floats:
    """Moments and counts of the hole and of the differences to what stands around it."""
    passage = Passage.of_sheet(sheet)
    inside = passage.tones_in(hole.first, hole.end)
    outside = [*passage.tones_in(0, hole.first), *passage.tones_in(hole.end, len(passage.metres))]
    chords = passage.harmonies_in(hole.first, hole.end)
    around = [*passage.harmonies_in(0, hole.first), *passage.harmonies_in(hole.end, len(passage.metres))]
    bars = hole.end - hole.first
    own, other = _tone_moments(inside, bars), _tone_moments(outside, len(passage.metres) - bars)
    held, kept = _chord_moments(chords, bars), _chord_moments(around, len(passage.metres) - bars)
    return np.array([*own, *np.abs(own - other), *held, *np.abs(held - kept), *_bar_moments(hole, passage)])


def _tone_moments(notes: Sequence[Tone], bars: int) -> Floats:
    if len(notes) < 2:
        return np.zeros(10)
    pitch = np.array([note.pitch for note in notes], dtype=float)
    length = np.log2([note.duration / GRID for note in notes])
    moves = np.diff(pitch)
    return np.array(
        [
            len(notes) / max(1, bars),
            pitch.mean(),
            pitch.std(),
            length.mean(),
            length.std(),
            np.abs(moves).mean(),
            moves.std(),
            float((np.sign(moves[1:]) != np.sign(moves[:-1])).mean()) if len(moves) > 1 else 0.0,
            len(set(pitch)) / len(pitch),
            len({note.duration for note in notes}),
        ]
    )


def _chord_moments(chords: Sequence[Harmony], bars: int) -> Floats:
    if not chords:
        return np.zeros(5)
    sounding = [chord for chord in chords if chord.root >= 0]
    return np.array(
        [
            len(chords) / max(1, bars),
            len({chord.name for chord in chords}) / len(chords),
            float(np.mean([len(chord.tones) for chord in sounding])) if sounding else 0.0,
            float(np.std([chord.duration for chord in chords])) / GRID,
            len({chord.root for chord in sounding}),
        ]
    )


def _bar_moments(hole: Hole, passage: Passage) -> list[float]:
    """How the bars of the hole compare with those one, two and four bars before, and the seams."""
    found: list[float] = []
    for lag in (1, 2, 4):
        pairs = [(bar, bar - lag) for bar in range(hole.first, hole.end) if bar >= lag]
        found.append(_share(passage.bar_notes[a] == passage.bar_notes[b] for a, b in pairs))
        found.append(_share(passage.bar_chords[a] == passage.bar_chords[b] for a, b in pairs))
        found.append(_share(_onsets(passage, a) == _onsets(passage, b) for a, b in pairs))
    inside = passage.tones_in(hole.first, hole.end)
    before, after = passage.tones_in(0, hole.first), passage.tones_in(hole.end, len(passage.metres))
    found.append(abs(inside[0].pitch - before[-1].pitch) if inside and before else -1)
    found.append(abs(after[0].pitch - inside[-1].pitch) if inside and after else -1)
    found.append(inside[-1].duration / GRID if inside else -1)
    found.append(inside[-1].pitch % 12 if inside else -1)
    return found


def _onsets(passage: Passage, bar: int) -> tuple[int, ...]:
    return tuple(event[0] for event in passage.bar_notes[bar] or ())


def _share(claims: Iterator[bool]) -> float:
    found = list(claims)
    return sum(found) / len(found) if found else 0.0


# the two experts -----------------------------------------------------------------------

Scorer = Callable[[Floats], Floats]


def logistic(rows: Floats, real: Floats, weight: Floats, ridge: float = 2e-3, steps: int = 300) -> Scorer:
    """Ridge logistic regression by Nesterov's accelerated gradient; weights sum to one."""
    table = np.hstack([rows, np.ones((len(rows), 1))])
    held = np.full(table.shape[1], ridge)
    held[-1] = 0.0
    rate = 1.0 / (0.25 * float((weight[:, None] * table**2).sum()) + ridge)
    w = momentum = np.zeros(table.shape[1])
    for step in range(steps):
        ahead = w + step / (step + 3) * (w - momentum)
        gradient = table.T @ (weight * (1 / (1 + np.exp(-table @ ahead)) - real)) + held * ahead
        momentum, w = w, ahead - rate * gradient
    return lambda x: np.asarray(np.hstack([x, np.ones((len(x), 1))]) @ w)


def boosted_stumps(rows: Floats, real: Floats, weight: Floats) -> Scorer:
    """Gradient boosting of the logistic loss with one-question trees."""
    score = np.zeros(len(rows))
    cuts = [np.unique(np.quantile(column, np.linspace(0.1, 0.9, 9))) for column in rows.T]
    questions = [(f, cut, rows[:, f] > cut) for f, own in enumerate(cuts) for cut in own]
    sides = np.array([yes for _, _, yes in questions], dtype=float)
    chosen: list[tuple[int, float, float, float]] = []
    for _ in range(_ROUNDS if questions else 0):
        p = 1 / (1 + np.exp(-score))
        gradient, curve = weight * (real - p), weight * p * (1 - p)
        up, bend = sides @ gradient, sides @ curve
        down, flat = gradient.sum() - up, curve.sum() - bend
        gain = up**2 / (bend + 1e-2) + down**2 / (flat + 1e-2)
        best = int(gain.argmax())
        high, low = _RATE * up[best] / (bend[best] + 1e-2), _RATE * down[best] / (flat[best] + 1e-2)
        feature, cut, yes = questions[best]
        chosen.append((feature, float(cut), float(high), float(low)))
        score += np.where(yes, high, low)
    return lambda x: np.asarray(
        sum((np.where(x[:, f] > cut, high, low) for f, cut, high, low in chosen), np.zeros(len(x)))
    )
