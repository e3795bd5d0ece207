"""How quick is it on this machine? Benches measure; they judge nothing.

$ understudy bench engine
"""

import argparse
import importlib
import importlib.util
import pkgutil
from collections.abc import Mapping
from types import ModuleType

import engine.commands
from engine.commands.errors import CommandError
from engine.commands.output import print_json, table

_PREFIX = "bench_"


def bench_names() -> list[str]:
    """Every bench: the modules `bench_*` beside this one."""
    found = (info.name for info in pkgutil.iter_modules(engine.commands.__path__))
    return sorted(name.removeprefix(_PREFIX) for name in found if name.startswith(_PREFIX))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", nargs="?", choices=bench_names(), help="which; else all that can run here")
    parser.add_argument("--json", action="store_true", help="one JSON object on the last line")


def run(args: argparse.Namespace) -> int:
    benches = {name: importlib.import_module(f"engine.commands.{_PREFIX}{name}") for name in bench_names()}
    can_run = {name: bench for name, bench in benches.items() if not missing(bench)}
    if args.name and args.name not in can_run:
        needed = ", ".join(missing(benches[args.name]))
        raise CommandError(f"this bench needs {needed}, which is not installed.")
    names = [args.name] if args.name else list(can_run)
    if not args.name and not args.json:
        print(left_out(benches))
    results = {}
    for name in names:
        results[name] = can_run[name].run()
        if not args.json:
            print(
                f"{name}\n{table([[key, _shown(value)] for key, value in results[name].items()])}", flush=True
            )
    if args.json:
        print_json(results)
    return 0


def missing(bench: ModuleType, which: str = "NEEDS") -> list[str]:
    """The packages a bench needs (or, with `COMPARES`, measures itself against) that are not installed."""
    return [package for package in getattr(bench, which, ()) if importlib.util.find_spec(package) is None]


def left_out(benches: Mapping[str, ModuleType]) -> str:
    """One line: what is not measured here, and why."""
    said = [f"{name} needs {', '.join(missing(bench))}" for name, bench in benches.items() if missing(bench)]
    said += [
        f"{name} compares without {', '.join(missing(bench, 'COMPARES'))}"
        for name, bench in benches.items()
        if missing(bench, "COMPARES")
    ]
    return f"Left out, not installed here: {'; '.join(said)}." if said else "Nothing is left out."


def _shown(value: object) -> str:
    return f"{value:g}" if isinstance(value, int | float) else str(value)
