"""Which questions are asked, where are the figures kept, how are they told? Options of `understudy evaluate`.

Figures go into a JSON file (`--out`): {"seed", "windows", "figures": {"question | stratum | who | figure":
number}}. Those of another file (`--beside`), measured with the same seed and windows, are taken over.
"""

import argparse
import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from engine.api.errors import BadFileError, BadRequestError
from engine.training.infill.evaluation.evaluate import QUESTIONS, WINDOWS
from engine.training.infill.evaluation.reach import reached


def add_asking(parser: argparse.ArgumentParser) -> None:
    """Options for `told`."""
    parser.add_argument("--only", help=f"evaluate: some of {','.join(QUESTIONS)}")
    parser.add_argument("--windows", type=int, default=WINDOWS, help="evaluate: holes of each kind at most")
    parser.add_argument("--beside", type=Path, help="evaluate: figures of an earlier run, not measured again")


def told(args: argparse.Namespace, evaluate: Callable[..., dict[str, float]], *more: Any) -> dict[str, float]:
    """The figures, told line by line and then against what is to be reached, and kept in `args.out`."""
    only = questions_of(args.only)
    known = figures_of(args.beside, args.seed, args.windows) if args.beside else {}
    found = evaluate(args.data, *more, _say, args.seed, args.cache, args.windows, only, known)
    for line in reached(found):
        _say(line)
    if args.out:
        kept = {"seed": args.seed, "windows": args.windows, "figures": found}
        args.out.write_text(json.dumps(kept, indent=0) + "\n", "utf-8")
    return found


def questions_of(words: str | None) -> tuple[str, ...]:
    """The questions named, all without names. Raises BadRequestError for one that there is not.

    >>> questions_of("bits, judge")
    ('bits', 'judge')
    """
    names = tuple(word.strip() for word in words.split(",")) if words else QUESTIONS
    for name in names:
        if name not in QUESTIONS:
            raise BadRequestError(
                f"“{name}” is no question of the evaluation; there are {', '.join(QUESTIONS)}."
            )
    return names


def figures_of(path: Path, seed: int, windows: int) -> Mapping[str, float]:
    """The figures of a file. Raises BadFileError, or BadRequestError when they are of other holes."""
    try:
        kept = json.loads(path.read_text("utf-8"))
        same = (kept["seed"], kept["windows"]) == (seed, windows)
        figures = {str(place): float(value) for place, value in kept["figures"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadFileError(f"“{path}” holds no figures of an evaluation.") from error
    if not same:
        raise BadRequestError(f"“{path}” was measured with another seed or number of windows.")
    return figures


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
