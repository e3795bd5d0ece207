"""`understudy evaluate judging`: people, instant generators and plain ways on the holes of the test part.

What needs no trained infilling model; `understudy evaluate infill` adds the models to the same table.
"""

import argparse
import sys
from pathlib import Path

from engine.training.infill.evaluation.evaluate import evaluate as evaluate_contenders
from engine.training.infill.evaluation.evaluate import parts_of

NAME = "judging"
HELP = "people and instant generators side by side: harmonies, loops, returns, real or not"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--cache", type=Path, help="a folder where the corpus, once read, is kept")
    parser.add_argument("--windows", type=int, default=60, help="holes of each kind at most")


def evaluate(args: argparse.Namespace) -> dict[str, float]:
    """The whole table without trained models."""
    parts = parts_of(args.data, args.cache)
    return evaluate_contenders(parts, [], _say, args.seed, args.windows)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
