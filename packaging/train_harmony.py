"""Teaches the network that hears chords, on recordings that packaging/render_bands.py made (--part tuning).

    python packaging/train_harmony.py RECORDINGS [RECORDINGS ...] [--seed 1]

Beats are the true ones; notes and tuning are heard. Writes harmony.safetensors and sets hash and size in its
card.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from engine.analysis.audio.chordmodel import chord_inputs
from engine.analysis.audio.chordreading import nearest_word
from engine.analysis.audio.chroma import hear_chroma
from engine.analysis.audio.listen import listen
from engine.api.audio import ListeningMode
from engine.formats.audio import read_audio
from engine.music import NO_CHORD, Chord, Metre
from engine.training.hearing.chordlearning import Excerpt, arrays_of, learn
from engine.training.hearing.keeping import keep


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("recordings", type=Path, nargs="+")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    network = learn([excerpt for folder in args.recordings for excerpt in excerpts(folder)], args.seed)
    keep("harmony", arrays_of(network))


def excerpts(folder: Path) -> Iterator[Excerpt]:
    """The recordings of a folder that have chords, beat by true beat."""
    for path in sorted(folder.glob("*.wav")):
        truth = json.loads(path.with_suffix(".json").read_text("utf-8"))
        if truth["band"] == "voice":
            continue
        sound = read_audio(path)
        heard = listen(sound, ListeningMode.KEYS)
        beats = np.array([beat for beat in truth["beats_s"] if beat < sound.duration_s - 0.1])
        starts = np.append(beats, beats[-1] + np.median(np.diff(beats)))
        turned, whole = chord_inputs(hear_chroma(sound.samples, starts, heard.tuning), heard.notes)
        yield Excerpt(turned, whole, ranks_of(starts[:-1], truth), chords_of(starts, truth))


def ranks_of(beats_s: np.ndarray, truth: dict) -> np.ndarray:
    """2 on first beats, 1 on the third of four and in the middle of 6/8, else 0."""
    metre = Metre(*map(int, truth["metre"].split("/")))
    gaps = np.abs(beats_s[:, None] - np.array(truth["downbeats_s"])[None, :]).min(axis=1)
    pulses = metre.bar_ticks // metre.pulse_ticks
    place = (np.arange(len(beats_s)) - int(np.argmax(gaps < 0.02))) % pulses
    is_strong = np.isin(place * metre.pulse_ticks, list(metre.strong_offsets))
    return np.where(place == 0, 2, is_strong.astype(int))


def chords_of(starts_s: np.ndarray, truth: dict) -> np.ndarray:
    """The index of the chord in the middle of each beat."""
    middles = (starts_s[:-1] + starts_s[1:]) / 2

    def sounding(at: float) -> Chord:
        label = next((label for start, end, label in truth["chords"] if start <= at < end), None)
        return NO_CHORD if label is None else Chord.parse(label)

    return np.array([nearest_word(sounding(middle)) for middle in middles])


if __name__ == "__main__":
    main()
