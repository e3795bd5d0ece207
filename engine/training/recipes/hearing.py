"""`understudy evaluate hearing`: key, chords and beats of lead sheets played out as parts."""

import argparse

from engine.training.hearing.evaluate import evaluate_hearing

NAME = "hearing"
HELP = "key, chords and beats heard in lead sheets played in seven ways"


def evaluate(args: argparse.Namespace) -> dict[str, float]:
    """Shares heard as written, by style of playing."""
    return evaluate_hearing(args.data, args.seed)
