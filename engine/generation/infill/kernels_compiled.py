"""The network in machine code, where there is a C compiler: several times numpy's pace, on any processor.

`kernels.c` is compiled once, at first use (see building.py). Before use it is compared with numpy on a small
random model; without a compiler, or if anything differs, numpy does the work.
"""

import ctypes
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.generation.infill.building import built_library
from engine.generation.infill.kernels import MOST_WANTED, SHARED, Rows, rotations
from engine.generation.infill.kernels_numpy import NumpyKernel
from engine.generation.infill.weights import Sizes, Weights, random_weights

_SOURCE = Path(__file__).with_name("kernels.c")
_SOURCES = (_SOURCE, Path(__file__).with_name("tiles.h"))
_ALIGN, _LINE = 32, 64
_WORTH_SHARING = 4
"""Rows below which a second thread costs more than it brings."""
_CLOSE_ENOUGH = 1e-4
_MATRICES = ("qkv", "out", "gate_up", "down")
_TRIAL = Sizes(d=64, layers=2, heads=2, ff=64, vocabulary=70, features=90, context=64)


class _Layer(ctypes.Structure):
    _fields_ = [(name, ctypes.c_void_p) for name in (*_MATRICES, "norm1", "norm2")]


class _Model(ctypes.Structure):
    _numbers = ("d", "layers", "heads", "ff", "vocabulary", "shared_places", "own_places", "is_tiled")
    _pointers = ("layer", "table", "head", "norm", "cosines", "sines")
    _planes = ("shared_keys", "shared_values", "own_keys", "own_values")
    _fields_ = [(name, ctypes.c_int64) for name in _numbers] + [
        (name, ctypes.c_void_p) for name in (*_pointers, *_planes)
    ]


class _Batch(ctypes.Structure):
    _lists = ("ids", "starts", "slots", "places", "shared", "wanted")
    _fields_ = [(name, ctypes.c_void_p) for name in (*_lists, "logits", "scratch")]


