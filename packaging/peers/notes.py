"""librosa's pyin as a tracker of notes: packaging/peers/notes.py WAV [WAV ...], one JSON line for each.

Frames that stay within 0.8 semitones of the note's median are one note; a jump in level of 6 dB begins
another; notes under 60 ms are left out. A fixed rule, nothing tuned. For development only, run by the Python
that has librosa (engine.training.hearing.peers).
"""

import json
import sys

import librosa
import numpy as np
import soundfile

HOP, APART, JUMP_DB, SHORTEST_S = 256, 0.8, 6.0, 0.06


def notes(samples: np.ndarray, rate: int) -> list[tuple[float, float, float]]:
    """(start, end, pitch) in seconds and MIDI numbers with their fractions."""
    hertz, is_voiced, _ = librosa.pyin(samples, fmin=65, fmax=1400, sr=rate, hop_length=HOP)
    pitch = np.where(is_voiced, librosa.hz_to_midi(np.where(is_voiced, hertz, 440.0)), np.nan)
    power = librosa.feature.rms(y=samples, frame_length=1024, hop_length=HOP)[0]
    level = 20 * np.log10(np.resize(power, len(pitch)) + 1e-6)
    found: list[tuple[float, float, float]] = []
    own: list[float] = []
    for frame, now in enumerate([*pitch, np.nan]):
        is_long = len(own) * HOP / rate >= SHORTEST_S
        jumps = is_long and frame < len(level) and level[frame] - level[max(0, frame - 3)] > JUMP_DB
        if own and (np.isnan(now) or jumps or abs(now - np.median(own[-20:])) > APART):
            if is_long:
                found.append(((frame - len(own)) * HOP / rate, frame * HOP / rate, float(np.median(own))))
            own = []
        if not np.isnan(now):
            own.append(float(now))
    return found


for path in sys.argv[1:]:
    print(json.dumps(notes(*soundfile.read(path, dtype="float32"))), flush=True)
