"""Having heard these chords, what comes next?

A Listener hears a song chord by chord (repeats of one chord count once, basses aside), keeps the key and
style it
may be in as probabilities, and the song's memory; `candidates` weighs every chord that may follow.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.generation.chords.features import Candidates, gather
from engine.generation.chords.memory import SuffixMemory
from engine.generation.chords.model import STYLES, ChordModel, Qualities
from engine.generation.chords.vocabulary import START, reduced_to_sevenths
from engine.music import Chord, Key

_KEY_DRIFT = 0.003  # chance of a new tonic at each chord
_STYLE_DRIFT = 0.01
_GIVEN_KEY_TRUST = 60.0  # how much likelier a given tonic is than any other
_HIT_PACE = 0.2


@dataclass(slots=True)
class Listener:
    model: ChordModel
    qualities: Qualities
    belief: NDArray[np.float64]  # tonic x style
    exact: SuffixMemory
    triad: SuffixMemory
    motion: SuffixMemory
    roots: NDArray[np.int64]
    places: NDArray[np.int64]  # index of the quality
    hits: NDArray[np.float64]  # how often the song did again what it did before, by length of the match

    @staticmethod
    def of(
        model: ChordModel, key: Key | None = None, style: str = "", extra_qualities: tuple[str, ...] = ()
    ) -> "Listener":
        """A listener that has heard nothing. A given key or style is trusted more than any other."""
        belief = np.ones((12, len(STYLES)))
        if key is not None:
            belief[key.tonic] *= _GIVEN_KEY_TRUST
        if style in STYLES:
            belief[:, STYLES.index(style)] *= 200.0
        return Listener(
            model,
            model.qualities.with_also(extra_qualities),
            belief / belief.sum(),
            SuffixMemory(),
            SuffixMemory(),
            SuffixMemory(),
            np.zeros(0, dtype=np.int64),
            np.zeros(0, dtype=np.int64),
            np.full(4, 0.5),
        )

    def copy(self) -> "Listener":
        """An independent listener; arrays are shared until they grow."""
        return Listener(
            self.model,
            self.qualities,
            self.belief,
            self.exact.copy(),
            self.triad.copy(),
            self.motion.copy(),
            self.roots,
            self.places,
            self.hits.copy(),
        )

    def knowing(self, quality: str) -> "Listener":
        """Itself, or a copy that also knows a rare quality; places of known ones stay as they are."""
        if quality in self.qualities.names:
            return self
        wider = self.copy()
        wider.qualities = self.qualities.with_also((quality,))
        return wider

    def __len__(self) -> int:
        return len(self.roots)

    @property
    def tonic(self) -> int:
        """The likeliest tonic."""
        return int(self.belief.sum(axis=1).argmax())

    @property
    def style(self) -> str:
        return STYLES[int(self.belief.sum(axis=0).argmax())]

    def place_of(self, quality: str) -> int:
        """Index of a quality; the plainest of its class when the listener was not told of it."""
        names = self.qualities.names
        if quality in names:
            return names.index(quality)
        return names.index(reduced_to_sevenths(quality))

    def hear(self, chord: Chord) -> None:
        """One more chord; no-chord and a repeat of the last one change nothing."""
        if chord.is_no_chord:
            return
        place = self.place_of(chord.quality)
        if len(self) and self.roots[-1] == chord.root and self.places[-1] == place:
            return
        self._update_belief(chord.root, place)
        symbol = chord.root * 256 + place
        self._update_hits(symbol)
        seventh, triad = int(self.qualities.sevenths[place]), int(self.qualities.triads[place])
        if len(self):
            step = (chord.root - int(self.roots[-1])) % 12
            self.motion.push(step * 16 + seventh)
        self.exact.push(symbol)
        self.triad.push(chord.root * 8 + triad)
        self.roots = np.append(self.roots, chord.root)
        self.places = np.append(self.places, place)

    def candidates(self) -> Candidates:
        """Chords that may follow with their features; probabilities come from the mixer."""
        return gather(self)

    def _update_belief(self, root: int, place: int) -> None:
        tonics = np.arange(12)
        symbols = (root - tonics) % 12 * 16 + int(self.qualities.sevenths[place])
        if len(self):
            before = (int(self.roots[-1]) - tonics) % 12 * 16 + int(self.qualities.sevenths[self.places[-1]])
        else:
            before = np.full(12, START)
        belief = self.belief * np.exp(self.model.pairs[:, before, symbols].T)
        belief /= belief.sum()
        by_style, by_tonic = belief.sum(axis=0), belief.sum(axis=1)
        belief = (1 - _KEY_DRIFT) * belief + _KEY_DRIFT / 12 * by_style
        self.belief = (1 - _STYLE_DRIFT) * belief + _STYLE_DRIFT / len(STYLES) * by_tonic[:, None]

    def _update_hits(self, symbol: int) -> None:
        length, place = self.exact.longest, self.exact.place
        if length:
            bucket = min(3, length.bit_length() - 1)
            hit = float(self.exact.symbols[place] == symbol)
            self.hits = self.hits.copy()
            self.hits[bucket] += _HIT_PACE * (hit - self.hits[bucket])
