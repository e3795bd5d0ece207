"""The models of this copy: what they are for, what they were trained on, how they scored."""

import argparse
from collections.abc import Iterator

from engine.api.suggestion import ModelInfo
from engine.commands.output import one_line, print_json, table
from engine.music.codec import to_json
from engine.service.models import installed_index, installed_listeners, installed_models

_REMEDY = "  From the source: `understudy train --help` lists what makes a model again."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="one JSON object on the last line")


def run(args: argparse.Namespace) -> int:
    models = (*installed_models(), *installed_listeners(), *installed_index())
    if args.json:
        print_json({"models": [to_json(model) for model in models]})
        return 0
    for model in models:
        if model.trouble:
            print(f"{one_line(model.name)}  {one_line(model.trouble)}\n{_REMEDY}")
            continue
        print(f"{one_line(model.name)}  ({model.kind}, {model.bytes / 1e6:.1f} MB, {model.sha256[:12]})")
        if model.summary:
            print(f"  {one_line(model.summary)}")
        if model.scores:
            print(table([[name, f"{value:g}"] for name, value in model.scores.items()], indent=4))
        for line in _music_of(model):
            print(f"  - {one_line(line)}")
    if not models:
        print("This copy has no models.")
    return 0


def _music_of(model: ModelInfo) -> Iterator[str]:
    """A line for every set it learnt from, then what else its licences ask to be said."""
    for each in model.sets:
        count = f", {each.pieces:,} pieces" if each.pieces else ""
        yield f"{each.title} ({each.licence}{count}): {each.attribution}"
    told = {each.attribution for each in model.sets}
    yield from (line for line in model.attributions if line not in told)
