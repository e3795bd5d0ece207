"""One progression, drawn chord by chord from model and song memory, in a given character.

A character leans the draw one way (falling fifths, borrowed colour ...); the way into what follows - a
locked chord, the next
bar, the cadence - leans the last chords.
"""

from collections.abc import Mapping, Sequence
from enum import Enum
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from engine.generation.chords.features import NAMES, Candidates
from engine.generation.chords.lattice_counted import mode_fit, place_odds, style_weights
from engine.generation.chords.listener import Listener
from engine.generation.chords.setting import Setting
from engine.generation.chords.spans import locked_at
from engine.generation.chords.stylecolours import style_colours
from engine.generation.chords.vocabulary import TRIAD_OF_SEVENTH, seventh_class
from engine.generation.registry import Checkpoint
from engine.music import Chord
from engine.music.roman import Colour, colour_of

Weights = NDArray[np.float64]


class Character(Enum):
    """What an idea is about."""

    CLOSE = "closest to your song"
    FRESH = "a new way"
    FIFTHS = "falling fifths"
    BORROWED = "borrowed colour"
    BASS = "a bass line that walks"
    COLOUR = "richer chords"


_TEMPERATURE = {
    Character.CLOSE: 0.55,
    Character.FRESH: 0.95,
    Character.FIFTHS: 0.7,
    Character.BORROWED: 0.7,
    Character.BASS: 0.7,
    Character.COLOUR: 0.75,
}
_PLACE_WEIGHT = 1.5
_LIKELY, _BOLDEST = 4.6, 6.5  # a chord drawn is at most this much (nats) less likely than the likeliest
_TRIADS = np.array(TRIAD_OF_SEVENTH)
_LONGEST = NAMES.index("longest")
_DEGREES = NAMES.index("degrees4")


class Walk:
    """Draws progressions over slots for one setting."""

    def __init__(self, setting: Setting, checkpoint: Checkpoint) -> None:
        self._setting = setting
        self._checkpoint = checkpoint
        self.warmth = 1.0  # above 1: bolder draws, when calm ones come out alike
        self._tonic = setting.key.tonic
        self._is_minor = setting.key.mode.is_minor
        pairs = np.exp(setting.model.chords.pairs.astype(np.float64))
        self._pairs = np.tensordot(style_weights(setting), pairs, axes=1)
        self._mode_fit = np.log(mode_fit(self._is_minor))
        self._place_odds = place_odds(setting)
        self._colours = style_colours(setting.request.controls.style)

    def progression(
        self,
        edges: Sequence[int],
        character: Character,
        random: np.random.Generator,
        settled: Mapping[int, Chord] = MappingProxyType({}),
    ) -> list[Chord]:
        """A chord for every slot; `settled` chords (by start tick) and locks stand. Ends open, towards its
        beginning."""
        setting = self._setting
        chosen: list[Chord] = []
        colours = 0
        for slot, start in enumerate(edges[:-1]):
            self._checkpoint()
            chord = locked_at(start, setting.locked) or settled.get(start)
            if chord is None:
                target = self._target(edges, slot, chosen, settled)
                place = setting.phrase_place(start)
                chord = self._draw(chosen, character, target, colours, place, random)
            colours += colour_of(chord, setting.key) is not Colour.DIATONIC
            chosen.append(chord)
        return chosen

    def _target(
        self, edges: Sequence[int], slot: int, chosen: Sequence[Chord], settled: Mapping[int, Chord]
    ) -> Chord | None:
        """What comes right after the slot where it is known: a lock, a settled chord, the next bar, the
        beginning."""
        setting = self._setting
        if slot < len(edges) - 2:
            return locked_at(edges[slot + 1], setting.locked) or settled.get(edges[slot + 1])
        if setting.chord_after is not None:
            return setting.chord_after
        if not chosen:
            return None
        return setting.before[0].chord if setting.before else chosen[0]

    def _draw(
        self,
        chosen: Sequence[Chord],
        character: Character,
        target: Chord | None,
        colours: int,
        place: int,
        random: np.random.Generator,
    ) -> Chord:
        listener, found, scores = self._setting.foresight.after(chosen)
        kinds = listener.qualities.sevenths[found.places]
        relative = (found.roots - self._tonic) % 12 * 16 + kinds
        weights = scores / (_TEMPERATURE.get(character, 0.7) * self.warmth)
        weights += self._mode_fit[relative] * (1.6 if len(listener) < 8 else 0.8)
        symbols = relative // 16 * 8 + _TRIADS[kinds]
        weights += _PLACE_WEIGHT * self._place_odds[place][symbols]
        weights += self._leaning(listener, found, kinds, character, colours)
        weights += self._onward(relative, target) + self._colours[kinds]
        is_bold = character is Character.BORROWED or self._colours.any()
        least = _BOLDEST if is_bold else _LIKELY
        top = (weights > weights.max() - 5.0) & (scores > scores.max() - least * self.warmth)
        weights = np.where(top, weights, -1e9)
        choice = int((weights + random.gumbel(size=len(weights))).argmax())
        return Chord(int(found.roots[choice]), listener.qualities.names[int(found.places[choice])])

    def _leaning(
        self,
        listener: Listener,
        found: Candidates,
        kinds: NDArray[np.int64],
        character: Character,
        colours: int,
    ) -> Weights:
        lean = np.zeros(len(found.roots))
        last = int(listener.roots[-1]) if len(listener) else self._tonic
        if character is Character.FRESH:
            lean -= 0.5 * (found.features[:, _LONGEST] - np.log(0.01)).astype(np.float64)
        elif character is Character.FIFTHS:
            lean += 1.8 * ((found.roots - last) % 12 == 5)
        elif character is Character.BORROWED:
            wish = 1.6 if self._is_minor else 2.6
            lean += (wish if colours < 2 else -1.5) * self._borrowed(listener, found)
        elif character is Character.BASS:
            lean += 0.9 * np.isin((found.roots - last) % 12, (1, 2, 10, 11))
        elif character is Character.COLOUR:
            lean += 1.2 * np.isin(kinds, (2, 5, 8, 12)) + 0.8 * (kinds == 4)
        return lean

    def _borrowed(self, listener: Listener, found: Candidates) -> Weights:
        names = listener.qualities.names
        key = self._setting.key
        pairs = zip(found.roots.tolist(), found.places.tolist(), strict=True)
        colours = [colour_of(Chord(root, names[place]), key) for root, place in pairs]
        likely = found.features[:, _DEGREES] > np.log(0.003)
        return np.asarray(np.array([colour is Colour.BORROWED for colour in colours], dtype=float) * likely)

    def _onward(self, relative: NDArray[np.int64], target: Chord | None) -> Weights:
        """Leaning towards what the slot leads into."""
        if target is None or target.is_no_chord:
            return np.zeros(len(relative))
        into = self._relative(target)
        lean = 0.9 * np.log(self._pairs[relative, into] + 1e-3)
        return np.asarray(np.where(relative == into, np.log(0.02), lean))

    def _relative(self, chord: Chord) -> int:
        return (chord.root - self._tonic) % 12 * 16 + int(seventh_class(chord.quality))
