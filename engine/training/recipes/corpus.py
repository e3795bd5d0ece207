"""`understudy train corpus`: reads all allowed data into the cache the other recipes learn from; tells what
is there.
"""

import argparse
import sys
from pathlib import Path

from engine.training.corpus.corpus import read_corpus
from engine.training.corpus.report import as_table, report

NAME = "corpus"
HELP = "corpus: every allowed set as bars of chords and parts; prints how much there is"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--cache", type=Path, help="a folder where the corpus, once read, is kept")


def run(args: argparse.Namespace) -> dict[str, dict[str, int]]:
    """Builds the cache and returns the counts by set, stream and part."""
    counts = report(read_corpus(args.data, args.cache))
    sys.stdout.write(as_table(counts) + "\n")
    return counts
