"""How do the networks that hear chords learn, that of recordings and that of notes?

The torch twin of engine.analysis.chordnetwork and chordchain: first the chord of each beat alone, then
whole excerpts as one chain, whose true path is to outweigh all others together (a conditional random field).
Some features are left out at random; of recordings, in a seventh of the excerpts, all transcribed notes, so
that the spectrum must do without.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from engine.analysis import chordear
from engine.analysis.audio import chordmodel

_MOVE_DECAY, _DROPPED, _WITHOUT_NOTES = 1e-3, 0.2, 0.15
_ALONE_SHARE, _SMOOTHING, _STEEPEST = 0.1, 0.02, 5.0
_NEVER = -1e4


@dataclass(frozen=True, slots=True)
class Course:
    """What is taught, and how. `rounds`: times through all examples, beats alone and as chains. `longest`:
    slots of a piece that are learnt at once. `unsure_from`: the features from there on may all be missing.
    """

    shapes: Mapping[str, tuple[int, ...]]
    rounds: tuple[int, int]
    rate: float
    decay: float
    batch: int
    longest: int
    first_guess: Mapping[str, tuple[float, ...]]
    unsure_from: int | None = None

    @property
    def kinds(self) -> int:
        return self.shapes["outer_constant"][0]


RECORDINGS = Course(
    chordmodel.SHAPES,
    rounds=(40, 25),
    rate=0.01,
    decay=1e-3,
    batch=48,
    longest=1000,
    first_guess={"none": (-3.0, -0.5, 0.0), "change": (3.5, 2.0, 0.5)},
    unsure_from=chordmodel.SPECTRUM,
)
NOTES = Course(
    chordear.SHAPES,
    rounds=(14, 4),
    rate=0.008,
    decay=2e-4,
    batch=32,
    longest=48,
    first_guess={"none": (0.0, 0.0, 0.0, -5.0, 0.0, 0.0), "change": (3.0, 2.0, 1.0)},
)


@dataclass(frozen=True, slots=True)
class Excerpt:
    """turned: (slots, 12, features), whole: (slots, ...), as the network hears them. ranks, chords: (slots,).
    `weight`: how much it counts.
    """

    turned: np.ndarray
    whole: np.ndarray
    ranks: np.ndarray
    chords: np.ndarray
    weight: float = 1.0

    def pieces(self, longest: int) -> list["Excerpt"]:
        """Cut so that none is longer; a short rest at the end is left out."""
        firsts = range(0, max(1, len(self.chords) - longest // 3), longest)
        cuts = [slice(first, first + longest) for first in firsts]
        return [
            Excerpt(self.turned[c], self.whole[c], self.ranks[c], self.chords[c], self.weight) for c in cuts
        ]


@dataclass(frozen=True, slots=True)
class _Batch:
    """Excerpts side by side, the shorter filled up; `there`: (excerpts, slots) what is music."""

    turned: torch.Tensor
    whole: torch.Tensor
    ranks: torch.Tensor
    chords: torch.Tensor
    there: torch.Tensor
    weight: torch.Tensor


class Network(nn.Module):  # type: ignore[misc]
    """The arrays by the names they are saved under."""

    def __init__(self, course: Course, generator: torch.Generator) -> None:
        super().__init__()
        self.kinds = course.kinds
        for name, shape in course.shapes.items():
            first = torch.zeros(shape)
            if name in ("inner", "outer"):
                first = (2 * torch.rand(shape, generator=generator) - 1) / shape[0] ** 0.5
            if name in course.first_guess:
                first = torch.tensor(course.first_guess[name])
            self.register_parameter(name, nn.Parameter(first))

    def emission(self, turned: torch.Tensor, whole: torch.Tensor) -> torch.Tensor:
        """(excerpts, slots, chords + 1)"""
        bent = torch.tanh(turned @ self.inner + self.inner_constant)
        scores = turned @ self.straight + bent @ self.outer + self.outer_constant
        return torch.cat([scores.flatten(2), (whole @ self.none)[..., None]], dim=2)

    def moves(self) -> tuple[torch.Tensor, torch.Tensor]:
        """(chords + 1, chords + 1) with the ease of beginning in it, and (chords + 1,) that alone."""
        count = 12 * self.kinds
        roots = torch.arange(12)
        table = self.move[:, :, (roots[None] - roots[:, None]) % 12]
        table = functional.pad(table.permute(2, 0, 3, 1).reshape(count, count), (0, 1, 0, 1))
        to_none, from_none = torch.zeros(2, count + 1, count + 1)
        to_none[:count, count] = 1
        from_none[count, :count] = 1
        table = table + from_none * self.none_move[0] + to_none * self.none_move[1]
        begin = torch.cat([self.begin[: self.kinds].repeat(12), self.begin[self.kinds :]])
        return (table + begin).masked_fill(torch.eye(count + 1, dtype=torch.bool), _NEVER), begin


def learn(
    excerpts: Sequence[Excerpt],
    seed: int = 1,
    course: Course = RECORDINGS,
    rounds: tuple[int, int] | None = None,
) -> Network:
    """A network taught with the excerpts; the same from the same seed. `rounds`: instead of the course's."""
    generator = torch.Generator().manual_seed(seed)
    network = Network(course, generator)
    optimiser = torch.optim.Adam(_groups(network, course))
    batches = _batches(excerpts, course, np.random.default_rng(seed))
    for is_chain, times in zip((False, True), rounds or course.rounds, strict=True):
        for turn in range(times):
            fall = 0.1 + 0.45 * (1 + np.cos(np.pi * turn / times))
            for group in optimiser.param_groups:
                group["lr"] = course.rate * (0.5 if is_chain else 1.0) * fall
            for batch in batches:
                emission = network.emission(_thinned(batch.turned, course, generator), batch.whole)
                cost = _alone_cost(emission, batch)
                if is_chain:
                    cost = chain_cost(network, emission, batch) + _ALONE_SHARE * cost
                optimiser.zero_grad()
                cost.backward()
                nn.utils.clip_grad_norm_(network.parameters(), _STEEPEST)
                optimiser.step()
    return network


