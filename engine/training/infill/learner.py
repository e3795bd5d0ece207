"""How does the network change with every batch?

Cross-entropy of the next token plus a small pull of the normaliser to 1 (z-loss), AdamW with weight decay on
matrices only, clipped gradients; beside the weights a running mean of them (EMA) that is what gets released.
The loss of a step is one mean over all positions of all its batches, in this process and in the others, so
that two processes with a batch each do what one does with both.

A step is told its number and its speed; dropout is drawn from (seed, step, batch), so that a run that was
stopped goes on as if it had not been.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.generation.infill.weights import Sizes
from engine.generation.language.grid import Stream
from engine.training.infill.batches import Batch
from engine.training.infill.fused import FusedNetwork
from engine.training.infill.fused_library import MOST_WORDS, fused_library
from engine.training.infill.network import Z_LOSS, Dropout, logits_of, new_weights
from engine.training.infill.scratch import Scratch

if TYPE_CHECKING:
    from torch import Tensor

BETAS = (0.9, 0.95)
CLIP = 1.0
GROUPS = 1 + len(Stream)
"""What losses are told apart: context, then the streams' answers."""


@dataclass(frozen=True, slots=True)
class Learning:
    """What a run may be told about learning."""

    weight_decay: float = 0.1
    dropout: float = 0.1
    ema: float = 0.999
    is_bf16: bool = True
    device: str = "cpu"


class Learner:
    """The weights, what the optimiser remembers of them, and their running mean."""

    def __init__(self, sizes: Sizes, learning: Learning, seed: int) -> None:
        import torch

        self.sizes, self.learning, self.seed, self.steps = sizes, learning, seed, 0
        fresh = new_weights(sizes, seed)
        self.weights = {name: value.to(learning.device).requires_grad_() for name, value in fresh.items()}
        self.mean = {name: value.detach().clone() for name, value in self.weights.items()}
        matrices = [value for value in self.weights.values() if value.dim() > 1]
        gains = [value for value in self.weights.values() if value.dim() == 1]
        self.optimiser = torch.optim.AdamW(
            [
                {"params": matrices, "weight_decay": learning.weight_decay},
                {"params": gains, "weight_decay": 0.0},
            ],
            betas=BETAS,
            fused=True,
        )
        self._fused: FusedNetwork | None = None
        self._fused_mean: FusedNetwork | None = None
        self._be_fast()

    def step(
        self, batches: Sequence[Batch], rate: float, rank: int = 0, dropout_share: float | None = None
    ) -> StepReport:
        """Learns from the batches at this rate; `rank` tells processes that learn together apart, and
        `dropout_share` is how much is forgotten, if not as much as ever."""
        import torch

        report = StepReport.of(batches)
        total = report.shared().weight
        self.optimiser.zero_grad(set_to_none=True)
        share = self.learning.dropout if dropout_share is None else dropout_share
        for number, batch in enumerate(batches):
            place = rank + number
            dropout = Dropout(share, self.seed, (self.steps << 8) + place)
            report.add(batch, self._learnt(batch, dropout, total))
        self._share_gradients()
        gradients = [value.grad for value in self.weights.values() if value.grad is not None]
        report.steepness = float(torch.nn.utils.clip_grad_norm_(self.weights.values(), CLIP))
        if gradients and np.isfinite(report.steepness):
            self._move(rate)
        self.steps += 1
        return report.shared()

    def surprise(self, batch: Batch) -> np.ndarray:
        """Natural-log losses of every target under the running mean of the weights."""
        import torch

        if self._fused_mean is not None:
            return np.asarray(self._fused_mean.surprise(batch).double())
        with torch.no_grad(), self._precision():
            logits = logits_of(self.mean, self.sizes, batch)
        wanted = torch.from_numpy(batch.wanted).to(logits.device)[:, None]
        found = -logits.float().log_softmax(-1).gather(1, wanted)[:, 0]
        return np.asarray(found.double().cpu())

    def _learnt(self, batch: Batch, dropout: Dropout, total: float) -> Tensor:
        """Natural-log losses of every target; the weights' gradients grow by those of the batch."""
        if self._fused is not None:
            return self._fused.learn(batch, dropout, total)
        surprise, weighted = self._losses(batch, dropout)
        (weighted / total).backward()
        return surprise.detach()

    def _losses(self, batch: Batch, dropout: Dropout | None) -> tuple[Tensor, Tensor]:
        """Natural-log losses of every target, and the weighted sum to be made small."""
        import torch

        device = self.learning.device
        with self._precision():
            logits = logits_of(self.weights, self.sizes, batch, dropout)
        logits = logits.float()
        wanted = torch.from_numpy(batch.wanted).to(device)[:, None]
        surprise = -logits.log_softmax(-1).gather(1, wanted)[:, 0]
        normaliser = logits.gather(1, wanted)[:, 0] + surprise
        weights = torch.from_numpy(batch.weights).to(device)
        return surprise, (weights * (surprise + Z_LOSS * normaliser.square())).sum()

    def _be_fast(self) -> None:
        """Where there is a fast way: bfloat16 on a processor, with a C compiler."""
        if self.learning.device != "cpu" or not self.learning.is_bf16 or self.sizes.vocabulary > MOST_WORDS:
            return
        library, scratch = fused_library(), Scratch()
        if library is not None:
            self._fused = FusedNetwork(self.weights, self.sizes, library, scratch)
            self._fused_mean = FusedNetwork(self.mean, self.sizes, library, scratch)

    def _precision(self) -> Any:
        import torch

        if not self.learning.is_bf16:
            return nullcontext()
        return torch.autocast(torch.device(self.learning.device).type, torch.bfloat16)

    def _move(self, rate: float) -> None:
        import torch

        for group in self.optimiser.param_groups:
            group["lr"] = rate
        self.optimiser.step()
        with torch.no_grad():
            keep = min(self.learning.ema, (1 + self.steps) / (10 + self.steps))
            torch._foreach_lerp_(list(self.mean.values()), list(self.weights.values()), 1 - keep)

    def _share_gradients(self) -> None:
        """Every process goes on with the sum of all gradients."""
        from torch import distributed

        if is_shared():
            for value in self.weights.values():
                distributed.all_reduce(value.grad)


