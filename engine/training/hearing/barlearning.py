"""How do the networks learn that tell metre and first beats from given beats?

The torch twin of engine.analysis.audio.barnetwork. Of every performance they see its own beats, a frame off
here and there, and a chain that is not the beats: twice or half as fast, between them, or in threes. What is
played here ends with a bar, which recordings need not do: up to seven beats are cut from the end each time,
so that nobody counts the beats from there. Softmax over each metre with each beginning and “not the beats”;
AdamW, one cycle of rates, the seed decides the rest.
"""

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from engine.analysis.audio.barfeatures import (
    BAR_FEATURES,
    LAGS,
    LIKENESSES,
    OF_THE_WHOLE,
    BarEvidence,
    DescribedBeats,
    described_beats,
)
from engine.analysis.audio.barnetwork import (
    BAR_CHANNELS,
    BAR_REACHES,
    BAR_WHOLE,
    FIRST_PLACES,
    HYPOTHESES,
    NOT_THE_BEATS,
    PULSES,
    scaled,
)
from engine.analysis.audio.beatdecoding import FRAME_S, METRES
from engine.training.hearing.pulsechoice import Truth

_DROPPED, _RATE, _DECAY, _WARM, _BATCH = 0.3, 2e-3, 0.1, 0.1, 96
_DRAWN_TOGETHER = 8
_MOST_CUT, _SHORTEST = 8, 8
_SCALE, _SMALL_OUT, _SMALL_HEAD = 5.0, 0.1, 0.05
_FEWEST_BEATS = 9
_FRAMES_A_BEAT = (8, 85)
_NEAR_FRAMES = 3
_SUMMED = 2 * BAR_CHANNELS + LIKENESSES * LAGS + OF_THE_WHOLE


@dataclass(frozen=True, slots=True)
class BarExample:
    """right: index among HYPOTHESES, or NOT_THE_BEATS. weight: how often."""

    described: DescribedBeats
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
    described = described_beats(frames, evidence)
    if described is not None:
        small = replace(described, rows=described.rows.astype(np.float16))
        yield BarExample(small, right, weight)


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
        self.inp = nn.Linear(BAR_FEATURES, BAR_CHANNELS)
        self.dil = nn.ModuleList(
            nn.Conv1d(BAR_CHANNELS, BAR_CHANNELS, 3, padding=reach, dilation=reach) for reach in BAR_REACHES
        )
        self.mix = nn.ModuleList(nn.Linear(BAR_CHANNELS, BAR_CHANNELS) for _ in BAR_REACHES)
        self.out = nn.Linear(BAR_CHANNELS, len(HYPOTHESES))
        self.told = nn.Linear(_SUMMED, BAR_WHOLE)
        self.head = nn.Linear(BAR_WHOLE, len(METRES) + 1)
        self.scale = nn.Parameter(torch.tensor([_SCALE]))
        nn.init.normal_(self.head.weight, 0, _SMALL_HEAD)
        nn.init.normal_(self.out.weight, 0, _SMALL_OUT)

    def forward(self, shown: "Shown") -> torch.Tensor:
        """(batch, 12) log shares."""
        is_there = shown.is_there[:, :, None]
        count = is_there.sum(1)
        hidden = functional.relu(self.inp(self._dropped(shown.rows))) * is_there
        for dil, mix in zip(self.dil, self.mix, strict=True):
            reached = functional.relu(dil(hidden.transpose(1, 2)).transpose(1, 2))
            hidden = (hidden + mix(self._dropped(reached))) * is_there
        mean = hidden.sum(1) / count
        spread = (((hidden - mean[:, None]) * is_there) ** 2).sum(1) / count
        summed = torch.cat([mean, torch.sqrt(spread + 1e-6), shown.likeness, shown.whole], 1)
        told = self.head(self._dropped(functional.relu(self.told(self._dropped(summed)))))
        places = self.out(hidden) * is_there
        scores = [
            _laid_together(places, metre, start) / count[:, 0] * self.scale + told[:, metre]
            for metre, start in HYPOTHESES
        ]
        return functional.log_softmax(torch.stack([*scores, told[:, -1]], 1), 1)

    def _dropped(self, values: torch.Tensor) -> torch.Tensor:
        return functional.dropout(values, _DROPPED, self.training)


