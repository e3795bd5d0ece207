"""`understudy train drummer`: how real drummers touch what they play; `evaluate` judges it."""

import argparse
from typing import Any

from engine.arrangement.drummer.model import MODELS, load_drummer
from engine.training.drummer.corpus import performances
from engine.training.drummer.learner import Config
from engine.training.drummer.tables import table_of
from engine.training.drummer.train import scores_of, train

NAME = "drummer"
HELP = "how drums are touched: velocity and timing, from the Groove MIDI Dataset"


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Trains from `args.data` into `args.out` (None: the product's models); held-out bits a stroke."""
    return train(args.data, args.out or MODELS, Config(seed=args.seed))


def evaluate(args: argparse.Namespace) -> dict[str, Any]:
    """Bits a stroke on the test part, beside quantised, Gaussian jitter and tables of means."""
    found = list(performances(args.data))
    parts = {name: table_of([p for p in found if p.part == name]) for name in ("train", "test")}
    model = load_drummer(args.out or MODELS)
    return scores_of(model.weights, parts["train"], parts["test"])
