"""Context trees, pair tables and quality counts from the training charts."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum
from typing import NamedTuple

import numpy as np

from engine.generation.chords.model import PLAIN, SEVENTH_SIZE, STYLES, ChordModel, Mixer, Qualities
from engine.generation.chords.vocabulary import (
    SEVENTH_NAMES,
    START,
    reduced_to_sevenths,
    reduced_to_triads,
    seventh_class,
    triad_class,
)
from engine.music import Chord
from engine.training.chords.counting import TreeCounter
from engine.training.chords.piece import Piece

DEPTH = 4
_LEAST_QUALITY = 10
_PAIR_TRUST = 2.0
_RICH = 0.25


class Spelling(StrEnum):
    """How much of a chord is told; every song is heard at each depth so that the model adapts to all."""

    FULL = "full"
    SEVENTHS = "sevenths"
    TRIADS = "triads"


class Token(NamedTuple):
    """A merged chord: its chord without bass, the local tonic (None: unknown)."""

    chord: Chord
    tonic: int | None


def tokens(piece: Piece, spelling: Spelling = Spelling.FULL) -> list[Token]:
    """The merged chords of a chart at the given depth."""
    reduce = {Spelling.SEVENTHS: reduced_to_sevenths, Spelling.TRIADS: reduced_to_triads}.get(spelling)
    found: list[Token] = []
    for event in piece.merged():
        chord = Chord(event.chord.root, reduce(event.chord.quality)) if reduce else event.chord
        if not found or found[-1].chord != chord:
            found.append(Token(chord, event.tonic))
    return found


def count_model(pieces: Sequence[Piece]) -> ChordModel:
    """The statistics of the charts, without a mixer. Charts of unknown key serve motion and qualities
    only."""
    degrees = TreeCounter(SEVENTH_SIZE, DEPTH, len(STYLES))
    motion = TreeCounter(SEVENTH_SIZE, DEPTH, len(STYLES))
    triads = TreeCounter(96, DEPTH, len(STYLES))
    qualities: Counter[tuple[str, int]] = Counter()
    pairs = np.zeros((len(STYLES), 256, SEVENTH_SIZE))
    for piece in pieces:
        for heard, style in _told(piece):
            sevenths = [(t.chord.root, int(seventh_class(t.chord.quality))) for t in heard]
            plain = [(t.chord.root, int(triad_class(t.chord.quality))) for t in heard]
            for place, token in enumerate(heard):
                qualities[token.chord.quality, style] += 1
                if place:
                    motion.add(*_relative(sevenths, place, sevenths[place - 1][0], 16), style)
                tonic = heard[place - 1].tonic if place else token.tonic
                if tonic is None:
                    continue
                context, follower = _relative(sevenths, place, tonic, 16)
                degrees.add(context, follower, style)
                pairs[style, context[-1], follower] += 1
                triads.add(*_relative(plain, place, tonic, 8), style)
    return ChordModel(
        degrees.tree(), motion.tree(), triads.tree(), _pair_table(pairs), _qualities(qualities), None
    )


def _told(piece: Piece) -> list[tuple[list[Token], int]]:
    """The chart as written under its style; a rich one once more in triads, as a style of its own."""
    heard = tokens(piece)
    plain = tokens(piece, Spelling.TRIADS)
    told = [(heard, STYLES.index(piece.style))]
    rich = sum(reduced_to_triads(token.chord.quality) != token.chord.quality for token in heard)
    return [*told, (plain, STYLES.index(PLAIN))] if rich > _RICH * len(heard) else told


def with_mixer(model: ChordModel, mixer: Mixer) -> ChordModel:
    return ChordModel(model.degrees, model.motion, model.triads, model.pairs, model.qualities, mixer)


def _relative(
    symbols: Sequence[tuple[int, int]], place: int, reference: int, width: int
) -> tuple[tuple[int, ...], int]:
    """Context (START before the first chord) and follower, roots counted from the reference."""
    begin = max(0, place - DEPTH)
    context = tuple((root - reference) % 12 * width + kind for root, kind in symbols[begin:place])
    if place <= DEPTH:
        context = (START, *context)
    root, kind = symbols[place]
    return context, (root - reference) % 12 * width + kind


def _pair_table(pairs: np.ndarray) -> np.ndarray:
    """Log p(symbol | symbol before) by style: counts backed off to the pairs of all styles, then to single
    chords."""
    everything = pairs.sum(axis=0)
    single = everything.sum(axis=0) + 0.2
    single /= single.sum()
    overall = (everything + 4.0 * single) / (everything.sum(axis=1, keepdims=True) + 4.0)
    own = pairs.sum(axis=1, keepdims=True) + 20.0 * single
    own /= own.sum(axis=2, keepdims=True)
    prior = 0.5 * overall[None] + 0.5 * own
    table = (pairs + _PAIR_TRUST * 4 * prior) / (pairs.sum(axis=2, keepdims=True) + _PAIR_TRUST * 4)
    return np.asarray(np.log(table).astype(np.float32))


def _qualities(counts: Counter[tuple[str, int]]) -> Qualities:
    totals: Counter[str] = Counter()
    for (quality, _), count in counts.items():
        totals[quality] += count
    names = sorted({q for q, n in totals.items() if n >= _LEAST_QUALITY} | set(SEVENTH_NAMES))
    table = np.array([[counts[name, style] for style in range(len(STYLES))] for name in names], dtype=float)
    return Qualities.of(tuple(names), table)


def settled_key(piece: Piece, model: ChordModel) -> Piece:
    """The chart with a tonic: the likeliest one where none is given, or where a given one contradicts
    chords and ending.

    Indexes of lead sheets give the key of the signature for songs in the relative key; the chords know
    better.
    """
    heard = tokens(piece)
    likelihood = np.zeros(12)
    before = np.full(12, START)
    for token in heard:
        now = (token.chord.root - np.arange(12)) % 12 * 16 + int(seventh_class(token.chord.quality))
        likelihood += model.pairs[STYLES.index(piece.style), before, now]
        before = now
    best = int(likelihood.argmax())
    given = heard[0].tonic
    contradicted = piece.source == "openewld-pd" and heard[-1].chord.root == best
    if given is not None and not contradicted:
        return piece
    return replace(piece, chords=tuple(event._replace(tonic=best) for event in piece.chords))
