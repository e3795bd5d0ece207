"""Teaches the network that hears the chords of recordings.

    python packaging/train_harmony.py DATA CACHE WORK [--bank FILE.sf2 ...] [--usual 600] [--other 500]
        [--seed 1]

CACHE is where `understudy train corpus` keeps what it read. WORK keeps what was measured of each recording,
so that a second run goes on. Half of the takes or so are played by the bands that hearing is measured on,
the rest by others (engine.training.hearing.chordtakes), all of four fifths of the tuning titles. Beats are
the true ones; notes and tuning are heard. Writes harmony.safetensors and sets hash and size in its card.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1]))

from note_takes import note_recording
from render_bands import RATE_HZ
from render_bands import recorded as recorded_band

from app.playback.synth import Bank, default_bank_path
from engine.analysis.audio.chordmodel import chord_inputs
from engine.analysis.audio.chordreading import nearest_word
from engine.analysis.audio.chroma import hear_chroma
from engine.analysis.audio.listen import listen
from engine.api.audio import ListeningMode
from engine.formats.audio import Sound
from engine.music import NO_CHORD, Chord, Metre
from engine.training.corpus.corpus import read_corpus
from engine.training.corpus.split import Part, split
from engine.training.hearing.chordlearning import Excerpt, arrays_of, learn
from engine.training.hearing.chordtakes import ChordSources, ChordTake, Players
from engine.training.hearing.keeping import keep
from engine.training.hearing.material import Truth
from engine.training.infill.evaluation.stage import of_stratum

_CHARTS = ("pop", "jazz")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("cache", type=Path)
    parser.add_argument("work", type=Path)
    parser.add_argument("--bank", type=Path, action="append", default=[])
    parser.add_argument("--usual", type=int, default=600)
    parser.add_argument("--other", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    counts = {Players.USUAL: args.usual, Players.OTHER: args.other}
    for players, count in counts.items():
        _measure_missing(args, players, count)
    excerpts = [each for players, count in counts.items() for each in kept(args.work, players, count)]
    arrays = arrays_of(learn(excerpts, args.seed))
    keep("harmony", arrays, recordings=len(excerpts), parameters=sum(array.size for array in arrays.values()))


def _measure_missing(args: argparse.Namespace, players: Players, count: int) -> None:
    args.work.mkdir(parents=True, exist_ok=True)
    missing = [number for number in range(count) if not _path(args.work, players, number).exists()]
    if not missing:
        return
    train = split(read_corpus(args.data, args.cache))[Part.TRAIN]
    charts = [piece for stratum in _CHARTS for piece in of_stratum(train, stratum)]
    sources = ChordSources.of(args.data, charts).kept(aside=False)
    banks = [Bank.load(path, RATE_HZ) for path in (default_bank_path(), *args.bank)]
    for number in missing:
        path = _path(args.work, players, number)
        if not path.exists():  # another run may measure beside this one
            np.savez(path, **vars_of(measured(sources.take(number, players), banks)))


def _path(work: Path, players: Players, number: int) -> Path:
    return work / f"{players.value}-{number:05d}.npz"


def kept(work: Path, players: Players, count: int) -> Iterator[Excerpt]:
    """What was measured of the first takes by these players."""
    for number in range(count):
        with np.load(_path(work, players, number)) as found:
            yield Excerpt(found["turned"], found["whole"], found["ranks"], found["chords"])


def vars_of(excerpt: Excerpt) -> dict[str, np.ndarray]:
    return {name: getattr(excerpt, name) for name in ("turned", "whole", "ranks", "chords")}


def measured(take: ChordTake, banks: list[Bank]) -> Excerpt:
    """What the network hears of a take, beat by true beat."""
    played = take.playing
    samples = recorded_band(take.item, banks) if played is None else note_recording(played, banks)
    sound = Sound(samples, RATE_HZ, len(samples) / RATE_HZ, RATE_HZ, 1, "WAV", "")
    heard, truth = listen(sound, ListeningMode.KEYS), take.item.truth
    beats = np.array([beat for beat in truth.beats_s if beat < sound.duration_s - 0.1])
    starts = np.append(beats, beats[-1] + np.median(np.diff(beats)))
    turned, whole = chord_inputs(hear_chroma(sound.samples, starts, heard.tuning), heard.notes)
    shape = turned.astype(np.float32), whole.astype(np.float32)
    return Excerpt(*shape, ranks_of(starts[:-1], truth), chords_of(starts, truth))


def ranks_of(beats_s: np.ndarray, truth: Truth) -> np.ndarray:
    """2 on first beats, 1 on the third of four and in the middle of 6/8, else 0."""
    metre = Metre(*map(int, truth.metre.split("/")))
    gaps = np.abs(beats_s[:, None] - np.array(truth.downbeats_s)[None, :]).min(axis=1)
    pulses = metre.bar_ticks // metre.pulse_ticks
    place = (np.arange(len(beats_s)) - int(np.argmax(gaps < 0.02))) % pulses
    is_strong = np.isin(place * metre.pulse_ticks, list(metre.strong_offsets))
    return np.where(place == 0, 2, is_strong.astype(int))


def chords_of(starts_s: np.ndarray, truth: Truth) -> np.ndarray:
    """The index of the chord in the middle of each beat."""
    middles = (starts_s[:-1] + starts_s[1:]) / 2

    def sounding(at: float) -> int:
        label = next((label for start, end, label in truth.chords if start <= at < end), None)
        return nearest_word(NO_CHORD if label is None else Chord.parse(label))

    return np.array([sounding(middle) for middle in middles])


if __name__ == "__main__":
    main()
