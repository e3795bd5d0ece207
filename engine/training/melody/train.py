"""How is the melody model made from the corpus?

Counts on the train part, mixing weights on the validation part, scores on the test part; all by cluster.
Every choice (song weight, shared weights, discount) was made on the validation part in two halves.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from engine.generation.melody.experts import PITCH_FAMILIES, RHYTHM_FAMILIES, Alphabet, Family
from engine.generation.melody.line import PITCH_FIELDS, RHYTHM_FIELDS
from engine.generation.melody.model import PITCH_SIZES, MelodyModel, rhythm_sizes, save_model
from engine.generation.melody.tables import SEEN_BUCKETS, Stream
from engine.training.melody.corpus import read_corpus
from engine.training.melody.counting import count_table
from engine.training.melody.form import form_statistics
from engine.training.melody.mixing import Scored, learn_weights
from engine.training.melody.ngram import NGram, bits_per_note, tokens
from engine.training.melody.rows import STYLES, Ints, Rows, rows_of
from engine.training.melody.split import Part, split
from engine.training.melody.tunes import Tune

BASELINE_ORDER = 6
UNKNOWN_RHYTHM_BITS = 16.0


@dataclass(frozen=True, slots=True)
class Config:
    """What training may be told; songs are few, so they count `song_weight` times."""

    seed: int = 1
    song_weight: int = 4
    least_seen: int = 2
    least_rhythm: int = 5
    mixing_rows: int = 12_000
    epochs: int = 10


def train(data: Path, out: Path, config: Config = Config(), corpus: Path | None = None) -> dict[str, Any]:
    """Reads the corpus, trains, scores, writes model and card into `out`; returns the scores.

    Raises BadFileError for data that is not allowed or was altered.
    """
    tunes, sources = read_corpus(data, corpus)
    parts = split(tunes)
    model = fit(parts[Part.TRAIN], parts[Part.VALID], config)
    scores = evaluate_bits(model, parts[Part.TRAIN], parts[Part.TEST])
    card = {
        "kind": "interval-rhythm mixture with echo",
        "summary": "Variable-order experts on rhythm and pitch, mixed log-linearly; writes melodies.",
        "data": [
            {
                "id": source.id,
                "title": source.title,
                "url": source.url,
                "licence": source.licence,
                "attribution": source.attribution,
                "share_alike": source.share_alike,
                "sha256": source.sha256,
                "tunes": sum(tune.dataset == source.id for tune in tunes),
            }
            for source in sources
        ],
        "attributions": [source.attribution for source in sources],
        "licences": sorted({source.licence for source in sources}),
        "split": {
            "by": "cluster of near-duplicate tunes",
            **{part.value: {"tunes": len(found), "notes": _notes(found)} for part, found in parts.items()},
        },
        "seed": config.seed,
        "config": {
            name: getattr(config, name)
            for name in ("song_weight", "least_seen", "least_rhythm", "mixing_rows", "epochs")
        },
        "scores": scores,
        "human": form_statistics(parts[Part.TRAIN]),
    }
    save_model(model, out, card)
    return scores


def _notes(tunes: list[Tune]) -> int:
    return sum(len(tune.line.pitches) for tune in tunes)


def fit(train_tunes: list[Tune], valid_tunes: list[Tune], config: Config) -> MelodyModel:
    """Counts from the train tunes, mixing weights from the validation tunes."""
    train_rows, valid_rows = rows_of(train_tunes), rows_of(valid_tunes)
    symbols, seen = np.unique(train_rows[0].outcome, return_counts=True)
    vocabulary = symbols[seen >= config.least_rhythm]
    rhythm = _fit_stream(
        RHYTHM_FAMILIES,
        RHYTHM_FIELDS,
        rhythm_sizes(len(vocabulary)),
        in_vocabulary(train_rows[0], vocabulary),
        in_vocabulary(valid_rows[0], vocabulary),
        config,
    )
    pitch = _fit_stream(PITCH_FAMILIES, PITCH_FIELDS, PITCH_SIZES, train_rows[1], valid_rows[1], config)
    return MelodyModel(rhythm, pitch, vocabulary)


def _fit_stream(
    families: tuple[Family, ...],
    fields: tuple[str, ...],
    sizes: dict[Alphabet, int],
    train_rows: Rows,
    valid_rows: Rows,
    config: Config,
) -> Stream:
    table = count_table(families, fields, train_rows, (1, config.song_weight), config.least_seen)
    levels = sum(len(family.levels) for family in families)
    stream = Stream(families, fields, sizes, table, np.zeros((len(STYLES), levels, SEEN_BUCKETS)))
    chosen = _sample(valid_rows, config)
    stream.weights = learn_weights(Scored(stream, chosen), config.seed, config.epochs)
    return stream


def _sample(rows: Rows, config: Config) -> Rows:
    """At most so many rows, but every row of a song."""
    rng = np.random.Generator(np.random.Philox(key=config.seed))
    drawn = np.zeros(len(rows.outcome), dtype=bool)
    drawn[rng.permutation(len(drawn))[: config.mixing_rows]] = True
    return rows.where(drawn | (rows.style > 0))


def in_vocabulary(rows: Rows, vocabulary: Ints) -> Rows:
    """Only the rows whose rhythm is in the vocabulary, as indices into it."""
    kept = rows.where(np.isin(rows.outcome, vocabulary))
    return Rows(kept.contexts, np.searchsorted(vocabulary, kept.outcome), kept.last, kept.style, kept.tune)


def evaluate_bits(model: MelodyModel, train_tunes: list[Tune], test_tunes: list[Tune]) -> dict[str, float]:
    """Bits a note on the test tunes, model and 6-gram, for folk and for songs (lead sheets and hymns)."""
    baseline = NGram([tokens(tune) for tune in train_tunes], BASELINE_ORDER)
    rhythm_rows, pitch_rows = rows_of(test_tunes)
    known = in_vocabulary(rhythm_rows, model.vocabulary)
    rhythm_bits = Scored(model.rhythm, known).bits(model.rhythm.weights)
    pitch_bits = Scored(model.pitch, pitch_rows).bits(model.pitch.weights)
    scores: dict[str, float] = {}
    for number, style in enumerate(STYLES):
        notes = int((pitch_rows.style == number).sum())
        if not notes:
            continue
        unknown = int((rhythm_rows.style == number).sum() - (known.style == number).sum())
        rhythm = rhythm_bits[known.style == number].sum() + UNKNOWN_RHYTHM_BITS * unknown
        pitch = pitch_bits[pitch_rows.style == number].sum()
        reference = bits_per_note(baseline, BASELINE_ORDER, test_tunes, style)
        scores[f"{style}_bits_per_note"] = round(float(rhythm + pitch) / notes, 3)
        scores[f"{style}_rhythm_bits"] = round(float(rhythm) / notes, 3)
        scores[f"{style}_pitch_bits"] = round(float(pitch) / notes, 3)
        scores[f"{style}_6gram_bits_per_note"] = round(reference, 3)
        scores[f"{style}_share_of_6gram"] = round(float(rhythm + pitch) / notes / reference, 3)
        scores[f"{style}_test_notes"] = notes
    return scores
