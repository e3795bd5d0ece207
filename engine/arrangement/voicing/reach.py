"""What can the player's hands reach of a chord?

Every set of tones of the chord that two hands, six strings or a few voices can hold is a candidate; of each
top note the cheapest few stay, so that there is a way under any melody. Candidates are kept for chords asked
again.
"""

from collections.abc import Sequence
from functools import lru_cache
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from engine.arrangement.voicing.costs import own_costs
from engine.arrangement.voicing.frets import grips, hand_place
from engine.arrangement.voicing.players import STANDARD_TUNING, Build, Hand, Player
from engine.arrangement.voicing.shapes import SILENT, Costs, Pitches, Shapes
from engine.arrangement.voicing.tones import Tone, chord_tones
from engine.music import Chord, Key

_FOR_EACH_TOP = 8
_MOST = 64
_CONSIDERED = 500
_WIDEST, _WIDEST_UNDER = 12, 19
"""Neighbouring tones of one hand or section lie within an octave, the lowest two within a twelfth."""
_BETWEEN_HANDS = 19
LOWEST, HIGHEST = 24, 87
"""The compass of all players: 64 pitches, so that a voicing is one machine word."""


@lru_cache(maxsize=2_000)
def shapes(chord: Chord, player: Player, key: Key | None = None) -> Shapes | None:
    """The candidates of a chord, cheapest first; None where there is nothing to play."""
    tones = chord_tones(chord, player.colour, player.has_bass, key)
    if not tones:
        return None
    if player.build is Build.FRETS:
        return _fretted(chord, player, tones)
    rows, left = _voices(chord, player.right, tones), None
    if player.build is Build.HANDS and player.left.sizes != (0,):
        rows, left = _two_hands(rows, _voices(chord, player.left, _below(chord, player, tones)))
    hands = np.zeros(len(rows), np.int8) if left is None else left
    cost = own_costs(rows, hands, player, chord, tones)
    kept = _cheapest(cost, rows[:, 0])
    rows = rows[kept]
    return Shapes(rows, rows, hands[kept], cost[kept], _masks(rows), np.zeros(len(rows), np.float32))


def fixed_shape(pitches: Sequence[int], width: int) -> Shapes:
    """One voicing that stands already, as the only candidate."""
    inside = sorted({min(max(pitch, LOWEST), HIGHEST) for pitch in pitches}, reverse=True)[: max(width, 1)]
    rows = np.array([inside], dtype=np.int16)
    nothing = np.zeros(1, np.float32)
    return Shapes(rows, rows, np.zeros(1, np.int8), nothing, _masks(rows), nothing)


def _below(chord: Chord, player: Player, tones: Sequence[Tone]) -> Sequence[Tone]:
    """What the left hand may play: the chord, and its bass where a bass player holds that too."""
    step = (chord.bass_pitch_class - chord.root) % 12
    return tones if any(tone.interval == step for tone in tones) else (*tones, Tone(step, 0.0, 3.0))


def _voices(chord: Chord, hand: Hand, tones: Sequence[Tone]) -> Pitches:
    """Every set of tones the hand reaches, highest first; of smaller sets only where no larger is there."""
    classes = {(chord.root + tone.interval) % 12 for tone in tones}
    low, high = max(hand.low, LOWEST), min(hand.high, HIGHEST)
    reach = np.array([pitch for pitch in range(high, low - 1, -1) if pitch % 12 in classes], dtype=np.int16)
    found = [_sets(reach, min(size, len(reach)), hand) for size in sorted(set(hand.sizes))]
    found = [rows for rows in found if len(rows)] or [reach[:, None]]
    width = max(rows.shape[1] for rows in found)
    return np.concatenate([_padded(rows, width) for rows in found])


def _sets(reach: Pitches, size: int, hand: Hand) -> Pitches:
    rows = reach[_choices(len(reach), size)]
    rows = rows[rows[:, 0] - rows[:, -1] <= hand.span]
    for upper in range(size - 1):
        widest = _WIDEST_UNDER if upper == size - 2 else _WIDEST
        rows = rows[rows[:, upper] - rows[:, upper + 1] <= widest]
    return rows


@lru_cache(maxsize=256)
def _choices(count: int, size: int) -> NDArray[np.int64]:
    """All ways to take `size` of `count` places, in order."""
    return np.array(list(combinations(range(count), size)), dtype=np.int64).reshape(-1, size)


def _padded(rows: Pitches, width: int) -> Pitches:
    return np.pad(rows, ((0, 0), (0, width - rows.shape[1])), constant_values=SILENT)


def _two_hands(right: Pitches, left: Pitches) -> tuple[Pitches, NDArray[np.int8]]:
    """Each right hand over each left hand that lies below it and not too far."""
    width = right.shape[1] + left.shape[1]
    left_sizes = (left != SILENT).sum(axis=1).astype(np.int8)
    rows, sizes = [], []
    for size in sorted(set((right != SILENT).sum(axis=1).tolist())):
        hands = right[(right != SILENT).sum(axis=1) == size, :size]
        between = hands[:, -1, None] - left[None, :, 0]
        above, below = np.nonzero((between > 0) & (between <= _BETWEEN_HANDS))
        rows.append(_padded(np.concatenate([hands[above], left[below]], axis=1), width))
        sizes.append(left_sizes[below])
    if not sum(map(len, rows)):
        return right, np.zeros(len(right), np.int8)
    return np.concatenate(rows), np.concatenate(sizes)


def _fretted(chord: Chord, player: Player, tones: Sequence[Tone]) -> Shapes:
    classes = frozenset((chord.root + tone.interval) % 12 for tone in tones)
    frets, pitches, hand = grips(classes, player)
    no_left = np.zeros(len(pitches), np.int8)
    cost = own_costs(pitches, no_left, player, chord, tones) + hand
    kept = _cheapest(cost, pitches[:, 0])
    pitches, frets = pitches[kept], frets[kept]
    strings = np.where(frets < 0, SILENT, frets + np.array(STANDARD_TUNING, np.int16))[:, ::-1]
    return Shapes(
        pitches,
        strings.astype(np.int16),
        no_left[kept],
        cost[kept],
        _masks(pitches),
        hand_place(frets),
        frets,
    )


def _masks(pitches: Pitches) -> NDArray[np.uint64]:
    bits = np.left_shift(np.uint64(1), np.maximum(pitches - LOWEST, 0).astype(np.uint64))
    words = np.bitwise_or.reduce(np.where(pitches == SILENT, np.uint64(0), bits), axis=1)
    return np.asarray(words, np.uint64)


def _cheapest(cost: Costs, tops: NDArray[np.int16]) -> list[int]:
    """The rows of the cheapest few of each top note, and of these the cheapest."""
    rows = np.arange(len(cost))
    if len(rows) > _CONSIDERED:
        rows = np.argpartition(cost, _CONSIDERED)[:_CONSIDERED]
    rows = rows[np.lexsort((rows, cost[rows]))]
    counts: dict[int, int] = {}
    kept: list[int] = []
    for row, top in zip(rows.tolist(), tops[rows].tolist(), strict=True):
        counts[top] = counts.get(top, 0) + 1
        if counts[top] <= _FOR_EACH_TOP:
            kept.append(row)
    return kept[:_MOST]
