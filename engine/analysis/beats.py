"""Where are the beats of something played without a click?

Onsets become an accent curve (louder, lower, fuller, longer notes weigh more); its autocorrelation under
a broad prior around 100 beats a minute gives the tempo; dynamic programming then places beats that fall
on accents and keep near that tempo (Ellis, Beat Tracking by Dynamic Programming, 2007). Bars are the
grouping of beats that collects the accents.
"""

from dataclasses import dataclass

import numpy as np

from engine.music import Metre, Role, Song
from engine.music.analysis import BarsReading

FRAME_S = 0.01
_PRIOR_BPM, _PRIOR_OCTAVES = 100.0, 0.6
_SLOWEST_BPM, _FASTEST_BPM = 45.0, 210.0
_TIGHTNESS = 40.0
_SMEAR_FRAMES = 3
_BASS_WEIGHT, _TOGETHER_S = 1.2, 0.025


@dataclass(frozen=True)
class Beats:
    """times_s: (beats,) ascending. beats_per_bar: 2, 3 or 4. first_downbeat: index of the first beat 1.

    `is_compound`: the felt beat is a dotted quarter (6/8). `is_steady`: the tempo is one. `counted`: the
    metre where an artist said one that is not heard here, as 5/4. `reading`: how sure they are, if known.
    """

    times_s: np.ndarray
    beats_per_bar: int
    first_downbeat: int
    is_compound: bool = False
    is_steady: bool = False
    counted: Metre | None = None
    reading: BarsReading | None = None

    @property
    def metre(self) -> Metre:
        if self.counted is not None:
            return self.counted
        return Metre(3 * self.beats_per_bar, 8) if self.is_compound else Metre(self.beats_per_bar, 4)


def find_beats(song: Song) -> Beats | None:
    """The beats of the playing; None when there are fewer than eight onsets."""
    accents = _accents(song)
    if len(accents.times_s) < 8:
        return None
    curve = _accent_curve(accents)
    period = _beat_period(curve)
    frames = _track(curve, period)
    times = frames * FRAME_S
    grouping, phase = _bars(times, accents)
    return Beats(times, grouping, phase)


@dataclass(frozen=True)
class _Accents:
    """Onsets in seconds and how strongly each calls for a beat, and for a bar line."""

    times_s: np.ndarray
    weights: np.ndarray
    bar_weights: np.ndarray


def _accents(song: Song) -> _Accents:
    notes = [
        (song.time_map.seconds_at(n.start_ticks), n, track.role) for track in song.tracks for n in track.notes
    ]
    if not notes:
        return _Accents(np.zeros(0), np.zeros(0), np.zeros(0))
    times = np.array([time for time, _, _ in notes])
    lengths = np.array([song.time_map.seconds_at(n.end_ticks) - time for time, n, _ in notes])
    loud = np.array([n.velocity / 127 for _, n, _ in notes])
    heights = np.array([60 if role is Role.DRUMS else n.pitch for _, n, role in notes])
    low = np.clip((60 - heights) / 24, 0.0, 1.0)
    weights = 0.3 + loud + _BASS_WEIGHT * low + 0.4 * np.minimum(lengths, 1.0)
    return _Accents(times, weights, 0.2 + 0.6 * loud + 1.2 * low + 0.8 * np.minimum(lengths, 2.0))


def _accent_curve(accents: _Accents) -> np.ndarray:
    """Weights on 10 ms frames, smeared a little, compressed."""
    times, weights = _strokes(accents)
    frames = np.round(times / FRAME_S).astype(int)
    curve = np.zeros(int(frames.max()) + 200)
    np.maximum.at(curve, frames, weights)
    kernel = np.exp(-0.5 * (np.arange(-9, 10) / _SMEAR_FRAMES) ** 2)
    smeared: np.ndarray = np.sqrt(np.convolve(curve, kernel, mode="same"))
    return smeared / max(1e-9, float(smeared.std()))


