"""`understudy train infill`: the infilling model, from everything that is allowed.

A run is a folder that can be left and taken up again; `--decay-from` makes a model that can be released of
any stable checkpoint, `--export` writes one as a model of the product. `evaluate` holds the models of a
folder beside people, instant generators and plain ways; with `--folder` it measures a run on the valid part.

    $ understudy train infill --data DATA --size small --folder RUNS/small --budget-minutes 90
    $ understudy train infill --data DATA --size small --folder RUNS/fall --decay-from RUNS/small/stable.json
    $ understudy train infill --data DATA --size small --folder RUNS/fall --export infill-small
    $ understudy evaluate infill --data DATA --only bits,judge --beside plain.json --out figures.json
    $ understudy evaluate infill --data DATA --only valid --contexts 100000
"""

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from engine.api.errors import BadRequestError
from engine.generation.chords.store import MODELS
from engine.generation.infill.weights import Sizes
from engine.generation.language.rows import FEATURE_COUNT
from engine.generation.language.vocabulary import VOCABULARY_SIZE
from engine.training.corpus.corpus import read_corpus
from engine.training.corpus.piece import CorpusPiece
from engine.training.corpus.split import Part, split
from engine.training.infill.checkpoints import averaged_checkpoint, newest_checkpoint, restore
from engine.training.infill.evaluation.certainty import CONTEXTS
from engine.training.infill.evaluation.copying import CopyWatch
from engine.training.infill.evaluation.evaluate import evaluate_all
from engine.training.infill.evaluation.telling import add_asking, told
from engine.training.infill.export import described_data, export_model, sizes_of_checkpoint
from engine.training.infill.feeding import BackgroundFeed
from engine.training.infill.heldout import heldout_samples, measure_of
from engine.training.infill.learner import Learner, Learning
from engine.training.infill.practice import CorpusPools, practised
from engine.training.infill.trainer import (
    Run,
    Trainer,
    device_here,
    is_first,
    together,
    wait_for_first,
)


@dataclass(frozen=True)
class Way:
    """How a size is trained unless told otherwise; `stable_share`: how much of the released weights is from
    where the rate began to fall."""

    sizes: Sizes
    rate: float
    tokens: int
    fall_dropout: float = 0.1
    stable_share: float = 0.0


NAME = "infill"
HELP = "infilling: bars of chords and parts, from all lead sheets, tunes, scores and charts"

_LANGUAGE = {"vocabulary": VOCABULARY_SIZE, "features": FEATURE_COUNT, "context": 768}
SIZES = {
    "small": Way(Sizes(d=192, layers=4, heads=3, ff=512, **_LANGUAGE), 2e-3, 45_000_000),
    "base": Way(Sizes(d=256, layers=6, heads=4, ff=704, **_LANGUAGE), 1.2e-3, 41_788_789, 0.2, 0.5),
    "progressions": Way(Sizes(d=128, layers=4, heads=4, ff=352, **_LANGUAGE), 2e-3, 6_996_553),
}
"""`base` and `progressions` are the ways the released models were made."""
_SUMMARIES = {
    "progressions": "Writes chords where chords are missing, from the chords of all songs.",
}
_SUMMARY = "Writes what is missing in bars of a song: chords, a melody, other parts."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--size", choices=sorted(SIZES), default="base")
    parser.add_argument("--folder", type=Path, help="the folder of the run (checkpoints, log)")
    parser.add_argument("--cache", type=Path, help="a folder where the corpus, once read, is kept")
    parser.add_argument("--tokens", type=int, help="how many tokens to learn from, the decay included")
    parser.add_argument("--budget-minutes", type=float, default=0.0, help="begin the decay in time for this")
    parser.add_argument("--checkpoint-minutes", type=float, default=3.0)
    parser.add_argument("--decay-share", type=float, default=0.3, help="the last share of the tokens")
    parser.add_argument("--decay-from", type=Path, metavar="CHECKPOINT", help="only let this one decay")
    parser.add_argument("--batch-tokens", type=int, default=4096)
    parser.add_argument("--rate", type=float, help="the highest learning rate; else the size's own")
    parser.add_argument("--weight-decay", type=float, default=0.1)
    parser.add_argument("--dropout", type=float, default=0.1, help="share of numbers forgotten")
    parser.add_argument("--fall-dropout", type=float, help="the same in the decay; else the size's own")
    parser.add_argument("--precision", choices=("bf16", "fp32"), default="bf16")
    parser.add_argument("--models", type=Path, help="evaluate: the folder of the models; else the assets")
    add_asking(parser)
    parser.add_argument(
        "--contexts", type=int, default=CONTEXTS, help="evaluate: random cells that valid has written"
    )
    parser.add_argument("--export", metavar="NAME", help="write the run's newest checkpoint as this model")
    parser.add_argument(
        "--average",
        type=Path,
        metavar="CHECKPOINT",
        help="export: between the run and this; else stable.json",
    )
    parser.add_argument("--average-share", type=float, help="how much of that one; else the size's own")


