"""How does the network that hears the key of loops learn?

The torch twin of engine.analysis.keyear: the 24 keys of an excerpt are weighed against each other by
cross-entropy, some features left out at random. Networks taught from different seeds are joined into one:
their units side by side, their scores' mean.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from engine.analysis.keyear import CUES, MODES, UNITS
from engine.analysis.keyinputs import FEATURES
from engine.training.hearing.keyexcerpts import KeyExcerpt

_NO_SPREAD = 1e-3  # of a cue that is the same for all keys
_SHAPES = {
    "straight": (FEATURES, MODES),
    "inner": (FEATURES, UNITS),
    "inner_constant": (UNITS,),
    "outer": (UNITS, MODES),
    "minor": (1,),
    "cues": (len(CUES),),
}


@dataclass(frozen=True, slots=True)
class KeyCourse:
    """`rounds`: times through all excerpts. `decay`: of what the network weighs; `cue_decay`: of the cues."""

    rounds: int = 16
    rate: float = 0.02
    decay: float = 1e-4
    cue_decay: float = 1e-3
    dropped: float = 0.4
    batch: int = 128


class KeyNetwork(nn.Module):  # type: ignore[misc]
    """The arrays by the names they are saved under; cues are measured in their own spread."""

    def __init__(self, generator: torch.Generator, spread: np.ndarray) -> None:
        super().__init__()
        for name, shape in _SHAPES.items():
            first = torch.zeros(shape)
            if name == "inner":
                first = (2 * torch.rand(shape, generator=generator) - 1) / 30
            elif name == "outer":
                first = 0.3 * (2 * torch.rand(shape, generator=generator) - 1)
            self.register_parameter(name, nn.Parameter(first))
        self.register_buffer("spread", torch.tensor(spread, dtype=torch.float32))

    def forward(self, inputs: torch.Tensor, cues: torch.Tensor) -> torch.Tensor:
        """(excerpts, 24) from (excerpts, 12, FEATURES) and (excerpts, 24, CUES)."""
        bent = torch.tanh(inputs @ self.inner + self.inner_constant)
        by_root = inputs @ self.straight + bent @ self.outer
        scores = by_root.transpose(1, 2).flatten(1) + (cues / self.spread) @ self.cues
        return scores + torch.cat([torch.zeros(12), self.minor.expand(12)])


def learn_keys(excerpts: Sequence[KeyExcerpt], seed: int = 1, course: KeyCourse = KeyCourse()) -> KeyNetwork:
    """A network taught with the excerpts; the same from the same seed."""
    generator = torch.Generator().manual_seed(seed)
    inputs = torch.tensor(np.array([each.inputs for each in excerpts]))
    cues = np.array([each.cues[:, CUES] for each in excerpts], np.float32)
    spread = (cues - cues.mean(axis=1, keepdims=True)).std(axis=(0, 1))
    network = KeyNetwork(generator, np.where(spread < _NO_SPREAD, 1.0, spread + 1e-6))
    keys = torch.tensor([each.key for each in excerpts])
    weight = torch.tensor([each.weight for each in excerpts], dtype=torch.float32)
    weight = weight / weight.mean()
    optimiser = torch.optim.Adam(network.parameters(), lr=course.rate)
    batches = -(-len(excerpts) // course.batch)
    rng, told = np.random.default_rng(seed), torch.tensor(cues)
    for turn in range(course.rounds):
        for number, chosen in enumerate(np.array_split(rng.permutation(len(excerpts)), batches)):
            done = (turn * batches + number) / (course.rounds * batches)
            for group in optimiser.param_groups:
                group["lr"] = course.rate * (0.02 + 0.49 * (1 + np.cos(np.pi * done)))
            some = torch.tensor(chosen)
            scores = network(_thinned(inputs[some], course.dropped, generator), told[some])
            cost = (weight[some] * functional.cross_entropy(scores, keys[some], reduction="none")).mean()
            optimiser.zero_grad()
            (cost + _size(network, course)).backward()
            optimiser.step()
    return network


def _thinned(inputs: torch.Tensor, dropped: float, generator: torch.Generator) -> torch.Tensor:
    """The same features left out for all excerpts, the rest louder."""
    keep = torch.rand((1, 1, inputs.shape[2]), generator=generator) > dropped
    return inputs * keep / (1 - dropped)


def _size(network: KeyNetwork, course: KeyCourse) -> torch.Tensor:
    learnt = (network.straight, network.inner, network.outer)
    return course.decay * sum((part**2).sum() for part in learnt) + course.cue_decay * (network.cues**2).sum()


def key_arrays(networks: Sequence[KeyNetwork]) -> dict[str, np.ndarray]:
    """What is saved of networks side by side; the cues' weights are for cues as they are."""
    learnt = [{name: part.detach().numpy() for name, part in each.named_parameters()} for each in networks]
    units = ("inner", "inner_constant", "outer")
    arrays = {name: np.concatenate([each[name] for each in learnt], axis=-1) for name in units[:2]}
    arrays["outer"] = np.concatenate([each["outer"] for each in learnt]) / len(networks)
    for name in _SHAPES.keys() - units - {"cues"}:
        arrays[name] = np.mean([each[name] for each in learnt], axis=0)
    spread = [each["cues"] / network.spread.numpy() for each, network in zip(learnt, networks, strict=True)]
    halved = {name: array.astype(np.float16) for name, array in sorted(arrays.items())}
    return halved | {"cues": np.mean(spread, axis=0).astype(np.float32)}
