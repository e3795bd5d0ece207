"""How does the harmoniser learn? By making the chords people wrote likely, given the whole melody.

Windows of 64 pulses; in half of them all chords are hidden, in the others some are told, around a hole or
here and there, as they are when the product asks. Tones of some pulses are left out, and much is dropped:
written pairs are few. The likelihood is that of the chain, by the forward algorithm; pulses without a known
chord are summed over. The released weights are a running mean.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.generation.harmoniser.network import DILATIONS, EPSILON, TAPS, fresh_arrays
from engine.generation.harmoniser.pulses import CHORDS, FEATURES, KINDS, tell, unheard, unplaced
from engine.training.harmoniser.chain import log_total
from engine.training.harmoniser.examples import Example

if TYPE_CHECKING:
    from torch import Tensor

Arrays = dict[str, NDArray[np.float32]]
_NEVER = -1e4


@dataclass(frozen=True, slots=True)
class Course:
    """What a training is told."""

    width: int = 80
    steps: int = 1000
    rows: int = 24
    pulses: int = 64
    rate: float = 3e-3
    weight_decay: float = 0.05
    dropout: float = 0.3
    unheard: float = 0.12
    mean: float = 0.99
    members: int = 6
    seed: int = 1


@dataclass(frozen=True)
class Windows:
    """`chords` -1: not known or padding; `is_told`: the network is told the chord."""

    remarks: NDArray[np.float32]
    chords: NDArray[np.int64]
    is_told: NDArray[np.bool_]


class Drawer:
    """Windows drawn from examples, by their weights."""

    def __init__(self, examples: Sequence[Example], course: Course) -> None:
        self._examples, self._course = examples, course
        lengths = np.array([len(example.chords) for example in examples], float)
        weights = np.array([example.weights for example in examples])
        shares = lengths[:, None] * weights
        self._shares = shares / shares.sum(axis=0)

    def draw(self, random: np.random.Generator, is_late: bool) -> Windows:
        course = self._course
        chosen = random.choice(len(self._examples), course.rows, p=self._shares[:, int(is_late)])
        remarks = np.zeros((course.rows, course.pulses, FEATURES), np.float32)
        chords = np.full((course.rows, course.pulses), -1)
        told = np.zeros((course.rows, course.pulses), bool)
        for row, number in enumerate(chosen):
            example = self._examples[number]
            first = int(random.integers(0, max(1, len(example.chords) - course.pulses + 1)))
            own = example.chords[first : first + course.pulses]
            is_told = _drawn_told(len(own), random) & (own >= 0)
            remarks[row, : len(own)] = self._told(example, first, own, is_told, random)
            chords[row, : len(own)], told[row, : len(own)] = own, is_told
        return Windows(remarks, chords, told)

    def _told(
        self,
        example: Example,
        first: int,
        own: NDArray[np.int64],
        is_told: NDArray[np.bool_],
        random: np.random.Generator,
    ) -> NDArray[np.float32]:
        found = example.remarks[first : first + len(own)].copy()
        unheard(found, random.random(len(own)) < self._course.unheard)
        if random.random() < 0.5:
            unplaced(found)
        for pulse in np.flatnonzero(is_told):
            tell(found[pulse], int(own[pulse]) // KINDS, int(own[pulse]) % KINDS)
        return found


def _drawn_told(pulses: int, random: np.random.Generator) -> NDArray[np.bool_]:
    """Which chords are told: none, all around a hole, or a few."""
    way = random.random()
    told = np.zeros(pulses, bool)
    if way < 0.35:
        hole = int(random.integers(4, max(5, pulses)))
        first = int(random.integers(0, max(1, pulses - hole + 1)))
        told[:] = True
        told[first : first + hole] = False
    elif way < 0.5:
        told = random.random(pulses) < 0.3 * random.random()
    return told


def all_learnt(
    examples: Sequence[Example], course: Course, said: Callable[[int, float], None] = lambda step, loss: None
) -> Arrays:
    """The arrays of a harmoniser, whose members differ by their seed: `<number>.<name>`. `said` is told the
    steps of all members so far, and the mean loss."""
    found: Arrays = {}
    for number in range(course.members):
        said_here = partial(_said_after, number * course.steps, said)
        own = learnt(examples, replace(course, seed=course.seed + number), said_here)
        found |= {f"{number}.{name}": array for name, array in own.items()}
    return found


def _said_after(steps: int, said: Callable[[int, float], None], step: int, loss: float) -> None:
    said(steps + step, loss)


def learnt(
    examples: Sequence[Example], course: Course, said: Callable[[int, float], None] = lambda step, loss: None
) -> Arrays:
    """The arrays of one member; `said` is told the mean loss (bits a hidden pulse) now and then."""
    import torch

    random = np.random.default_rng(course.seed)
    fresh = fresh_arrays(random, course.width)
    weights = {name: torch.from_numpy(array).requires_grad_() for name, array in fresh.items()}
    mean = {name: value.detach().clone() for name, value in weights.items()}
    optimiser = torch.optim.AdamW(weights.values(), betas=(0.9, 0.98), weight_decay=course.weight_decay)
    drawer, running = Drawer(examples, course), 0.0
    for step in range(course.steps):
        for group in optimiser.param_groups:
            group["lr"] = _rate(course, step)
        loss = loss_of(weights, drawer.draw(random, step >= 0.6 * course.steps), course.dropout, random)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(weights.values(), 1.0)
        optimiser.step()
        keep = min(course.mean, (1 + step) / (10 + step))
        with torch.no_grad():
            torch._foreach_lerp_(list(mean.values()), list(weights.values()), 1 - keep)
        running = 0.98 * running + 0.02 * float(loss.detach()) / np.log(2)
        if step % 100 == 99:
            said(step + 1, running / (1 - 0.98 ** (step + 1)))
    return {name: value.numpy().astype(np.float32) for name, value in mean.items()}


def _rate(course: Course, step: int) -> float:
    """A short rise, a stable half, a straight fall."""
    done = step / course.steps
    return course.rate * min(1.0, (step + 1) / 100) * min(1.0, max(0.02, 2 * (1 - done)))


def loss_of(
    weights: dict[str, Tensor],
    windows: Windows,
    dropout: float = 0.0,
    random: np.random.Generator | None = None,
) -> Tensor:
    """Natural-log loss a hidden pulse whose chord is known."""
    import torch

    chords, holds = _heard(weights, torch.from_numpy(windows.remarks), dropout, random)
    own = torch.from_numpy(windows.chords)
    is_known, is_told = own >= 0, torch.from_numpy(windows.is_told)
    only_own = torch.full_like(chords, _NEVER).scatter(2, own.clamp(min=0)[..., None], 0.0)
    said = torch.where(is_known[..., None], only_own, torch.zeros(()))
    free = torch.where(is_told[..., None], only_own, torch.zeros(()))
    moves = _moves(weights["moves"])
    if bool(is_known.all()):
        wanted = _path(chords, holds, moves, weights["first"], own)
    else:
        wanted = log_total(chords + said, holds, moves, weights["first"])
    everything = log_total(chords + free, holds, moves, weights["first"])
    return (everything - wanted).sum() / (is_known & ~is_told).sum().clamp(min=1)


def _heard(
    weights: dict[str, Tensor], remarks: Tensor, dropout: float, random: np.random.Generator | None
) -> tuple[Tensor, Tensor]:
    """As `Member.hear`, for windows."""
    from torch.nn import functional

    def dropped(stream: Tensor) -> Tensor:
        return stream if random is None or not dropout else stream * _mask(stream, dropout, random)

    width = weights["in"].shape[1]
    stream = remarks @ weights["in"] + weights["in.bias"]
    for number, dilation in enumerate(DILATIONS):
        block = f"blocks.{number}"
        read = functional.rms_norm(stream, (width,), weights[f"{block}.norm"], EPSILON)
        told = _around(read, dilation) @ weights[f"{block}.taps"].flatten(0, 1) + weights[f"{block}.bias"]
        read = functional.gelu(told, approximate="tanh")
        stream = stream + dropped(read @ weights[f"{block}.out"])
    read = dropped(functional.rms_norm(stream, (width,), weights["norm"], EPSILON))
    chords = read @ weights["chords"] + weights["chords.bias"]
    return chords, (read @ weights["holds"] + weights["holds.bias"])[..., 0]


def _around(stream: Tensor, dilation: int) -> Tensor:
    """What every tap hears, side by side: one product is faster than a convolution of so few channels."""
    import torch
    from torch.nn.functional import pad

    reach, pulses = TAPS // 2 * dilation, stream.shape[1]
    padded = pad(stream, (0, 0, reach, reach))
    return torch.cat([padded[:, tap * dilation : tap * dilation + pulses] for tap in range(TAPS)], -1)


def _mask(stream: Tensor, share: float, random: np.random.Generator) -> Tensor:
    import torch

    kept = torch.from_numpy(random.random(stream.shape, np.float32) >= share)
    return kept.to(stream.dtype) / (1 - share)


def _moves(raw: Tensor) -> Tensor:
    import torch

    return raw.masked_fill(torch.eye(CHORDS, dtype=torch.bool), _NEVER).log_softmax(-1)


def _path(chords: Tensor, holds: Tensor, moves: Tensor, first: Tensor, own: Tensor) -> Tensor:
    """Log weight of these chains."""
    import torch
    from torch.nn.functional import logsigmoid

    said = chords.gather(2, own[..., None])[..., 0].sum(1) + first[own[:, 0]]
    before, after = own[:, :-1], own[:, 1:]
    stay, go = logsigmoid(holds[:, 1:]), logsigmoid(-holds[:, 1:]) + moves[before, after]
    return said + torch.where(before == after, stay, go).sum(1)
