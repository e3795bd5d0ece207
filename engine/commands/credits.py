"""Who made what in a song: how much is the artist's own, which ideas were accepted, and from which models.

$ understudy credits song.understudy
"""

import argparse
from collections import Counter
from pathlib import Path
from typing import Any

from engine.commands.output import one_line, print_json


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("song", type=Path, help="an .understudy song")
    parser.add_argument("--json", action="store_true", help="one JSON object on the last line")


def run(args: argparse.Namespace) -> int:
    record = credits_of(args.song)
    if args.json:
        print_json(record)
    else:
        print(_as_text(record))
    return 0


def credits_of(path: Path) -> dict[str, Any]:
    """Shares, sketches, accepted ideas by model, and whether the ledger is as it was written."""
    from engine.formats.songfile import SongFile, TakeState, shares

    file = SongFile.open_reading(path)
    try:
        counted = shares(file.song)
        accepted = Counter(
            (stored.take.model.name, stored.take.model.sha256)
            for suggestion in file.suggestions()
            for stored in suggestion.takes
            if stored.state in (TakeState.ACCEPTED, TakeState.EDITED)
        )
        return {
            "title": file.song.title,
            "notes": {"yours": counted.yours, "accepted": counted.accepted, "edited": counted.edited},
            "summary": counted.sentence,
            "sketches": [
                {"name": sketch.name, "owner": sketch.owner, "sha256": sketch.sha256}
                for sketch in file.sketches()
            ],
            "ideas": [
                {"model": name, "sha256": sha256, "accepted": count}
                for (name, sha256), count in accepted.items()
            ],
            "ledger": {"rows": len(file.ledger()), "whole": file.ledger_fault() is None},
        }
    finally:
        file.close()


def _as_text(record: dict[str, Any]) -> str:
    lines = [one_line(record["title"]) or "Untitled", f"  {record['summary'] or 'no notes yet'}"]
    for sketch in record["sketches"]:
        owner = f" by {one_line(sketch['owner'])}" if sketch["owner"] else ""
        lines.append(f"  sketch: {one_line(sketch['name'])}{owner}")
    for idea in record["ideas"]:
        lines.append(f"  {idea['accepted']} accepted from {one_line(idea['model'])} ({idea['sha256'][:12]})")
    ledger = record["ledger"]
    state = "as it was written" if ledger["whole"] else "NOT as it was written"
    lines.append(f"  ledger: {ledger['rows']} rows, {state}")
    return "\n".join(lines)
