"""Which bar lines begin a part of the form, by the cues and the usual lengths of parts together?

Every way of cutting the song into parts of up to forty bars is weighed at once (a semi-Markov chain); a bar
line that begins a part in most of them, give or take a bar, is taken. The likelihood of each cue and the
shares of lengths are in assets/models/listening/form.json, learnt from half of the songs of McGill Billboard.
"""

import numpy as np

from engine.analysis.audio.learnt import learnt
from engine.analysis.audio.weights import LISTENING, named_weights
from engine.analysis.sectioncues import CUES

FORM = LISTENING / "form.json"
LONGEST = 40
_LENGTHS = tuple(str(length) for length in range(1, LONGEST + 1))
_CHOICE = ("trust in lengths", "usual length", "least belief")
_NEAREST = 3
_NEVER = -1e9


def likely_edges(cues: np.ndarray, first: int) -> list[int]:
    """The bars at which parts begin, 0 among them; a pickup bar (`first` = 1) joins the first part."""
    belief = _beliefs(_cut_scores(cues), first)
    least = named_weights(FORM, "choice", _CHOICE)[2]
    return chosen_edges(belief, float(least))


def chosen_edges(belief: np.ndarray, least: float) -> list[int]:
    """Bar 0 and the peaks of belief that hold, with the bars beside them, at least so much of it.

    >>> chosen_edges(np.array([1, 0, 0, 0, 0.3, 0, 0, 0.1, 0.6, 0]), 0.5)
    [0, 8]
    """
    padded = np.pad(belief, 1)
    around = np.convolve(belief, np.ones(3), "same")
    is_peak = (belief >= padded[:-2]) & (belief > padded[2:])
    chosen = [0]
    for bar in sorted(np.flatnonzero(is_peak & (around >= least)).tolist(), key=lambda bar: -around[bar]):
        if all(abs(bar - other) >= _NEAREST for other in chosen):
            chosen.append(bar)
    return sorted(chosen)


def _cut_scores(cues: np.ndarray) -> np.ndarray:
    likelihood = np.clip(learnt("sections", CUES, FORM).likelihood(cues), 1e-6, 1 - 1e-6)
    scores = np.log(likelihood / (1 - likelihood))
    scores[0] = 0.0
    return np.asarray(scores)


def _beliefs(scores: np.ndarray, first: int) -> np.ndarray:
    """(bars,) share of all ways to cut in which a part begins at the bar."""
    bars = len(scores)
    trust, usual, _ = named_weights(FORM, "choice", _CHOICE)
    prices = np.concatenate([[_NEVER], trust * (named_weights(FORM, "lengths", _LENGTHS) - usual)])
    forward, backward = np.full(bars + 1, _NEVER), np.full(bars + 1, _NEVER)
    forward[0] = backward[bars] = 0.0
    for end in range(1, bars + 1):
        starts = np.arange(max(0, end - LONGEST), end)
        lengths = end - starts - np.where((starts == 0) & (end > first), first, 0)
        forward[end] = np.logaddexp.reduce(forward[starts] + scores[starts] + prices[lengths])
    for start in range(bars - 1, -1, -1):
        ends = np.arange(start + 1, min(bars, start + LONGEST) + 1)
        lengths = ends - start - np.where((start == 0) & (ends > first), first, 0)
        backward[start] = scores[start] + np.logaddexp.reduce(prices[lengths] + backward[ends])
    return np.asarray(np.exp(forward + backward - forward[bars])[:bars])
