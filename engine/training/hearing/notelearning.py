"""How does the network that hears which keys were struck learn?

The torch twin of engine.analysis.audio.noterefining: stretches of four seconds of recordings whose notes
are known, their colours and loudness changed a little, some without their spectrum or their likelihoods.
AdamW with a cosine fall; the seed decides everything but the count of steps, which is given.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from engine.analysis.audio.keyspectrum import BINS, FRAMES_A_STEP, KeySpectrum
from engine.analysis.audio.noterefining import CHANNELS, INPUTS, OUTPUTS, REACHES, inputs_of
from engine.analysis.audio.posteriors import FRAME_S, KEYS, LOWEST_PITCH, Posteriors

_STEPS, _MARGIN = 168, 16
_BATCH = 8
_RATE, _AGAIN_RATE, _DECAY = 4e-3, 1.5e-3, 1e-2
_WARM_STEPS, _LEAST_RATE = 60, 0.02
_BESIDE = 0.5  # of a stroke, a frame early or late
_STROKE_SHARE, _FRAME_SHARE, _LOUDNESS_SHARE = 20.0, 4.0, 2.0
_WITHOUT_SPECTRUM, _WITHOUT_LIKELIHOODS = 0.06, 0.06


@dataclass(frozen=True, slots=True)
class NoteExample:
    """uint8 arrays, 255 for one: likelihoods (frames, 88), contour (frames, 264), spectra.

    notes: (n, 4) start, end, pitch, velocity. flux, level_db: (frames,) as `Strokes` has them.
    """

    frame: np.ndarray
    onset: np.ndarray
    contour: np.ndarray
    long: np.ndarray
    short: np.ndarray
    notes: np.ndarray
    flux: np.ndarray
    level_db: np.ndarray
    tolerance_s: float

    @property
    def steps(self) -> int:
        return len(self.long)


class Network(nn.Module):  # type: ignore[misc]
    """The layers by the names their weights are saved under."""

    def __init__(self) -> None:
        super().__init__()
        self.inp = nn.Conv2d(INPUTS, CHANNELS, 3, padding=1)
        self.res = nn.ModuleList(
            nn.Conv2d(CHANNELS, CHANNELS, 3, padding=reach, dilation=reach) for reach in REACHES
        )
        self.out = nn.Conv2d(CHANNELS, OUTPUTS, 1)
        self.out.bias.data[: 2 * FRAMES_A_STEP] = -3.0

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        """(batch, INPUTS, steps, 88) to (batch, OUTPUTS, steps, 88) log odds."""
        hidden = functional.relu(self.inp(rows))
        for layer in self.res:
            hidden = hidden + functional.relu(layer(hidden))
        return self.out(hidden)


def learn_notes(
    examples: Sequence[NoteExample],
    steps: int,
    seed: int,
    report: Callable[[int, float], None] = lambda _step, _loss: None,
    taught: Network | None = None,
) -> Network:
    """A network taught by so many steps of eight stretches; one that was `taught` before goes on, slowly."""
    torch.manual_seed(seed)
    rng, draw = random.Random(seed), np.random.default_rng(seed)
    network = taught or Network()
    network.to(memory_format=torch.channels_last)
    rate = _AGAIN_RATE if taught else _RATE
    rule = torch.optim.AdamW(network.parameters(), lr=rate, weight_decay=_DECAY)
    fall = torch.optim.lr_scheduler.LambdaLR(rule, lambda step: _rate_at(step, steps))
    lengths = [example.steps for example in examples]
    for step in range(steps):
        chosen = rng.choices(examples, lengths, k=_BATCH)
        loss = _loss(network, [_stretch(example, rng, draw) for example in chosen])
        rule.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        rule.step()
        fall.step()
        report(step, float(loss.detach()))
    return network


def _rate_at(step: int, steps: int) -> float:
    warm = min(1.0, (step + 1) / _WARM_STEPS)
    return warm * (_LEAST_RATE + (1 - _LEAST_RATE) * 0.5 * (1 + float(np.cos(np.pi * step / steps))))


Stretch = tuple[np.ndarray, np.ndarray, np.ndarray]
"""Inputs (steps, 88, INPUTS), what is true (steps, 88, OUTPUTS), is the loudness known (steps, 88, 2)?"""


def _stretch(example: NoteExample, rng: random.Random, draw: np.random.Generator) -> Stretch:
    begin = rng.randrange(max(1, example.steps - _STEPS))
    end = min(example.steps, begin + _STEPS)
    frames = slice(FRAMES_A_STEP * begin, FRAMES_A_STEP * end)
    keep_likelihoods = rng.random() >= _WITHOUT_LIKELIHOODS
    keep_spectrum = not keep_likelihoods or rng.random() >= _WITHOUT_SPECTRUM
    likelihoods = Posteriors(
        *(part[frames].astype(np.float32) / 255 * keep_likelihoods
          for part in (example.frame, example.onset, example.contour))
    )  # fmt: skip
    colour = _colour(draw)
    spectrum = KeySpectrum(
        _coloured(example.long[begin:end], colour) * keep_spectrum,
        _coloured(example.short[frames], colour) * keep_spectrum,
    )
    rows = inputs_of(likelihoods, spectrum, 0, end - begin)
    missing = _STEPS - (end - begin)
    truth, known = note_marks(example.notes, begin, end)
    pads = ((0, missing), (0, 0), (0, 0))
    return np.pad(rows, pads), np.pad(truth, pads), np.pad(known, pads)


def _colour(draw: np.random.Generator) -> np.ndarray:
    """(BINS,) what another instrument, room or level would add to compressed levels."""
    knots = draw.normal(0, 0.035, 9)
    return np.asarray(draw.normal(0, 0.05) + np.interp(np.arange(BINS), np.linspace(0, BINS, 9), knots))


def _coloured(levels: np.ndarray, colour: np.ndarray) -> np.ndarray:
    known = levels.astype(np.float32) / 255
    return np.asarray(np.maximum(0, known + colour * np.minimum(1, known * 8)), np.float32)


def note_marks(notes: np.ndarray, begin: int, end: int) -> tuple[np.ndarray, np.ndarray]:
    """What is true in steps `begin` to `end`, and where the loudness is known."""
    first, count = FRAMES_A_STEP * begin, FRAMES_A_STEP * (end - begin)
    struck, sounding, loud, known = (np.zeros((count, KEYS), np.float32) for _ in range(4))
    for start_s, end_s, pitch, velocity in notes.tolist():
        key, at = int(pitch) - LOWEST_PITCH, round(start_s / FRAME_S) - first
        stop = max(at + 2, round(end_s / FRAME_S) - first)
        if not 0 <= key < KEYS or stop <= -2 or at > count:
            continue
        sounding[max(0, at) : max(0, stop), key] = 1
        for beside, share in ((-1, _BESIDE), (0, 1.0), (1, _BESIDE)):
            if 0 <= at + beside < count:
                struck[at + beside, key] = max(struck[at + beside, key], share)
        near = slice(max(0, at - 1), max(0, at + 3))
        loud[near, key], known[near, key] = velocity / 127, 1
    truth = np.concatenate([_in_steps(each) for each in (struck, sounding, loud)], axis=2)
    return truth, _in_steps(known)


def _in_steps(values: np.ndarray) -> np.ndarray:
    return values.reshape(-1, FRAMES_A_STEP, KEYS).transpose(0, 2, 1)


def _loss(network: Network, stretches: Sequence[Stretch]) -> torch.Tensor:
    rows, truth, known = (
        torch.from_numpy(np.stack(parts)).permute(0, 3, 1, 2) for parts in zip(*stretches, strict=True)
    )
    with torch.autocast("cpu", dtype=torch.bfloat16):
        told = network(rows)
    told, truth, known = (part[:, :, _MARGIN:-_MARGIN] for part in (told.float(), truth, known))
    strokes, frames, loudness = told.chunk(3, dim=1)
    is_struck, is_sounding, how_loud = truth.chunk(3, dim=1)
    off = (torch.sigmoid(loudness) - how_loud) ** 2
    return (
        _STROKE_SHARE * functional.binary_cross_entropy_with_logits(strokes, is_struck)
        + _FRAME_SHARE * functional.binary_cross_entropy_with_logits(frames, is_sounding)
        + _LOUDNESS_SHARE * (off * known).sum() / known.sum().clamp(min=1)
    )


def note_arrays(network: Network) -> dict[str, np.ndarray]:
    """The weights as engine.analysis.audio.noterefining reads them."""
    arrays = {}
    for name, value in network.state_dict().items():
        array = value.detach().float().numpy()
        if name.endswith("weight"):
            array = array.transpose(2, 3, 1, 0).reshape(-1, array.shape[0])
        arrays[name] = np.ascontiguousarray(array)
    return arrays
