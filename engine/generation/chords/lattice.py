"""Which chords carry this melody, follow each other well, and change where chords change?

A hidden Markov lattice over slots (half bars by default): transitions are the model's pairs in the song's
style, emissions
the melody fit, holding or changing the harmonic rhythm of the style. Decoded by Viterbi or sampled backwards
(Rabiner 1989; Frühwirth-Schnatter 1994). States are (root, seventh class) of everyday use in the key.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.generation.chords.listener import Listener
from engine.generation.chords.melodyfit import MelodyFit
from engine.generation.chords.metre import metre_class, pulse_offsets
from engine.generation.chords.model import STYLES
from engine.generation.chords.setting import Setting
from engine.generation.chords.spans import cut_at_locks, locked_at
from engine.generation.chords.vocabulary import SEVENTH_NAMES, START, TRIAD_OF_SEVENTH, seventh_class
from engine.music import Chord, Metre

Grid = NDArray[np.float64]
_LEAST_USE = 0.0012
_NEVER = -1e6
UNUSUAL = -7.0
EMISSION_WEIGHT = 1.3
PLACE_WEIGHT = 0.8
HOLD_COST = 0.7  # tuned on valid to the rate at which people change chords


class Lattice:
    """Slots, states and log weights of one region. A bias is slots x 12 x 16 (absolute roots), added to the
    melody fit."""

    def __init__(self, setting: Setting, edges: Sequence[int], fit: MelodyFit) -> None:
        self.edges = cut_at_locks(edges, setting.locked)
        self._setting = setting
        self._listener = setting.listener
        self._style = style_weights(setting)
        pairs = np.exp(setting.model.chords.pairs.astype(np.float64))
        self._pairs = np.tensordot(self._style, pairs, axes=1)  # 256 x 192, tonic-relative
        self._locks = [locked_at(start, setting.locked) for start in self.edges[:-1]]
        self._states = self._everyday_states()
        self._log_pairs = self._transition_table()
        stretches = zip(self.edges[:-1], self.edges[1:], strict=True)
        self._emissions = self._on_states(np.stack([fit.emission(*stretch) for stretch in stretches]))
        self._change = change_chances(setting, self.edges)
        self._vocabulary = self._vocabulary_bias() + PLACE_WEIGHT * self._place_bias()

    @property
    def slots(self) -> int:
        return len(self.edges) - 1

    def decoded(self, bias: Grid | None = None) -> list[Chord]:
        """The best chord for each slot."""
        weights = self._slot_weights(bias)
        best, back = weights[0] + self._first(), []
        for slot in range(1, self.slots):
            scores = best[:, None] + self._step(slot)
            back.append(scores.argmax(axis=0))
            best = scores.max(axis=0) + weights[slot]
        path = [int((best + self._last()).argmax())]
        for pointers in reversed(back):
            path.append(int(pointers[path[-1]]))
        return self._chords(path[::-1])

    def drawn(
        self, random: np.random.Generator, temperature: float, count: int, bias: Grid | None = None
    ) -> list[list[Chord]]:
        """Harmonisations drawn from the lattice: forward once, backward for each."""
        weights = self._slot_weights(bias) / temperature
        forward = [weights[0] + self._first() / temperature]
        steps = [self._step(slot) / temperature for slot in range(1, self.slots)]
        for slot, step in enumerate(steps, 1):
            scores = forward[-1][:, None] + step
            top = scores.max(axis=0)
            forward.append(top + np.log(np.exp(scores - top).sum(axis=0)) + weights[slot])
        last = self._last() / temperature
        return [self._chords(_backwards(forward, steps, last, random)) for _ in range(count)]

    def outlook(self) -> "Outlook":
        """For a writer who goes from slot to slot and wants to know what is best sung over later."""
        weights = self._slot_weights(None)
        steps = [self._step(slot) for slot in range(1, self.slots)]
        ahead = [self._last()]
        for step, own in zip(reversed(steps), reversed(weights[1:]), strict=True):
            ahead.append(_log_sum(step + own + ahead[-1]))
        ahead.reverse()
        return Outlook(self._states, [weights[0] + self._first(), *weights[1:]], steps, ahead)

    def _slot_weights(self, bias: Grid | None) -> Grid:
        weights = EMISSION_WEIGHT * self._emissions + self._vocabulary
        if bias is not None:
            weights = weights + self._on_states(bias)
        for slot, lock in enumerate(self._locks):
            if lock is not None and not lock.is_no_chord:
                wanted = lock.root * 16 + seventh_class(lock.quality)
                weights[slot] = np.where(self._states == wanted, weights[slot], _NEVER)
        return weights

    def _everyday_states(self) -> NDArray[np.int64]:
        """Absolute state numbers root * 16 + class."""
        relative = np.flatnonzero(self._unigram() >= _LEAST_USE)
        states = set(((relative + self._setting.key.tonic * 16) % 192).tolist())
        outside = [span.chord for span in (*self._setting.before, *self._setting.after)]
        for chord in [*outside, *(lock for lock in self._locks if lock is not None)]:
            if not chord.is_no_chord:
                states.add(chord.root * 16 + int(seventh_class(chord.quality)))
        return np.array(sorted(states), dtype=np.int64)

    def _unigram(self) -> Grid:
        level = self._setting.model.chords.degrees.levels[0]
        use = np.zeros(192)
        use[level.symbols] = level.counts @ self._style
        mode = mode_fit(self._setting.key.mode.is_minor)
        return np.asarray(use * mode / (use * mode).sum())

    def _transition_table(self) -> Grid:
        """Log p of a change between states; the chord itself is no change."""
        relative = (self._states - self._setting.key.tonic * 16) % 192
        table = self._pairs[np.ix_(relative, relative)] * mode_fit(self._setting.key.mode.is_minor)[relative]
        np.fill_diagonal(table, 0.0)
        return np.asarray(np.log(table / table.sum(axis=1, keepdims=True) + 1e-5))

    def _step(self, slot: int) -> Grid:
        change = float(np.clip(self._change[slot], 0.02, 0.98))
        step = self._log_pairs + np.log(change)
        np.fill_diagonal(step, np.log(1.0 - change) - HOLD_COST)
        return np.asarray(step)

    def _first(self) -> Grid:
        relative = (self._states - self._setting.key.tonic * 16) % 192
        before = self._setting.chord_before
        row = START if before is None else self._relative(before)
        weights = self._pairs[row][relative] * mode_fit(self._setting.key.mode.is_minor)[relative]
        if before is not None:
            weights[self._states == before.root * 16 + seventh_class(before.quality)] += 0.2
        return np.asarray(np.log(weights + 1e-5))

    def _last(self) -> Grid:
        """How well the last slot leads on, or closes."""
        relative = (self._states - self._setting.key.tonic * 16) % 192
        after = self._setting.chord_after
        if after is not None:
            leading = np.log(self._pairs[relative, self._relative(after)] + 1e-4)
            leading[self._states == after.root * 16 + seventh_class(after.quality)] = np.log(0.15)
            return np.asarray(leading)
        if not self._setting.ends_section:
            return np.zeros(len(self._states))
        home_third = 1 if self._setting.key.mode.is_minor else 0
        is_home = (relative // 16 == 0) & (np.array(TRIAD_OF_SEVENTH)[relative % 16] == home_third)
        return np.where(is_home, np.log(8.0), 0.0)

    def _relative(self, chord: Chord) -> int:
        return (chord.root - self._setting.key.tonic) % 12 * 16 + int(seventh_class(chord.quality))

    def _vocabulary_bias(self) -> Grid:
        """The song's own seventh classes within each triad class, against the style's."""
        own = np.bincount(self._listener.qualities.sevenths[self._listener.places], minlength=16).astype(
            float
        )
        if own.sum() < 3:
            return np.zeros(len(self._states))
        triads = np.array(TRIAD_OF_SEVENTH)
        general = np.bincount(np.arange(192) % 16, self._unigram(), 16) + 1e-4
        own = own + 2.0 * general
        ratio = own / np.bincount(triads, own, 8)[triads]
        usual = general / np.bincount(triads, general, 8)[triads]
        trust = own.sum() / (own.sum() + 6.0)
        return np.asarray(trust * np.log(ratio / usual)[self._states % 16])

    def _place_bias(self) -> Grid:
        """Where in the phrase people put which chords, slot by slot."""
        table = place_odds(self._setting)
        relative = (self._states - self._setting.key.tonic * 16) % 192
        symbols = relative // 16 * 8 + np.array(TRIAD_OF_SEVENTH)[relative % 16]
        places = [self._setting.phrase_place(edge) for edge in self.edges[:-1]]
        return np.asarray(table[np.array(places)][:, symbols])

    def _on_states(self, grids: Grid) -> Grid:
        return grids.reshape(len(grids), 192)[:, self._states]

    def _chords(self, path: Sequence[int]) -> list[Chord]:
        chosen = []
        for slot, state in enumerate(path):
            root, kind = divmod(int(self._states[state]), 16)
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


def style_weights(setting: Setting) -> Grid:
    """How much each style of the corpus speaks, from the request's words or the song; sums to 1."""
    listener = setting.listener
    if len(listener) < 4 and not setting.style:
        weights = np.array([0.3, 0.15, 0.1, 0.3, 0.15, 0.0, 0.0, 0.0])
    else:
        weights = np.maximum(listener.belief.sum(axis=0), 0.02)
    if setting.style:
        weights = 0.15 * weights + 0.85 * (np.array(STYLES) == setting.style)
    return np.asarray(weights / weights.sum())


