"""Teaches the network that hears which keys were struck, then what tells a note from an overtone.

    python packaging/train_notes.py DATA CACHE WORK [--bank FILE.sf2 ...] [--new-bank FILE.sf2] [--seed 1]
        [--performances FOLDER] [--learnt 240] [--aside 96] [--new 28] [--steps 1300] [--steps-again 420]
        [--only network|candidates]

CACHE is where `understudy train corpus` keeps what it read. WORK keeps what was measured of each recording,
so that a second run goes on. The network learns from four fifths of the titles, then goes on with the tuning
part of the performances of render_hearing.py too; the candidates are fitted to these and to the fifth it
never met, with its instruments and with others. Writes struck.safetensors and the candidates of ear.json,
and sets hashes and counts in their cards.
"""

import argparse
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from note_takes import RATE_HZ, measured, measured_notes

from app.playback.synth import Bank, default_bank_path
from engine.analysis.audio.learnt import EAR
from engine.training.corpus.cachefile import read_cache
from engine.training.hearing.candidatefitting import fitted_candidates
from engine.training.hearing.keeping import keep
from engine.training.hearing.notelearning import NoteExample, learn_notes, note_arrays
from engine.training.hearing.noteplaying import Playing, is_aside, playing, untested
from engine.training.hearing.notescores import played_in
from engine.training.hearing.performances import tuning_chorales
from engine.training.hearing.pulsetunes import SETS, kept_aside, tunes_by_metre

_TWICE = 2  # how often performances count; they are half as long


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("cache", type=Path)
    parser.add_argument("work", type=Path)
    parser.add_argument("--bank", type=Path, action="append", default=[])
    parser.add_argument("--new-bank", type=Path)
    parser.add_argument("--performances", type=Path)
    parser.add_argument("--learnt", type=int, default=240)
    parser.add_argument("--aside", type=int, default=96)
    parser.add_argument("--new", type=int, default=28)
    parser.add_argument("--steps", type=int, default=1300)
    parser.add_argument("--steps-again", type=int, default=420)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", choices=("network", "candidates"))
    args = parser.parse_args()
    if args.only != "candidates":
        examples = list(_examples(args, "learn", args.learnt))
        network = learn_notes(examples, args.steps, args.seed)
        performed = list(_performed(args))
        both = examples + performed * _TWICE
        network = learn_notes(both, args.steps_again, args.seed, taught=network)
        arrays = note_arrays(network)
        weights = sum(array.size for array in arrays.values())
        keep("struck", arrays, recordings=len(examples) + len(performed), parameters=weights)
    if args.only != "network":
        aside = [*_examples(args, "aside", args.aside), *_examples(args, "new", args.new), *_performed(args)]
        card = json.loads(EAR.read_text("utf-8"))
        card["nets"]["candidates"] = fitted_candidates(aside)
        EAR.write_text(json.dumps(card, ensure_ascii=False) + "\n", "utf-8")


def _examples(args: argparse.Namespace, kind: str, count: int) -> Iterator[NoteExample]:
    """What was measured of the recordings of a kind, made where it is missing."""
    folder = args.work / kind
    folder.mkdir(parents=True, exist_ok=True)
    missing = [index for index in range(count) if not (folder / f"{index:05d}.npz").exists()]
    if missing:
        banks = _banks(args, kind)
        for index, played in _played(args, kind, missing):
            np.savez(folder / f"{index:05d}.npz", **measured_notes(played, banks))
    for index in range(count):
        yield _kept(folder / f"{index:05d}.npz")


def _performed(args: argparse.Namespace) -> Iterator[NoteExample]:
    """The same of rendered performances of the tuning part."""
    folder = args.work / "performed"
    folder.mkdir(parents=True, exist_ok=True)
    for performance, sound in played_in(args.performances, is_test=False) if args.performances else ():
        path = folder / f"{performance.name}.npz"
        if not path.exists():
            np.savez(path, **measured(sound.samples, performance.notes, performance.tolerance_s))
        yield _kept(path)


def _kept(path: Path) -> NoteExample:
    with np.load(path) as arrays:
        return NoteExample(**{name: arrays[name] for name in NoteExample.__dataclass_fields__})


def _banks(args: argparse.Namespace, kind: str) -> list[Bank]:
    """The last one named plays twice as often."""
    known = [default_bank_path(), *args.bank, *args.bank[-1:]]
    paths = [args.new_bank] if kind == "new" and args.new_bank else known
    return [Bank.load(path, RATE_HZ) for path in paths]


def _played(args: argparse.Namespace, kind: str, indices: list[int]) -> Iterator[tuple[int, Playing]]:
    paths = [path for name in SETS for path in sorted(args.cache.glob(f"{name}-*.npz"))]
    tunes = tunes_by_metre(args.data, [piece for path in paths for piece in read_cache(path)])
    tunes = untested(kept_aside(tunes, kind != "learn"))
    choirs = [piece for piece in tuning_chorales(args.data) if is_aside(piece[0]) == (kind != "learn")]
    for index in indices:
        yield index, playing(index, tunes, choirs, kind, kind == "new")


if __name__ == "__main__":
    main()
