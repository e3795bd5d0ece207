"""The network that learns is the network that is described."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from engine.generation.infill.weights import Sizes  # noqa: E402
from engine.training.infill.batches import Sample, arranged, collated  # noqa: E402
from engine.training.infill.network import Dropout, logits_of, new_weights, parameter_count  # noqa: E402
from tests.engine.infill_training.small import SIZES, counting  # noqa: E402

LONG = Sizes(d=64, layers=2, heads=2, ff=64, vocabulary=20, features=50, context=768)


def plain_logits(weights, sizes, features):
    """The same, position by position, as the description says it; features: rows of every position."""
    table = weights["table"]
    stream = torch.stack([table[rows].sum(0) for rows in features])
    width = sizes.d // sizes.heads
    speeds = 10_000.0 ** (-torch.arange(0, width, 2) / width)
    angles = torch.outer(torch.arange(len(features)).float(), speeds)

    def norm(x, gain):
        return x / (x.square().mean(-1, keepdim=True) + 1e-5).sqrt() * gain

    def turned(x):
        a, b = x[..., : width // 2], x[..., width // 2 :]
        return torch.cat((a * angles.cos() - b * angles.sin(), a * angles.sin() + b * angles.cos()), -1)

    for number in range(sizes.layers):
        own = {name.split(".")[2]: value for name, value in weights.items() if f"layers.{number}." in name}
        q, k, v = (norm(stream, own["norm1"]) @ own["qkv"].T).split(sizes.d, -1)
        heard = []
        for head in range(sizes.heads):
            part = slice(head * width, (head + 1) * width)
            scores = turned(q[:, part]) @ turned(k[:, part]).T / width**0.5
            future = torch.ones_like(scores).triu(1).bool()
            heard.append(scores.masked_fill(future, -torch.inf).softmax(-1) @ v[:, part])
        stream = stream + torch.cat(heard, -1) @ own["out"].T
        gate, up = (norm(stream, own["norm2"]) @ own["gate_up"].T).split(sizes.ff, -1)
        stream = stream + (gate * torch.sigmoid(gate) * up) @ own["down"].T
    return norm(stream, weights["norm"]) @ table[: sizes.vocabulary].T


@pytest.mark.parametrize("sizes", [SIZES, LONG])
@pytest.mark.parametrize("positions", [3, 200])
def test_a_row_of_a_batch_is_what_the_description_says(sizes, positions):
    weights = {name: value * 5 if value.dim() > 1 else value for name, value in new_weights(sizes, 3).items()}
    samples = [Sample(counting(positions, 4)), Sample(counting(2 * positions // 3, 9))]
    batch = collated(samples, 320 if positions > 64 else 64)
    found = logits_of(weights, sizes, batch)
    for row, sample in enumerate(samples):
        encoded = sample.encoded
        features = [encoded.feature_ids[2 * t : 2 * t + 2].tolist() for t in range(sample.positions)]
        wanted = plain_logits(weights, sizes, features)
        mine = (batch.targets // batch.length) == row
        places = batch.targets[mine] - row * batch.length
        np.testing.assert_allclose(found[torch.from_numpy(mine)], wanted[places], atol=2e-4)


def test_targets_are_the_next_tokens_and_context_counts_less():
    encoded = counting(10, 0)
    batch = collated([Sample(encoded, task=3)], 64)
    assert batch.wanted.tolist() == [encoded.tokens[t + 1] for t in batch.targets]
    assert dict(zip(batch.streams.tolist(), batch.weights.tolist(), strict=True)) == {0: 0.5, 2: 1.0}
    assert set(batch.tasks.tolist()) == {3} and batch.tokens == 10


def test_every_sample_is_in_one_batch_and_shapes_are_few():
    generator = np.random.default_rng(1)
    samples = [Sample(counting(int(generator.integers(3, 700)), 0)) for _ in range(200)]
    batches = arranged(samples, 4096, generator)
    assert sum(batch.tokens for batch in batches) == sum(sample.positions for sample in samples)
    assert sum(batch.rows for batch in batches) == 200
    assert max(batch.rows * batch.length for batch in batches) <= 4096
    full = sum(batch.rows * batch.length for batch in batches)
    assert full < 1.25 * sum(batch.tokens for batch in batches)


def test_dropout_is_a_function_of_seed_and_step_and_keeps_the_mean():
    ones = torch.ones(200_000)
    first, again, later = (Dropout(0.1, 1, step)(ones) for step in (5, 5, 6))
    assert torch.equal(first, again) and not torch.equal(first, later)
    assert abs(float(first.mean()) - 1) < 0.01
    assert abs(float((first == 0).float().mean()) - 0.1) < 0.01


def test_parameters_are_counted():
    assert parameter_count(SIZES) == sum(value.numel() for value in new_weights(SIZES, 0).values())
