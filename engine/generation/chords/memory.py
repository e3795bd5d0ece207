"""What has this song done after this before?

For every earlier place of the song, how many of the last chords agree with the chords before that place
(suffix match, as in PPM and cache language models). Kept three times: chords as they are, only their triads,
and only their motion (so that a sequence a step higher is recognised). One array each, brought up to date
chord by chord.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
_FADE = 0.98  # how fast old places lose weight, per chord
_LONGEST = 12
_FADES = _FADE ** np.arange(2047, -1, -1, dtype=np.float64)


def _empty() -> Ints:
    return np.zeros(0, dtype=np.int64)


@dataclass(slots=True)
class SuffixMemory:
    """`symbols` so far; for each place j how many symbols before j agree with the newest ones (`usable`,
    capped)."""

    symbols: Ints = field(default_factory=_empty)
    matches: Ints = field(default_factory=_empty)
    usable: Ints = field(default_factory=_empty)
    longest: int = 0  # length of the longest match
    place: int = -1  # the newest place where it is found

    def push(self, symbol: int) -> None:
        """Hear one more symbol."""
        count = len(self.symbols)
        matches = np.zeros(count + 1, dtype=np.int64)
        matches[1:] = (self.matches + 1) * (self.symbols == symbol)
        symbols = np.empty(count + 1, dtype=np.int64)
        symbols[:count] = self.symbols
        symbols[count] = symbol
        self.matches, self.symbols = matches, symbols
        self.usable = np.minimum(matches, _LONGEST)
        newest_first = self.usable[::-1]
        back = int(newest_first.argmax())
        self.longest = int(newest_first[back])
        self.place = count - back if self.longest else -1

    def copy(self) -> "SuffixMemory":
        return SuffixMemory(self.symbols, self.matches, self.usable, self.longest, self.place)


def fading(length: int) -> Floats:
    """Weights of places by age, the newest 1."""
    if length > len(_FADES):
        return _FADE ** np.arange(length - 1, -1, -1, dtype=np.float64)
    return _FADES[len(_FADES) - length :]


def share(followers: Ints, weights: Floats, size: int) -> Floats:
    """Weighted share of each follower; zeros where nothing was found."""
    total = float(weights.sum())
    if total <= 0.0:
        return np.zeros(size)
    return np.bincount(followers, weights=weights, minlength=size)[:size] / total
