"""Every kernel computes what the trained network computes, and a row's logits are its own."""

import ctypes
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from engine.api.errors import ImpossibleError
from engine.generation.infill import building, kernels_compiled
from engine.generation.infill.kernels import MOST_WANTED, Kernel, Rows
from engine.generation.infill.runtime import Runtime
from engine.generation.infill.weights import Sizes, Weights
from engine.training.infill.batches import Batch
from engine.training.infill.network import logits_of
from tests.engine.infill.small import (
    KERNELS,
    SHAPES,
    SHIPPED,
    SMALL,
    has_kernel,
    kernel_of,
    random_rows,
    weights_of,
)

Rowed = list[list[int]]


@pytest.fixture(params=KERNELS)
def kind(request: pytest.FixtureRequest) -> str:
    if not has_kernel(request.param):
        pytest.skip("there is no C compiler here")
    return str(request.param)


def oracle(weights: Weights, rows: Rowed) -> np.ndarray:
    """The logits after every row, from the network as it is trained."""
    import torch

    tensors = {name: torch.from_numpy(array.copy()) for name, array in weights.arrays.items()}
    count = len(rows)
    flat = np.array([feature for row in rows for feature in row])
    offsets = np.cumsum([0, *map(len, rows[:-1])])
    every, none = np.arange(count), np.zeros(count)
    batch = Batch(1, count, flat, offsets, every, none, none, none, none, count)
    with torch.inference_mode():
        return logits_of(tensors, weights.sizes, batch).numpy()


def nll(logits: np.ndarray, tokens: np.ndarray) -> float:
    scores = logits.astype(np.float64)
    scores -= scores.max(-1, keepdims=True)
    return float(np.mean(np.log(np.exp(scores).sum(-1)) - scores[np.arange(len(tokens)), tokens]))


def decoded(kernel: Kernel, rows: Rowed, shared: int) -> np.ndarray:
    """The logits after every row behind the shared ones, told one by one."""
    runtime = Runtime(weights_like(kernel), 4, 64, kernel)
    runtime.read(rows[:shared])
    branches = runtime.fork(1)
    return np.concatenate([branches.step([(0, [row])]).copy() for row in rows[shared:]])


def weights_like(kernel: Kernel) -> Weights:
    return kernel.weights_for_test  # type: ignore[attr-defined, no-any-return]


def made(kind: str, sizes: Sizes, slots: int = 4, own: int = 64, threads: int = 1) -> Kernel:
    weights = weights_of(sizes)
    kernel = kernel_of(kind, weights, slots, own, threads)
    kernel.weights_for_test = weights  # type: ignore[attr-defined]
    return kernel


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("shared", [0, 1, 31, 32, 77])
def test_it_computes_what_the_trained_network_does(kind: str, shape: str, shared: int) -> None:
    kernel = made(kind, SHAPES[shape])
    rows = random_rows(SHAPES[shape], shared + 19, seed=shared)
    heard, expected = decoded(kernel, rows, shared), oracle(weights_like(kernel), rows)[shared:]
    assert np.abs(heard - expected).max() < 1e-4 * np.abs(expected).max()
    tokens = np.random.default_rng(1).integers(0, SHAPES[shape].vocabulary, len(heard))
    assert nll(heard, tokens) == pytest.approx(nll(expected, tokens), rel=1e-5)


def logits_after(kernel: Kernel, prompt: Rowed, chunks: list[Rowed], together: list[int]) -> list[np.ndarray]:
    """All the logits of the candidates `together` (each told its own rows one by one), in one run."""
    runtime = Runtime(weights_like(kernel), 16, 64, kernel)
    runtime.read(prompt)
    branches = runtime.fork(len(together))
    heard: list[list[np.ndarray]] = [[] for _ in together]
    for turn in range(max(len(chunks[c]) for c in together)):
        going = [k for k, c in enumerate(together) if turn < len(chunks[c])]
        logits = branches.step([(k, [chunks[together[k]][turn]]) for k in going])
        for k, row in zip(going, logits, strict=True):
            heard[k].append(row.copy())
    return [np.stack(one) for one in heard]


