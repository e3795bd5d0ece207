"""`understudy evaluate judging`: people, instant generators and plain ways on the holes of the test part.

What needs no trained infilling model, once and for all; `understudy evaluate infill --beside` adds the models
to the same table.
"""

import argparse
from collections.abc import Collection, Mapping
from pathlib import Path

from engine.training.infill.evaluation.evaluate import evaluate as evaluate_contenders
from engine.training.infill.evaluation.evaluate import parts_of
from engine.training.infill.evaluation.table import Say
from engine.training.infill.evaluation.telling import add_asking, told

NAME = "judging"
HELP = "people and instant generators side by side: harmonies, loops, returns, real or not"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--cache", type=Path, help="a folder where the corpus, once read, is kept")
    add_asking(parser)


def evaluate(args: argparse.Namespace) -> dict[str, float]:
    """The whole table without trained models."""
    return told(args, _plain)


def _plain(
    data: Path,
    say: Say,
    seed: int,
    cache: Path | None,
    windows: int,
    only: Collection[str],
    known: Mapping[str, float],
) -> dict[str, float]:
    return evaluate_contenders(parts_of(data, cache), [], say, seed, windows, only, known)
