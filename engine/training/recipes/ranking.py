"""`understudy train ranking`: the scorer that tells people's fills from generated ones of the same hole."""

import argparse
import logging
from pathlib import Path
from typing import Any

from engine.generation.chords.store import MODELS
from engine.training.corpus.corpus import read_corpus
from engine.training.corpus.split import Part, split
from engine.training.infill.evaluation.contenders import Contender
from engine.training.infill.evaluation.evaluate import writers_to_rank
from engine.training.infill.export import described_sources
from engine.training.ranking.fills import Surprises, pairs_of, ranking_holes
from engine.training.ranking.train import figures, load_reranker, save_reranker, train_reranker

NAME = "ranking"
HELP = "the scorer of takes, from real and generated fills of the same holes"
_SUMMARY = "Tells fills as people write them from generated ones, by remarks a musician can read."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--cache", type=Path, help="a folder where the corpus, once read, is kept")
    parser.add_argument("--models", type=Path, help="the folder of the model; else the assets")
    parser.add_argument("--holes", type=int, default=16, help="of each stratum, kind and shape")
    parser.add_argument("--fills", type=int, default=4, help="generated fills of each hole, by each writer")
    parser.add_argument("--surprises", action="store_true", help="also learn from the model's surprise")
    parser.add_argument("--in-product", action="store_true", help="also learn from the product's takes")
    parser.add_argument("--model", default="infill", help="the model whose fills are told apart")


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Trains on holes of the valid part, which the writers have not learnt from either."""
    log = logging.getLogger(__name__)
    pieces = split(read_corpus(args.data, args.cache))[Part.VALID]
    writers, surprises = _writers(args)
    holes = ranking_holes(pieces, args.holes)
    log.info("%d holes, fills by %s", len(holes), " and ".join(writer.name for writer in writers))
    reranker, scores = train_reranker(pairs_of(holes, writers, args.fills, args.seed, surprises))
    card = {
        "kind": "additive scorer",
        "summary": _SUMMARY,
        **described_sources(args.data, pieces),
        "writers": [writer.name for writer in writers],
        "seed": args.seed,
        "config": {"holes": args.holes, "fills": args.fills},
        "scores": scores,
    }
    save_reranker(reranker, args.out or MODELS, card)
    return scores


def _writers(args: argparse.Namespace) -> tuple[list[Contender], Surprises | None]:
    """The product does not tell the scorer surprises unless asked, so it does not learn from them."""
    writers, surprises = writers_to_rank(args.models or MODELS, args.model, args.in_product)
    return writers, surprises if args.surprises else None


def evaluate(args: argparse.Namespace) -> dict[str, float]:
    """How well the scorer tells fills of the test part."""
    pieces = split(read_corpus(args.data, args.cache))[Part.TEST]
    writers, surprises = _writers(args)
    pairs = pairs_of(ranking_holes(pieces, args.holes), writers, args.fills, args.seed, surprises)
    found: dict[str, float] = {}
    for part, curves in load_reranker(args.out).curves.items():
        own = [pair for pair in pairs if pair.part is part]
        found |= {f"{part.value}_{name}": value for name, value in figures(curves, own).items()}
    return found
