"""Teaches the network that hears chords in notes, from the data of the corpus.

    python packaging/train_notechords.py --data DATA [--seed 1]

Writes notechords.safetensors and sets hash, size and the number of pieces in its card.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from engine.training.hearing.chordlearning import NOTES, arrays_of, learn
from engine.training.hearing.keeping import keep, taught_with
from engine.training.hearing.notechords import taught_excerpts


def main() -> None:
    args = taught_with(__doc__)
    excerpts = list(taught_excerpts(args.data))
    beats = sum(len(each.chords) for each in excerpts)
    keep("notechords", arrays_of(learn(excerpts, args.seed, NOTES)), pieces=len(excerpts), beats=beats)


if __name__ == "__main__":
    main()
