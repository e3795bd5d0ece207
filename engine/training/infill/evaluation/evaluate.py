"""The whole evaluation of `understudy evaluate infill`, and the part of it that needs no model.

Everything learnt here (n-grams, hidden Markov model, 5-gram, the weight of its cache) is counted on the train
part and chosen on the valid part; figures are of the test part.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from engine.generation.chords.store import load_model as chord_model
from engine.generation.language.grid import Sheet, Stream
from engine.training.corpus.clusters import clusters
from engine.training.corpus.corpus import read_corpus
from engine.training.corpus.piece import CorpusPiece
from engine.training.corpus.split import Part, split
from engine.training.infill.evaluation.charts import Chart, played_charts
from engine.training.infill.evaluation.contenders import Contender, people
from engine.training.infill.evaluation.harmonisers import Hmm, template
from engine.training.infill.evaluation.holes import Named
from engine.training.infill.evaluation.instant import instant, product
from engine.training.infill.evaluation.model import Model
from engine.training.infill.evaluation.nextchords import CountedGuesses, Remembering, best_weight, listening
from engine.training.infill.evaluation.originality import TrainIndex
from engine.training.infill.evaluation.sampled import Sampler, ranked
from engine.training.infill.evaluation.stage import Stage, has_written_chords, of_stratum, sampled
from engine.training.infill.evaluation.surprisal import BestNGram
from engine.training.infill.evaluation.table import (
    Say,
    Table,
    both_sides,
    continuations,
    controls,
    guesses,
    harmonise,
    loops,
    melody_bits,
    originality,
    validity,
    varied,
    verdicts,
)
from engine.training.infill.evaluation.variations import instant_variation, product_variation
from engine.training.ranking.fills import Surprises
from engine.training.ranking.train import load_reranker

WINDOWS = 60
MODELS_BY_NAME = ("infill", "infill-small")


@dataclass(frozen=True)
class Parts:
    """The split corpus, and charts as they are played (test, and a few of valid and train to count on)."""

    train: Sequence[CorpusPiece]
    valid: Sequence[CorpusPiece]
    test: Sequence[CorpusPiece]
    train_charts: Sequence[Chart]
    valid_charts: Sequence[Chart]
    test_charts: Sequence[Chart]

    @staticmethod
    def of(
        data: Path, train: Sequence[CorpusPiece], valid: Sequence[CorpusPiece], test: Sequence[CorpusPiece]
    ) -> "Parts":
        every = played_charts(data, [piece.id for part in (train, valid, test) for piece in part])
        ids = [{piece.id.partition("~")[0] for piece in part} for part in (train, valid, test)]
        charts = [[chart for chart in every if chart.id.partition("~")[0] in own] for own in ids]
        return Parts(train, valid, test, *charts)


def parts_of(data: Path, cache: Path | None = None) -> Parts:
    """The corpus, read and split."""
    pieces = read_corpus(data, cache)
    found = split(pieces)
    return Parts.of(data, *(found[part] for part in (Part.TRAIN, Part.VALID, Part.TEST)))


def plain_contenders() -> list[Contender]:
    """People and the instant generators."""
    guess = listening(chord_model().chords)
    return [
        Contender("people", people),
        Contender("instant", instant, guess=guess, vary=instant_variation),
    ]


def trained_contenders(models: Path) -> list[Contender]:
    """The models of the folder: bits and next chords; plain samples; samples ranked; the likeliest sample."""
    found = []
    for name in MODELS_BY_NAME:
        if not (models / f"{name}.safetensors").is_file():
            continue
        model, sampler = Model.read(models, name), Sampler.read(models, name)
        found.append(
            Contender(
                name,
                sampler.write,
                model.bits,
                model.guess,
                sampler.varied,
                sampler.steered,
                model.chances,
            )
        )
        if name == MODELS_BY_NAME[0]:
            found += [Contender(f"{name}, likeliest", sampler.likeliest)]
            if (models / "ranking.safetensors").is_file():
                found.append(Contender(f"{name}, ranked", ranked(sampler.write, load_reranker(models))))
        product_name = f"{name}, in the product"
        vary = product_variation(models, name)
        found.append(Contender(product_name, product(models, name), vary=vary))
    return found


def writers_to_rank(models: Path, name: str) -> tuple[list[Contender], Surprises | None]:
    """Whose fills the re-ranker learns from: the model's, since those are ranked; without a model the instant
    generators'. They err the other way (they copy where the model forgets), so they are never mixed."""
    if not (models / f"{name}.safetensors").is_file():
        return [Contender("instant", instant)], None
    return [Contender(name, Sampler.read(models, name).write)], Model.read(models, name).symbol_bits