def _groups(network: Network, course: Course) -> list[dict[str, object]]:
    decays = {"move": _MOVE_DECAY, "inner": course.decay, "outer": course.decay, "straight": course.decay}
    return [
        {"params": [part], "weight_decay": decays.get(name, 0.0)} for name, part in network.named_parameters()
    ]


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
    short = batch.weight * (torch.logsumexp(every, dim=1) - true)
    return short.sum() / (batch.there * batch.weight[:, None]).sum()


def _alone_cost(emission: torch.Tensor, batch: _Batch) -> torch.Tensor:
    weight = batch.weight[:, None].expand(batch.there.shape)[batch.there]
    cost = functional.cross_entropy(
        emission[batch.there], batch.chords[batch.there], reduction="none", label_smoothing=_SMOOTHING
    )
    return (weight * cost).sum() / weight.sum()


def _thinned(turned: torch.Tensor, course: Course, generator: torch.Generator) -> torch.Tensor:
    """Some features left out of each excerpt, all that are unsure in some."""
    excerpts, _, _, features = turned.shape
    keep = (torch.rand((excerpts, 1, 1, features), generator=generator) > _DROPPED).float()
    if course.unsure_from is not None:
        keep[torch.rand(excerpts, generator=generator) < _WITHOUT_NOTES, :, :, course.unsure_from :] = 0
    return turned * keep


def _batches(excerpts: Sequence[Excerpt], course: Course, rng: np.random.Generator) -> list[_Batch]:
    pieces = [piece for excerpt in excerpts for piece in excerpt.pieces(course.longest)]
    mixed = [pieces[index] for index in rng.permutation(len(pieces))]
    ordered = sorted(mixed, key=lambda piece: len(piece.chords))
    count = course.batch
    return [batch_of(ordered[first : first + count]) for first in range(0, len(ordered), count)]


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
        torch.tensor([each.weight for each in excerpts], dtype=torch.float32),
    )
