"""Recordings to learn the hearing of notes from: bands, choirs, keyboards and strings.

They are played by banks and by made-up instruments, in rooms, through poor microphones.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1]))

from made_tones import made_tone, toned
from render_bands import RATE_HZ, TAIL_S, synthesised

from app.playback.synth import Bank
from engine.analysis.audio.keyspectrum import FRAMES_A_STEP, key_spectrum
from engine.analysis.audio.posteriors import joined, key_posteriors
from engine.analysis.audio.strokes import hear_strokes
from engine.analysis.audio.tuning import chord_tuning
from engine.training.hearing.band import VOICE_PROGRAM
from engine.training.hearing.noteplaying import SWELLING, PlayedNote, Playing, Recorded, notes_of
from engine.training.hearing.voicetone import sung

_CLOSE_S, _SWELLING_S = 0.05, 0.1

Measured = dict[str, Any]
"""What a NoteExample holds, by name."""


def measured_notes(playing: Playing, banks: list[Bank]) -> Measured:
    """Of a performance."""
    swells = all(stroke.program in SWELLING for stroke in playing.strokes)
    tolerance_s = _SWELLING_S if swells else _CLOSE_S
    return measured(note_recording(playing, banks), notes_of(playing.strokes), tolerance_s)


def measured(samples: np.ndarray, notes: Sequence[PlayedNote], tolerance_s: float) -> Measured:
    """Of a recording of notes that are known."""
    peak = max(1e-3, float(np.abs(samples).max()))
    tuning = chord_tuning(samples)
    heard, strokes = joined(list(key_posteriors(samples, peak, tuning))), hear_strokes(samples / peak)
    spectrum = key_spectrum(samples / peak, tuning, 0, -(-len(heard) // FRAMES_A_STEP))
    likelihoods = {"frame": heard.frame, "onset": heard.onset, "contour": heard.contour}
    levels = {"long": spectrum.long, "short": spectrum.short}
    return {
        **{name: _in_bytes(part) for name, part in (likelihoods | levels).items()},
        "notes": np.array(notes, np.float32),
        "flux": strokes.flux.astype(np.float32),
        "level_db": strokes.level_db.astype(np.float32),
        "tolerance_s": tolerance_s,
    }


def _in_bytes(part: np.ndarray) -> np.ndarray:
    return np.round(np.clip(part, 0, 1) * 255).astype(np.uint8)


def note_recording(playing: Playing, banks: list[Bank]) -> np.ndarray:
    """(samples,) as a microphone would have it."""
    how = playing.recorded
    rng = np.random.default_rng(how.seed)
    frames = round((max(stroke.end_s for stroke in playing.strokes) + TAIL_S) * RATE_HZ)
    sound = np.zeros(frames)
    made = {program: made_tone(rng) for program in sorted(playing.made_up)}
    sampled = [s for s in playing.strokes if s.program not in made and s.program != VOICE_PROGRAM]
    if sampled:
        bank = banks[how.bank % len(banks)]
        sound += synthesised(sampled, bank, frames, how.cents / 100)
    for program, tone in made.items():
        strokes = [s for s in playing.strokes if s.program == program]
        part = toned(strokes, tone, frames, RATE_HZ, how.cents / 100, rng)
        sound += part * 0.1 / max(1e-9, float(np.sqrt((part**2).mean()))) * 10 ** rng.uniform(-0.4, 0.2)
    voice = [(s.start_s, s.end_s, s.pitch, s.velocity) for s in playing.strokes if s.program == VOICE_PROGRAM]
    sound += sung(voice, frames, RATE_HZ, rng, how.cents / 100)
    return degraded(sound, how, rng)


def degraded(sound: np.ndarray, how: Recorded, rng: np.random.Generator) -> np.ndarray:
    """In a room, through a microphone, with noise, at some level."""
    size = 1 << (len(sound) + RATE_HZ).bit_length()
    spectrum = np.fft.rfft(sound, size)
    if how.wet:
        spectrum = spectrum * _room(how, size, rng)
    hertz = np.fft.rfftfreq(size, 1 / RATE_HZ)
    gain = 10 ** (how.tilt_db / 20 * np.log2(np.clip(hertz, 60, 10000) / 800))
    gain /= np.sqrt(1 + (how.low_cut_hz / np.maximum(hertz, 1)) ** 4)
    gain /= np.sqrt(1 + (hertz / how.high_cut_hz) ** 8)
    sound = np.fft.irfft(spectrum * gain, size)[: len(sound)]
    sound = sound / max(1e-9, np.abs(sound).max()) * rng.uniform(0.15, 0.95)
    if how.noise_db < 90:
        noise = _pink(len(sound), rng)
        sound = sound + noise * np.sqrt((sound**2).mean()) * 10 ** (-how.noise_db / 20)
    return np.clip(sound, -1, 1).astype(np.float32)


def _room(how: Recorded, size: int, rng: np.random.Generator) -> np.ndarray:
    t = np.arange(round(how.room_s * RATE_HZ)) / RATE_HZ
    answer = rng.standard_normal(len(t)) * np.exp(-6.9 * t / how.room_s)
    answer[: round(0.008 * RATE_HZ)] = 0
    answer *= how.wet / np.sqrt((answer**2).sum())
    answer[0] = 1 - how.wet
    return np.asarray(np.fft.rfft(answer, size))


def _pink(length: int, rng: np.random.Generator) -> np.ndarray:
    size = 1 << length.bit_length()
    spectrum = np.fft.rfft(rng.standard_normal(size))
    noise = np.fft.irfft(spectrum / np.sqrt(np.maximum(1, np.arange(len(spectrum)))), size)[:length]
    return np.asarray(noise / np.sqrt((noise**2).mean()))
