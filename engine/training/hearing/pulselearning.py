"""How does the network that follows the pulse learn?

The torch twin of engine.analysis.audio.pulsenetwork: stretches of twenty seconds, some without their sound,
some without their notes, are told which frames are beats and first beats, and for the whole which metre and
tempo it is. AdamW with a cosine fall; the seed decides everything but the count of steps, which is given.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from engine.analysis.audio.beatdecoding import FRAME_S, METRES
from engine.analysis.audio.pulsefeatures import FEATURES, LOUDNESS, OF_SOUND
from engine.analysis.audio.pulsenetwork import (
    CHANNELS,
    LAYERS,
    SLOWEST_BPM,
    TAPS,
    TEMPI,
    TEMPI_PER_OCTAVE,
    WHOLE,
)

_STRETCH = 1000
_RATE, _DECAY, _DROPPED = 3e-3, 2e-2, 0.1
_WARM_STEPS, _LEAST_RATE = 40, 0.02
_BATCH, _BATCH_SOUND = 12, 7
_METRE_SHARE, _TEMPO_SHARE = 0.06, 0.04
_TEMPO_WIDTH = 0.7
_WITHOUT_SOUND, _WITHOUT_NOTES, _UNCLEAR, _WITHOUT_LOUDNESS = 0.25, 0.07, 0.18, 0.3


@dataclass(frozen=True, slots=True)
class Example:
    """features: (frames, FEATURES). beats, firsts: seconds. metre: its index among METRES."""

    title: str
    features: np.ndarray
    beats_s: np.ndarray
    firsts_s: np.ndarray
    metre: int
    has_sound: bool

    @property
    def bpm(self) -> float:
        return 60 / float(np.median(np.diff(self.beats_s)))


class Network(nn.Module):  # type: ignore[misc]
    """The layers by the names their weights are saved under."""

    def __init__(self) -> None:
        super().__init__()
        self.inp = nn.Conv1d(2 * FEATURES, CHANNELS, 3, padding=1)
        self.dil = nn.ModuleList(
            nn.Conv1d(CHANNELS, CHANNELS, TAPS, padding=TAPS // 2 * 2**layer, dilation=2**layer)
            for layer in range(LAYERS)
        )
        self.mix = nn.ModuleList(nn.Conv1d(CHANNELS, CHANNELS, 1) for _ in range(LAYERS))
        self.drop = nn.Dropout1d(_DROPPED)
        self.out = nn.Conv1d(CHANNELS, 4, 1)
        self.whole = nn.Conv1d(CHANNELS, WHOLE, 1)
        self.head = nn.Linear(2 * WHOLE, len(METRES) + TEMPI)
        for mix in self.mix:
            nn.init.zeros_(mix.bias)
            mix.weight.data *= 0.3
        self.out.bias.data.fill_(-3.0)

    def forward(self, steps: torch.Tensor, there: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """(batch, steps, 2 * FEATURES) to (batch, frames, 2) log odds and (batch, 4), (batch, TEMPI)."""
        mask = there[:, None]
        hidden = functional.relu(self.inp(steps.transpose(1, 2))) * mask
        for reach, mix in zip(self.dil, self.mix, strict=True):
            hidden = (hidden + self.drop(mix(functional.relu(reach(hidden))))) * mask
        odds = self.out(hidden).transpose(1, 2)
        pairs = [odds[:, :, kind : kind + 2].flatten(1) for kind in (0, 2)]
        whole = functional.relu(self.whole(hidden)) * mask
        count = mask.sum(-1).clamp(min=1)
        mean, power = whole.sum(-1) / count, (whole * whole).sum(-1) / count
        told = self.head(torch.cat([mean, torch.sqrt(power + 1e-6)], 1))
        return torch.stack(pairs, -1), told[:, : len(METRES)], told[:, len(METRES) :]


@dataclass(frozen=True, slots=True)
class Scale:
    """What the features are brought to mean zero and width one by; the sound's are those of recordings."""

    mean: np.ndarray
    width: np.ndarray


def scale_of(examples: Sequence[Example]) -> Scale:
    rows = np.concatenate([example.features for example in examples])
    sound = np.concatenate([each.features[:, :OF_SOUND] for each in examples if each.has_sound])
    mean, width = rows.mean(axis=0), rows.std(axis=0) + 1e-3
    mean[:OF_SOUND], width[:OF_SOUND] = sound.mean(axis=0), sound.std(axis=0) + 1e-3
    mean[OF_SOUND - 1], width[OF_SOUND - 1] = 0, 1
    return Scale(mean.astype(np.float32), width.astype(np.float32))


