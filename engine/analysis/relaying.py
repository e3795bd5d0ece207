"""Which bars does an artist's word make where the playing tells others?

The artist knows better: a tempo that nobody would tap to this, a bar that begins between all beats. The beats
as they are laid are stretched to the tempo that is said and moved until a bar begins where one was said to;
what follows a player goes on following.
"""

from dataclasses import replace

import numpy as np

from engine.analysis.audio.beatkeeping import LaidBeats
from engine.analysis.beats import Beats
from engine.music import Metre

_BESIDE = 0.12
_ONE_TEMPO = 0.002  # of a beat: as far as beats of one tempo differ in length


def pulses_of(metre: Metre) -> int:
    """Felt beats in a bar."""
    return metre.bar_ticks // metre.pulse_ticks


def felt_bpm(times_s: np.ndarray) -> float:
    """The middle tempo of beats."""
    return 60 / float(np.median(np.diff(times_s)))


def ticking(bpm: float, first_s: float, end_s: float, metre: Metre) -> LaidBeats:
    """Beats of one tempo from a moment on, where none are laid."""
    beats = np.arange(max(2, int((end_s - first_s) * bpm / 60) + 2))
    return LaidBeats(first_s + beats * 60 / bpm, beats % pulses_of(metre), metre)


def relaid(laid: LaidBeats, bpm: float | None, metre: Metre, firsts_s: tuple[float, ...] = ()) -> Beats:
    """Beats at this tempo, as they are laid when None, with a bar that begins at the first of `firsts_s`."""
    times = laid.times_s
    anchor_s = firsts_s[0] if firsts_s else float(laid.firsts_s[0] if len(laid.firsts_s) else times[0])
    step = 1.0 if bpm is None else felt_bpm(times) / bpm
    at = float(np.interp(anchor_s, times, np.arange(len(times))))
    if firsts_s and step == 1.0:
        times = times + (anchor_s - times[round(at)])
        at = float(round(at))
    before, after = int(at / step + 1e-9), int((len(times) - 1 - at) / step + 1e-9)
    places = at + step * np.arange(-before, after + 1)
    beats_s = np.interp(places, np.arange(len(times)), times)
    pulses = pulses_of(metre)
    lengths = np.diff(beats_s)
    is_steady = len(lengths) > 0 and float(np.ptp(lengths)) <= _ONE_TEMPO * float(np.median(lengths))
    return Beats(beats_s, pulses, before % pulses, metre.is_compound, is_steady, metre)


def on_laid(beats: Beats, laid: LaidBeats | None) -> Beats:
    """The beats exactly where they are laid already, if each lies beside one that is: what was not disputed
    does not move by a hair."""
    if laid is None or len(laid.times_s) < len(beats.times_s):
        return beats
    period = float(np.median(np.diff(laid.times_s)))
    nearest = np.abs(beats.times_s[:, None] - laid.times_s).argmin(axis=1)
    steps = np.diff(nearest)
    is_beside = np.abs(laid.times_s[nearest] - beats.times_s).max() <= _BESIDE * period
    if not is_beside or not len(steps) or np.ptp(steps) or steps[0] < 1:
        return beats
    return replace(beats, times_s=laid.times_s[nearest])


def shifted(beats: Beats, by_s: float) -> Beats:
    """The same on another clock."""
    return replace(beats, times_s=beats.times_s + by_s)
