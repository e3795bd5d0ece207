"""The whole evaluation of `understudy evaluate infill`, and the part of it that needs no model.

Everything learnt here (n-grams, hidden Markov model, 5-gram, the weight of its cache) is counted on the train
part and chosen on the valid part; figures are of the test part.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

from engine.generation.chords.store import load_model as chord_model
from engine.generation.language.grid import Sheet, Stream
from engine.generation.search.models import INFILL, PROGRESSIONS
from engine.training.corpus.clusters import clusters
from engine.training.corpus.corpus import read_corpus
from engine.training.corpus.piece import CorpusPiece
from engine.training.corpus.split import Part, split
from engine.training.infill.evaluation import table as questions
from engine.training.infill.evaluation.certainty import CONTEXTS, certainty
from engine.training.infill.evaluation.charts import Chart, played_charts
from engine.training.infill.evaluation.contenders import Contender, people
from engine.training.infill.evaluation.harmonisers import Hmm, template
from engine.training.infill.evaluation.holes import Hole, Named
from engine.training.infill.evaluation.instant import instant, product
from engine.training.infill.evaluation.model import Model
from engine.training.infill.evaluation.nextchords import (
    CountedGuesses,
    Remembering,
    best_weight,
    listening,
)
from engine.training.infill.evaluation.originality import TrainIndex
from engine.training.infill.evaluation.sampled import Sampler, ranked
from engine.training.infill.evaluation.stage import Stage, has_written_chords, of_stratum, sampled
from engine.training.infill.evaluation.surprisal import BestNGram
from engine.training.infill.evaluation.table import PEOPLE, Say, Table
from engine.training.infill.evaluation.variations import instant_variation, product_variation
from engine.training.infill.evaluation.wishes import instant_asked, product_asked
from engine.training.ranking.fills import Surprises
from engine.training.ranking.train import load_reranker

WINDOWS = 48
_CHOSEN_ON = 100
"""Valid pieces on which the order of an n-gram is chosen."""
MODELS_BY_NAME = (INFILL, "infill-small")
QUESTIONS = (
    "bits",
    "sides",
    "harmonise",
    "loops",
    "again",
    "next",
    "judge",
    "controls",
    "sliders",
    "vary",
    "runs",
    "valid",
)
IN_PRODUCT, RANKED = "in the product", "ranked"
"""What the ways of asking a model are called, after its name."""


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
        Contender(PEOPLE, people),
        Contender("instant", instant, guess=guess, vary=instant_variation, asked=instant_asked),
    ]


def trained_contenders(models: Path) -> list[Contender]:
    """The models of the folder: bits and next chords; plain samples; samples ranked; takes of
    the product. The model of chords alone only guesses, alone and as the product mixes it."""
    found = []
    for name in MODELS_BY_NAME:
        if (models / f"{name}.safetensors").is_file():
            found += _ways_of(models, name)
    if (models / f"{PROGRESSIONS}.safetensors").is_file():
        model = Model.read(models, PROGRESSIONS)
        mixed = listening(chord_model().chords, models)
        found.append(Contender(PROGRESSIONS, guess=model.guess, chances=model.chances))
        found.append(Contender(f"instant and {PROGRESSIONS}", guess=mixed))
    return found


def _ways_of(models: Path, name: str) -> list[Contender]:
    model, sampler = Model.read(models, name), Sampler.read(models, name)
    own = Contender(name, sampler.write, model.bits, model.guess)
    own.vary, own.steer, own.chances = sampler.varied, sampler.steered, model.chances
    found = [own]
    if (models / "ranking.safetensors").is_file():
        found.append(Contender(f"{name}, {RANKED}", ranked(sampler.write, load_reranker(models))))
    vary, asked = product_variation(models, name), product_asked(models, name)
    found.append(Contender(f"{name}, {IN_PRODUCT}", product(models, name), vary=vary, asked=asked))
    return found


def writers_to_rank(models: Path, name: str, in_product: bool) -> tuple[list[Contender], Surprises | None]:
    """Whose fills the re-ranker learns from: the model's, since those are ranked; without a model the instant
    generators'. They err the other way (they copy where the model forgets), so they are never mixed."""
    if not (models / f"{name}.safetensors").is_file():
        return [Contender("instant", instant)], None
    writers = [Contender(name, Sampler.read(models, name).write)]
    if in_product:
        writers.append(Contender(f"{name}, {IN_PRODUCT}", product(models, name)))
    return writers, Model.read(models, name).symbol_bits


def harmonisers(parts: Parts) -> list[Contender]:
    """The plain ways to harmonise; they answer nothing else."""

    @cache
    def hmm() -> Hmm:
        return Hmm(p.sheet for p in of_stratum(parts.train, "songs") if has_written_chords(p))

    def write(hole: Hole, seed: int, count: int) -> Sequence[Sheet]:
        return hmm().write(hole, seed, count)

    return [Contender("HMM", write), Contender("template", template)]


