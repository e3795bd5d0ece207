"""Causal attention of a whole batch and its gradient, with bfloat16 products of blocks of queries.

A block of queries sees the keys up to its end only, which saves near half of the work. Where the processor
has tiles, all of it is one function of tiles.c; else torch multiplies. Layouts: rows of a layer's `parts` are
query, key and value of a position; inside, everything is (rows x heads, length, width).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from engine.generation.infill.weights import Sizes
from engine.training.infill.fused_library import Library
from engine.training.infill.network import QUERY_BLOCK
from engine.training.infill.scratch import Scratch

if TYPE_CHECKING:
    from torch import Tensor

_NAMES = ("query", "key", "value")


class Attention:
    """The attention of one batch; what a layer's way back needs lies in the scratch under its name."""

    def __init__(
        self,
        sizes: Sizes,
        rows: int,
        length: int,
        turns: tuple[Tensor, Tensor],
        run: Library,
        scratch: Scratch,
    ) -> None:
        self._rows, self._length, self._heads = rows, length, sizes.heads
        self._width, self._turns = sizes.d // sizes.heads, turns
        self._blocks, self._scale = rows * sizes.heads, float(sizes.head_width**-0.5)
        self._run, self._scratch = run, scratch

    def forward(self, layer: str, parts: Tensor) -> Tensor:
        query, key, value = (self._by_head(f"{layer}.{name}") for name in _NAMES)
        self._run("split_heads", parts, *self._turns, query, key, value, *self._shape)
        mixed, heard = self._by_head("mixed"), self.heard(layer)
        if self._run.has_tiles:
            told = (query, key, value, self._all_shares(layer), mixed, self._room())
            self._run("attend", *told, self._blocks, self._length, self._width, self._scale)
        else:
            self._forward_in_blocks(layer, query, key, value, mixed)
        self._run("join_heads", mixed, heard, *self._shape)
        return heard

    def heard(self, layer: str) -> Tensor:
        """What the last forward pass of this layer returned."""
        return self._scratch.halves(f"{layer}.heard", self._rows * self._length, self._heads * self._width)

    def backward(self, layer: str, heard_back: Tensor) -> Tensor:
        """The gradient of `parts`."""
        heads = [self._by_head(f"{layer}.{name}") for name in _NAMES]
        gradients = [self._by_head(f"{name}_back") for name in _NAMES]
        back = self._by_head("mixed")
        self._run("part_heads", heard_back, back, *self._shape)
        if self._run.has_tiles:
            told = (*heads, self._all_shares(layer), back, *gradients, self._room())
            self._run("attend_back", *told, self._blocks, self._length, self._width, self._scale)
        else:
            self._backward_in_blocks(layer, heads, back, gradients)
        parts = self._scratch.halves("parts_back", self._rows * self._length, 3 * self._heads * self._width)
        self._run("split_heads_back", *gradients, *self._turns, parts, *self._shape)
        return parts

    def _forward_in_blocks(
        self, layer: str, query: Tensor, key: Tensor, value: Tensor, mixed: Tensor
    ) -> None:
        import torch

        for start, end in self._queries():
            shares = self._shares(layer, start, end)
            torch.bmm(query[:, start:end], key[:, :end].transpose(1, 2), out=shares)
            self._run("weigh", shares, self._blocks, end - start, end, start, self._scale)
            mixed[:, start:end] = torch.bmm(shares, value[:, :end])

    def _backward_in_blocks(
        self, layer: str, heads: Sequence[Tensor], back: Tensor, gradients: Sequence[Tensor]
    ) -> None:
        import torch

        query, key, value = heads
        query_back, key_back, value_back = gradients
        for start, end in reversed(list(self._queries())):
            shares, own = self._shares(layer, start, end), back[:, start:end]
            share_back = self._scratch.halves("share_back", *shares.shape)
            torch.bmm(own, value[:, :end].transpose(1, 2), out=share_back)
            self._run("weigh_back", shares, share_back, self._blocks, end - start, end, start, self._scale)
            query_back[:, start:end] = torch.bmm(share_back, key[:, :end])
            beta = 0 if end == self._length else 1  # the last block reaches all places
            value_back[:, :end].baddbmm_(shares.transpose(1, 2), own, beta=beta)
            key_back[:, :end].baddbmm_(share_back.transpose(1, 2), query[:, start:end], beta=beta)

    @property
    def _shape(self) -> tuple[int, int, int, int]:
        return self._rows, self._length, self._heads, self._width

    def _queries(self) -> Iterator[tuple[int, int]]:
        for start in range(0, self._length, QUERY_BLOCK):
            yield start, min(start + QUERY_BLOCK, self._length)

    def _by_head(self, name: str) -> Tensor:
        return self._scratch.halves(name, self._blocks, self._length, self._width)

    def _all_shares(self, layer: str) -> Tensor:
        return self._scratch.halves(f"{layer}.shares", self._blocks, self._length, self._length)

    def _room(self) -> Tensor:
        return self._scratch.floats("room", self._length, self._length // 2 + 4 * self._width + 64)

    def _shares(self, layer: str, start: int, end: int) -> Tensor:
        return self._scratch.halves(f"{layer}.shares{start}", self._blocks, end - start, end)
