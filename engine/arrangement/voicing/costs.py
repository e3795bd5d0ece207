"""What makes a voicing good, and what makes one follow well from another?

Costs add up; lower is better; every weight stands in `WEIGHTS` with what it is for. Voicings come as arrays
of MIDI pitches, one a row, highest first, `SILENT` where a row has fewer tones. Voices are counted from the
top, because the top voice is what the ear follows; on a guitar each string is a voice.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from engine.arrangement.voicing.players import Build, Manner, Player
from engine.arrangement.voicing.shapes import SILENT, Costs, Pitches, Shapes
from engine.arrangement.voicing.tones import Tone
from engine.music import Chord


@dataclass(frozen=True, slots=True)
class Weights:
    """Alone: what a voicing costs by itself. Between: what going from one to the next costs."""

    # alone
    wrong_bass: float = 5.0  # the lowest tone is not the chord's bass though nobody else plays it
    low_interval: float = 1.0  # a semitone under the lowest place where an interval still sounds clear
    wide_gap: float = 0.4  # a semitone over a sixth between neighbours above the bass
    unison: float = 2.5  # two strings or voices on one pitch
    low_on_strings: float = 0.25  # of low_interval, for grips over all strings
    semitone: float = 1.5  # two neighbours a semitone apart
    semitone_on_top: float = 2.5  # the same as the two highest
    minor_ninth: float = 3.0  # a semitone over an octave between any two
    register: float = 0.35  # a semitone of the top voice away from its place, beyond a third
    not_drop2: float = 3.0
    rootless_root: float = 1.5  # a root in a rootless voicing
    left_not_bass: float = 4.0  # the left hand's lowest is neither root nor bass; half of it for the fifth
    left_hand_away: float = 0.15  # a semitone of the left hand's lowest from its place, beyond a third
    # between
    movement: float = 0.22  # a semitone of a voice
    left_hand: float = 0.3  # of that, for tones of the left hand: basses leap
    let_go: float = 0.7  # a tone at the same pitch that could have been held
    top_leap: float = 0.3  # a semitone of the top voice beyond a major third
    enters: float = 0.8  # a voice more or less
    string_enters: float = 0.2  # the same on a guitar
    position: float = 0.35  # a fret of the hand along the neck
    # the melody, times its weight
    doubles_melody: float = 5.0  # the same pitch as a note of the melody
    rubs_melody: float = 6.0  # a semitone beside it
    ninth_to_melody: float = 2.5  # a semitone and an octave from it
    above_melody: float = 0.8  # each tone above it
    # guitars
    muted_inside: float = 2.5  # a string damped between sounding ones
    string_missing: float = 0.8  # a strum on fewer strings than six
    open_in_a_chop: float = 0.6  # an open string in a short chord cannot be let go
    barre: float = 1.2
    finger: float = 0.25
    stretch: float = 1.0  # the little finger a fret further than three frets
    open_string: float = -0.5  # rings on in open playing
    high_position: float = 0.2  # a fret above the third


WEIGHTS = Weights()
_BASS_BELOW = 48
_NO_GAP = 127
_PAIRS = {size: tuple(combinations(range(size), 2)) for size in range(8)}
_PITCH = np.arange(128, dtype=np.int16)
_STEP = (_PITCH[None, :] - np.arange(12, dtype=np.int16)[:, None]) % 12
_STEP[:, SILENT] = 99  # the last column: no pitch of a voicing, but what SILENT points to
# Four bits a pitch class: the sum of a voicing's words counts all its pitch classes at once.
_ONE = np.left_shift(np.uint64(1), (4 * (_PITCH % 12)).astype(np.uint64))
_ONE[SILENT] = 0


def _clear_from() -> Pitches:
    """Lowest MIDI pitch at which an interval (semitones, index) still sounds clear as two tones."""
    table = np.zeros(128, np.int16)
    table[:12] = (0, 52, 51, 48, 46, 45, 46, 34, 43, 41, 41, 41)
    return table


_MUD = np.maximum(_clear_from()[:, None] - _PITCH[None, :], 0).astype(np.float32)
"""Semitones under the lowest clear place, by interval and lower pitch."""


def _gap_costs(widest: int, semitone: float) -> Costs:
    """What a gap between neighbours costs, by semitones."""
    table = WEIGHTS.wide_gap * np.maximum(_PITCH - widest, 0)
    table[0], table[1], table[_NO_GAP] = WEIGHTS.unison, semitone, 0
    return table.astype(np.float32)


_GAPS = tuple(
    np.stack([_gap_costs(9, semitone), _gap_costs(15, semitone)])
    for semitone in (WEIGHTS.semitone_on_top, WEIGHTS.semitone)
)
"""For the two highest and for others: a row inside a hand or section, one over the left hand or lowest."""


def own_costs(
    pitches: Pitches, left: NDArray[np.int8], player: Player, chord: Chord, tones: Sequence[Tone]
) -> Costs:
    """What each row costs by itself: coverage, doubling, bass, spacing, register."""
    voices = np.ascontiguousarray(pitches.T)  # a voice a row: sums over few voices are many times faster
    size = np.count_nonzero(voices != SILENT, axis=0)
    low = pitches[np.arange(len(pitches)), np.maximum(size - 1, 0)]
    cost = _coverage(voices, player, chord, tones)
    cost += _bass(low, player, chord)
    cost += _spacing(voices, player, size - np.maximum(left, 1))
    cost += register_costs(player.top)[voices[0]]
    if player.build is Build.HANDS and player.manner is Manner.FULL:
        cost += np.where(left > 0, _left_hand(low, player, chord), 0)
    if player.manner is Manner.DROP2 and len(voices) == 4:
        cost += WEIGHTS.not_drop2 * ~_is_drop2(voices)
    return cost


@lru_cache(maxsize=128)
def register_costs(top: int) -> Costs:
    """What it costs to have the highest tone at each pitch, when it likes to be near `top`."""
    return np.asarray(WEIGHTS.register * np.maximum(np.abs(_PITCH - top) - 4, 0), np.float32)


def _coverage(voices: Pitches, player: Player, chord: Chord, tones: Sequence[Tone]) -> Costs:
    words = _ONE[voices].sum(axis=0)
    cost = np.zeros(voices.shape[1], np.float32)
    for tone in tones:
        count = (words >> np.uint64(4 * ((chord.root + tone.interval) % 12))) & np.uint64(15)
        cost += _count_costs(tone, player, len(tones))[count]
    return cost


def _count_costs(tone: Tone, player: Player, tones: int) -> Costs:
    """What it costs to have a tone so many times."""
    often = np.arange(16)
    costs = tone.need * (often == 0) + player.doubling * tone.doubling * np.maximum(often - 1, 0)
    if tone.interval == 0 and player.manner is Manner.ROOTLESS and player.has_bass and tones > 3:
        costs = costs + (WEIGHTS.rootless_root + tone.need) * (often > 0)
    return np.asarray(costs, np.float32)


def _bass(low: Pitches, player: Player, chord: Chord) -> Costs:
    """Alone the player owes the bass; below C3 nothing but the bass or its fifth stands under a chord."""
    bass = chord.root if player.manner is Manner.POWER else chord.bass_pitch_class
    is_bass = _STEP[bass][low] == 0
    if not player.has_bass or player.manner is Manner.POWER:
        return np.asarray(WEIGHTS.wrong_bass * ~is_bass, np.float32)
    if player.build is Build.FRETS and player.manner in (Manner.OPEN, Manner.FINGERS):
        is_fifth = (_STEP[chord.root][low] == 7) & (chord.bass is None)
        wrong = WEIGHTS.wrong_bass + (2 if player.manner is Manner.FINGERS else -1)
        return np.where(is_bass, 0, np.where(is_fifth, 1.5, wrong)).astype(np.float32)
    return np.asarray(WEIGHTS.wrong_bass * (~is_bass & (low < _BASS_BELOW)), np.float32)


def _left_hand(low: Pitches, player: Player, chord: Chord) -> Costs:
    """The left hand likes to hold the bass, in the middle of where it is."""
    is_bass = _STEP[chord.bass_pitch_class][low] == 0
    is_fifth = _STEP[chord.root][low] == 7
    cost = WEIGHTS.left_not_bass * np.where(is_bass, 0.0, np.where(is_fifth, 0.5, 1.0))
    away = np.abs(low - (player.left.low + 7)) - 4
    return np.asarray(cost + WEIGHTS.left_hand_away * np.maximum(away, 0), np.float32)


def _spacing(voices: Pitches, player: Player, lowest_right: NDArray[np.int64]) -> Costs:
    """Mud, holes, rubs: `lowest_right` is the place of the tone over the left hand or over the lowest."""
    cost = np.zeros(voices.shape[1], np.float32)
    is_strum = player.build is Build.FRETS and player.manner in (Manner.OPEN, Manner.FINGERS)
    mud = _MUD * np.float32(WEIGHTS.low_interval * (WEIGHTS.low_on_strings if is_strum else 1.0))
    for upper in range(len(voices) - 1):
        lower = voices[upper + 1]
        gap = np.where(lower != SILENT, voices[upper] - lower, _NO_GAP)
        is_between = (lowest_right == upper + 1).astype(np.int8)
        cost += mud[gap, lower] + _GAPS[upper > 0][is_between, gap]
    ninths = np.zeros(voices.shape[1], np.int8)
    for upper, other in _PAIRS[len(voices)]:
        ninths += voices[upper] - voices[other] == 13
    return cost + WEIGHTS.minor_ninth * ninths.astype(np.float32)


def _is_drop2(voices: Pitches) -> NDArray[np.bool_]:
    """The lowest, put up an octave, fits between the first and second from above."""
    raised = voices[3] + 12
    return np.asarray((voices[1] < raised) & (raised < voices[0]) & (voices[3] != SILENT), np.bool_)


def between_costs(before: Shapes, after: Shapes, player: Player) -> Costs:
    """What it costs to go from each candidate of `before` to each of `after`."""
    width = min(before.voices.shape[1], after.voices.shape[1])
    first, second = before.voices[:, None, :width], after.voices[None, :, :width]
    moves = np.where((first == SILENT) | (second == SILENT), 0, second - first)
    weights = _voice_weights(after)[None, :, :width]
    cost = WEIGHTS.movement * (np.abs(moves) * weights).sum(axis=2, dtype=np.float32)
    sizes = [(rows.pitches != SILENT).sum(axis=1).astype(np.float32) for rows in (before, after)]
    kept = np.bitwise_count(before.mask[:, None] & after.mask[None, :])
    cost += WEIGHTS.let_go * (np.minimum(sizes[0][:, None], sizes[1][None, :]) - kept)
    enters = WEIGHTS.string_enters if player.build is Build.FRETS else WEIGHTS.enters
    cost += enters * np.abs(sizes[0][:, None] - sizes[1][None, :])
    top_moves = np.abs(before.pitches[:, None, 0] - after.pitches[None, :, 0])
    cost += WEIGHTS.top_leap * np.maximum(top_moves - 4, 0)
    cost += WEIGHTS.position * np.abs(before.place[:, None] - after.place[None, :])
    if player.parallels:
        cost += player.parallels * parallels(before.voices[:, :width], after.voices[:, :width], moves)
    return np.asarray(cost, np.float32)


def _voice_weights(rows: Shapes) -> Costs:
    """How much the movement of each voice counts."""
    size = (rows.pitches != SILENT).sum(axis=1)
    in_left = np.arange(rows.voices.shape[1])[None, :] >= (size - rows.left)[:, None]
    return np.where(in_left & (rows.left > 0)[:, None], WEIGHTS.left_hand, 1.0).astype(np.float32)


def parallels(before: Pitches, after: Pitches, moves: NDArray[np.int16]) -> NDArray[np.int64]:
    """How many pairs of voices go in parallel fifths, octaves or unisons, for each way from row to row."""
    pairs = _PAIRS[before.shape[1]]
    if not pairs:
        return np.zeros((len(before), len(after)), np.int64)
    upper, lower = (np.array(side) for side in zip(*pairs, strict=True))
    first, second = _perfect(before, upper, lower), _perfect(after, upper, lower)
    same = (first[:, None, :] == second[None, :, :]) & (first != 0)[:, None, :]
    together = np.sign(moves).astype(np.int8)
    return np.asarray((same & (together[:, :, upper] * together[:, :, lower] > 0)).sum(axis=2), np.int64)


def _perfect(pitches: Pitches, upper: NDArray[np.int64], lower: NDArray[np.int64]) -> NDArray[np.int8]:
    """1 for octaves and unisons, 2 for fifths and twelfths, 0 for anything else."""
    step = (pitches[:, upper] - pitches[:, lower]) % 12
    kind = np.where(step == 0, 1, np.where(step == 7, 2, 0))
    silent = (pitches[:, upper] == SILENT) | (pitches[:, lower] == SILENT)
    return np.where(silent, 0, kind).astype(np.int8)


def melody_costs(pitches: Pitches, melody: Sequence[tuple[int, float]]) -> Costs:
    """What each row costs under melody tones, given as pitch and weight (0-1)."""
    cost = np.zeros(len(pitches), np.float32)
    for pitch, weight in melody:
        apart = np.where(pitches == SILENT, 99, np.abs(pitches - pitch))
        cost += weight * WEIGHTS.doubles_melody * (apart == 0).any(axis=1)
        cost += weight * WEIGHTS.rubs_melody * (apart == 1).any(axis=1)
        cost += weight * WEIGHTS.ninth_to_melody * (apart == 13).any(axis=1)
        cost += weight * WEIGHTS.above_melody * (pitches > pitch).sum(axis=1)
    return cost
