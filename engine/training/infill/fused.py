"""The same network and losses as network.py, several times faster on a processor.

Matrix products are torch's, in bfloat16; what lies between them is one pass of machine code each (fused.c),
and the backward pass is written out, so that nothing is copied, cast or kept that is not used. The stream,
its gradient and the weights' gradients are float32. The plain network is what this is measured against.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from engine.generation.infill.weights import Sizes
from engine.training.infill.batches import Batch
from engine.training.infill.fused_attention import Attention
from engine.training.infill.fused_library import Forgotten, Library
from engine.training.infill.network import NORM_EPSILON, Z_LOSS, Dropout, turns
from engine.training.infill.scratch import Scratch

if TYPE_CHECKING:
    from torch import Tensor


class FusedNetwork:
    """Losses and gradients of a batch; `weights` are read anew every time. Networks may share a scratch."""

    def __init__(self, weights: dict[str, Tensor], sizes: Sizes, library: Library, scratch: Scratch) -> None:
        import torch

        self._weights, self._sizes, self._run, self._scratch = weights, sizes, library, scratch
        matrices = {name: value.detach() for name, value in weights.items() if value.dim() > 1}
        matrices["table"] = matrices["table"][: sizes.vocabulary]
        self._floats = list(matrices.values())
        self._halves = {
            name: torch.empty_like(value, dtype=torch.bfloat16) for name, value in matrices.items()
        }

    def learn(self, batch: Batch, dropout: Dropout | None, total: float) -> Tensor:
        """Natural-log losses of every target; adds the gradient of their weighted sum over `total`."""
        import torch

        for value in self._weights.values():
            if value.grad is None:
                value.grad = torch.zeros_like(value)
        return self._pass(batch, dropout, keeps_layers=True).learn(total)

    def surprise(self, batch: Batch) -> Tensor:
        """Natural-log losses of every target."""
        return self._pass(batch, None, keeps_layers=False).surprise()

    def _pass(self, batch: Batch, dropout: Dropout | None, keeps_layers: bool) -> _Pass:
        """Raises IndexError: machine code looks where it is told to."""
        import torch

        sizes = self._sizes
        fits = _is_within(batch.features, sizes.features) and _is_within(batch.wanted, sizes.vocabulary)
        if not fits or not _is_within(batch.targets, batch.rows * batch.length):
            raise IndexError("A batch is of another language than the network.")
        torch._foreach_copy_(list(self._halves.values()), self._floats)
        return _Pass(self, batch, dropout, keeps_layers)


def _is_within(numbers: NDArray[Any], end: int) -> bool:
    return bool(len(numbers) == 0 or (numbers.min() >= 0 and numbers.max() < end))


class _Pass:
    """One batch through the network, and back if the layers' numbers are kept."""

    def __init__(
        self, network: FusedNetwork, batch: Batch, dropout: Dropout | None, keeps_layers: bool
    ) -> None:
        import torch

        self._network, self._batch, self._run = network, batch, network._run
        self._sizes, self._scratch = network._sizes, network._scratch
        self._positions = batch.rows * batch.length
        is_forgetting = dropout is not None and dropout.least > 0
        self._dropout = dropout if is_forgetting else None
        self._keeps_layers = keeps_layers
        self._features, self._offsets = torch.from_numpy(batch.features), torch.from_numpy(batch.offsets)
        self._chosen = torch.from_numpy(batch.targets)
        sizes = self._sizes
        around = turns(batch.length, sizes.d // sizes.heads)
        self._attention = Attention(sizes, batch.rows, batch.length, around, self._run, self._scratch)

    def learn(self, total: float) -> Tensor:
        streams, forgotten = [self._embedded()], []
        for number in range(self._sizes.layers):
            for half in (self._hear, self._think):
                forgotten.append(self._forgotten())
                told = half(number, streams[-1]), streams[-1], forgotten[-1]
                streams.append(self._added(*told, len(streams)))
        logits, losses = self._answered(streams[-1], total)
        gradient = self._floats("gradient", self._positions).zero_()
        self._read_back("table", "norm", logits, streams[-1], gradient, self._chosen)
        for number in reversed(range(self._sizes.layers)):
            for half_back in (self._think_back, self._hear_back):
                streams.pop()
                back = self._halves("back", self._positions, self._sizes.d)
                self._run("forget_back", gradient, forgotten.pop(), back, self._positions, self._sizes.d)
                half_back(number, back, streams[-1], gradient)
        self._embed_back(gradient)
        return losses

    def surprise(self) -> Tensor:
        stream, place = self._embedded(), 0
        for number in range(self._sizes.layers):
            for half in (self._hear, self._think):
                place = 1 - place
                stream = self._added(half(number, stream), stream, Forgotten(), place)
        return self._answered(stream, 1.0)[1]

    def _added(self, added: Tensor, stream: Tensor, forget: Forgotten, place: int) -> Tensor:
        after = self._floats(f"stream{place}", self._positions)
        self._run("add", stream, added, forget, after, self._positions, self._sizes.d)
        return after

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
        heard = self._attention.forward(self._name(layer), parts)
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
        """The gradient of the logits, and the losses."""
        import torch

        batch, sizes = self._batch, self._sizes
        weights = torch.from_numpy(batch.weights) / total
        logits = self._times("table", self._read("norm", stream, self._chosen), "logits")
        losses = torch.empty(len(self._chosen))
        told = (logits, torch.from_numpy(batch.wanted), weights, losses)
        self._run("surprise", *told, len(self._chosen), sizes.vocabulary, Z_LOSS)
        return logits, losses

    def _read(self, gain: str, stream: Tensor, chosen: Tensor | None = None) -> Tensor:
        """The norm of the stream, or of its chosen rows."""
        rows = self._positions if chosen is None else len(chosen)
        read = self._halves(f"{gain}.read", rows, self._sizes.d)
        inverse = self._inverse(gain, rows)
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
        weight, inverse = (
            self._network._weights[gain],
            self._inverse(gain, rows),
        )
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
        return self._scratch.halves(self._name(name), *shape)

    def _inverse(self, gain: str, rows: int) -> Tensor:
        return self._scratch.floats(self._name(f"{gain}.inverse"), rows)

    def _name(self, name: str) -> str:
        """What a layer leaves behind is written over by the next when there is no way back."""
        return name if self._keeps_layers else re.sub(r"layers\.\d+", "layers", name)
