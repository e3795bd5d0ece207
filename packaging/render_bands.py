"""Makes the recordings that the hearing of beats, chords and keys is measured on.

    python packaging/render_bands.py DATA OUT --part test [--per-class 6] [--bank FILE.sf2 ...]

Writes NAME.wav (22,050 Hz, mono) and NAME.json (the truth) for each item of engine.training.hearing.material.
The product's own bank is always among the banks. Banks named here are for measuring; they are not shipped.
"""

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

import numpy as np
import soundfile

sys.path.insert(0, str(Path(__file__).parents[1]))

from app.playback.synth import Bank, default_bank_path
from engine.training.hearing.band import DRUMS_PROGRAM, VOICE_PROGRAM, Stroke
from engine.training.hearing.material import Condition, Item, Part, items
from engine.training.hearing.voicetone import sung

RATE_HZ = 22050
TAIL_S = 1.5
BLOCK = 441
BLOCK_FFT = 4096  # lengths with large factors take ten times as long


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--part", type=Part, choices=list(Part), default=Part.TEST)
    parser.add_argument("--per-class", type=int, default=6)
    parser.add_argument("--bank", type=Path, action="append", default=[])
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    banks = [Bank.load(path, RATE_HZ) for path in (default_bank_path(), *args.bank)]
    for item in items(args.data, args.part, args.per_class):
        samples = recorded(item, banks)
        soundfile.write(args.out / f"{item.name}.wav", samples, RATE_HZ, subtype="PCM_16")
        facts = asdict(item.truth) | asdict(item.condition)
        (args.out / f"{item.name}.json").write_text(json.dumps(facts, default=str))
        print(item.name, round(len(samples) / RATE_HZ, 1), "s")


def recorded(item: Item, banks: list[Bank]) -> np.ndarray:
    """The item as a microphone would have it."""
    voice = [stroke for stroke in item.strokes if stroke.program == VOICE_PROGRAM]
    band = [stroke for stroke in item.strokes if stroke.program != VOICE_PROGRAM]
    rng = np.random.default_rng(abs(hash_of(item.name)))
    frames = round((max(stroke.end_s for stroke in item.strokes) + TAIL_S) * RATE_HZ)
    off = item.condition.detune_cents / 100
    sound = synthesised(band, banks[item.condition.bank % len(banks)], frames, off)
    sound = sound + sung(
        [(s.start_s, s.end_s, s.pitch, s.velocity) for s in voice], frames, RATE_HZ, rng, off
    )
    return degraded(sound, item.condition, rng)


def hash_of(name: str) -> int:
    return int.from_bytes(name.encode()[-8:], "big")


def synthesised(strokes: list[Stroke], bank: Bank, frames: int, off_semitones: float) -> np.ndarray:
    """The strokes through a sound bank, mono, all instruments out of tune by the same."""
    synth = bank.synth()
    channels = {program: index for index, program in enumerate(sorted({s.program for s in strokes}))}
    for program, channel in channels.items():
        synth.program(channel, max(program, 0), program == DRUMS_PROGRAM)
        synth.reset(channel)
        synth.bend(channel, round(off_semitones / 2 * 8191))
    events = [(s.start_s, 1, s) for s in strokes] + [(s.end_s, 0, s) for s in strokes]
    out = np.zeros((frames, 2), dtype=np.float32)
    done = 0
    for at_s, is_on, stroke in sorted(events):
        until = min(frames, round(at_s * RATE_HZ))
        if until > done:
            synth.render(out[done:until])
            done = until
        channel = channels[stroke.program]
        if is_on:
            synth.note_on(channel, stroke.pitch, stroke.velocity)
        else:
            synth.note_off(channel, stroke.pitch)
    if done < frames:
        synth.render(out[done:])
    return out.mean(axis=1)


def degraded(sound: np.ndarray, condition: Condition, rng: np.random.Generator) -> np.ndarray:
    """In a room, with pink noise, at a usual level."""
    if condition.has_room:
        decay = np.exp(-np.arange(int(0.35 * RATE_HZ)) / (0.08 * RATE_HZ))
        room = rng.standard_normal(len(decay)) * decay
        size = -(-(len(sound) + len(room)) // BLOCK_FFT) * BLOCK_FFT
        wet = np.fft.irfft(np.fft.rfft(sound, size) * np.fft.rfft(room, size))[: len(sound)]
        sound = sound + 0.25 * wet * np.sqrt((sound**2).sum() / max(1e-12, (wet**2).sum()))
    if condition.noise_db < 90:
        spectrum = np.fft.rfft(rng.standard_normal(len(sound)))
        pink = np.fft.irfft(spectrum / np.sqrt(np.maximum(1, np.arange(len(spectrum)))), len(sound))
        ratio = 10 ** (-condition.noise_db / 20)
        sound = sound + pink * ratio * np.sqrt((sound**2).mean() / max(1e-12, (pink**2).mean()))
    return np.asarray(0.5 * sound / max(1e-6, np.abs(sound).max()), np.float32)


if __name__ == "__main__":
    main()
