"""What do learnt arrays make of what sounds in each slot: a score for each chord, and what may follow it?

The same for every root: what sounds, turned so that the root comes first, becomes a score for each quality.
The scores, the price of a change by the beat it falls on, and how easily each quality leads to each other at
each distance are learnt together, as one chain (after Lafferty, McCallum & Pereira, Conditional Random
Fields, ICML 2001). Chords are numbered root by root; no chord comes last.
"""

from collections.abc import Mapping

import numpy as np

Arrays = Mapping[str, np.ndarray]


def shapes(features: int, units: int, kinds: int, whole: int) -> dict[str, tuple[int, ...]]:
    """The arrays of a network that sees so many features of each root and tells so many qualities."""
    return {
        "straight": (features, kinds),
        "inner": (features, units),
        "inner_constant": (units,),
        "outer": (units, kinds),
        "outer_constant": (kinds,),
        "none": (whole,),
        "change": (3,),
        "begin": (kinds + 1,),
        "move": (kinds, kinds, 12),
        "none_move": (2,),
    }


def scores(learnt: Arrays, turned: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """(slots, chords + 1) from (slots, 12, features) turned to each root and (slots, whole)."""
    bent = np.tanh(turned @ learnt["inner"] + learnt["inner_constant"])
    each = turned @ learnt["straight"] + bent @ learnt["outer"] + learnt["outer_constant"]
    return np.concatenate([each.reshape(len(whole), -1), (whole @ learnt["none"])[:, None]], axis=1)


def beginnings(learnt: Arrays) -> np.ndarray:
    """(chords + 1,) how easily each chord begins."""
    begin = learnt["begin"]
    return np.append(np.tile(begin[:-1], 12), begin[-1])


def moves(learnt: Arrays) -> np.ndarray:
    """(chords + 1, chords + 1) how easily one chord goes to another, before the price of the beat."""
    roots = np.arange(12)
    by_roots = learnt["move"][:, :, (roots[None, :] - roots[:, None]) % 12]
    count = 12 * len(learnt["move"])
    table = np.zeros((count + 1, count + 1))
    table[:count, :count] = by_roots.transpose(2, 0, 3, 1).reshape(count, count)
    table[count, :count], table[:count, count] = learnt["none_move"]
    return table


def change_prices(learnt: Arrays, ranks: np.ndarray) -> np.ndarray:
    """(slots,) what a change costs at each slot; ranks 2 on first beats, 1 on other strong ones, else 0."""
    return np.asarray(learnt["change"][np.clip(ranks, 0, 2)], float)
