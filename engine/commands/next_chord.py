"""What may follow a progression, most likely first.

    $ understudy next-chord "C | Am | F" --key C
    $ understudy next-chord --stdin < progressions.txt > answers.jsonl

Chords are lead-sheet symbols or Harte labels, with spaces, commas or bar lines between them; `%` repeats the
last one. With --stdin every line is a progression and gives one line of JSON, in order:
{"next": [{"chord", "p"}, ...]}, or {"error": "..."} where the line cannot be read.
"""

import argparse
import re
import sys
from collections.abc import Callable
from typing import Any

from engine.api.errors import EngineError
from engine.api.suggestion import NextChord
from engine.commands.errors import CommandError
from engine.commands.output import one_line, print_json, table
from engine.music import Chord, Key, MusicError, parse_key

_BETWEEN = re.compile(r"[\s|,;]+|->|→|–|(?<=\s)-(?=\s)")
_MOST_CHORDS = 2_000
_MOST_ASKED = 500

Predict = Callable[[list[Chord], Key | None, int], "list[NextChord]"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("progression", nargs="?", help='such as "C | Am | F"')
    parser.add_argument("--key", type=_key, help="C, Am, Eb major, D dorian; else it is found")
    parser.add_argument("--top", type=int, default=8, help="how many")
    parser.add_argument("--json", action="store_true", help="one JSON object on the last line")
    parser.add_argument(
        "--stdin", action="store_true", help="a progression a line in, a JSON object a line out"
    )


def run(args: argparse.Namespace) -> int:
    if not 1 <= args.top <= _MOST_ASKED:
        raise CommandError(f"--top {args.top}: between 1 and {_MOST_ASKED} chords can be asked for.")
    if args.stdin == (args.progression is not None):
        raise CommandError('give either a progression such as "C | Am | F", or --stdin.')
    predict = _predictor()
    if args.stdin:
        return _answer_lines(predict, args.key, args.top)
    chords = parse_progression(args.progression)
    answer = predict(chords, args.key, args.top)
    if args.json:
        print_json(_record(answer))
    else:
        print(_as_text(chords, args.key, answer))
    return 0


def parse_progression(text: str) -> list[Chord]:
    """Chords of a line. Raises CommandError with a sentence that names what cannot be read."""
    chords: list[Chord] = []
    for word in filter(None, _BETWEEN.split(text)):
        try:
            chords.append(chords[-1] if word == "%" and chords else Chord.parse(word))
        except MusicError as error:
            raise CommandError(one_line(str(error))) from None
        if len(chords) > _MOST_CHORDS:
            raise CommandError(f"a progression may have {_MOST_CHORDS} chords, not more.")
    if not chords:
        raise CommandError("there are no chords in this progression.")
    return chords


def _predictor() -> Predict:
    from engine.generation.chords import next_chords

    return lambda chords, key, top: list(next_chords(chords, key, top, None))


def _answer_lines(predict: Predict, key: Key | None, top: int) -> int:
    lines = sys.stdin.buffer
    while line := lines.readline():
        try:
            record = _record(predict(parse_progression(line.decode("utf-8", "replace")), key, top))
        except (CommandError, EngineError, MusicError) as error:
            record = {"error": one_line(str(error))}
        print_json(record)
        sys.stdout.flush()
    return 0


def _record(answer: list[NextChord]) -> dict[str, Any]:
    return {"next": [_next(chord) for chord in answer]}


def _next(chord: NextChord) -> dict[str, Any]:
    more = {"roman": chord.roman, "job": chord.job}
    return {"chord": chord.chord, "p": round(chord.probability, 6)} | {k: v for k, v in more.items() if v}


def _as_text(chords: list[Chord], key: Key | None, answer: list[NextChord]) -> str:
    heading = "After " + "  ".join(chord.lead_sheet(key) for chord in chords)
    rows = [
        [Chord.parse(item.chord).lead_sheet(key), f"{item.probability:5.1%}", item.roman, item.job]
        for item in answer
    ]
    return f"{heading}\n{table(rows)}" if rows else heading


def _key(text: str) -> Key:
    key = parse_key(text)
    if key is None:
        raise argparse.ArgumentTypeError(f"{text!r} is not a key; write C, Am, Eb major, D dorian")
    return key
