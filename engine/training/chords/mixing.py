"""How much should song and corpus each be believed, and when?

A small network scores each candidate from its features (engine.generation.chords.features); softmax over the
candidates, cross-entropy, Adam (Kingma & Ba 2015). The trees behind the features of a training song are
counted without that
song (five folds), otherwise the network would learn to trust them too far.
"""

import hashlib
import itertools
import logging
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.generation.chords.features import NAMES
from engine.generation.chords.listener import Listener
from engine.generation.chords.model import ChordModel, Mixer
from engine.music import Key
from engine.training.chords.corpus import Entry
from engine.training.chords.statistics import Spelling, Token, count_model, tokens
from engine.training.pace import Pace

_LOG = logging.getLogger(__name__)
FOLDS = 5
_PER_SONG = 20
_BATCH = 512
_RATE = 2e-3


class Examples(NamedTuple):
    """features: contexts x candidates x columns; right: index of what really followed; real: which rows
    exist."""

    features: NDArray[np.float16]
    right: NDArray[np.int64]
    real: NDArray[np.bool_]


def spelling_of(piece_id: str) -> Spelling:
    """Two fifths of the songs are heard as written, a quarter in sevenths, the others in triads."""
    share = hashlib.sha256(piece_id.encode()).digest()[0]
    return Spelling.FULL if share < 102 else Spelling.SEVENTHS if share < 166 else Spelling.TRIADS


def examples_of(
    model: ChordModel, heard: Sequence[Token], places: frozenset[int], key: Key | None
) -> Iterator[tuple[NDArray[np.float32], int]]:
    """Features of the candidates at the chosen places, and the index of the chord that followed (-1: not
    among them)."""
    listener = Listener.of(model, key)
    for place, token in enumerate(heard):
        if place in places:
            found = listener.candidates()
            known = token.chord.quality in listener.qualities.names
            right = (found.roots == token.chord.root) & (
                found.places == listener.place_of(token.chord.quality)
            )
            yield found.features, int(right.argmax()) if known and right.any() else -1
        listener = listener.knowing(token.chord.quality)
        listener.hear(token.chord)


def gather_examples(entries: Sequence[Entry], seed: int) -> Examples:
    """Examples of all entries, each song's features from a model that has not counted it."""
    rows: list[NDArray[np.float16]] = []
    rights: list[int] = []
    for fold in range(FOLDS):
        inside = [entry for entry in entries if entry.song % FOLDS == fold]
        model = count_model([entry.piece for entry in entries if entry.song % FOLDS != fold])
        for entry in inside:
            for features, right in _song_examples(model, entry, seed):
                if right >= 0:
                    rows.append(features.astype(np.float16))
                    rights.append(right)
    return _stacked(rows, rights)


def valid_examples(model: ChordModel, entries: Sequence[Entry], seed: int) -> Examples:
    """Examples of songs the model has not counted."""
    found = [pair for entry in entries for pair in _song_examples(model, entry, seed) if pair[1] >= 0]
    return _stacked([features.astype(np.float16) for features, _ in found], [right for _, right in found])


def _song_examples(model: ChordModel, entry: Entry, seed: int) -> Iterator[tuple[NDArray[np.float32], int]]:
    piece = entry.piece
    heard = tokens(piece, spelling_of(piece.id))
    digest = int(hashlib.sha256(f"{seed}{piece.id}".encode()).hexdigest()[:12], 16)
    random = np.random.default_rng(digest)
    chosen = random.permutation(np.arange(1, len(heard)))[:_PER_SONG]
    tonic = heard[0].tonic
    key = Key(tonic) if tonic is not None and random.random() < 0.3 else None
    yield from examples_of(model, heard, frozenset(chosen.tolist()), key)


def _stacked(rows: list[NDArray[np.float16]], rights: list[int]) -> Examples:
    most = max(len(row) for row in rows)
    features = np.zeros((len(rows), most, len(NAMES)), dtype=np.float16)
    real = np.zeros((len(rows), most), dtype=bool)
    for index, row in enumerate(rows):
        features[index, : len(row)] = row
        real[index, : len(row)] = True
    return Examples(features, np.array(rights), real)


