"""What a plain model of the same data guesses: the bar the chord model has to clear.

A 5-gram over key-relative chords (annotated tonic given, which the chord model has to find), interpolated
absolute
discounting; and the same with a cache of what followed the longest matching context (up to four chords) in
this song.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence

from engine.training.chords.statistics import Token

Symbol = tuple[int, str]
_DISCOUNT = 0.7


class FiveGram:
    """Counts of followers after 0 to 4 chords."""

    def __init__(self) -> None:
        self._followers: list[dict[tuple[Symbol, ...], Counter[Symbol]]] = [
            defaultdict(Counter) for _ in range(5)
        ]

    def add(self, heard: Sequence[Token]) -> None:
        """One training song; its tonic must be known."""
        for place in range(len(heard)):
            tonic = heard[max(0, place - 1)].tonic or 0
            symbols = _symbols(heard[max(0, place - 4) : place + 1], tonic)
            for length in range(len(symbols)):
                context = tuple(symbols[len(symbols) - 1 - length : -1])
                self._followers[length][context][symbols[-1]] += 1

    def ranked(self, heard: Sequence[Token]) -> dict[Symbol, float]:
        """Probabilities of what follows `heard`, absolute roots; the sounding chord itself is left out."""
        tonic = (heard[-1].tonic or 0) if heard else 0
        context = _symbols(heard[-4:], tonic)
        found: dict[Symbol, float] = {}
        for length in range(len(context) + 1):
            counts = self._followers[length].get(tuple(context[len(context) - length :]))
            if not counts:
                break
            total = sum(counts.values())
            left = _DISCOUNT * len(counts) / total
            found = {symbol: p * left for symbol, p in found.items()}
            for symbol, count in counts.items():
                found[symbol] = found.get(symbol, 0.0) + max(0.0, count - _DISCOUNT) / total
        absolute = {((root + tonic) % 12, quality): p for (root, quality), p in found.items()}
        if heard:
            absolute.pop((heard[-1].chord.root, heard[-1].chord.quality), None)
        return absolute


def with_song_cache(plain: dict[Symbol, float], heard: Sequence[Token], weight: float) -> dict[Symbol, float]:
    """The 5-gram mixed with what followed the longest match (up to four chords) earlier in this song."""
    symbols = _symbols(heard, 0)
    for length in range(min(4, len(symbols) - 1), 0, -1):
        suffix = symbols[-length:]
        followers = Counter(
            symbols[end] for end in range(length, len(symbols)) if symbols[end - length : end] == suffix
        )
        if followers:
            total = sum(followers.values())
            mixed = {symbol: (1 - weight) * p for symbol, p in plain.items()}
            for symbol, count in followers.items():
                mixed[symbol] = mixed.get(symbol, 0.0) + weight * count / total
            return mixed
    return plain


def _symbols(heard: Sequence[Token], tonic: int) -> list[Symbol]:
    return [((token.chord.root - tonic) % 12, token.chord.quality) for token in heard]
