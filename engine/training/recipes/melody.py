"""`understudy train melody`: the melody model from the allowed melodies; `evaluate` judges it and
its takes.
"""

import argparse

from engine.generation.melody.model import MODELS
from engine.training.melody.evaluate import evaluate as evaluate_melodies
from engine.training.melody.train import Config, train

NAME = "melody"
HELP = "melodies: interval-rhythm model, from folk tunes, lead sheets and hymns"


def run(args: argparse.Namespace) -> dict[str, float]:
    """Trains from `args.data` into `args.out` (None: the product's models) and returns the held-out
    scores.
    """
    return train(args.data, args.out or MODELS, Config(seed=args.seed))


def evaluate(args: argparse.Namespace) -> dict[str, float]:
    """Bits a note against a 6-gram, validity, distance and structure on the test part."""
    return evaluate_melodies(args.data, args.out or MODELS, seed=args.seed)
