"""The whole evaluation of `understudy evaluate infill`, and the part of it that needs no model.

Everything learnt here (n-grams, hidden Markov model, 5-gram, the weight of its cache) is counted on the train
part and chosen on the valid part; figures are of the test part.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.generation.chords.store import load_model as chord_model
from engine.generation.language.grid import Stream
from engine.training.corpus.piece import CorpusPiece
from engine.training.infill.evaluation.charts import Chart, played_charts
from engine.training.infill.evaluation.contenders import Contender, people
from engine.training.infill.evaluation.harmonisers import Hmm, template
from engine.training.infill.evaluation.holes import Named
from engine.training.infill.evaluation.instant import instant
from engine.training.infill.evaluation.nextchords import CountedGuesses, listening
from engine.training.infill.evaluation.stage import Stage, has_written_chords, of_stratum, sampled
from engine.training.infill.evaluation.surprisal import BestNGram
from engine.training.infill.evaluation.table import (
    Say,
    Table,
    both_sides,
    continuations,
    guesses,
    harmonise,
    loops,
    melody_bits,
    validity,
    varied,
    verdicts,
)
from engine.training.infill.evaluation.variations import instant_variation

WINDOWS = 60


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


def plain_contenders() -> list[Contender]:
    """People and the instant generators."""
    return [
        Contender("people", people),
        Contender("instant", instant, guess=listening(chord_model().chords), vary=instant_variation),
    ]


def harmonisers(parts: Parts) -> list[Contender]:
    """The plain ways to harmonise; they answer nothing else."""
    songs = [p.sheet for p in of_stratum(parts.train, "songs") if has_written_chords(p)]
    return [Contender("HMM", Hmm(songs).write), Contender("template", template)]


def counted_guessers(parts: Parts) -> list[Contender]:
    """The 5-gram, alone and with a cache of the song."""
    plain = CountedGuesses.of(piece.sheet for piece in _chords(parts.train, parts.train_charts))
    valid = sampled(_chords(parts.valid, parts.valid_charts), 2 * WINDOWS)
    weight = CountedGuesses.best_weight(plain, valid)
    return [
        Contender("5-gram", guess=CountedGuesses(plain, 0.0)),
        Contender(f"5-gram + cache {weight}", guess=CountedGuesses(plain, weight)),
    ]


def _chords(pieces: Sequence[CorpusPiece], charts: Sequence[Chart]) -> list[Named]:
    songs = [piece for piece in of_stratum(pieces, "songs") if has_written_chords(piece)]
    return [*charts, *songs]


def ngrams(parts: Parts) -> dict[str, Contender]:
    """The best n-gram of each stratum's melodies: of the orders, and of all melodies or the stratum's."""
    found = {}
    everything = [piece.sheet for piece in parts.train if piece.sheet.has(Stream.MELODY)]
    for stratum in ("folk", "songs"):
        own = [piece.sheet for piece in of_stratum(parts.train, stratum)]
        valid = [piece.sheet for piece in of_stratum(parts.valid, stratum)]
        grams = [BestNGram.of(Stream.MELODY, learn, valid) for learn in (own, everything)]
        best = min(grams, key=lambda gram: gram.cost)
        found[stratum] = Contender(f"{best.order}-gram", bits=best.bits)
    return found


def evaluate(
    parts: Parts, models: Sequence[Contender], say: Say, seed: int = 1, windows: int = WINDOWS
) -> dict[str, float]:
    """Every question to every contender; `models` are the contenders that were trained."""
    table = Table(Stage(parts.test, parts.test_charts, windows), [], say, seed)
    table.contenders = [*plain_contenders(), *models]
    loops(table)
    continuations(table)
    grams = ngrams(parts)
    melody_bits(table, grams)
    both_sides(table)
    guesses(table, counted_guessers(parts))
    verdicts(table)
    varied(table, {name: next((m for m in models if m.bits), gram) for name, gram in grams.items()})
    table.contenders = [*table.contenders, *harmonisers(parts)]
    harmonise(table)
    validity(table)
    return table.found
