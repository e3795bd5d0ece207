"""`understudy train originality`: the index of everything the models learn from.

`evaluate` measures what people share with each other's works, on which the limits stand, and the time a query
takes.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

from engine.ranking.originality.store import SHIPPED, shipped
from engine.training.chords.allow import AllowList
from engine.training.corpus.clusters import clusters
from engine.training.corpus.corpus import read_corpus
from engine.training.corpus.piece import CorpusPiece
from engine.training.corpus.split import Part, parts
from engine.training.originality.baseline import measure, query_ms
from engine.training.originality.build import build

NAME = "originality"
HELP = "the index of known works that ideas are compared with"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--cache", type=Path, help="a folder where the corpus, once read, is kept")


def run(args: argparse.Namespace) -> dict[str, float]:
    """Measures on held-out pieces, then writes the index of all pieces into `args.out` (None: the assets)."""
    pieces = read_corpus(args.data, args.cache)
    names = _clusters(pieces)
    scores = _measured(pieces, names, parts(pieces), args.seed)
    return build(pieces, names, AllowList(args.data), args.out or SHIPPED, scores)


def evaluate(args: argparse.Namespace) -> dict[str, float]:
    """The same measures, and milliseconds a query of the shipped index."""
    pieces = read_corpus(args.data, args.cache)
    belonging = parts(pieces)
    held_out = [piece for piece, part in zip(pieces, belonging, strict=True) if part is Part.TEST]
    scores = _measured(pieces, _clusters(pieces), belonging, args.seed)
    return scores | query_ms(shipped(), held_out, args.seed)


def _measured(
    pieces: Sequence[CorpusPiece], clusters: Sequence[str], belonging: Sequence[Part], seed: int
) -> dict[str, float]:
    """The test part against all the rest."""
    rows = list(zip(pieces, clusters, belonging, strict=True))
    known = [(piece, cluster) for piece, cluster, part in rows if part is not Part.TEST]
    held_out = [piece for piece, _, part in rows if part is Part.TEST]
    return measure([piece for piece, _ in known], [cluster for _, cluster in known], held_out, seed)


def _clusters(pieces: Sequence[CorpusPiece]) -> list[str]:
    """The name of each piece's cluster of near duplicates."""
    return [pieces[first].id for first in clusters(pieces)]
