"""What has the model learnt, and how does it look in memory?

Two context trees over seventh classes (relative to the tonic, and relative to the last root: motion), one
over triads,
a table of pairs by style for finding key and style, how often each full quality is used, and a small
network that
mixes them with the song's own memory (`mixing`). Everything is read from one safetensors file.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.generation.chords.ngram import ContextTree
from engine.generation.chords.vocabulary import seventh_class, triad_class
from engine.generation.modelfile import require

STYLES = ("pop", "rock", "jazz", "song", "folk", "classical", "loop", "plain")
PLAIN = "plain"  # rich charts told in triads only: how a song sounds whose writer leaves the sevenths out
SEVENTH_SIZE = 192
TRIAD_SIZE = 96


@dataclass(frozen=True, slots=True)
class Qualities:
    """Full qualities the model may answer with, and how often each style uses them (rows: qualities)."""

    names: tuple[str, ...]
    counts: NDArray[np.float64]
    sevenths: NDArray[np.int64]
    triads: NDArray[np.int64]

    @staticmethod
    def of(names: tuple[str, ...], counts: NDArray[np.float64]) -> "Qualities":
        return Qualities(
            names,
            counts,
            np.array([seventh_class(name) for name in names], dtype=np.int64),
            np.array([triad_class(name) for name in names], dtype=np.int64),
        )

    def with_also(self, extra: tuple[str, ...]) -> "Qualities":
        """The same and the song's own rarities."""
        new = tuple(sorted(set(extra) - set(self.names)))
        if not new:
            return self
        counts = np.vstack([self.counts, np.zeros((len(new), self.counts.shape[1]))])
        return Qualities.of(self.names + new, counts)


@dataclass(frozen=True, slots=True)
class Mixer:
    """A network of two hidden layers that scores one candidate from its features (see `features`)."""

    mean: NDArray[np.float32]
    scale: NDArray[np.float32]
    weights: tuple[NDArray[np.float32], ...]
    biases: tuple[NDArray[np.float32], ...]

    def scores(self, features: NDArray[np.float32]) -> NDArray[np.float64]:
        """One score a row; their softmax is the probability."""
        hidden = (features - self.mean) / self.scale
        for weight, bias in zip(self.weights[:-1], self.biases[:-1], strict=True):
            hidden = np.maximum(hidden @ weight + bias, 0.0)
        return (hidden @ self.weights[-1] + self.biases[-1])[:, 0].astype(np.float64)


@dataclass(frozen=True, slots=True)
class ChordModel:
    degrees: ContextTree
    motion: ContextTree
    triads: ContextTree
    pairs: NDArray[np.float32]  # log p(symbol | symbol before), styles x 256 x 192, tonic-relative
    qualities: Qualities
    mixer: Mixer | None

    def arrays(self) -> dict[str, np.ndarray]:
        """Everything numeric, named, for the model file."""
        named = {
            **self.degrees.arrays("degrees"),
            **self.motion.arrays("motion"),
            **self.triads.arrays("triads"),
            "pairs": self.pairs.astype(np.float16),
            "qualities.counts": self.qualities.counts.astype(np.float32),
        }
        if self.mixer is not None:
            named |= {"mixer.mean": self.mixer.mean, "mixer.scale": self.mixer.scale}
            for layer, (weight, bias) in enumerate(zip(self.mixer.weights, self.mixer.biases, strict=True)):
                named[f"mixer.{layer}.weight"], named[f"mixer.{layer}.bias"] = weight, bias
        return named

    @staticmethod
    def from_arrays(named: Mapping[str, np.ndarray], quality_names: tuple[str, ...]) -> "ChordModel":
        """The inverse of `arrays`; the names of the qualities are kept in the model's card.

        Raises ValueError or KeyError when an array is missing or has the wrong form.
        """
        _require_form(named, len(quality_names))
        layers = sum(1 for name in named if name.startswith("mixer.") and name.endswith(".weight"))
        mixer = (
            Mixer(
                named["mixer.mean"],
                named["mixer.scale"],
                tuple(named[f"mixer.{layer}.weight"] for layer in range(layers)),
                tuple(named[f"mixer.{layer}.bias"] for layer in range(layers)),
            )
            if layers
            else None
        )
        return ChordModel(
            ContextTree.from_arrays("degrees", SEVENTH_SIZE, named),
            ContextTree.from_arrays("motion", SEVENTH_SIZE, named),
            ContextTree.from_arrays("triads", TRIAD_SIZE, named),
            named["pairs"].astype(np.float32),
            Qualities.of(quality_names, named["qualities.counts"].astype(np.float64)),
            mixer,
        )


def _require_form(named: Mapping[str, np.ndarray], qualities: int) -> None:
    """Raises ValueError unless the arrays fit together and to the code that asks them."""
    require(named, "pairs", "f", len(STYLES), 256, SEVENTH_SIZE)
    require(named, "qualities.counts", "f", qualities, len(STYLES))
    layers = sum(1 for name in named if name.startswith("mixer.") and name.endswith(".weight"))
    if not layers:
        return
    width = len(named["mixer.mean"])
    require(named, "mixer.mean", "f", width)
    require(named, "mixer.scale", "f", width)
    for layer in range(layers):
        weight = named[f"mixer.{layer}.weight"]
        require(named, f"mixer.{layer}.weight", "f", width, None)
        width = weight.shape[1]
        require(named, f"mixer.{layer}.bias", "f", width)
    if width != 1:
        raise ValueError("the mixer gives more than one score")
