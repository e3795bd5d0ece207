"""How often is the next chord among the first guesses?

Protocol: charts of held-out songs, repeats of the same chord merged (basses and no-chords left out), every
chord but the
first is asked for, given all chords before it. A context is *new to the song* when its last two chords have
not
followed each other earlier in this song (a song's second chord always is). Exact root and quality must agree.
The baselines are told the annotated key; the model has to find it (`model`) or is told the first tonic
(`model, key given`).
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from engine.generation.chords.listener import Listener
from engine.generation.chords.model import ChordModel
from engine.generation.chords.predict import weigh
from engine.music import Key
from engine.training.chords.baselines import FiveGram, with_song_cache
from engine.training.chords.piece import Piece
from engine.training.chords.statistics import Spelling, Token, tokens

CACHE_WEIGHTS = (0.4, 0.5, 0.6, 0.7, 0.8)


class Row(NamedTuple):
    """Right first guesses and right among the first five, of `asked` contexts."""

    top1: int = 0
    top5: int = 0
    asked: int = 0

    def plus(self, first: bool, among: bool) -> "Row":
        return Row(self.top1 + first, self.top5 + among, self.asked + 1)


Table = dict[tuple[str, str], Row]  # (who, which contexts) -> row


def five_gram(pieces: Sequence[Piece], spelling: Spelling) -> FiveGram:
    """The baseline, counted on the training charts at the same spelling."""
    counted = FiveGram()
    for piece in pieces:
        heard = tokens(piece, spelling)
        if all(token.tonic is not None for token in heard):
            counted.add(heard)
    return counted


def best_cache_weight(plain: FiveGram, valid: Sequence[Piece], spelling: Spelling) -> float:
    """The weight of the cache that guesses most often right on valid."""
    right: Counter[float] = Counter()
    for piece in valid:
        heard = tokens(piece, spelling)
        for place in range(1, len(heard)):
            before = heard[:place]
            guesses = plain.ranked(before)
            for weight in CACHE_WEIGHTS:
                mixed = with_song_cache(guesses, before, weight)
                right[weight] += bool(mixed) and max(mixed, key=mixed.__getitem__) == _symbol(heard[place])
    return max(CACHE_WEIGHTS, key=lambda weight: right[weight])


def score(
    model: ChordModel, plain: FiveGram, cache_weight: float, pieces: Sequence[Piece], spelling: Spelling
) -> Table:
    """The whole table over the charts."""
    table: Table = {}
    for piece in pieces:
        heard = tokens(piece, spelling)
        is_new = list(new_contexts(heard))
        guesses = {
            "5-gram": _plain_guesses(plain, heard, 0.0),
            "5-gram + song cache": _plain_guesses(plain, heard, cache_weight),
            "model": _model_guesses(model, heard, None),
            "model, key given": _model_guesses(model, heard, heard[0].tonic),
        }
        for who, guessed in guesses.items():
            for place, ranked in guessed:
                right = _symbol(heard[place])
                for which in ("all", "new" if is_new[place] else "known", piece.source):
                    row = table.get((who, which), Row())
                    table[who, which] = row.plus(ranked[:1] == [right], right in ranked[:5])
    return table


def new_contexts(heard: Sequence[Token]) -> Iterator[bool]:
    """For each chord, whether the two before it have not followed each other earlier in the song."""
    seen: set[tuple[object, object]] = set()
    for place in range(len(heard)):
        if place < 2:
            yield True
            continue
        pair = (heard[place - 2].chord, heard[place - 1].chord)
        yield pair not in seen
        seen.add(pair)


def _symbol(token: Token) -> tuple[int, str]:
    return token.chord.root, token.chord.quality


def _plain_guesses(
    plain: FiveGram, heard: Sequence[Token], cache_weight: float
) -> Iterator[tuple[int, list[tuple[int, str]]]]:
    for place in range(1, len(heard)):
        found = plain.ranked(heard[:place])
        if cache_weight:
            found = with_song_cache(found, heard[:place], cache_weight)
        yield place, sorted(found, key=lambda symbol: (-found[symbol], symbol))[:5]


def _model_guesses(
    model: ChordModel, heard: Sequence[Token], tonic: int | None
) -> Iterator[tuple[int, list[tuple[int, str]]]]:
    """Only qualities that the song has already used are told beforehand, never those to come."""
    key = Key(tonic) if tonic is not None else None
    listener = Listener.of(model, key)
    for place, token in enumerate(heard):
        if place:
            yield place, [(chord.root, chord.quality) for chord in weigh(listener).chords[:5]]
        listener = listener.knowing(token.chord.quality)
        listener.hear(token.chord)
