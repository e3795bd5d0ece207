"""Tables of pitch classes, slot by slot, as networks that hear chords want them."""

import numpy as np


def scaled(block: np.ndarray) -> np.ndarray:
    """Square roots of shares of each slot's strongest."""
    strongest = np.maximum(block.max(axis=1, keepdims=True), 1e-6)
    return np.asarray(np.sqrt(block / strongest) * (block > 1e-6))


def shares(block: np.ndarray) -> np.ndarray:
    """Each slot's own shares."""
    return np.asarray(block / np.maximum(block.sum(axis=1, keepdims=True), 1e-9))


def around(block: np.ndarray, reach: int) -> np.ndarray:
    """(slots, 12) shares over the slots within reach."""
    sums = np.vstack([np.zeros((1, 12)), np.cumsum(block, axis=0)])
    slot = np.arange(len(block))
    later = sums[np.minimum(len(block), slot + reach + 1)]
    return shares(later - sums[np.maximum(0, slot - reach)])


def moved(block: np.ndarray, by: int) -> np.ndarray:
    """The block of the slot so many before (after, where negative); nothing beyond the ends."""
    table = np.zeros_like(block)
    if by > 0:
        table[by:] = block[:-by]
    else:
        table[:by] = block[-by:]
    return table
