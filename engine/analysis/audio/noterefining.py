"""Which keys were really struck, how loudly, and which still sound?

Basic Pitch takes overtones for notes and misses soft ones among loud ones. A small network learnt here
(engine.training.hearing.notelearning, struck.safetensors) looks at its likelihoods once more, beside a
spectrum of our own, 0.7 s to both sides and with octaves and twelfths above and below each key in view. Its
weights are the same for all keys: a stack of convolutions over time and pitch. Two frames are one step
inside.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from engine.analysis.audio.keyspectrum import FRAMES_A_STEP, KeySpectrum, key_spectrum
from engine.analysis.audio.posteriors import FRAME_S, HOP, KEYS, Posteriors
from engine.analysis.audio.weights import read_weights

HARMONIES = (-24, -19, -12, 12, 19, 24, 28, 31)
"""Semitones from a key to where it is an overtone, or its own overtones lie."""
OWN, SEEN_FAR = 11, 4
INPUTS = OWN + SEEN_FAR * len(HARMONIES)
CHANNELS, OUTPUTS = 32, 3 * FRAMES_A_STEP
REACHES = ((1, 1), (2, 12), (4, 1), (8, 12), (16, 1))
"""How many steps and how many semitones apart the nine taps of a layer lie."""
CONTEXT = 1 + sum(steps for steps, _ in REACHES)

SHAPES: dict[str, tuple[int, ...]] = {
    "inp.weight": (9 * INPUTS, CHANNELS),
    "inp.bias": (CHANNELS,),
    "out.weight": (CHANNELS, OUTPUTS),
    "out.bias": (OUTPUTS,),
}
for _layer in range(len(REACHES)):
    SHAPES[f"res.{_layer}.weight"] = (9 * CHANNELS, CHANNELS)
    SHAPES[f"res.{_layer}.bias"] = (CHANNELS,)

_BLOCK_STEPS, _PIECE_STEPS = 1024, 64

Spectrum = Callable[[int, int], KeySpectrum]
"""The spectrum from one step to before another."""


@dataclass(frozen=True, slots=True)
class Keys:
    """(frames, 88) each, 0-1: how likely a key sounds and is struck, and how loudly were it struck then."""

    frame: np.ndarray
    onset: np.ndarray
    loudness: np.ndarray

    def between(self, start_s: float, end_s: float) -> "Keys":
        """The frames of a stretch of time."""
        return self.part(round(start_s / FRAME_S), round(end_s / FRAME_S))

    def part(self, first: int, last: int) -> "Keys":
        """Frames `first` to `last`."""
        part = slice(first, last)
        return Keys(self.frame[part], self.onset[part], self.loudness[part])

    def __len__(self) -> int:
        return len(self.frame)


class ClearKeys:
    """The keys of a recording as far as it was heard; what can change no more is worked out once.

    `samples`: 22 050 Hz, of peak 1.
    """

    def __init__(self, samples: np.ndarray, tuning: float) -> None:
        self._frames = len(samples) // HOP + 1
        self._spectrum: Spectrum = lambda begin, end: key_spectrum(samples, tuning, begin, end - begin)
        self._steps, self._settled = 0, [joined_keys([])]
        self._heard, self._keys = 0, joined_keys([])

    def of(self, posteriors: Posteriors) -> Keys:
        """All that was heard so far, from the beginning."""
        if len(posteriors) == self._heard:
            return self._keys
        known = steps_of(posteriors)
        is_all = len(posteriors) >= self._frames
        settled = known if is_all else max(self._steps, len(posteriors) // FRAMES_A_STEP - CONTEXT)
        new = refined(posteriors, self._spectrum, self._steps, known)
        begins = FRAMES_A_STEP * (settled - self._steps)
        self._settled = [joined_keys([*self._settled, new.part(0, begins)])]
        self._steps = settled
        self._heard, self._keys = len(posteriors), joined_keys([*self._settled, new.part(begins, len(new))])
        return self._keys


def joined_keys(pieces: Sequence[Keys]) -> Keys:
    """The pieces one after the other."""
    none = np.zeros((0, KEYS), np.float32)
    return Keys(
        np.concatenate([none, *(piece.frame for piece in pieces)]),
        np.concatenate([none, *(piece.onset for piece in pieces)]),
        np.concatenate([none, *(piece.loudness for piece in pieces)]),
    )


def refined(posteriors: Posteriors, spectrum: Spectrum, first: int, last: int) -> Keys:
    """Steps `first` to `last` of what the posteriors really tell. Raises ModelError."""
    weights = read_weights("struck", SHAPES)
    known = steps_of(posteriors)
    pieces = [np.zeros((0, KEYS, OUTPUTS), np.float32)]
    for at in range(first, last, _BLOCK_STEPS):
        stop = min(last, at + _BLOCK_STEPS)
        begin, end = max(0, at - CONTEXT), min(known, stop + CONTEXT)
        told = _told(inputs_of(posteriors, spectrum(begin, end), begin, end), weights)
        pieces.append(told[at - begin : stop - begin])
    return _keys(np.concatenate(pieces), min(FRAMES_A_STEP * last, len(posteriors)) - FRAMES_A_STEP * first)


def steps_of(posteriors: Posteriors) -> int:
    """How many steps there are, the last one perhaps half."""
    return -(-len(posteriors) // FRAMES_A_STEP)


def inputs_of(posteriors: Posteriors, spectrum: KeySpectrum, begin: int, end: int) -> np.ndarray:
    """(steps, 88, INPUTS) of steps `begin` to `end`, of which the spectrum is."""
    steps = end - begin
    frame, onset, contour = (
        np.sqrt(_in_steps(part, begin, end))  # what is hardly likely counts among loud notes
        for part in (posteriors.frame, posteriors.onset, posteriors.contour)
    )
    short = spectrum.short.reshape(steps, FRAMES_A_STEP, -1)
    rows = np.zeros((steps, KEYS, INPUTS), np.float32)
    rows[:, :, 0:2], rows[:, :, 2:4] = onset.transpose(0, 2, 1), frame.transpose(0, 2, 1)
    middle = np.pad(contour.mean(axis=1), ((0, 0), (1, 1)))
    for bin_ in range(3):
        rows[:, :, 4 + bin_] = middle[:, bin_ : bin_ + 3 * KEYS : 3]
    rows[:, :, 7] = spectrum.long[:, :KEYS]
    rows[:, :, 8:10] = short[:, :, :KEYS].transpose(0, 2, 1)
    rows[:, :, 10] = (np.arange(KEYS) - 44) / 44
    far = (frame.mean(axis=1), onset.max(axis=1), spectrum.long, short.max(axis=1))
    for index, shift in enumerate(HARMONIES):
        for number, values in enumerate(far):
            low, high = max(0, -shift), min(KEYS, values.shape[1] - shift)
            rows[:, low:high, OWN + SEEN_FAR * index + number] = values[:, low + shift : high + shift]
    return rows


def _in_steps(values: np.ndarray, begin: int, end: int) -> np.ndarray:
    """(steps, 2, n), silence after the end."""
    part = values[FRAMES_A_STEP * begin : FRAMES_A_STEP * end]
    missing = FRAMES_A_STEP * (end - begin) - len(part)
    return np.pad(part, ((0, missing), (0, 0))).reshape(end - begin, FRAMES_A_STEP, -1)


def _told(rows: np.ndarray, weights: Mapping[str, np.ndarray]) -> np.ndarray:
    """(steps, 88, 6) log odds."""
    hidden = np.maximum(_convolved(rows, weights, "inp", (1, 1)), 0)
    for layer, reach in enumerate(REACHES):
        hidden += np.maximum(_convolved(hidden, weights, f"res.{layer}", reach), 0)
    return np.asarray(hidden @ weights["out.weight"] + weights["out.bias"])


def _convolved(
    values: np.ndarray, weights: Mapping[str, np.ndarray], name: str, reach: tuple[int, int]
) -> np.ndarray:
    """Nine taps, `reach` steps and keys apart; silence around."""
    steps, keys, channels = values.shape
    apart, wide = reach
    padded = np.pad(values, ((apart, apart), (wide, wide), (0, 0)))
    weight = weights[f"{name}.weight"].reshape(3, 3 * channels, -1)
    out = np.empty((steps, keys, weight.shape[2]), np.float32)
    for at in range(0, steps, _PIECE_STEPS):
        piece = out[at : at + _PIECE_STEPS].reshape(-1, weight.shape[2])
        piece[:] = weights[f"{name}.bias"]
        for tap in range(3):
            moved = padded[at + tap * apart :][: len(piece) // keys]
            beside = np.concatenate([moved[:, wide * key : wide * key + keys] for key in range(3)], axis=2)
            piece += beside.reshape(len(piece), 3 * channels) @ weight[tap]
    return out


def _keys(told: np.ndarray, frames: int) -> Keys:
    onset, frame, loudness = (
        told[:, :, FRAMES_A_STEP * part : FRAMES_A_STEP * (part + 1)].transpose(0, 2, 1).reshape(-1, KEYS)
        for part in range(3)
    )
    likely = (1 / (1 + np.exp(-np.clip(each[:frames], -30, 30))) for each in (frame, onset, loudness))
    return Keys(*likely)
