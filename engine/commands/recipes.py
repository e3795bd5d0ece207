"""Which recipe of engine.training is meant, and with which options? Shared by `train` and `evaluate`."""

import argparse
import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

from engine.commands.errors import CommandError
from engine.commands.output import print_json

Deed = Literal["run", "evaluate"]


def recipes(deed: Deed) -> Iterator[Any]:
    """The recipe modules that can do this."""
    from engine.training import recipes as room

    for info in pkgutil.iter_modules(room.__path__):
        module = importlib.import_module(f"{room.__name__}.{info.name}")
        if hasattr(module, "NAME") and hasattr(module, deed):
            yield module


def add_recipe_arguments(parser: argparse.ArgumentParser, deed: Deed) -> None:
    names = parser.add_subparsers(dest="recipe", required=True, metavar="NAME")
    for module in recipes(deed):
        own = names.add_parser(module.NAME, help=getattr(module, "HELP", None), allow_abbrev=False)
        own.add_argument("--data", type=Path, required=True, help="the folder with datasets.json")
        own.add_argument("--out", type=Path, help="where the model and its card go; else the assets")
        own.add_argument("--seed", type=int, default=1)
        if hasattr(module, "add_arguments"):
            module.add_arguments(own)
        own.set_defaults(recipe_module=module)


def run_recipe(args: argparse.Namespace, deed: Deed) -> int:
    """Carry it out and print what it measured, one JSON object on the last line."""
    if not args.data.is_dir():
        raise CommandError(f"“{args.data}” is not a folder with training data.")
    result = getattr(args.recipe_module, deed)(args)
    if isinstance(result, dict):
        print_json(result)
    return 0
