"""How does the wire stay clean, whatever prints?

Call this first, before anything is imported that might print: it keeps the real standard input and output for
the wire, and gives everybody else standard error to print to and an empty input to read from.

>>> wire = claim_wire()                                                                     # doctest: +SKIP
"""

import os
import sys
from typing import NamedTuple


class Wire(NamedTuple):
    """File descriptors of the pipe to the app: requests come in, replies go out."""

    incoming: int
    outgoing: int


def claim_wire() -> Wire:
    """Take descriptors 0 and 1 for the wire alone; prints go to standard error from now on."""
    wire = Wire(os.dup(0), os.dup(1))
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return wire
