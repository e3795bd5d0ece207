"""How do the networks learn that tell metre and first beats from given beats?

The torch twin of engine.analysis.audio.barcue. Of every performance they see its own beats, a frame off here
and there, and a chain that is not the beats: twice or half as fast, between them, or in threes. Softmax over
each metre with each beginning and “not the beats”; AdamW, one cycle of rates, the seed decides the rest.
"""

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from engine.analysis.audio.barcue import (
    BAR_FEATURES,
    BAR_HIDDEN,
    HYPOTHESES,
    NOT_THE_BEATS,
    PULSES,
    BarEvidence,
    described_bars,
)
from engine.analysis.audio.beatdecoding import FRAME_S, METRES
from engine.training.hearing.pulsechoice import Truth

_DROPPED, _RATE, _DECAY, _WARM, _BATCH = 0.3, 3e-3, 0.3, 0.1, 256
_FEWEST_BEATS = 9
_FRAMES_A_BEAT = (8, 85)
_NEAR_FRAMES = 3
_FAR = 5.0


@dataclass(frozen=True, slots=True)
class BarExample:
    """described: (11, BAR_FEATURES). right: index among HYPOTHESES, or NOT_THE_BEATS. weight: how often."""

    described: np.ndarray
    right: int
    weight: float


def bar_examples(
    truth: Truth, evidence: BarEvidence, rng: random.Random, weight: float = 1.0
) -> Iterator[BarExample]:
    """The beats of a performance, and a chain that is not the beats."""
    frames = np.round(truth.beats_s / FRAME_S).astype(int)
    frames = frames[(frames >= 0) & (frames < len(evidence.onset) - 1)]
    firsts = truth.firsts_s / FRAME_S
    if len(frames) < _FEWEST_BEATS:
        return
    firsts = firsts[firsts >= frames[0] - _NEAR_FRAMES]
    start = int(np.abs(frames - firsts[0]).argmin()) if len(firsts) else 0
    cut = rng.randrange(3)
    metre = [each.name for each in METRES].index(truth.metre)
    right = HYPOTHESES.index((metre, (start - cut) % PULSES[metre]))
    yield from _example(_shaken(frames[cut:], rng), right, evidence, weight)
    wrong = other_chain(frames, truth.metre, rng)
    if len(wrong) >= _FEWEST_BEATS and _FRAMES_A_BEAT[0] < np.median(np.diff(wrong)) < _FRAMES_A_BEAT[1]:
        yield from _example(np.maximum.accumulate(wrong), NOT_THE_BEATS, evidence, weight)


def _example(frames: np.ndarray, right: int, evidence: BarEvidence, weight: float) -> Iterator[BarExample]:
    described = described_bars(frames, evidence)
    if described is not None:
        yield BarExample(described.astype(np.float16), right, weight)


def _shaken(frames: np.ndarray, rng: random.Random) -> np.ndarray:
    off = np.array([rng.choice((0, 0, 0, -1, 1)) for _ in frames])
    return np.asarray(np.maximum.accumulate(frames + off))


def other_chain(frames: np.ndarray, metre: str, rng: random.Random) -> np.ndarray:
    """Twice or half as fast, between the beats, in threes of halves; of 6/8 mostly its eighths in twos."""
    between = (frames[1:] + frames[:-1]) // 2
    doubled = np.sort(np.concatenate([frames, between]))
    which = rng.random()
    if metre == "6/8" and which < 0.5:
        gaps = np.diff(frames)
        thirds = [np.round(frames[:-1] + gaps * share).astype(int) for share in (1 / 3, 2 / 3)]
        eighths = np.sort(np.concatenate([frames, *thirds]))
        return eighths if rng.random() < 0.4 else eighths[rng.randrange(2) :: 2]
    if which < 0.3:
        return doubled
    if which < 0.6:
        return frames[rng.randrange(2) :: 2]
    return between if which < 0.8 else doubled[rng.randrange(3) :: 3]


class BarNetwork(nn.Module):  # type: ignore[misc]
    """The layers by the names their weights are saved under."""

    def __init__(self) -> None:
        super().__init__()
        metres = len(METRES)
        self.inner = nn.Parameter(torch.randn(metres, BAR_FEATURES, BAR_HIDDEN) * 0.3 / BAR_FEATURES**0.5)
        self.bias = nn.Parameter(torch.zeros(metres, BAR_HIDDEN))
        self.outer = nn.Parameter(torch.randn(metres, BAR_HIDDEN) * 0.1)
        self.straight = nn.Parameter(torch.zeros(metres, BAR_FEATURES))
        self.usual = nn.Parameter(torch.zeros(metres))

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        """(batch, 11, BAR_FEATURES) to (batch, 12) log shares."""
        metre = torch.tensor([each for each, _ in HYPOTHESES])
        rows = functional.dropout(rows, _DROPPED, self.training)
        inner = torch.einsum("bhf,hfk->bhk", rows, self.inner[metre]) + self.bias[metre]
        hidden = functional.dropout(functional.relu(inner), _DROPPED, self.training)
        scores = (hidden * self.outer[metre]).sum(-1) + (rows * self.straight[metre]).sum(-1)
        scores = torch.cat([scores + self.usual[metre], torch.zeros(len(rows), 1)], 1)
        return functional.log_softmax(scores, 1)


def learn_bars(examples: Sequence[BarExample], steps: int, seed: int) -> dict[str, np.ndarray]:
    """The arrays of one network."""
    torch.manual_seed(seed)
    rows = np.stack([example.described for example in examples])
    right = np.array([example.right for example in examples])
    upto = np.cumsum([example.weight for example in examples])
    some = rows[::4].reshape(-1, BAR_FEATURES).astype(np.float32)
    mean, width = some.mean(axis=0), some.std(axis=0) + 1e-3
    network, draw = BarNetwork(), np.random.default_rng(seed)
    optimiser = torch.optim.AdamW(network.parameters(), lr=_RATE, weight_decay=_DECAY)
    rates = torch.optim.lr_scheduler.OneCycleLR(optimiser, _RATE, steps, pct_start=_WARM)
    for _ in range(steps):
        at = np.searchsorted(upto, draw.random(_BATCH) * upto[-1], side="right")
        shown = np.clip((rows[at].astype(np.float32) - mean) / width, -_FAR, _FAR)
        loss = functional.nll_loss(network(torch.from_numpy(shown)), torch.from_numpy(right[at]))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        rates.step()
    arrays = {name: tensor.detach().numpy() for name, tensor in network.named_parameters()}
    return arrays | {"mean": mean, "width": width}


def saved_bars(members: Iterable[dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
    """The weights of several networks as they are shipped."""
    return {
        f"{member}.{name}": array for member, arrays in enumerate(members) for name, array in arrays.items()
    }
