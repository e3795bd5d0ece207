"""How are the drummer's weights found?

AdamW on the negative log-likelihood of velocity and timing under discretised mixtures of logistics. Marks of
loudness, style and memory of the moment are hidden at random, so that the model can do without each of them.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.arrangement.drummer.features import MOMENT_SIZE, STYLES
from engine.arrangement.drummer.model import OUTPUTS, PARTS
from engine.training.drummer.tables import Table
from engine.training.pace import Pace

if TYPE_CHECKING:
    from torch import Tensor

_LOG = logging.getLogger(__name__)
MARKS = slice(-3, None)
_TEMPI = 5
STYLE = slice(-3 - 1 - _TEMPI - len(STYLES), -3 - 1 - _TEMPI)
VELOCITY_UNIT, VELOCITY_MIDDLE, LATE_UNIT = 24.0, 70.0, 12.0


@dataclass(frozen=True, slots=True)
class Config:
    """What training may be told; chosen on the validation part."""

    seed: int = 1
    first: int = 128
    second: int = 64
    epochs: int = 10
    batch: int = 1024
    rate: float = 4e-3
    decay: float = 0.02
    hide_marks: float = 0.5
    hide_style: float = 0.1
    hide_moment: float = 0.1
    noise: float = 0.05


def learn(train: Table, config: Config) -> dict[str, np.ndarray]:
    """The weights after all epochs; the same for the same table, config and seed."""
    import torch

    torch.manual_seed(config.seed)
    weights = _new(train.page.shape[1], config)
    optimiser = torch.optim.AdamW(weights.values(), lr=config.rate, weight_decay=config.decay)
    steps = config.epochs * -(-len(train) // config.batch)
    plan = torch.optim.lr_scheduler.OneCycleLR(optimiser, config.rate, total_steps=steps, pct_start=0.1)
    rng = np.random.Generator(np.random.Philox(key=config.seed))
    pace = Pace(config.epochs)
    for epoch in range(config.epochs):
        for rows in np.array_split(rng.permutation(len(train)), -(-len(train) // config.batch)):
            page, moment, velocity, late = _batch(train, np.sort(rows), config)
            loud, timing = losses(forward(weights, page, moment), velocity, late)
            optimiser.zero_grad(set_to_none=True)
            (loud.mean() + timing.mean()).backward()
            optimiser.step()
            plan.step()
        _LOG.info("%s", pace.told(epoch + 1))
    return {name: value.detach().numpy() for name, value in weights.items()}


def _new(pages: int, config: Config) -> dict[str, Tensor]:
    import torch

    def drawn(rows: int, columns: int, gain: float = 1.0) -> Tensor:
        return (torch.randn(rows, columns) * gain * (2 / (rows + columns)) ** 0.5).requires_grad_()

    out = torch.zeros(OUTPUTS).reshape(2, 3, PARTS)
    out[:, 1] = torch.linspace(-1, 1, PARTS)
    return {
        "page": drawn(pages, config.first),
        "moment": drawn(MOMENT_SIZE, config.first),
        "bias1": torch.zeros(config.first).requires_grad_(),
        "hidden": drawn(config.first, config.second),
        "bias2": torch.zeros(config.second).requires_grad_(),
        "out": drawn(config.second, OUTPUTS, 0.3),
        "bias3": out.reshape(OUTPUTS).clone().requires_grad_(),
    }


def _batch(table: Table, rows: np.ndarray, config: Config) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    import torch

    page = torch.from_numpy(table.page[rows].astype(np.float32))
    moment = torch.from_numpy(table.moment[rows])
    count = len(rows)
    page[torch.rand(count) < config.hide_marks, MARKS] = 0
    hidden = torch.rand(count) < config.hide_style
    page[hidden, STYLE] = 0
    moment = moment + torch.randn_like(moment) * config.noise * (moment != 0)
    moment[torch.rand(count) < config.hide_moment] = 0
    return page, moment, torch.from_numpy(table.velocity[rows]), torch.from_numpy(table.late_ms[rows])


def forward(weights: dict[str, Tensor], page: Tensor, moment: Tensor) -> Tensor:
    first = (page @ weights["page"] + moment @ weights["moment"] + weights["bias1"]).relu()
    second = (first @ weights["hidden"] + weights["bias2"]).relu()
    return second @ weights["out"] + weights["bias3"]


def losses(out: Tensor, velocity: Tensor, late: Tensor) -> tuple[Tensor, Tensor]:
    """Nats of velocity and of timing, a stroke each."""
    half = OUTPUTS // 2
    return (
        _nats(out[:, :half], velocity, VELOCITY_UNIT, VELOCITY_MIDDLE, (1.0, 127.0)),
        _nats(out[:, half:], late, LATE_UNIT, 0.0, None),
    )


def _nats(out: Tensor, value: Tensor, unit: float, middle: float, ends: tuple[float, float] | None) -> Tensor:
    import torch

    logits, middles, widths = out.reshape(-1, 3, PARTS).unbind(1)
    width = (widths + np.log(unit / 3)).clamp(-1.5, 5).exp()
    away = value[:, None] - (middles * unit + middle)
    above = torch.sigmoid((away + 0.5) / width)
    below = torch.sigmoid((away - 0.5) / width)
    if ends:
        above = torch.where(value[:, None] >= ends[1], torch.ones_like(above), above)
        below = torch.where(value[:, None] <= ends[0], torch.zeros_like(below), below)
    inside = (above - below).clamp_min(1e-9).log()
    return -torch.logsumexp(logits.log_softmax(1) + inside, 1)


def bits(weights: dict[str, np.ndarray], table: Table, knows: Knows) -> tuple[np.ndarray, np.ndarray]:
    """Bits of velocity and of timing for every stroke of the table, knowing so much."""
    import torch

    tensors = {name: torch.from_numpy(value) for name, value in weights.items()}
    found: list[Any] = []
    with torch.no_grad():
        for rows in np.array_split(np.arange(len(table)), -(-len(table) // 8192)):
            page = torch.from_numpy(table.page[rows].astype(np.float32))
            moment = torch.from_numpy(table.moment[rows])
            if not knows.marks:
                page[:, MARKS] = 0
            if not knows.moment:
                moment = torch.zeros_like(moment)
            truth = torch.from_numpy(table.velocity[rows]), torch.from_numpy(table.late_ms[rows])
            found.append(losses(forward(tensors, page, moment), *truth))
    loud, late = (torch.cat(column).numpy() / np.log(2) for column in zip(*found, strict=True))
    return loud, late


@dataclass(frozen=True, slots=True)
class Knows:
    """What the model is told when it is judged."""

    marks: bool = False
    moment: bool = True
