"""Which token comes next, given everything written so far? The decoder that learns it.

A position's input is the sum of the table rows of its active features (the token itself first, then what the
language says about the place that comes next); the first rows of the table are the tokens and are also the
output. Every layer: RMSNorm, causal attention with rotary positions (half-split, base 10000), RMSNorm,
SwiGLU.
The weights are a plain dict of tensors under the names of the model file, so that a file is the network.

torch is imported late: the product runs without it.

>>> parameter_count(Sizes(192, 4, 3, 512, 700, 9000, 768))
3499200
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.generation.infill.weights import ROTARY_BASE, Sizes
from engine.training.infill.batches import Batch

if TYPE_CHECKING:
    from torch import Tensor

NORM_EPSILON = 1e-5
Z_LOSS = 1e-4
"""How strongly the normaliser is pulled to 1."""
QUERY_BLOCK = 128
FIRST_SPREAD = 0.02
"""Standard deviation of a fresh matrix."""


def parameter_count(sizes: Sizes) -> int:
    return sum(math.prod(shape) for shape in sizes.shapes().values())


def new_weights(sizes: Sizes, seed: int) -> dict[str, Tensor]:
    """Fresh weights; what is added to the stream of a deep network starts smaller."""
    import torch

    generator = torch.Generator().manual_seed(seed)
    weights = {}
    for name, shape in sizes.shapes().items():
        if len(shape) == 1:
            weights[name] = torch.ones(shape)
        else:
            into_stream = name.endswith((".out", ".down"))
            spread = FIRST_SPREAD / math.sqrt(2 * sizes.layers) if into_stream else FIRST_SPREAD
            weights[name] = torch.randn(shape, generator=generator) * spread
    return weights


class Dropout:
    """Forgets about this share of the numbers, drawn from a generator of its own so that a step can be
    repeated. Drawn as bytes: an eighth of the time of torch's."""

    def __init__(self, share: float, seed: int, step: int) -> None:
        self.least = round(share * 256)
        self.scale = 256 / (256 - self.least)
        self.generator = np.random.Philox(key=seed, counter=step << 64)

    def __call__(self, stream: Tensor) -> Tensor:
        import torch

        drawn = self.drawn(stream.numel())
        kept = torch.from_numpy(drawn >= self.least).reshape(stream.shape).to(stream.device, stream.dtype)
        return stream * kept.mul_(self.scale)

    def drawn(self, numbers: int) -> NDArray[np.uint8]:
        """A byte for each of the next numbers; those below `least` are forgotten, others grow by `scale`."""
        return self.generator.random_raw(-(-numbers // 8)).view(np.uint8)[:numbers]


def logits_of(
    weights: dict[str, Tensor], sizes: Sizes, batch: Batch, dropout: Dropout | None = None
) -> Tensor:
    """Scores of the next token, one row for each of the batch's targets, shape (targets, vocabulary)."""
    import torch

    device = weights["table"].device
    hidden = hidden_of(weights, sizes, batch, dropout)
    chosen = torch.from_numpy(batch.targets).to(device)
    hidden = _norm(hidden.reshape(-1, sizes.d).index_select(0, chosen), weights["norm"])
    return torch.nn.functional.linear(hidden, weights["table"][: sizes.vocabulary])


def hidden_of(weights: dict[str, Tensor], sizes: Sizes, batch: Batch, dropout: Dropout | None) -> Tensor:
    """The stream after the last layer, before the last norm, shape (rows, length, d)."""
    import torch
    from torch.nn import functional

    device = weights["table"].device
    features, offsets = (torch.from_numpy(array).to(device) for array in (batch.features, batch.offsets))
    stream = functional.embedding_bag(features, weights["table"], offsets, mode="sum")
    dropped = dropout or _kept
    stream = dropped(stream.reshape(batch.rows, batch.length, sizes.d))
    around = turns(batch.length, sizes.d // sizes.heads)
    for number in range(sizes.layers):
        layer = f"layers.{number}"
        read = _norm(stream, weights[f"{layer}.norm1"])
        heard = _attention(weights, layer, sizes, read, around)
        stream = stream + dropped(heard)
        read = _norm(stream, weights[f"{layer}.norm2"])
        gate, up = functional.linear(read, weights[f"{layer}.gate_up"]).chunk(2, dim=-1)
        thought = functional.linear(functional.silu(gate) * up, weights[f"{layer}.down"])
        stream = stream + dropped(thought)
    return stream


def _kept(stream: Tensor) -> Tensor:
    return stream


def _norm(stream: Tensor, gain: Tensor) -> Tensor:
    from torch.nn import functional

    return functional.rms_norm(stream, gain.shape, gain, NORM_EPSILON)


def _attention(
    weights: dict[str, Tensor], layer: str, sizes: Sizes, read: Tensor, around: tuple[Tensor, Tensor]
) -> Tensor:
    from torch.nn import functional

    rows, length, _ = read.shape
    width = sizes.d // sizes.heads
    parts = functional.linear(read, weights[f"{layer}.qkv"])
    parts = parts.reshape(rows, length, 3, sizes.heads, width).permute(2, 0, 3, 1, 4)
    query, key = _turned(parts[:2], around).reshape(2, rows * sizes.heads, length, width).unbind(0)
    heard = _causal(query, key, parts[2].reshape(rows * sizes.heads, length, width))
    heard = heard.reshape(rows, sizes.heads, length, width).transpose(1, 2)
    return functional.linear(heard.reshape(rows, length, sizes.d), weights[f"{layer}.out"])


def _causal(query: Tensor, key: Tensor, value: Tensor) -> Tensor:
    """Attention to what came before, arguments and result (heads, length, width).

    On a processor blocks of queries, each seeing only the keys up to its end, take less than half the time
    of torch's own fused attention (measured at width 64, 256 to 512 positions).
    """
    import torch
    from torch.nn import functional

    if query.is_cuda:
        return functional.scaled_dot_product_attention(query, key, value, is_causal=True)
    heads, length, width = query.shape
    future = torch.full((length, length), -math.inf, dtype=query.dtype).triu(1)
    blocks = []
    for start in range(0, length, QUERY_BLOCK):
        end = min(start + QUERY_BLOCK, length)
        unseen = future[start:end, :end].expand(heads, end - start, end)
        earlier = key[:, :end].transpose(1, 2)
        scores = torch.baddbmm(unseen, query[:, start:end], earlier, alpha=width**-0.5)
        blocks.append(torch.bmm(scores.softmax(-1), value[:, :end]))
    return torch.cat(blocks, dim=1)


def turns(length: int, width: int) -> tuple[Tensor, Tensor]:
    """Cosines and sines of the rotary positions, shape (length, width / 2)."""
    import torch

    speeds = ROTARY_BASE ** (-torch.arange(0, width, 2, dtype=torch.float32) / width)
    angles = torch.outer(torch.arange(length, dtype=torch.float32), speeds)
    return angles.cos(), angles.sin()


def _turned(heads: Tensor, around: tuple[Tensor, Tensor]) -> Tensor:
    import torch

    cosines, sines = (turn.to(heads.device, heads.dtype) for turn in around)
    first, second = heads.chunk(2, dim=-1)
    return torch.cat((first * cosines - second * sines, first * sines + second * cosines), dim=-1)
