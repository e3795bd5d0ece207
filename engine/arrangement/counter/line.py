"""Which pitches make a second voice: consonant with the melody, moving against it, singable?

Dynamic programming over the slots; a state is a pitch. A voice may not cross the melody, nor make a second or
ninth against it on a strong beat where another tone is to be had; perfect fifths and octaves do not follow
one another in parallel (Fux, Gradus ad Parnassum), thirds and sixths may.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from engine.arrangement.bass.degrees import scale_of_chord
from engine.arrangement.brief import Brief
from engine.arrangement.counter.slots import Slot
from engine.arrangement.counter.voices import Side, Voice
from engine.generation.melody.dice import Dice
from engine.music import Chord, Note

_GAP = 3  # semitones kept between the voice and the melody
_CHOICES = 12


class Texture(Enum):
    """What the voice does."""

    ANSWERS = "answers"
    GUIDE_TONES = "guide-tones"
    THIRDS = "thirds"
    CONTRARY = "contrary"
    MODEL = "model"  # what the infilling model writes


@dataclass(frozen=True, slots=True)
class Weights:
    """What the texture likes. `third`: seventh and third before root and fifth; `parallel`: a third or sixth
    from the melody; `against`: motion against the melody; `still`: repeating a note.
    """

    third: float = 0.0
    parallel: float = 0.0
    against: float = 0.3
    still: float = 0.6


_WEIGHTS = {
    Texture.ANSWERS: Weights(still=1.6),
    Texture.GUIDE_TONES: Weights(third=1.2, against=0.1, still=0.0),
    Texture.THIRDS: Weights(parallel=1.6, against=0.0, still=0.2),
    Texture.CONTRARY: Weights(against=0.6, still=1.0),
}


_Row = dict[int, tuple[float, int | None]]
"""Pitch: the cheapest cost to come there, and the pitch before."""


class _Choice(NamedTuple):
    pitch: int
    cost: float


def pitched(
    slots: Sequence[Slot], brief: Brief, voice: Voice, texture: Texture, dice: Dice
) -> list[int | None]:
    """A pitch for each slot in order; None where there is no room beside the melody."""
    weights = _WEIGHTS[texture]
    menus = [_menu(slot, brief, voice, weights, dice) for slot in slots]
    kept = [index for index, menu in enumerate(menus) if menu]
    if not kept:
        return [None] * len(slots)
    start = brief.before[-1].pitch if brief.before else None
    rows: list[_Row] = [{c.pitch: (c.cost + _opening(c.pitch, start), None) for c in menus[kept[0]]}]
    for before, index in pairwise(kept):
        rows.append(_next(rows[-1], menus[index], slots[before], slots[index], brief, weights))
    found: list[int | None] = [None] * len(slots)
    pitch: int | None = min(rows[-1], key=lambda p: rows[-1][p][0])
    for index, row in zip(reversed(kept), reversed(rows), strict=True):
        assert pitch is not None
        found[index] = pitch
        pitch = row[pitch][1]
    return found


def cost_of(
    slots: Sequence[Slot], pitches: Sequence[int], brief: Brief, voice: Voice, texture: Texture
) -> float:
    """What a line costs that is written already."""
    weights = _WEIGHTS[texture]
    line, home = list(zip(slots, pitches, strict=True)), _home(brief, voice)
    total = sum(_own_cost(slot, pitch, _tunes(slot, brief), home, weights) for slot, pitch in line)
    for (before, pitch), (slot, following) in pairwise(line):
        tune_before, tune = brief.melody_at(before.start_ticks), brief.melody_at(slot.start_ticks)
        total += _step(following - pitch, slot, weights)
        total += _motion(pitch, following, tune_before, tune, weights)
    return total


def _opening(pitch: int, before: int | None) -> float:
    return 0.0 if before is None else 0.05 * abs(pitch - before)


def _next(
    last: _Row,
    menu: Sequence[_Choice],
    before: Slot,
    slot: Slot,
    brief: Brief,
    weights: Weights,
) -> _Row:
    tune_before, tune = brief.melody_at(before.start_ticks), brief.melody_at(slot.start_ticks)
    row: _Row = {}
    for choice in menu:
        row[choice.pitch] = min(
            (
                cost
                + choice.cost
                + _step(choice.pitch - pitch, slot, weights)
                + _motion(pitch, choice.pitch, tune_before, tune, weights),
                pitch,
            )
            for pitch, (cost, _) in last.items()
        )
    return row


# Semitones from note to note.
_LEAPS = (0.0, 0.0, 0.0, 0.5, 0.6, 1.0, 2.6, 1.1, 1.7, 1.9, 3.4, 4.0, 1.9)


def _step(interval: int, slot: Slot, weights: Weights) -> float:
    size = abs(interval)
    cost = weights.still if size == 0 else _LEAPS[size] if size <= 12 else 6.0
    if slot.opens:
        cost *= 0.3
    if slot.wish is not None:
        cost += 0.18 * abs(interval - slot.wish)
    return cost


def _motion(before: int, now: int, tune_before: Note | None, tune: Note | None, weights: Weights) -> float:
    """Parallel and hidden perfect intervals are avoided; the voice moves against the melody."""
    if tune is None or tune_before is None:
        return 0.0
    own, moves = now - before, tune.pitch - tune_before.pitch
    if own * moves > 0:
        perfect = (tune.pitch - now) % 12 in (0, 7)
        if perfect and (tune_before.pitch - before) % 12 == (tune.pitch - now) % 12:
            return 5.0
        return (1.0 if perfect else 0.0) + weights.against * 0.5
    return -weights.against if own * moves < 0 else 0.0


def _menu(slot: Slot, brief: Brief, voice: Voice, weights: Weights, dice: Dice) -> list[_Choice]:
    if slot.fixed is not None:
        return [_Choice(slot.fixed.pitch, 0.0)]
    tunes = _tunes(slot, brief)
    low, high = _room(tunes, voice)
    home = _home(brief, voice)
    scale = scale_of_chord(slot.chord, brief.key_at(slot.start_ticks))
    choices = [
        _Choice(pitch, _own_cost(slot, pitch, tunes, home, weights) + 0.25 * dice.chance())
        for pitch in range(low, high + 1)
        if pitch % 12 in scale
    ]
    return sorted(choices, key=lambda choice: choice.cost)[:_CHOICES]


def _own_cost(
    slot: Slot, pitch: int, tunes: Sequence[tuple[Note, float]], home: int, weights: Weights
) -> float:
    """What a note costs by itself: in its chord, beside the melody, in its register."""
    cost = _chord_cost(pitch % 12, slot, slot.chord.pitch_classes, _guides(slot.chord), weights)
    cost += sum(share * _against(tune, pitch, weights) for tune, share in tunes)
    return cost + 0.06 * max(0, abs(pitch - home) - 4)


def _home(brief: Brief, voice: Voice) -> int:
    """Where the voice is at home: a sixth from the melody."""
    if not brief.melody:
        return voice.middle
    home = brief.feel.middle + (9 if voice.side is Side.ABOVE else -9)
    return min(max(home, voice.low + 3), voice.high - 3)


def _tunes(slot: Slot, brief: Brief) -> list[tuple[Note, float]]:
    """The melody notes that sound with the slot, the one at its beginning weighing most."""
    found = []
    first = bisect_left(brief.melody, slot.start_ticks, key=lambda note: note.start_ticks)
    for note in brief.melody[max(0, first - 4) :]:
        if note.start_ticks >= slot.end_ticks:
            break
        if note.end_ticks > slot.start_ticks + 20:
            is_first = note.start_ticks <= slot.start_ticks
            long = min(note.end_ticks, slot.end_ticks) - max(note.start_ticks, slot.start_ticks) >= 240
            found.append((note, 1.0 if is_first else 0.6 if long else 0.25))
    return found


def _room(tunes: Sequence[tuple[Note, float]], voice: Voice) -> tuple[int, int]:
    """The voice's compass, on its side of the melody."""
    if not tunes:
        return voice.low, voice.high
    if voice.side is Side.BELOW:
        return voice.low, min(voice.high, min(note.pitch for note, _ in tunes) - _GAP)
    return max(voice.low, max(note.pitch for note, _ in tunes) + _GAP), voice.high


