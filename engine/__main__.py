"""`python -m engine serve` is the engine process; any other words are the command line's."""

import sys


def main() -> int:
    if sys.argv[1:] != ["serve"]:
        from engine.cli import main as command_line

        return command_line(sys.argv[1:])
    from engine.service.stdio import claim_wire

    wire = claim_wire()
    from engine.service.serve import serve

    serve(wire)
    return 0


if __name__ == "__main__":
    sys.exit(main())
