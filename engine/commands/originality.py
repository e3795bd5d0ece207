"""Folders with songs that ideas are compared with, besides everything the models learnt from.

$ understudy originality add "My songs"
$ understudy originality add References --reference
$ understudy originality list
$ understudy originality forget References
"""

import argparse
from pathlib import Path

from engine.commands.output import one_line, print_json
from engine.ranking.originality.folders import Whose, add_folder, added_folders, forget_folder


def add_arguments(parser: argparse.ArgumentParser) -> None:
    deeds = parser.add_subparsers(dest="deed", required=True, metavar="add|list|forget")
    add = deeds.add_parser("add", help="compare with the songs of a folder", allow_abbrev=False)
    add.add_argument("folder", type=Path)
    add.add_argument(
        "--reference",
        action="store_true",
        help="by others: ideas too close to one are withheld; without it they are yours, and it is told",
    )
    add.add_argument("--json", action="store_true", help="one JSON object on the last line")
    listed = deeds.add_parser("list", help="the folders that were added", allow_abbrev=False)
    listed.add_argument("--json", action="store_true", help="one JSON object on the last line")
    forget = deeds.add_parser("forget", help="no longer compare with a folder", allow_abbrev=False)
    forget.add_argument("folder", type=Path)


def run(args: argparse.Namespace) -> int:
    match args.deed:
        case "add":
            _add(args)
        case "list":
            _list(args)
        case _:
            count = forget_folder(args.folder)
            print(f"{_works(count)} taken out.")
    return 0


def _add(args: argparse.Namespace) -> None:
    added = add_folder(args.folder, Whose.REFERENCE if args.reference else Whose.YOURS)
    if args.json:
        print_json({"works": added.works, "troubles": list(added.troubles)})
        return
    for trouble in added.troubles:
        print(f"  left out: {one_line(trouble)}")
    print(f"Ideas are now compared with {_works(added.works)} of {one_line(str(args.folder))}.")


def _list(args: argparse.Namespace) -> None:
    folders = added_folders()
    if args.json:
        rows = [{"folder": name, "whose": whose.value, "works": n} for name, (whose, n) in folders.items()]
        print_json({"folders": rows})
        return
    for name, (whose, count) in folders.items():
        print(f"{one_line(name)}  ({whose.value}, {_works(count)})")
    if not folders:
        print("No folder was added; ideas are compared with what the models learnt from.")


def _works(count: int) -> str:
    return "1 work" if count == 1 else f"{count} works"