@lru_cache(maxsize=4_000)
def _guides(chord: Chord) -> frozenset[int]:
    """Third (or what stands for it) and seventh (or sixth) of the chord."""
    steps = [interval % 12 for interval in chord.intervals]
    third = next((step for step in (4, 3, 5, 2) if step in steps), None)
    seventh = next((step for step in (10, 11, 9) if step in steps), None)
    return frozenset((chord.root + step) % 12 for step in (third, seventh) if step is not None)


def _chord_cost(
    pitch_class: int, slot: Slot, tones: frozenset[int], guides: frozenset[int], weights: Weights
) -> float:
    if pitch_class not in tones:
        long = slot.end_ticks - slot.start_ticks > 480
        return 2.6 if slot.is_strong or long else 0.7
    if pitch_class in guides:
        return 0.0
    return weights.third + (0.25 if pitch_class == slot.chord.root else 0.0)


# Semitones from the melody, octaves left out: unison, seconds, thirds ... as they sound together.
_TOGETHER = (1.0, 4.0, 1.3, 0.0, 0.0, 0.7, 0.8, 0.4, 0.0, 0.0, 1.0, 3.0)


def _against(tune: Note, pitch: int, weights: Weights) -> float:
    distance = abs(tune.pitch - pitch)
    cost = _TOGETHER[distance % 12]
    if weights.parallel:
        cost += 0.0 if distance in (3, 4) else 0.5 if distance in (8, 9) else weights.parallel
    return cost
