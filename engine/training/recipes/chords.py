"""`understudy train chords`: the chord model from the allowed charts. `evaluate` prints the tables of the
held-out songs."""

import argparse
import logging
import sys

from engine.generation.chords.store import MODELS, load_model, models_from
from engine.training.chords.corpus import gather
from engine.training.chords.harmonies import harmonise_scores
from engine.training.chords.split import Part
from engine.training.chords.statistics import Spelling
from engine.training.chords.train import Config, as_table, evaluate_model, settled, train

NAME = "chords"
HELP = "chords: context trees, song memory and mixer, from the chord charts and lead sheets"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--spelling",
        choices=[spelling.value for spelling in Spelling],
        default=Spelling.FULL.value,
        help="how much of each chord is asked for (evaluate)",
    )


def run(args: argparse.Namespace) -> dict[str, float]:
    """Trains from `args.data` into `args.out` (None: the product's models) and returns the held-out
    scores."""
    logging.getLogger(__name__).info("Training the chord model; this takes about ten minutes.")
    return train(args.data, args.out or MODELS, Config(seed=args.seed))


def evaluate(args: argparse.Namespace) -> dict[str, float]:
    """Scores of the installed model on the test songs, next chord and harmonies."""
    entries = settled(gather(args.data))
    model = load_model(args.out or MODELS)
    test = [entry.piece for entry in entries if entry.part is Part.TEST]
    with models_from(args.out or MODELS):
        scores = evaluate_model(model.chords, entries, Spelling(args.spelling)) | harmonise_scores(test)
    sys.stdout.write(as_table(scores) + "\n")
    return scores
