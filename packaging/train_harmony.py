"""Teaches the network that hears the chords of recordings.

    python packaging/train_harmony.py DATA CACHE WORK [--bank FILE.sf2 ...] [--usual 420] [--other 350]
        [--seed 1] [--without-aside]

CACHE is where `understudy train corpus` keeps what it read. WORK keeps what was measured of each recording,
so that a second run goes on. Half of the takes or so are played by the bands that hearing is measured on,
the rest by others (engine.training.hearing.chordtakes). They are of four fifths of the tuning titles, so that
ways to teach can be compared on the last fifth; in the end a quarter as many of that fifth are added. Beats
are the true ones; notes and tuning are heard. Writes harmony.safetensors and sets hash and size in its card.
"""

import argparse
import sys
from dataclasses import asdict
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
from engine.training.chords.allow import AllowList
from engine.training.corpus.corpus import read_corpus
from engine.training.corpus.split import Part, split
from engine.training.hearing.chordlearning import Excerpt, arrays_of, learn
from engine.training.hearing.chordtakes import ChordSources, ChordTake, Players
from engine.training.hearing.keeping import keep
from engine.training.hearing.material import Truth
from engine.training.infill.evaluation.stage import of_stratum

_CHARTS = ("pop", "jazz")
_SETS = (
    *("openewld-pd", "neon-leadsheets", "session-abc"),
    *("free-midi-chords", "irb-jazz", "mcgill-billboard", "rs200-harmony", "wjd-changes"),
)
_TOLD = ("id", "title", "licence", "attribution", "url", "share_alike")
_ASIDE_TAKES = 0.25


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("cache", type=Path)
    parser.add_argument("work", type=Path)
    parser.add_argument("--bank", type=Path, action="append", default=[])
    parser.add_argument("--usual", type=int, default=420)
    parser.add_argument("--other", type=int, default=350)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--without-aside", action="store_true")
    args = parser.parse_args()
    excerpts = taught(args, False, 1) + ([] if args.without_aside else taught(args, True, _ASIDE_TAKES))
    arrays = arrays_of(learn(excerpts, args.seed))
    weights = sum(array.size for array in arrays.values())
    keep("harmony", arrays, recordings=len(excerpts), parameters=weights, **sources_told(args.data))


def taught(args: argparse.Namespace, aside: bool, share: float) -> list[Excerpt]:
    """What was measured of takes of the titles kept aside, or of the others; made where it is missing."""
    wanted = {Players.USUAL: round(share * args.usual), Players.OTHER: round(share * args.other)}
    takes = [(players, number) for players, count in wanted.items() for number in range(count)]
    paths = {take: _path(args.work / ("aside" if aside else "learnt"), *take) for take in takes}
    missing = [take for take, path in paths.items() if not path.exists()]
    if missing:
        paths[missing[0]].parent.mkdir(parents=True, exist_ok=True)
        banks = [Bank.load(path, RATE_HZ) for path in (default_bank_path(), *args.bank)]
        sources = sources_of(args.data, args.cache).kept(aside)
        for players, number in missing:
            measured_take = measured(sources.take(number, players), banks)
            np.savez(paths[players, number], **vars_of(measured_take))
    return [_excerpt(path) for path in paths.values()]


def sources_of(data: Path, cache: Path) -> ChordSources:
    train = split(read_corpus(data, cache))[Part.TRAIN]
    return ChordSources.of(data, [piece for stratum in _CHARTS for piece in of_stratum(train, stratum)])


def sources_told(data: Path) -> dict[str, object]:
    """What the card says of the sets of the lead sheets and of the charts."""
    allow = AllowList(data)
    sets = [asdict(allow.dataset(name)) for name in sorted(_SETS)]
    return {
        "data": [{name: each[name] for name in _TOLD} for each in sets],
        "attributions": [each["attribution"] for each in sets],
        "licences": sorted({each["licence"] for each in sets}),
    }


def _path(folder: Path, players: Players, number: int) -> Path:
    return folder / f"{players.value}-{number:05d}.npz"


def _excerpt(path: Path) -> Excerpt:
    with np.load(path) as found:
        return Excerpt(found["turned"], found["whole"], found["ranks"], found["chords"])


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
