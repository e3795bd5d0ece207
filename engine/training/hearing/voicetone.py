"""What does one voice without words sound like, near enough to measure hearing on?

Harmonics under the formants of an open vowel; the pitch glides into each note, wavers (vibrato) on long ones
and is a little off; onsets are soft, and breath is under all of it. It is not singing, only harder than a
sampled instrument.
"""

from collections.abc import Sequence

import numpy as np

_FORMANTS = ((700.0, 130.0, 1.0), (1150.0, 160.0, 0.5), (2600.0, 250.0, 0.18), (3300.0, 300.0, 0.1))
_HARMONICS = 24
_GLIDE_S, _ATTACK_S, _RELEASE_S = 0.045, 0.05, 0.06
_VIBRATO_HZ, _VIBRATO_SEMITONES = 5.4, 0.28
_OFF_SEMITONES = 0.12


def sung(
    notes: Sequence[tuple[float, float, int, int]],
    frames: int,
    rate_hz: int,
    rng: np.random.Generator,
    detune_semitones: float = 0.0,
) -> np.ndarray:
    """(frames,) float; notes are (start_s, end_s, pitch, velocity), one at a time, folded into C3-C6."""
    out = np.zeros(frames)
    if not notes:
        return out
    pitch, loud = _contours(notes, frames, rate_hz, rng)
    hertz = 440.0 * 2 ** ((pitch + detune_semitones - 69) / 12)
    phase = 2 * np.pi * np.cumsum(hertz) / rate_hz
    for number in range(1, _HARMONICS + 1):
        at_hz = number * hertz
        gain = (
            sum(height / (1 + ((at_hz - centre) / width) ** 2) for centre, width, height in _FORMANTS)
            + 0.25 / number**1.5
        )
        out += np.where(at_hz < 0.45 * rate_hz, gain, 0.0) * np.sin(number * phase)
    breath = rng.standard_normal(frames) * 0.03
    return np.asarray((out + breath) * loud)


def sung_pitch(pitch: int) -> int:
    """The pitch in the octaves that are sung."""
    return pitch if 48 <= pitch < 84 else 48 + (pitch - 48) % 36


def _contours(
    notes: Sequence[tuple[float, float, int, int]], frames: int, rate_hz: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Pitch in semitones and loudness, sample by sample."""
    times = np.arange(frames) / rate_hz
    pitch, loud = np.full(frames, 60.0), np.zeros(frames)
    before = 60.0
    for start, end, number, velocity in notes:
        aim = sung_pitch(number) + rng.normal(0, _OFF_SEMITONES)
        first, last = int(start * rate_hz), min(frames, int(end * rate_hz))
        into = times[first:last] - start
        waver = np.clip((into - 0.18) / 0.25, 0, 1) * _VIBRATO_SEMITONES
        glide = (before - aim) * np.exp(-into / (_GLIDE_S / 2)) * (abs(before - aim) < 13)
        pitch[first:last] = aim + glide + waver * np.sin(2 * np.pi * _VIBRATO_HZ * into)
        pitch[last:] = aim
        rise = np.clip(into / _ATTACK_S, 0, 1)
        fall = np.clip((end - times[first:last]) / _RELEASE_S, 0, 1)
        loud[first:last] = velocity / 127 * rise * fall
        before = aim
    return pitch, loud
