"""How does the network that hears chords learn?

The torch twin of engine.analysis.audio.chordmodel and chordchain: first the chord of each beat alone, then
whole excerpts as one chain, whose true path is to outweigh all others together (a conditional random field).
In a seventh of the excerpts the transcribed notes are left out, so that the spectrum must do without.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from engine.analysis.audio.chordmodel import QUALITIES, SHAPES, SPECTRUM

_KINDS = len(QUALITIES)
_CHORDS = 12 * _KINDS
_BEATS_ALONE, _CHAINS = 40, 25  # times through all examples
_RATE, _DECAY, _MOVE_DECAY, _DROPPED, _WITHOUT_NOTES = 0.01, 1e-3, 1e-3, 0.2, 0.15
_BATCH = 48
_ALONE_SHARE, _SMOOTHING = 0.1, 0.02
_NEVER = -1e4
_FIRST_GUESS = {"none": (-3.0, -0.5, 0.0), "change": (3.5, 2.0, 0.5)}


@dataclass(frozen=True, slots=True)
class Excerpt:
    """turned: (slots, 12, features), whole: (slots, 3), as of `chord_inputs`. ranks, chords: (slots,)."""

    turned: np.ndarray
    whole: np.ndarray
    ranks: np.ndarray
    chords: np.ndarray


@dataclass(frozen=True, slots=True)
class _Batch:
    """Excerpts side by side, the shorter filled up; `there`: (excerpts, slots) what is music."""

    turned: torch.Tensor
    whole: torch.Tensor
    ranks: torch.Tensor
    chords: torch.Tensor
    there: torch.Tensor


class Network(nn.Module):  # type: ignore[misc]
    """The arrays by the names they are saved under."""

    def __init__(self, generator: torch.Generator) -> None:
        super().__init__()
        for name, shape in SHAPES.items():
            first = torch.zeros(shape)
            if name in ("inner", "outer"):
                first = (2 * torch.rand(shape, generator=generator) - 1) / shape[0] ** 0.5
            if name in _FIRST_GUESS:
                first = torch.tensor(_FIRST_GUESS[name])
            self.register_parameter(name, nn.Parameter(first))

    def emission(self, turned: torch.Tensor, whole: torch.Tensor) -> torch.Tensor:
        """(excerpts, slots, chords + 1)"""
        bent = torch.tanh(turned @ self.inner + self.inner_constant)
        scores = turned @ self.straight + bent @ self.outer + self.outer_constant
        return torch.cat([scores.flatten(2), (whole @ self.none)[..., None]], dim=2)

    def moves(self) -> tuple[torch.Tensor, torch.Tensor]:
        """(chords + 1, chords + 1) with the ease of beginning in it, and (chords + 1,) that alone."""
        roots = torch.arange(12)
        table = self.move[:, :, (roots[None] - roots[:, None]) % 12]
        table = functional.pad(table.permute(2, 0, 3, 1).reshape(_CHORDS, _CHORDS), (0, 1, 0, 1))
        to_none, from_none = torch.zeros(2, _CHORDS + 1, _CHORDS + 1)
        to_none[:_CHORDS, _CHORDS] = 1
        from_none[_CHORDS, :_CHORDS] = 1
        table = table + from_none * self.none_move[0] + to_none * self.none_move[1]
        begin = torch.cat([self.begin[:_KINDS].repeat(12), self.begin[_KINDS:]])
        return (table + begin).masked_fill(torch.eye(_CHORDS + 1, dtype=torch.bool), _NEVER), begin


def learn(
    excerpts: Sequence[Excerpt], seed: int = 1, rounds: tuple[int, int] = (_BEATS_ALONE, _CHAINS)
) -> Network:
    """A network taught with the excerpts; the same from the same seed."""
    generator = torch.Generator().manual_seed(seed)
    network = Network(generator)
    decays = {"move": _MOVE_DECAY, "inner": _DECAY, "outer": _DECAY, "straight": _DECAY}
    optimiser = torch.optim.Adam(
        [
            {"params": [part], "weight_decay": decays.get(name, 0.0)}
            for name, part in network.named_parameters()
        ]
    )
    batches = _batches(excerpts)
    for is_chain, times in zip((False, True), rounds, strict=True):
        for turn in range(times):
            fall = 0.1 + 0.45 * (1 + np.cos(np.pi * turn / times))
            for group in optimiser.param_groups:
                group["lr"] = _RATE * (0.5 if is_chain else 1.0) * fall
            for batch in batches:
                emission = network.emission(_thinned(batch.turned, generator), batch.whole)
                cost = _alone_cost(emission, batch)
                if is_chain:
                    cost = chain_cost(network, emission, batch) + _ALONE_SHARE * cost
                optimiser.zero_grad()
                cost.backward()
                optimiser.step()
    return network


def arrays_of(network: Network) -> dict[str, np.ndarray]:
    """What is saved."""
    return {name: part.detach().numpy().astype(np.float32) for name, part in network.named_parameters()}


def chain_cost(network: Network, emission: torch.Tensor, batch: _Batch) -> torch.Tensor:
    """How much all chains together outweigh the true one, a slot."""
    moves, begin = network.moves()
    free, prices = torch.exp(moves), network.change[batch.ranks]
    every = emission[:, 0] + begin
    true = every.gather(1, batch.chords[:, :1])[:, 0]
    for slot in range(1, emission.shape[1]):
        there, now, before = batch.there[:, slot], batch.chords[:, slot], batch.chords[:, slot - 1]
        peak = every.max(dim=1, keepdim=True)[0]
        arrives = peak + torch.log(torch.exp(every - peak) @ free + 1e-30) - prices[:, slot : slot + 1]
        onward = torch.logaddexp(every, arrives) + emission[:, slot]
        every = torch.where(there[:, None], onward, every)
        step = torch.where(now == before, torch.zeros(len(now)), moves[before, now] - prices[:, slot])
        here = emission[:, slot].gather(1, now[:, None])[:, 0]
        true = true + torch.where(there, step + here, torch.zeros(len(now)))
    return (torch.logsumexp(every, dim=1) - true).sum() / batch.there.sum()


def _alone_cost(emission: torch.Tensor, batch: _Batch) -> torch.Tensor:
    return functional.cross_entropy(
        emission[batch.there], batch.chords[batch.there], label_smoothing=_SMOOTHING
    )


def _thinned(turned: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Some features left out of each excerpt, all of the notes in some."""
    excerpts, _, _, features = turned.shape
    keep = (torch.rand((excerpts, 1, 1, features), generator=generator) > _DROPPED).float()
    keep[torch.rand(excerpts, generator=generator) < _WITHOUT_NOTES, :, :, SPECTRUM:] = 0
    return turned * keep


def _batches(excerpts: Sequence[Excerpt]) -> list[_Batch]:
    ordered = sorted(excerpts, key=lambda excerpt: len(excerpt.chords))
    return [batch_of(ordered[first : first + _BATCH]) for first in range(0, len(ordered), _BATCH)]


def batch_of(excerpts: Sequence[Excerpt]) -> _Batch:
    """The excerpts side by side."""
    longest = max(len(excerpt.chords) for excerpt in excerpts)

    def filled(name: str, kind: type) -> torch.Tensor:
        parts = [getattr(excerpt, name) for excerpt in excerpts]
        out = np.zeros((len(parts), longest, *parts[0].shape[1:]), kind)
        for row, part in zip(out, parts, strict=True):
            row[: len(part)] = part
        return torch.from_numpy(out)

    there = torch.tensor([[slot < len(each.chords) for slot in range(longest)] for each in excerpts])
    return _Batch(
        filled("turned", np.float32),
        filled("whole", np.float32),
        filled("ranks", np.int64),
        filled("chords", np.int64),
        there,
    )
