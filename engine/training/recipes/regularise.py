"""`understudy train regularise`: which weight decay and dropout does the infilling model learn best with?

A few tokens and a whole fall each, the same questions in the same order; weight decay is varied at the usual
dropout and dropout at the usual weight decay. Bits are of the valid part, lower is better. Every run is a
folder of its own in `--folder`, to be left and taken up again. A short run of a new network cannot tell
what many readings of the same pieces would do and favours the weaker choice; `--decay-from` lets a network
that has read much fall in every way instead.

    $ understudy train regularise --data DATA --cache CACHE --folder RUNS/regularise --tokens 2000000
    $ understudy train regularise --data DATA --size base --decay-from RUNS/base/stable.json --tokens 3000000
"""

import argparse
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from engine.training.corpus.corpus import read_corpus
from engine.training.corpus.split import Part, split
from engine.training.infill.checkpoints import read_checkpoint
from engine.training.infill.feeding import BackgroundFeed
from engine.training.infill.heldout import heldout_samples, measure_of
from engine.training.infill.learner import Learner, Learning
from engine.training.infill.practice import CorpusPools, practised
from engine.training.infill.trainer import Run, Trainer
from engine.training.recipes.infill import SIZES

NAME = "regularise"
HELP = "weight decay and dropout of the infilling model, tried side by side"

WEIGHT_DECAYS, DROPOUTS = (0.03, 0.1, 0.3), (0.1, 0.2, 0.3)
SHOWN = (
    "tunes_both_bits_per_note",
    "songs_tune_over_chords_both_bits_per_note",
    "charts_both_bits_per_chord",
    "songs_harmonise_both_bits_per_chord",
)
Scores = Mapping[str, float]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--folder", type=Path, default=Path("regularise"))
    parser.add_argument("--cache", type=Path, help="a folder where the corpus, once read, is kept")
    parser.add_argument("--size", choices=sorted(SIZES), default="small")
    parser.add_argument("--tokens", type=int, default=2_000_000, help="of each run, the decay included")
    parser.add_argument("--decay-from", type=Path, metavar="CHECKPOINT", help="only let this one decay")


def run(args: argparse.Namespace) -> dict[str, float]:
    """Trains what is not trained yet and prints the table."""
    valid = practised(split(read_corpus(args.data, args.cache))[Part.VALID], only_chords=False)
    measure = measure_of(heldout_samples(valid, args.seed))
    found = {learning: _tried(args, learning, measure) for learning in tried()}
    sys.stdout.write(as_table(found))
    return {
        f"{_named(learning)} {name}": scores[name] for learning, scores in found.items() for name in SHOWN
    }


def tried() -> list[Learning]:
    """One thing is varied at a time."""
    usual = Learning()
    decays = [Learning(decay, usual.dropout) for decay in WEIGHT_DECAYS]
    return decays + [Learning(usual.weight_decay, share) for share in DROPOUTS if share != usual.dropout]


def _tried(args: argparse.Namespace, learning: Learning, measure: Callable[[Learner], Scores]) -> Scores:
    way = SIZES[args.size]
    plan = Run(way.sizes, learning, way.rate, tokens=args.tokens, seed=args.seed)
    if args.decay_from is not None:
        read = read_checkpoint(args.decay_from)[0]["tokens"]
        plan = replace(plan, fall_share=args.tokens / (read + args.tokens))
    feed = BackgroundFeed(CorpusPools(args.data, args.cache, args.seed, plan.batch_tokens))
    try:
        trainer = Trainer(plan, args.folder / _named(learning), feed, start=args.decay_from)
        trainer.learn()
        return measure(trainer.learner)
    finally:
        feed.close()


def _named(learning: Learning) -> str:
    return f"decay-{learning.weight_decay:g}-dropout-{learning.dropout:g}"


def as_table(found: Mapping[Learning, Scores]) -> str:
    """Markdown, ready for the notes."""
    lines = ["| weight decay | dropout | " + " | ".join(SHOWN) + " |", "|---" * (2 + len(SHOWN)) + "|"]
    for learning, scores in found.items():
        bits = " | ".join(f"{scores[name]:.3f}" for name in SHOWN)
        lines.append(f"| {learning.weight_decay:g} | {learning.dropout:g} | {bits} |")
    return "\n".join(lines) + "\n"
