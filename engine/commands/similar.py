"""Which sketches of a folder are like this one: in chords, contour, rhythm, tempo and mode, in whatever key.

$ understudy similar sketch.mid ~/Sketches --top 5
"""

import argparse
import time
from pathlib import Path
from typing import Any

from engine.analysis.likeness import Likeness, likeness
from engine.api.errors import EngineError
from engine.commands.errors import CommandError
from engine.commands.output import one_line, print_json, table
from engine.service.sketchbook import page_of, sketches_in

_MOST_S = 120.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help="the sketch: MIDI, MusicXML, ABC or an .understudy song")
    parser.add_argument("folder", type=Path, help="where to look, with the folders inside it")
    parser.add_argument("--top", type=int, default=5, help="how many to show (5)")
    parser.add_argument("--json", action="store_true", help="one JSON object on the last line")


def run(args: argparse.Namespace) -> int:
    if not 1 <= args.top <= 100:
        raise CommandError(f"between 1 and 100 sketches can be shown, not {args.top}.")
    found, left_out = similar_sketches(args.file, args.folder)
    best = found[: args.top]
    if args.json:
        print_json(
            {"name": args.file.name, "similar": [_record(*item) for item in best], "left_out": left_out}
        )
        return 0
    if not best:
        print("  There is no other sketch in this folder.")
    else:
        print(
            table(
                [[one_line(name), f"{alike.total:.0%}", ", ".join(alike.reasons())] for name, alike in best]
            )
        )
    if left_out:
        files = "1 file" if left_out == 1 else f"{left_out:,} files"
        print(f"  note: {files} could not be read or heard in time.")
    return 0


def similar_sketches(path: Path, folder: Path) -> tuple[list[tuple[str, Likeness]], int]:
    """Name and likeness of every other sketch, the most alike first; how many files were left out.

    Raises EngineError for the sketch itself, CommandError for the folder.
    """
    if not folder.is_dir():
        raise CommandError(f"“{folder.name}” is not a folder.")
    own = page_of(path).profile
    found: list[tuple[str, Likeness]] = []
    left_out, started = 0, time.monotonic()
    for other in sketches_in([folder]):
        if other.resolve() == path.resolve():
            continue
        if time.monotonic() - started > _MOST_S:
            left_out += 1
            continue
        try:
            found.append((str(other.relative_to(folder)), likeness(own, page_of(other).profile)))
        except EngineError:
            left_out += 1
    return sorted(found, key=lambda item: (-item[1].total, item[0])), left_out


def _record(name: str, alike: Likeness) -> dict[str, Any]:
    return {"file": name, "likeness": alike.total, "parts": dict(alike.parts)}
