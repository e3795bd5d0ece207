"""Play the performances the product's ear is tested on: packaging/render_hearing.py DATA OUT BANK BANK BANK

Needs tinysoundfont and sound banks of your own besides the shipped one (they are only listened to, never
shipped). Writes NAME.wav (22 050 Hz) and NAME.json (what was played) for each.
"""

import argparse
import json
import sys
from pathlib import Path

import numpy as np
import soundfile
import soxr
import tinysoundfont

sys.path.insert(0, str(Path(__file__).parents[1]))
from engine.training.hearing.performances import Performance, performances

RATE, OUT_RATE = 44100, 22050
TAIL_S = 1.0
FORMANTS = ((700, 130, 1.0), (1150, 150, 0.6), (2700, 250, 0.35), (3300, 300, 0.2))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("banks", type=Path, nargs="+")
    parser.add_argument("--each", type=int, default=14)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    for performance in performances(args.data, args.each):
        if (args.out / f"{performance.name}.json").exists():
            continue
        sound = rendered(performance, args.banks)
        soundfile.write(args.out / f"{performance.name}.wav", sound, OUT_RATE, subtype="PCM_16")
        record = {name: getattr(performance, name) for name in performance.__dataclass_fields__}
        record["tolerance_s"] = performance.tolerance_s
        (args.out / f"{performance.name}.json").write_text(json.dumps(record))


def rendered(performance: Performance, banks: list[Path]) -> np.ndarray:
    rng = np.random.default_rng(performance.seed)
    sound = sung(performance, rng) if performance.program < 0 else played(performance, banks)
    sound = in_a_room(sound, performance, rng)
    sound = sound / max(1e-9, np.abs(sound).max()) * rng.uniform(0.15, 0.9)
    if performance.noise_db < 90:
        noise = pink(len(sound), rng)
        sound = sound + noise * np.sqrt(np.mean(sound**2)) * 10 ** (-performance.noise_db / 20)
    return soxr.resample(np.clip(sound, -1, 1), RATE, OUT_RATE).astype(np.float32)


def played(performance: Performance, banks: list[Path]) -> np.ndarray:
    synth = tinysoundfont.Synth(samplerate=RATE, gain=-6)
    font = synth.sfload(str(banks[performance.bank % len(banks)]))
    synth.program_select(0, font, 0, performance.program)
    synth.set_tuning(0, performance.cents / 100)
    events = [(start, 1, pitch, velocity) for start, _, pitch, velocity in performance.notes]
    events += [(end, 0, pitch, 0) for _, end, pitch, _ in performance.notes]
    blocks, now = [], 0
    for time, is_on, pitch, velocity in sorted(events):
        at = round(time * RATE)
        if at > now:
            blocks.append(generated(synth, at - now))
            now = at
        if is_on:
            synth.noteon(0, pitch, velocity)
        else:
            synth.noteoff(0, pitch)
    blocks.append(generated(synth, round(TAIL_S * RATE)))
    return np.concatenate(blocks)


def generated(synth: tinysoundfont.Synth, frames: int) -> np.ndarray:
    return (
        np.frombuffer(bytes(synth.generate(frames)), np.float32)
        .reshape(-1, 2)
        .mean(axis=1)
        .astype(np.float64)
    )


def sung(performance: Performance, rng: np.random.Generator) -> np.ndarray:
    """A voice-like tone: glides, vibrato that sets in late, breath, consonants, notes that are a little
    off.
    """
    length = round((performance.notes[-1][1] + TAIL_S) * RATE)
    pitch, level, hiss = np.full(length, np.nan), np.zeros(length), np.zeros(length)
    flatness = performance.cents / 100
    vibrato_hz, depth = rng.uniform(4.8, 6.2), rng.uniform(0.1, 0.6)
    for start, end, key, velocity in performance.notes:
        first, last = round(start * RATE), min(length, round(end * RATE))
        t = np.arange(last - first) / RATE
        if len(t) < 10:
            continue
        wobble = (
            depth * np.clip((t - 0.2) / 0.25, 0, 1) * np.sin(2 * np.pi * vibrato_hz * t + rng.uniform(0, 6))
        )
        scoop = -rng.uniform(0, 0.8) * np.exp(-t / rng.uniform(0.02, 0.05))
        pitch[first:last] = key + flatness + rng.normal(0, 0.12) + wobble + scoop
        shape = np.minimum(1, t / rng.uniform(0.02, 0.06)) * np.minimum(1, (t[-1] - t) / 0.04)
        level[first:last] = shape * (velocity / 90) * (1 - 0.25 * t / max(t[-1], 0.2))
        if rng.random() < 0.5:
            burst = slice(max(0, first - round(0.03 * RATE)), first)
            hiss[burst] = rng.uniform(0.05, 0.4)
            level[burst] *= 0.1
    pitch = joined(pitch)
    hz = 440 * 2 ** ((pitch - 69 + np.cumsum(rng.normal(0, 1, length)) * 2e-5) / 12)
    phase = 2 * np.pi * np.cumsum(hz) / RATE
    sound = np.zeros(length)
    for harmonic in range(1, 16):
        gain = sum(w / (1 + ((harmonic * hz - f) / b) ** 2) for f, b, w in FORMANTS) + 0.4 / harmonic**1.5
        sound += np.where(harmonic * hz < 9000, gain / harmonic**0.5, 0) * np.sin(harmonic * phase)
    breath = np.diff(rng.normal(0, 1, length + 1))
    return sound * level + breath * (0.02 * level + 0.15 * hiss)


def joined(pitch: np.ndarray) -> np.ndarray:
    """Pitch through the gaps, with glides of some 40 ms."""
    known = np.flatnonzero(np.isfinite(pitch))
    filled = np.interp(np.arange(len(pitch)), known, pitch[known])
    width = round(0.04 * RATE)
    padded = np.pad(filled, width // 2, mode="edge")
    sums = np.cumsum(np.insert(padded, 0, 0.0))
    return ((sums[width:] - sums[:-width]) / width)[: len(pitch)]


def in_a_room(sound: np.ndarray, performance: Performance, rng: np.random.Generator) -> np.ndarray:
    if performance.wet <= 0:
        return sound
    t = np.arange(round(performance.room_s * RATE)) / RATE
    answer = rng.normal(0, 1, len(t)) * np.exp(-6.9 * t / performance.room_s)
    answer[: round(0.008 * RATE)] = 0
    size = 1 << (len(sound) + len(answer)).bit_length()
    wet = np.fft.irfft(np.fft.rfft(sound, size) * np.fft.rfft(answer, size), size)[: len(sound)]
    ratio = np.sqrt(np.mean(sound**2) / max(1e-12, np.mean(wet**2)))
    return (1 - performance.wet) * sound + performance.wet * ratio * wet


def pink(length: int, rng: np.random.Generator) -> np.ndarray:
    spectrum = np.fft.rfft(rng.normal(0, 1, length))
    spectrum /= np.sqrt(np.maximum(1, np.arange(len(spectrum))))
    noise = np.fft.irfft(spectrum, length)
    return noise / max(1e-12, np.sqrt(np.mean(noise**2)))


if __name__ == "__main__":
    main()