def _laid_together(places: torch.Tensor, metre: int, start: int) -> torch.Tensor:
    """(batch,) the sum of what the beats say of the places this hypothesis gives them."""
    pulses, first = PULSES[metre], FIRST_PLACES[metre]
    parts = [places[:, (start + at) % pulses :: pulses, first + at].sum(1) for at in range(pulses)]
    return torch.stack(parts).sum(0)


@dataclass(frozen=True, slots=True)
class Shown:
    """Some chains, each as long as the longest. is_there: (batch, beats) 1 where a chain has a beat."""

    rows: torch.Tensor
    is_there: torch.Tensor
    likeness: torch.Tensor
    whole: torch.Tensor


Scales = dict[str, np.ndarray]


def scales_of(examples: Sequence[BarExample]) -> Scales:
    """Means and widths of all that is measured."""
    rows = np.concatenate([each.described.rows for each in examples[::8]]).astype(np.float32)
    likeness = np.stack([each.described.likeness for each in examples[::4]])
    whole = np.stack([each.described.whole for each in examples])
    found: Scales = {}
    for name, values in (("", rows), ("likeness.", likeness), ("whole.", whole)):
        found |= {f"{name}mean": values.mean(axis=0), f"{name}width": values.std(axis=0) + 1e-2}
    return found


def shown_together(chains: Sequence[DescribedBeats], scales: Scales) -> Shown:
    """Several chains as one batch."""
    most = max(len(chain.rows) for chain in chains)
    rows, is_there = np.zeros((len(chains), most, BAR_FEATURES), np.float32), np.zeros((len(chains), most))
    for at, chain in enumerate(chains):
        count = len(chain.rows)
        rows[at, :count] = scaled(chain.rows.astype(np.float32), scales["mean"], scales["width"])
        is_there[at, :count] = 1
    likeness, whole = (
        np.stack(values) for values in zip(*((c.likeness, c.whole) for c in chains), strict=True)
    )
    return Shown(
        torch.from_numpy(rows),
        torch.from_numpy(is_there.astype(np.float32)),
        torch.from_numpy(scaled(likeness, scales["likeness.mean"], scales["likeness.width"])),
        torch.from_numpy(scaled(whole, scales["whole.mean"], scales["whole.width"])),
    )


def learn_bars(examples: Sequence[BarExample], steps: int, seed: int) -> dict[str, np.ndarray]:
    """The arrays of one network."""
    torch.manual_seed(seed)
    draw, scales = np.random.default_rng(seed), scales_of(examples)
    right = np.array([example.right for example in examples])
    network = BarNetwork()
    optimiser = torch.optim.AdamW(network.parameters(), lr=_RATE, weight_decay=_DECAY)
    rates = torch.optim.lr_scheduler.OneCycleLR(optimiser, _RATE, steps, pct_start=_WARM)
    for _, drawn in zip(range(steps), _drawn(examples, draw), strict=False):
        cuts = draw.integers(0, _MOST_CUT, len(drawn))
        chains = [_cut(examples[at].described, cut) for at, cut in zip(drawn, cuts, strict=True)]
        loss = functional.nll_loss(network(shown_together(chains, scales)), torch.from_numpy(right[drawn]))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        rates.step()
    return {name: tensor.detach().numpy() for name, tensor in network.named_parameters()} | scales


def _drawn(examples: Sequence[BarExample], draw: np.random.Generator) -> Iterator[np.ndarray]:
    """Indices of one batch after the other; those of like length lie together, so that little is empty."""
    upto = np.cumsum([example.weight for example in examples])
    lengths = np.array([len(example.described.rows) for example in examples])
    while True:
        some = np.searchsorted(upto, draw.random(_BATCH * _DRAWN_TOGETHER) * upto[-1], side="right")
        order = np.argsort(lengths[some] + draw.random(len(some)))
        batches = some[order].reshape(_DRAWN_TOGETHER, _BATCH)
        yield from batches[draw.permutation(_DRAWN_TOGETHER)]


def _cut(chain: DescribedBeats, beats: int) -> DescribedBeats:
    return replace(chain, rows=chain.rows[: max(_SHORTEST, len(chain.rows) - beats)])


def saved_bars(members: Iterable[dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
    """The weights of several networks as they are shipped."""
    return {
        f"{member}.{name}": array for member, arrays in enumerate(members) for name, array in arrays.items()
    }
