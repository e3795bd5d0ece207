"""The models that are shipped read the same in every kernel as in training."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from engine.generation.infill.runtime import Runtime
from engine.generation.infill.weights import read_weights
from engine.generation.language.grid import ChordEvent, NoteEvent, Sheet, SheetBar
from engine.generation.language.question import encode
from tests.engine.infill.small import has_kernel, kernel_of
from tests.engine.infill.test_runtime import nll, oracle
from tests.engine.infill.writing import C, M, question

MODELS = Path(__file__).parents[3] / "assets" / "models"
TUNE = (
    (64, 62, 60, 62),
    (64, 64, 64),
    (62, 62, 62),
    (64, 67, 67),
    (64, 62, 60, 62),
    (64, 64, 64, 64),
    (62, 62, 64, 62),
    (60,),
)
CHORDS = (0, 0, 7, 0, 0, 0, 7, 0)


def tune() -> Sheet:
    """A nursery tune in quarters, the last note of a bar held to its end."""
    bars = []
    for pitches, root in zip(TUNE, CHORDS, strict=True):
        last = len(pitches) - 1
        notes = tuple(NoteEvent(24 * n, 24 if n < last else 96 - 24 * n, p) for n, p in enumerate(pitches))
        bars.append(SheetBar((4, 4), 96, {C: (ChordEvent(0, 96, root, "maj"),), M: notes}))
    return Sheet(tuple(bars), style="folk", bpm=110)


@pytest.mark.parametrize("name", ["infill", "infill-small", "progressions"])
@pytest.mark.parametrize("kernel", ["compiled", "numpy"])
def test_a_tune_is_as_surprising_as_in_training(name: str, kernel: str) -> None:
    if not (MODELS / f"{name}.safetensors").exists() or not has_kernel(kernel):
        pytest.skip("there is no such model or no C compiler here")
    weights = read_weights(MODELS, name)
    stream = C if name == "progressions" else M
    encoded = encode(question(tune(), *((bar, stream) for bar in range(4, 8))), tune())
    ids, offsets = encoded.feature_ids.tolist(), encoded.feature_offsets.tolist()
    rows = [ids[start:end] for start, end in pairwise(offsets)]
    first = int(np.flatnonzero(encoded.loss == 1 + stream)[0]) - 1
    runtime = Runtime(weights, 1, 512, kernel_of(kernel, weights, 1, 512))
    runtime.read(rows[:first])
    branches = runtime.fork(1)
    heard = np.concatenate([branches.step([(0, [row])]).copy() for row in rows[first:-1]])
    expected = oracle(weights, rows)[first:-1]
    tokens = encoded.tokens[first + 1 :]
    assert nll(heard, tokens) == pytest.approx(nll(expected, tokens), rel=0.005)
