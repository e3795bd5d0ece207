"""Teaches the network that follows the pulse, on recordings made here and on notes alone.

    python packaging/train_pulse.py DATA CACHE WORK [--recordings 300] [--notes 5000] [--steps 5000]
        [--bank FILE.sf2 ...] [--out FILE]

CACHE is where `understudy train corpus` keeps what it read. WORK keeps what was measured of each recording,
so that a second run goes on. Writes pulse.safetensors and sets hash and size in its card.
"""

import argparse
import hashlib
import json
import random
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1]))

from render_bands import RATE_HZ, recorded

from app.playback.synth import Bank, default_bank_path
from engine.analysis.audio.beatdecoding import METRES
from engine.analysis.audio.beatevidence import frame_features, silent_features
from engine.analysis.audio.beatlistening import as_mastered, beat_activations, rhythm_features
from engine.analysis.audio.listen import listen
from engine.analysis.audio.pulsefeatures import note_pulse_features, pulse_features
from engine.analysis.audio.weights import LISTENING
from engine.api.audio import HeardNote, ListeningMode
from engine.formats.audio import Sound
from engine.training.corpus.cachefile import read_cache
from engine.training.hearing.band import Band
from engine.training.hearing.material import Condition, Item
from engine.training.hearing.pulsebands import Take, as_heard, take_of
from engine.training.hearing.pulselearning import Example, arrays_of, learn
from engine.training.hearing.pulsetunes import SETS, Tunes, tunes_by_metre

_FEWEST_STROKES = 12
_REALLY_HEARD = 0.55
_EXACT = 0.3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("cache", type=Path)
    parser.add_argument("work", type=Path)
    parser.add_argument("--recordings", type=int, default=300)
    parser.add_argument("--notes", type=int, default=5000)
    parser.add_argument("--steps", type=int, default=5000)
    parser.add_argument("--out", type=Path, default=LISTENING / "pulse.safetensors")
    parser.add_argument("--bank", type=Path, action="append", default=[])
    args = parser.parse_args()
    args.work.mkdir(parents=True, exist_ok=True)
    corpus = [
        piece for name in SETS for path in args.cache.glob(f"{name}-*.npz") for piece in read_cache(path)
    ]
    tunes = tunes_by_metre(args.data, corpus)
    banks = [Bank.load(path, RATE_HZ) for path in (default_bank_path(), *args.bank)]
    examples = [*recordings(tunes, args.recordings, banks, args.work), *notes_alone(tunes, args.notes)]
    network, scale = learn(examples, args.steps)
    path = args.out
    save_file(arrays_of(network, scale), path)
    card = json.loads((LISTENING / "pulse.json").read_text("utf-8"))
    card |= {"sha256": hashlib.sha256(path.read_bytes()).hexdigest(), "bytes": path.stat().st_size}
    path.with_suffix(".json").write_text(json.dumps(card, indent=1, ensure_ascii=False) + "\n", "utf-8")


def recordings(tunes: Tunes, count: int, banks: list[Bank], work: Path) -> Iterator[Example]:
    """Of five, two with drums, two without, one voice; a metre after the other."""
    bands = (Band.DRUMS, Band.NO_DRUMS, Band.DRUMS, Band.NO_DRUMS, Band.VOICE)
    for index in range(count):
        rng = random.Random(f"sound/{index}")
        metre = METRES[index // len(bands) % len(METRES)]
        take = take_of(tunes, metre.name, bands[index % len(bands)], rng)
        path = work / f"{index:05d}.npz"
        if not path.exists() and len(take.strokes) >= _FEWEST_STROKES:
            np.savez(path, features=_measured(take, f"{index:08d}", banks, rng).astype(np.float16))
        if path.exists():
            yield _example(take, np.load(path)["features"], has_sound=True)


def _measured(take: Take, name: str, banks: list[Bank], rng: random.Random) -> np.ndarray:
    noise_db, cents = rng.choice((99.0, 99.0, 30.0, 20.0)), rng.choice((0.0, 0.0, rng.uniform(-45, 45)))
    condition = Condition(rng.randrange(100), noise_db, cents, rng.random() < 0.5)
    samples = recorded(Item(name, take.strokes, None, condition), banks)
    rhythm = rhythm_features(as_mastered(samples))
    activations = beat_activations(rhythm, lambda: None)
    notes = _notes(take, samples, rng)
    return pulse_features(frame_features(activations, rhythm, notes), rhythm, notes)


def _notes(take: Take, samples: np.ndarray, rng: random.Random) -> list[HeardNote]:
    """Of voices and of half of the bands as they are heard, else as they might be."""
    is_voice = take.band is Band.VOICE
    if not is_voice and rng.random() >= _REALLY_HEARD:
        return as_heard(take, rng)
    mode = ListeningMode.VOICE if is_voice else ListeningMode.KEYS
    sound = Sound(samples, RATE_HZ, len(samples) / RATE_HZ, RATE_HZ, 1, "WAV", "")
    return list(listen(sound, mode).notes)


def notes_alone(tunes: Tunes, count: int) -> Iterator[Example]:
    for index in range(count):
        rng = random.Random(f"notes/{index}")
        band = Band.VOICE if index // len(METRES) % 2 else Band.NO_DRUMS
        take = take_of(tunes, METRES[index % len(METRES)].name, band, rng)
        notes = as_heard(take, rng, is_exact=rng.random() < _EXACT)
        if len(notes) >= _FEWEST_STROKES:
            yield _example(take, note_pulse_features(silent_features(notes), notes), has_sound=False)


def _example(take: Take, features: np.ndarray, has_sound: bool) -> Example:
    metre = [metre.name for metre in METRES].index(take.metre)
    beats, firsts = np.array(take.beats_s), np.array(take.downbeats_s)
    return Example(take.title, features.astype(np.float32), beats, firsts, metre, has_sound)


if __name__ == "__main__":
    main()
