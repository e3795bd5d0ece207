"""Teaches the network that hears the key of loops and other short excerpts, from the data of the corpus.

    python packaging/train_keys.py --data DATA [--seed 1]

Writes loopkeys.safetensors and sets hash, size and the number of excerpts in its card.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from engine.analysis.keyear import TOGETHER
from engine.training.hearing.keeping import keep, taught_with
from engine.training.hearing.keyexcerpts import taught_excerpts
from engine.training.hearing.keylearning import key_arrays, learn_keys


def main() -> None:
    args = taught_with(__doc__)
    excerpts = list(taught_excerpts(args.data))
    arrays = key_arrays([learn_keys(excerpts, args.seed + more) for more in range(TOGETHER)])
    weights = sum(array.size for array in arrays.values())
    keep("loopkeys", arrays, excerpts=len(excerpts), parameters=weights)


if __name__ == "__main__":
    main()