class StepReport:
    """Sums over the positions of a step: loss and count by group, weight, tokens."""

    def __init__(self, sums: np.ndarray) -> None:
        self.sums = sums
        self.steepness = 0.0

    @classmethod
    def of(cls, batches: Sequence[Batch]) -> StepReport:
        """A report of batches not yet learnt from."""
        sums = np.zeros(2 * GROUPS + 2)
        sums[-2] = sum(float(batch.weights.sum()) for batch in batches)
        sums[-1] = sum(batch.tokens for batch in batches)
        return cls(sums)

    @property
    def losses(self) -> np.ndarray:
        """Natural-log loss summed, by group."""
        return self.sums[:GROUPS]

    @property
    def counts(self) -> np.ndarray:
        return self.sums[GROUPS : 2 * GROUPS]

    @property
    def weight(self) -> float:
        return float(self.sums[-2])

    @property
    def tokens(self) -> int:
        return int(self.sums[-1])

    def add(self, batch: Batch, surprise: Tensor) -> None:
        values = surprise.double().cpu().numpy()
        self.sums[:GROUPS] += np.bincount(batch.streams, values, GROUPS)
        self.sums[GROUPS : 2 * GROUPS] += np.bincount(batch.streams, minlength=GROUPS)

    def shared(self) -> StepReport:
        """The same over all processes."""
        import torch
        from torch import distributed

        if not is_shared():
            return self
        sums = torch.from_numpy(self.sums.copy())
        distributed.all_reduce(sums)
        found = StepReport(sums.numpy())
        found.steepness = self.steepness
        return found


def is_shared() -> bool:
    """Do several processes learn together?"""
    from torch import distributed

    return bool(distributed.is_available() and distributed.is_initialized())
