"""A tiny network and questions without music, for tests of learning itself."""

from collections.abc import Callable

import numpy as np

from engine.generation.infill.weights import Sizes
from engine.generation.language.question import ANSWER_LOSS, VISIBLE_LOSS, Encoded
from engine.training.infill.batches import Batch, Sample, arranged
from engine.training.infill.learner import Learning
from engine.training.infill.trainer import Run

SIZES = Sizes(d=32, layers=2, heads=1, ff=64, vocabulary=20, features=50, context=768)
PLAIN = Learning(is_bf16=False, dropout=0.1)


def counting(positions: int, first: int) -> Encoded:
    """Tokens that count up: easy to learn; the last half is the answer."""
    tokens = (first + np.arange(positions + 1)) % 20
    ids = np.stack([tokens, 20 + tokens % 3], axis=1).reshape(-1)
    marks = np.where(np.arange(positions + 1) > positions // 2, ANSWER_LOSS + 1, VISIBLE_LOSS)
    marks[0] = 0
    return Encoded(
        tokens.astype(np.int16),
        ids.astype(np.int32),
        2 * np.arange(positions + 2, dtype=np.int32),
        marks.astype(np.uint8),
    )


def pool(number: int, is_falling: bool) -> list[Batch]:
    """A few batches, other ones in every pool and in the fall."""
    generator = np.random.default_rng([number, is_falling])
    samples = [
        Sample(counting(int(generator.integers(5, 90)), int(generator.integers(20)))) for _ in range(9)
    ]
    return arranged(samples, 256, generator)


class PoolsOfThree:
    """Makes `pool`s in another process."""

    def open(self) -> Callable[[int, bool], list[Batch]]:
        return pool


def small_run(**changes: object) -> Run:
    fields: dict[str, object] = {
        "sizes": SIZES,
        "learning": PLAIN,
        "batch_tokens": 256,
        "warmup_steps": 5,
        "tokens": 100_000,
        "checkpoint_minutes": 60.0,
        "peak": 0.01,
    }
    return Run(**(fields | changes))  # type: ignore[arg-type]
