"""Trains a model again from its data; every recipe is one module in engine.training.recipes.

How it goes is told on standard error, what was measured on standard output.

$ understudy train chords --data shared/data
"""

import argparse
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from engine.commands.recipes import add_recipe_arguments, run_recipe


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_recipe_arguments(parser, "run")


def run(args: argparse.Namespace) -> int:
    with progress_told():
        return run_recipe(args, "run")


@contextmanager
def progress_told() -> Iterator[None]:
    """What the training logs, a line at a time on standard error; by the first of several processes."""
    log, lines = logging.getLogger("engine.training"), logging.StreamHandler(sys.stderr)
    lines.setFormatter(logging.Formatter("%(message)s"))
    before, is_first = log.level, os.environ.get("RANK", "0") == "0"
    log.setLevel(logging.INFO if is_first else logging.WARNING)
    log.addHandler(lines)
    try:
        yield
    finally:
        log.removeHandler(lines)
        log.setLevel(before)
