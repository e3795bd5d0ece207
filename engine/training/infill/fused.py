"""The same network and losses as network.py, several times faster on a processor.

Matrix products are torch's, in bfloat16; what lies between them is one pass of machine code each (fused.c),
and the backward pass is written out, so that nothing is copied, cast or kept that is not used. The stream,
its gradient and the weights' gradients are float32. The plain network is what this is measured against.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.generation.infill.weights import Sizes
from engine.training.infill.batches import Batch
from engine.training.infill.fused_attention import Attention
from engine.training.infill.fused_library import Forgotten, Library
from engine.training.infill.network import NORM_EPSILON, Z_LOSS, Dropout, turns
from engine.training.infill.scratch import Scratch

if TYPE_CHECKING:
    from torch import Tensor


class FusedNetwork:
    """Losses and gradients of a batch; `weights` are read anew every time."""

    def __init__(self, weights: dict[str, Tensor], sizes: Sizes, library: Library) -> None:
        import torch

        self._weights, self._sizes, self._run = weights, sizes, library
        self._scratch = Scratch()
        matrices = {name: value.detach() for name, value in weights.items() if value.dim() > 1}
        matrices["table"] = matrices["table"][: sizes.vocabulary]
        self._floats = list(matrices.values())
        self._halves = {
            name: torch.empty_like(value, dtype=torch.bfloat16) for name, value in matrices.items()
        }

    def learn(self, batch: Batch, dropout: Dropout | None, total: float) -> Tensor:
        """Natural-log losses of every target; adds the gradient of their weighted sum over `total`."""
        import torch

        torch._foreach_copy_(list(self._halves.values()), self._floats)
        for value in self._weights.values():
            if value.grad is None:
                value.grad = torch.zeros_like(value)
        passing = _Pass(self, batch, dropout)
        return passing.learn(total)


class _Pass:
    """One batch through the network and back."""

    def __init__(self, network: FusedNetwork, batch: Batch, dropout: Dropout | None) -> None:
        import torch

        self._network, self._batch, self._run = network, batch, network._run
        self._sizes, self._scratch = network._sizes, network._scratch
        self._positions = batch.rows * batch.length
        is_forgetting = dropout is not None and dropout.least > 0
        self._dropout = dropout if is_forgetting else None
        self._features, self._offsets = torch.from_numpy(batch.features), torch.from_numpy(batch.offsets)
        sizes = self._sizes
        around = turns(batch.length, sizes.d // sizes.heads)
        self._attention = Attention(sizes, batch.rows, batch.length, around, self._run, self._scratch)

    def learn(self, total: float) -> Tensor:
        stream = self._embedded()
        streams, forgotten = [stream], []
        for number in range(self._sizes.layers):
            for half in (self._hear, self._think):
                added = half(number, stream)
                forget = self._forgotten()
                after = self._floats(f"stream{len(streams)}", self._positions)
                self._run("add", stream, added, forget, after, self._positions, self._sizes.d)
                stream = after
                streams.append(stream)
                forgotten.append(forget)
        gradient, losses = self._answered(stream, total)
        for number in reversed(range(self._sizes.layers)):
            for half_back in (self._think_back, self._hear_back):
                streams.pop()
                back = self._halves("back", self._positions, self._sizes.d)
                self._run("forget_back", gradient, forgotten.pop(), back, self._positions, self._sizes.d)
                half_back(number, back, streams[-1], gradient)
        self._embed_back(gradient)
        return losses

    def _embedded(self) -> Tensor:
        stream = self._floats("stream0", self._positions)
        self._first = self._forgotten()
        told = (self._features, self._offsets, self._network._weights["table"], self._first, stream)
        self._run("embed", *told, self._positions, len(self._features), self._sizes.d)
        return stream

    def _embed_back(self, gradient: Tensor) -> None:
        table = self._network._weights["table"].grad
        told = (self._features, self._offsets, table, self._first, gradient)
        self._run("embed_back", *told, self._positions, len(self._features), self._sizes.d)

    def _hear(self, number: int, stream: Tensor) -> Tensor:
        layer = f"layers.{number}"
        read = self._read(f"{layer}.norm1", stream)
        parts = self._times(f"{layer}.qkv", read, "parts")
        heard = self._attention.forward(layer, parts)
        return self._times(f"{layer}.out", heard, "added")

    def _hear_back(self, number: int, back: Tensor, stream: Tensor, gradient: Tensor) -> None:
        layer = f"layers.{number}"
        heard_back = self._times_back(f"{layer}.out", back, self._attention.heard(layer), "heard_back")
        parts_back = self._attention.backward(layer, heard_back)
        self._read_back(f"{layer}.qkv", f"{layer}.norm1", parts_back, stream, gradient)

    def _think(self, number: int, stream: Tensor) -> Tensor:
        layer = f"layers.{number}"
        ff = self._sizes.ff
        read = self._read(f"{layer}.norm2", stream)
        both = self._times(f"{layer}.gate_up", read, f"{layer}.both")
        thought = self._halves(f"{layer}.thought", self._positions, ff)
        self._run("gate", both, thought, self._positions, ff)
        return self._times(f"{layer}.down", thought, "added")

    def _think_back(self, number: int, back: Tensor, stream: Tensor, gradient: Tensor) -> None:
        layer = f"layers.{number}"
        ff = self._sizes.ff
        thought = self._halves(f"{layer}.thought", self._positions, ff)
        both = self._halves(f"{layer}.both", self._positions, 2 * ff)
        thought_back = self._times_back(f"{layer}.down", back, thought, "thought_back")
        both_back = self._halves("both_back", self._positions, 2 * ff)
        self._run("gate_back", both, thought_back, both_back, self._positions, ff)
        self._read_back(f"{layer}.gate_up", f"{layer}.norm2", both_back, stream, gradient)

    def _answered(self, stream: Tensor, total: float) -> tuple[Tensor, Tensor]:
        """The gradient of the stream after the last layer, and the losses."""
        import torch

        batch, sizes = self._batch, self._sizes
        chosen, wanted = torch.from_numpy(batch.targets), torch.from_numpy(batch.wanted)
        weights = torch.from_numpy(batch.weights) / total
        read = self._read("norm", stream, chosen)
        logits = self._times("table", read, "logits")
        losses = torch.empty(len(chosen))
        self._run("surprise", logits, wanted, weights, losses, len(chosen), sizes.vocabulary, Z_LOSS)
        gradient = self._floats("gradient", self._positions).zero_()
        self._read_back("table", "norm", logits, stream, gradient, chosen)
        return gradient, losses

    def _read(self, gain: str, stream: Tensor, chosen: Tensor | None = None) -> Tensor:
        """The norm of the stream, or of its chosen rows."""
        rows = self._positions if chosen is None else len(chosen)
        read = self._halves(f"{gain}.read", rows, self._sizes.d)
        inverse = self._scratch.floats(f"{gain}.inverse", rows)
        told = (stream, chosen, self._network._weights[gain], read, inverse)
        self._run("normalise", *told, rows, self._sizes.d, NORM_EPSILON)
        return read

    def _read_back(
        self,
        matrix: str,
        gain: str,
        back: Tensor,
        stream: Tensor,
        gradient: Tensor,
        chosen: Tensor | None = None,
    ) -> None:
        """Through the matrix and the norm before it, into the stream's gradient."""
        rows, d = len(back), self._sizes.d
        read_back = self._times_back(matrix, back, self._halves(f"{gain}.read", rows, d), "read_back")
        weight, inverse = self._network._weights[gain], self._scratch.floats(f"{gain}.inverse", rows)
        told = (read_back, stream, chosen, weight, inverse, gradient, weight.grad)
        self._run("normalise_back", *told, rows, d)

    def _times(self, matrix: str, read: Tensor, into: str) -> Tensor:
        import torch

        weight = self._network._halves[matrix]
        return torch.mm(read, weight.t(), out=self._halves(into, len(read), len(weight)))

    def _times_back(self, matrix: str, back: Tensor, read: Tensor, into: str) -> Tensor:
        """Adds the matrix's gradient; returns that of what was read."""
        import torch

        weight = self._network._halves[matrix]
        self._matrix_back(back, read, self._network._weights[matrix].grad)
        return torch.mm(back, weight, out=self._halves(into, len(back), weight.shape[1]))

    def _matrix_back(self, back: Tensor, read: Tensor, sums: Tensor | None) -> None:
        import torch

        outputs, inputs = back.shape[1], read.shape[1]
        if self._run.has_tiles:
            room = self._halves("matrix_tiles", inputs + 512, 512)
            self._run("matrix_back", back, read, sums, room, len(back), outputs, inputs)
        else:
            own = torch.mm(back.t(), read, out=self._halves("matrix_back", outputs, inputs))
            self._run("gather", own, sums, own.numel())

    def _forgotten(self) -> Forgotten:
        return Forgotten(self._dropout, self._positions * self._sizes.d)

    def _floats(self, name: str, rows: int) -> Tensor:
        return self._scratch.floats(name, rows, self._sizes.d)

    def _halves(self, name: str, *shape: int) -> Tensor:
        return self._scratch.halves(name, *shape)