def guessers(parts: Parts, trained: Sequence[Contender], is_counted: bool) -> list[Contender]:
    """The 5-gram alone and with a cache of the song (unless it is counted already), trained models with one;
    weighed on valid pieces."""
    valid = sampled(_chords(parts.valid, parts.valid_charts), WINDOWS)
    found = []
    if not is_counted:
        plain = CountedGuesses.of(piece.sheet for piece in _chords(parts.train, parts.train_charts))
        weight = CountedGuesses.best_weight(plain, valid)
        found += [
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


def ngrams(parts: Parts) -> Callable[[str, Stream], Contender]:
    """The best n-gram of a stratum's melodies or chords: of the orders, and of the stratum's own pieces or of
    all that have the stream, whichever is better on valid pieces."""

    @cache
    def learnt(group: str, stream: Stream) -> Contender:
        grams = [
            BestNGram.of(
                stream,
                [piece.sheet for name in names for piece in _heard(parts.train, name, stream)],
                sampled(_heard(parts.valid, group, stream), _CHOSEN_ON),
            )
            for names in _learnt_from(group, stream)
        ]
        best = min(grams, key=lambda gram: gram.cost)
        return Contender(f"{best.order}-gram", bits=best.bits)

    return lambda stratum, stream: learnt(stratum.partition(",")[0].partition(" ")[0], stream)


def _learnt_from(group: str, stream: Stream) -> tuple[tuple[str, ...], ...]:
    every = ("pop", "jazz", "songs") if stream is Stream.CHORDS else ("folk", "songs")
    return ((group,),) if group == "folk" else ((group,), every)


def _heard(pieces: Sequence[CorpusPiece], name: str, stream: Stream) -> list[CorpusPiece]:
    own = of_stratum(pieces, name)
    return own if stream is Stream.MELODY else [piece for piece in own if has_written_chords(piece)]


def evaluate_all(
    data: Path,
    models: Path,
    say: Say,
    seed: int = 1,
    cache: Path | None = None,
    windows: int = WINDOWS,
    only: Collection[str] = QUESTIONS,
    known: Mapping[str, float] | None = None,
    contexts: int = CONTEXTS,
) -> dict[str, float]:
    """The whole table: people, plain ways, and every trained model of the folder. `contexts`: how many random
    cells `valid` has written; asked for alone it needs no corpus."""
    found = certainty(models, say, seed, contexts) if "valid" in only else {}
    if set(only) == {"valid"}:
        return found
    contenders = trained_contenders(models)
    return found | evaluate(parts_of(data, cache), contenders, say, seed, windows, only, known)


def evaluate(
    parts: Parts,
    trained: Sequence[Contender],
    say: Say,
    seed: int = 1,
    windows: int = WINDOWS,
    only: Collection[str] = QUESTIONS,
    known: Mapping[str, float] | None = None,
) -> dict[str, float]:
    """The questions of `only` to every contender. `known`: figures of contenders who are not asked again."""
    stage = Stage(parts.test, parts.test_charts, windows, parts.valid)
    table = Table(stage, [*plain_contenders(), *trained], say, seed, dict(known or {}))
    grams = ngrams(parts)
    listener = next((one for one in trained if one.bits), None)

    @cache
    def index() -> TrainIndex:
        return TrainIndex.of(parts.train, [parts.train[owner].id for owner in clusters(parts.train)])

    asked: dict[str, Callable[[], None]] = {
        "bits": lambda: questions.bits(table, grams),
        "sides": lambda: questions.both_sides(table),
        "loops": lambda: questions.loops(table),
        "again": lambda: questions.continuations(table),
        "judge": lambda: questions.verdicts(table),
        "controls": lambda: questions.controls(table),
        "sliders": lambda: questions.wishes(table, listener),
        "vary": lambda: questions.varied(table, listener or grams("songs", Stream.MELODY)),
        "runs": lambda: questions.originality(table, index),
        "harmonise": lambda: _harmonised(table, parts),
        "next": lambda: questions.guesses(table, guessers(parts, trained, _is_counted(table))),
        "valid": lambda: questions.validity(table),
    }
    for name, question in asked.items():
        if name in only:
            question()
    return table.found


def _harmonised(table: Table, parts: Parts) -> None:
    everybody = table.contenders
    table.contenders = [*everybody, *harmonisers(parts)]
    questions.harmonise(table)
    table.contenders = everybody


def _is_counted(table: Table) -> bool:
    return any(place.startswith("next chord | charts and songs | 5-gram |") for place in table.found)
