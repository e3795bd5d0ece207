"""Chance that is the same for the same question: one counter-based stream for each seed and candidate.

Philox (Salmon et al., Parallel random numbers: as easy as 1, 2, 3; SC 2011) keyed by (seed, candidate).
"""

import numpy as np


def dice(seed: int, candidate: int) -> np.random.Generator:
    """An independent generator for one candidate of one request."""
    return np.random.Generator(np.random.Philox(key=[seed % 2**64, candidate]))
