"""`understudy train harmoniser`: chords under melodies, from everything that has both.

$ understudy train harmoniser --data DATA --cache CACHE
"""

import argparse
import hashlib
import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save as save_tensors

from engine.generation.chords.store import MODELS
from engine.generation.harmoniser.network import Harmoniser
from engine.generation.harmoniser.store import FORMAT, NAME, load_harmoniser
from engine.training.corpus.corpus import read_corpus
from engine.training.corpus.piece import CorpusPiece
from engine.training.corpus.split import Part, split
from engine.training.harmoniser.examples import examples_of, is_paired
from engine.training.harmoniser.learner import Course, all_learnt
from engine.training.harmoniser.scores import scores_of
from engine.training.infill.export import described_sources
from engine.training.pace import Pace

HELP = "harmoniser: chords under melodies, from everything that has both"
_SUMMARY = "Hears a whole melody and says which chords people would put under it, and where they change."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    course = Course()
    parser.add_argument("--cache", type=Path, help="a folder where the corpus, once read, is kept")
    parser.add_argument("--steps", type=int, default=course.steps)
    parser.add_argument("--width", type=int, default=course.width)
    parser.add_argument("--rate", type=float, default=course.rate)
    parser.add_argument("--dropout", type=float, default=course.dropout)
    parser.add_argument("--weight-decay", type=float, default=course.weight_decay)


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Trains on the train part; scores are those of people's songs of the valid part."""
    course = Course(
        width=args.width,
        steps=args.steps,
        rate=args.rate,
        dropout=args.dropout,
        weight_decay=args.weight_decay,
        seed=args.seed,
    )
    parts = split(read_corpus(args.data, args.cache))
    train = [piece for piece in parts[Part.TRAIN] if is_paired(piece.sheet)]
    arrays = all_learnt(examples_of(train), course, _telling(course))
    scores = scores_of(Harmoniser.from_arrays(arrays), examples_of(_songs(parts[Part.VALID])))
    card = {
        "kind": "conditional random field over a convolution network",
        "summary": _SUMMARY,
        **described_sources(args.data, train),
        "seed": args.seed,
        "config": asdict(course),
        "parameters": sum(array.size for array in arrays.values()),
        "scores": scores,
    }
    save_harmoniser(arrays, args.out or MODELS, card)
    return scores


def _telling(course: Course) -> Callable[[int, float], None]:
    pace, log = Pace(course.steps * course.members), logging.getLogger(__name__)
    return lambda step, bits: log.info("%s, %.3f bits a hidden pulse", pace.told(step), bits)


def _songs(pieces: Sequence[CorpusPiece]) -> list[CorpusPiece]:
    """Lead sheets whose chords people wrote."""
    return [piece for piece in pieces if piece.style == "song" and not piece.has_derived_chords]


def save_harmoniser(arrays: dict[str, np.ndarray], folder: Path, card: dict[str, Any]) -> str:
    """Writes the network (half precision) and its card; the SHA-256 of the file."""
    content = save_tensors({name: array.astype(np.float16) for name, array in arrays.items()})
    digest = hashlib.sha256(content).hexdigest()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{NAME}.safetensors").write_bytes(content)
    told = {"name": NAME, "format": FORMAT, "sha256": digest, "bytes": len(content), **card}
    (folder / f"{NAME}.json").write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", "utf-8")
    return digest


def evaluate(args: argparse.Namespace) -> dict[str, float]:
    """How often its likeliest roots are people's, on songs of the test part."""
    pieces = split(read_corpus(args.data, args.cache))[Part.TEST]
    return scores_of(load_harmoniser(args.out or MODELS).network, examples_of(_songs(pieces)))
