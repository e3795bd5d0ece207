"""Memory that is used again in every step: fresh pages cost as much as the arithmetic in them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor, dtype


class Scratch:
    """Tensors by name; whoever asks again gets the same memory, in any shape, with what was left in it."""

    def __init__(self) -> None:
        self._kept: dict[str, Tensor] = {}

    def floats(self, name: str, *shape: int) -> Tensor:
        import torch

        return self._taken(name, shape, torch.float32)

    def halves(self, name: str, *shape: int) -> Tensor:
        import torch

        return self._taken(name, shape, torch.bfloat16)

    def _taken(self, name: str, shape: tuple[int, ...], kind: dtype) -> Tensor:
        import torch

        needed = math.prod(shape)
        kept = self._kept.get(name)
        if kept is None or kept.numel() < needed:
            kept = self._kept[name] = torch.empty(needed, dtype=kind)
        return kept[:needed].view(shape)