def learn(
    examples: Sequence[Example],
    steps: int,
    seed: int = 1,
    report: Callable[[int, Network, Scale], None] = lambda *_: None,
) -> tuple[Network, Scale]:
    """The network after so many steps; `report` sees it every eighth of the way."""
    torch.manual_seed(seed)
    rng, draw = random.Random(seed), np.random.default_rng(seed)
    scale, network = scale_of(examples), Network()
    sound = [example for example in examples if example.has_sound]
    silent = [example for example in examples if not example.has_sound]
    optimizer = torch.optim.AdamW(network.parameters(), lr=_RATE, weight_decay=_DECAY)
    for step in range(steps):
        for group in optimizer.param_groups:
            fall = 0.5 * (1 + np.cos(np.pi * step / steps))
            group["lr"] = _RATE * min(1.0, (step + 1) / _WARM_STEPS) * max(_LEAST_RATE, fall)
        chosen = [*rng.sample(sound, _BATCH_SOUND), *rng.sample(silent, _BATCH - _BATCH_SOUND)]
        loss = sum_of_losses(network, [_stretch(each, scale, rng, draw) for each in chosen])
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        if (step + 1) % max(1, steps // 8) == 0:
            network.eval()
            report(step + 1, network, scale)
            network.train()
    return network.eval(), scale


@dataclass(frozen=True, slots=True)
class Stretch:
    """Scaled features of whole pairs of frames, (frames, 2) truth, where it counts, metre, tempo shares."""

    features: np.ndarray
    truth: np.ndarray
    counts: np.ndarray
    metre: int
    tempo: np.ndarray


def whole(example: Example, scale: Scale) -> Stretch:
    """The example from its beginning, nothing left out."""
    return _cut(example, _scaled(example, scale), 0)


def _stretch(example: Example, scale: Scale, rng: random.Random, draw: np.random.Generator) -> Stretch:
    """Twenty seconds of it, spoilt in one of the ways."""
    features = _scaled(example, scale)
    start = rng.randrange(max(1, len(features) - _STRETCH + 1))
    nothing = -scale.mean / scale.width
    if example.has_sound:
        fate = rng.random()
        if fate < _WITHOUT_SOUND:
            features[:, :OF_SOUND] = 0
        elif fate < _WITHOUT_SOUND + _WITHOUT_NOTES:
            features[:, OF_SOUND:] = nothing[OF_SOUND:]
        elif fate < _WITHOUT_SOUND + _WITHOUT_NOTES + _UNCLEAR:
            features[:, : OF_SOUND - 1] += draw.normal(0, 0.3, OF_SOUND - 1)
    if rng.random() < _WITHOUT_LOUDNESS:
        features[:, LOUDNESS] = nothing[LOUDNESS]
    return _cut(example, features, start)


def _scaled(example: Example, scale: Scale) -> np.ndarray:
    features = (example.features - scale.mean) / scale.width
    if not example.has_sound:
        features[:, :OF_SOUND] = 0
    return np.asarray(features, np.float32)


def _cut(example: Example, features: np.ndarray, start: int) -> Stretch:
    frames = min(_STRETCH, len(features) - start) // 2 * 2
    shown = slice(start, start + frames)
    truth = np.stack(
        [_marks(times, len(features))[shown] for times in (example.beats_s, example.firsts_s)], 1
    )
    times = np.arange(start, start + frames) * FRAME_S
    counts = (times > example.beats_s[0] - 0.3) & (times < example.beats_s[-1] + 0.2)
    at = np.log2(example.bpm / SLOWEST_BPM) * TEMPI_PER_OCTAVE
    tempo = np.exp(-0.5 * ((np.arange(TEMPI) - np.clip(at, 0, TEMPI - 1)) / _TEMPO_WIDTH) ** 2)
    return Stretch(features[shown], truth, counts.astype(np.float32), example.metre, tempo / tempo.sum())


def _marks(times_s: np.ndarray, frames: int) -> np.ndarray:
    """(frames,) 1 at each time, half beside it."""
    marks = np.zeros(frames, np.float32)
    middle = np.round(np.asarray(times_s) / FRAME_S).astype(int)
    for aside, height in ((1, 0.5), (-1, 0.5), (0, 1.0)):
        at = middle + aside
        at = at[(at >= 0) & (at < frames)]
        marks[at] = np.maximum(marks[at], height)
    return marks


def losses(network: Network, stretches: Sequence[Stretch]) -> tuple[torch.Tensor, ...]:
    """Of beats, first beats, metre and tempo."""
    shape = len(stretches), _STRETCH // 2
    steps, there = np.zeros((*shape, 2 * FEATURES), np.float32), np.zeros(shape, np.float32)
    truth = np.zeros((shape[0], _STRETCH, 2), np.float32)
    counts = np.zeros((shape[0], _STRETCH), np.float32)
    for row, each in enumerate(stretches):
        half = len(each.features) // 2
        steps[row, :half], there[row, :half] = each.features.reshape(half, -1), 1
        truth[row, : 2 * half], counts[row, : 2 * half] = each.truth, each.counts
    odds, metres, tempi = network(torch.from_numpy(steps), torch.from_numpy(there))
    weight = torch.from_numpy(counts)
    each = functional.binary_cross_entropy_with_logits(odds, torch.from_numpy(truth), reduction="none")
    beats = (each * weight[..., None]).sum((0, 1)) / weight.sum()
    tempo = torch.from_numpy(np.stack([s.tempo for s in stretches]).astype(np.float32))
    by_metre = functional.cross_entropy(metres, torch.tensor([s.metre for s in stretches]))
    by_tempo = -(tempo * functional.log_softmax(tempi, 1)).sum(1).mean()
    return beats[0], beats[1], by_metre, by_tempo


def sum_of_losses(network: Network, stretches: Sequence[Stretch]) -> torch.Tensor:
    beat, first, metre, tempo = losses(network, stretches)
    return beat + first + _METRE_SHARE * metre + _TEMPO_SHARE * tempo


def saved(members: Sequence[tuple[Network, Scale]]) -> dict[str, np.ndarray]:
    """The weights of several networks as they are shipped."""
    return {
        f"{member}.{name}": array
        for member, learnt in enumerate(members)
        for name, array in arrays_of(*learnt).items()
    }


def arrays_of(network: Network, scale: Scale) -> dict[str, np.ndarray]:
    """The weights of one."""
    arrays = {name: tensor.detach().numpy() for name, tensor in network.state_dict().items()}
    return arrays | {"mean": scale.mean, "scale": scale.width}
