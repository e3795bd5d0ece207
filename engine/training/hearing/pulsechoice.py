"""Which weights choose best among several chains of beats?

The decoder's chains of performances that the network never learnt from, each described by
engine.analysis.audio.beatchoice and worth as much as its beats, tempo, first beats and metre are right.
The weights are those whose shares of belief are worth most: softmax over the chains, expected worth, Adam.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.analysis.audio.beatchoice import path_features
from engine.analysis.audio.beatdecoding import FRAME_S, BeatEvidence, BeatPath
from engine.analysis.audio.beatgrid import chains_of
from engine.api.audio import HeardNote
from engine.training.hearing.evaluate import f_measure
from engine.training.hearing.material import title_number

WORTH = np.array([1.0, 0.4, 1.0, 0.8])
_SAME_TEMPO = 0.04
_OF_A_RECORDING = 10.0
_RATE, _FIRST, _SECOND, _TINY = 0.05, 0.9, 0.999, 1e-8


@dataclass(frozen=True, slots=True)
class Truth:
    """What was played. beats_s, firsts_s: seconds."""

    title: str
    band: str
    metre: str
    beats_s: np.ndarray
    firsts_s: np.ndarray


@dataclass(frozen=True, slots=True)
class Choice:
    """described: (chains, features). right: (chains, 4) F of beats, tempo, F of first beats, metre, 0-1."""

    truth: Truth
    is_recording: bool
    described: np.ndarray
    right: np.ndarray


def choice_of(
    truth: Truth,
    evidence: BeatEvidence,
    first: np.ndarray,
    notes: Sequence[HeardNote],
    is_recording: bool,
) -> Choice | None:
    """What there is to choose from; None when no chain is found."""
    paths = chains_of(evidence)
    if not paths:
        return None
    right = np.array([_right(path, truth) for path in paths])
    return Choice(truth, is_recording, path_features(paths, evidence, first, notes), right)


def _right(path: BeatPath, truth: Truth) -> tuple[float, float, float, float]:
    beats, firsts = path.frames * FRAME_S, path.frames[path.places == 0] * FRAME_S
    ratio = float(np.median(np.diff(beats)) / np.median(np.diff(truth.beats_s)))
    return (
        f_measure(truth.beats_s, beats),
        float(abs(1 / ratio - 1) < _SAME_TEMPO),
        f_measure(truth.firsts_s, firsts) if len(firsts) else 0.0,
        float(path.metre.name == truth.metre),
    )


def fit(choices: Sequence[Choice], shrink: float, rounds: int = 400) -> np.ndarray:
    """(features,) weights that choose what is worth most. `shrink` pulls those of scaled features to zero."""
    width = np.concatenate([each.described for each in choices]).std(axis=0) + 1e-6
    most = max(len(each.described) for each in choices)
    rows = np.zeros((len(choices), most, len(width)), np.float32)
    worth, there = np.zeros((2, len(choices), most), np.float32)
    for at, each in enumerate(choices):
        count = len(each.described)
        rows[at, :count] = each.described / width
        worth[at, :count], there[at, :count] = each.right @ WORTH, 1
    counts = np.array([_OF_A_RECORDING if each.is_recording else 1.0 for each in choices])
    return np.asarray(_climbed(rows, worth, there, counts / counts.sum(), shrink, rounds) / width)


def _climbed(
    rows: np.ndarray,
    worth: np.ndarray,
    there: np.ndarray,
    counts: np.ndarray,
    shrink: float,
    rounds: int,
) -> np.ndarray:
    weights, mean, power = np.zeros((3, rows.shape[2]))
    for step in range(1, rounds + 1):
        scores = np.where(there > 0, rows @ weights.astype(np.float32), -np.inf)
        shares = np.exp(scores - scores.max(axis=1, keepdims=True))
        shares /= shares.sum(axis=1, keepdims=True)
        expected = (shares * worth).sum(axis=1, keepdims=True)
        pull = counts[:, None] * shares * (worth - expected)
        slope = np.tensordot(pull, rows, axes=2) - shrink * weights
        mean = _FIRST * mean + (1 - _FIRST) * slope
        power = _SECOND * power + (1 - _SECOND) * slope**2
        off = np.sqrt(power / (1 - _SECOND**step)) + _TINY
        weights = weights + _RATE * mean / (1 - _FIRST**step) / off
    return weights


def told_apart(choices: Sequence[Choice], shrink: float, parts: int = 4) -> dict[str, np.ndarray]:
    """Mean rightness of what is chosen, by band; each title's weights come from the other titles."""
    rows: dict[str, list[np.ndarray]] = {}
    for part in range(parts):
        others = [each for each in choices if _part(each, parts) != part]
        weights = fit(others, shrink) if others else np.zeros(0)
        for each in (each for each in choices if _part(each, parts) == part):
            kind = each.truth.band if each.is_recording else f"{each.truth.band}, notes alone"
            rows.setdefault(kind, []).append(each.right[int((each.described @ weights).argmax())])
    return {kind: np.mean(right, axis=0) for kind, right in sorted(rows.items())}


def _part(choice: Choice, parts: int) -> int:
    return title_number(choice.truth.title, "/choice") % parts
