"""`understudy evaluate hearing`: key, chords and beats of lead sheets played out as parts; keys of chorales,
loops and sheets by the MIREX score."""

import argparse

from engine.training.hearing.evaluate import evaluate_hearing
from engine.training.hearing.keytruth import evaluate_keys

NAME = "hearing"
HELP = "key, chords and beats heard in lead sheets played in seven ways"


def evaluate(args: argparse.Namespace) -> dict[str, float]:
    """Shares heard as written, by style of playing; scores of keys, by kind of music."""
    return evaluate_hearing(args.data, args.seed) | evaluate_keys(args.data)
