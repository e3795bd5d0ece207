"""What do the networks say that tell bars from the notes on given beats?

Convolutions over beats, reaching further and further, learnt here (engine.training.hearing.barlearning,
bars.safetensors) on what `barfeatures` measures. Every beat says how well it would do on each place of each
metre's bar, and the mean over beats speaks for each metre with each beginning; the whole speaks for each
metre, and for these not being the beats. Networks that learnt from other beginnings are asked, and the mean
is taken.
"""

from collections.abc import Mapping

import numpy as np

from engine.analysis.audio.barfeatures import (
    BAR_FEATURES,
    LAGS,
    LIKENESSES,
    OF_THE_WHOLE,
    DescribedBeats,
)
from engine.analysis.audio.beatdecoding import METRES
from engine.analysis.audio.pulsenetwork import convolved
from engine.analysis.audio.weights import read_weights

PULSES = (2, 3, 4, 2)
HYPOTHESES = tuple((metre, start) for metre, pulses in enumerate(PULSES) for start in range(pulses))
"""Each metre of METRES with each beat its bars may begin on."""
FIRST_PLACES = tuple(HYPOTHESES.index((metre, 0)) for metre in range(len(METRES)))
NOT_THE_BEATS = len(HYPOTHESES)
BAR_MEMBERS = 2
BAR_CHANNELS, BAR_WHOLE, BAR_REACHES = 48, 64, (1, 2, 4, 8)
FAR = 5.0
_SUMMED = 2 * BAR_CHANNELS + LIKENESSES * LAGS + OF_THE_WHOLE

MEMBER_SHAPES: dict[str, tuple[int, ...]] = {
    "mean": (BAR_FEATURES,),
    "width": (BAR_FEATURES,),
    "likeness.mean": (LIKENESSES * LAGS,),
    "likeness.width": (LIKENESSES * LAGS,),
    "whole.mean": (OF_THE_WHOLE,),
    "whole.width": (OF_THE_WHOLE,),
    "scale": (1,),
    "inp.weight": (BAR_CHANNELS, BAR_FEATURES),
    "inp.bias": (BAR_CHANNELS,),
    "out.weight": (len(HYPOTHESES), BAR_CHANNELS),
    "out.bias": (len(HYPOTHESES),),
    "told.weight": (BAR_WHOLE, _SUMMED),
    "told.bias": (BAR_WHOLE,),
    "head.weight": (len(METRES) + 1, BAR_WHOLE),
    "head.bias": (len(METRES) + 1,),
}
for _layer in range(len(BAR_REACHES)):
    MEMBER_SHAPES[f"dil.{_layer}.weight"] = (BAR_CHANNELS, BAR_CHANNELS, 3)
    MEMBER_SHAPES[f"mix.{_layer}.weight"] = (BAR_CHANNELS, BAR_CHANNELS)
    MEMBER_SHAPES[f"dil.{_layer}.bias"] = MEMBER_SHAPES[f"mix.{_layer}.bias"] = (BAR_CHANNELS,)
_SHAPES = {
    f"{member}.{name}": shape for member in range(BAR_MEMBERS) for name, shape in MEMBER_SHAPES.items()
}


def bar_shares(described: DescribedBeats) -> np.ndarray:
    """(12,) log shares of the hypotheses, and of no beats last. Raises ModelError without the weights."""
    weights = read_weights("bars", _SHAPES)
    members = ({name: weights[f"{member}.{name}"] for name in MEMBER_SHAPES} for member in range(BAR_MEMBERS))
    mean = np.mean([member_says(described, member) for member in members], axis=0)
    return np.asarray(mean - np.log(np.exp(mean).sum()))


def member_says(described: DescribedBeats, weights: Mapping[str, np.ndarray]) -> np.ndarray:
    """(12,) the log shares of one network."""
    rows = scaled(described.rows, weights["mean"], weights["width"])
    hidden = np.maximum(0, _laid(rows, weights, "inp"))
    for layer, reach in enumerate(BAR_REACHES):
        reached = np.maximum(0, convolved(hidden, weights, f"dil.{layer}", reach))
        hidden = hidden + _laid(reached, weights, f"mix.{layer}")
    spread = np.sqrt(((hidden - hidden.mean(axis=0)) ** 2).mean(axis=0) + 1e-6)
    likeness = scaled(described.likeness, weights["likeness.mean"], weights["likeness.width"])
    whole = scaled(described.whole, weights["whole.mean"], weights["whole.width"])
    summed = np.concatenate([hidden.mean(axis=0), spread, likeness, whole])
    told = _laid(np.maximum(0, _laid(summed, weights, "told")), weights, "head")
    scores = _laid_together(_laid(hidden, weights, "out")) * weights["scale"][0]
    scores = np.append(scores + told[[metre for metre, _ in HYPOTHESES]], told[-1])
    scores -= scores.max()
    return np.asarray(scores - np.log(np.exp(scores).sum()))


def _laid_together(places: np.ndarray) -> np.ndarray:
    """(11,) for each hypothesis the mean of what its beats say of the places it gives them."""
    scores = np.zeros(len(HYPOTHESES))
    for at, (metre, start) in enumerate(HYPOTHESES):
        pulses = PULSES[metre]
        for place in range(pulses):
            scores[at] += places[(start + place) % pulses :: pulses, FIRST_PLACES[metre] + place].sum()
    return scores / len(places)


def scaled(values: np.ndarray, mean: np.ndarray, width: np.ndarray) -> np.ndarray:
    """In widths from the mean, nothing further than five."""
    return np.asarray(np.clip((values - mean) / width, -FAR, FAR), np.float32)


def _laid(rows: np.ndarray, weights: Mapping[str, np.ndarray], name: str) -> np.ndarray:
    return np.asarray(rows @ weights[f"{name}.weight"].T + weights[f"{name}.bias"])
