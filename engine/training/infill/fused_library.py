"""Machine code for what lies between the matrix products of a learning step, where there is a C compiler.

`fused.c` and `tiles.c` are built like the kernel that writes (engine/generation/infill/building.py). Tensors
are handed over by address, so they must be what the C function takes: contiguous, float32, bfloat16 or int64.
"""

from __future__ import annotations

import ctypes
import logging
import platform
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from engine.generation.infill.building import built_library

if TYPE_CHECKING:
    from torch import Tensor

    from engine.training.infill.network import Dropout

MOST_WORDS = 1 << 16
"""Of a vocabulary whose scores fused.c can hold."""
_SOURCES = [Path(__file__).with_name(name) for name in ("fused.c", "tiles.c", "numbers.h")]
_FREE_ORDER = ("-fassociative-math", "-fno-signed-zeros", "-fno-trapping-math", "-freciprocal-math")
_WIDE = ("-mprefer-vector-width=512",) if platform.machine() in ("x86_64", "AMD64") else ()
_FLAGS = ("-ffinite-math-only", "-fno-math-errno", *_FREE_ORDER, *_WIDE)
"""Sums may be taken in an order that fills the processor's registers."""


class Forgotten(ctypes.Structure):
    """`dropout` of fused.c; without bytes nothing is forgotten."""

    _fields_ = [("bytes", ctypes.c_void_p), ("least", ctypes.c_int32), ("scale", ctypes.c_float)]

    def __init__(self, dropout: Dropout | None = None, numbers: int = 0) -> None:
        super().__init__()
        if dropout is not None:
            self.drawn = dropout.drawn(numbers)
            self.bytes, self.least, self.scale = self.drawn.ctypes.data, dropout.least, dropout.scale


class Library:
    """The functions of fused.c and tiles.c: `library("gate", both, out, positions, ff)`."""

    def __init__(self, library: ctypes.CDLL) -> None:
        self._library = library
        self.has_tiles = bool(library.has_tiles())
        """Can the processor multiply tiles (tiles.c)?"""

    def __call__(self, name: str, *arguments: Tensor | Forgotten | int | float | None) -> None:
        getattr(self._library, name)(*map(_handed_over, arguments))


def _handed_over(argument: Tensor | Forgotten | int | float | None) -> object:
    if isinstance(argument, int):
        return ctypes.c_int64(argument)
    if isinstance(argument, float):
        return ctypes.c_float(argument)
    if isinstance(argument, Forgotten):
        return ctypes.byref(argument)
    return ctypes.c_void_p(argument.data_ptr() if argument is not None else None)


@cache
def fused_library() -> Library | None:
    """The library, built if it must be; None, and a line in the log, where it cannot be."""
    found = built_library(_SOURCES, "learn", _FLAGS)
    if found is None:
        logging.getLogger(__name__).info("There is no C compiler here: learning takes twice the time.")
        return None
    return Library(found)