def _strokes(accents: _Accents) -> tuple[np.ndarray, np.ndarray]:
    """Notes struck together as one: their mean time, the strongest weight and a little for each more."""
    order = np.argsort(accents.times_s, kind="stable")
    times, weights = accents.times_s[order], accents.weights[order]
    group = np.concatenate([[0], np.cumsum(np.diff(times) > _TOGETHER_S)])
    count = np.bincount(group)
    strongest = np.zeros(len(count))
    np.maximum.at(strongest, group, weights)
    return np.bincount(group, weights=times) / count, strongest + 0.15 * np.log2(count)


def _beat_period(curve: np.ndarray) -> float:
    """Frames between beats."""
    centred = curve - curve.mean()
    size = 1 << (2 * len(centred)).bit_length()
    spectrum = np.fft.rfft(centred, size)
    correlation = np.fft.irfft(np.abs(spectrum) ** 2)[: len(centred)]
    lags = np.arange(
        int(60 / _FASTEST_BPM / FRAME_S), min(len(centred) - 1, int(60 / _SLOWEST_BPM / FRAME_S))
    )
    if not len(lags):
        return 60 / _PRIOR_BPM / FRAME_S
    octaves = np.log2(60 / (lags * FRAME_S) / _PRIOR_BPM)
    double = correlation[np.minimum(2 * lags, len(correlation) - 1)]
    score = (correlation[lags] + 0.5 * double) * np.exp(-0.5 * (octaves / _PRIOR_OCTAVES) ** 2)
    return float(lags[int(score.argmax())])


def _track(curve: np.ndarray, period: float) -> np.ndarray:
    """Frames of the beats: the path of best accents with gaps near the period."""
    lags = np.arange(max(1, int(period / 2)), int(period * 2) + 1)
    cost = -_TIGHTNESS * np.log(lags / period) ** 2
    score, came_from = curve.copy(), np.full(len(curve), -1)
    block = int(lags[0])  # no frame of a block leans on another of it
    for first in range(block, len(curve), block):
        frames = np.arange(first, min(first + block, len(curve)))
        before = frames[:, None] - lags
        options = np.where(before >= 0, score[before], -np.inf) + cost
        best = options.argmax(axis=1)
        gain = options.max(axis=1)
        score[frames] += np.maximum(gain, 0)
        came_from[frames] = np.where(gain > 0, frames - lags[best], -1)
    last_onset = int(np.flatnonzero(curve > 0.05)[-1])
    tail = max(0, last_onset - int(period))
    path = [tail + int(score[tail : last_onset + 1].argmax())]
    while came_from[path[-1]] >= 0:
        path.append(int(came_from[path[-1]]))
    return np.array(path[::-1])


def _bars(times: np.ndarray, accents: _Accents) -> tuple[int, int]:
    """Beats a bar and the first downbeat: the grouping whose first beats carry most more than the others."""
    if len(times) < 8:
        return 4, 0
    after = np.searchsorted(times[1:-1], accents.times_s) + 1
    nearest = after - (accents.times_s - times[after - 1] <= times[after] - accents.times_s)
    close = np.abs(accents.times_s - times[nearest]) < 0.25 * np.median(np.diff(times))
    strength = np.bincount(nearest[close], weights=accents.bar_weights[close], minlength=len(times))
    strength = np.minimum(strength, np.percentile(strength, 95) + 1e-9)
    best = (-np.inf, 4, 0)
    for grouping, bonus in ((4, 0.06), (3, 0.0), (2, -0.05)):
        for phase in range(grouping):
            first = strength[phase::grouping].mean()
            rest = np.delete(strength, np.arange(phase, len(strength), grouping)).mean()
            contrast = (first - rest) / max(1e-9, strength.mean()) / np.sqrt(grouping) * 2 + bonus
            best = max(best, (float(contrast), grouping, phase))
    return best[1], best[2]
