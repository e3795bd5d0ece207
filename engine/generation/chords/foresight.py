"""What may follow, once these chords have been played after the song? Asked often, worked out once.

Candidates of one request share their beginnings: a listener and its weighed candidates are kept for every
beginning.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.generation.chords.features import Candidates
from engine.generation.chords.listener import Listener
from engine.generation.chords.predict import scores_of
from engine.music import Chord

_Heard = tuple[tuple[int, str], ...]  # roots and qualities, no-chords and basses left out
_UNHEARD_BITS = 9.0


class View(NamedTuple):
    """What the listener sees: the candidates and their log probabilities (nats)."""

    listener: Listener
    found: Candidates
    logs: NDArray[np.float64]


class Foresight:
    def __init__(self, listener: Listener) -> None:
        self._listeners: dict[_Heard, Listener] = {(): listener}
        self._views: dict[_Heard, View] = {}

    def after(self, chords: Sequence[Chord]) -> View:
        """The candidates after the song and these chords."""
        heard = tuple((chord.root, chord.quality) for chord in chords if not chord.is_no_chord)
        if heard not in self._views:
            listener = self._listener(heard)
            found = listener.candidates()
            scores = scores_of(listener, found)
            top = scores.max()
            self._views[heard] = View(listener, found, scores - top - np.log(np.exp(scores - top).sum()))
        return self._views[heard]

    def surprises(self, chords: Sequence[Chord]) -> list[float]:
        """Bits of each change, given the song and the chords before it."""
        sounding = [chord for chord in chords if not chord.is_no_chord]
        bits = []
        for place, chord in enumerate(sounding):
            view = self.after(sounding[:place])
            heard = view.listener
            is_change = not len(heard) or (
                (int(heard.roots[-1]), heard.qualities.names[int(heard.places[-1])])
                != (chord.root, chord.quality)
            )
            if is_change:
                bits.append(_bits(view, chord))
        return bits

    def _listener(self, heard: _Heard) -> Listener:
        known = len(heard)
        while heard[:known] not in self._listeners:
            known -= 1
        listener = self._listeners[heard[:known]]
        for place in range(known, len(heard)):
            root, quality = heard[place]
            listener = listener.copy().knowing(quality)
            listener.hear(Chord(root, quality))
            self._listeners[heard[: place + 1]] = listener
        return listener


def _bits(view: View, chord: Chord) -> float:
    names = view.listener.qualities.names
    if chord.quality not in names:
        return _UNHEARD_BITS
    here = (view.found.roots == chord.root) & (view.found.places == names.index(chord.quality))
    return min(_UNHEARD_BITS, float(-view.logs[here][0] / np.log(2.0))) if here.any() else _UNHEARD_BITS
