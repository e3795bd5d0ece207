"""Which chords does a texture go through at the least cost?

The Viterbi decoding of `chordreading`: a chord is paid for when it begins, less where its root falls a fifth.
In machine code where there is a compiler (chordpath.c), else in numpy, with the same sums in the same order.

>>> emission = np.zeros((3, 12, 1))
>>> emission[0, 0], emission[1:, 5] = 9.0, 4.0
>>> chord_path(emission.reshape(3, 12), np.zeros((3, 12)), np.full(3, 2.0), 1.0).tolist()
[0, 5, 5]
"""

import ctypes
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.generation.infill.building import built_library

Floats = NDArray[np.float64]
_Found = tuple[Floats, NDArray[np.int64], NDArray[np.bool_]]
_SOURCE = Path(__file__).with_name("chordpath.c")


def chord_path(emission: Floats, prior: Floats, costs: Floats, falling_fifth: float) -> NDArray[np.int64]:
    """(slots,) chord index. `emission` and `prior` are (slots, chords), roots by kinds; `costs` of a change.

    What a chord is best reached from is the best of all, or the best whose root falls a fifth onto it; of
    equals the first.
    """
    count, chords = emission.shape
    kinds = chords // 12
    library = _library()
    if library is None:
        score, origins, stays = _went_through(emission, prior, costs, falling_fifth)
    else:
        score, origins, stays = _run(library, emission, prior, costs, falling_fifth)
    path = np.zeros(count, dtype=np.int64)
    path[-1] = int(score.argmax())
    for slot in range(count - 1, 0, -1):
        here = path[slot]
        path[slot - 1] = here if stays[slot, here] else origins[slot, here // kinds]
    return path


def _went_through(emission: Floats, prior: Floats, costs: Floats, falling_fifth: float) -> _Found:
    """The scores at the end, (slots, 12) where each root is reached from, (slots, chords) whether to stay."""
    count, chords = emission.shape
    kinds = chords // 12
    above = (np.arange(12) + 7) % 12
    origins = np.zeros((count, 12), dtype=np.int64)
    stays = np.zeros((count, 12, kinds), dtype=bool)
    score = (emission[0] + prior[0]).reshape(12, kinds)
    for slot in range(1, count):
        best = int(score.argmax())
        most = score.flat[best]
        falling = score.argmax(axis=1)[above] + above * kinds
        fallen = score.flat[falling] + falling_fifth
        is_fall = (fallen > most) | ((fallen == most) & (falling < best))
        origins[slot] = np.where(is_fall, falling, best)
        arrivals = np.where(is_fall, fallen, most) - costs[slot]
        changed = arrivals[:, None] + prior[slot].reshape(12, kinds)
        np.greater_equal(score, changed, out=stays[slot])
        score = np.maximum(score, changed) + emission[slot].reshape(12, kinds)
    return score.ravel(), origins, stays.reshape(count, chords)


def _run(
    library: ctypes.CDLL, emission: Floats, prior: Floats, costs: Floats, falling_fifth: float
) -> _Found:
    count, chords = emission.shape
    score, stays = np.zeros(chords), np.zeros((count, chords), dtype=bool)
    origins = np.zeros((count, 12), dtype=np.int64)
    told = [np.ascontiguousarray(array, np.float64) for array in (emission, prior, costs)]
    library.go_through(
        *(array.ctypes.data for array in told),
        falling_fifth,
        count,
        chords // 12,
        *(array.ctypes.data for array in (score, origins, stays)),
    )
    return score, origins, stays


@cache
def _library() -> ctypes.CDLL | None:
    library = built_library([_SOURCE], "chordpath")
    if library is not None:
        pointers: list[Any] = [ctypes.c_void_p] * 3
        library.go_through.argtypes = [*pointers, ctypes.c_double, ctypes.c_int64, ctypes.c_int64, *pointers]
        library.go_through.restype = None
    return library
