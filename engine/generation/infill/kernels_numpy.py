"""The network in numpy: works everywhere, and is what the compiled kernel is checked against when it is
loaded.

Rows of candidates go through matrix-vector products, one for each row, and rows of the prompt in chunks
that always begin at the same places: a product's order of summing depends on its shape, and so no row's on
the others.

>>> _softmax(np.zeros((1, 4), np.float32)).tolist()
[[0.25, 0.25, 0.25, 0.25]]
"""

import ctypes
from functools import cache
from pathlib import Path
from typing import cast

import numpy as np
from numpy.typing import NDArray

from engine.generation.infill.kernels import MOST_WANTED, SHARED, Rows, rotations, waves
from engine.generation.infill.weights import Weights

Array = NDArray[np.float32]

CHUNK = 32
_EPSILON = np.float32(1e-5)
_SETTERS = ("scipy_openblas_set_num_threads64_", "openblas_set_num_threads64_", "openblas_set_num_threads")


class NumpyKernel:
    """Planes are (layer, head, place, width), one for the prompt and one for each slot."""

    name = "numpy"
    grain = CHUNK

    def __init__(self, weights: Weights, slots: int, own_places: int) -> None:
        use_one_thread()
        sizes = weights.sizes
        self._sizes = sizes
        self._arrays = weights.arrays
        self._head = weights.arrays["table"][: sizes.vocabulary]
        self._layers = [
            {name: weights.arrays[f"layers.{number}.{name}"] for name in ("norm1", "norm2")}
            | {name: weights.arrays[f"layers.{number}.{name}"] for name in ("qkv", "out", "gate_up", "down")}
            for number in range(sizes.layers)
        ]
        plane = (sizes.layers, sizes.heads)
        self._shared = np.zeros((2, *plane, -(-sizes.context // CHUNK) * CHUNK, sizes.head_width), np.float32)
        self._own = np.zeros((slots, 2, *plane, own_places, sizes.head_width), np.float32)
        self._cosines, self._sines = rotations(sizes.head_width, self._shared.shape[3] + own_places)
        self._future = np.triu(np.full((CHUNK, CHUNK), -np.inf, np.float32), 1)
        self._logits = np.empty((MOST_WANTED, sizes.vocabulary), np.float32)

    def forward(self, rows: Rows) -> Array:
        embedded = self._embed(rows)
        if rows.slots[0] == SHARED:
            self._read_prompt(embedded, rows.places[0])
            return self._logits[:0]
        for wave in waves(rows):
            self._step(embedded, rows, wave)
        wanted = [row for row, place in enumerate(rows.wanted) if place >= 0]
        answers = self._logits[: len(wanted)]
        answers[[rows.wanted[row] for row in wanted]] = _times(
            self._head, _normal(embedded[wanted], self._arrays["norm"])
        )
        return answers

    def copy(self, source: int, target: int, places: int) -> None:
        self._own[target, ..., :places, :] = self._own[source, ..., :places, :]

    def _embed(self, rows: Rows) -> Array:
        table = self._arrays["table"][rows.ids]
        pairs = zip(rows.starts, rows.starts[1:], strict=False)
        return np.stack([table[start:end].sum(0) for start, end in pairs])

    def _step(self, embedded: Array, rows: Rows, wave: list[int]) -> None:
        """One row of some candidates; their streams are changed in place."""
        stream = embedded[wave]
        slots, places, shared = (
            [told[row] for row in wave] for told in (rows.slots, rows.places, rows.shared)
        )
        turns = np.add(shared, places)[:, None]
        for number, layer in enumerate(self._layers):
            parts = _times(layer["qkv"], _normal(stream, layer["norm1"]))
            parts = parts.reshape(len(wave), 3, self._sizes.heads, -1).swapaxes(0, 1)
            query, key = self._turned(parts[:2], turns)
            self._own[slots, 0, number, :, places] = key
            self._own[slots, 1, number, :, places] = parts[2]
            heard = self._heard(number, query[:, :, None], slots, places, shared[0])
            stream += _times(layer["out"], heard)
            stream += _times(
                layer["down"], self._gated(_times(layer["gate_up"], _normal(stream, layer["norm2"])))
            )
        embedded[wave] = stream

    def _heard(self, number: int, query: Array, slots: list[int], places: list[int], shared: int) -> Array:
        """What the rows hear, (row, d): of the shared plane all at once, of their own one by one, since a sum
        depends on its length."""
        before = self._shared[:, number, :, :shared]
        scores = _compared(query, before[0])
        shares: list[Array] = []
        own: list[Array] = []
        for row, (slot, place) in enumerate(zip(slots, places, strict=True)):
            since = self._own[slot, :, number, :, : place + 1]
            every = np.concatenate((scores[row], _compared(query[row], since[0])), axis=-1)
            weights = _softmax(every)
            shares.append(weights[..., :shared])
            own.append(weights[..., shared:] @ since[1])
        heard = np.stack(shares) @ before[1] + np.stack(own)
        return cast(Array, heard.reshape(len(slots), -1))

    def _read_prompt(self, embedded: Array, first: int) -> None:
        for start in range(0, len(embedded), CHUNK):
            chunk = np.zeros((CHUNK, self._sizes.d), np.float32)
            chunk[: len(embedded) - start] = embedded[start : start + CHUNK]
            self._read_chunk(chunk, first + start)

    def _read_chunk(self, stream: Array, first: int) -> None:
        places = slice(first, first + CHUNK)
        for number, layer in enumerate(self._layers):
            parts = _normal(stream, layer["norm1"]) @ layer["qkv"].T
            parts = parts.reshape(CHUNK, 3, self._sizes.heads, -1).transpose(1, 2, 0, 3)
            query, key = self._turned(parts[:2], places)
            plane = self._shared[:, number]
            plane[0, :, places], plane[1, :, places] = key, parts[2]
            scores = _compared(query, plane[0, :, : places.stop])
            scores[..., first:] += self._future
            heard = _softmax(scores) @ plane[1, :, : places.stop]
            stream += heard.transpose(1, 0, 2).reshape(CHUNK, -1) @ layer["out"].T
            both = _normal(stream, layer["norm2"]) @ layer["gate_up"].T
            stream += self._gated(both) @ layer["down"].T

    def _turned(self, heads: Array, places: slice | NDArray[np.intp]) -> Array:
        """Queries and keys turned by their position; `places` fits the axes before the last."""
        cosines, sines = self._cosines[places], self._sines[places]
        half = heads.shape[-1] // 2
        first, second = heads[..., :half], heads[..., half:]
        return np.concatenate((first * cosines - second * sines, first * sines + second * cosines), axis=-1)

    def _gated(self, both: Array) -> Array:
        gate, up = both[..., : self._sizes.ff], both[..., self._sizes.ff :]
        with np.errstate(over="ignore"):
            gated = gate / (np.float32(1) + np.exp(-gate)) * up
        return cast(Array, gated)


def _times(matrix: Array, rows: Array) -> Array:
    """The matrix times each row by itself, (row, output)."""
    return cast(Array, np.matmul(matrix, rows[:, :, None])[..., 0])


def _normal(stream: Array, gain: Array) -> Array:
    mean = (stream * stream).sum(-1, keepdims=True) / np.float32(stream.shape[-1])
    return cast(Array, stream / np.sqrt(mean + _EPSILON) * gain)


def _compared(query: Array, keys: Array) -> Array:
    """Scaled dot products, (head, row, place)."""
    return cast(Array, (query @ keys.swapaxes(-1, -2)) * np.float32(query.shape[-1] ** -0.5))


def _softmax(scores: Array) -> Array:
    weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return cast(Array, weights / weights.sum(axis=-1, keepdims=True))


@cache
def use_one_thread() -> bool:
    """Tells numpy's OpenBLAS to work in the calling thread: its helpers cost more than they bring on matrices
    of this size and change the order of sums. False where there is no OpenBLAS to tell."""
    home = Path(np.__file__).parent
    for folder in (home.parent / "numpy.libs", home / ".dylibs"):
        for path in sorted(folder.glob("*openblas*")):
            library = ctypes.CDLL(str(path))
            for setter in _SETTERS:
                if hasattr(library, setter):
                    getattr(library, setter)(1)
                    return True
    return False
