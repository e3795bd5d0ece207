"""Small synthetic sounds with known notes: sung, plucked, chords, drums."""

import numpy as np

RATE_HZ = 22050
Notes = list[tuple[float, float, int]]  # start_s, end_s, pitch


def hz(pitch: float) -> float:
    return float(440 * 2 ** ((pitch - 69) / 12))


def silence(seconds: float) -> np.ndarray:
    return np.zeros(round(seconds * RATE_HZ))


def sung(notes: Notes, vibrato: float = 0.3, cents: float = 0.0) -> np.ndarray:
    """One voice with vibrato (semitones), each note swelling in 30 ms."""
    sound = silence(notes[-1][1] + 0.4)
    for start, end, pitch in notes:
        t = np.arange(round((end - start) * RATE_HZ)) / RATE_HZ
        wobble = vibrato * np.clip((t - 0.15) / 0.2, 0, 1) * np.sin(2 * np.pi * 5.5 * t)
        phase = 2 * np.pi * np.cumsum(hz(pitch + cents / 100) * 2 ** (wobble / 12)) / RATE_HZ
        shape = np.minimum(1, t / 0.03) * np.minimum(1, (t[-1] - t) / 0.03)
        tone = sum(np.sin(k * phase) / k**1.2 for k in range(1, 9)) * shape
        at = round(start * RATE_HZ)
        sound[at : at + len(t)] += 0.2 * tone
    return sound.astype(np.float32)


def plucked(notes: Notes, cents: float = 0.0) -> np.ndarray:
    """Strings that are struck and ring out, damped at their ends."""
    sound = silence(max(end for _, end, _ in notes) + 0.6)
    for start, end, pitch in notes:
        t = np.arange(round((end - start + 0.1) * RATE_HZ)) / RATE_HZ
        damp = np.where(t < end - start, 1.0, np.exp(-(t - (end - start)) * 60))
        tone = sum(
            np.sin(2 * np.pi * k * hz(pitch + cents / 100) * t + k) / k * np.exp(-t * (1.2 + 0.8 * k))
            for k in range(1, 8)
        )
        at = round(start * RATE_HZ)
        sound[at : at + len(t)] += 0.18 * np.minimum(1, t / 0.002) * damp * tone
    return sound.astype(np.float32)


def drummed(hits: list[tuple[float, str]]) -> np.ndarray:
    """Kick, snare and hat from sines and noise."""
    rng = np.random.default_rng(3)
    sound = silence(hits[-1][0] + 0.5)
    for start, voice in hits:
        t = np.arange(round(0.25 * RATE_HZ)) / RATE_HZ
        noise = rng.normal(0, 1, len(t))
        bright = np.diff(noise, prepend=0.0)
        tone = {
            "kick": np.sin(2 * np.pi * (55 * t + 30 * (1 - np.exp(-t * 30)) / 30)) * np.exp(-t * 18),
            "snare": 0.5 * np.sin(2 * np.pi * 190 * t) * np.exp(-t * 25) + 0.25 * noise * np.exp(-t * 22),
            "hat": 0.25 * np.diff(bright, prepend=0.0) * np.exp(-t * 60),
        }[voice]
        at = round(start * RATE_HZ)
        sound[at : at + len(t)] += 0.6 * tone
    return np.clip(sound, -1, 1).astype(np.float32)


def beatboxed(hits: list[tuple[float, str]]) -> np.ndarray:
    """A thump with a puff, "psh" and "ts", in the hiss of a telephone."""
    rng = np.random.default_rng(3)
    sound = silence(hits[-1][0] + 0.5)
    t = np.arange(round(0.2 * RATE_HZ)) / RATE_HZ
    hz = np.fft.rfftfreq(len(t), 1 / RATE_HZ)
    edges = {"kick": (2000, 8000, 0.01), "snare": (900, 6000, 0.045), "hat": (6500, 15000, 0.018)}
    for start, voice in hits:
        low, high, fade_s = edges[voice]
        spectrum = np.fft.rfft(rng.normal(0, 0.3, len(t))) * ((hz > low) & (hz < high))
        tone = np.fft.irfft(spectrum, len(t)) * np.exp(-t / fade_s)
        if voice == "kick":
            tone = 0.4 * tone + np.sin(2 * np.pi * (55 * t - 2 * np.exp(-t / 0.018))) * np.exp(-t / 0.05)
        at = round(start * RATE_HZ)
        sound[at : at + len(t)] += 0.6 * tone
    return np.clip(sound + rng.normal(0, 0.002, len(sound)), -1, 1).astype(np.float32)
