"""What did the infilling model learn, and is it all there?

The weights are a safetensors file (bfloat16, or 16 or 32 bit floats) and its card; the card's `config` holds
the sizes. In memory every number is a float32 whose lower half is zero, a bfloat16: all runtimes compute
with the very same weights. Matrices are (outputs, inputs), as trained.

>>> sizes = Sizes(d=64, layers=1, heads=2, ff=64, vocabulary=40, features=50, context=32)
>>> random_weights(sizes, seed=1).arrays["layers.0.qkv"].shape
(192, 64)
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.generation.modelfile import damaged, read_model_file, require, unusable

FORMAT = 1
ROTARY_BASE = 10_000.0
_RELEASED = "infill"
_LANE = 32
"""The kernels work on as many numbers at once."""
_MOST = 1 << 20


@dataclass(frozen=True, slots=True)
class Sizes:
    """Width, layers, attention heads, inner width, tokens, rows of the table, longest sequence."""

    d: int
    layers: int
    heads: int
    ff: int
    vocabulary: int
    features: int
    context: int

    def __post_init__(self) -> None:
        """Raises ValueError when no model can have these sizes."""
        if not all(isinstance(size, int) and 0 < size <= _MOST for size in asdict(self).values()):
            raise ValueError("a size is missing or out of reach")
        fits = self.d % self.heads == 0 and self.head_width % _LANE == 0 and self.head_width <= 4 * _LANE
        if not fits or self.ff % _LANE or self.vocabulary > self.features:
            raise ValueError("the sizes do not go together")

    @property
    def head_width(self) -> int:
        return self.d // self.heads

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Name and shape of every array."""
        d, ff = self.d, self.ff
        layer = {"norm1": (d,), "qkv": (3 * d, d), "out": (d, d)}
        layer |= {"norm2": (d,), "gate_up": (2 * ff, d), "down": (d, ff)}
        layers = {
            f"layers.{number}.{name}": shape for number in range(self.layers) for name, shape in layer.items()
        }
        return {"table": (self.features, d), **layers, "norm": (d,)}


@dataclass(frozen=True)
class Weights:
    """The arrays by name, float32; the card and the hash of the file they come from, if from a file."""

    sizes: Sizes
    arrays: Mapping[str, NDArray[np.float32]]
    card: Mapping[str, Any]
    sha256: str = ""

    @property
    def count(self) -> int:
        """How many numbers were learnt."""
        return sum(array.size for array in self.arrays.values())


def read_weights(folder: Path, name: str) -> Weights:
    """The model of this name. Raises ModelError: missing, not its card's, damaged, of other sizes."""
    file = read_model_file(folder, name, FORMAT)
    try:
        sizes = sizes_of(file.card)
        for array, shape in sizes.shapes().items():
            require(file.arrays, array, "f", *shape)
        if set(file.arrays) != set(sizes.shapes()):
            raise ValueError("there are arrays too many")
    except (KeyError, TypeError, ValueError) as error:
        raise damaged(name) from error
    return Weights(
        sizes, {key: as_bfloat16(value) for key, value in file.arrays.items()}, file.card, file.sha256
    )


def sizes_of(card: Mapping[str, Any]) -> Sizes:
    """The sizes a card tells. Raises KeyError, TypeError or ValueError."""
    config = card["config"]
    return Sizes(**{field.name: config[field.name] for field in fields(Sizes)})


def random_weights(sizes: Sizes, seed: int, spread: float = 0.05) -> Weights:
    """Weights that learnt nothing, for tests and benches."""
    generator = np.random.Generator(np.random.Philox(seed))
    arrays = {}
    for name, shape in sizes.shapes().items():
        drawn = generator.standard_normal(shape, np.float32) * np.float32(spread)
        arrays[name] = as_bfloat16(drawn + np.float32(len(shape) == 1))
    return Weights(sizes, arrays, {})


def as_bfloat16(array: NDArray[Any]) -> NDArray[np.float32]:
    """Every number rounded to the nearest bfloat16 (half to even), as float32."""
    words = np.ascontiguousarray(array, np.float32).view(np.uint32)
    odd = (words >> np.uint32(16)) & np.uint32(1)
    return ((words + np.uint32(0x7FFF) + odd) & np.uint32(0xFFFF0000)).view(np.float32)


def check_features(sizes: Sizes, vocabulary: int, features: int) -> None:
    """Raises ModelError when the model was trained for another language."""
    if (sizes.vocabulary, sizes.features) != (vocabulary, features):
        raise unusable(_RELEASED, "was made for another version")