@pytest.mark.parametrize("threads", [1, 2])
def test_a_candidates_logits_are_the_same_in_any_company(kind: str, threads: int) -> None:
    prompt = random_rows(SHIPPED, 45, seed=3)
    chunks = [random_rows(SHIPPED, 5 + c % 3, seed=10 + c) for c in range(16)]
    kernel = made(kind, SHIPPED, 16, 64, threads)
    alone = [logits_after(kernel, prompt, chunks, [c])[0] for c in range(16)]
    for size in (3, 8, 16):
        for k, heard in enumerate(logits_after(kernel, prompt, chunks, list(range(size)))):
            assert np.array_equal(heard, alone[k])
    backwards = logits_after(kernel, prompt, chunks, [15, 7, 0])
    assert all(np.array_equal(a, alone[c]) for a, c in zip(backwards, [15, 7, 0], strict=True))


def test_told_in_one_go_or_one_by_one_is_the_same(kind: str) -> None:
    prompt, own = random_rows(SMALL, 40, seed=1), [random_rows(SMALL, 9, seed=k) for k in (2, 3)]
    kernel = made(kind, SMALL)
    runtime = Runtime(weights_like(kernel), 4, 64, kernel)
    runtime.read(prompt)
    slow, quick = runtime.fork(2), runtime.fork(2)
    for turn in range(9):
        last = slow.step([(0, [own[0][turn]]), (1, [own[1][turn]])]).copy()
    quick.step([(0, own[0][:4])])
    assert np.array_equal(last, quick.step([(0, own[0][4:]), (1, own[1])]))


@pytest.mark.parametrize("changed", [0, 1, 33, 64, 79])
def test_what_was_read_before_is_not_read_again(kind: str, changed: int) -> None:
    kernel = made(kind, SMALL)
    runtime = Runtime(weights_like(kernel), 4, 64, kernel)
    before, own = random_rows(SMALL, 80, seed=1), random_rows(SMALL, 1, seed=2)
    after = [*before[:changed], *random_rows(SMALL, 85 - changed, seed=9)]
    runtime.read(after)
    fresh = runtime.fork(1).step([(0, own)]).copy()
    assert runtime.read(before) == 80 - changed + changed % kernel.grain
    assert runtime.read(before) == 0
    assert runtime.read(after) == 85 - changed + changed % kernel.grain
    assert np.array_equal(fresh, runtime.fork(1).step([(0, own)]))
    assert runtime.read(after[:50]) == 0
    assert runtime.read(after) == 35 + 50 % kernel.grain
    assert np.array_equal(fresh, runtime.fork(1).step([(0, own)]))


@pytest.mark.parametrize("indices", [[0, 1, 2, 3], [3, 3, 3, 3], [1, 0, 3, 2], [2, 2, 0, 0], [1, 1, 2, 0]])
def test_a_resampled_candidate_goes_on_as_the_one_it_copied(kind: str, indices: list[int]) -> None:
    kernel = made(kind, SMALL)
    runtime = Runtime(weights_like(kernel), 4, 64, kernel)
    runtime.read(random_rows(SMALL, 20, seed=1))
    told = [random_rows(SMALL, 2 + 5 * c, seed=c) for c in range(4)]
    later = [random_rows(SMALL, 3, seed=40 + c) for c in range(4)]
    apart, resampled = [], runtime.fork(4)
    for k, index in enumerate(indices):
        branches = runtime.fork(1)
        branches.step([(0, told[index])])
        apart.append(branches.step([(0, later[k])])[0].copy())
    resampled.step(list(enumerate(told)))
    resampled.resample(indices)
    assert resampled.lengths == [2 + 5 * index for index in indices]
    assert np.array_equal(resampled.step(list(enumerate(later))), np.stack(apart))


