"""What do counted habits say of chords under a melody?

Transitions are the model's pairs in the song's style, emissions the melody fit, holding or changing the
harmonic rhythm of the style. States are the chords of everyday use in the key, and the song's own.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.generation.chords.lattice_ways import Grid, Ways, is_home
from engine.generation.chords.melodyfit import MelodyFit
from engine.generation.chords.metre import metre_class, pulse_offsets
from engine.generation.chords.model import STYLES
from engine.generation.chords.setting import Setting
from engine.generation.chords.vocabulary import START, TRIAD_OF_SEVENTH, seventh_class
from engine.music import Chord, Metre

_LEAST_USE = 0.0012
EMISSION_WEIGHT = 1.3
PLACE_WEIGHT = 0.8
HOLD_COST = 0.7  # tuned on valid to the rate at which people change chords
_HOME = 8.0


def counted_ways(
    setting: Setting, edges: Sequence[int], locks: Sequence[Chord | None], fit: MelodyFit
) -> Ways:
    """The weights for slots between these edges; `locks`: the chord that must stand in a slot."""
    return _Counted(setting, edges, locks).ways(fit)


class _Counted:
    def __init__(self, setting: Setting, edges: Sequence[int], locks: Sequence[Chord | None]) -> None:
        self._setting, self._edges = setting, edges
        self._style = style_weights(setting)
        pairs = np.exp(setting.model.chords.pairs.astype(np.float64))
        self._pairs = np.tensordot(self._style, pairs, axes=1)  # 256 x 192, tonic-relative
        self._states = self._everyday_states(locks)
        self._relative_states = (self._states - setting.key.tonic * 16) % 192
        self._mode = mode_fit(setting.key.mode.is_minor)

    def ways(self, fit: MelodyFit) -> Ways:
        stretches = zip(self._edges[:-1], self._edges[1:], strict=True)
        sung = np.stack([fit.emission(*stretch) for stretch in stretches])
        own = EMISSION_WEIGHT * sung.reshape(len(sung), 192)[:, self._states]
        change = np.clip(change_chances(self._setting, self._edges), 0.02, 0.98)
        return Ways(
            self._states,
            own + self._vocabulary_bias() + PLACE_WEIGHT * self._place_bias(),
            self._moves(),
            np.log(1.0 - change) - HOLD_COST,
            np.log(change),
            self._first(),
            self._last(),
        )

    def _everyday_states(self, locks: Sequence[Chord | None]) -> NDArray[np.int64]:
        """Absolute state numbers root * 16 + class."""
        relative = np.flatnonzero(self._unigram() >= _LEAST_USE)
        states = set(((relative + self._setting.key.tonic * 16) % 192).tolist())
        outside = [span.chord for span in (*self._setting.before, *self._setting.after)]
        for chord in [*outside, *(lock for lock in locks if lock is not None)]:
            if not chord.is_no_chord:
                states.add(chord.root * 16 + int(seventh_class(chord.quality)))
        return np.array(sorted(states), dtype=np.int64)

    def _unigram(self) -> Grid:
        level = self._setting.model.chords.degrees.levels[0]
        use = np.zeros(192)
        use[level.symbols] = level.counts @ self._style
        mode = mode_fit(self._setting.key.mode.is_minor)
        return np.asarray(use * mode / (use * mode).sum())

    def _moves(self) -> Grid:
        """Log p of a change between states; the chord itself is no change."""
        relative = self._relative_states
        table = self._pairs[np.ix_(relative, relative)] * self._mode[relative]
        np.fill_diagonal(table, 0.0)
        return np.asarray(np.log(table / table.sum(axis=1, keepdims=True) + 1e-5))

    def _first(self) -> Grid:
        relative = self._relative_states
        before = self._setting.chord_before
        row = START if before is None else self._relative(before)
        weights = self._pairs[row][relative] * self._mode[relative]
        if before is not None:
            weights[self._states == before.root * 16 + seventh_class(before.quality)] += 0.2
        return np.asarray(np.log(weights + 1e-5))

    def _last(self) -> Grid:
        """How well the last slot leads on, or closes."""
        after = self._setting.chord_after
        if after is not None:
            leading = np.log(self._pairs[self._relative_states, self._relative(after)] + 1e-4)
            leading[self._states == after.root * 16 + seventh_class(after.quality)] = np.log(0.15)
            return np.asarray(leading)
        if not self._setting.ends_section:
            return np.zeros(len(self._states))
        return np.where(is_home(self._setting, self._states), np.log(_HOME), 0.0)

    def _relative(self, chord: Chord) -> int:
        return (chord.root - self._setting.key.tonic) % 12 * 16 + int(seventh_class(chord.quality))

    def _vocabulary_bias(self) -> Grid:
        """The song's own seventh classes within each triad class, against the style's."""
        own = np.bincount(
            self._setting.listener.qualities.sevenths[self._setting.listener.places], minlength=16
        ).astype(float)
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
        relative = self._relative_states
        symbols = relative // 16 * 8 + np.array(TRIAD_OF_SEVENTH)[relative % 16]
        places = [self._setting.phrase_place(edge) for edge in self._edges[:-1]]
        return np.asarray(table[np.array(places)][:, symbols])


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