def run(args: argparse.Namespace) -> dict[str, Any] | None:
    """Trains (or goes on training) in the run's folder, or exports what it holds; of several processes the
    first tells what was measured."""
    folder = args.folder or Path(f"{args.size}-run")
    if args.export:
        return _export(args, folder)
    with together() as processes:
        plan = _plan(args, max(1, processes))
        measure = _watched(args) if is_first() else None
        wait_for_first()  # the corpus is in the cache before it is shared
        pools = CorpusPools(
            args.data, args.cache, args.seed, args.batch_tokens, only_chords=_is_chords(args.size)
        )
        feed = BackgroundFeed(pools)
        try:
            trainer = Trainer(plan, folder, feed, measure, start=args.decay_from)
            trainer.learn()
            if measure is None:
                return None
            return {"tokens": trainer.progress.tokens, **measure(trainer.learner)}
        finally:
            feed.close()


def _plan(args: argparse.Namespace, processes: int) -> Run:
    way = SIZES[args.size]
    fall_dropout = way.fall_dropout if args.fall_dropout is None else args.fall_dropout
    for name, share in (("--dropout", args.dropout), ("--fall-dropout", fall_dropout)):
        if not 0 <= share <= 0.9:
            raise BadRequestError(f"{name} is the share of numbers forgotten, from 0 to 0.9.")
    bf16 = args.precision == "bf16"
    return Run(
        sizes=way.sizes,
        learning=Learning(args.weight_decay, args.dropout, is_bf16=bf16, device=device_here()),
        peak=args.rate or way.rate,
        batch_tokens=args.batch_tokens,
        tokens=args.tokens or way.tokens,
        fall_share=args.decay_share,
        fall_dropout=fall_dropout,
        budget_minutes=args.budget_minutes,
        checkpoint_minutes=args.checkpoint_minutes,
        shards=processes,
        seed=args.seed,
    )


def _is_chords(size: str) -> bool:
    return size == "progressions"


def _parts(args: argparse.Namespace) -> dict[Part, list[CorpusPiece]]:
    parts = split(read_corpus(args.data, args.cache))
    return {part: practised(pieces, _is_chords(args.size)) for part, pieces in parts.items()}


def _watched(args: argparse.Namespace) -> Callable[[Learner], dict[str, float]]:
    """Bits on the valid part, and how much is copied from the train part."""
    parts = _parts(args)
    bits = measure_of(heldout_samples(parts[Part.VALID], args.seed, _is_chords(args.size)))
    if _is_chords(args.size):
        return bits
    copied = CopyWatch.of(parts[Part.TRAIN], parts[Part.VALID], args.seed)
    return lambda learner: bits(learner) | copied(learner)


def _samples(args: argparse.Namespace, part: Part) -> list[Any]:
    return heldout_samples(_parts(args)[part], args.seed, _is_chords(args.size))


def evaluate(args: argparse.Namespace) -> dict[str, float]:
    """With --folder bits a note and a chord on the valid part, of the run's newest checkpoint; else the whole
    table of the models of a folder on the test part."""
    if args.folder is not None:
        scores = measure_of(_samples(args, Part.VALID))(_learner(_newest(args.folder)))
        for name, value in scores.items():
            sys.stdout.write(f"{name:48} {value:7.3f}\n")
        return scores
    if args.contexts < 1:
        raise BadRequestError("--contexts is how many cells are written at least, 1 or more.")
    return told(args, partial(evaluate_all, contexts=args.contexts), args.models or MODELS)


def _learner(checkpoint: Path) -> Learner:
    learner = Learner(sizes_of_checkpoint(checkpoint), replace(Learning(), is_bf16=False), 0)
    restore(learner, checkpoint)
    return learner


def _newest(folder: Path) -> Path:
    found = newest_checkpoint(folder)
    if found is None:
        raise BadRequestError(f"“{folder}” holds no checkpoint; train first, with --folder {folder}.")
    return found


def _export(args: argparse.Namespace, folder: Path) -> dict[str, Any]:
    checkpoint = _newest(folder)
    share = SIZES[args.size].stable_share if args.average_share is None else args.average_share
    if share > 0:
        checkpoint = averaged_checkpoint(checkpoint, args.average or folder / "stable.json", share)
    parts = _parts(args)
    samples = heldout_samples(parts[Part.VALID], args.seed, _is_chords(args.size))
    scores = measure_of(samples)(_learner(checkpoint))
    described = {"summary": _SUMMARIES.get(args.size, _SUMMARY)} | described_data(args.data, parts, scores)
    card = export_model(checkpoint, args.out or MODELS, args.export, described)
    return {"bytes": card["bytes"], "sha256": card["sha256"], **scores}
