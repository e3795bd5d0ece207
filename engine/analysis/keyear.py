"""Which key would a listener of songs and loops give a short excerpt?

A small network of our own (loopkeys.safetensors, its card beside it) sees the chords from each of the twelve
roots (keyinputs.py) and tells how far that root speaks for its major and for its minor key; what sounds,
rests and begins there (keycues.py) speaks with it. It was learnt on sections of songs with chord charts and
on the tuning half of loops, lead sheets and chorales (engine/training/hearing/keyexcerpts.py). Many loops
are labelled either way: then it believes both. Three networks learnt from different seeds are one here:
their units side by side, their scores' mean.
"""

from collections.abc import Mapping

import numpy as np

from engine.analysis.audio.weights import read_weights
from engine.analysis.keycues import Cue
from engine.analysis.keyinputs import FEATURES

TOGETHER, UNITS, MODES = 3, 16, 2
COUNTED = (Cue.DEGREES, Cue.DISTINCT_DEGREES, Cue.WORST_DEGREE, Cue.CHANGES)
"""Cues of counted tables; the network counts for itself."""
CUES = tuple(cue for cue in Cue if cue not in COUNTED)
SHAPES = {
    "straight": (FEATURES, MODES),
    "inner": (FEATURES, TOGETHER * UNITS),
    "inner_constant": (TOGETHER * UNITS,),
    "outer": (TOGETHER * UNITS, MODES),
    "minor": (1,),
    "cues": (len(CUES),),
}
_NAME = "loopkeys"


def heard_keys(inputs: np.ndarray, cues: np.ndarray) -> np.ndarray:
    """(24,) log belief in each key, from `key_inputs` and `key_cues`. Raises ModelError."""
    learnt = read_weights(_NAME, SHAPES)
    return reckoned(learnt, inputs, cues)


def reckoned(learnt: Mapping[str, np.ndarray], inputs: np.ndarray, cues: np.ndarray) -> np.ndarray:
    """The same with weights at hand."""
    bent = np.tanh(inputs @ learnt["inner"] + learnt["inner_constant"])
    by_root = inputs @ learnt["straight"] + bent @ learnt["outer"]
    scores = by_root.T.ravel() + cues[:, CUES] @ learnt["cues"]
    scores[12:] += learnt["minor"]
    top = scores.max()
    return np.asarray(scores - top - np.log(np.exp(scores - top).sum()))
