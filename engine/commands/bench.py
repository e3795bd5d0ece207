"""How quick is it on this machine? Benches measure; they judge nothing.

$ understudy bench engine
"""

import argparse
import importlib
import pkgutil

import engine.commands
from engine.commands.output import print_json, table

_PREFIX = "bench_"


def bench_names() -> list[str]:
    """Every bench: the modules `bench_*` beside this one."""
    found = (info.name for info in pkgutil.iter_modules(engine.commands.__path__))
    return sorted(name.removeprefix(_PREFIX) for name in found if name.startswith(_PREFIX))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", nargs="?", choices=bench_names(), help="which; else all")
    parser.add_argument("--json", action="store_true", help="one JSON object on the last line")


def run(args: argparse.Namespace) -> int:
    names = [args.name] if args.name else bench_names()
    results = {}
    for name in names:
        results[name] = importlib.import_module(f"engine.commands.{_PREFIX}{name}").run()
        if not args.json:
            print(
                f"{name}\n{table([[key, f'{value:g}'] for key, value in results[name].items()])}", flush=True
            )
    if args.json:
        print_json(results)
    return 0