def place_odds(setting: Setting) -> Grid:
    """Log odds of a tonic-relative triad symbol at each half bar of a four-bar phrase, in the song's
    style."""
    return np.tensordot(style_weights(setting), setting.model.tables["place"].astype(np.float64), axes=1)


def mode_fit(is_minor: bool) -> Grid:
    """Tonic-relative weights that keep the mode: in major no minor tonic, in minor no major one."""
    weights = np.ones((12, 16))
    triads = np.array(TRIAD_OF_SEVENTH)
    wrong = 0 if is_minor else 1
    weights[0, triads == wrong] = 0.02 if not is_minor else 0.05
    if is_minor:
        weights[[4, 9, 11, 2], 6] = 0.05
        weights[[9, 4, 2, 11], 8] = 0.05
        weights[5, [0, 3]] = 0.4
        weights[4, :6] = 0.1
    else:
        weights[[3, 8, 10], 0] = 0.6
        weights[7, 6] = 0.5
    return weights.ravel()


def change_chances(setting: Setting, edges: Sequence[int]) -> list[float]:
    """For each slot how likely a chord begins there: the song's own habit, else the style's."""
    table = np.tensordot(style_weights(setting), setting.model.tables["rhythm"], axes=1).sum(axis=1)
    own = setting.own_patterns
    time_map = setting.song.time_map
    chances = []
    for edge in edges[:-1]:
        metre = time_map.metre_at(edge)
        counts = table[metre_class(metre)] / max(1.0, float(table[metre_class(metre)].sum())) * 6.0
        if metre == setting.bars[0].metre:
            counts = counts + np.bincount(np.array(own, dtype=np.int64), minlength=16)
        offsets = pulse_bit(time_map.metrical_offset(edge), metre)
        has = (np.arange(16) >> offsets & 1).astype(bool)
        chances.append(float((counts[has].sum() + 0.05) / (counts.sum() + 0.1)))
    return chances


def pulse_bit(offset: int, metre: Metre) -> int:
    """The bit of the pulse nearest to an offset."""
    pulses = pulse_offsets(metre)
    return min(range(len(pulses)), key=lambda place: abs(pulses[place] - offset))


def spelled(listener: Listener, root: int, kind: int) -> str:
    """The full quality the song would use for this class: its own on that root, its own anywhere, else the
    plain one."""
    qualities = listener.qualities
    of_kind = qualities.sevenths[listener.places] == kind
    for mask in (of_kind & (listener.roots == root), of_kind):
        if mask.any():
            return qualities.names[int(np.bincount(listener.places[mask]).argmax())]
    return SEVENTH_NAMES[kind]


def _backwards(forward: list[Grid], steps: list[Grid], last: Grid, random: np.random.Generator) -> list[int]:
    path = [_pick(forward[-1] + last, random)]
    for slot in range(len(steps) - 1, -1, -1):
        path.append(_pick(forward[slot] + steps[slot][:, path[-1]], random))
    return path[::-1]


def _pick(weights: Grid, random: np.random.Generator) -> int:
    return int((weights + random.gumbel(size=len(weights))).argmax())
