"""Which chords carry this melody, follow each other well, and change where chords change?

A hidden Markov lattice over slots (half bars by default). What speaks for each chord and each move comes from
the harmoniser that hears the whole melody (`lattice_learnt`) or, without it, from counted habits and the
melody fit (`lattice_counted`). Decoded by Viterbi or sampled backwards (Rabiner 1989; Frühwirth-Schnatter
1994). States are (root, seventh class).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from engine.api.suggestion import Take
from engine.generation.chords.lattice_choice import Belief, best_path
from engine.generation.chords.lattice_counted import counted_ways
from engine.generation.chords.lattice_learnt import learnt_ways
from engine.generation.chords.lattice_ways import Grid, Ways
from engine.generation.chords.listener import Listener
from engine.generation.chords.melodyfit import MelodyFit
from engine.generation.chords.setting import Setting
from engine.generation.chords.spans import cut_at_locks, locked_at
from engine.generation.chords.stylecolours import style_colours
from engine.generation.chords.vocabulary import SEVENTH_NAMES, TRIAD_OF_SEVENTH, seventh_class
from engine.generation.harmoniser.store import harmoniser_in_use
from engine.music import Chord

_NEVER = -1e6
UNUSUAL = -7.0


class Lattice:
    """Slots, states and log weights of one region. A bias is slots x 12 x 16 (absolute roots), added to what
    the melody says."""

    def __init__(self, setting: Setting, edges: Sequence[int], fit: MelodyFit) -> None:
        self.edges = cut_at_locks(edges, setting.locked)
        self._listener = setting.listener
        self._colours = style_colours(setting.request.controls.style)
        self._locks = [locked_at(start, setting.locked) for start in self.edges[:-1]]
        self._harmoniser = harmoniser_in_use() if setting.melody else None
        if self._harmoniser is not None:
            self._ways = learnt_ways(setting, self.edges, self._harmoniser.network)
        else:
            self._ways = counted_ways(setting, self.edges, self._locks, fit)

    @property
    def is_learnt(self) -> bool:
        """Does the harmoniser speak in it?"""
        return self._harmoniser is not None

    def signed(self, take: Take) -> Take:
        """The take with the model that wrote it."""
        return take if self._harmoniser is None else replace(take, model=self._harmoniser.ref)

    @property
    def slots(self) -> int:
        return len(self.edges) - 1

    def decoded(self, bias: Grid | None = None) -> list[Chord]:
        """The best path."""
        weights = self._slot_weights(bias)
        weights[0] += self._ways.first
        weights[-1] += self._ways.last
        return self._chords(best_path(weights, self._steps))

    def likeliest(self) -> list[Chord]:
        """The path that people are expected to agree with most, as varied as theirs (`lattice_choice`)."""
        lengths = np.diff(self.edges)
        roots, kinds = np.divmod(self._ways.states, 16)
        triads = roots * 16 + np.array(TRIAD_OF_SEVENTH)[kinds]
        lasting = lengths / lengths.mean()
        belief = Belief(roots, triads, self._shares, self._moving, self._steps, lasting)
        return self._chords(belief.chosen())

    @cached_property
    def _shares(self) -> Grid:
        """Probability of every state in every slot (forward and backward)."""
        told = np.stack(self._forward) + np.stack(self._outlook.ahead)
        return np.exp(told - _log_sum(told)[:, None])

    @cached_property
    def _forward(self) -> list[Grid]:
        """Log weight of all ways that lead to every state of every slot."""
        return _forward(self._ways, self._slot_weights(None))

    @cached_property
    def _steps(self) -> list[Grid]:
        """Log weights from each slot to the next."""
        return [self._ways.step(slot) for slot in range(1, self.slots)]

    @cached_property
    def _moving(self) -> list[float]:
        """Probability that another root begins with each slot but the first."""
        weights, ahead = self._slot_weights(None), self._outlook.ahead
        return [
            self._ways.root_moves(self._forward[slot - 1], weights[slot] + ahead[slot], slot)
            for slot in range(1, self.slots)
        ]

    def drawn(
        self, random: np.random.Generator, temperature: float, count: int, bias: Grid | None = None
    ) -> list[list[Chord]]:
        """Harmonisations drawn from the lattice: forward once, backward for each."""
        ways = self._ways.tempered(temperature)
        forward = _forward(ways, self._slot_weights(bias) / temperature)
        return [self._chords(_backwards(ways, forward, random)) for _ in range(count)]

    def outlook(self) -> "Outlook":
        """For a writer who goes from slot to slot and wants to know what is best sung over later."""
        return self._outlook

    @cached_property
    def _outlook(self) -> "Outlook":
        weights = self._slot_weights(None)
        ahead = [self._ways.last]
        for slot in range(self.slots - 1, 0, -1):
            ahead.append(self._ways.led(weights[slot] + ahead[-1], slot))
        ahead.reverse()
        return Outlook(self._ways.states, [weights[0] + self._ways.first, *weights[1:]], self._steps, ahead)

    def _slot_weights(self, bias: Grid | None) -> Grid:
        states = self._ways.states
        weights = self._ways.own + self._colours[self._ways.states % 16]
        if bias is not None:
            weights += bias.reshape(len(bias), 192)[:, states]
        for slot, lock in enumerate(self._locks):
            if lock is not None and not lock.is_no_chord:
                wanted = lock.root * 16 + seventh_class(lock.quality)
                weights[slot] = np.where(states == wanted, weights[slot], _NEVER)
        return weights

    def _chords(self, path: Sequence[int]) -> list[Chord]:
        chosen = []
        for slot, state in enumerate(path):
            root, kind = divmod(int(self._ways.states[state]), 16)
            chosen.append(self._locks[slot] or Chord(root, spelled(self._listener, root, kind)))
        return chosen


@dataclass(frozen=True)
class Outlook:
    """The lattice seen from its beginning. Log probabilities are over 12 absolute roots x 16 seventh classes,
    UNUSUAL for what is no state."""

    states: NDArray[np.int64]
    weights: Sequence[Grid]
    steps: Sequence[Grid]
    ahead: Sequence[Grid]

    def chords(self, slot: int, before: Chord | None) -> Grid:
        """What may stand in the slot after the chord (None, or no state: whatever stood before)."""
        place = None if before is None else self._place(before)
        own = self.weights[slot] + self.ahead[slot]
        if slot and place is not None:
            own = own + self.steps[slot - 1][place]
        found = np.full(192, UNUSUAL)
        found[self.states] = np.maximum(own - _log_sum(own), UNUSUAL)
        return found.reshape(12, 16)

    def holding(self, slot: int, chord: Chord) -> tuple[float, float]:
        """Log probabilities that a chord goes on into the slot, and that another begins there."""
        place = self._place(chord)
        if place is None:
            return np.log(0.5), np.log(0.5)
        own = self.steps[slot - 1][place] + self.weights[slot] + self.ahead[slot]
        stays = float(own[place] - _log_sum(own))
        return max(stays, UNUSUAL), max(float(np.log1p(-min(np.exp(stays), 0.999))), UNUSUAL)

    def _place(self, chord: Chord) -> int | None:
        state = chord.root * 16 + int(seventh_class(chord.quality))
        found = int(np.searchsorted(self.states, state))
        return found if found < len(self.states) and self.states[found] == state else None


def _log_sum(rows: Grid) -> Grid:
    """Log of the sum of exponentials over the last axis."""
    top = rows.max(axis=-1, keepdims=True)
    return np.asarray(np.log(np.exp(rows - top).sum(axis=-1)) + top[..., 0])


def spelled(listener: Listener, root: int, kind: int) -> str:
    """The full quality the song would use for this class: its own on that root, its own anywhere, else the
    plain one."""
    qualities = listener.qualities
    of_kind = qualities.sevenths[listener.places] == kind
    for mask in (of_kind & (listener.roots == root), of_kind):
        if mask.any():
            return qualities.names[int(np.bincount(listener.places[mask]).argmax())]
    return SEVENTH_NAMES[kind]


def _forward(ways: Ways, weights: Grid) -> list[Grid]:
    forward = [weights[0] + ways.first]
    for slot in range(1, len(weights)):
        forward.append(ways.reached(forward[-1], slot) + weights[slot])
    return forward


def _backwards(ways: Ways, forward: list[Grid], random: np.random.Generator) -> list[int]:
    path = [_pick(forward[-1] + ways.last, random)]
    for slot in range(len(forward) - 1, 0, -1):
        path.append(_pick(forward[slot - 1] + ways.step(slot)[:, path[-1]], random))
    return path[::-1]


def _pick(weights: Grid, random: np.random.Generator) -> int:
    return int((weights + random.gumbel(size=len(weights))).argmax())
