"""Is the song's record of who made what (its ledger) as it was written? Exit code 0: yes, 1: no.

$ understudy verify song.understudy
"""

import argparse
from pathlib import Path

from engine.commands.output import one_line, print_json

_NOT_WHOLE = 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("song", type=Path, help="an .understudy song")
    parser.add_argument("--json", action="store_true", help="one JSON object on the last line")


def run(args: argparse.Namespace) -> int:
    from engine.formats.songfile import SongFile

    file = SongFile.open_reading(args.song)
    try:
        rows, fault = len(file.ledger()), file.ledger_fault()
    finally:
        file.close()
    if args.json:
        print_json({"name": args.song.name, "whole": fault is None, "rows": rows, "first_wrong": fault})
    else:
        print(f"“{one_line(args.song.name)}”: {_verdict(rows, fault)}")
    return 0 if fault is None else _NOT_WHOLE


def _verdict(rows: int, fault: int | None) -> str:
    if fault is None:
        entries = "its one entry is" if rows == 1 else f"all {rows} entries are"
        return f"the record is whole; {entries} as written."
    if fault > rows:
        return f"the record was cut short: entry {fault} and what followed are missing."
    return f"the record was changed: from entry {fault} of {rows} on it is not as written."
