"""What speaks for a new part of the form beginning at a bar, when there is no melody to tell?

Where the bars before and after are worlds apart (Foote's novelty, 2000), where what follows has been heard
elsewhere after something else (and the reverse), where the pattern of returns changes (Serrà et al., 2014),
how the bass moves over the bar line, how fast the chords change, and where the bar stands among fours and
eights.
"""

import numpy as np

from engine.analysis.pitchgrid import PitchGrid

_SPANS = (2, 4, 8)
_ALIKE, _UNLIKE = 0.9, 0.7
_MUCH = 3
CUES = (
    *(f"novelty {span}" for span in _SPANS),
    "rhythm novelty",
    *(f"{what} {span}" for span in _SPANS for what in ("begins", "ends", "beginnings", "endings")),
    "pattern of returns", "as the first bar", "as the bar before", "rhythm as before",
    "bar before as its own", "bar after alike", "second", "fourth", "eighth", "from the start",
    "to the end", "four before", "four after", "eight before", "eight after", "bass falls a fifth",
    "home in the bass", "dominant before", "dominant to home", "bass stays", "changes before",
    "changes after", "silence begins or ends",
)  # fmt: skip


def section_cues(
    harmony: np.ndarray, rhythm: np.ndarray, grid: PitchGrid, bar_starts: np.ndarray, first: int
) -> np.ndarray:
    """(bars, cues) for each bar line; `harmony`, `rhythm`: (bars, bars) likeness of bars, 0-1.

    `first`: the first full bar.
    """
    bars = len(harmony)
    ones = [_novelty(harmony, span) for span in _SPANS] + [_novelty(rhythm, 4)]
    for span in _SPANS:
        ones += _returns(harmony, span)
    ones.append(_pattern_change(harmony))
    ones += _neighbours(harmony, rhythm, first)
    ones += _over_the_bar_line(grid, bar_starts, bars)
    return np.stack(ones, axis=1)


def _novelty(likeness: np.ndarray, span: int) -> np.ndarray:
    """(bars,) how alike the bars on each side are among themselves, less how alike the sides are."""
    bars = len(likeness)
    sums = np.pad(likeness.cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0)))
    at = np.arange(1, bars)
    wide = np.minimum(span, np.minimum(at, bars - at))

    def mean(top: np.ndarray, left: np.ndarray) -> np.ndarray:
        low, right = top + wide, left + wide
        return np.asarray((sums[low, right] - sums[top, right] - sums[low, left] + sums[top, left]) / wide**2)

    found = np.zeros(bars)
    found[1:] = (mean(at - wide, at - wide) + mean(at, at)) / 2 - mean(at - wide, at)
    return found


def _returns(likeness: np.ndarray, span: int) -> list[np.ndarray]:
    """Four times (bars,): how much better another place continues alike than it led there, the reverse, and
    in how many places each is plain."""
    ahead, behind = _ahead(likeness, span), _ahead(likeness[::-1, ::-1], span)[::-1, ::-1]
    near = np.abs(np.subtract.outer(np.arange(len(ahead)), np.arange(len(ahead)))) < 2
    gain = np.where(near, 0.0, ahead - behind)
    begins, ends = gain.max(axis=1), -gain.min(axis=1)
    many = (~near & (ahead > _ALIKE) & (behind < _UNLIKE)).sum(axis=1)
    few = (~near & (behind > _ALIKE) & (ahead < _UNLIKE)).sum(axis=1)
    found = [np.maximum(0, begins), np.maximum(0, ends), np.log1p(many), np.log1p(few)]
    return [np.concatenate([[0.0], each[1:-1]]) for each in found]


def _ahead(likeness: np.ndarray, span: int) -> np.ndarray:
    """[one, other]: mean likeness of the bars from one bar line on with those from the other on."""
    bars = len(likeness)
    found = np.zeros((bars + 1, bars + 1))
    for step in range(min(span, bars)):
        found[: bars - step, : bars - step] += likeness[step:, step:]
    return np.asarray(found / np.clip(bars - np.arange(bars + 1), 1, span)[:, None])


def _pattern_change(likeness: np.ndarray) -> np.ndarray:
    """(bars,) how much the distances at which the music returns change over the bar line."""
    bars = len(likeness)
    lags = (np.arange(bars)[:, None] + np.arange(bars)[None, :]) % bars
    returns = np.take_along_axis(likeness, lags, axis=1) > _ALIKE
    bell = np.exp(-0.5 * (np.arange(-3, 4) / 1.5) ** 2)
    padded = np.pad(returns.astype(float), ((3, 3), (0, 0)), mode="edge")
    smooth = sum(
        (share * padded[at : at + bars] for at, share in enumerate(bell / bell.sum())), np.zeros((bars, bars))
    )
    found = np.zeros(bars)
    found[1:] = np.linalg.norm(np.diff(smooth, axis=0), axis=1)
    return found


def _neighbours(harmony: np.ndarray, rhythm: np.ndarray, first: int) -> list[np.ndarray]:
    bars = len(harmony)
    at = np.arange(bars)
    place = at - first

    def from_bar(likeness: np.ndarray, lag: int, otherwise: float) -> np.ndarray:
        other = at + lag
        inside = (other >= 0) & (other < bars)
        return np.where(inside, likeness[at, np.clip(other, 0, bars - 1)], otherwise)

    before = from_bar(harmony, -1, 0.0)
    return [
        harmony[0], before, from_bar(rhythm, -1, 0.0), np.concatenate([[0.0], before[:-1]]),
        from_bar(harmony, 1, 0.0), place % 2 == 0, place % 4 == 0, place % 8 == 0,
        np.minimum(1, at / 8), np.minimum(1, (bars - at) / 8),
        from_bar(harmony, -4, 0.5), from_bar(harmony, 4, 0.5),
        from_bar(harmony, -8, 0.5), from_bar(harmony, 8, 0.5),
    ]  # fmt: skip


def _over_the_bar_line(grid: PitchGrid, bar_starts: np.ndarray, bars: int) -> list[np.ndarray]:
    """What the bass does from the last beat of the bar before to the first of the bar."""
    bass = np.where(grid.bass.sum(axis=1) > 0, grid.bass.argmax(axis=1), -1)
    home = int(grid.bass.sum(axis=0).argmax())
    first = np.clip(np.searchsorted(grid.starts[:-1], bar_starts[:bars]), 0, max(0, grid.slots - 1))
    begins, before = bass[first], bass[np.maximum(0, first - 1)]
    sounds = (begins >= 0) & (before >= 0)
    comes_home, from_dominant = begins == home, before == (home + 7) % 12
    moves = np.concatenate([[0], np.cumsum(np.diff(bass) != 0)])
    last = np.maximum(first, np.append(first[1:], grid.slots) - 1)
    changes = np.minimum(_MUCH, moves[last] - moves[first])
    return [
        sounds & ((begins - before) % 12 == 5), comes_home, from_dominant, comes_home & from_dominant,
        begins == before, np.concatenate([[0], changes[:-1]]), changes, (begins < 0) != (before < 0),
    ]  # fmt: skip
