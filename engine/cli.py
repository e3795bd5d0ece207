"""`understudy`: the desktop, and the engine's answers on the command line.

Every command is one module in `engine.commands` with `add_arguments(parser)` and `run(args) -> int`; only the
one that is asked for is imported. Exit codes: 0 done, 2 refused with one line that says why, 130 Ctrl-C.

    $ understudy next-chord "C | Am | F"
"""

import argparse
import difflib
import importlib
import os
import re
import sys
from collections.abc import Sequence
from typing import NoReturn

from engine.api.errors import EngineError
from engine.commands.errors import CommandError
from engine.music.errors import MusicError

COMMANDS = {
    "inspect": "what is in a sketch or a song",
    "similar": "sketches of a folder that are like this one",
    "transcribe": "a recording as MIDI: notes, bars, key and chords",
    "suggest": "ideas for some bars, as a table, JSON or MIDI files",
    "next-chord": "what may follow a progression, ranked",
    "export": "a song as MIDI, whole or a file a part",
    "originality": "your own folders that ideas are compared with",
    "models": "the models of this copy and what they were trained on",
    "credits": "who made what in a song",
    "verify": "is a song's record of who made what as it was written",
    "train": "train a model again from its data",
    "evaluate": "score a model on music it has not seen",
    "bench": "how quick is it on this machine",
}
_REFUSED = 2
_INTERRUPTED = 130
_BROKEN_PIPE = 141


class _Parser(argparse.ArgumentParser):
    """An argument parser whose complaints are one line."""

    def error(self, message: str) -> NoReturn:
        words = re.sub(r"invalid int value: (.*)", r"\1 is not a whole number", message)
        raise CommandError(words if words.endswith((".", "?")) else f"{words}.")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line; returns the exit code and never raises."""
    words = list(sys.argv[1:] if argv is None else argv)
    try:
        code = _run(words)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return _INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the exit flush finds nobody either
        return _BROKEN_PIPE
    except SystemExit as leaving:  # --help and --version
        return leaving.code if isinstance(leaving.code, int) else _REFUSED
    except (CommandError, EngineError, MusicError) as error:
        return _refuse(words, str(error))
    except MemoryError:
        return _refuse(words, "there is not enough memory for this.")
    except OSError as error:
        where = f"“{error.filename}”: " if error.filename else ""
        return _refuse(words, f"{where}{(error.strerror or str(error)).lower()}.")
    except Exception:  # a defect of ours: the log gets the traceback, people get a line
        from engine.service.logs import log_folder, log_unexpected

        log_unexpected(f"understudy {' '.join(words)[:200]}")
        return _refuse(words, f"something went wrong inside the program; details are in {log_folder()}.")
    return code


def _run(words: list[str]) -> int:
    if not words or words[0] not in COMMANDS:
        if words and words[0] in ("-h", "--help"):
            print(_help())
            return 0
        return _open_desktop(words)
    module = importlib.import_module("engine.commands." + words[0].replace("-", "_"))
    parser = _Parser(prog=f"understudy {words[0]}", description=module.__doc__, allow_abbrev=False)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    module.add_arguments(parser)
    _expect_any_text()
    return int(module.run(parser.parse_args(words[1:])))


def _open_desktop(words: list[str]) -> int:
    parser = _Parser(prog="understudy", add_help=False, allow_abbrev=False)
    parser.add_argument("--version", action="store_true")
    parser.add_argument("files", nargs="*")
    args = parser.parse_args(words)
    if args.version:
        from engine import __version__

        print(f"understudy {__version__}")
        return 0
    for name in args.files:
        _refuse_missing(name, is_only_word=len(words) == 1)
    from engine.commands.desktop import open_desktop

    return open_desktop(args.files)


def _refuse_missing(name: str, is_only_word: bool) -> None:
    if os.path.lexists(name):
        return
    near = difflib.get_close_matches(name, COMMANDS, 1)
    if near and is_only_word:
        raise CommandError(f"there is no command or file “{name}”; did you mean “{near[0]}”?")
    what = "file" if "." in name or os.sep in name else "command or file"
    raise CommandError(f"there is no {what} “{name}”.")


def _refuse(words: list[str], sentence: str) -> int:
    """Say what is wrong in one line on standard error."""
    from engine.commands.output import one_line

    command = f"understudy {words[0]}" if words and words[0] in COMMANDS else "understudy"
    _expect_any_text()
    print(f"{command}: {one_line(sentence)}", file=sys.stderr)
    return _REFUSED


def _expect_any_text() -> None:
    """Titles and chord signs must not stop a command in a terminal that cannot show them."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")


def _help() -> str:
    width = max(map(len, COMMANDS)) + 2
    lines = [f"    understudy {name:<{width}}{what}" for name, what in COMMANDS.items()]
    first = f"    understudy {'[FILE ...]':<{width}}open the desktop"
    return "\n".join(["Understudy hears your sketch and offers ideas. You choose.", "", first, *lines]) + (
        "\n\n`understudy COMMAND --help` says more about each."
    )


if __name__ == "__main__":
    sys.exit(main())
