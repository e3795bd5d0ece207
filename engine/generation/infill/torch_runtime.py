"""The network in torch, for graphics cards: every call has the same shapes, so a row's results stay its own.

A call is a wave: one row of every slot, those that have none masked. torch is imported late, and only where
a card was seen.

>>> device_for_decoding() in (None, "cuda", "mps")
True
"""

from __future__ import annotations

import ctypes.util
import importlib.util
import platform
import sys
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.generation.infill.kernels import SHARED, Rows, rotations, waves
from engine.generation.infill.weights import Weights

if TYPE_CHECKING:
    from torch import Tensor

CHUNK = 32
_EPSILON = 1e-5


@cache
def device_for_decoding() -> str | None:
    """`cuda` or `mps` where there are a card and torch for it. torch is only imported if a card seems
    likely."""
    is_apple = sys.platform == "darwin" and platform.machine() == "arm64"
    likely = is_apple or ctypes.util.find_library("cuda") is not None
    if not likely or importlib.util.find_spec("torch") is None:
        return None
    import torch

    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else None


class TorchKernel:
    """Planes are (layer, key or value, [slot,] head, place, width); the last place of a slot is for rows
    that are not there."""

    name = "torch"
    grain = CHUNK

    def __init__(self, weights: Weights, slots: int, own_places: int, device: str) -> None:
        import torch

        sizes = self._sizes = weights.sizes
        self._device = torch.device(device)
        self._arrays = {name: self._put(array) for name, array in weights.arrays.items()}
        self._head = self._arrays["table"][: sizes.vocabulary]
        shared = -(-sizes.context // CHUNK) * CHUNK
        self._slots, self._own_places = slots, own_places
        heads = (sizes.heads,)
        make = {"dtype": torch.float32, "device": self._device}
        self._shared = torch.zeros((sizes.layers, 2, *heads, shared, sizes.head_width), **make)
        self._own = torch.zeros((sizes.layers, 2, slots, *heads, own_places + 1, sizes.head_width), **make)
        self._turns = tuple(map(self._put, rotations(sizes.head_width, shared + own_places + 1)))

    def forward(self, rows: Rows) -> NDArray[np.float32]:
        import torch

        with torch.inference_mode():
            embedded = self._embed(rows)
            if rows.slots[0] == SHARED:
                for start in range(0, len(rows), CHUNK):
                    self._read_chunk(embedded[start : start + CHUNK], rows.places[start])
                return np.empty((0, self._sizes.vocabulary), np.float32)
            logits = torch.empty((max(rows.wanted) + 1, self._sizes.vocabulary))
            for wave in waves(rows):
                answers = self._step(embedded, rows, wave)
                for row in wave:
                    if rows.wanted[row] >= 0:
                        logits[rows.wanted[row]] = answers[rows.slots[row]]
            told: NDArray[np.float32] = logits.numpy()
            return told

    def copy(self, source: int, target: int, places: int) -> None:
        self._own[:, :, target, :, :places] = self._own[:, :, source, :, :places]

    def _put(self, array: NDArray[np.float32]) -> Tensor:
        import torch

        return torch.from_numpy(np.array(array, np.float32)).to(self._device)

    def _embed(self, rows: Rows) -> Tensor:
        import torch

        ids, starts = (torch.tensor(a, device=self._device) for a in (rows.ids, rows.starts[:-1]))
        return torch.nn.functional.embedding_bag(ids, self._arrays["table"], starts, mode="sum")

    def _step(self, embedded: Tensor, rows: Rows, wave: list[int]) -> Tensor:
        """Logits of every slot, (slots, vocabulary) in the computer's memory; of those with no row,
        nonsense."""
        import torch

        source = torch.zeros(self._slots, dtype=torch.long)
        place = torch.full((self._slots,), self._own_places)
        for row in wave:
            source[rows.slots[row]], place[rows.slots[row]] = row, rows.places[row]
        shared = rows.shared[wave[0]]
        stream = embedded[source.to(self._device)]
        place = place.to(self._device)
        seen = torch.arange(self._shared.shape[3] + self._own_places + 1, device=self._device)
        later = seen - self._shared.shape[3]
        hidden = torch.where(later < 0, seen >= shared, later > place[:, None])
        for number in range(self._sizes.layers):
            stream = self._layer(number, stream, shared + place, place, hidden)
        answers = _normal(stream, self._arrays["norm"]) @ self._head.T
        return answers.cpu()

    def _layer(self, number: int, stream: Tensor, position: Tensor, place: Tensor, hidden: Tensor) -> Tensor:
        import torch

        layer = f"layers.{number}."
        parts = _normal(stream, self._arrays[layer + "norm1"]) @ self._arrays[layer + "qkv"].T
        parts = parts.reshape(self._slots, 3, self._sizes.heads, -1).transpose(0, 1)
        query, key = self._turned(parts[:2], position[:, None])
        own, slots = self._own[number], torch.arange(self._slots, device=self._device)
        own[0][slots, :, place], own[1][slots, :, place] = key, parts[2]
        prompt = self._shared[number]
        scores = torch.cat(
            (
                torch.einsum("shw,hpw->shp", query, prompt[0]),
                torch.einsum("shw,shpw->shp", query, own[0]),
            ),
            dim=-1,
        )
        scores = scores * query.shape[-1] ** -0.5
        shares = scores.masked_fill(hidden[:, None], -torch.inf).softmax(-1)
        before, since = shares.split([prompt.shape[2], own.shape[3]], dim=-1)
        heard = torch.einsum("shp,hpw->shw", before, prompt[1])
        heard = heard + torch.einsum("shp,shpw->shw", since, own[1])
        return self._thought(layer, stream, heard.reshape(self._slots, -1))

    def _read_chunk(self, chunk: Tensor, first: int) -> None:
        import torch
        from torch.nn import functional

        stream = functional.pad(chunk, (0, 0, 0, CHUNK - len(chunk)))
        positions = torch.arange(first, first + CHUNK, device=self._device)
        seen = torch.arange(first + CHUNK, device=self._device)
        for number in range(self._sizes.layers):
            layer = f"layers.{number}."
            parts = _normal(stream, self._arrays[layer + "norm1"]) @ self._arrays[layer + "qkv"].T
            parts = parts.reshape(CHUNK, 3, self._sizes.heads, -1).permute(1, 2, 0, 3)
            query, key = self._turned(parts[:2], positions)
            plane = self._shared[number]
            plane[0][:, positions], plane[1][:, positions] = key, parts[2]
            scores = query @ plane[0][:, seen].transpose(1, 2) * query.shape[-1] ** -0.5
            shares = scores.masked_fill(seen > positions[:, None], -torch.inf).softmax(-1)
            heard = (shares @ plane[1][:, seen]).transpose(0, 1).reshape(CHUNK, -1)
            stream = self._thought(layer, stream, heard)

    def _thought(self, layer: str, stream: Tensor, heard: Tensor) -> Tensor:
        from torch.nn import functional

        stream = stream + heard @ self._arrays[layer + "out"].T
        both = _normal(stream, self._arrays[layer + "norm2"]) @ self._arrays[layer + "gate_up"].T
        gate, up = both.chunk(2, dim=-1)
        return stream + (functional.silu(gate) * up) @ self._arrays[layer + "down"].T

    def _turned(self, heads: Tensor, positions: Tensor) -> Tensor:
        import torch

        cosines, sines = (turn[positions] for turn in self._turns)
        first, second = heads.chunk(2, dim=-1)
        return torch.cat((first * cosines - second * sines, first * sines + second * cosines), dim=-1)


def _normal(stream: Tensor, gain: Tensor) -> Tensor:
    from torch.nn import functional

    return functional.rms_norm(stream, gain.shape, gain, _EPSILON)
