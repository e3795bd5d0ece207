"""Instruments that no bank has: partials at random heights that die away or last, so that a network does not
learn one sampler.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.training.hearing.band import Stroke

_PARTIALS, _HIGHEST_SHARE = 22, 0.45
_RELEASE_S = 0.06


@dataclass(frozen=True, slots=True)
class Tone:
    """`heights`: of the partials. `stretch`: of strings that are stiff. `vibrato`: semitones.

    `decay_s`: of the first partial, 0 for tones that last; higher ones die `faster`.
    """

    heights: np.ndarray
    stretch: float
    attack_s: float
    decay_s: float
    faster: float
    vibrato: float
    noise: float


def made_tone(rng: np.random.Generator) -> Tone:
    """Some instrument."""
    number = np.arange(1, _PARTIALS + 1)
    heights = number ** -rng.uniform(0.4, 2.0) * np.exp(rng.normal(0, rng.uniform(0.1, 1.0), _PARTIALS))
    if rng.random() < 0.2:
        heights[1::2] *= rng.uniform(0.05, 0.4)
    dies = rng.random() < 0.6
    return Tone(
        heights / np.sqrt((heights**2).sum()),
        10 ** rng.uniform(-5, -3.3) if dies and rng.random() < 0.7 else 0.0,
        float(10 ** rng.uniform(-3, -2) if dies else 10 ** rng.uniform(-2.3, -0.9)),
        float(10 ** rng.uniform(-0.7, 0.6)) if dies else 0.0,
        float(rng.uniform(0, 0.5)),
        0.0 if dies else float(rng.choice((0.0, rng.uniform(0.05, 0.4)))),
        float(10 ** rng.uniform(-3, -1.3)),
    )


def toned(
    strokes: Sequence[Stroke],
    tone: Tone,
    frames: int,
    rate_hz: int,
    semitones: float,
    rng: np.random.Generator,
) -> np.ndarray:
    """(frames,) of the strokes played with the tone."""
    out = np.zeros(frames)
    for stroke in strokes:
        first = round(stroke.start_s * rate_hz)
        sound = _one(stroke, tone, rate_hz, semitones, rng)[: frames - first]
        out[first : first + len(sound)] += sound
    return out


def _one(stroke: Stroke, tone: Tone, rate_hz: int, semitones: float, rng: np.random.Generator) -> np.ndarray:
    held_s = stroke.end_s - stroke.start_s
    t = np.arange(round((held_s + 2 * _RELEASE_S) * rate_hz)) / rate_hz
    hertz = 440 * 2 ** ((stroke.pitch + semitones - 69) / 12)
    loud = stroke.velocity / 127
    phase = 2 * np.pi * hertz * t
    if tone.vibrato:
        late = np.clip((t - 0.15) / 0.25, 0, 1)
        phase += tone.vibrato * 0.0578 * hertz / 5.5 * late * np.sin(2 * np.pi * 5.5 * t + rng.uniform(0, 6))
    sound = np.zeros(len(t))
    for number in range(1, _PARTIALS + 1):
        times = number * np.sqrt(1 + tone.stretch * number**2)
        if times * hertz > _HIGHEST_SHARE * rate_hz:
            break
        height = tone.heights[number - 1] * loud ** (0.15 * (number - 1))
        fall = np.exp(-t * (1 + tone.faster * (number - 1)) / tone.decay_s) if tone.decay_s else 1.0
        sound += height * fall * np.sin(times * phase + rng.uniform(0, 6.28))
    sound += tone.noise * rng.standard_normal(len(t)) * np.exp(-t / 0.03)
    shape = np.minimum(1, t / tone.attack_s) * np.clip(1 - (t - held_s) / _RELEASE_S, 0, 1)
    return np.asarray(sound * shape * loud**1.5)