def test_too_long_a_question_or_answer_is_refused(kind: str) -> None:
    kernel = made(kind, SMALL, own=8)
    runtime = Runtime(weights_like(kernel), 4, 8, kernel)
    with pytest.raises(ImpossibleError, match="fewer bars"):
        runtime.read(random_rows(SMALL, SMALL.context + 1, seed=1))
    branches = runtime.fork(1)
    branches.step([(0, random_rows(SMALL, 8, seed=1))])
    with pytest.raises(ImpossibleError, match="fewer bars"):
        branches.step([(0, random_rows(SMALL, 1, seed=1))])


def test_machine_code_never_looks_outside_of_its_arrays() -> None:
    if not has_kernel("compiled"):
        pytest.skip("there is no C compiler here")
    kernel = made("compiled", SMALL, slots=2, own=32)
    wrong = [(0, 0, [[SMALL.features]]), (0, 0, [[-1]]), (2, 0, [[1]]), (0, 32, [[1]])]
    for chunk in wrong:
        with pytest.raises(IndexError, match="outside"):
            kernel.forward(Rows.of_candidates([chunk], 8))
    for rows in (
        Rows.of_candidates([(0, 0, [[1]])], SMALL.context + 1),
        Rows.of_prompt([[1]], SMALL.context),
    ):
        with pytest.raises(IndexError, match="outside"):
            kernel.forward(rows)
    with pytest.raises(IndexError, match="outside"):
        kernel.forward(Rows.of_candidates([(0, 0, [[1]])] * (MOST_WANTED + 1), 8))
    with pytest.raises(ValueError, match="room"):
        Runtime(weights_of(SMALL), 2, 32, kernel).fork(3)


def test_large_numbers_stay_numbers(kind: str) -> None:
    from engine.generation.infill.weights import random_weights

    weights = random_weights(SMALL, 1, spread=30.0)
    kernel = kernel_of(kind, weights, 2, 16)
    kernel.forward(Rows.of_prompt(random_rows(SMALL, 20, seed=1), 0))
    logits = kernel.forward(Rows.of_candidates([(0, 0, random_rows(SMALL, 3, seed=2))], 20))
    assert np.isfinite(logits).all()


def no_folder() -> Path:
    raise OSError("read-only")


@pytest.mark.parametrize(
    ("what", "instead"),
    [("_compiler", lambda: None), ("_compiler", lambda: "/nowhere/cc"), ("_folder", no_folder)],
    ids=["none", "gone", "no folder"],
)
def test_without_a_compiler_numpy_does_the_work(
    what: str, instead: Callable[[], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    kernels_compiled.compiled_library.cache_clear()
    monkeypatch.setattr(building, what, instead)
    assert Runtime(weights_of(SMALL), 2, 16).kernel.name == "numpy"
    kernels_compiled.compiled_library.cache_clear()


def can(*abilities: str) -> bool:
    return set(abilities) <= set(building._abilities().split())


@pytest.mark.parametrize(
    ("flag", "lanes", "abilities"),
    [
        ("-march=x86-64", 4, ["sse2"]),
        ("-march=haswell", 8, ["avx2", "fma"]),
    ],
)
def test_the_kernel_is_right_on_lesser_processors(
    flag: str, lanes: int, abilities: list[str], tmp_path: Path
) -> None:
    compiler = building._compiler()
    if compiler is None or not can(*abilities):
        pytest.skip("there is no C compiler or no such processor here")
    path = tmp_path / "decode.so"
    building._compile(compiler, [*building._FLAGS, flag], [kernels_compiled._SOURCE], path)
    library = ctypes.CDLL(str(path))
    kernels_compiled._declare(library)
    assert library.lanes() == lanes and kernels_compiled._agrees(library)


def test_a_kernel_that_computes_something_else_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    if not has_kernel("compiled"):
        pytest.skip("there is no C compiler here")
    library = kernels_compiled.compiled_library()
    assert library is not None and kernels_compiled._agrees(library)
    for layout in ("panels", "tiles"):
        true = getattr(kernels_compiled, layout)
        wrong = partial(lambda true, *told: true(*told)[::-1].copy(), true)
        monkeypatch.setattr(kernels_compiled, layout, wrong)
    assert not kernels_compiled._agrees(library)
