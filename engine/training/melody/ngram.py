"""What does a plain n-gram make of the same melodies? The baseline the model is measured against.

Interpolated Kneser-Ney (Kneser & Ney 1995; lower orders by continuation counts) over the tokens of a tune: a
bar token, then rhythm and pitch tokens alternately; bar tokens are context only and cost nothing.
"""

import math
from collections import Counter, defaultdict

from engine.generation.melody.line import rhythm_symbol
from engine.training.melody.rows import STYLES
from engine.training.melody.tunes import Tune

BAR = 0
_RHYTHM, _PITCH = 1000, 3000
Token = int
Context = tuple[int, ...]


def tokens(tune: Tune) -> list[Token]:
    """The tune as tokens: 0 a bar begins, 1000 + rhythm symbol, 3000 + pitch."""
    found: list[Token] = []
    bar = -1
    for event in tune.line.events:
        if event.bar != bar:
            found.append(BAR)
            bar = event.bar
        found.append(_RHYTHM + rhythm_symbol(event))
        if event.pitch is not None:
            found.append(_PITCH + event.pitch)
    return found


class NGram:
    """An interpolated Kneser-Ney model of the given order."""

    def __init__(self, sequences: list[list[Token]], order: int, discount: float = 0.75) -> None:
        self._order, self._discount = order, discount
        self._counts: list[defaultdict[Context, Counter[Token]]] = [
            defaultdict(Counter) for _ in range(order)
        ]
        self._vocabulary = len({token for sequence in sequences for token in sequence}) + 1
        for sequence in sequences:
            self._count_highest(sequence)
        for length in range(order - 1, 0, -1):
            for context, following in self._counts[length].items():
                lower = self._counts[length - 1][context[1:]]
                for token in following:
                    lower[token] += 1
        self._totals = [
            {context: sum(following.values()) for context, following in table.items()}
            for table in self._counts
        ]

    def _count_highest(self, sequence: list[Token]) -> None:
        padded = [-1] * (self._order - 1) + sequence
        highest = self._counts[self._order - 1]
        for at in range(self._order - 1, len(padded)):
            highest[tuple(padded[at - self._order + 1 : at])][padded[at]] += 1

    def probability(self, before: list[Token], token: Token) -> float:
        """P(token | the tokens before)."""
        padded = [-1] * (self._order - 1) + before
        p = 1.0 / self._vocabulary
        for length in range(self._order):
            context = tuple(padded[len(padded) - length :]) if length else ()
            following = self._counts[length].get(context)
            if following is None:
                break
            total = self._totals[length][context]
            kept = max(following.get(token, 0) - self._discount, 0.0)
            p = kept / total + self._discount * len(following) / total * p
        return p


def bits_per_note(model: NGram, order: int, tunes: list[Tune], style: str) -> float:
    """Mean bits a note (rhythm, rests and pitch together) over the tunes of the style."""
    bits, notes = 0.0, 0
    for tune in tunes:
        if (tune.style == "folk") != (style == STYLES[0]):
            continue
        sequence = tokens(tune)
        for at, token in enumerate(sequence):
            if token != BAR:
                bits -= math.log2(model.probability(sequence[max(0, at - order + 1) : at], token))
                notes += token >= _PITCH // 2
    return bits / max(1, notes)
