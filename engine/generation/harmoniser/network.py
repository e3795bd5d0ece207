"""How strongly does a melody call for each chord, pulse by pulse, and where do chords change?

A linear-chain conditional random field (Lafferty et al. 2001) whose weights come from a convolution network
over pulses: four residual blocks of five taps, dilated 1, 2, 4, 8, so that every pulse hears 30 pulses to
both sides. Numbers are log weights over 12 roots above the tonic x 16 seventh classes.

>>> network = Member(fresh_arrays(np.random.default_rng(1), width=8))
>>> heard = network.hear(np.zeros((6, FEATURES), np.float32))
>>> heard.chords.shape, heard.holds.shape
((6, 192), (6,))
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.generation.harmoniser.pulses import CHORDS, FEATURES
from engine.generation.modelfile import require

TAPS, DILATIONS = 5, (1, 2, 4, 8)
EPSILON = 1e-5
_NEVER = -1e4
Arrays = Mapping[str, NDArray[np.float32]]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Heard:
    """`chords`: (pulses, 192) log weights of every chord; `holds`: log odds that the chord before goes on."""

    chords: Floats
    holds: Floats


@dataclass(frozen=True)
class Harmoniser:
    """Networks that learnt from different draws of the same pieces; their log weights are averaged, which
    errs less than any of them (Breiman 1996)."""

    members: tuple["Member", ...]

    @staticmethod
    def from_arrays(arrays: Arrays) -> "Harmoniser":
        """Of a model file: the arrays of member n are named `<n>.<name>`. Raises KeyError or ValueError when
        they are not a harmoniser's."""
        numbers = sorted({name.split(".")[0] for name in arrays})
        if not numbers:
            raise ValueError("there is no network")
        parted = (
            {name.partition(".")[2]: array for name, array in arrays.items() if name.startswith(f"{number}.")}
            for number in numbers
        )
        return Harmoniser(tuple(Member(own) for own in parted))

    def hear(self, remarks: NDArray[np.float32]) -> Heard:
        """Of remarks in the shape (pulses, FEATURES)."""
        heard = [member.hear(remarks) for member in self.members]
        return Heard(
            np.mean([one.chords for one in heard], axis=0), np.mean([one.holds for one in heard], axis=0)
        )

    def moves(self) -> Floats:
        """Log probabilities of the chord that follows, (192, 192), given that one does."""
        moves = np.mean([member.moves() for member in self.members], axis=0)
        np.fill_diagonal(moves, -np.inf)
        return np.asarray(moves - np.log(np.exp(moves).sum(axis=1, keepdims=True)))

    def first(self) -> Floats:
        """Log weights of the first chord."""
        return np.asarray(np.mean([member.first() for member in self.members], axis=0))


@dataclass(frozen=True)
class Member:
    """One network and the moves it has learnt."""

    arrays: Arrays

    def __post_init__(self) -> None:
        """Raises KeyError or ValueError when the arrays are not a harmoniser's."""
        width = self.arrays["in"].shape[-1]
        for name, shape in shapes(width).items():
            require(self.arrays, name, "f", *shape)

    def hear(self, remarks: NDArray[np.float32]) -> Heard:
        """Of remarks in the shape (pulses, FEATURES)."""
        arrays = self.arrays
        stream = remarks @ arrays["in"] + arrays["in.bias"]
        for number, dilation in enumerate(DILATIONS):
            block = f"blocks.{number}"
            read = _norm(stream, arrays[f"{block}.norm"])
            read = _gelu(_convolved(read, arrays[f"{block}.taps"], dilation) + arrays[f"{block}.bias"])
            stream = stream + read @ arrays[f"{block}.out"]
        read = _norm(stream, arrays["norm"])
        chords = read @ arrays["chords"] + arrays["chords.bias"]
        holds = read @ arrays["holds"] + arrays["holds.bias"]
        return Heard(chords.astype(np.float64), holds[:, 0].astype(np.float64))

    def moves(self) -> Floats:
        """As the harmoniser's; nothing is said of the chord itself."""
        moves = self.arrays["moves"].astype(np.float64)
        np.fill_diagonal(moves, _NEVER)
        top = moves.max(axis=1, keepdims=True)
        return np.asarray(moves - top - np.log(np.exp(moves - top).sum(axis=1, keepdims=True)))

    def first(self) -> Floats:
        """Log weights of the first chord."""
        return np.asarray(self.arrays["first"], np.float64)


def shapes(width: int) -> dict[str, tuple[int, ...]]:
    """Of all arrays, by name."""
    found: dict[str, tuple[int, ...]] = {"in": (FEATURES, width), "in.bias": (width,)}
    for number in range(len(DILATIONS)):
        block = f"blocks.{number}"
        found |= {
            f"{block}.norm": (width,),
            f"{block}.taps": (TAPS, width, width),
            f"{block}.bias": (width,),
            f"{block}.out": (width, width),
        }
    found |= {"norm": (width,), "chords": (width, CHORDS), "chords.bias": (CHORDS,)}
    found |= {"holds": (width, 1), "holds.bias": (1,), "moves": (CHORDS, CHORDS), "first": (CHORDS,)}
    return found


def fresh_arrays(random: np.random.Generator, width: int) -> dict[str, NDArray[np.float32]]:
    """A network that has learnt nothing."""
    found = {}
    for name, shape in shapes(width).items():
        if name.endswith("norm"):
            array = np.ones(shape)
        elif len(shape) == 1 or name == "moves":
            array = np.zeros(shape)
        else:
            array = random.normal(0.0, (np.prod(shape[:-1])) ** -0.5, shape)
        found[name] = array.astype(np.float32)
    return found


def _norm(stream: NDArray[np.float32], gain: NDArray[np.float32]) -> NDArray[np.float32]:
    scale = np.sqrt((stream * stream).mean(axis=-1, keepdims=True) + EPSILON)
    return np.asarray(stream / scale * gain, np.float32)


def _gelu(values: NDArray[np.float32]) -> NDArray[np.float32]:
    inner = 0.7978845608 * (values + 0.044715 * values**3)
    return np.asarray(0.5 * values * (1.0 + np.tanh(inner)), np.float32)


def _convolved(stream: NDArray[np.float32], taps: NDArray[np.float32], dilation: int) -> NDArray[np.float32]:
    reach = (TAPS // 2) * dilation
    padded = np.pad(stream, ((reach, reach), (0, 0)))
    rows = len(stream)
    parts = [padded[tap * dilation : tap * dilation + rows] @ taps[tap] for tap in range(TAPS)]
    return np.asarray(sum(parts), np.float32)
