"""Scores a model on music it has not seen.

$ understudy evaluate chords --data shared/data
"""

import argparse

from engine.commands.recipes import add_recipe_arguments, run_recipe


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_recipe_arguments(parser, "evaluate")


def run(args: argparse.Namespace) -> int:
    return run_recipe(args, "evaluate")
