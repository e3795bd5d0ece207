"""Recordings of bands in a tenth of the time: each note of a bank sounds once and is laid where it is due.

Tuning, pedals and what notes do to each other are left out; a network that learns the pulse asks for many
recordings more than for exact ones. What is measured on is made by render_bands.py.
"""

from dataclasses import dataclass, field

import numpy as np
from render_bands import BLOCK_FFT, RATE_HZ, TAIL_S, degraded, hash_of

from app.playback.synth import Bank
from engine.training.hearing.band import DRUMS_PROGRAM, VOICE_PROGRAM, Stroke
from engine.training.hearing.material import Item
from engine.training.hearing.voicetone import sung

_LONGEST_S, _DRUM_S, _RELEASE_S = 3.0, 1.2, 0.12
_STRUCK = 100
_LOUDER = 1.7  # amplitude grows with this power of the velocity


@dataclass(frozen=True, slots=True)
class Samples:
    """The notes of a bank that have been asked for so far, by program and pitch."""

    bank: Bank
    made: dict[tuple[int, int], np.ndarray] = field(default_factory=dict)

    def of(self, stroke: Stroke) -> np.ndarray:
        key = stroke.program, stroke.pitch
        if key not in self.made:
            self.made[key] = self._sounded(*key)
        return self.made[key]

    def _sounded(self, program: int, pitch: int) -> np.ndarray:
        synth, is_drum = self.bank.synth(), program == DRUMS_PROGRAM
        synth.program(0, max(program, 0), is_drum)
        synth.reset(0)
        synth.note_on(0, pitch, _STRUCK)
        out = np.zeros((round((_DRUM_S if is_drum else _LONGEST_S) * RATE_HZ), 2), np.float32)
        synth.render(out)
        return np.asarray(out.mean(axis=1))


def quickly_recorded(item: Item, banks: list[Samples]) -> np.ndarray:
    """The item as a microphone would have it, nearly."""
    rng = np.random.default_rng(abs(hash_of(item.name)))
    last_s = max(stroke.end_s for stroke in item.strokes) + TAIL_S
    frames = -(-round(last_s * RATE_HZ) // BLOCK_FFT) * BLOCK_FFT
    samples = banks[item.condition.bank % len(banks)]
    sound = np.zeros(frames)
    for stroke in item.strokes:
        if stroke.program != VOICE_PROGRAM:
            _lay(sound, samples.of(stroke), stroke)
    voice = [(s.start_s, s.end_s, s.pitch, s.velocity) for s in item.strokes if s.program == VOICE_PROGRAM]
    return degraded(sound + sung(voice, frames, RATE_HZ, rng), item.condition, rng)


def _lay(sound: np.ndarray, sample: np.ndarray, stroke: Stroke) -> None:
    first = round(stroke.start_s * RATE_HZ)
    held = len(sample)
    if stroke.program != DRUMS_PROGRAM:
        held = min(held, round((stroke.end_s - stroke.start_s + 2 * _RELEASE_S) * RATE_HZ))
    held = min(held, len(sound) - first)
    if held <= 0:
        return
    heard = sample[:held] * (stroke.velocity / _STRUCK) ** _LOUDER
    fall = min(held, round(2 * _RELEASE_S * RATE_HZ))
    heard[held - fall :] *= np.linspace(1, 0, fall) ** 2
    sound[first : first + held] += heard