def harmonisers(parts: Parts) -> list[Contender]:
    """The plain ways to harmonise; they answer nothing else."""
    songs = [p.sheet for p in of_stratum(parts.train, "songs") if has_written_chords(p)]
    return [Contender("HMM", Hmm(songs).write), Contender("template", template)]


def guessers(parts: Parts, trained: Sequence[Contender]) -> list[Contender]:
    """The 5-gram alone and with a cache of the song, trained models with one; weighed on valid pieces."""
    plain = CountedGuesses.of(piece.sheet for piece in _chords(parts.train, parts.train_charts))
    valid = sampled(_chords(parts.valid, parts.valid_charts), 2 * WINDOWS)
    weight = CountedGuesses.best_weight(plain, valid)
    found = [
        Contender("5-gram", guess=CountedGuesses(plain, 0.0)),
        Contender(f"5-gram + cache {weight}", guess=CountedGuesses(plain, weight)),
    ]
    found += [_remembering(one, valid) for one in trained if one.chances is not None]
    return found


def _remembering(one: Contender, valid: Sequence[Sheet]) -> Contender:
    """The model with a cache of the song."""
    assert one.chances is not None
    told = {id(sheet): one.chances(sheet) for sheet in valid}
    weight = best_weight(partial(Remembering, lambda sheet: told[id(sheet)]), valid)
    return Contender(f"{one.name} + cache {weight}", guess=Remembering(one.chances, weight))


def _chords(pieces: Sequence[CorpusPiece], charts: Sequence[Chart]) -> list[Named]:
    songs = [piece for piece in of_stratum(pieces, "songs") if has_written_chords(piece)]
    return [*charts, *songs]


def ngrams(parts: Parts) -> dict[str, Contender]:
    """The best n-gram of each stratum's melodies: of the orders, and of its own melodies or both strata's."""
    found = {}
    learn = {name: [piece.sheet for piece in of_stratum(parts.train, name)] for name in ("folk", "songs")}
    both = learn["folk"] + learn["songs"]
    for stratum, own in learn.items():
        valid = [piece.sheet for piece in of_stratum(parts.valid, stratum)]
        grams = [BestNGram.of(Stream.MELODY, sheets, valid) for sheets in (own, both)]
        best = min(grams, key=lambda gram: gram.cost)
        found[stratum] = Contender(f"{best.order}-gram", bits=best.bits)
    return found


def evaluate_all(
    data: Path, models: Path, say: Say, seed: int = 1, cache: Path | None = None
) -> dict[str, float]:
    """The whole table: people, plain ways, and every trained model of the folder."""
    return evaluate(parts_of(data, cache), trained_contenders(models), say, seed)


def evaluate(
    parts: Parts, trained: Sequence[Contender], say: Say, seed: int = 1, windows: int = WINDOWS
) -> dict[str, float]:
    """Every question to every contender."""
    stage = Stage(parts.test, parts.test_charts, windows, parts.valid)
    table = Table(stage, [*plain_contenders(), *trained], say, seed)
    loops(table)
    continuations(table)
    verdicts(table)
    controls(table)
    grams = ngrams(parts)
    listener = {name: next((one for one in trained if one.bits), gram) for name, gram in grams.items()}
    melody_bits(table, grams)
    both_sides(table)
    varied(table, listener)
    guesses(table, guessers(parts, trained))
    owners = [parts.train[owner].id for owner in clusters(parts.train)]
    originality(table, TrainIndex.of(parts.train, owners))
    table.contenders = [*table.contenders, *harmonisers(parts)]
    harmonise(table)
    validity(table)
    return table.found
