"""Small models that learnt nothing, and random music rows to feed them."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import numpy as np

from engine.generation.infill.kernels import Kernel
from engine.generation.infill.kernels_compiled import CompiledKernel, compiled_library
from engine.generation.infill.kernels_numpy import NumpyKernel
from engine.generation.infill.torch_runtime import TorchKernel
from engine.generation.infill.weights import FORMAT, Sizes, Weights, random_weights

SMALL = Sizes(d=64, layers=2, heads=2, ff=96, vocabulary=71, features=150, context=96)
WIDE = Sizes(d=192, layers=2, heads=3, ff=512, vocabulary=991, features=2000, context=200)
SHIPPED = Sizes(d=256, layers=2, heads=4, ff=704, vocabulary=1000, features=1500, context=160)
SHAPES = {"small": SMALL, "three heads": WIDE, "as shipped": SHIPPED}
KERNELS = ("compiled", "compiled without tiles", "numpy", "torch")


def weights_of(sizes: Sizes, seed: int = 1) -> Weights:
    """Spread so that the choice between tokens is neither flat nor certain."""
    return random_weights(sizes, seed, spread=0.12)


def has_kernel(name: str) -> bool:
    return not name.startswith("compiled") or compiled_library() is not None


def kernel_of(name: str, weights: Weights, slots: int, own_places: int, threads: int = 1) -> Kernel:
    if name == "torch":
        return TorchKernel(weights, slots, own_places, "cpu")
    if name == "numpy":
        return NumpyKernel(weights, slots, own_places)
    library = compiled_library()
    assert library is not None
    return CompiledKernel(weights, slots, own_places, library, threads, is_tiled=name == "compiled")


def random_rows(sizes: Sizes, count: int, seed: int) -> list[list[int]]:
    """Rows of one to twenty features each."""
    generator = np.random.default_rng(seed)
    return [
        [int(i) for i in generator.integers(0, sizes.features, generator.integers(1, 21))]
        for _ in range(count)
    ]


def write_model(folder: Path, name: str, weights: Weights, number: str = "BF16") -> None:
    """A model file and its card."""
    write_arrays(folder, name, weights.arrays, asdict(weights.sizes), number)


def write_arrays(
    folder: Path, name: str, arrays: Mapping[str, np.ndarray], config: object, number: str = "BF16"
) -> None:
    forms = {
        "BF16": lambda array: (np.ascontiguousarray(array).view(np.uint32) >> 16).astype(np.uint16),
        "F16": lambda array: array.astype(np.float16),
        "F32": lambda array: array,
        "I32": lambda array: array.astype(np.int32),
    }
    data = {key: forms[number](array).tobytes() for key, array in arrays.items()}
    header, end = {}, 0
    for key, part in data.items():
        place = [end, end := end + len(part)]
        header[key] = {"dtype": number, "shape": list(arrays[key].shape), "data_offsets": place}
    told = json.dumps(header).encode()
    content = len(told).to_bytes(8, "little") + told + b"".join(data.values())
    (folder / f"{name}.safetensors").write_bytes(content)
    card = {"format": FORMAT, "sha256": hashlib.sha256(content).hexdigest(), "config": config}
    (folder / f"{name}.json").write_text(json.dumps(card), "utf-8")