class Trainer:
    """Adam on a network with two hidden layers."""

    def __init__(self, examples: Examples, hidden: tuple[int, int], seed: int) -> None:
        flat = examples.features[::7].reshape(-1, len(NAMES))[examples.real[::7].ravel()].astype(np.float32)
        self._mean, self._scale = flat.mean(axis=0), flat.std(axis=0) + 0.05
        random = np.random.default_rng(seed)
        sizes = (len(NAMES), *hidden, 1)
        self._parameters: list[NDArray[np.float32]] = []
        for before, after in itertools.pairwise(sizes):
            self._parameters.append(
                (random.standard_normal((before, after)) * np.sqrt(2.0 / before)).astype(np.float32)
            )
            self._parameters.append(np.zeros(after, dtype=np.float32))
        self._first = [np.zeros_like(p) for p in self._parameters]
        self._second = [np.zeros_like(p) for p in self._parameters]
        self._steps = 0
        self._random = random

    def epoch(self, examples: Examples, rate: float) -> float:
        """One pass in random order; the mean loss in nats."""
        order = self._random.permutation(len(examples.right))
        losses = []
        size = min(_BATCH, max(16, len(order) // 16))
        for begin in range(0, len(order), size):
            batch = order[begin : begin + size]
            losses.append(self._step(examples, batch, rate))
        return float(np.mean(losses))

    def loss(self, examples: Examples) -> float:
        total = 0.0
        for begin in range(0, len(examples.right), _BATCH):
            batch = np.arange(begin, min(begin + _BATCH, len(examples.right)))
            chance, _ = self._forward(examples, batch)
            total -= float(np.log(chance[np.arange(len(batch)), examples.right[batch]] + 1e-9).sum())
        return total / len(examples.right)

    def mixer(self) -> Mixer:
        return Mixer(
            self._mean.astype(np.float32),
            self._scale.astype(np.float32),
            tuple(p.copy() for p in self._parameters[::2]),
            tuple(p.copy() for p in self._parameters[1::2]),
        )

    def _forward(
        self, examples: Examples, batch: NDArray[np.int64]
    ) -> tuple[NDArray[np.float32], list[NDArray[np.float32]]]:
        layer = (examples.features[batch].astype(np.float32) - self._mean) / self._scale
        layers = [layer]
        for weight, bias in zip(self._parameters[0:4:2], self._parameters[1:4:2], strict=True):
            layer = np.maximum(layer @ weight + bias, 0.0)
            layers.append(layer)
        scores = (layer @ self._parameters[4] + self._parameters[5])[..., 0]
        scores = np.where(examples.real[batch], scores, -1e9)
        scores -= scores.max(axis=1, keepdims=True)
        chance = np.exp(scores)
        return (chance / chance.sum(axis=1, keepdims=True)).astype(np.float32), layers

    def _step(self, examples: Examples, batch: NDArray[np.int64], rate: float) -> float:
        chance, layers = self._forward(examples, batch)
        right = examples.right[batch]
        rows = np.arange(len(batch))
        loss = float(-np.log(chance[rows, right] + 1e-9).mean())
        slope = chance.copy()
        slope[rows, right] -= 1.0
        gradient = np.asarray(slope / len(batch), dtype=np.float32)[..., None]
        gradients: list[NDArray[np.float32]] = []
        for layer in (2, 1, 0):
            below = layers[layer].reshape(-1, layers[layer].shape[-1])
            flat = gradient.reshape(-1, gradient.shape[-1])
            gradients = [below.T @ flat, flat.sum(axis=0), *gradients]
            if layer:
                below_zero = layers[layer] <= 0
                gradient = gradient @ self._parameters[2 * layer].T
                gradient[below_zero] = 0.0
        self._adam(gradients, rate)
        return loss

    def _adam(self, gradients: list[NDArray[np.float32]], rate: float) -> None:
        self._steps += 1
        for index, gradient in enumerate(gradients):
            self._first[index] += 0.1 * (gradient - self._first[index])
            self._second[index] += 0.001 * (gradient * gradient - self._second[index])
            first = self._first[index] / (1 - 0.9**self._steps)
            second = self._second[index] / (1 - 0.999**self._steps)
            self._parameters[index] -= rate * (first / (np.sqrt(second) + 1e-8))
            if index % 2 == 0:
                self._parameters[index] *= 1.0 - rate * 1e-3


def train_mixer(
    examples: Examples, valid: Examples, epochs: int, seed: int, hidden: tuple[int, int] = (48, 24)
) -> tuple[Mixer, list[tuple[float, float]]]:
    """The mixer of the best epoch on valid, and (train, valid) losses in nats."""
    trainer = Trainer(examples, hidden, seed)
    history: list[tuple[float, float]] = []
    best, kept = np.inf, trainer.mixer()
    pace = Pace(epochs)
    for epoch in range(epochs):
        rate = _RATE * 0.5 * (1 + np.cos(np.pi * epoch / epochs)) + 1e-5
        losses = trainer.epoch(examples, rate), trainer.loss(valid)
        history.append(losses)
        _LOG.info("mixer, %s, %.4f and held out %.4f nats a chord", pace.told(epoch + 1), *losses)
        if losses[1] < best:
            best, kept = losses[1], trainer.mixer()
    return kept, history
