"""How is a long recording made small without hurting it? Resample, crop, loop, fade.

Struck and plucked sounds decay. To crop one at `seconds` it is first flattened (multiplied by the inverse of
its own late decay, measured in dB per second), looped over a few periods near the crop, and the decay is
given back by the volume envelope of its zone: the loop is steady, what is heard still dies away. Sounds that
many players sustain are looped over a longer stretch with a cross-fade. Lengths are frames, rates Hz.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
import soxr
from soundfont import Sample

TONE_LOOP_S, ENSEMBLE_LOOP_S = 0.06, 0.7
FIT_S = 0.7  # how much of the end of the crop the decay is measured on
OFF_CENTRE, CENTRE_S = 0.1, 0.005  # offset as a share of the loop's level; how soon it is gone
ENVELOPE_FALL_DB = 80.13  # the synthesizer falls exp(-9.226) over a full decay time


class Shape(StrEnum):
    """What happens to a sample that is longer than wanted."""

    STRUCK = "struck"  # decays: flatten, loop a few periods, decay by envelope
    HELD = "held"  # one player holds it: loop a few periods
    ENSEMBLE = "ensemble"  # many players: loop a long stretch, equal-power cross-fade
    SHOT = "shot"  # drum: crop with a fade, no loop


@dataclass(frozen=True)
class Crafted:
    """A smaller sample and the decay its zone must add (0: none)."""

    sample: Sample
    decay_db_s: float = 0.0


def resampled(sample: Sample, rate: int) -> Sample:
    """At most `rate`, the loop a whole number of frames long so that its pitch stays exact."""
    if sample.rate <= rate or len(sample.frames) < 1500:
        return sample
    length = sample.loop_end - sample.loop_start
    ratio = rate / sample.rate
    if length > 1:
        ratio = max(1, round(length * ratio)) / length
    frames = sample.frames
    if length > 1:  # the resampler needs to see the loop go on
        tail = np.resize(frames[sample.loop_start : sample.loop_end], 2048)
        frames = np.concatenate([frames[: sample.loop_end], tail])
    out = soxr.resample(frames, sample.rate, sample.rate * ratio, quality="VHQ").astype(np.float32)
    start = round(sample.loop_start * ratio)
    end = start + round(length * ratio)
    wanted = end + 8 if length > 1 else len(out)
    return replace(
        sample, frames=out[:wanted], rate=round(sample.rate * ratio), loop_start=start, loop_end=end
    )


def root_hz(sample: Sample, root: int) -> float:
    """The pitch of the recording."""
    return 440.0 * 2 ** ((root - 69) / 12)


def decay_db_s(frames: np.ndarray, rate: int) -> float:
    """How fast the last FIT_S seconds die away; 0 if they do not."""
    step = max(1, rate // 50)
    tail = frames[-int(FIT_S * rate) :]
    blocks = tail[: len(tail) // step * step].reshape(-1, step)
    level = 20 * np.log10(np.sqrt(np.mean(blocks**2, axis=1)) + 1e-7)
    return max(0.0, -float(np.polyfit(np.arange(len(level)) * step / rate, level, 1)[0]))


def loop_length(frames: np.ndarray, period: float, target: int) -> int:
    """The length near `target`, a number of periods, at which the end sounds most like what came before."""
    end, window = len(frames), max(int(2 * period), min(target, 2048))
    reach = max(3, round(period / 2))
    periods = max(1, round(target / period))
    best, best_score = max(2, round(periods * period)), -2.0
    last = frames[end - window :]
    for count in range(max(1, periods - 3), periods + 4):
        middle = round(count * period)
        for length in range(max(2, middle - reach), middle + reach):
            if end - length - window < 0:
                continue
            earlier = frames[end - length - window : end - length]
            score = float(earlier @ last) / (np.linalg.norm(earlier) * np.linalg.norm(last) + 1e-9)
            if score > best_score:
                best, best_score = length, score
    return best


def looped(sample: Sample, length: int, is_ensemble: bool) -> Sample:
    """The sample with its last `length` frames made a seamless loop by a cross-fade."""
    frames = sample.frames.copy()
    end = len(frames)
    fade = min(length, end - length) if is_ensemble else min(length, end - length, int(0.03 * sample.rate))
    weight = np.linspace(0, 1, fade, dtype=np.float32)
    rising, falling = weight, 1 - weight
    if is_ensemble:
        rising, falling = np.sin(weight * math.pi / 2), np.cos(weight * math.pi / 2)
    before_loop = frames[end - length - fade : end - length]
    frames[end - fade :] = frames[end - fade :] * falling + before_loop * rising
    guard = frames[end - length : end - length + 8]
    return replace(sample, frames=np.concatenate([frames, guard]), loop_start=end - length, loop_end=end)


def shot(sample: Sample, seconds: float) -> Sample:
    """Cropped with a fade over its last 40 %, no loop."""
    frames = sample.frames[: int(seconds * sample.rate)].copy()
    if len(frames) < len(sample.frames):
        fade = int(0.4 * len(frames))
        frames[-fade:] *= np.cos(np.linspace(0, math.pi / 2, fade, dtype=np.float32)) ** 2
    return replace(sample, frames=frames, loop_start=0, loop_end=0)


def craft(sample: Sample, root: int, rate: int, seconds: float, shape: Shape) -> Crafted:
    """The sample at no more than `rate` and about `seconds`, looped or faded as its shape asks."""
    crafted = _crafted(sample, root, rate, seconds, shape)
    return replace(crafted, sample=centred(crafted.sample))


def centred(sample: Sample) -> Sample:
    """The loop moved to lie around zero where it is clearly off: an offset is no sound, but it clicks where
    a note begins and ends, and takes room from what is heard. Long samples get there within CENTRE_S.
    """
    loop = sample.frames[sample.loop_start : sample.loop_end]
    if len(loop) < 2 or abs(loop.mean()) < OFF_CENTRE * np.sqrt(np.mean(loop**2)):
        return sample
    ramp = min(int(CENTRE_S * sample.rate), sample.loop_start)
    shift = np.full(len(sample.frames), loop.mean(), dtype=np.float32)
    shift[:ramp] *= np.linspace(0, 1, ramp, dtype=np.float32)
    return replace(sample, frames=np.clip(sample.frames - shift, -1, 1))


def _crafted(sample: Sample, root: int, rate: int, seconds: float, shape: Shape) -> Crafted:
    small = resampled(sample, rate)
    if shape is Shape.SHOT:
        return Crafted(shot(small, seconds))
    if small.loop_end <= seconds * small.rate and small.loop_end > small.loop_start:
        return Crafted(small)
    frames = small.frames[: int(seconds * small.rate)]
    fall = decay_db_s(frames, small.rate) if shape is Shape.STRUCK else 0.0
    flat = frames * 10 ** (fall * np.arange(len(frames), dtype=np.float32) / small.rate / 20)
    flat = flat / max(1.0, float(np.abs(flat).max()))
    is_ensemble = shape is Shape.ENSEMBLE
    target = int((ENSEMBLE_LOOP_S if is_ensemble else TONE_LOOP_S) * small.rate)
    length = loop_length(flat, small.rate / root_hz(small, root), target)
    return Crafted(looped(replace(small, frames=flat.astype(np.float32)), length, is_ensemble), fall)


def slower_decay(timecents: int | None, fall_db_s: float) -> int:
    """The envelope decay (timecents) that adds `fall_db_s` to what the zone had."""
    before = 0.0 if timecents is None else ENVELOPE_FALL_DB / 2 ** (timecents / 1200)
    return round(1200 * math.log2(ENVELOPE_FALL_DB / (before + fall_db_s)))
