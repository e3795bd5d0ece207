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
from engine.generation.chords.lattice_counted import counted_ways
from engine.generation.chords.lattice_learnt import learnt_ways
from engine.generation.chords.lattice_ways import Grid
from engine.generation.chords.listener import Listener
from engine.generation.chords.melodyfit import MelodyFit
from engine.generation.chords.setting import Setting
from engine.generation.chords.spans import cut_at_locks, locked_at
from engine.generation.chords.vocabulary import SEVENTH_NAMES, seventh_class
from engine.generation.harmoniser.store import harmoniser_in_use
from engine.music import Chord

_NEVER, _LEAST = -1e6, 1e-6
UNUSUAL = -7.0
RIGHT, COLOUR, LEADS = 8.0, 0.6, 0.1
"""What a right root is worth beside its colour and the way from chord to chord; chosen on the valid part."""
RARE, MOVES = 0.6, 3.0
"""How much of its usual share in the song is taken from a colour, and what a move to another root is worth
where it is sure: the single best path moves less and is plainer than people; chosen there too."""


class Lattice:
    """Slots, states and log weights of one region. A bias is slots x 12 x 16 (absolute roots), added to what
    the melody says."""

    def __init__(self, setting: Setting, edges: Sequence[int], fit: MelodyFit) -> None:
        self.edges = cut_at_locks(edges, setting.locked)
        self._listener = setting.listener
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
        best, back = weights[0] + self._ways.first, []
        for slot in range(1, self.slots):
            scores = best[:, None] + self._ways.step(slot)
            back.append(scores.argmax(axis=0))
            best = scores.max(axis=0) + weights[slot]
        return self._chords(_traced(best + self._ways.last, back))

    def likeliest(self) -> list[Chord]:
        """The path with most likely roots that also leads on and moves as often as people move: the likeliest
        root of every slot alone may not follow from the one before."""
        roots = self._ways.states // 16
        moves = MOVES * (roots[:, None] != roots)
        worth = self._worth()
        best, back = worth[0], []
        for slot in range(1, self.slots):
            scores = best[:, None] + LEADS * self._ways.step(slot) + moves * self._moving[slot - 1]
            back.append(scores.argmax(axis=0))
            best = scores.max(axis=0) + worth[slot]
        return self._chords(_traced(best, back))

    def _worth(self) -> Grid:
        """Of every state in every slot: how likely is its root, how much likelier than usual its colour?"""
        shares, roots, kinds = self._shares, self._ways.states // 16, self._ways.states % 16
        by_root = np.stack([shares[:, roots == root].sum(axis=1) for root in range(12)], axis=1)[:, roots]
        usual = np.array([shares[:, kinds == kind].sum(axis=1).mean() for kind in range(16)])[kinds]
        colour = np.log(shares / np.maximum(by_root, _LEAST) + _LEAST) - RARE * np.log(usual + _LEAST)
        lengths = np.diff(self.edges) / np.diff(self.edges).mean()
        return np.asarray(RIGHT * by_root * lengths[:, None] + COLOUR * colour)

    @cached_property
    def _shares(self) -> Grid:
        """Probability of every state in every slot (forward and backward)."""
        told = np.stack(self._forward) + np.stack(self._outlook.ahead)
        return np.exp(told - _log_sum(told)[:, None])

    @cached_property
    def _forward(self) -> list[Grid]:
        """Log weight of all ways that lead to every state of every slot."""
        weights = self._slot_weights(None)
        forward = [weights[0] + self._ways.first]
        for slot in range(1, self.slots):
            forward.append(_log_sum((forward[-1][:, None] + self._ways.step(slot)).T) + weights[slot])
        return forward

    @cached_property
    def _moving(self) -> list[float]:
        """Probability that another root begins with each slot but the first."""
        weights, ahead, roots = self._slot_weights(None), self._outlook.ahead, self._ways.states // 16
        found, is_same = [], roots[:, None] == roots
        for slot in range(1, self.slots):
            pairs = self._forward[slot - 1][:, None] + self._ways.step(slot) + weights[slot] + ahead[slot]
            shares = np.exp(pairs - pairs.max())
            found.append(1.0 - float(shares[is_same].sum() / shares.sum()))
        return found

    def drawn(
        self, random: np.random.Generator, temperature: float, count: int, bias: Grid | None = None
    ) -> list[list[Chord]]:
        """Harmonisations drawn from the lattice: forward once, backward for each."""
        weights = self._slot_weights(bias) / temperature
        forward = [weights[0] + self._ways.first / temperature]
        steps = [self._ways.step(slot) / temperature for slot in range(1, self.slots)]
        for slot, step in enumerate(steps, 1):
            forward.append(_log_sum((forward[-1][:, None] + step).T) + weights[slot])
        last = self._ways.last / temperature
        return [self._chords(_backwards(forward, steps, last, random)) for _ in range(count)]

    def outlook(self) -> "Outlook":
        """For a writer who goes from slot to slot and wants to know what is best sung over later."""
        return self._outlook

    @cached_property
    def _outlook(self) -> "Outlook":
        weights = self._slot_weights(None)
        steps = [self._ways.step(slot) for slot in range(1, self.slots)]
        ahead = [self._ways.last]
        for step, own in zip(reversed(steps), reversed(weights[1:]), strict=True):
            ahead.append(_log_sum(step + own + ahead[-1]))
        ahead.reverse()
        return Outlook(self._ways.states, [weights[0] + self._ways.first, *weights[1:]], steps, ahead)

    def _slot_weights(self, bias: Grid | None) -> Grid:
        states = self._ways.states
        weights = self._ways.own.copy()
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


def _traced(last: Grid, back: Sequence[NDArray[np.int64]]) -> list[int]:
    """The best path to the best end."""
    path = [int(last.argmax())]
    for pointers in reversed(back):
        path.append(int(pointers[path[-1]]))
    return path[::-1]


def _backwards(forward: list[Grid], steps: list[Grid], last: Grid, random: np.random.Generator) -> list[int]:
    path = [_pick(forward[-1] + last, random)]
    for slot in range(len(steps) - 1, -1, -1):
        path.append(_pick(forward[slot] + steps[slot][:, path[-1]], random))
    return path[::-1]


def _pick(weights: Grid, random: np.random.Generator) -> int:
    return int((weights + random.gumbel(size=len(weights))).argmax())
