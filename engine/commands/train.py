"""Trains a model again from its data; every recipe is one module in engine.training.recipes.

$ understudy train chords --data shared/data
"""

import argparse

from engine.commands.recipes import add_recipe_arguments, run_recipe


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_recipe_arguments(parser, "run")


def run(args: argparse.Namespace) -> int:
    return run_recipe(args, "run")