class CompiledKernel:
    """Planes are as `kernels.c` says; a call is shared by `threads` threads, candidate by candidate."""

    name = "compiled"
    grain = 1

    def __init__(
        self,
        weights: Weights,
        slots: int,
        own_places: int,
        library: ctypes.CDLL,
        threads: int = 1,
        is_tiled: bool = True,
    ) -> None:
        """`is_tiled`: whether the processor's tiles multiply (tiles.h), where it has some."""
        sizes = weights.sizes
        self._library, self._threads = library, threads
        self._lanes = int(library.lanes())
        self._is_tiled = bool(library.has_tiles()) and is_tiled
        self._kept: list[Any] = []
        shared, own = up_to(sizes.context, _ALIGN), up_to(own_places, _ALIGN)
        self._model = self._described(weights, slots, shared, own)
        self._own = (slots, sizes.layers, own, sizes.d)
        self._planes = [self._kept_zeros(self._own) for _ in range(2)]
        self._model.own_keys, self._model.own_values = (plane.ctypes.data for plane in self._planes)
        padded = up_to(sizes.vocabulary, _ALIGN)
        self._logits = np.zeros((MOST_WANTED, padded), np.float32)
        self._logits_at, self._model_at = self._logits.ctypes.data, ctypes.addressof(self._model)
        self._vocabulary, self._features = sizes.vocabulary, sizes.features
        floats = library.scratch_floats(ctypes.byref(self._model))
        self._scratch = [np.zeros(floats, np.float32) for _ in range(threads)]
        self._pool = ThreadPoolExecutor(threads, "decode") if threads > 1 else None

    def forward(self, rows: Rows) -> NDArray[np.float32]:
        self._check(rows)
        count = len(rows)
        numbers = [*rows.slots, *rows.places, *rows.shared, *rows.wanted, *rows.starts, *rows.ids]
        told = np.array(numbers, np.int32)
        first = told.ctypes.data
        pointers = [first + 4 * place for place in (5 * count + 1, 4 * count, 0, count, 2 * count, 3 * count)]
        spans = self._spans(rows)
        if len(spans) == 1 or self._pool is None:
            self._run(pointers, 0, (0, count))
        else:
            work = [self._pool.submit(self._run, pointers, number, span) for number, span in enumerate(spans)]
            for part in work:
                part.result()
        return self._logits[: max(rows.wanted) + 1, : self._vocabulary]

    def copy(self, source: int, target: int, places: int) -> None:
        blocks = up_to(places, _ALIGN)
        for plane in self._planes:
            plane[target, :, :blocks] = plane[source, :, :blocks]

    def _check(self, rows: Rows) -> None:
        """Machine code looks where it is told to. Raises IndexError."""
        slots, _, own, _ = self._own
        places = own if rows.slots[0] != SHARED else self._model.shared_places
        fits = max(rows.slots) < slots and max(rows.places) < places and max(rows.wanted) < MOST_WANTED
        heard = max(rows.shared) <= self._model.shared_places
        if not fits or not heard or not 0 <= min(rows.ids) <= max(rows.ids) < self._features:
            raise IndexError("A row is outside of the model or its cache.")

    def _run(self, pointers: list[int], thread: int, span: tuple[int, int]) -> None:
        batch = _Batch(*pointers, self._logits_at, self._scratch[thread].ctypes.data)
        self._library.forward(self._model_at, ctypes.addressof(batch), *span)

    def _spans(self, rows: Rows) -> list[tuple[int, int]]:
        """Which rows each thread takes; those of one slot stay together."""
        count = len(rows)
        if self._threads == 1 or count < _WORTH_SHARING or rows.slots[0] == SHARED:
            return [(0, count)]
        cuts = [0]
        for part in range(1, self._threads):
            cut = max(cuts[-1], count * part // self._threads)
            while 0 < cut < count and rows.slots[cut] == rows.slots[cut - 1]:
                cut += 1
            cuts.append(cut)
        spans = zip(cuts, [*cuts[1:], count], strict=True)
        return [(first, last) for first, last in spans if first < last]

    def _described(self, weights: Weights, slots: int, shared: int, own: int) -> _Model:
        sizes, arrays = weights.sizes, weights.arrays
        layers = (_Layer * sizes.layers)()
        for number, layer in enumerate(layers):
            for name in _MATRICES:
                setattr(layer, name, self._packed(arrays[f"layers.{number}.{name}"]))
            layer.norm1 = self._pointer(arrays[f"layers.{number}.norm1"])
            layer.norm2 = self._pointer(arrays[f"layers.{number}.norm2"])
        self._kept.append(layers)
        table = (arrays["table"].view(np.uint32) >> np.uint32(16)).astype(np.uint16)
        model = _Model(
            *(sizes.d, sizes.layers, sizes.heads, sizes.ff, sizes.vocabulary, shared, own, self._is_tiled),
            ctypes.addressof(layers),
        )
        model.table = self._pointer(table)
        model.head = self._packed(arrays["table"][: sizes.vocabulary])
        model.norm = self._pointer(arrays["norm"])
        model.cosines, model.sines = map(self._pointer, rotations(sizes.head_width, shared + own))
        plane = (sizes.layers, shared, sizes.d)
        model.shared_keys, model.shared_values = (self._kept_zeros(plane).ctypes.data for _ in range(2))
        return model

    def _packed(self, matrix: NDArray[np.float32]) -> int:
        return self._pointer(tiles(matrix) if self._is_tiled else panels(matrix, self._lanes))

    def _pointer(self, array: NDArray[Any]) -> int:
        return self._kept_array(array).ctypes.data

    def _kept_zeros(self, shape: tuple[int, ...]) -> NDArray[np.float32]:
        """Zeros that take no memory before they are written over."""
        room = np.zeros(prod(shape) * 4 + _LINE, np.uint8)
        self._kept.append(room)
        return _from_line(room, prod(shape) * 4).view(np.float32).reshape(shape)

    def _kept_array(self, array: NDArray[Any]) -> NDArray[Any]:
        kept = aligned(array)
        self._kept.append(kept)
        return kept


def up_to(number: int, multiple: int) -> int:
    """The next multiple.

    >>> up_to(33, 32), up_to(32, 32)
    (64, 32)
    """
    return -(-number // multiple) * multiple


def panels(matrix: NDArray[np.float32], lanes: int) -> NDArray[np.uint32]:
    """A matrix (outputs, inputs) of bfloat16 values as the kernel reads it: (panel, input, lane), two
    outputs in a word; outputs are filled up with zeros.

    >>> panels(np.ones((40, 2), np.float32), 8).shape
    (4, 2, 8)
    """
    outputs, inputs = matrix.shape
    full = np.zeros((up_to(outputs, _ALIGN), inputs), np.float32)
    full[:outputs] = matrix
    halves = full.view(np.uint32).reshape(-1, 2, lanes, inputs)
    return np.ascontiguousarray(((halves[:, 0] >> np.uint32(16)) | halves[:, 1]).swapaxes(1, 2))


def tiles(matrix: NDArray[np.float32]) -> NDArray[np.uint16]:
    """A matrix (outputs, inputs) of bfloat16 values as tiles.h reads it: (32 outputs, 32 inputs, half of the
    outputs, pair of inputs, output, input); outputs are filled up with zeros.

    >>> tiles(np.ones((40, 64), np.float32)).shape
    (2, 2, 2, 16, 16, 2)
    """
    outputs, inputs = matrix.shape
    full = np.zeros((up_to(outputs, _ALIGN), inputs), np.float32)
    full[:outputs] = matrix
    halves = (full.view(np.uint32) >> np.uint32(16)).astype(np.uint16)
    return np.ascontiguousarray(halves.reshape(-1, 2, 16, inputs // 32, 16, 2).transpose(0, 3, 1, 4, 2, 5))


def aligned(array: NDArray[Any]) -> NDArray[Any]:
    """A copy that begins where a line of the processor's cache does.

    >>> aligned(np.ones(3)).ctypes.data % 64
    0
    """
    room = np.empty(array.nbytes + _LINE, np.uint8)
    found = _from_line(room, array.nbytes).view(array.dtype).reshape(array.shape)
    found[...] = array
    return found


def _from_line(room: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    """So many bytes of the room, from the beginning of a line on."""
    first = -room.ctypes.data % _LINE
    return room[first : first + size]


@cache
def compiled_library() -> ctypes.CDLL | None:
    """The kernel, built if it must be; None where it cannot be built or does not compute what numpy does."""
    library = built_library(_SOURCES, "decode")
    if library is None:
        return None
    _declare(library)
    return library if _agrees(library) else None


def _declare(library: ctypes.CDLL) -> None:
    library.lanes.restype = library.scratch_floats.restype = library.has_tiles.restype = ctypes.c_int64
    library.forward.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64]


def _agrees(library: ctypes.CDLL) -> bool:
    """Does it compute what numpy does, and the same for a row alone as for a row among others?"""
    weights = random_weights(_TRIAL, seed=1, spread=0.2)
    prompt = [[number, 80 - number] for number in range(37)]
    together = [(slot, 0, [[slot], [slot + 9, 3]]) for slot in range(9)]
    heard = []
    for kernel in (NumpyKernel(weights, 9, 16), CompiledKernel(weights, 9, 16, library)):
        kernel.forward(Rows.of_prompt(prompt, 0))
        heard.append(kernel.forward(Rows.of_candidates(together, len(prompt))).copy())
    alone = [kernel.forward(Rows.of_candidates([chunk], len(prompt))).copy() for chunk in together]
    differ = np.abs(heard[0] - heard[1]).max() / np.abs(heard[0]).max()
    return bool(differ < _CLOSE_ENOUGH) and np.array_equal(np.concatenate(alone), heard[1])
